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
    uint64_t sessions;    /* that it played */
    double kernel_s;      /* GPU: its kernels at work */
    char text[128];       /* all of it in words */
} grav_worker_info;

struct grav_result {
    grav_experiment *experiment;
    uint64_t seed;
    grav_method method;
    grav_engine engine;
    uint32_t calls_per_roll;
    grav_keep keep;
    bool complete;
    grav_ranges ranges;
    grav_tally tally;
    grav_timing timing;
    grav_worker_info *workers;
    size_t worker_count;
};

/* An empty result of the run spec asks for. */
grav_status grav_result_create(const grav_experiment *experiment, const grav_run_spec *spec,
                               grav_result **out, grav_error *err);

#endif
