/* Philox4x32 over any lane type: Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy
 * as 1, 2, 3", SC 2011. A pure function of counter and key. Include a lane_*.h first. */
#ifndef GRAV_PHILOX_H
#define GRAV_PHILOX_H

#ifdef __CUDACC__
#include <curand_philox4x32_x.h>
#endif

#define GRAV_PHILOX_BLOCK_BITS 128u
#define GRAV_PHILOX_M0 0xD2511F53u
#define GRAV_PHILOX_M1 0xCD9E8D57u
#define GRAV_PHILOX_W0 0x9E3779B9u
#define GRAV_PHILOX_W1 0xBB67AE85u

/* The block's four words in order, the first in the low half of pair[0]. */
typedef struct philox_block {
    lane_t pair[2];
} philox_block;

/* Block number `block` of each lane's session: counter (lo block, hi block, lo session, hi
 * session), key (lo seed, hi seed). rounds is 10 or 7. */
GRAV_LANE_FN philox_block philox_session_block(uint32_t rounds, uint64_t seed, uint64_t block,
                                               lane_t session)
{
#ifdef __CUDACC__
    if (rounds == 10) { /* cuRAND's own: what a GPU plays is what anyone can check with cuRAND */
        uint4 counter = make_uint4((uint32_t)block, (uint32_t)(block >> 32), (uint32_t)session,
                                   (uint32_t)(session >> 32));
        uint4 words =
            curand_Philox4x32_10(counter, make_uint2((uint32_t)seed, (uint32_t)(seed >> 32)));
        philox_block stock;
        stock.pair[0] = lane_from_words(words.x, words.y);
        stock.pair[1] = lane_from_words(words.z, words.w);
        return stock;
    }
#endif
    word_t c0 = word_set((uint32_t)block), c1 = word_set((uint32_t)(block >> 32));
    word_t c2 = lane_low_word(session), c3 = lane_high_word(session);
    uint32_t k0 = (uint32_t)seed, k1 = (uint32_t)(seed >> 32);
    GRAV_UNROLL(10)
    for (uint32_t r = 0; r < rounds; r++) {
        word_t low0, high0, low1, high1;
        word_multiply(c0, GRAV_PHILOX_M0, &low0, &high0);
        word_multiply(c2, GRAV_PHILOX_M1, &low1, &high1);
        c0 = high1 ^ c1 ^ word_set(k0);
        c1 = low1;
        c2 = high0 ^ c3 ^ word_set(k1);
        c3 = low0;
        k0 += GRAV_PHILOX_W0;
        k1 += GRAV_PHILOX_W1;
    }
    philox_block out;
    out.pair[0] = lane_from_words(c0, c1);
    out.pair[1] = lane_from_words(c2, c3);
    return out;
}

#endif
