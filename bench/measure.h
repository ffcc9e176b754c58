/* Measuring: warm-up, rounds in which every subject has a slice, and statistics. Neighbours in a
 * round see the same machine, noisy or not, so ratios are taken within rounds. */
#ifndef BENCH_MEASURE_H
#define BENCH_MEASURE_H

#include "subject.h"

typedef struct bench_limits {
    double seconds; /* to end after, warm-up included; at least three rounds are measured */
    double slice_s; /* how long a slice should take */
    bool progress;  /* tell on stderr how far it is */
} bench_limits;

/* Limits that give so many subjects a dozen rounds or so, in slices of 50 to 200 ms. With less than
 * 5 seconds slices get shorter than that, and the figures rough. */
bench_limits bench_limits_make(double seconds, size_t subjects);

typedef enum bench_stop { BENCH_QUIET, BENCH_TIME, BENCH_INTERRUPTED } bench_stop;

/* "quiet", "time" or "interrupted". */
const char *bench_stop_name(bench_stop stop);

/* Sizes each subject's slices and measures them in rounds until all medians are known to about
 * 0.5 % or the time is up: *stop says which. */
grav_status bench_measure(bench_subjects *subjects, const bench_limits *limits, bench_stop *stop,
                          grav_error *err);

/* Lets SIGINT and SIGTERM end bench_measure after the slice under way. */
void bench_catch_signals(void);
bool bench_interrupted(void);

typedef struct bench_statistics {
    double median, min, q1, q3;
    double spread; /* (q3 - q1) / median */
} bench_statistics;

/* Of count numbers, at least one. */
bench_statistics bench_statistics_of(const double *samples, size_t count);

/* The samples to compare by: kernel time where there is some, else time by the clock. */
const double *bench_samples(const bench_subject *subject);

/* The median over rounds of yardstick / subject; above 1 the subject is faster. 0: no yardstick. */
double bench_ratio(const bench_subjects *subjects, const bench_subject *subject);

#endif
