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

/* The slots of a block's four sessions. The whole warp calls it; low words are drawn where one of
 * its lanes needs one. */
template <uint32_t kRounds>
__device__ __forceinline__ void find_slots(const grav_scores *table, const philox_keys *keys,
                                           const Block *block, uint32_t slots[])
{
    bool undecided = false;
#pragma unroll
    for (unsigned i = 0; i < GRAV_SCORES_PER_BLOCK; i++) {
        slots[i] = table->guide[grav_scores_bucket(block->words[i])];
        if (__any_sync(kWholeWarp, slots[i] == GRAV_SCORES_CLOSER))
            undecided |= !grav_scores_by_high(table, block->words[i], &slots[i]);
    }
    if (!__any_sync(kWholeWarp, undecided))
        return;
    Block lows = *block;
    draw<kRounds>(keys, 1, &lows);
#pragma unroll
    for (unsigned i = 0; i < GRAV_SCORES_PER_BLOCK; i++)
        slots[i] = grav_scores_by_both(table, slots[i], block->words[i], lows.words[i]);
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

/* Takes note of a step's records. The whole warp calls it. relative[i]: index of session i within
 * the launch, at least `sessions` where it is not of the launch. */
__device__ __forceinline__ void note_records(const grav_scores *table, const uint32_t slots[],
                                             uint64_t relative, uint32_t sessions, Record *record)
{
    uint32_t best = record->best;
#pragma unroll
    for (unsigned i = 0; i < GRAV_SCORES_PER_BLOCK; i++) {
        bool valid = relative + i < sessions;
        unsigned long long packed =
            pack_record(grav_scores_score(table, slots[i]), (uint32_t)(relative + i));
        record->packed = valid && packed > record->packed ? packed : record->packed;
        best = valid && slots[i] + 1 > best ? slots[i] + 1 : best;
    }
    record->best = largest_of_warp(best);
    record->to_beat = record->best ? grav_scores_to_beat(table, record->best - 1) : 0;
}

template <Counts kCounts>
__device__ __forceinline__ void count(const grav_scores *table, const uint32_t slots[],
                                      uint64_t relative, uint32_t sessions, unsigned *block_counts,
                                      unsigned long long *counts)
{
#pragma unroll
    for (unsigned i = 0; i < GRAV_SCORES_PER_BLOCK; i++)
        if (relative + i < sessions) {
            uint32_t score = grav_scores_score(table, slots[i]);
            if (kCounts == Counts::kShared)
                atomicAdd(&block_counts[score], 1u);
            else
                atomicAdd(&counts[score], 1ull);
        }
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

/* The kernel of Kernel's description. Thread t of all T draws from the launch's blocks t, t + T,
 * t + 2 T and so on, and every thread takes part in every step. */
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
    unsigned *block_counts = NULL; /* a launch plays fewer than 2^32 sessions */
    if (kCounts != Counts::kNone) {
        block_counts = (unsigned *)share_table(&table, scores_shared);
        if (kCounts == Counts::kShared)
            clear_counts<kScoresThreads>(block_counts, launch.length);
        __syncthreads();
    }

    const uint32_t sessions = launch.sessions;
    const uint64_t first_block = launch.first / GRAV_SCORES_PER_BLOCK;
    const uint32_t skip = (uint32_t)(launch.first % GRAV_SCORES_PER_BLOCK);
    const uint64_t blocks =
        ((uint64_t)skip + sessions + GRAV_SCORES_PER_BLOCK - 1) / GRAV_SCORES_PER_BLOCK;
    const uint64_t threads = (uint64_t)gridDim.x * kScoresThreads;
    const uint64_t steps = (blocks + threads - 1) / threads;
    uint64_t at = (uint64_t)blockIdx.x * kScoresThreads + threadIdx.x;
    Record record = {0, 0, 0};
    for (uint64_t step = 0; step < steps; step++, at += threads) {
        /* Where a session is before the first, or the thread past the last, this is too large. */
        uint64_t relative = at * GRAV_SCORES_PER_BLOCK - skip;
        Block block = {(uint32_t)first_block + (uint32_t)at, (uint32_t)(first_block >> 32), {}};
        uint32_t slots[GRAV_SCORES_PER_BLOCK];
        draw<kRounds>(&launch.keys, 0, &block);
        uint32_t highest = block.words[0];
#pragma unroll
        for (unsigned i = 1; i < GRAV_SCORES_PER_BLOCK; i++)
            highest = block.words[i] > highest ? block.words[i] : highest;
        bool candidates = __any_sync(kWholeWarp, highest >= record.to_beat);
        if (kCounts != Counts::kNone || candidates)
            find_slots<kRounds>(&table, &launch.keys, &block, slots);
        if (candidates)
            note_records(&table, slots, relative, sessions, &record);
        if (kCounts != Counts::kNone)
            count<kCounts>(&table, slots, relative, sessions, block_counts, counts);
    }

    unsigned long long best = Reduce(reduce_storage).Reduce(record.packed, Larger());
    if (threadIdx.x == 0) /* the reduction's result is valid in thread 0 only */
        records[blockIdx.x] = best;
    if (kCounts == Counts::kShared) {
        __syncthreads();
        add_counts<kScoresThreads>(block_counts, launch.length, counts);
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

grav_status scores_upload(const grav_scores *table, grav_scores **out, grav_error *err)
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
    GRAV_CUDA_TRY(cudaMemcpy(memory, &copy, sizeof copy, cudaMemcpyHostToDevice));
    if (table->count) /* a certain score has none */
        GRAV_CUDA_TRY(cudaMemcpy((void *)copy.thresholds, table->thresholds, thresholds_bytes,
                                 cudaMemcpyHostToDevice));
    GRAV_CUDA_TRY(
        cudaMemcpy((void *)copy.guide, table->guide, guide_bytes, cudaMemcpyHostToDevice));
    GRAV_CUDA_TRY(
        cudaMemcpy((void *)copy.below, table->below, below_bytes, cudaMemcpyHostToDevice));
    *out = (grav_scores *)memory;
    memory = NULL;
done:
    (void)cudaFree(memory);
    return status;
}

} // namespace gpu_play
