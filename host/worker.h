/* Workers: whoever plays ranges. A worker is one GPU, or the CPU's threads together. */
#ifndef GRAV_HOST_WORKER_H
#define GRAV_HOST_WORKER_H

#include "result.h"

typedef struct grav_worker grav_worker;

struct grav_worker {
    /* Plays [first, end), at most chunk_max sessions, and adds them to *tally. Called from one
     * thread at a time. On error *tally is anything. */
    grav_status (*play)(grav_worker *worker, uint64_t first, uint64_t end, grav_tally *tally,
                        grav_error *err);
    void (*close)(grav_worker *worker);
    uint64_t chunk_min, chunk_max; /* what is worth starting, what may be played at once */
    grav_worker_info info;
    double sessions_per_s; /* as last measured; 0: not yet */
    bool failed;           /* and is not to be asked again */
    void *state;
};

/* Each opens one worker for plan that tells scores below length apart (0: keeps the highest). */
grav_status grav_worker_open_cpu(const grav_plan *plan, size_t length, unsigned threads,
                                 grav_isa isa, grav_worker *out, grav_error *err);
grav_status grav_worker_open_cuda(const grav_plan *plan, size_t length, int device,
                                  grav_worker *out, grav_error *err);

/* What sessions played by the CPU should be cut at multiples of: less would be played twice, to get
 * in. */
uint64_t grav_cpu_grain(const grav_plan *plan);

/* A worker made of two, which it takes, whatever comes of it: both play every chunk, and where they
 * find different things in one it is GRAV_ERROR_MISMATCH. The tally is the first's. base is the
 * lowest score there can be, for messages. *out may be *first. */
grav_status grav_worker_pair(const grav_worker *first, const grav_worker *second, size_t length,
                             uint64_t base, grav_worker *out, grav_error *err);

#endif
