/* The scalar lane: one session at a time. Portable C, and CUDA threads.
 *
 * A lane type is what philox.h and session.h are written over. lane_t holds a 64-bit number and
 * word_t a 32-bit word for each of GRAV_LANES sessions; both offer + - & | ^, and the functions
 * below. On a GPU the 32 lanes of a warp decide loops together (lane_any), so that kernels stay
 * flat: no divergence, as with a vector. */
#ifndef GRAV_LANE_SCALAR_H
#define GRAV_LANE_SCALAR_H

#include <stdint.h>

#include "unroll.h"

#ifdef __CUDACC__
#define GRAV_LANE_FN static __host__ __device__ __forceinline__
#else
#define GRAV_LANE_FN static inline __attribute__((always_inline))
#endif

#define GRAV_LANES 1u

typedef uint64_t lane_t;
typedef uint32_t word_t;

/* The same number in every lane. */
GRAV_LANE_FN lane_t lane_set(uint64_t x)
{
    return x;
}

/* first, first + 1 and so on, one a lane. */
GRAV_LANE_FN word_t word_sequence(uint32_t first)
{
    return first;
}

/* Writes the lanes in order. */
GRAV_LANE_FN void lane_store(uint64_t out[GRAV_LANES], lane_t x)
{
    out[0] = x;
}

GRAV_LANE_FN lane_t lane_load(const uint64_t in[GRAV_LANES])
{
    return in[0];
}

/* Some of the lanes: bit i stands for lane i. */
typedef uint32_t lane_mask;
#define GRAV_LANES_ALL ((lane_mask)1)

/* Those that are not zero. */
GRAV_LANE_FN lane_mask lane_mask_not_zero(lane_t x)
{
    return x != 0;
}

/* Writes those lanes in order, one after the other, and returns how many they are. What follows
 * them in out, up to GRAV_LANES numbers, is anything. */
GRAV_LANE_FN uint32_t lane_store_some(uint64_t out[GRAV_LANES], lane_mask those, lane_t x)
{
    out[0] = x;
    return those;
}

/* Writes the low halves of the lanes in order. */
GRAV_LANE_FN void lane_store_low(uint32_t out[GRAV_LANES], lane_t x)
{
    out[0] = (uint32_t)x;
}

/* The same word in every lane. */
GRAV_LANE_FN word_t word_set(uint32_t x)
{
    return x;
}

/* low | high << 32. */
GRAV_LANE_FN lane_t lane_from_words(word_t low, word_t high)
{
    return low | (uint64_t)high << 32;
}

/* a times m. */
GRAV_LANE_FN lane_t lane_product(word_t a, uint32_t m)
{
    return (uint64_t)a * m;
}

/* The low word of a lane. */
GRAV_LANE_FN word_t word_low(lane_t x)
{
    return (uint32_t)x;
}

/* a times m: both words of the product. */
GRAV_LANE_FN void word_multiply(word_t a, uint32_t m, word_t *low, word_t *high)
{
#ifdef __CUDA_ARCH__
    /* As a shift of the product, the high word would cost another instruction. */
    asm("{ .reg .u64 product; mul.wide.u32 product, %2, %3; mov.b64 {%0, %1}, product; }"
        : "=r"(*low), "=r"(*high)
        : "r"(a), "r"(m));
#else
    uint64_t product = lane_product(a, m);
    *low = (uint32_t)product;
    *high = (uint32_t)(product >> 32);
#endif
}

/* The same by other means: where one instruction of a kind can start in a cycle, two kinds in turn
 * are faster than one. */
GRAV_LANE_FN void word_multiply_by_shift(word_t a, uint32_t m, word_t *low, word_t *high)
{
    word_multiply(a, m, low, high);
}

/* Whether any lane is not zero. */
GRAV_LANE_FN int lane_any(lane_t x)
{
#ifdef __CUDA_ARCH__
    return __any_sync(0xffffffffu, x != 0);
#else
    return x != 0;
#endif
}

/* Whether any lane is at least bound. */
GRAV_LANE_FN int lane_any_at_least(lane_t x, uint64_t bound)
{
    return lane_any(x >= bound);
}

/* 1 where a lane is not zero, else 0. */
GRAV_LANE_FN lane_t lane_is_not_zero(lane_t x)
{
    return x != 0;
}

/* The larger of each lane's numbers, which are below 2^32. */
GRAV_LANE_FN lane_t lane_max(lane_t a, lane_t b)
{
    return a > b ? a : b;
}

/* The largest of all lanes' numbers, which are below 2^32. */
GRAV_LANE_FN uint32_t lane_largest(lane_t x)
{
    return (uint32_t)x;
}

/* The number of ones. */
GRAV_LANE_FN lane_t lane_popcount(lane_t x)
{
#ifdef __CUDA_ARCH__
    return (uint64_t)__popcll(x);
#else
    return (uint64_t)__builtin_popcountll(x);
#endif
}

/* a - b where a is greater, else 0. Both below 2^63. */
GRAV_LANE_FN lane_t lane_sub_sat(lane_t a, uint64_t b)
{
    return a > b ? a - b : 0;
}

/* The lowest count bits of x; all 64 of them from 64 on. */
GRAV_LANE_FN lane_t lane_keep_low(lane_t x, lane_t count)
{
    return count < 64 ? x & ~(~(uint64_t)0 << (count & 63)) : x;
}

/* The same word in every lane, from a number below 2^32. Where that is in memory, a vector unit
 * spreads it while it loads it. */
GRAV_LANE_FN word_t word_from_key(uint64_t x)
{
    return (uint32_t)x;
}

/* Both halves of each lane. */
GRAV_LANE_FN void lane_words(lane_t x, word_t *low, word_t *high)
{
    *low = (uint32_t)x;
    *high = (uint32_t)(x >> 32);
}

/* high << 32. */
GRAV_LANE_FN lane_t lane_from_high(word_t high)
{
    return (uint64_t)high << 32;
}

/* The larger of each lane's halves: of the low ones, and of the high ones. */
GRAV_LANE_FN lane_t lane_max_halves(lane_t a, lane_t b)
{
    uint32_t low = (uint32_t)a > (uint32_t)b ? (uint32_t)a : (uint32_t)b;
    uint64_t high = a >> 32 > b >> 32 ? a >> 32 : b >> 32;
    return low | high << 32;
}

/* Whether any half of any lane is at least bound. */
GRAV_LANE_FN int lane_any_half_at_least(lane_t x, uint32_t bound)
{
    return lane_any((uint64_t)((uint32_t)x >= bound || x >> 32 >= bound));
}

#endif
