/* What the kernels that play sessions share, whatever the method. CUDA C++ only. */
#ifndef GRAV_PLAY_CUDA_H
#define GRAV_PLAY_CUDA_H

#include <stdint.h>

#include "graveler.h"
#include "lane_scalar.h"
#include "launch_cuda.h"
#include "scores.h"

namespace gpu_play {

/* Shared memory of a block that tables and histogram must leave to the reduction. */
constexpr size_t kReductionBytes = 1024;

/* Whether a kernel for kCounts counts in `place`; `where` is what the launch tells. */
template <Counts kCounts> __device__ __forceinline__ bool counts_in(Counts where, Counts place)
{
    return (kCounts == Counts::kAny ? where : kCounts) == place;
}

/* Plays a launch. Writes each block's record to records[blockIdx.x] and adds its counts to
 * counts[0 … length). */
typedef void Kernel(Launch launch, unsigned long long *counts, unsigned long long *records);

/* A record in one number that grows with the score and, for equal scores, with a lower session.
 * 0: none. Scores are below 2^32 and so are sessions relative to the launch's first. */
__device__ __forceinline__ unsigned long long pack_record(uint64_t score, uint32_t relative)
{
    return score << 32 | (uint32_t)~relative;
}

/* cub::Max and cuda::maximum come and go with the toolkit. */
struct Larger {
    __device__ __forceinline__ unsigned long long operator()(unsigned long long a,
                                                             unsigned long long b) const
    {
        return a > b ? a : b;
    }
};

/* A block's own counts: set to 0, and added to the launch's. The whole block of kThreads calls
 * both;
 * __syncthreads() comes after the one and before the other. */
template <unsigned kThreads>
__device__ __forceinline__ void clear_counts(unsigned *block_counts, uint32_t length)
{
    for (uint32_t i = threadIdx.x; i < length; i += kThreads)
        block_counts[i] = 0;
}

template <unsigned kThreads>
__device__ __forceinline__ void add_counts(const unsigned *block_counts, uint32_t length,
                                           unsigned long long *counts)
{
    for (uint32_t i = threadIdx.x; i < length; i += kThreads)
        if (block_counts[i])
            atomicAdd(&counts[i], (unsigned long long)block_counts[i]);
}

/* ---- Method `rolls` (rolls_cuda.cu) ---------------------------------------------------------- */

constexpr unsigned kRollsThreads = 256; /* of a block */

Kernel *rolls_kernel_for(const grav_plan *plan, Counts counts);

/* Of any die and of streaks (games_cuda.cu). */
Kernel *game_kernel_for(const grav_plan *plan);
/* ---- Engine `gen3` (gen3_cuda.cu), kRollsThreads a block too --------------------------------- */

Kernel *gen3_kernel_for(const grav_plan *plan, Counts counts);

/* ---- Method `scores` (scores_cuda.cu) -------------------------------------------------------- */

constexpr unsigned kScoresThreads = 512; /* of a block: few blocks, for each holds a guide */

Kernel *scores_kernel_for(uint32_t philox_rounds, Counts counts);

/* Shared memory of a block for the table, beside that of the histogram. */
size_t scores_shared_bytes(const grav_scores *table, bool histogram);

/* Copies a table to the current GPU, for kernels in that stream; *out is for cudaFree(). */
grav_status scores_upload(const grav_scores *table, cudaStream_t stream, grav_scores **out,
                          grav_error *err);

} // namespace gpu_play

#endif
