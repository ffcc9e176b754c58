/* Method `rolls` on a GPU: the kernels for any die and for streaks. Their sessions are long, so one
 * kernel serves wherever it counts. */
#include "rolls_cuda.h"

#include "streak.h"

namespace gpu_play {

namespace {

template <Engine kEngine, grav_game kGame> struct AnyGame {
    static constexpr bool kStreams = kEngine == Engine::kFast;
    using AndOne = uint64_t; /* a die may score up to 2^32 - 1 */

    static __device__ __forceinline__ uint32_t score(const Launch &launch, const Head *head,
                                                     const Place &place)
    {
        philox_block blocks[GRAV_HEAD_BLOCKS];
        session_source source = source_of<kEngine>(&launch.keys, head, place.low(),
                                                   (uint32_t)(launch.first >> 32), blocks);
        return (uint32_t)(kGame == GRAV_GAME_DIE ? session_score_die(&launch.plan, &source)
                                                 : streak_score(&launch.plan, &source));
    }
};

template <Engine kEngine, grav_game kGame>
__global__ void __launch_bounds__(kRollsThreads)
    game_kernel(const __grid_constant__ Launch launch, unsigned long long *counts,
                unsigned long long *records)
{
    extern __shared__ unsigned block_counts[]; /* a launch plays fewer than 2^32 sessions */
    play_rolls<AnyGame<kEngine, kGame>, Counts::kAny>(launch, block_counts, counts, records);
}

template <Engine kEngine> Kernel *kernel_for_game(const grav_plan *plan)
{
    return plan->game == GRAV_GAME_DIE ? game_kernel<kEngine, GRAV_GAME_DIE>
                                       : game_kernel<kEngine, GRAV_GAME_STREAK>;
}

} // namespace

Kernel *game_kernel_for(const grav_plan *plan)
{
    if (plan->fast)
        return kernel_for_game<Engine::kFast>(plan);
    return plan->philox_rounds == 10 ? kernel_for_game<Engine::kPhilox>(plan)
                                     : kernel_for_game<Engine::kPhilox7>(plan);
}

} // namespace gpu_play
