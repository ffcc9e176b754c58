#include <math.h>
#include <mpfr.h>

#include "tilt.h"

enum {
    THETA_BITS = 64,
    BISECTIONS = 64, /* to the last bit of a double */
};

/* How far from the score asked for the tilted mean may be, in standard deviations of the score: it
 * costs a few percent of precision and saves lambda many digits. */
static const double mean_tolerance = 0.25;
/* How far theta may be off at most: where a session hardly varies, that alone would allow more. */
static const double theta_tolerance_max = 0.25;

static double log_of(const mpq_t x)
{
    mpfr_t log;
    mpfr_init2(log, THETA_BITS);
    mpfr_set_q(log, x, MPFR_RNDN);
    mpfr_log(log, log, MPFR_RNDN);
    double out = mpfr_get_d(log, MPFR_RNDN);
    mpfr_clear(log);
    return out;
}

void grav_tilt_shape_make(const grav_faces *faces, grav_tilt_shape *out)
{
    const grav_faces_span span = grav_faces_span_of(faces);
    *out = (grav_tilt_shape){.value_min = span.low, .step = span.step};
    out->steps_max = grav_tilt_steps(out, span.high);
    out->gap = out->steps_max;
    for (size_t i = 0; i < faces->count; i++) {
        if (mpq_sgn(faces->items[i].chance) == 0)
            continue;
        uint32_t steps = grav_tilt_steps(out, faces->items[i].value);
        uint32_t below = out->steps_max - steps;
        out->gap = below && below < out->gap ? below : out->gap;
        out->steps[out->count] = steps;
        out->log_chance[out->count++] = log_of(faces->items[i].chance);
    }
}

uint32_t grav_tilt_steps(const grav_tilt_shape *shape, uint32_t value)
{
    return (value - shape->value_min) / shape->step;
}

void grav_tilt_moments(const grav_tilt_shape *shape, double theta, double *mean, double *variance)
{
    double largest = -INFINITY, sum = 0, first = 0, second = 0;
    for (size_t i = 0; i < shape->count; i++)
        largest = fmax(largest, shape->log_chance[i] + theta * shape->steps[i]);
    for (size_t i = 0; i < shape->count; i++) {
        double weight = exp(shape->log_chance[i] + theta * shape->steps[i] - largest);
        sum += weight;
        first += weight * shape->steps[i];
    }
    *mean = first / sum;
    for (size_t i = 0; i < shape->count; i++) {
        double weight = exp(shape->log_chance[i] + theta * shape->steps[i] - largest);
        double off = shape->steps[i] - *mean;
        second += weight * off * off;
    }
    *variance = second / sum;
}

/* The theta >= 0 under which a roll's mean is `mean`, which must be below the highest; 0 where the
 * mean is that high without a tilt. The mean grows with theta. */
static double solve(const grav_tilt_shape *shape, double mean)
{
    double low = 0, high = 1, at, variance;
    grav_tilt_moments(shape, 0, &at, &variance);
    if (at >= mean)
        return 0;
    for (grav_tilt_moments(shape, high, &at, &variance); at < mean;
         grav_tilt_moments(shape, high, &at, &variance))
        high *= 2;
    for (int i = 0; i < BISECTIONS; i++) {
        double middle = (low + high) / 2;
        grav_tilt_moments(shape, middle, &at, &variance);
        if (at < mean)
            low = middle;
        else
            high = middle;
    }
    return high;
}

/* The fraction of the smallest denominator in [low, high], by continued fractions; low > 0. Changes
 * both. */
static void simplest(mpq_t low, mpq_t high, mpq_t out)
{
    mpq_t whole;
    mpq_init(whole);
    mpz_cdiv_q(mpq_numref(whole), mpq_numref(low), mpq_denref(low));
    if (mpq_cmp(whole, high) <= 0) {
        mpq_set(out, whole);
    } else {
        mpz_sub_ui(mpq_numref(whole), mpq_numref(whole), 1);
        mpq_sub(low, low, whole);
        mpq_sub(high, high, whole);
        mpq_inv(low, low);
        mpq_inv(high, high);
        simplest(high, low, out);
        mpq_inv(out, out);
        mpq_add(out, out, whole);
    }
    mpq_clear(whole);
}

static void set_exp(mpq_t out, double x)
{
    mpfr_t exp;
    mpfr_init2(exp, THETA_BITS);
    mpfr_set_d(exp, x, MPFR_RNDN);
    mpfr_exp(exp, exp, MPFR_RNDN);
    mpfr_get_q(out, exp);
    mpfr_clear(exp);
}

void grav_tilt_choose(const grav_tilt_shape *shape, uint32_t rolls, double steps, mpq_t lambda)
{
    double mean, variance, theta = solve(shape, steps / rolls);
    mpq_set_ui(lambda, 1, 1);
    if (theta == 0)
        return;
    grav_tilt_moments(shape, theta, &mean, &variance);
    double off = mean_tolerance * sqrt(variance / rolls);
    /* Towards the highest score, which no theta reaches, at most half of what is left. */
    double above = fmin(off, (shape->steps_max - mean) / 2);
    double low_theta = fmax(solve(shape, mean - off), theta - theta_tolerance_max);
    double high_theta = fmin(solve(shape, mean + above), theta + theta_tolerance_max);
    mpq_t low, high;
    mpq_inits(low, high, NULL);
    set_exp(low, low_theta);
    set_exp(high, high_theta);
    simplest(low, high, lambda);
    mpq_clears(low, high, NULL);
}
