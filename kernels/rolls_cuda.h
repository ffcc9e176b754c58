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
 *   score()         the score of a launch's session, whose Place is given, and its head, where it
 *                   comes from a stream; else NULL */

/* The best session of a thread, whose sessions come in ascending order. */
template <typename AndOne> struct Best {
    AndOne score_and_one; /* 0: none */
    uint32_t relative;    /* its index within the launch */
};

/* Sessions that a thread plays at a stretch, at most: as many as a stream has. */
constexpr uint32_t kStretch = GRAV_FAST_STEPS;

/* Sessions that a thread plays one after the other. */
struct Stretch {
    uint64_t relative; /* of the first, mod 2^64: streams begin before the launch's first */
    uint32_t stride;   /* from one to the next */
    uint32_t count;    /* the same for the whole block, at most kStretch */

    /* How far from the first that session lies after which so many come in a stretch of the full
     * length. */
    __device__ __forceinline__ uint32_t steps(uint32_t after) const
    {
        return (kStretch - 1 - after) * stride;
    }
};

/* A session of a stretch. */
struct Place {
    const Launch &launch;
    const Stretch &stretch;
    uint32_t after;

    /* The low half of its index: worked out where it is needed, which may be hardly ever. */
    __device__ __forceinline__ uint32_t low() const
    {
        return (uint32_t)(launch.first + stretch.relative) + stretch.steps(after);
    }
};

/* Where a thread leaves its scores. With Counts::kAny the launch tells where to count. */
template <typename AndOne, Counts kCounts> struct Sink {
    Best<AndOne> best;
    Counts where;
    unsigned *block_counts;
    unsigned long long *counts;

    __device__ __forceinline__ void count(uint32_t score)
    {
        if (counts_in<kCounts>(where, Counts::kShared))
            atomicAdd(&block_counts[score], 1u);
        if (counts_in<kCounts>(where, Counts::kGlobal))
            atomicAdd(&counts[score], 1ull);
    }

    /* Takes a stretch's highest key: a session's is its score and one, and below it how many
     * come after it in a stretch of the full length. */
    __device__ __forceinline__ void offer(AndOne key, const Stretch &stretch)
    {
        if (key / kStretch > best.score_and_one) {
            best.score_and_one = key / kStretch;
            best.relative = (uint32_t)stretch.relative + stretch.steps((uint32_t)(key % kStretch));
        }
    }
};

/* Plays a stretch; from `stream` come the heads of the sessions, if the game has any. kWhole: all
 * sessions of the block's stretches are the launch's. */
template <typename Game, bool kWhole, typename AndOne, Counts kCounts>
__device__ __forceinline__ void play_stretch(const Launch &launch, const Stretch &stretch,
                                             fast_stream *stream, Sink<AndOne, kCounts> *sink)
{
    const uint32_t last = kWhole ? 0 : kStretch - stretch.count;
    AndOne best = 0;
    /* The one counter of the loop: how many come after. */
    for (uint32_t after = kStretch; after-- > last;) {
        const bool valid = kWhole || stretch.relative + stretch.steps(after) < launch.sessions;
        Head head;
        if (Game::kStreams)
            fast_next_head(stream, head.words);
        if (!kWhole && !lane_any(valid))
            continue;
        const uint32_t score =
            Game::score(launch, Game::kStreams ? &head : NULL, Place{launch, stretch, after});
        const AndOne key = ((AndOne)score + 1) * kStretch + after;
        if (valid) {
            sink->count(score);
            best = key > best ? key : best;
        }
    }
    sink->offer(best, stretch);
}

/* Thread t of all T plays the launch's sessions t, t + T, t + 2 T and so on. */
template <typename Game, typename AnySink>
__device__ __forceinline__ void play_by_index(const Launch &launch, AnySink *sink)
{
    const uint32_t threads = gridDim.x * kRollsThreads;
    const uint32_t thread = blockIdx.x * kRollsThreads + threadIdx.x;
    const uint64_t sessions = launch.sessions;
    for (uint64_t at = 0; at < sessions; at += (uint64_t)threads * kStretch) {
        const uint64_t steps = (sessions - at + threads - 1) / threads;
        Stretch stretch = {at + thread, threads, steps < kStretch ? (uint32_t)steps : kStretch};
        if (sessions - at >= (uint64_t)threads * kStretch)
            play_stretch<Game, true>(launch, stretch, NULL, sink);
        else
            play_stretch<Game, false>(launch, stretch, NULL, sink);
    }
}

static_assert(GRAV_FAST_STREAMS == 32 && kRollsThreads % 32 == 0, "a warp plays a block");

/* Warp w of all W plays blocks w, w + W, w + 2 W and so on of those that the launch's sessions lie
 * in; lane i has stream i. The warps of a CUDA block have blocks in a row, and go on together. */
template <typename Game, typename AnySink>
__device__ __forceinline__ void play_by_streams(const Launch &launch, AnySink *sink)
{
    constexpr uint32_t kWarps = kRollsThreads / GRAV_FAST_STREAMS;
    const uint64_t first = launch.first, end = first + launch.sessions;
    const uint32_t lane = threadIdx.x % GRAV_FAST_STREAMS, warp = threadIdx.x / GRAV_FAST_STREAMS;
    for (uint64_t block = first / GRAV_FAST_BLOCK + (uint64_t)blockIdx.x * kWarps;
         block * GRAV_FAST_BLOCK < end; block += (uint64_t)gridDim.x * kWarps) {
        const uint64_t start = block * GRAV_FAST_BLOCK, left = end - start;
        const uint32_t to = left < GRAV_FAST_BLOCK ? (uint32_t)left : GRAV_FAST_BLOCK;
        const Stretch stretch = {start + warp * GRAV_FAST_BLOCK + lane - first, GRAV_FAST_STREAMS,
                                 (to + GRAV_FAST_STREAMS - 1) / GRAV_FAST_STREAMS};
        fast_stream stream = fast_stream_make(&launch.keys, block + warp, lane);
        if (start >= first && left >= kWarps * GRAV_FAST_BLOCK)
            play_stretch<Game, true>(launch, stretch, &stream, sink);
        else
            play_stretch<Game, false>(launch, stretch, &stream, sink);
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
