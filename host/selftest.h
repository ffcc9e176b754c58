/* Known answers: small runs whose digests are known, to hold a device or an isa against. */
#ifndef GRAV_HOST_SELFTEST_H
#define GRAV_HOST_SELFTEST_H

#include "graveler.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct grav_answer {
    grav_experiment_spec experiment;
    grav_method method;
    grav_engine engine;
    uint32_t calls_per_roll;
    grav_keep keep;
    uint64_t seed, first, sessions;
    const char *digest; /* of the result (grav_result_digest()) */
} grav_answer;

/* The i-th known answer, from 0; NULL past the last. */
const grav_answer *grav_answer_at(size_t i);

/* Who is held against known answers, as grav_selftest() has it. */
typedef struct grav_selftest_who {
    grav_backend backend;
    int device;
    grav_isa isa;
    unsigned threads;
} grav_selftest_who;

/* How an answer is played: at most so many sessions between two looks at whether to stop (NULL:
 * never). */
typedef struct grav_answer_pace {
    uint64_t piece;
    bool (*stop)(void *data);
    void *data;
} grav_answer_pace;

/* GRAV_ERROR_INVALID where there is no such backend, GPU or isa. */
grav_status grav_selftest_check(const grav_selftest_who *who, grav_error *err);

/* Plays one run and compares: GRAV_ERROR_MISMATCH where the digest is another. *stopped: it was
 * told to stop before all was played, and nothing is known. */
grav_status grav_answer_play(const grav_answer *answer, const grav_selftest_who *who,
                             const grav_answer_pace *pace, bool *stopped, grav_error *err);
/* The same at once. */
grav_status grav_selftest_answer(const grav_answer *answer, const grav_selftest_who *who,
                                 grav_error *err);

/* The same of what `stress` plays: short ranges for the CPU, long ones for GPUs. */
const grav_answer *grav_stress_answer_at(grav_backend backend, size_t i);

/* The self-test of whoever is to play, once in a process: who has passed it is not asked again. */
grav_status grav_selftest_once(const grav_selftest_who *who, grav_error *err);

#ifdef __cplusplus
}
#endif

#endif
