/* Philox4x32 over any lane type: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy
 * as 1, 2, 3", SC 2011. A pure function of counter and key. Include a lane_*.h first. */
#ifndef GRAV_PHILOX_H
#define GRAV_PHILOX_H

#ifdef __CUDACC__
#include <curand_philox4x32_x.h>
#endif

#define GRAV_PHILOX_BLOCK_BITS 128u
#define GRAV_PHILOX_ROUNDS_MAX 10
#define GRAV_PHILOX_M0 0xD2511F53u
#define GRAV_PHILOX_M1 0xCD9E8D57u
#define GRAV_PHILOX_W0 0x9E3779B9u
#define GRAV_PHILOX_W1 0xBB67AE85u

/* A seed's round keys. In 64-bit numbers, so that a vector unit can spread them while it computes.
 */
typedef struct philox_keys {
    uint64_t even[GRAV_PHILOX_ROUNDS_MAX], odd[GRAV_PHILOX_ROUNDS_MAX];
} philox_keys;

GRAV_LANE_FN philox_keys philox_keys_make(uint64_t seed)
{
    philox_keys keys;
    uint32_t even = (uint32_t)seed, odd = (uint32_t)(seed >> 32);
    GRAV_UNROLL(10)
    for (int round = 0; round < GRAV_PHILOX_ROUNDS_MAX; round++) {
        keys.even[round] = even;
        keys.odd[round] = odd;
        even += GRAV_PHILOX_W0;
        odd += GRAV_PHILOX_W1;
    }
    return keys;
}

/* The block's four words in order, the first in the low half of pair[0]. */
typedef struct philox_block {
    lane_t pair[2];
} philox_block;

/* Block number `block` of each lane's session: counter (lo block, hi block, low, high), where low
 * and high are the halves of the session index; high is the same in all lanes. rounds is 10 or 7.
 */
GRAV_LANE_FN philox_block philox_session_block(uint32_t rounds, const philox_keys *keys,
                                               uint64_t block, word_t low, uint32_t high)
{
    philox_block out;
#ifdef __CUDACC__
    if (rounds == 10) { /* cuRAND's own: what a GPU plays is what anyone can check with cuRAND */
        uint4 words =
            curand_Philox4x32_10(make_uint4((uint32_t)block, (uint32_t)(block >> 32), low, high),
                                 make_uint2((uint32_t)keys->even[0], (uint32_t)keys->odd[0]));
        out.pair[0] = lane_from_words(words.x, words.y);
        out.pair[1] = lane_from_words(words.z, words.w);
        return out;
    }
#endif
    word_t c0 = word_set((uint32_t)block), c1 = word_set((uint32_t)(block >> 32));
    word_t c2 = low, c3 = word_set(high);
    GRAV_UNROLL(10)
    for (uint32_t round = 0; round < rounds; round++) {
        word_t low0, high0, low1, high1;
        word_multiply(c0, GRAV_PHILOX_M0, &low0, &high0);
        word_multiply(c2, GRAV_PHILOX_M1, &low1, &high1);
        c0 = high1 ^ c1 ^ word_set((uint32_t)keys->even[round]);
        c1 = low1;
        c2 = high0 ^ c3 ^ word_set((uint32_t)keys->odd[round]);
        c3 = low0;
    }
    out.pair[0] = lane_from_words(c0, c1);
    out.pair[1] = lane_from_words(c2, c3);
    return out;
}

#endif
