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

/* One round on the counter's four words. c1 is needed only after a xor with the even key. */
GRAV_LANE_FN void philox_round(word_t c[4], word_t c1_even, word_t odd)
{
    word_t low0, high0, low1, high1;
    word_multiply(c[0], GRAV_PHILOX_M0, &low0, &high0);
    word_multiply_by_shift(c[2], GRAV_PHILOX_M1, &low1, &high1);
    c[0] = high1 ^ c1_even;
    c[1] = low1;
    c[2] = high0 ^ c[3] ^ odd;
    c[3] = low0;
}

/* Rounds [first, rounds). */
GRAV_LANE_FN void philox_rounds(word_t c[4], const philox_keys *keys, uint32_t first,
                                uint32_t rounds)
{
    GRAV_UNROLL(10)
    for (uint32_t round = first; round < rounds; round++)
        philox_round(c, c[1] ^ word_from_key(keys->even[round]), word_from_key(keys->odd[round]));
}

/* Block number `block` of each lane's session: counter (lo block, hi block, low, high), where low
 * and high are the halves of the session index; high is the same in all lanes. rounds is 10 or 7.
 */
GRAV_LANE_FN philox_block philox_session_block(uint32_t rounds, const philox_keys *keys,
                                               uint64_t block, word_t low, uint32_t high)
{
    philox_block out;
#ifdef __CUDA_ARCH__
    if (rounds == 10) { /* cuRAND's own: what a GPU plays is what anyone can check with cuRAND */
        uint4 words =
            curand_Philox4x32_10(make_uint4((uint32_t)block, (uint32_t)(block >> 32), low, high),
                                 make_uint2((uint32_t)keys->even[0], (uint32_t)keys->odd[0]));
        out.pair[0] = lane_from_words(words.x, words.y);
        out.pair[1] = lane_from_words(words.z, words.w);
        return out;
    }
#endif
    word_t c[4] = {word_set((uint32_t)block), word_set((uint32_t)(block >> 32)), low,
                   word_set(high)};
    philox_rounds(c, keys, 0, rounds);
    out.pair[0] = lane_from_words(c[0], c[1]);
    out.pair[1] = lane_from_words(c[2], c[3]);
    return out;
}

/* ---- Several blocks of a session, whose rounds begin alike ------------------------------------
 */

/* Of the counter (b, 0, low, high) of block b only low differs from session to session. What is the
 * same for all sessions whose indices have the same high half: half of the first two rounds. */
typedef struct philox_known {
    uint64_t c0, c2; /* xored into words 0 and 2 by round 1 */
    uint64_t c1;     /* word 1 after round 1, xored with the key of round 2 */
} philox_known;

GRAV_LANE_FN philox_known philox_known_make(const philox_keys *keys, uint32_t b, uint32_t high)
{
    philox_known known;
    uint64_t product0 = (uint64_t)b * GRAV_PHILOX_M0;
    uint32_t c2 = (uint32_t)(product0 >> 32) ^ high ^ (uint32_t)keys->odd[0];
    uint64_t product1 = (uint64_t)c2 * GRAV_PHILOX_M1;
    known.c0 = (uint32_t)(product1 >> 32) ^ keys->even[1];
    known.c1 = (uint32_t)product1 ^ keys->even[2];
    known.c2 = (uint32_t)product0 ^ keys->odd[1];
    return known;
}

/* The other half, as far as it is the same for all blocks of a session. */
typedef struct philox_start {
    word_t low0, high0, low1;
} philox_start;

/* Of each lane's session, the low half of whose index is given. */
GRAV_LANE_FN philox_start philox_start_make(const philox_keys *keys, word_t low)
{
    philox_start start;
    word_t high1;
    word_multiply(low, GRAV_PHILOX_M1, &start.low1, &high1);
    word_multiply(high1 ^ word_from_key(keys->even[0]), GRAV_PHILOX_M0, &start.low0, &start.high0);
    return start;
}

/* Words of `blocks` blocks, up to 3, of the sessions that were started in start[], `vectors` of
 * them, up to 2: those of block b of start v from words[4 (v blocks + b)] on. */
GRAV_LANE_FN void philox_words(uint32_t rounds, const philox_keys *keys, uint32_t blocks,
                               const philox_known *known, uint32_t vectors,
                               const philox_start *start, word_t *words)
{
    GRAV_UNROLL(2)
    for (uint32_t v = 0; v < vectors; v++) {
        GRAV_UNROLL(3)
        for (uint32_t b = 0; b < blocks; b++) {
            word_t *c = words + 4 * (v * blocks + b);
            c[0] = start[v].low1 ^ word_from_key(known[b].c0);
            c[2] = start[v].high0 ^ word_from_key(known[b].c2);
            c[3] = start[v].low0;
            philox_round(c, word_from_key(known[b].c1), word_from_key(keys->odd[2]));
        }
    }
    /* Round by round: a processor looks ahead too little to find work in the next block or vector
     * while it waits for a product. */
    GRAV_UNROLL(10)
    for (uint32_t round = 3; round < rounds; round++) {
        GRAV_UNROLL(6)
        for (uint32_t i = 0; i < vectors * blocks; i++) {
            word_t *c = words + 4 * i;
            philox_round(c, c[1] ^ word_from_key(keys->even[round]),
                         word_from_key(keys->odd[round]));
        }
    }
}

/* ---- The head: the first blocks of a session ---------------------------------------------------
 */

#define GRAV_HEAD_BLOCKS 3u
#define GRAV_HEAD_WORDS (4 * GRAV_HEAD_BLOCKS)

typedef struct philox_head {
    philox_known block[GRAV_HEAD_BLOCKS];
} philox_head;

GRAV_LANE_FN philox_head philox_head_make(const philox_keys *keys, uint32_t high)
{
    philox_head head;
    GRAV_UNROLL(3)
    for (uint32_t b = 0; b < GRAV_HEAD_BLOCKS; b++)
        head.block[b] = philox_known_make(keys, b, high);
    return head;
}

/* The heads of the sessions that were started in start[], a vector of lanes each. */
GRAV_LANE_FN void philox_head_words(uint32_t rounds, const philox_keys *keys,
                                    const philox_head *head, uint32_t vectors,
                                    const philox_start *start, word_t words[][GRAV_HEAD_WORDS])
{
    philox_words(rounds, keys, GRAV_HEAD_BLOCKS, head->block, vectors, start, words[0]);
}

#endif
