#include "thresholds.h"

#include <math.h>
#include <mpfr.h>
#include <stdlib.h>

#include "error.h"
#include "law.h"
#include "number.h"

enum {
    DRAW_BITS = 64,
    /* Precision of the intervals: what usually decides, and where it ends. A step widens an
     * interval by a few units in the last place and there are at most 2^20 steps, so that with 64 +
     * 128 bits one threshold in 2^100 is left undecided. */
    INTERVAL_BITS = 192,
    INTERVAL_BITS_MAX = 1 << 14,
    /* Scores that all lower ones together are 2^-this likely: sums start there. */
    START_BITS = 256,
};

/* ---- Collecting ------------------------------------------------------------------------------ */

/* Takes the floor of the next score, v, of a law whose scores come in ascending order; `certain`:
 * P(score <= v) is 1. False: no later floor matters but where it becomes certain. */
static bool collect(grav_thresholds *out, uint32_t v, uint64_t value, bool certain)
{
    if (certain) {
        out->last = v;
        return false;
    }
    if (out->count && out->values[out->count - 1] == UINT64_MAX)
        return true;
    if (value == 0)
        out->base = v + 1;
    else
        out->values[out->count++] = value;
    return true;
}

static grav_status allocate(size_t length, grav_thresholds *out, grav_error *err)
{
    *out = (grav_thresholds){.values = malloc(length * sizeof *out->values)};
    return out->values ? GRAV_OK : grav_no_memory(err, "a law's thresholds");
}

void grav_thresholds_free(grav_thresholds *thresholds)
{
    free(thresholds->values);
    *thresholds = (grav_thresholds){0};
}

/* ---- Exactly --------------------------------------------------------------------------------- */

typedef struct exact_fill {
    grav_thresholds *out;
    bool more;
    mpz_t scaled;
} exact_fill;

static void take_score(void *data, uint64_t i, const mpz_t at_most, const mpz_t all)
{
    exact_fill *fill = data;
    if (!fill->more)
        return;
    bool certain = mpz_cmp(at_most, all) >= 0;
    uint64_t value = 0;
    if (!certain) {
        mpz_mul_2exp(fill->scaled, at_most, DRAW_BITS);
        mpz_fdiv_q(fill->scaled, fill->scaled, all);
        value = grav_mpz_u64(fill->scaled);
    }
    fill->more = collect(fill->out, (uint32_t)i, value, certain);
}

static grav_status collect_exactly(const grav_law_shape *shape, grav_thresholds *out,
                                   grav_error *err)
{
    grav_status status = allocate(shape->count, out, err);
    if (status != GRAV_OK)
        return status;
    exact_fill fill = {.out = out, .more = true};
    mpz_init(fill.scaled);
    status = grav_law_exactly(shape, take_score, &fill, err);
    mpz_clear(fill.scaled);
    if (status != GRAV_OK)
        grav_thresholds_free(out);
    return status;
}

/* ---- By intervals ---------------------------------------------------------------------------- */

/* One end of each interval: everything in it is rounded the same way. */
typedef struct interval_end {
    mpfr_rnd_t up;     /* away from the interval */
    mpfr_rnd_t down;   /* the other way, for what is divided by */
    mpfr_t p, q, odds; /* p / q */
    mpfr_t term, sum;  /* P(score = k) and P(score <= k) */
} interval_end;

static void end_init(interval_end *end, mpfr_rnd_t up, mpfr_prec_t bits, const mpq_t chance)
{
    mpq_t other;
    mpq_init(other);
    end->up = up;
    end->down = up == MPFR_RNDU ? MPFR_RNDD : MPFR_RNDU;
    mpfr_inits2(bits, end->p, end->q, end->odds, end->term, end->sum, (mpfr_ptr)NULL);
    mpfr_set_q(end->p, chance, up);
    mpq_set_ui(other, 1, 1);
    mpq_sub(other, other, chance);
    mpfr_set_q(end->q, other, up);
    mpq_div(other, chance, other);
    mpfr_set_q(end->odds, other, up);
    mpq_clear(other);
}

static void end_clear(interval_end *end)
{
    mpfr_clears(end->p, end->q, end->odds, end->term, end->sum, (mpfr_ptr)NULL);
}

/* term = C(rolls, k) p^k q^(rolls - k). */
static void end_start(interval_end *end, uint32_t rolls, uint32_t k)
{
    mpz_t ways;
    mpz_init(ways);
    mpz_bin_uiui(ways, rolls, k);
    mpfr_set_z(end->term, ways, end->up);
    mpfr_pow_ui(end->sum, end->p, k, end->up);
    mpfr_mul(end->term, end->term, end->sum, end->up);
    mpfr_pow_ui(end->sum, end->q, rolls - k, end->up);
    mpfr_mul(end->term, end->term, end->sum, end->up);
    mpfr_set_zero(end->sum, 1);
    mpz_clear(ways);
}

/* Adds what all scores below k are at most likely together: each is at most r times as likely as
 * the next, where P(score = k - 1) = r P(score = k), and r < 1 below the mean. */
static void end_add_tail(interval_end *end, uint32_t rolls, uint32_t k)
{
    mpfr_t r, rest;
    mpfr_inits2(mpfr_get_prec(end->term), r, rest, (mpfr_ptr)NULL);
    mpfr_set_ui(r, k, end->up);
    mpfr_div_ui(r, r, rolls - k + 1, end->up);
    mpfr_div(r, r, end->odds, end->up);
    /* odds was rounded up as well, where a quotient's upper end wants it rounded down. */
    mpfr_mul_d(r, r, 1 + 0x1p-50, end->up);
    mpfr_ui_sub(rest, 1, r, end->down);
    mpfr_div(r, r, rest, end->up);
    mpfr_mul(r, r, end->term, end->up);
    mpfr_add(end->sum, end->sum, r, end->up);
    mpfr_clears(r, rest, (mpfr_ptr)NULL);
}

/* Adds the term of score k to the sum and goes on to that of score k + 1. */
static void end_step(interval_end *end, uint32_t rolls, uint32_t k)
{
    mpfr_add(end->sum, end->sum, end->term, end->up);
    mpfr_mul_ui(end->term, end->term, rolls - k, end->up);
    mpfr_mul(end->term, end->term, end->odds, end->up);
    mpfr_div_ui(end->term, end->term, k + 1, end->up);
}

/* floor(2^64 sum), at most 2^64 - 1. */
static uint64_t end_floor(const interval_end *end, mpfr_t scaled, mpz_t whole)
{
    mpfr_mul_2ui(scaled, end->sum, DRAW_BITS, MPFR_RNDD); /* exact */
    mpfr_get_z(whole, scaled, MPFR_RNDD);
    return mpz_sizeinbase(whole, 2) > DRAW_BITS ? UINT64_MAX : grav_mpz_u64(whole);
}

/* A score below the mean that all lower ones together are too unlikely to matter. Chernoff's bound,
 * in double: only the precision that is needed depends on it. */
static uint32_t start_score(uint32_t rolls, double p)
{
    double n = rolls;
    uint32_t low = 0, high = (uint32_t)(n * p);
    while (low < high) {
        uint32_t k = low + (high - low + 1) / 2;
        double x = k / n;
        double bits = n * (x * log2(x / p) + (1 - x) * log2((1 - x) / (1 - p)));
        if (bits >= START_BITS)
            low = k;
        else
            high = k - 1;
    }
    return low;
}

/* Whether P(score <= k) is 1/2, which takes intervals as long as the numerators to decide: a fair
 * coin tossed an odd number of times shows heads in most tosses as often as tails. */
static bool is_median(uint32_t rolls, const mpq_t chance, uint32_t k)
{
    return rolls % 2 == 1 && k == rolls / 2 && mpq_cmp_ui(chance, 1, 2) == 0;
}

/* Whether low and high are so close that a whole number between them is 2^64 P(score <= k) itself:
 * that has the denominator m^rolls, m being the chance's, and so is not that close to a whole
 * number without being one. */
static bool is_whole(const interval_end *low, const interval_end *high, uint32_t rolls,
                     const mpq_t chance, mpfr_t width)
{
    mpfr_exp_t bits = (mpfr_exp_t)(rolls * mpz_sizeinbase(mpq_denref(chance), 2));
    mpfr_sub(width, high->sum, low->sum, MPFR_RNDU);
    return mpfr_zero_p(width) || mpfr_get_exp(width) + DRAW_BITS <= -bits;
}

/* Collects all floors at a precision. False: it does not decide. */
static bool collect_intervals(uint32_t rolls, const mpq_t chance, mpfr_prec_t bits,
                              grav_thresholds *out)
{
    interval_end low, high;
    mpfr_t scaled;
    mpz_t whole;
    uint32_t k = start_score(rolls, mpq_get_d(chance));
    bool decided = true;
    mpfr_init2(scaled, bits);
    mpz_init(whole);
    end_init(&low, MPFR_RNDD, bits, chance);
    end_init(&high, MPFR_RNDU, bits, chance);
    end_start(&low, rolls, k);
    end_start(&high, rolls, k);
    if (k > 0) {
        end_add_tail(&high, rolls, k);
        decided = end_floor(&high, scaled, whole) == 0;
    }
    out->count = 0;
    out->base = k; /* the scores below have floors of 0 */
    for (; decided && k < rolls; k++) {
        end_step(&low, rolls, k);
        end_step(&high, rolls, k);
        uint64_t value = end_floor(&high, scaled, whole);
        if (is_median(rolls, chance, k))
            value = UINT64_C(1) << (DRAW_BITS - 1);
        else
            decided = end_floor(&low, scaled, whole) == value ||
                      is_whole(&low, &high, rolls, chance, scaled);
        collect(out, k, value, false);
        if (value == UINT64_MAX) /* and so are all but the last */
            break;
    }
    collect(out, rolls, 0, true);
    end_clear(&low);
    end_clear(&high);
    mpz_clear(whole);
    mpfr_clear(scaled);
    return decided;
}

grav_status grav_thresholds_intervals(uint32_t rolls, const mpq_t chance, grav_thresholds *out,
                                      grav_error *err)
{
    grav_thresholds thresholds;
    grav_status status = allocate((size_t)rolls + 1, &thresholds, err);
    if (status != GRAV_OK)
        return status;
    for (mpfr_prec_t bits = INTERVAL_BITS; bits <= INTERVAL_BITS_MAX; bits *= 2)
        if (collect_intervals(rolls, chance, bits, &thresholds)) {
            *out = thresholds;
            return GRAV_OK;
        }
    grav_thresholds_free(&thresholds);
    return grav_fail(err, GRAV_ERROR_INVALID,
                     "rolls %u: %d bits do not tell on which side of a draw a score of this chance "
                     "begins: use method rolls",
                     rolls, INTERVAL_BITS_MAX);
}

/* ---- Of an experiment ------------------------------------------------------------------------ */

static grav_status collect_binomial(const grav_law_shape *shape, grav_thresholds *out,
                                    grav_error *err)
{
    mpq_t chance;
    mpq_init(chance);
    mpz_set(mpq_numref(chance), shape->terms[1].weight);
    mpz_set(mpq_denref(chance), shape->total);
    mpq_canonicalize(chance);
    grav_status status = grav_thresholds_intervals(shape->rolls, chance, out, err);
    mpq_clear(chance);
    return status;
}

/* Turns thresholds of possible scores by number into those of scores by their distance from `from`
 * on: a score that cannot be has the threshold of the one before. */
static grav_status place(const grav_law_shape *shape, uint64_t from, grav_thresholds *thresholds,
                         grav_error *err)
{
    uint32_t above = (uint32_t)(shape->first - from), step = (uint32_t)shape->step;
    thresholds->base = above + thresholds->base * step;
    thresholds->last = above + thresholds->last * step;
    if (step == 1 || thresholds->count == 0)
        return GRAV_OK;
    size_t count = thresholds->count * step;
    uint64_t *values = malloc(count * sizeof *values);
    if (!values)
        return grav_no_memory(err, "a law's thresholds");
    for (size_t i = 0; i < count; i++)
        values[i] = thresholds->values[i / step];
    free(thresholds->values);
    thresholds->values = values;
    thresholds->count = count;
    return GRAV_OK;
}

static grav_status check_length(const grav_law_shape *shape, grav_error *err)
{
    uint64_t length = (shape->count - 1) * shape->step + 1;
    if (length <= GRAV_LAW_SCORES_MAX)
        return GRAV_OK;
    return grav_fail(err, GRAV_ERROR_INVALID,
                     "the law goes over %llu scores from the lowest to the highest; at most %u fit "
                     "a table",
                     (unsigned long long)length, GRAV_LAW_SCORES_MAX);
}

/* The shape of a law that fits a table. */
static grav_status make_shape(const grav_experiment *experiment, grav_law_shape *out,
                              grav_error *err)
{
    grav_law_shape shape;
    grav_status status = grav_law_shape_make(experiment, &shape, err);
    if (status != GRAV_OK)
        return status;
    status = check_length(&shape, err);
    if (status == GRAV_OK)
        *out = shape;
    else
        grav_law_shape_free(&shape);
    return status;
}

grav_status grav_thresholds_check(const grav_experiment *experiment, grav_error *err)
{
    grav_law_shape shape;
    grav_status status = make_shape(experiment, &shape, err);
    if (status == GRAV_OK)
        grav_law_shape_free(&shape);
    return status;
}

grav_status grav_thresholds_of(const grav_experiment *experiment, grav_thresholds *out,
                               grav_error *err)
{
    grav_thresholds thresholds;
    grav_law_shape shape;
    grav_status status = make_shape(experiment, &shape, err);
    if (status != GRAV_OK)
        return status;
    status = grav_law_shape_is_exact(&shape) ? collect_exactly(&shape, &thresholds, err)
                                             : collect_binomial(&shape, &thresholds, err);
    if (status == GRAV_OK) {
        status = place(&shape, grav_experiment_score_min(experiment), &thresholds, err);
        if (status == GRAV_OK)
            *out = thresholds;
        else
            grav_thresholds_free(&thresholds);
    }
    grav_law_shape_free(&shape);
    return status;
}
