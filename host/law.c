/* Laws: their tables, and what is asked of them. */
#include "law.h"

#include <math.h>
#include <stdlib.h>

#include "error.h"

/* ---- Filling the table ----------------------------------------------------------------------- */

typedef struct table_fill {
    grav_law *law;
    mpz_t before; /* at_most of the score before */
    mpz_t ways;
    mpfr_t x, all_ways;
} table_fill;

/* *out = ways / all, rounded to GRAV_WORK_BITS on the way. */
static void set_ratio(table_fill *fill, const mpz_t ways, grav_wide *out)
{
    mpfr_set_z(fill->x, ways, MPFR_RNDN);
    mpfr_div(fill->x, fill->x, fill->all_ways, MPFR_RNDN);
    grav_wide_set(out, fill->x);
}

static void fill_score(void *data, uint64_t i, const mpz_t at_most, const mpz_t all)
{
    table_fill *fill = data;
    if (i == 0)
        mpfr_set_z(fill->all_ways, all, MPFR_RNDN);
    mpz_sub(fill->ways, at_most, fill->before);
    set_ratio(fill, fill->ways, &fill->law->equal[i]);
    mpz_sub(fill->ways, all, fill->before);
    if (mpz_cmp(fill->before, fill->ways) <= 0) {
        set_ratio(fill, fill->before, &fill->law->side[i]);
        fill->law->upper = i + 1;
    } else {
        set_ratio(fill, fill->ways, &fill->law->side[i]);
    }
    mpz_set(fill->before, at_most);
}

static grav_status fill_exactly(const grav_law_shape *shape, grav_law *law, grav_error *err)
{
    table_fill fill = {.law = law};
    mpz_inits(fill.before, fill.ways, NULL);
    mpfr_inits2(GRAV_WORK_BITS, fill.x, fill.all_ways, (mpfr_ptr)NULL);
    grav_status status = grav_law_exactly(shape, fill_score, &fill, err);
    mpz_clears(fill.before, fill.ways, NULL);
    mpfr_clears(fill.x, fill.all_ways, (mpfr_ptr)NULL);
    return status;
}

/* mean and sd from the table: sums of positive terms only. */
static void moments_of_table(grav_law *law)
{
    mpfr_t mean, variance, x, p;
    mpfr_inits2(GRAV_WORK_BITS, mean, variance, x, p, (mpfr_ptr)NULL);
    mpfr_set_zero(mean, 1);
    mpfr_set_zero(variance, 1);
    for (uint64_t i = 0; i < law->count; i++) {
        grav_wide_get(&law->equal[i], p);
        mpfr_mul_ui(p, p, law->first + law->step * i, MPFR_RNDN);
        mpfr_add(mean, mean, p, MPFR_RNDN);
    }
    for (uint64_t i = 0; i < law->count; i++) {
        grav_wide_get(&law->equal[i], p);
        mpfr_ui_sub(x, law->first + law->step * i, mean, MPFR_RNDN);
        mpfr_sqr(x, x, MPFR_RNDN);
        mpfr_mul(x, x, p, MPFR_RNDN);
        mpfr_add(variance, variance, x, MPFR_RNDN);
    }
    mpfr_sqrt(variance, variance, MPFR_RNDN);
    law->mean = mpfr_get_d(mean, MPFR_RNDN);
    law->sd = mpfr_get_d(variance, MPFR_RNDN);
    mpfr_clears(mean, variance, x, p, (mpfr_ptr)NULL);
}

/* mean and sd of a sum from those of a roll: first + step rolls M / W and step sqrt(rolls (S W -
 * M^2)) / W, with W the weights' sum and M and S those of weight times `at` and its square. */
static void moments_of_sum(const grav_law_shape *shape, grav_law *law)
{
    mpz_t first, second, x;
    mpq_t mean;
    mpfr_t sd;
    mpz_inits(first, second, x, NULL);
    mpq_init(mean);
    mpfr_init2(sd, GRAV_WORK_BITS);
    for (size_t i = 0; i < shape->term_count; i++) {
        mpz_mul_ui(x, shape->terms[i].weight, shape->terms[i].at);
        mpz_add(first, first, x);
        mpz_addmul_ui(second, x, shape->terms[i].at);
    }
    mpz_mul_ui(mpq_numref(mean), first, shape->step * shape->rolls);
    mpz_addmul_ui(mpq_numref(mean), shape->total, shape->first);
    mpz_set(mpq_denref(mean), shape->total);
    mpq_canonicalize(mean);
    mpfr_set_q(sd, mean, MPFR_RNDN);
    law->mean = mpfr_get_d(sd, MPFR_RNDN);
    mpz_mul(second, second, shape->total);
    mpz_submul(second, first, first);
    mpz_mul_ui(second, second, shape->rolls);
    mpfr_set_z(sd, second, MPFR_RNDN);
    mpfr_sqrt(sd, sd, MPFR_RNDN);
    mpfr_mul_ui(sd, sd, shape->step, MPFR_RNDN);
    mpfr_div_z(sd, sd, shape->total, MPFR_RNDN);
    law->sd = mpfr_get_d(sd, MPFR_RNDN);
    mpfr_clear(sd);
    mpq_clear(mean);
    mpz_clears(first, second, x, NULL);
}

static grav_status fill_table(const grav_law_shape *shape, grav_law *law, grav_error *err)
{
    grav_status status = GRAV_OK;
    if (grav_law_shape_is_exact(shape))
        status = fill_exactly(shape, law, err);
    else
        grav_law_fill_binomial(shape, law);
    if (status != GRAV_OK)
        return status;
    if (shape->statistic == GRAV_STATISTIC_STREAK)
        moments_of_table(law);
    else
        moments_of_sum(shape, law);
    return GRAV_OK;
}

grav_status grav_law_create(const grav_experiment *experiment, grav_law **out, grav_error *err)
{
    grav_law_shape shape;
    grav_status status = grav_law_shape_make(experiment, &shape, err);
    if (status != GRAV_OK)
        return status;
    grav_law *law = calloc(1, sizeof *law);
    if (law) {
        *law = (grav_law){.first = shape.first, .step = shape.step, .count = shape.count};
        law->equal = calloc(law->count, sizeof *law->equal);
        law->side = calloc(law->count, sizeof *law->side);
    }
    if (law && law->equal && law->side)
        status = fill_table(&shape, law, err);
    else
        status = grav_no_memory(err, "the law");
    grav_law_shape_free(&shape);
    if (status == GRAV_OK)
        *out = law;
    else
        grav_law_destroy(law);
    return status;
}

void grav_law_destroy(grav_law *law)
{
    if (!law)
        return;
    free(law->equal);
    free(law->side);
    free(law);
}

/* ---- Chances --------------------------------------------------------------------------------- */

/* The first possible score from `score` on, as an index; count: there is none. */
static uint64_t index_from(const grav_law *law, uint64_t score)
{
    if (score <= law->first)
        return 0;
    uint64_t above = score - law->first;
    uint64_t i = above / law->step + (above % law->step > 0);
    return i < law->count ? i : law->count;
}

static uint64_t score_at(const grav_law *law, uint64_t i)
{
    return law->first + law->step * i;
}

void grav_law_equal_wide(const grav_law *law, uint64_t score, mpfr_t out)
{
    uint64_t i = index_from(law, score);
    if (i < law->count && score_at(law, i) == score)
        grav_wide_get(&law->equal[i], out);
    else
        mpfr_set_zero(out, 1);
}

/* out = P(score < the i-th), i up to count */
static void below_index(const grav_law *law, uint64_t i, mpfr_t out)
{
    if (i == law->count) {
        mpfr_set_ui(out, 1, MPFR_RNDN);
        return;
    }
    grav_wide_get(&law->side[i], out);
    if (i >= law->upper)
        mpfr_ui_sub(out, 1, out, MPFR_RNDN);
}

/* out = P(score >= the i-th), i up to count */
static void from_index(const grav_law *law, uint64_t i, mpfr_t out)
{
    if (i == law->count) {
        mpfr_set_zero(out, 1);
        return;
    }
    grav_wide_get(&law->side[i], out);
    if (i < law->upper)
        mpfr_ui_sub(out, 1, out, MPFR_RNDN);
}

/* out = log P(score < the i-th), i up to count; minus infinity for i = 0. */
static void log_below_index(const grav_law *law, uint64_t i, mpfr_t out)
{
    if (i < law->upper) {
        below_index(law, i, out);
        mpfr_log(out, out, MPFR_RNDN);
    } else {
        from_index(law, i, out);
        mpfr_neg(out, out, MPFR_RNDN);
        mpfr_log1p(out, out, MPFR_RNDN);
    }
}

/* out = P(one of so many sessions scores at least the i-th) = 1 - P(score < the i-th)^sessions */
static void max_from_index(const grav_law *law, uint64_t i, uint64_t sessions, mpfr_t out)
{
    if (sessions == 0) {
        mpfr_set_zero(out, 1);
        return;
    }
    log_below_index(law, i, out);
    mpfr_mul_ui(out, out, sessions, MPFR_RNDN);
    mpfr_expm1(out, out, MPFR_RNDN);
    mpfr_neg(out, out, MPFR_RNDN);
    mpfr_abs(out, out, MPFR_RNDN); /* of 0 too */
}

void grav_law_scores(const grav_law *law, uint64_t *first, uint64_t *step, uint64_t *last)
{
    if (first)
        *first = law->first;
    if (step)
        *step = law->step;
    if (last)
        *last = score_at(law, law->count - 1);
}

double grav_law_mean(const grav_law *law)
{
    return law->mean;
}

double grav_law_sd(const grav_law *law)
{
    return law->sd;
}

double grav_law_equal(const grav_law *law, uint64_t score)
{
    mpfr_t x;
    mpfr_init2(x, GRAV_WIDE_BITS);
    grav_law_equal_wide(law, score, x);
    double out = mpfr_get_d(x, MPFR_RNDN);
    mpfr_clear(x);
    return out;
}

grav_decimal grav_law_probability(const grav_law *law, uint64_t score)
{
    mpfr_t x;
    mpfr_init2(x, GRAV_WIDE_BITS);
    grav_law_equal_wide(law, score, x);
    grav_decimal out = grav_decimal_of(x);
    mpfr_clear(x);
    return out;
}

grav_decimal grav_law_at_least(const grav_law *law, uint64_t score)
{
    mpfr_t x;
    mpfr_init2(x, GRAV_WORK_BITS);
    from_index(law, index_from(law, score), x);
    grav_decimal out = grav_decimal_of(x);
    mpfr_clear(x);
    return out;
}

grav_decimal grav_law_max_tail(const grav_law *law, uint64_t score, uint64_t sessions)
{
    mpfr_t x;
    mpfr_init2(x, GRAV_WORK_BITS);
    max_from_index(law, index_from(law, score), sessions, x);
    grav_decimal out = grav_decimal_of(x);
    mpfr_clear(x);
    return out;
}

double grav_law_max_at_least(const grav_law *law, uint64_t score, uint64_t sessions)
{
    return grav_law_max_tail(law, score, sessions).value;
}

grav_decimal grav_law_sessions_for(const grav_law *law, uint64_t score, double chance)
{
    enum { SAFE_BITS = 160 }; /* drops the errors of the logarithms before rounding up */
    mpfr_t sessions, log_none;
    mpfr_init2(sessions, GRAV_WORK_BITS);
    mpfr_init2(log_none, GRAV_WORK_BITS);
    log_below_index(law, index_from(law, score), log_none);
    mpfr_set_d(sessions, -chance, MPFR_RNDN);
    mpfr_log1p(sessions, sessions, MPFR_RNDN);
    mpfr_div(sessions, sessions, log_none, MPFR_RNDN);
    mpfr_abs(sessions, sessions, MPFR_RNDN); /* divided by 0, it has a sign that means nothing */
    mpfr_prec_round(sessions, SAFE_BITS, MPFR_RNDN);
    mpfr_ceil(sessions, sessions);
    if (mpfr_cmp_ui(sessions, 1) < 0)
        mpfr_set_ui(sessions, 1, MPFR_RNDN);
    grav_decimal out = grav_decimal_of(sessions);
    mpfr_clears(sessions, log_none, (mpfr_ptr)NULL);
    return out;
}

/* ---- Quantiles ------------------------------------------------------------------------------- */

/* Whether at least this share of highest scores of so many sessions does not exceed the i-th. */
static bool reaches_share(const grav_law *law, uint64_t i, uint64_t sessions, double share)
{
    mpfr_t x;
    mpfr_init2(x, GRAV_WORK_BITS);
    log_below_index(law, i + 1, x);
    mpfr_mul_ui(x, x, sessions, MPFR_RNDN);
    mpfr_exp(x, x, MPFR_RNDN);
    bool reached = mpfr_get_d(x, MPFR_RNDN) >= share;
    mpfr_clear(x);
    return reached;
}

uint64_t grav_law_max_quantile(const grav_law *law, uint64_t sessions, double share)
{
    uint64_t low = 0, high = law->count - 1;
    if (share >= 1)
        return score_at(law, high);
    while (low < high) {
        uint64_t middle = low + (high - low) / 2;
        if (reaches_share(law, middle, sessions, share))
            high = middle;
        else
            low = middle + 1;
    }
    return score_at(law, low);
}

uint64_t grav_law_quantile(const grav_law *law, double share)
{
    return grav_law_max_quantile(law, 1, share);
}
