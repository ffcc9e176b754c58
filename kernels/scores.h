/* Method `scores`: a session is one draw of 64 bits, u = high * 2^32 + low, held against the law's
 * thresholds (format version 1 in docs/formats.md). The table, and how a draw is looked up in it,
 * on the host and on the GPU alike. */
#ifndef GRAV_SCORES_H
#define GRAV_SCORES_H

#include <stdint.h>

#ifdef __CUDACC__
#define GRAV_SCORES_FN static __host__ __device__ __forceinline__
#else
#define GRAV_SCORES_FN static inline __attribute__((always_inline))
#endif

#ifdef __cplusplus
extern "C" {
#endif

/* The guide has an entry for each value of a high word's first bits: 32 KiB, so that it stays in
 * the first cache, or in shared memory, beside the counters. */
#define GRAV_SCORES_GUIDE_BITS 14
#define GRAV_SCORES_BUCKETS (UINT32_C(1) << GRAV_SCORES_GUIDE_BITS)
#define GRAV_SCORES_CLOSER UINT16_MAX /* the first bits do not decide */

/* The table of one law. A draw's slot is the number of thresholds that are not above it. Filled by
 * grav_scores_create() only; plain data, whose arrays live where they are read. */
typedef struct grav_scores {
    const uint64_t
        *thresholds;       /* ascending, from 1 to 2^64 - 1; equal ones may follow each other */
    const uint32_t *below; /* thresholds at or below the first draw of bucket i; one entry more
                              than buckets, the last one count */
    const uint16_t *guide; /* the slot of all draws of bucket i, or GRAV_SCORES_CLOSER */
    uint32_t count;        /* of thresholds, at most 2^20 */
    uint32_t base, last;   /* the scores of slot 0, if it is not the last, and of slot count */
} grav_scores;

/* Grows with the slot. */
GRAV_SCORES_FN uint32_t grav_scores_score(const grav_scores *table, uint32_t slot)
{
    return slot < table->count ? table->base + slot : table->last;
}

GRAV_SCORES_FN uint32_t grav_scores_bucket(uint32_t high)
{
    return high >> (32 - GRAV_SCORES_GUIDE_BITS);
}

/* The slot of draw u, which is from `from` to `to`. */
GRAV_SCORES_FN uint32_t grav_scores_search(const grav_scores *table, uint32_t from, uint32_t to,
                                           uint64_t u)
{
    while (from < to) {
        uint32_t middle = from + (to - from) / 2;
        if (table->thresholds[middle] <= u)
            from = middle + 1;
        else
            to = middle;
    }
    return from;
}

/* Whether the high word alone decides. *slot is then the slot, else the lowest it can be. */
GRAV_SCORES_FN int grav_scores_by_high(const grav_scores *table, uint32_t high, uint32_t *slot)
{
    uint32_t bucket = grav_scores_bucket(high), from = table->guide[bucket];
    int closer = from == GRAV_SCORES_CLOSER;
    uint32_t to = closer ? table->below[bucket + 1] : from;
    from = closer ? table->below[bucket] : from;
    *slot = grav_scores_search(table, from, to, (uint64_t)high << 32);
    return !closer || *slot == table->count || table->thresholds[*slot] >> 32 != high;
}

/* The slot, of which grav_scores_by_high() has told the lowest it can be. */
GRAV_SCORES_FN uint32_t grav_scores_by_both(const grav_scores *table, uint32_t lowest,
                                            uint32_t high, uint32_t low)
{
    return grav_scores_search(table, lowest, table->below[grav_scores_bucket(high) + 1],
                              (uint64_t)high << 32 | low);
}

/* No draw with a high word below this is in a higher slot than `slot`. */
GRAV_SCORES_FN uint32_t grav_scores_to_beat(const grav_scores *table, uint32_t slot)
{
    return slot < table->count ? (uint32_t)(table->thresholds[slot] >> 32) : UINT32_MAX;
}

/* Of four sessions that share their blocks: session s has word s mod 4 of blocks s / 4. */
#define GRAV_SCORES_PER_BLOCK 4u

#ifdef __cplusplus
}
#endif

#endif
