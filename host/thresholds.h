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

/* Of an experiment's law. Scores are told from grav_experiment_score_min() on. Refuses
 * (GRAV_ERROR_INVALID) what grav_thresholds_check() and grav_thresholds_intervals() do. */
grav_status grav_thresholds_of(const grav_experiment *experiment, grav_thresholds *out,
                               grav_error *err);

/* Whether they can be worked out, without doing it: what grav_law_create() takes, of at most
 * GRAV_LAW_SCORES_MAX scores from the lowest to the highest. */
grav_status grav_thresholds_check(const grav_experiment *experiment, grav_error *err);

/* Of the binomial law of up to GRAV_LAW_ROLLS_MAX rolls and chance, 0 < chance < 1, by intervals:
 * two sums, one rounded down and one up, as precise as it takes for both to have the same floor.
 * Refuses (GRAV_ERROR_INVALID) a law for which no affordable precision decides; none is known. */
grav_status grav_thresholds_intervals(uint32_t rolls, const mpq_t chance, grav_thresholds *out,
                                      grav_error *err);

void grav_thresholds_free(grav_thresholds *thresholds);

#ifdef __cplusplus
}
#endif

#endif
