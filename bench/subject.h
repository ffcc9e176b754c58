/* What is measured: something that can be done any number of times, and the samples of how long it
 * took. */
#ifndef BENCH_SUBJECT_H
#define BENCH_SUBJECT_H

#include <graveler.h>

enum {
    BENCH_ROUNDS_MAX = 1000,
    BENCH_NONE = -1, /* a field that does not apply */
};

/* What one slice took. */
typedef struct bench_slice {
    double seconds;  /* by the clock */
    double kernel_s; /* of GPU kernels, by CUDA events; 0 without */
    uint64_t done;   /* the count, unless play stopped before because it took too long */
} bench_slice;

typedef struct bench_subject bench_subject;

/* Does it count times. */
typedef grav_status bench_play_fn(bench_subject *subject, uint64_t count, bench_slice *slice,
                                  grav_error *err);

struct bench_subject {
    const char *part; /* "speed", "ceilings", "overhead" */
    const char *what; /* "run", or the name of a yardstick, a ceiling or a task */
    const char *unit; /* what is counted: "session" */
    int method, engine, keep;
    grav_backend backend;
    int isa, device;
    unsigned threads; /* 0 on a GPU */
    int yardstick;    /* index of the subject it is compared with */

    bench_play_fn *play;
    const void *data; /* for play, such as a yardstick_variant */
    uint64_t seed;
    uint64_t per_slice; /* how often a slice does it */
    uint64_t played;    /* so far */

    size_t samples; /* one a round */
    double ns[BENCH_ROUNDS_MAX];
    double kernel_ns[BENCH_ROUNDS_MAX]; /* 0 without GPU kernels */
};

typedef struct bench_subjects {
    bench_subject *items;
    size_t count, capacity;
} bench_subjects;

/* Adds a copy of *subject; its index, or BENCH_NONE where there is no memory. */
int bench_subjects_add(bench_subjects *subjects, const bench_subject *subject);
void bench_subjects_free(bench_subjects *subjects);

/* A subject of a part to which nothing applies but the CPU. */
bench_subject bench_subject_make(const char *part, const char *what, bench_play_fn *play);

/* "rolls philox max, cpu avx512, 2 threads": all that applies. */
typedef struct bench_words {
    char text[160];
} bench_words;

bench_words bench_subject_text(const bench_subject *subject);

#endif
