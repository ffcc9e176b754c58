/* What a team's work costs, measured here as far as one process can. */
#ifndef BENCH_PLAN_COSTS_H
#define BENCH_PLAN_COSTS_H

#include "paths.h"

/* Sessions per second on one thread. */
grav_status plan_measure_speed(const bench_job *job, double *speed, grav_error *err);

/* A run of one session: more than a chunk costs beside playing. */
grav_status plan_measure_chunk(const bench_job *job, double *seconds, grav_error *err);

/* Adding so many tallies of the experiment to one, all of them. */
grav_status plan_measure_merges(const bench_job *job, size_t tallies, double *seconds,
                                grav_error *err);

/* Going over one rank's state, as rank 0 does each time it looks how a team of thousands stands. */
grav_status plan_measure_look(const bench_job *job, double *seconds, grav_error *err);

/* Sorting one range of what many ranks have played into rank 0's list. */
grav_status plan_measure_range(const bench_job *job, double *seconds, grav_error *err);

#endif
