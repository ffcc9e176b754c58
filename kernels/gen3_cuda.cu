/* Engine `gen3` on a GPU: a thread a session. */
#include <cub/block/block_reduce.cuh>

#include "lane_scalar.h"
#include "play_cuda.h"

#include "gen3.h"

namespace gpu_play {

namespace {

/* Thread t of all T plays the launch's sessions t, t + T, t + 2 T and so on. All sessions are as
 * long as each other, so that warps stay together. */
template <grav_game kGame, bool kOfHalf, Counts kCounts>
__global__ void __launch_bounds__(kRollsThreads)
    gen3_kernel(const __grid_constant__ Launch launch, unsigned long long *counts,
                unsigned long long *records)
{
    using Reduce = cub::BlockReduce<unsigned long long, kRollsThreads>;
    __shared__ typename Reduce::TempStorage reduce_storage;
    static_assert(sizeof reduce_storage <= kReductionBytes, "the histogram leaves it room");
    extern __shared__ unsigned block_counts[]; /* a launch plays fewer than 2^32 sessions */

    if (kCounts == Counts::kShared) {
        clear_counts<kRollsThreads>(block_counts, launch.length);
        __syncthreads();
    }

    const uint64_t threads = (uint64_t)gridDim.x * kRollsThreads;
    uint64_t relative = (uint64_t)blockIdx.x * kRollsThreads + threadIdx.x;
    unsigned long long record = 0;
    for (; relative < launch.sessions; relative += threads) {
        uint32_t score = gen3_score(&launch.plan.gen3, kGame, kOfHalf, launch.plan.rolls,
                                    (uint32_t)(launch.first + relative));
        record = Larger()(record, pack_record(score, (uint32_t)relative));
        if (kCounts == Counts::kShared)
            atomicAdd(&block_counts[score], 1u);
        if (kCounts == Counts::kGlobal)
            atomicAdd(&counts[score], 1ull);
    }

    record = Reduce(reduce_storage).Reduce(record, Larger());
    if (threadIdx.x == 0) /* the reduction's result is valid in thread 0 only */
        records[blockIdx.x] = record;
    if (kCounts == Counts::kShared) {
        __syncthreads();
        add_counts<kRollsThreads>(block_counts, launch.length, counts);
    }
}

template <grav_game kGame, bool kOfHalf> Kernel *kernel_for_counts(Counts counts)
{
    switch (counts) {
    case Counts::kNone:
        return gen3_kernel<kGame, kOfHalf, Counts::kNone>;
    case Counts::kShared:
        return gen3_kernel<kGame, kOfHalf, Counts::kShared>;
    default:
        return gen3_kernel<kGame, kOfHalf, Counts::kGlobal>;
    }
}

template <grav_game kGame> Kernel *kernel_for_plan(const grav_plan *plan, Counts counts)
{
    return plan->gen3.of_half ? kernel_for_counts<kGame, true>(counts)
                              : kernel_for_counts<kGame, false>(counts);
}

} // namespace

Kernel *gen3_kernel_for(const grav_plan *plan, Counts counts)
{
    return plan->game == GRAV_GAME_STREAK ? kernel_for_plan<GRAV_GAME_STREAK>(plan, counts)
                                          : kernel_for_plan<GRAV_GAME_COUNT>(plan, counts);
}

} // namespace gpu_play
