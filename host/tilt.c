/* Rare events: tilting an experiment and weighing the histogram it leads to. */
#include "tilt.h"

#include <inttypes.h>
#include <math.h>
#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>

#include "error.h"
#include "number.h"
#include "result.h"
#include "wide.h"

enum {
    WEIGHT_BITS = 256, /* of a tilted weight: whole numbers below 2^256 stay exact */
    RATIO_BITS = 256,
    /* Binary digits of the factor between the largest and the smallest tilted weight. With these
     * and WEIGHT_BITS a chance can be written and read again (host/number.c). */
    SPREAD_BITS_MAX = 512,
    CHANCE_DIGITS = 64, /* a chance below 2^-CHANCE_DIGITS cannot be played */
};

struct grav_tilt {
    grav_experiment *experiment; /* the tilted one */
    grav_tilt_shape shape;
    uint64_t score_base;   /* the lowest score of chance above 0 */
    uint64_t steps_needed; /* above it, to score at_least */
    mpq_t lambda;
    char *lambda_text;
    mpfr_t mass; /* T: what the tilted chances added up to before they were divided by it */
    double mean;
};

/* ---- The tilted die -------------------------------------------------------------------------- */

/* The tilted weights of a die, whole numbers but where they were rounded: with lambda = a / b and
 * D the common denominator of the chances, p D a^steps b^(steps_max - steps). */
typedef struct weight_list {
    size_t count;
    mpfr_t items[GRAV_FACES_MAX]; /* 0 of a face that is not played */
    mpfr_t unit;                  /* what a weight stands for in p lambda^steps: D b^steps_max */
} weight_list;

static void weights_init(weight_list *out, size_t count)
{
    out->count = count;
    mpfr_init2(out->unit, WEIGHT_BITS);
    for (size_t i = 0; i < count; i++)
        mpfr_init2(out->items[i], WEIGHT_BITS);
}

static void weights_clear(weight_list *weights)
{
    for (size_t i = 0; i < weights->count; i++)
        mpfr_clear(weights->items[i]);
    mpfr_clear(weights->unit);
}

/* x *= base^exponent */
static void multiply_by_power(mpfr_t x, const mpz_t base, uint32_t exponent)
{
    mpfr_t power;
    mpfr_init2(power, WEIGHT_BITS);
    mpfr_set_z(power, base, MPFR_RNDN);
    mpfr_pow_ui(power, power, exponent, MPFR_RNDN);
    mpfr_mul(x, x, power, MPFR_RNDN);
    mpfr_clear(power);
}

static void weigh_faces(const grav_faces *faces, const grav_tilt *tilt, weight_list *out)
{
    const grav_tilt_shape *shape = &tilt->shape;
    mpq_t scale, whole;
    mpq_inits(scale, whole, NULL);
    grav_faces_denominator(faces, scale);
    mpfr_set_q(out->unit, scale, MPFR_RNDN);
    multiply_by_power(out->unit, mpq_denref(tilt->lambda), shape->steps_max);
    for (size_t i = 0; i < faces->count; i++) {
        mpq_mul(whole, faces->items[i].chance, scale);
        mpfr_set_q(out->items[i], whole, MPFR_RNDN);
        if (mpq_sgn(whole) == 0)
            continue;
        uint32_t steps = grav_tilt_steps(shape, faces->items[i].value);
        multiply_by_power(out->items[i], mpq_numref(tilt->lambda), steps);
        multiply_by_power(out->items[i], mpq_denref(tilt->lambda), shape->steps_max - steps);
    }
    mpq_clears(scale, whole, NULL);
}

/* Sets to 0 what has too small a chance to be played, among the rolls that the faces before leave.
 * *sum becomes the sum of the others. */
static void drop_small(weight_list *weights, mpfr_t sum)
{
    mpfr_t small;
    mpfr_init2(small, WEIGHT_BITS);
    mpfr_set_zero(sum, 1);
    for (size_t i = weights->count; i-- > 0;) {
        mpfr_add(small, sum, weights->items[i], MPFR_RNDN);
        mpfr_div_2ui(small, small, CHANCE_DIGITS, MPFR_RNDN);
        if (mpfr_cmp(weights->items[i], small) < 0)
            mpfr_set_zero(weights->items[i], 1);
        mpfr_add(sum, sum, weights->items[i], MPFR_RNDN);
    }
    mpfr_clear(small);
}

/* Divides all by the power of two that leaves the largest WEIGHT_BITS before the point, if it has
 * more. False: the smallest is too small beside it. */
static bool scale_weights(weight_list *weights)
{
    mpfr_exp_t largest = 0, smallest = 0;
    bool any = false;
    for (size_t i = 0; i < weights->count; i++) {
        if (mpfr_zero_p(weights->items[i]))
            continue;
        mpfr_exp_t exponent = mpfr_get_exp(weights->items[i]);
        largest = !any || exponent > largest ? exponent : largest;
        smallest = !any || exponent < smallest ? exponent : smallest;
        any = true;
    }
    for (size_t i = 0; largest > WEIGHT_BITS && i < weights->count; i++)
        mpfr_div_2ui(weights->items[i], weights->items[i], (unsigned long)largest - WEIGHT_BITS,
                     MPFR_RNDN);
    return largest - smallest <= SPREAD_BITS_MAX;
}

/* The faces of these weights as grav_experiment_spec has them, for free(); NULL without memory. */
static char *list_of(const grav_faces *faces, const weight_list *weights)
{
    char *list = NULL;
    size_t length;
    FILE *out = open_memstream(&list, &length);
    if (!out)
        return NULL;
    mpq_t weight;
    mpq_init(weight);
    for (size_t i = 0; i < faces->count; i++) {
        mpfr_get_q(weight, weights->items[i]);
        fprintf(out, i ? ",%" PRIu32 "x" : "%" PRIu32 "x", faces->items[i].value);
        mpq_out_str(out, 10, weight);
    }
    mpq_clear(weight);
    if (fclose(out) == 0)
        return list;
    free(list);
    return NULL;
}

static grav_status create_of_list(const grav_experiment *experiment, uint64_t at_least, char *list,
                                  grav_tilt *tilt, grav_error *err)
{
    if (!list)
        return grav_no_memory(err, "a tilted die");
    grav_experiment_spec spec = {.rolls = experiment->rolls,
                                 .die = list,
                                 .statistic = experiment->statistic,
                                 .has_target = true,
                                 .target = at_least};
    grav_status status = grav_experiment_create(&spec, &tilt->experiment, err);
    free(list);
    return status == GRAV_OK ? status : grav_fail_in(err, status, "the tilted die");
}

/* Makes the tilted experiment, and the mass. */
static grav_status tilt_faces(const grav_experiment *experiment, uint64_t at_least, grav_tilt *tilt,
                              grav_error *err)
{
    grav_status status;
    weight_list weights;
    weights_init(&weights, experiment->faces.count);
    weigh_faces(&experiment->faces, tilt, &weights);
    drop_small(&weights, tilt->mass);
    mpfr_div(tilt->mass, tilt->mass, weights.unit, MPFR_RNDN);
    if (scale_weights(&weights))
        status =
            create_of_list(experiment, at_least, list_of(&experiment->faces, &weights), tilt, err);
    else
        status = grav_fail(err, GRAV_ERROR_INVALID,
                           "die: its tilted chances differ by a factor above 2^%d, the largest "
                           "there is",
                           SPREAD_BITS_MAX);
    weights_clear(&weights);
    return status;
}

/* ---- The tilt -------------------------------------------------------------------------------- */

static grav_status check(const grav_experiment *experiment, const grav_tilt_shape *shape,
                         uint64_t at_least, grav_error *err)
{
    if (experiment->statistic != GRAV_STATISTIC_SUM)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "statistic %s cannot be tilted: its likelihood ratio does not depend on "
                         "the score alone; graveler odds tells its exact law",
                         grav_statistic_name((int)experiment->statistic));
    uint64_t scores = grav_experiment_scores(experiment);
    if (scores > GRAV_HISTOGRAM_MAX)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "rolls %" PRIu32 ": what is weighed is a histogram, which tells at most "
                         "%" PRIu32 " scores apart, not %" PRIu64,
                         experiment->rolls, GRAV_HISTOGRAM_MAX, scores);
    uint64_t value_max = shape->value_min + (uint64_t)shape->step * shape->steps_max;
    if (at_least > experiment->rolls * value_max)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "at least %" PRIu64 " is out of reach: the highest score is %" PRIu64,
                         at_least, experiment->rolls * value_max);
    return GRAV_OK;
}

/* Sets lambda and what is known from it alone. */
static void choose(const grav_experiment *experiment, uint64_t at_least, grav_tilt *tilt)
{
    const grav_tilt_shape *shape = &tilt->shape;
    double mean, variance, steps;
    tilt->score_base = (uint64_t)experiment->rolls * shape->value_min;
    if (at_least > tilt->score_base)
        tilt->steps_needed = (at_least - tilt->score_base + shape->step - 1) / shape->step;
    steps = (double)tilt->steps_needed;
    /* No finite lambda has the highest score for its mean. */
    double highest = (double)experiment->rolls * shape->steps_max;
    if (steps > highest - shape->gap)
        steps = highest - shape->gap / 2.0;
    grav_tilt_choose(shape, experiment->rolls, steps, tilt->lambda);
    mpfr_t theta;
    mpfr_init2(theta, RATIO_BITS);
    mpfr_set_q(theta, tilt->lambda, MPFR_RNDN);
    mpfr_log(theta, theta, MPFR_RNDN);
    grav_tilt_moments(shape, mpfr_get_d(theta, MPFR_RNDN), &mean, &variance);
    mpfr_clear(theta);
    tilt->mean = (double)tilt->score_base + experiment->rolls * mean * shape->step;
}

/* The experiment as it is, asked about at_least. */
static grav_status leave_faces(const grav_experiment *experiment, uint64_t at_least,
                               grav_tilt *tilt, grav_error *err)
{
    tilt->experiment = grav_experiment_retarget(experiment, at_least);
    if (!tilt->experiment)
        return grav_no_memory(err, "an experiment");
    mpfr_set_ui(tilt->mass, 1, MPFR_RNDN);
    return GRAV_OK;
}

grav_status grav_tilt_create(const grav_experiment *experiment, uint64_t at_least, grav_tilt **out,
                             grav_error *err)
{
    grav_tilt_shape shape;
    grav_tilt_shape_make(&experiment->faces, &shape);
    grav_status status = check(experiment, &shape, at_least, err);
    if (status != GRAV_OK)
        return status;
    grav_tilt *tilt = calloc(1, sizeof *tilt);
    if (!tilt)
        return grav_no_memory(err, "a tilt");
    tilt->shape = shape;
    mpq_init(tilt->lambda);
    mpfr_init2(tilt->mass, WEIGHT_BITS);
    choose(experiment, at_least, tilt);
    tilt->lambda_text = mpq_get_str(NULL, 10, tilt->lambda);
    status = mpq_cmp_ui(tilt->lambda, 1, 1) == 0 ? leave_faces(experiment, at_least, tilt, err)
                                                 : tilt_faces(experiment, at_least, tilt, err);
    if (status == GRAV_OK)
        *out = tilt;
    else
        grav_tilt_destroy(tilt);
    return status;
}

void grav_tilt_destroy(grav_tilt *tilt)
{
    if (!tilt)
        return;
    grav_experiment_destroy(tilt->experiment);
    mpq_clear(tilt->lambda);
    free(tilt->lambda_text);
    mpfr_clear(tilt->mass);
    free(tilt);
}

const grav_experiment *grav_tilt_experiment(const grav_tilt *tilt)
{
    return tilt->experiment;
}

const char *grav_tilt_lambda(const grav_tilt *tilt)
{
    return tilt->lambda_text;
}

uint32_t grav_tilt_step(const grav_tilt *tilt)
{
    return tilt->shape.step;
}

double grav_tilt_mean(const grav_tilt *tilt)
{
    return tilt->mean;
}

/* ---- Weighing -------------------------------------------------------------------------------- */

/* out = the likelihood ratio of a score so many steps above the lowest. */
static void ratio(const grav_tilt *tilt, uint64_t steps, mpfr_t out)
{
    mpfr_t power;
    mpfr_init2(power, RATIO_BITS);
    mpfr_set_q(power, tilt->lambda, MPFR_RNDN);
    mpfr_pow_ui(power, power, steps, MPFR_RNDN);
    mpfr_pow_ui(out, tilt->mass, tilt->experiment->rolls, MPFR_RNDN);
    mpfr_div(out, out, power, MPFR_RNDN);
    mpfr_clear(power);
}

grav_decimal grav_tilt_ratio(const grav_tilt *tilt, uint64_t score)
{
    uint64_t steps = (score - tilt->score_base) / tilt->shape.step;
    if (score < tilt->score_base || (score - tilt->score_base) % tilt->shape.step ||
        steps > (uint64_t)tilt->experiment->rolls * tilt->shape.steps_max)
        return (grav_decimal){0};
    mpfr_t x;
    mpfr_init2(x, RATIO_BITS);
    ratio(tilt, steps, x);
    grav_decimal out = grav_decimal_of(x);
    mpfr_clear(x);
    return out;
}

/* The sums over all hits of rho and of rho^2, rho = lambda^-(steps beyond the needed ones), by
 * Horner's rule from the highest score down. Returns the hits. */
static uint64_t sum_hits(const grav_tilt *tilt, const grav_tally *tally, mpfr_t first,
                         mpfr_t second)
{
    uint64_t hits = 0, step = tilt->shape.step;
    uint64_t low = tilt->score_base + tilt->steps_needed * step - tally->base;
    mpfr_t lambda;
    mpfr_init2(lambda, RATIO_BITS);
    mpfr_set_q(lambda, tilt->lambda, MPFR_RNDN);
    mpfr_set_zero(first, 1);
    mpfr_set_zero(second, 1);
    for (uint64_t i = low + (tally->length - 1 - low) / step * step;; i -= step) {
        uint64_t count = tally->part.counts[i];
        mpfr_div(first, first, lambda, MPFR_RNDN);
        mpfr_add_ui(first, first, count, MPFR_RNDN);
        mpfr_div(second, second, lambda, MPFR_RNDN);
        mpfr_div(second, second, lambda, MPFR_RNDN);
        mpfr_add_ui(second, second, count, MPFR_RNDN);
        hits += count;
        if (i == low)
            break;
    }
    mpfr_clear(lambda);
    return hits;
}

/* From the sums of rho and rho^2 to the mean over all sessions and its standard error. */
static void mean_and_error(uint64_t sessions, mpfr_t first, mpfr_t second)
{
    mpfr_t square;
    mpfr_init2(square, RATIO_BITS);
    mpfr_div_ui(first, first, sessions, MPFR_RNDN);
    mpfr_div_ui(second, second, sessions, MPFR_RNDN);
    mpfr_sqr(square, first, MPFR_RNDN);
    mpfr_sub(second, second, square, MPFR_RNDN);
    if (mpfr_sgn(second) < 0) /* by rounding alone */
        mpfr_set_zero(second, 1);
    mpfr_div_ui(second, second, sessions, MPFR_RNDN);
    mpfr_sqrt(second, second, MPFR_RNDN);
    mpfr_clear(square);
}

grav_status grav_tilt_estimate(const grav_tilt *tilt, const grav_result *result, grav_rare *out,
                               grav_error *err)
{
    if (!grav_experiment_equal(tilt->experiment, result->experiment))
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "the result is not of the tilted experiment, %" PRIu32 " rolls of %.64s",
                         tilt->experiment->rolls, tilt->experiment->faces.list);
    if (result->keep != GRAV_KEEP_HISTOGRAM)
        return grav_fail(err, GRAV_ERROR_INVALID, "keep %s: weighing wants keep %s",
                         grav_keep_name((int)result->keep),
                         grav_keep_name((int)GRAV_KEEP_HISTOGRAM));
    grav_rare rare = {.sessions = result->tally.sessions};
    mpfr_t first, second, scale;
    mpfr_inits2(RATIO_BITS, first, second, scale, (mpfr_ptr)NULL);
    rare.hits = sum_hits(tilt, &result->tally, first, second);
    if (rare.hits) {
        mean_and_error(rare.sessions, first, second);
        ratio(tilt, tilt->steps_needed, scale);
        mpfr_mul(first, first, scale, MPFR_RNDN);
        mpfr_mul(second, second, scale, MPFR_RNDN);
        rare.estimate = grav_decimal_of(first);
        rare.error = grav_decimal_of(second);
        mpfr_div(second, second, first, MPFR_RNDN);
        rare.relative_error = mpfr_get_d(second, MPFR_RNDN);
    }
    mpfr_clears(first, second, scale, (mpfr_ptr)NULL);
    *out = rare;
    return GRAV_OK;
}

bool grav_rare_errors_apart(const grav_rare *rare, grav_decimal exact, double *out)
{
    if (rare->relative_error <= 0)
        return false;
    double exact_by_estimate = exact.mantissa / rare->estimate.mantissa *
                               pow(10, (double)(exact.exponent - rare->estimate.exponent));
    *out = (1 - exact_by_estimate) / rare->relative_error;
    return true;
}
