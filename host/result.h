/* A result's insides. */
#ifndef GRAV_HOST_RESULT_H
#define GRAV_HOST_RESULT_H

#include "experiment.h"
#include "ranges.h"
#include "tally.h"

/* Who played, for the report. */
typedef struct grav_worker_info {
    grav_backend backend; /* GRAV_BACKEND_CPU or GRAV_BACKEND_CUDA */
    grav_isa isa;         /* CPU */
    unsigned threads;     /* CPU */
    int device;           /* GPU */
    char name[64];        /* GPU */
    char pci_bus_id[24];  /* GPU, where it is known */
    uint64_t sessions;    /* that it played */
    double busy_s;        /* how long that took it; 0: not known, or nothing played */
    double kernel_s;      /* GPU: its kernels at work */
    char host[64];        /* of a run by several processes: the machine; else empty */
    int rank;             /* and which of the processes, from 0 */
    char checked_by[48];  /* who played the same again to check it, in words; empty: nobody */
    char text[256];       /* all of it in words */
} grav_worker_info;

#define GRAV_TIME_MAX_S 1e15 /* no longer time is read, nor written of a worker */

/* Sets text by the rest. */
void grav_worker_tell(grav_worker_info *worker);

/* What is told of a worker that is at work: all but kernel_s, which it changes meanwhile. */
grav_worker_info grav_worker_at_work(const grav_worker_info *worker);

/* Whether it is known how long the worker's sessions took it: files of old do not tell. */
bool grav_worker_is_timed(const grav_worker_info *worker);

struct grav_result {
    grav_experiment *experiment;
    uint64_t seed;
    grav_method method;
    grav_engine engine;
    uint32_t calls_per_roll;
    grav_keep keep;
    /* What was asked for: sessions [asked_first, asked_end), which end with the first session to
     * reach the target where a run until the target has found it. */
    uint64_t asked_first, asked_end;
    bool until_target;
    grav_ranges ranges;
    grav_tally tally;
    grav_timing timing;
    grav_worker_info *workers;
    size_t worker_count;
    grav_error failure; /* why a run ended early; status GRAV_OK: it did not fail */
};

/* An empty result of the run that spec asks for. */
grav_status grav_result_create(const grav_experiment *experiment, const grav_run_spec *spec,
                               grav_result **out, grav_error *err);
/* An empty result of the same run. */
grav_status grav_result_create_like(const grav_result *model, grav_result **out, grav_error *err);

/* Makes *into, of the same run, a copy of from. On failure *into is fit to be destroyed only. */
grav_status grav_result_assign(grav_result *into, const grav_result *from, grav_error *err);

/* Whether all that was asked for was played. */
bool grav_result_complete(const grav_result *result);

/* Whether two results are of one run, whose parts may be added up. Else *why says in what they
 * differ: "seed 42, not 43". */
bool grav_result_same_run(const grav_result *a, const grav_result *b, grav_error *why);

/* Adds ranges, tally, timing and workers of from, a result of the same run, to into. Refuses
 * (GRAV_ERROR_INVALID) ranges that overlap, and what was asked for is then both together. On
 * failure *into is fit to be destroyed only. */
grav_status grav_result_add(grav_result *into, const grav_result *from, grav_error *err);

/* Notes that a worker played so many sessions in so long; workers of the same kind are told as one.
 */
grav_status grav_result_add_worker(grav_result *result, const grav_worker_info *worker,
                                   grav_error *err);

#endif
