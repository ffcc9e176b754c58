/* Method `rolls` on a GPU: how a kernel plays its launch, whatever is played and by which engine.
 * CUDA C++ only. Warps branch together: no thread leaves its warp. */
#ifndef GRAV_ROLLS_CUDA_H
#define GRAV_ROLLS_CUDA_H

#include <cub/block/block_reduce.cuh>

#include "lane_scalar.h"
#include "philox.h"
#include "play_cuda.h"

#include "fast.h"
#include "session.h"

namespace gpu_play {

enum class Engine { kPhilox, kPhilox7, kFast };

/* Of Philox: for engine `fast` those of the words beyond the head. */
__host__ __device__ constexpr uint32_t rounds_of(Engine engine)
{
    return engine == Engine::kPhilox7 ? 7 : 10;
}

struct Head {
    uint32_t words[GRAV_HEAD_WORDS];
};

/* The source of a session's words; `blocks` is room for its head, if that is given. */
template <Engine kEngine>
__device__ __forceinline__ session_source source_of(const philox_keys *keys, const Head *head,
                                                    uint32_t low, uint32_t high,
                                                    philox_block blocks[GRAV_HEAD_BLOCKS])
{
    session_source source = session_source_make(keys, rounds_of(kEngine), high, low);
    if (head) {
        session_pair_words(head->words, blocks);
        source.head = blocks;
    }
    return source;
}

/* What is played is a Game, which has
 *   kStreams        whether sessions come from the streams of engine `fast`
 *   AndOne          a type that holds any of its scores and 1
 *   score()         the score of a launch's session, the low half of whose index is given, and its
 *                   head, where it comes from a stream; else NULL */

/* The best session of a thread, whose sessions come in ascending order. */
template <typename AndOne> struct Best {
    AndOne score_and_one; /* 0: none */
    uint32_t relative;    /* its index within the launch */
};

/* Where a thread leaves its scores. With Counts::kAny the launch tells where to count. */
template <typename AndOne, Counts kCounts> struct Sink {
    Best<AndOne> best;
    Counts where;
    unsigned *block_counts;
    unsigned long long *counts;

    __device__ __forceinline__ void take(uint32_t score, uint32_t relative, bool valid)
    {
        bool better = valid && score >= best.score_and_one;
        best.score_and_one = better ? (AndOne)score + 1 : best.score_and_one;
        best.relative = better ? relative : best.relative;
        if (counts_in<kCounts>(where, Counts::kShared) && valid)
            atomicAdd(&block_counts[score], 1u);
        if (counts_in<kCounts>(where, Counts::kGlobal) && valid)
            atomicAdd(&counts[score], 1ull);
    }
};

/* Thread t of all T plays the launch's sessions t, t + T, t + 2 T and so on. */
template <typename Game, typename AnySink>
__device__ __forceinline__ void play_by_index(const Launch &launch, AnySink *sink)
{
    const uint64_t threads = (uint64_t)gridDim.x * kRollsThreads;
    const uint64_t steps = (launch.sessions + threads - 1) / threads;
    uint64_t relative = (uint64_t)blockIdx.x * kRollsThreads + threadIdx.x;
    for (uint64_t step = 0; step < steps; step++, relative += threads) {
        uint32_t low = (uint32_t)(launch.first + relative);
        sink->take(Game::score(launch, NULL, low), (uint32_t)relative, relative < launch.sessions);
    }
}

static_assert(GRAV_FAST_STREAMS == 32 && kRollsThreads % 32 == 0, "a warp plays a block");

/* Warp w of all W plays blocks w, w + W, w + 2 W and so on of those that the launch's sessions lie
 * in; lane i has stream i. */
template <typename Game, typename AnySink>
__device__ __forceinline__ void play_by_streams(const Launch &launch, AnySink *sink)
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
            sink->take(Game::score(launch, &head, low), low - (uint32_t)first,
                       at - from < to - from);
        }
    }
}

/* What a kernel of Kernel's description does. block_counts is its dynamic shared memory. */
template <typename Game, Counts kCounts>
__device__ __forceinline__ void play_rolls(const Launch &launch, unsigned *block_counts,
                                           unsigned long long *counts, unsigned long long *records)
{
    using Reduce = cub::BlockReduce<unsigned long long, kRollsThreads>;
    __shared__ typename Reduce::TempStorage reduce_storage;
    static_assert(sizeof reduce_storage <= kReductionBytes, "the histogram leaves it room");
    const bool shared = counts_in<kCounts>(launch.counts, Counts::kShared);

    if (shared) {
        clear_counts<kRollsThreads>(block_counts, launch.length);
        __syncthreads();
    }

    Sink<typename Game::AndOne, kCounts> sink = {{0, 0}, launch.counts, block_counts, counts};
    if (Game::kStreams)
        play_by_streams<Game>(launch, &sink);
    else
        play_by_index<Game>(launch, &sink);

    unsigned long long record =
        sink.best.score_and_one ? pack_record(sink.best.score_and_one - 1, sink.best.relative) : 0;
    record = Reduce(reduce_storage).Reduce(record, Larger());
    if (threadIdx.x == 0) /* the reduction's result is valid in thread 0 only */
        records[blockIdx.x] = record;
    if (shared) {
        __syncthreads();
        add_counts<kRollsThreads>(block_counts, launch.length, counts);
    }
}

} // namespace gpu_play

#endif
