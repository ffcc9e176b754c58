/* Method `rolls` on a GPU: the kernels. Warps branch together: no thread leaves its warp. */
#include <cub/block/block_reduce.cuh>

#include "lane_scalar.h"
#include "pack_scalar.h"
#include "philox.h"
#include "play_cuda.h"

#include "fast.h"
#include "founding.h"
#include "session.h"

namespace gpu_play {

namespace {

enum class Engine { kPhilox, kPhilox7, kFast };

/* Of Philox: for engine `fast` those of the words beyond the head. */
__host__ __device__ constexpr uint32_t rounds_of(Engine engine)
{
    return engine == Engine::kPhilox7 ? 7 : 10;
}

struct Head {
    uint32_t words[GRAV_HEAD_WORDS];
};

/* The best session of a thread, whose sessions come in ascending order. */
struct Best {
    uint32_t score_and_one; /* 0: none */
    uint32_t relative;      /* its index within the launch */
};

/* The score of a session whose head is given. */
template <Engine kEngine>
__device__ __forceinline__ uint32_t score_headed(const grav_plan *plan, const philox_keys *keys,
                                                 const Head *head, uint32_t low, uint32_t high)
{
    philox_block blocks[GRAV_HEAD_BLOCKS];
    session_pair_words(head->words, blocks);
    session_source source = session_source_make(keys, rounds_of(kEngine), high, low);
    source.head = blocks;
    return (uint32_t)session_score(plan, &source);
}

/* The same for a founding session, out of the way. */
template <Engine kEngine>
__device__ __noinline__ uint32_t score_rare(uint64_t seed, Head head, uint32_t low, uint32_t high)
{
    const grav_plan plan = session_founding_plan(seed, rounds_of(kEngine));
    const philox_keys keys = philox_keys_make(seed);
    return score_headed<kEngine>(&plan, &keys, &head, low, high);
}

template <Engine kEngine>
__device__ __forceinline__ uint32_t score_founding(const Launch &launch, const Head *head,
                                                   uint32_t low)
{
    founding_pack pack;
#pragma unroll
    for (uint32_t i = 0; i < GRAV_HEAD_WORDS; i++)
        founding_read(&pack, i, head->words[i]);
    if (lane_any(pack.unread > FOUNDING_UNREAD_MAX))
        return score_rare<kEngine>(launch.plan.seed, *head, low, (uint32_t)(launch.first >> 32));
    return GRAV_FOUNDING_ROLLS - pack.ones;
}

template <Engine kEngine, bool kFounding>
__device__ __forceinline__ uint32_t score_by_philox(const Launch &launch, uint32_t low)
{
    if (kFounding) {
        Head head;
        philox_start start = philox_start_make(&launch.keys, low);
        philox_head_words(rounds_of(kEngine), &launch.keys, &launch.head, 1, &start, &head.words);
        return score_founding<kEngine>(launch, &head, low);
    }
    session_source source =
        session_source_make(&launch.keys, rounds_of(kEngine), (uint32_t)(launch.first >> 32), low);
    return (uint32_t)session_score(&launch.plan, &source);
}

/* Where a thread leaves its scores. */
template <Counts kCounts> struct Sink {
    Best best;
    unsigned *block_counts;
    unsigned long long *counts;

    __device__ __forceinline__ void take(uint32_t score, uint32_t relative, bool valid)
    {
        bool better = valid && score >= best.score_and_one;
        best.score_and_one = better ? score + 1 : best.score_and_one;
        best.relative = better ? relative : best.relative;
        if (kCounts == Counts::kShared && valid)
            atomicAdd(&block_counts[score], 1u);
        if (kCounts == Counts::kGlobal && valid)
            atomicAdd(&counts[score], 1ull);
    }
};

/* Thread t of all T plays the launch's sessions t, t + T, t + 2 T and so on. */
template <Engine kEngine, bool kFounding, Counts kCounts>
__device__ __forceinline__ void play_by_philox(const Launch &launch, Sink<kCounts> *sink)
{
    const uint64_t threads = (uint64_t)gridDim.x * kRollsThreads;
    const uint64_t steps = (launch.sessions + threads - 1) / threads;
    uint64_t relative = (uint64_t)blockIdx.x * kRollsThreads + threadIdx.x;
    for (uint64_t step = 0; step < steps; step++, relative += threads) {
        uint32_t low = (uint32_t)(launch.first + relative);
        uint32_t score = score_by_philox<kEngine, kFounding>(launch, low);
        sink->take(score, (uint32_t)relative, relative < launch.sessions);
    }
}

static_assert(GRAV_FAST_STREAMS == 32 && kRollsThreads % 32 == 0, "a warp plays a block");

/* Warp w of all W plays blocks w, w + W, w + 2 W and so on of those that the launch's sessions lie
 * in; lane i has stream i. */
template <bool kFounding, Counts kCounts>
__device__ __forceinline__ void play_by_streams(const Launch &launch, Sink<kCounts> *sink)
{
    const uint64_t first = launch.first;
    const uint32_t lane = threadIdx.x % GRAV_FAST_STREAMS;
    const uint32_t warps = gridDim.x * (kRollsThreads / GRAV_FAST_STREAMS);
    uint64_t block = first / GRAV_FAST_BLOCK + blockIdx.x * (kRollsThreads / GRAV_FAST_STREAMS) +
                     threadIdx.x / GRAV_FAST_STREAMS;
    uint32_t from, to;
    for (; fast_clip(block, first, first + launch.sessions, &from, &to); block += warps) {
        const uint64_t start = block * GRAV_FAST_BLOCK;
        fast_stream stream = fast_stream_make(&launch.keys, block, lane);
        for (uint32_t at = lane; at < to + lane; at += GRAV_FAST_STREAMS) {
            Head head;
            uint32_t low = (uint32_t)start + at;
            fast_next_head(&stream, head.words);
            uint32_t score = kFounding
                                 ? score_founding<Engine::kFast>(launch, &head, low)
                                 : score_headed<Engine::kFast>(&launch.plan, &launch.keys, &head,
                                                               low, (uint32_t)(first >> 32));
            sink->take(score, low - (uint32_t)first, at - from < to - from);
        }
    }
}

/* The kernel of Kernel's description. */
template <Engine kEngine, bool kFounding, Counts kCounts>
__global__ void __launch_bounds__(kRollsThreads)
    rolls_kernel(const __grid_constant__ Launch launch, unsigned long long *counts,
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

    Sink<kCounts> sink = {{0, 0}, block_counts, counts};
    if (kEngine == Engine::kFast)
        play_by_streams<kFounding>(launch, &sink);
    else
        play_by_philox<kEngine, kFounding>(launch, &sink);

    unsigned long long record =
        sink.best.score_and_one ? pack_record(sink.best.score_and_one - 1, sink.best.relative) : 0;
    record = Reduce(reduce_storage).Reduce(record, Larger());
    if (threadIdx.x == 0) /* the reduction's result is valid in thread 0 only */
        records[blockIdx.x] = record;
    if (kCounts == Counts::kShared) {
        __syncthreads();
        add_counts<kRollsThreads>(block_counts, launch.length, counts);
    }
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
    if (plan->fast)
        return kernel_for_plan<Engine::kFast>(plan, counts);
    return plan->philox_rounds == 10 ? kernel_for_plan<Engine::kPhilox>(plan, counts)
                                     : kernel_for_plan<Engine::kPhilox7>(plan, counts);
}

} // namespace gpu_play
