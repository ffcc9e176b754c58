/* The ways to play the founding job, as subjects. */
#ifndef BENCH_PATHS_H
#define BENCH_PATHS_H

#include "settings.h"
#include "subject.h"

/* Experiment and seed of all paths. One at a time: subjects refer to it. */
typedef struct bench_job {
    grav_experiment *experiment;
    uint64_t seed;
} bench_job;

/* Adds every method x engine x keep x backend x isa x threads that there is here and that settings
 * do not exclude. On the CPU at one thread with every isa, and at all threads with the best.
 * GRAV_ERROR_INVALID: settings exclude all; the message says why. */
grav_status bench_paths_add(bench_subjects *subjects, const bench_job *job,
                            const bench_settings *settings, grav_error *err);

/* Adds the yardsticks that the paths among subjects call for, and tells each path its own. */
grav_status bench_yardsticks_add(bench_subjects *subjects, grav_error *err);

/* The run that a path stands for. */
grav_run_spec bench_path_spec(const bench_subject *path);

/* Plays a million sessions on every path and compares digests with the portable one's. *mismatches
 * counts those that differ, each told on stderr. */
grav_status bench_paths_verify(const bench_subjects *subjects, size_t *mismatches, grav_error *err);

#endif
