#include "die.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "number.h"

enum {
    CHANCE_DIGITS = 64, /* binary digits that method `rolls` looks at */
    ITEM_TEXT_MAX = 2048,
    /* Bits of the numbers that weights and their sum may be written with: a few can be long, and
     * still no die takes long to work out. */
    WEIGHT_BITS_MAX = 1 << 14,
    /* From so many neighbours on a list says LOW..HIGH. */
    RANGE_MIN = 3,
};

_Static_assert(GRAV_FACES_MAX == GRAV_FACES_END, "one limit");

/* ---- Faces ----------------------------------------------------------------------------------- */

/* Room for another face, with its chance initialised; NULL without memory. */
static grav_exact_face *add_face(grav_faces *faces, uint32_t value)
{
    grav_exact_face *items = realloc(faces->items, (faces->count + 1) * sizeof *items);
    if (!items)
        return NULL;
    faces->items = items;
    grav_exact_face *face = &items[faces->count++];
    *face = (grav_exact_face){.value = value};
    mpq_init(face->chance);
    return face;
}

void grav_faces_free(grav_faces *faces)
{
    for (size_t i = 0; i < faces->count; i++) {
        mpq_clear(faces->items[i].chance);
        free(faces->items[i].text);
    }
    free(faces->items);
    free(faces->list);
    *faces = (grav_faces){0};
}

bool grav_faces_copy(const grav_faces *faces, grav_faces *out)
{
    grav_faces copy = {.value_min = faces->value_min, .value_max = faces->value_max};
    bool good = (copy.list = strdup(faces->list)) != NULL;
    for (size_t i = 0; good && i < faces->count; i++) {
        grav_exact_face *face = add_face(&copy, faces->items[i].value);
        if (face) {
            mpq_set(face->chance, faces->items[i].chance);
            face->text = strdup(faces->items[i].text);
        }
        good = face && face->text;
    }
    if (good)
        *out = copy;
    else
        grav_faces_free(&copy);
    return good;
}

bool grav_faces_equal(const grav_faces *a, const grav_faces *b)
{
    if (a->count != b->count)
        return false;
    for (size_t i = 0; i < a->count; i++)
        if (a->items[i].value != b->items[i].value ||
            !mpq_equal(a->items[i].chance, b->items[i].chance))
            return false;
    return true;
}

bool grav_faces_are_of_chance(const grav_faces *faces)
{
    return faces->count == 2 && faces->items[0].value == 1 && faces->items[1].value == 0;
}

static uint32_t common_divisor(uint32_t a, uint32_t b)
{
    return b ? common_divisor(b, a % b) : a;
}

grav_faces_span grav_faces_span_of(const grav_faces *faces)
{
    grav_faces_span span = {.low = UINT32_MAX};
    for (size_t i = 0; i < faces->count; i++) {
        uint32_t value = faces->items[i].value;
        if (mpq_sgn(faces->items[i].chance) == 0)
            continue;
        span.low = value < span.low ? value : span.low;
        span.high = value > span.high ? value : span.high;
    }
    for (size_t i = 0; i < faces->count; i++)
        if (mpq_sgn(faces->items[i].chance) > 0)
            span.step = common_divisor(span.step, faces->items[i].value - span.low);
    span.step = span.step ? span.step : 1;
    return span;
}

/* ---- As text --------------------------------------------------------------------------------- */

/* How many faces from the i-th on are of one weight and ascend by one. */
static size_t run_length(const grav_faces *faces, size_t i)
{
    size_t length = 1;
    while (i + length < faces->count &&
           faces->items[i + length].value == faces->items[i].value + length &&
           mpq_equal(faces->items[i + length].chance, faces->items[i].chance))
        length++;
    return length;
}

/* The faces as a list, whose weights are the chances times `scale`. */
static void print_list(const grav_faces *faces, const mpq_t scale, FILE *out)
{
    mpq_t weight;
    mpq_init(weight);
    for (size_t i = 0; i < faces->count;) {
        size_t length = run_length(faces, i);
        const grav_exact_face *face = &faces->items[i];
        length = length < RANGE_MIN ? 1 : length;
        fprintf(out, i ? ",%u" : "%u", face->value);
        if (length > 1)
            fprintf(out, "..%u", faces->items[i + length - 1].value);
        mpq_mul(weight, face->chance, scale);
        /* Those of a chance say their weights, as everybody writes them. */
        if (mpq_cmp_ui(weight, 1, 1) != 0 || grav_faces_are_of_chance(faces)) {
            fputc('x', out);
            mpq_out_str(out, 10, weight);
        }
        i += length;
    }
    mpq_clear(weight);
}

/* Whether x is written with numbers longer than so many bits. */
static bool is_longer(const mpq_t x, size_t bits)
{
    return mpz_sizeinbase(mpq_numref(x), 2) > bits || mpz_sizeinbase(mpq_denref(x), 2) > bits;
}

/* Whether chances of this common denominator would be too long to be read again: there are at most
 * twice as many digits in a ratio, and a slash. */
static bool is_long_denominator(const mpz_t denominator)
{
    mpz_t limit;
    mpz_init(limit);
    mpz_ui_pow_ui(limit, 10, GRAV_WEIGHT_DIGITS_MAX);
    bool is_long = mpz_cmp(denominator, limit) >= 0;
    mpz_clear(limit);
    return is_long;
}

/* The chances are in lowest terms and add up to 1, so that no factor is common to all the weights
 * this leads to. */
void grav_faces_denominator(const grav_faces *faces, mpq_t out)
{
    mpq_set_ui(out, 1, 1);
    for (size_t i = 0; i < faces->count; i++)
        mpz_lcm(mpq_numref(out), mpq_numref(out), mpq_denref(faces->items[i].chance));
}

static grav_status make_texts(grav_faces *faces, grav_error *err)
{
    size_t length;
    mpq_t scale;
    FILE *out = open_memstream(&faces->list, &length);
    if (!out)
        return grav_no_memory(err, "a die");
    mpq_init(scale);
    grav_faces_denominator(faces, scale);
    print_list(faces, scale, out);
    mpq_clear(scale);
    if (fclose(out) != 0)
        return grav_no_memory(err, "a die");
    for (size_t i = 0; i < faces->count; i++)
        faces->items[i].text = mpq_get_str(NULL, 10, faces->items[i].chance);
    return GRAV_OK;
}

/* Fills in what follows from values and chances; frees the faces where it fails. */
static grav_status finish(grav_faces *faces, grav_status status, grav_faces *out, grav_error *err)
{
    if (status == GRAV_OK)
        status = make_texts(faces, err);
    if (status != GRAV_OK) {
        grav_faces_free(faces);
        return status;
    }
    faces->value_min = faces->value_max = faces->items[0].value;
    for (size_t i = 1; i < faces->count; i++) {
        uint32_t value = faces->items[i].value;
        faces->value_min = value < faces->value_min ? value : faces->value_min;
        faces->value_max = value > faces->value_max ? value : faces->value_max;
    }
    *out = *faces;
    return GRAV_OK;
}

/* ---- Digits ---------------------------------------------------------------------------------- */

/* The first 64 binary digits of a chance below 1, rounded down. */
static uint64_t chance_digits(const mpq_t chance)
{
    mpz_t scaled;
    mpz_init(scaled);
    mpz_mul_2exp(scaled, mpq_numref(chance), CHANCE_DIGITS);
    mpz_fdiv_q(scaled, scaled, mpq_denref(chance));
    uint64_t digits = grav_mpz_u64(scaled);
    mpz_clear(scaled);
    return digits;
}

/* Fills *out from the chance of a face among the rolls that are left. False: it is too small. */
static bool set_digits(const mpq_t chance, grav_face *out)
{
    out->sure = mpq_cmp_ui(chance, 1, 1) == 0;
    out->digits = out->sure ? 0 : chance_digits(chance);
    out->planes = out->digits ? CHANCE_DIGITS - (uint32_t)__builtin_ctzll(out->digits) : 0;
    return out->sure || out->digits || mpq_sgn(chance) == 0;
}

/* ---- Of a chance ----------------------------------------------------------------------------- */

/* Two faces at `chance` and the rest. */
static grav_status set_chance(grav_faces *faces, const mpq_t chance, grav_error *err)
{
    for (uint32_t i = 0; i < 2; i++) {
        grav_exact_face *face = add_face(faces, 1 - i);
        if (!face)
            return grav_no_memory(err, "a die");
        mpq_set(face->chance, chance);
    }
    mpq_set_ui(faces->items[1].chance, 1, 1);
    mpq_sub(faces->items[1].chance, faces->items[1].chance, chance);
    return GRAV_OK;
}

grav_status grav_faces_of_chance(const char *chance, grav_faces *out, grav_error *err)
{
    grav_faces faces = {0};
    grav_face digits;
    grav_status status;
    mpq_t exact;
    mpq_init(exact);
    if (!chance || !grav_parse_fraction(chance, exact))
        status = grav_fail(err, GRAV_ERROR_INVALID,
                           "chance '%.64s' is not a number such as 1/4, 0.25, 25%% or 2.5e-1",
                           chance ? chance : "");
    else if (mpq_sgn(exact) < 0 || mpq_cmp_ui(exact, 1, 1) > 0)
        status = grav_fail(err, GRAV_ERROR_INVALID, "chance '%.64s' is not from 0 to 1", chance);
    else if (!set_digits(exact, &digits))
        status =
            grav_fail(err, GRAV_ERROR_INVALID,
                      "chance '%.64s' is above 0 but below 2^-64, the smallest there is", chance);
    else if (is_long_denominator(mpq_denref(exact)))
        status = grav_fail(err, GRAV_ERROR_INVALID,
                           "chance '%.64s' is a fraction of more than %d digits", chance,
                           GRAV_WEIGHT_DIGITS_MAX);
    else
        status = set_chance(&faces, exact, err);
    mpq_clear(exact);
    return finish(&faces, status, out, err);
}

/* ---- Of a list ------------------------------------------------------------------------------- */

/* One item of a list: the values from low to high, and the weight of each. */
typedef struct list_item {
    uint64_t low, high;
    mpq_t weight;
} list_item;

static grav_status refuse_long(grav_error *err)
{
    return grav_fail(err, GRAV_ERROR_INVALID,
                     "die: as whole numbers the weights add up to one of more than %d digits",
                     GRAV_WEIGHT_DIGITS_MAX);
}

static grav_status refuse_item(const char *text, const char *why, grav_error *err)
{
    return grav_fail(
        err, GRAV_ERROR_INVALID,
        "die: '%.64s' %s; a face is VALUE, VALUExWEIGHT or LOW..HIGH, as in 1x1,0x3 or "
        "0..10",
        text, why);
}

/* Reads VALUE[xWEIGHT] or LOW..HIGH[xWEIGHT]; text is changed. */
static grav_status read_item(char *text, list_item *out, grav_error *err)
{
    char whole[65];
    snprintf(whole, sizeof whole, "%.64s", text);
    char *weight = strchr(text, 'x');
    if (weight)
        *weight++ = 0;
    char *high = strstr(text, "..");
    if (high) {
        *high = 0;
        high += strlen("..");
    }
    if (grav_parse_count(text, 0, GRAV_VALUE_MAX, &out->low, NULL) != GRAV_OK ||
        grav_parse_count(high ? high : text, 0, GRAV_VALUE_MAX, &out->high, NULL) != GRAV_OK)
        return refuse_item(whole, "has no value from 0 to 2147483647", err);
    if (out->high < out->low)
        return refuse_item(whole, "does not ascend", err);
    mpq_set_ui(out->weight, 1, 1);
    if (weight && !grav_parse_fraction(weight, out->weight))
        return refuse_item(whole, "has no weight such as 3, 1/4 or 0.25", err);
    if (mpq_sgn(out->weight) < 0)
        return refuse_item(whole, "has a weight below 0", err);
    if (is_longer(out->weight, WEIGHT_BITS_MAX))
        return refuse_long(err);
    return GRAV_OK;
}

/* Adds the faces of an item, whose chances are its weight for now. */
static grav_status add_item(grav_faces *faces, char *text, grav_error *err)
{
    list_item item;
    mpq_init(item.weight);
    grav_status status = read_item(text, &item, err);
    if (status == GRAV_OK && item.high - item.low >= GRAV_FACES_MAX - faces->count)
        status = grav_fail(err, GRAV_ERROR_INVALID, "die: more than %d faces", GRAV_FACES_MAX);
    for (uint64_t value = item.low; status == GRAV_OK && value <= item.high; value++) {
        grav_exact_face *face = add_face(faces, (uint32_t)value);
        if (face)
            mpq_set(face->chance, item.weight);
        else
            status = grav_no_memory(err, "a die");
    }
    mpq_clear(item.weight);
    return status;
}

static grav_status add_items(grav_faces *faces, const char *list, grav_error *err)
{
    grav_status status = GRAV_OK;
    for (const char *at = list; status == GRAV_OK; at++) {
        char item[ITEM_TEXT_MAX];
        size_t length = strcspn(at, ",");
        if (length >= sizeof item)
            return refuse_item(at, "is too long", err);
        memcpy(item, at, length);
        item[length] = 0;
        status = add_item(faces, item, err);
        at += length;
        if (*at == 0)
            break;
    }
    return status;
}

/* Turns weights into chances. */
static grav_status normalise(grav_faces *faces, grav_error *err)
{
    if (faces->count < 2)
        return grav_fail(err, GRAV_ERROR_INVALID, "die: one face only; a die has 2 to %d",
                         GRAV_FACES_MAX);
    mpq_t sum;
    mpq_init(sum);
    for (size_t i = 0; i < faces->count && !is_longer(sum, 2 * WEIGHT_BITS_MAX); i++)
        mpq_add(sum, sum, faces->items[i].chance);
    bool any = mpq_sgn(sum) > 0, is_long = is_longer(sum, 2 * WEIGHT_BITS_MAX);
    for (size_t i = 0; any && !is_long && i < faces->count; i++)
        mpq_div(faces->items[i].chance, faces->items[i].chance, sum);
    if (any && !is_long) {
        grav_faces_denominator(faces, sum);
        is_long = is_long_denominator(mpq_numref(sum));
    }
    mpq_clear(sum);
    if (is_long)
        return refuse_long(err);
    if (any)
        return GRAV_OK;
    return grav_fail(err, GRAV_ERROR_INVALID, "die: all weights are 0; one must be above");
}

grav_status grav_faces_of_list(const char *list, grav_faces *out, grav_error *err)
{
    grav_faces faces = {0};
    grav_status status = add_items(&faces, list, err);
    if (status == GRAV_OK)
        status = normalise(&faces, err);
    return finish(&faces, status, out, err);
}

/* ---- As lanes read them ---------------------------------------------------------------------- */

static grav_status refuse_small(const grav_faces *faces, size_t i, grav_error *err)
{
    return grav_fail(err, GRAV_ERROR_INVALID,
                     "die: face %zu (value %u) has a chance above 0 but below 2^-64, the smallest "
                     "there is, of the rolls that the faces before it leave",
                     i + 1, faces->items[i].value);
}

grav_status grav_faces_digits(const grav_faces *faces, uint32_t rolls, grav_die *out,
                              grav_error *err)
{
    grav_status status = GRAV_OK;
    mpq_t left, chance;
    mpq_inits(left, chance, NULL);
    mpq_set_ui(left, 1, 1);
    out->count = (uint32_t)faces->count;
    out->value_max = faces->value_max - faces->value_min;
    for (size_t i = 0; status == GRAV_OK && i < faces->count; i++) {
        grav_face *face = &out->faces[i];
        mpq_set_ui(chance, 0, 1);
        if (mpq_sgn(left) > 0)
            mpq_div(chance, faces->items[i].chance, left);
        if (!set_digits(chance, face))
            status = refuse_small(faces, i, err);
        face->value = faces->items[i].value - faces->value_min;
        face->usual = (uint32_t)(rolls * mpq_get_d(left));
        mpq_sub(left, left, faces->items[i].chance);
    }
    mpq_clears(left, chance, NULL);
    return status;
}
