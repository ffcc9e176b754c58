/* Exact thresholds of a law: floor(2^64 P(score <= v)), what method `scores` holds its draws
 * against. Never off by one: what cannot be told for certain is refused. */
#ifndef GRAV_HOST_THRESHOLDS_H
#define GRAV_HOST_THRESHOLDS_H

#include <gmp.h>

#include "graveler.h"

#ifdef __cplusplus
extern "C" {
#endif

/* The thresholds that tell draws apart. A draw u of 64 bits scores base + i for the first i with
 * u < values[i], and `last` where there is none. */
typedef struct grav_thresholds {
    uint64_t *values; /* ascending, each from 1 to 2^64 - 1; equal ones may follow each other */
    size_t count;
    uint32_t base, last; /* base + count <= last */
} grav_thresholds;

/* Of any law of whole scores from 0: numerators[v] / denominator is P(score <= v), for v below
 * length, ascending and in the end 1. At most 2^20 + 1 scores (GRAV_ERROR_INVALID). */
grav_status grav_thresholds_exact(const mpz_t *numerators, size_t length, const mpz_t denominator,
                                  grav_thresholds *out, grav_error *err);

/* Whether the binomial law of so many rolls is worked out: up to GRAV_LAW_ROLLS_MAX. */
grav_status grav_thresholds_check(uint32_t rolls, grav_error *err);

/* Of the binomial law of rolls and chance, 0 < chance < 1, by intervals: two sums, one rounded down
 * and one up, as precise as it takes for both to have the same floor. Refuses (GRAV_ERROR_INVALID)
 * what grav_thresholds_check() refuses, and a law for which no affordable precision decides; none
 * is known. */
grav_status grav_thresholds_intervals(uint32_t rolls, const mpq_t chance, grav_thresholds *out,
                                      grav_error *err);

/* Of the binomial law of any chance from 0 to 1, by whichever way is the faster. */
grav_status grav_thresholds_binomial(uint32_t rolls, const mpq_t chance, grav_thresholds *out,
                                     grav_error *err);

void grav_thresholds_free(grav_thresholds *thresholds);

#ifdef __cplusplus
}
#endif

#endif
