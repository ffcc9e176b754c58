/* Method `scores` on a GPU: the kernels, and their table in device memory. A thread draws for the
 * four sessions of a Philox block at a time. The warp branches together: the one loop whose lanes
 * part is the search of grav_scores_search(). */
#include <cub/block/block_reduce.cuh>
#include <string.h>

#include "lane_scalar.h"
#include "philox.h"
#include "play_cuda.h"
#include "scores.h"

#define GRAV_FILE_NAME "scores_cuda.cu"
#include "cuda_check.h"

namespace gpu_play {

namespace {

constexpr unsigned kWarp = 32;
constexpr unsigned kWholeWarp = 0xffffffffu;
/* Tables of more thresholds stay in global memory: they are read where the guide does not decide.
 */
constexpr uint32_t kSharedThresholds = 1024;

/* The block that a thread draws from, and the four words it has for the high or low halves. */
struct Block {
    uint32_t low, high; /* halves of its index */
    uint32_t words[GRAV_SCORES_PER_BLOCK];
};

template <uint32_t kRounds>
__device__ __forceinline__ void draw(const philox_keys *keys, uint64_t number, Block *block)
{
    philox_block words = philox_session_block(kRounds, keys, number, block->low, block->high);
    block->words[0] = (uint32_t)words.pair[0];
    block->words[1] = (uint32_t)(words.pair[0] >> 32);
    block->words[2] = (uint32_t)words.pair[1];
    block->words[3] = (uint32_t)(words.pair[1] >> 32);
}

/* The same for the high words, block 0 of the counter: half of its first two rounds is known. */
template <uint32_t kRounds>
__device__ __forceinline__ void draw_highs(const Launch &launch, Block *block)
{
    const philox_start start = philox_start_make(&launch.keys, block->low);
    philox_words(kRounds, &launch.keys, 1, launch.head.block, 1, &start, block->words);
}

/* Of a block's four sessions. */
struct Slots {
    uint32_t of[GRAV_SCORES_PER_BLOCK];
};

/* The slots, of which the high words have told the lowest they can be. */
template <uint32_t kRounds>
__device__ __noinline__ Slots find_by_lows(const grav_scores &table, const philox_keys &keys,
                                           Block block, Slots slots)
{
    Block lows = block;
    draw<kRounds>(&keys, 1, &lows);
#pragma unroll
    for (unsigned i = 0; i < GRAV_SCORES_PER_BLOCK; i++)
        slots.of[i] = grav_scores_by_both(&table, slots.of[i], block.words[i], lows.words[i]);
    return slots;
}

/* The slots of a block's four sessions. The whole warp calls it; low words are drawn where one of
 * its lanes needs one. */
template <uint32_t kRounds>
__device__ __forceinline__ Slots find_slots(const grav_scores &table, const philox_keys &keys,
                                            const Block &block)
{
    Slots slots;
    bool undecided = false;
#pragma unroll
    for (unsigned i = 0; i < GRAV_SCORES_PER_BLOCK; i++) {
        slots.of[i] = table.guide[grav_scores_bucket(block.words[i])];
        if (__any_sync(kWholeWarp, slots.of[i] == GRAV_SCORES_CLOSER))
            undecided |= !grav_scores_by_high(&table, block.words[i], &slots.of[i]);
    }
    return __any_sync(kWholeWarp, undecided) ? find_by_lows<kRounds>(table, keys, block, slots)
                                             : slots;
}

__device__ __forceinline__ uint32_t largest_of_warp(uint32_t x)
{
#pragma unroll
    for (unsigned distance = kWarp / 2; distance > 0; distance /= 2) {
        uint32_t other = __shfl_xor_sync(kWholeWarp, x, (int)distance);
        x = other > x ? other : x;
    }
    return x;
}

/* A thread's record, and its warp's: later steps of a warp play later sessions only, so that a draw
 * must be higher than the warp's best to matter. */
struct Record {
    unsigned long long packed;
    uint32_t best;    /* slot + 1; 0: none yet */
    uint32_t to_beat; /* no high word below it is higher than the warp's best */
};

/* Takes note of a step's records, out of the way of steps without any. The whole warp calls it.
 * relative + i: index of session i within the launch, at least `sessions` where it is not of the
 * launch. */
__device__ __noinline__ Record note_records(const grav_scores &table, Slots slots,
                                            uint64_t relative, uint32_t sessions, Record record)
{
    uint32_t best = record.best;
#pragma unroll
    for (unsigned i = 0; i < GRAV_SCORES_PER_BLOCK; i++) {
        bool valid = relative + i < sessions;
        unsigned long long packed =
            pack_record(grav_scores_score(&table, slots.of[i]), (uint32_t)(relative + i));
        record.packed = valid && packed > record.packed ? packed : record.packed;
        best = valid && slots.of[i] + 1 > best ? slots.of[i] + 1 : best;
    }
    record.best = largest_of_warp(best);
    record.to_beat = record.best ? grav_scores_to_beat(&table, record.best - 1) : 0;
    return record;
}

/* Counts a step's scores; in shared memory by slot, which spares the way from there to the score.
 * kWhole: all sessions are the launch's. */
template <Counts kCounts, bool kWhole>
__device__ __forceinline__ void count(const grav_scores &table, const Slots &slots,
                                      uint64_t relative, uint32_t sessions, unsigned *block_slots,
                                      unsigned long long *counts)
{
#pragma unroll
    for (unsigned i = 0; i < GRAV_SCORES_PER_BLOCK; i++)
        if (kWhole || relative + i < sessions) {
            if (kCounts == Counts::kShared)
                atomicAdd(&block_slots[slots.of[i]], 1u);
            else
                atomicAdd(&counts[grav_scores_score(&table, slots.of[i])], 1ull);
        }
}

/* What add_counts() does for counts by score. */
__device__ __forceinline__ void add_slots(const grav_scores *table, const unsigned *block_slots,
                                          unsigned long long *counts)
{
    for (uint32_t slot = threadIdx.x; slot <= table->count; slot += kScoresThreads)
        if (block_slots[slot])
            atomicAdd(&counts[grav_scores_score(table, slot)],
                      (unsigned long long)block_slots[slot]);
}

/* Copies what the hot loop reads to shared memory, from `at` on, and lets the table point there.
 * Returns what follows it. */
__device__ __forceinline__ void *share_table(grav_scores *table, uint64_t *at)
{
    if (table->count <= kSharedThresholds) {
        for (uint32_t i = threadIdx.x; i < table->count; i += kScoresThreads)
            at[i] = table->thresholds[i];
        table->thresholds = at;
        at += table->count;
    }
    const uint64_t *from = (const uint64_t *)table->guide;
    constexpr uint32_t kPieces = GRAV_SCORES_BUCKETS * sizeof *table->guide / sizeof *at;
    for (uint32_t i = threadIdx.x; i < kPieces; i += kScoresThreads)
        at[i] = from[i];
    table->guide = (const uint16_t *)at;
    return at + kPieces;
}

/* A thread's steps. Thread t of all T draws from the launch's blocks t, t + T, t + 2 T and so on,
 * and every thread takes part in every step. */
struct Steps {
    uint64_t first_block;
    uint32_t skip;    /* sessions of that block that come before the launch's first */
    uint32_t threads; /* T */
    uint32_t left;    /* to do, with the one under way */
    uint32_t at;      /* its block, from the first one on */

    __device__ __forceinline__ explicit Steps(const Launch &launch)
        : first_block(launch.first / GRAV_SCORES_PER_BLOCK),
          skip((uint32_t)(launch.first % GRAV_SCORES_PER_BLOCK)),
          threads(gridDim.x * kScoresThreads), at(blockIdx.x * kScoresThreads + threadIdx.x)
    {
        uint64_t blocks =
            ((uint64_t)skip + launch.sessions + GRAV_SCORES_PER_BLOCK - 1) / GRAV_SCORES_PER_BLOCK;
        left = (uint32_t)((blocks + threads - 1) / threads);
    }

    __device__ __forceinline__ void next()
    {
        left--;
        at += threads;
    }

    /* Index of the step's first session within the launch. Too large where it is before the
     * launch's first, or the thread is past the last. */
    __device__ __forceinline__ uint64_t relative() const
    {
        return (uint64_t)at * GRAV_SCORES_PER_BLOCK - skip;
    }
};

/* Draws a step's high words. Whether one of the warp's may be a record. */
template <uint32_t kRounds>
__device__ __forceinline__ bool draw_step(const Launch &launch, const Steps &steps,
                                          const Record &record, Block *block)
{
    block->low = (uint32_t)steps.first_block + steps.at;
    block->high = (uint32_t)(steps.first_block >> 32);
    draw_highs<kRounds>(launch, block);
    uint32_t highest = block->words[0];
#pragma unroll
    for (unsigned i = 1; i < GRAV_SCORES_PER_BLOCK; i++)
        highest = block->words[i] > highest ? block->words[i] : highest;
    return __any_sync(kWholeWarp, highest >= record.to_beat);
}

/* Looks closer at a step that may hold a record; out of the way of those that do not. */
template <uint32_t kRounds>
__device__ __noinline__ Record look_closer(const Launch &launch, Block block, uint64_t relative,
                                           Record record)
{
    const grav_scores &table = *launch.plan.scores;
    return note_records(table, find_slots<kRounds>(table, launch.keys, block), relative,
                        launch.sessions, record);
}

/* Keeps the record only. */
template <uint32_t kRounds> __device__ __forceinline__ Record find_record(const Launch &launch)
{
    Record record = {0, 0, 0};
    for (Steps steps(launch); steps.left; steps.next()) {
        Block block;
        if (draw_step<kRounds>(launch, steps, record, &block))
            record = look_closer<kRounds>(launch, block, steps.relative(), record);
    }
    return record;
}

template <uint32_t kRounds, Counts kCounts, bool kWhole>
__device__ __forceinline__ void count_step(const Launch &launch, const grav_scores &table,
                                           const Steps &steps, unsigned *block_slots,
                                           unsigned long long *counts, Record *record)
{
    Block block;
    const bool candidates = draw_step<kRounds>(launch, steps, *record, &block);
    const Slots slots = find_slots<kRounds>(table, launch.keys, block);
    if (candidates)
        *record = note_records(table, slots, steps.relative(), launch.sessions, *record);
    count<kCounts, kWhole>(table, slots, steps.relative(), launch.sessions, block_slots, counts);
}

/* Counts all, and keeps the record. */
template <uint32_t kRounds, Counts kCounts>
__device__ __forceinline__ void count_all(const Launch &launch, const grav_scores &table,
                                          unsigned *block_slots, unsigned long long *counts,
                                          Record *record)
{
    /* The first step and the last may have sessions before and behind the launch's. */
    Steps steps(launch);
    while (steps.left) {
        count_step<kRounds, kCounts, false>(launch, table, steps, block_slots, counts, record);
        for (steps.next(); steps.left > 1; steps.next())
            count_step<kRounds, kCounts, true>(launch, table, steps, block_slots, counts, record);
    }
}

/* The kernel of Kernel's description. */
template <uint32_t kRounds, Counts kCounts>
__global__ void __launch_bounds__(kScoresThreads)
    scores_kernel(const __grid_constant__ Launch launch, unsigned long long *counts,
                  unsigned long long *records)
{
    using Reduce = cub::BlockReduce<unsigned long long, kScoresThreads>;
    __shared__ typename Reduce::TempStorage reduce_storage;
    static_assert(sizeof reduce_storage <= kReductionBytes, "table and histogram leave it room");
    extern __shared__ uint64_t scores_shared[]; /* the table, then the histogram */

    grav_scores table = *launch.plan.scores;
    Record record = {0, 0, 0};
    unsigned *block_slots = NULL; /* a launch plays fewer than 2^32 sessions */
    if (kCounts == Counts::kNone) {
        record = find_record<kRounds>(launch);
    } else {
        block_slots = (unsigned *)share_table(&table, scores_shared);
        if (kCounts == Counts::kShared)
            clear_counts<kScoresThreads>(block_slots, launch.length);
        __syncthreads();
        count_all<kRounds, kCounts>(launch, table, block_slots, counts, &record);
    }

    unsigned long long best = Reduce(reduce_storage).Reduce(record.packed, Larger());
    if (threadIdx.x == 0) /* the reduction's result is valid in thread 0 only */
        records[blockIdx.x] = best;
    if (kCounts == Counts::kShared) {
        __syncthreads();
        add_slots(&table, block_slots, counts);
    }
}

template <uint32_t kRounds> Kernel *kernel_for_counts(Counts counts)
{
    switch (counts) {
    case Counts::kNone:
        return scores_kernel<kRounds, Counts::kNone>;
    case Counts::kShared:
        return scores_kernel<kRounds, Counts::kShared>;
    default:
        return scores_kernel<kRounds, Counts::kGlobal>;
    }
}

size_t shared_thresholds(const grav_scores *table)
{
    return table->count <= kSharedThresholds ? table->count * sizeof *table->thresholds : 0;
}

} // namespace

Kernel *scores_kernel_for(uint32_t philox_rounds, Counts counts)
{
    return philox_rounds == 10 ? kernel_for_counts<10>(counts) : kernel_for_counts<7>(counts);
}

size_t scores_shared_bytes(const grav_scores *table, bool histogram)
{
    return histogram ? shared_thresholds(table) + GRAV_SCORES_BUCKETS * sizeof *table->guide : 0;
}

grav_status scores_upload(const grav_scores *table, cudaStream_t stream, grav_scores **out,
                          grav_error *err)
{
    grav_status status;
    const size_t thresholds_bytes = table->count * sizeof *table->thresholds;
    const size_t guide_bytes = GRAV_SCORES_BUCKETS * sizeof *table->guide;
    const size_t below_bytes = (GRAV_SCORES_BUCKETS + 1) * sizeof *table->below;
    /* One piece of memory: the table, then its arrays, those of the largest numbers first. */
    char *memory = NULL;
    grav_scores copy = *table;
    GRAV_CUDA_TRY(cudaMalloc(&memory, sizeof copy + thresholds_bytes + guide_bytes + below_bytes));
    copy.thresholds = (const uint64_t *)(memory + sizeof copy);
    copy.guide = (const uint16_t *)(memory + sizeof copy + thresholds_bytes);
    copy.below = (const uint32_t *)(memory + sizeof copy + thresholds_bytes + guide_bytes);
    GRAV_CUDA_TRY(cudaMemcpyAsync(memory, &copy, sizeof copy, cudaMemcpyHostToDevice, stream));
    if (table->count) /* a certain score has none */
        GRAV_CUDA_TRY(cudaMemcpyAsync((void *)copy.thresholds, table->thresholds, thresholds_bytes,
                                      cudaMemcpyHostToDevice, stream));
    GRAV_CUDA_TRY(cudaMemcpyAsync((void *)copy.guide, table->guide, guide_bytes,
                                  cudaMemcpyHostToDevice, stream));
    GRAV_CUDA_TRY(cudaMemcpyAsync((void *)copy.below, table->below, below_bytes,
                                  cudaMemcpyHostToDevice, stream));
    *out = (grav_scores *)memory;
    memory = NULL;
done:
    (void)cudaFree(memory);
    return status;
}

} // namespace gpu_play
