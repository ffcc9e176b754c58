/* Method `rolls` on a GPU: the kernels for rolls at a chance, statistic `sum`. */
#include "rolls_cuda.h"

#include "pack_scalar.h"

#include "founding.h"

namespace gpu_play {

namespace {

/* The score of a session, whose head may be given. */
template <Engine kEngine>
__device__ __forceinline__ uint32_t score_any(const grav_plan *plan, const philox_keys *keys,
                                              const Head *head, uint32_t low, uint32_t high)
{
    philox_block blocks[GRAV_HEAD_BLOCKS];
    session_source source = source_of<kEngine>(keys, head, low, high, blocks);
    return (uint32_t)session_score(plan, &source);
}

/* The same for a founding session, out of the way. */
template <Engine kEngine>
__device__ __noinline__ uint32_t score_rare(uint64_t seed, Head head, uint32_t low, uint32_t high)
{
    const grav_plan plan = session_founding_plan(seed, rounds_of(kEngine));
    const philox_keys keys = philox_keys_make(seed);
    return score_any<kEngine>(&plan, &keys, &head, low, high);
}

template <Engine kEngine>
__device__ __forceinline__ uint32_t score_founding(const Launch &launch, const Head *head,
                                                   const Place &place)
{
    founding_pack pack;
#pragma unroll
    for (uint32_t i = 0; i < GRAV_HEAD_WORDS; i++)
        founding_read(&pack, i, head->words[i]);
    if (lane_any(pack.unread > FOUNDING_UNREAD_MAX))
        return score_rare<kEngine>(launch.plan.seed, *head, place.low(),
                                   (uint32_t)(launch.first >> 32));
    return GRAV_FOUNDING_ROLLS - pack.ones;
}

template <Engine kEngine, bool kFounding> struct Chance {
    static constexpr bool kStreams = kEngine == Engine::kFast;
    using AndOne = uint32_t;

    static __device__ __forceinline__ uint32_t score(const Launch &launch, const Head *head,
                                                     const Place &place)
    {
        if (!kFounding)
            return score_any<kEngine>(&launch.plan, &launch.keys, head, place.low(),
                                      (uint32_t)(launch.first >> 32));
        if (head)
            return score_founding<kEngine>(launch, head, place);
        Head own;
        philox_start start = philox_start_make(&launch.keys, place.low());
        philox_head_words(rounds_of(kEngine), &launch.keys, &launch.head, 1, &start, &own.words);
        return score_founding<kEngine>(launch, &own, place);
    }
};

template <Engine kEngine, bool kFounding, Counts kCounts>
__global__ void __launch_bounds__(kRollsThreads)
    rolls_kernel(const __grid_constant__ Launch launch, unsigned long long *counts,
                 unsigned long long *records)
{
    extern __shared__ unsigned block_counts[]; /* a launch plays fewer than 2^32 sessions */
    play_rolls<Chance<kEngine, kFounding>, kCounts>(launch, block_counts, counts, records);
}

template <Engine kEngine, bool kFounding> Kernel *kernel_for_counts(Counts counts)
{
    switch (counts) {
    case Counts::kNone:
        return rolls_kernel<kEngine, kFounding, Counts::kNone>;
    case Counts::kShared:
        return rolls_kernel<kEngine, kFounding, Counts::kShared>;
    default:
        return rolls_kernel<kEngine, kFounding, Counts::kGlobal>;
    }
}

template <Engine kEngine> Kernel *kernel_for_plan(const grav_plan *plan, Counts counts)
{
    return grav_plan_is_founding(plan) ? kernel_for_counts<kEngine, true>(counts)
                                       : kernel_for_counts<kEngine, false>(counts);
}

} // namespace

Kernel *rolls_kernel_for(const grav_plan *plan, Counts counts)
{
    if (plan->game != GRAV_GAME_COUNT)
        return game_kernel_for(plan);
    if (plan->fast)
        return kernel_for_plan<Engine::kFast>(plan, counts);
    return plan->philox_rounds == 10 ? kernel_for_plan<Engine::kPhilox>(plan, counts)
                                     : kernel_for_plan<Engine::kPhilox7>(plan, counts);
}

} // namespace gpu_play
