/* Whole processes, timed from start to exit. */
#ifndef BENCH_LAUNCH_H
#define BENCH_LAUNCH_H

#include <graveler.h>

#include "subject.h"

enum { SPAWN_WORDS_MAX = 32, SPAWN_WORD_MAX = 96 };

/* A command line under construction. */
typedef struct bench_command_line {
    char program[4096];
    char words[SPAWN_WORDS_MAX][SPAWN_WORD_MAX];
    int count;
} bench_command_line;

/* Finds the program: path, or where that is NULL the one called name beside this program. */
void bench_command_line_start(bench_command_line *line, const char *path, const char *name);
__attribute__((format(printf, 2, 3))) void bench_command_line_add(bench_command_line *line,
                                                                  const char *format, ...);

/* Adds the options of graveler run that play so many sessions on path. */
void bench_command_line_add_path(bench_command_line *line, const bench_subject *path,
                                 uint64_t sessions);

typedef struct bench_spawned {
    double wall_s, cpu_s; /* cpu_s: of all threads, user and system */
    uint64_t peak_kib;    /* most memory it had at a time, or this program had when it started it */
} bench_spawned;

/* Runs it with its output thrown away. GRAV_ERROR_DEVICE: it could not be run, or failed. */
grav_status bench_spawn(const bench_command_line *line, bench_spawned *out, grav_error *err);

#endif
