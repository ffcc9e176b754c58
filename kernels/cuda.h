/* The GPU backend's C interface. play_cuda.cu implements it; cuda_absent.c stands in where the
 * toolkit is missing. Errors are GRAV_ERROR_DEVICE, with the failed call and CUDA's name for it. */
#ifndef GRAV_CUDA_H
#define GRAV_CUDA_H

#include "graveler.h"
#include "plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* One GPU, set up for one plan. Used by one thread at a time. */
typedef struct grav_cuda grav_cuda;

/* Fewer sessions take a GPU no less time: each multiprocessor of a large one has a warp of them, or
 * with engine `fast` one warp has them all. */
#define GRAV_CUDA_CHUNK_MIN 4096

/* The most sessions to be played at once: it keeps the time between two looks at a run short. */
#define GRAV_CUDA_CHUNK_MAX UINT32_MAX

grav_status grav_cuda_count(int *count, grav_error *err);
grav_status grav_cuda_info(int device, grav_gpu_info *out, grav_error *err);

/* length: the number of scores to count apart; 0 keeps the highest score only. */
grav_status grav_cuda_open(int device, const grav_plan *plan, size_t length, grav_cuda **out,
                           grav_error *err);
void grav_cuda_close(grav_cuda *gpu);

/* Plays [first, end), at most GRAV_CUDA_CHUNK_MAX sessions, in a few launches and folds them into
 * *part, which is anything on error. Adds the seconds the kernels took, by events, to *kernel_s. */
grav_status grav_cuda_play(grav_cuda *gpu, uint64_t first, uint64_t end, grav_part *part,
                           double *kernel_s, grav_error *err);

#ifdef __cplusplus
}
#endif

#endif
