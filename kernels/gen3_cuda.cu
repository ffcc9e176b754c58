/* Engine `gen3` on a GPU: a thread a session. */
#include "rolls_cuda.h"

#include "gen3.h"

namespace gpu_play {

namespace {

template <grav_game kGame, bool kOfHalf> struct Gen3 {
    static constexpr bool kStreams = false;
    using AndOne = uint32_t;

    static __device__ __forceinline__ uint32_t score(const Launch &launch, const Head *,
                                                     const Place &place)
    {
        __builtin_assume(launch.plan.rolls > 0); /* spares a loop for sessions without any */
        return gen3_score(&launch.plan.gen3, kGame, kOfHalf, launch.plan.rolls, place.low());
    }
};

template <grav_game kGame, bool kOfHalf, Counts kCounts>
__global__ void __launch_bounds__(kRollsThreads)
    gen3_kernel(const __grid_constant__ Launch launch, unsigned long long *counts,
                unsigned long long *records)
{
    extern __shared__ unsigned block_counts[]; /* a launch plays fewer than 2^32 sessions */
    play_rolls<Gen3<kGame, kOfHalf>, kCounts>(launch, block_counts, counts, records);
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
