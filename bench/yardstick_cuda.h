/* What graveler is measured against on a GPU, and what else the harness asks of CUDA. Errors are
 * GRAV_ERROR_DEVICE, with the failed call, and GRAV_ERROR_INVALID where told. */
#ifndef BENCH_YARDSTICK_CUDA_H
#define BENCH_YARDSTICK_CUDA_H

#include "graveler.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Plays `sessions` sessions of the founding job (231 rolls at chance 1/4) the way public programs
 * do: a XORWOW generator a thread, AND of two draws, population count, maximum. *kernel_ms is the
 * kernel's time by CUDA events, seeding included; *best the highest score. Equal seeds find the
 * same on equal GPUs only. `sessions` is 1 to 2^40, else GRAV_ERROR_INVALID. */
grav_status bench_yardstick_cuda(int device, uint64_t seed, uint64_t sessions, double *kernel_ms,
                                 unsigned *best, grav_error *err);

/* Seconds that creating a context on `device` takes in this process, the first time it is asked.
 * Next to nothing where something used the device before. */
grav_status bench_cuda_context(int device, double *seconds, grav_error *err);

/* clock_mhz is the multiprocessors' clock now, clock_max_mhz at most; both are 0 and `driver` is
 * empty where NVML cannot tell. */
typedef struct bench_gpu_card {
    char name[256];
    int multiprocessors;
    int clock_mhz, clock_max_mhz;
    char driver[64];
} bench_gpu_card;

grav_status bench_gpu_card_get(int device, bench_gpu_card *out, grav_error *err);

#ifdef __cplusplus
}
#endif

#endif
