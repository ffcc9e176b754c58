/* The table of method `scores`, made once a run and shared by all its workers. */
#ifndef GRAV_HOST_SCORES_TABLE_H
#define GRAV_HOST_SCORES_TABLE_H

#include "scores.h"
#include "thresholds.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Of any law's thresholds. The copy that workers of the CPU read. */
grav_status grav_scores_create(const grav_thresholds *thresholds, grav_scores **out,
                               grav_error *err);

/* Of an experiment's law. Refuses (GRAV_ERROR_INVALID) what grav_scores_check() refuses. */
grav_status grav_scores_of(const grav_experiment *experiment, grav_scores **out, grav_error *err);

/* Whether method `scores` plays the experiment, without making the table. */
grav_status grav_scores_check(const grav_experiment *experiment, grav_engine engine,
                              grav_error *err);

void grav_scores_destroy(grav_scores *table);

#ifdef __cplusplus
}
#endif

#endif
