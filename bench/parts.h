/* The parts of a result. Each measures, adds to the document, tells on stderr what went wrong, and
 * returns an exit code. name is the command's, for messages. */
#ifndef BENCH_PARTS_H
#define BENCH_PARTS_H

#include <jansson.h>

#include "paths.h"
#include "settings.h"

typedef int bench_part(json_t *document, const bench_job *job, const bench_settings *settings,
                       const char *name);

/* Measures the subjects of a part, adds them to the document and frees them, where status is
 * GRAV_OK; else tells of *err. */
int bench_part_finish(bench_subjects *subjects, json_t *document, const bench_settings *settings,
                      uint64_t seconds_default, grav_status status, grav_error *err,
                      const char *name);

/* The same of paths, after comparing their digests: CLI_MISMATCH, and nothing measured, where they
 * differ. */
int bench_part_finish_paths(bench_subjects *subjects, json_t *document,
                            const bench_settings *settings, uint64_t seconds_default,
                            grav_status status, grav_error *err, const char *name);

bench_part bench_speed, bench_games, bench_ceilings, bench_overhead, bench_process, bench_tasks;

#endif
