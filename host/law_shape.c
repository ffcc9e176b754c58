/* Turns experiments into the whole numbers of their laws, and refuses what would take too long. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "error.h"
#include "law.h"
#include "number.h"

enum {
    WORD_BITS = 64,
    /* A binomial law whose integers have fewer bits than this together is worked out with them. */
    EXACT_BITS_MAX = 1 << 26,
};

/* ---- Terms ----------------------------------------------------------------------------------- */

static int compare_terms(const void *a, const void *b)
{
    uint64_t left = ((const grav_law_term *)a)->at, right = ((const grav_law_term *)b)->at;
    return (left > right) - (left < right);
}

/* Terms of the faces above chance 0, in ascending order, with their common denominator's weights.
 */
static void collect_terms(const grav_faces *faces, grav_law_shape *shape)
{
    const grav_faces_span span = grav_faces_span_of(faces);
    mpq_t scale, weight;
    mpq_inits(scale, weight, NULL);
    grav_faces_denominator(faces, scale);
    for (size_t i = 0; i < faces->count; i++) {
        const grav_exact_face *face = &faces->items[i];
        if (mpq_sgn(face->chance) == 0)
            continue;
        grav_law_term *term = &shape->terms[shape->term_count++];
        term->at = (face->value - span.low) / span.step;
        mpq_mul(weight, face->chance, scale);
        mpz_init_set(term->weight, mpq_numref(weight));
    }
    qsort(shape->terms, shape->term_count, sizeof *shape->terms, compare_terms);
    mpq_clears(scale, weight, NULL);
    shape->first = (uint64_t)shape->rolls * span.low;
    shape->step = span.step;
}

/* Adds up the weights of equal values. */
static void join_terms(grav_law_shape *shape)
{
    size_t count = 1;
    for (size_t i = 1; i < shape->term_count; i++) {
        grav_law_term *last = &shape->terms[count - 1], *term = &shape->terms[i];
        if (term->at == last->at) {
            mpz_add(last->weight, last->weight, term->weight);
            mpz_clear(term->weight);
        } else {
            shape->terms[count++] = *term;
        }
    }
    shape->term_count = count;
}

/* Divides the weights by what is common to them, and adds them up. */
static void reduce_weights(grav_law_shape *shape)
{
    mpz_t divisor;
    mpz_init(divisor);
    for (size_t i = 0; i < shape->term_count; i++)
        mpz_gcd(divisor, divisor, shape->terms[i].weight);
    for (size_t i = 0; i < shape->term_count; i++) {
        mpz_divexact(shape->terms[i].weight, shape->terms[i].weight, divisor);
        mpz_add(shape->total, shape->total, shape->terms[i].weight);
    }
    mpz_clear(divisor);
}

/* ---- Limits ---------------------------------------------------------------------------------- */

static bool is_streak(const grav_law_shape *shape)
{
    return shape->statistic == GRAV_STATISTIC_STREAK;
}

static bool is_binomial(const grav_law_shape *shape)
{
    return !is_streak(shape) && shape->term_count == 2;
}

static double log2_of(const mpz_t x)
{
    long exponent;
    double mantissa = mpz_get_d_2exp(&exponent, x);
    return (double)exponent + log2(mantissa);
}

/* Steps for so many rolls, as grav_law_create() tells: what was measured, with one of them for an
 * addition of a product. */
static double steps(const grav_law_shape *shape, uint32_t rolls)
{
    double length = rolls * log2_of(shape->total) / WORD_BITS + 1;
    double count = (double)rolls * (double)shape->terms[shape->term_count - 1].at + 1;
    double widest = 0;
    for (size_t i = 0; i < shape->term_count; i++)
        widest = fmax(widest, (double)mpz_size(shape->terms[i].weight));
    if (is_streak(shape))
        return rolls * length * (32 * widest + length / 2);
    if (!grav_law_has_short_weights(shape))
        widest += 2;
    return count * ((double)shape->term_count + 4) * widest * (length + 8);
}

/* The most rolls up to the shape's for which it is worked out. */
static uint32_t rolls_within(const grav_law_shape *shape)
{
    uint32_t low = 0, high = shape->rolls;
    while (low < high) {
        uint32_t middle = low + (high - low + 1) / 2;
        if (steps(shape, middle) <= (double)GRAV_LAW_STEPS_MAX)
            low = middle;
        else
            high = middle - 1;
    }
    return low;
}

bool grav_law_shape_is_exact(const grav_law_shape *shape)
{
    double rolls = shape->rolls;
    return !is_binomial(shape) ||
           rolls * rolls * (double)mpz_sizeinbase(shape->total, 2) <= EXACT_BITS_MAX;
}

static grav_status check_limits(const grav_law_shape *shape, grav_error *err)
{
    if (shape->count == 1)
        return GRAV_OK;
    if (is_binomial(shape) && shape->rolls > GRAV_LAW_ROLLS_MAX)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "rolls %" PRIu32 ": the law is worked out for at most %u rolls",
                         shape->rolls, GRAV_LAW_ROLLS_MAX);
    if (shape->count > GRAV_LAW_SCORES_MAX && !is_streak(shape))
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "rolls %" PRIu32 ": the law of this die has %" PRIu64
                         " scores; it is worked out for at most %u",
                         shape->rolls, shape->count, GRAV_LAW_SCORES_MAX);
    if (!is_binomial(shape) && rolls_within(shape) < shape->rolls)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "rolls %" PRIu32 ": the law of this %s is worked out for at most %" PRIu32
                         " rolls",
                         shape->rolls, is_streak(shape) ? "streak" : "die", rolls_within(shape));
    return GRAV_OK;
}

/* ---- Shapes ---------------------------------------------------------------------------------- */

grav_status grav_law_shape_make(const grav_experiment *experiment, grav_law_shape *out,
                                grav_error *err)
{
    grav_law_shape shape = {.statistic = experiment->statistic, .rolls = experiment->rolls};
    shape.terms = calloc(experiment->faces.count, sizeof *shape.terms);
    if (!shape.terms)
        return grav_no_memory(err, "a law");
    mpz_init(shape.total);
    collect_terms(&experiment->faces, &shape);
    join_terms(&shape);
    reduce_weights(&shape);
    shape.count = shape.rolls * shape.terms[shape.term_count - 1].at + 1;
    grav_status status = check_limits(&shape, err);
    if (status == GRAV_OK)
        *out = shape;
    else
        grav_law_shape_free(&shape);
    return status;
}

void grav_law_shape_free(grav_law_shape *shape)
{
    for (size_t i = 0; i < shape->term_count; i++)
        mpz_clear(shape->terms[i].weight);
    free(shape->terms);
    mpz_clear(shape->total);
}

grav_status grav_law_exactly(const grav_law_shape *shape, grav_law_visit *visit, void *data,
                             grav_error *err)
{
    if (shape->count > 1 && shape->statistic == GRAV_STATISTIC_SUM)
        return grav_law_sum_exactly(shape, visit, data, err);
    if (shape->count > 1)
        grav_law_streak_exactly(shape, visit, data);
    else
        visit(data, 0, shape->total, shape->total);
    return GRAV_OK;
}
