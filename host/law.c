/* The binomial law. Every figure is computed with LAW_BITS of precision and rounded once. */
#include <mpfr.h>
#include <stdlib.h>

#include "decimal.h"
#include "error.h"
#include "experiment.h"

enum {
    LAW_BITS = 192,
    LAW_TERM_BITS = 256, /* of a term's logarithm, which is large: leaves LAW_BITS after exp() */
};

struct grav_law {
    uint64_t rolls;
    bool certain;      /* the chance is 0 or 1: one score only */
    uint64_t only;     /* that score */
    mpfr_t p, q;       /* the chance of a roll to score, and not to */
    mpfr_t odds, anti; /* p / q and q / p */
    double mean, sd;
    double *equal; /* P(score = i) for i from 0 to rolls; 0 where it is below any double */
};

/* out = P(score = k) = rolls! / (k! (rolls - k)!) p^k q^(rolls - k), by logarithms. */
static void law_term(const grav_law *law, uint64_t k, mpfr_t out)
{
    mpfr_t log_term, x;
    mpfr_init2(log_term, LAW_TERM_BITS);
    mpfr_init2(x, LAW_TERM_BITS);
    mpfr_set_ui(x, law->rolls + 1, MPFR_RNDN);
    mpfr_lngamma(log_term, x, MPFR_RNDN);
    mpfr_set_ui(x, k + 1, MPFR_RNDN);
    mpfr_lngamma(x, x, MPFR_RNDN);
    mpfr_sub(log_term, log_term, x, MPFR_RNDN);
    mpfr_set_ui(x, law->rolls - k + 1, MPFR_RNDN);
    mpfr_lngamma(x, x, MPFR_RNDN);
    mpfr_sub(log_term, log_term, x, MPFR_RNDN);
    mpfr_log(x, law->p, MPFR_RNDN);
    mpfr_mul_ui(x, x, k, MPFR_RNDN);
    mpfr_add(log_term, log_term, x, MPFR_RNDN);
    mpfr_log(x, law->q, MPFR_RNDN);
    mpfr_mul_ui(x, x, law->rolls - k, MPFR_RNDN);
    mpfr_add(log_term, log_term, x, MPFR_RNDN);
    mpfr_exp(out, log_term, MPFR_RNDN);
    mpfr_clears(log_term, x, (mpfr_ptr)NULL);
}

/* Turns P(score = k) into P(score = k + 1); to 0 after the last. */
static void law_step_up(const grav_law *law, uint64_t k, mpfr_t term)
{
    mpfr_mul_ui(term, term, law->rolls - k, MPFR_RNDN);
    mpfr_div_ui(term, term, k + 1, MPFR_RNDN);
    mpfr_mul(term, term, law->odds, MPFR_RNDN);
}

/* Turns P(score = k) into P(score = k - 1); to 0 before the first. */
static void law_step_down(const grav_law *law, uint64_t k, mpfr_t term)
{
    mpfr_mul_ui(term, term, k, MPFR_RNDN);
    mpfr_div_ui(term, term, law->rolls - k + 1, MPFR_RNDN);
    mpfr_mul(term, term, law->anti, MPFR_RNDN);
}

/* Fills equal[] outwards from the most likely score, until it leaves the range of double. */
static void law_fill(grav_law *law)
{
    uint64_t mode = (uint64_t)law->mean;
    mpfr_t peak, term;
    mpfr_init2(peak, LAW_BITS);
    mpfr_init2(term, LAW_BITS);
    law_term(law, mode, peak);
    mpfr_set(term, peak, MPFR_RNDN);
    for (uint64_t k = mode; k <= law->rolls; k++) {
        law->equal[k] = mpfr_get_d(term, MPFR_RNDN);
        if (law->equal[k] == 0)
            break;
        law_step_up(law, k, term);
    }
    mpfr_set(term, peak, MPFR_RNDN);
    for (uint64_t k = mode; k > 0; k--) {
        law_step_down(law, k, term);
        law->equal[k - 1] = mpfr_get_d(term, MPFR_RNDN);
        if (law->equal[k - 1] == 0)
            break;
    }
    mpfr_clears(peak, term, (mpfr_ptr)NULL);
}

/* Mean n p and sd sqrt(n p q). */
static void law_moments(grav_law *law)
{
    mpfr_t x;
    mpfr_init2(x, LAW_BITS);
    mpfr_mul_ui(x, law->p, law->rolls, MPFR_RNDN);
    law->mean = mpfr_get_d(x, MPFR_RNDN);
    mpfr_mul(x, x, law->q, MPFR_RNDN);
    mpfr_sqrt(x, x, MPFR_RNDN);
    law->sd = mpfr_get_d(x, MPFR_RNDN);
    mpfr_clear(x);
}

static void law_set_chance(grav_law *law, const mpq_t chance)
{
    mpq_t rest;
    mpq_init(rest);
    mpq_set_ui(rest, 1, 1);
    mpq_sub(rest, rest, chance);
    mpfr_inits2(LAW_TERM_BITS, law->p, law->q, law->odds, law->anti, (mpfr_ptr)NULL);
    mpfr_set_q(law->p, chance, MPFR_RNDN);
    mpfr_set_q(law->q, rest, MPFR_RNDN);
    mpfr_div(law->odds, law->p, law->q, MPFR_RNDN);
    mpfr_div(law->anti, law->q, law->p, MPFR_RNDN);
    mpq_clear(rest);
}

grav_status grav_law_create(const grav_experiment *experiment, grav_law **out, grav_error *err)
{
    if (!grav_faces_are_of_chance(&experiment->faces) ||
        experiment->statistic != GRAV_STATISTIC_SUM)
        return grav_fail(err, GRAV_ERROR_INVALID, "the law of other dice is not worked out yet");
    if (experiment->rolls > GRAV_LAW_ROLLS_MAX)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "the law is worked out for at most %u rolls, not for %u",
                         GRAV_LAW_ROLLS_MAX, experiment->rolls);
    grav_law *law = calloc(1, sizeof *law);
    double *equal = calloc((size_t)experiment->rolls + 1, sizeof *equal);
    if (!law || !equal) {
        free(law);
        free(equal);
        return grav_no_memory(err, "the law");
    }
    law->rolls = experiment->rolls;
    law->equal = equal;
    law_set_chance(law, experiment->faces.items[0].chance);
    law_moments(law);
    law->certain = mpfr_zero_p(law->p) || mpfr_zero_p(law->q);
    law->only = mpfr_zero_p(law->p) ? 0 : law->rolls;
    if (law->certain)
        law->equal[law->only] = 1;
    else
        law_fill(law);
    *out = law;
    return GRAV_OK;
}

void grav_law_destroy(grav_law *law)
{
    if (!law)
        return;
    mpfr_clears(law->p, law->q, law->odds, law->anti, (mpfr_ptr)NULL);
    free(law->equal);
    free(law);
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
    return score <= law->rolls ? law->equal[score] : 0;
}

/* Adds terms from score k on, stepping away from the mean, until they no longer matter. */
static void law_sum_tail(const grav_law *law, uint64_t k, bool up, mpfr_t sum)
{
    mpfr_t term;
    mpfr_init2(term, LAW_BITS);
    law_term(law, k, term);
    mpfr_set_zero(sum, 1);
    while (!mpfr_zero_p(term)) {
        mpfr_add(sum, sum, term, MPFR_RNDN);
        if (mpfr_get_exp(term) < mpfr_get_exp(sum) - LAW_BITS)
            break;
        if (up)
            law_step_up(law, k++, term);
        else
            law_step_down(law, k--, term);
    }
    mpfr_clear(term);
}

/* out = P(score >= score). */
static void law_at_least(const grav_law *law, uint64_t score, mpfr_t out)
{
    if (score == 0) {
        mpfr_set_ui(out, 1, MPFR_RNDN);
    } else if (score > law->rolls) {
        mpfr_set_zero(out, 1);
    } else if (law->certain) {
        mpfr_set_ui(out, law->only >= score, MPFR_RNDN);
    } else if ((double)score > law->mean) {
        law_sum_tail(law, score, true, out);
    } else {
        law_sum_tail(law, score - 1, false, out);
        mpfr_ui_sub(out, 1, out, MPFR_RNDN);
    }
}

grav_decimal grav_law_at_least(const grav_law *law, uint64_t score)
{
    mpfr_t tail;
    mpfr_init2(tail, LAW_BITS);
    law_at_least(law, score, tail);
    grav_decimal out = grav_decimal_from(tail);
    mpfr_clear(tail);
    return out;
}

double grav_law_max_at_least(const grav_law *law, uint64_t score, uint64_t sessions)
{
    /* 1 - (1 - tail)^sessions, without losing small tails. */
    mpfr_t x;
    mpfr_init2(x, LAW_BITS);
    law_at_least(law, score, x);
    mpfr_neg(x, x, MPFR_RNDN);
    mpfr_log1p(x, x, MPFR_RNDN);
    mpfr_mul_ui(x, x, sessions, MPFR_RNDN);
    mpfr_expm1(x, x, MPFR_RNDN);
    double out = -mpfr_get_d(x, MPFR_RNDN);
    mpfr_clear(x);
    return sessions ? out : 0;
}
