/* How the yardstick (yardstick_cuda.cu) turns random words into scores. Plain C and CUDA.
 *
 * A roll scores with chance 1/4: where a bit of plane 1 and its partner in plane 2 are both ones.
 * Two sessions of 231 rolls share 29 words, 928 bits of which 924 are read, each once:
 *
 *   words          partners                            rolls
 *   0 to 13        bit b of words 2i and 2i + 1        session 0, 32i + b for i from 0 to 6
 *   14 to 27       bit b of words 2i and 2i + 1        session 1, 32(i - 7) + b for i from 7 to 13
 *   28             bits b and b + 16, b from 0 to 6    session 0, 224 + b
 *   28             bits b and b + 16, b from 7 to 13   session 1, 217 + b
 *
 * The first partner is plane 1. Bits 14, 15, 30 and 31 of word 28 are not read. */
#ifndef BENCH_YARDSTICK_CORE_H
#define BENCH_YARDSTICK_CORE_H

#include <stdint.h>

#ifdef __CUDACC__
#define BENCH_YARDSTICK_FN static __host__ __device__ __forceinline__
#else
#define BENCH_YARDSTICK_FN static inline
#endif

#define BENCH_YARDSTICK_WORDS 29

BENCH_YARDSTICK_FN unsigned bench_yardstick_ones(uint32_t x)
{
#ifdef __CUDA_ARCH__
    return (unsigned)__popc(x);
#else
    return (unsigned)__builtin_popcount(x);
#endif
}

/* The rolls of 14 words that score, where both of a pair are ones, and those of `rest`. */
BENCH_YARDSTICK_FN unsigned bench_yardstick_score(const uint32_t words[14], uint32_t rest)
{
    return bench_yardstick_ones(words[0] & words[1]) + bench_yardstick_ones(words[2] & words[3]) +
           bench_yardstick_ones(words[4] & words[5]) + bench_yardstick_ones(words[6] & words[7]) +
           bench_yardstick_ones(words[8] & words[9]) + bench_yardstick_ones(words[10] & words[11]) +
           bench_yardstick_ones(words[12] & words[13]) + bench_yardstick_ones(rest);
}

/* The scores of two sessions. */
BENCH_YARDSTICK_FN void bench_yardstick_scores(const uint32_t words[BENCH_YARDSTICK_WORDS],
                                               unsigned scores[2])
{
    uint32_t shared = words[28], partners = shared >> 16;
    scores[0] = bench_yardstick_score(words, shared & partners & 0x7fu);
    scores[1] = bench_yardstick_score(words + 14, shared & partners & 0x7fu << 7);
}

#endif
