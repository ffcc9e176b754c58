/* What a task of a pool plays, and how its result comes about. */
#ifndef GRAV_HOST_POOL_JOB_H
#define GRAV_HOST_POOL_JOB_H

#include <pthread.h>

#include "cpu.h"
#include "result.h"
#include "scores_table.h"
#include "worker.h"

typedef struct grav_job grav_job;

typedef struct grav_play {
    grav_experiment *experiment;
    grav_run_spec run;
    grav_plan plan; /* without the table of method `scores` until it is begun */
    grav_scores *scores;
    grav_result *result; /* NULL until it is begun */
    grav_error error;
    double start_s;
    pthread_mutex_t merging; /* guards the result while several play */
} grav_play;

/* Takes over what a task asks for. */
void grav_play_init(grav_play *play, const grav_task_spec *spec);
/* Frees all but the result. */
void grav_play_free(grav_play *play);

/* Whether it is for grav_run() as a whole: until a target, twice, or for so long. */
bool grav_play_is_whole(const grav_play *play);

/* Makes the plan whole, and an empty result. */
grav_status grav_play_begin(grav_play *play, grav_error *err);

/* Adds what was found in sessions [first, end), and who played them, in so many seconds. From any
 * thread. */
grav_status grav_play_merge(grav_play *play, uint64_t first, uint64_t end, const grav_tally *tally,
                            const grav_worker_info *worker, grav_error *err);

/* Checks the result and notes the time; `threads` of the CPU have played it, at most. */
grav_status grav_play_end(grav_play *play, unsigned threads, grav_error *err);

#endif
