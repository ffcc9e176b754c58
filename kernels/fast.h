/* Engine `fast` over any lane type. Include a lane_*.h and philox.h first.
 *
 * A block of GRAV_FAST_BLOCK consecutive sessions is played from GRAV_FAST_STREAMS streams of a
 * lag-3 multiply-with-carry generator, x[n] + 2^32 c[n] = a x[n-3] + c[n-1] (Marsaglia, "Random
 * number generators", Journal of Modern Applied Statistical Methods 2, 2003). a 2^96 - 1 is a safe
 * prime, so a stream's period is about 2^127. Philox seeds every stream. docs/formats.md has the
 * whole definition. */
#ifndef GRAV_FAST_H
#define GRAV_FAST_H

#include "fast_format.h"

/* One stream a lane. */
typedef struct fast_stream {
    word_t x[3]; /* the latest three words, the oldest first */
    lane_t carry;
} fast_stream;

/* The streams of a block with the numbers in `number`. */
GRAV_LANE_FN fast_stream fast_stream_make(const philox_keys *keys, uint64_t block, word_t number)
{
    fast_stream stream;
    philox_block seeds =
        philox_session_block(GRAV_FAST_PHILOX_ROUNDS, keys, GRAV_FAST_SEED_BLOCK | (uint32_t)block,
                             number, (uint32_t)(block >> 32));
    stream.x[0] = word_low(seeds.pair[0]);
    stream.x[1] = word_low(seeds.pair[0] >> 32);
    stream.x[2] = word_low(seeds.pair[1]);
    /* Odd and below 2^31: neither of the two states that the generator never leaves. */
    stream.carry = (seeds.pair[1] >> 33) | lane_set(1);
    return stream;
}

GRAV_LANE_FN word_t fast_next(fast_stream *stream)
{
    lane_t sum = lane_product(stream->x[0], GRAV_FAST_MULTIPLIER) + stream->carry;
    stream->x[0] = stream->x[1];
    stream->x[1] = stream->x[2];
    stream->x[2] = word_low(sum);
    stream->carry = sum >> 32;
    return stream->x[2];
}

#ifdef __CUDA_ARCH__
/* The next three words. Three products at once and then their sums: to add a carry to each product,
 * it would have to be moved to where a 64-bit number begins, with a zero behind it. */
GRAV_LANE_FN void fast_next_three(fast_stream *stream)
{
    word_t low[3], high[3], carry = word_low(stream->carry);
    for (uint32_t i = 0; i < 3; i++)
        word_multiply(stream->x[i], GRAV_FAST_MULTIPLIER, &low[i], &high[i]);
    asm("add.cc.u32 %0, %4, %5; addc.cc.u32 %1, %6, %7; addc.cc.u32 %2, %8, %9; addc.u32 %3, %10, "
        "0;"
        : "=&r"(stream->x[0]), "=&r"(stream->x[1]), "=&r"(stream->x[2]), "=&r"(carry)
        : "r"(low[0]), "r"(carry), "r"(low[1]), "r"(high[0]), "r"(low[2]), "r"(high[1]),
          "r"(high[2]));
    stream->carry = carry;
}
#endif

/* The streams' next session: its head. */
GRAV_LANE_FN void fast_next_head(fast_stream *stream, word_t words[GRAV_HEAD_WORDS])
{
#ifdef __CUDA_ARCH__
    GRAV_UNROLL(4)
    for (uint32_t i = 0; i < GRAV_HEAD_WORDS; i += 3) {
        fast_next_three(stream);
        for (uint32_t j = 0; j < 3; j++)
            words[i + j] = stream->x[j];
    }
#else
    GRAV_UNROLL(12)
    for (uint32_t i = 0; i < GRAV_HEAD_WORDS; i++)
        words[i] = fast_next(stream);
#endif
}

/* Leaves out sessions. */
GRAV_LANE_FN void fast_skip(fast_stream *stream, uint32_t sessions)
{
    for (uint32_t i = 0; i < sessions * GRAV_HEAD_WORDS; i++)
        fast_next(stream);
}

/* The part of a block that lies in sessions [first, end): its sessions [*from, *to). False: none,
 * as the block begins behind them. */
GRAV_LANE_FN int fast_clip(uint64_t block, uint64_t first, uint64_t end, uint32_t *from,
                           uint32_t *to)
{
    uint64_t start = block * GRAV_FAST_BLOCK;
    if (start >= end)
        return 0;
    *from = first > start ? (uint32_t)(first - start) : 0;
    *to = end - start < GRAV_FAST_BLOCK ? (uint32_t)(end - start) : GRAV_FAST_BLOCK;
    return 1;
}

#endif
