/* Four sessions at a time, one a 64-bit lane, in AVX2. What a lane type offers is told in
 * lane_scalar.h. */
#ifndef GRAV_LANE_AVX2_H
#define GRAV_LANE_AVX2_H

#include <immintrin.h>
#include <stdint.h>

#include "unroll.h"

#define GRAV_LANE_FN static inline __attribute__((always_inline))
#define GRAV_LANES 4u

typedef uint64_t lane_t __attribute__((vector_size(32)));
/* A word sits in the low half of its lane. The high half holds leftovers that nobody reads: no
 * masking between multiplications. */
typedef lane_t word_t;

GRAV_LANE_FN lane_t lane_set(uint64_t x)
{
    return (lane_t)_mm256_set1_epi64x((long long)x);
}

GRAV_LANE_FN word_t word_set(uint32_t x)
{
    return lane_set(x);
}

GRAV_LANE_FN word_t word_sequence(uint32_t first)
{
    return lane_set(first) + (lane_t){0, 1, 2, 3};
}

GRAV_LANE_FN void lane_store(uint64_t out[GRAV_LANES], lane_t x)
{
    _mm256_storeu_si256((__m256i *)out, (__m256i)x);
}

GRAV_LANE_FN lane_t lane_load(const uint64_t in[GRAV_LANES])
{
    return (lane_t)_mm256_loadu_si256((const __m256i *)in);
}

typedef uint32_t lane_mask;
#define GRAV_LANES_ALL ((lane_mask)0xf)

GRAV_LANE_FN lane_mask lane_mask_not_zero(lane_t x)
{
    __m256i zero = _mm256_cmpeq_epi64((__m256i)x, _mm256_setzero_si256());
    return ~(lane_mask)_mm256_movemask_pd((__m256d)zero) & GRAV_LANES_ALL;
}

GRAV_LANE_FN uint32_t lane_store_some(uint64_t out[GRAV_LANES], lane_mask those, lane_t x)
{
    /* Which halves of lanes come first. */
#define LANE_ORDER(a, b, c, d)                                                                     \
    {                                                                                              \
        2 * a, 2 * a + 1, 2 * b, 2 * b + 1, 2 * c, 2 * c + 1, 2 * d, 2 * d + 1                     \
    }
    static const int32_t order[][8] = {
        LANE_ORDER(0, 1, 2, 3), LANE_ORDER(0, 1, 2, 3), LANE_ORDER(1, 0, 2, 3),
        LANE_ORDER(0, 1, 2, 3), LANE_ORDER(2, 0, 1, 3), LANE_ORDER(0, 2, 1, 3),
        LANE_ORDER(1, 2, 0, 3), LANE_ORDER(0, 1, 2, 3), LANE_ORDER(3, 0, 1, 2),
        LANE_ORDER(0, 3, 1, 2), LANE_ORDER(1, 3, 0, 2), LANE_ORDER(0, 1, 3, 2),
        LANE_ORDER(2, 3, 0, 1), LANE_ORDER(0, 2, 3, 1), LANE_ORDER(1, 2, 3, 0),
        LANE_ORDER(0, 1, 2, 3)};
#undef LANE_ORDER
    __m256i by = _mm256_loadu_si256((const __m256i *)order[those]);
    _mm256_storeu_si256((__m256i *)out, _mm256_permutevar8x32_epi32((__m256i)x, by));
    return (uint32_t)__builtin_popcount(those);
}

GRAV_LANE_FN void lane_store_low(uint32_t out[GRAV_LANES], lane_t x)
{
    const __m256i even = _mm256_setr_epi32(0, 2, 4, 6, 0, 0, 0, 0);
    __m256i low = _mm256_permutevar8x32_epi32((__m256i)x, even);
    _mm_storeu_si128((__m128i *)out, _mm256_castsi256_si128(low));
}

GRAV_LANE_FN lane_t lane_from_words(word_t low, word_t high)
{
    return (lane_t)_mm256_blend_epi32((__m256i)low, _mm256_slli_epi64((__m256i)high, 32), 0xaa);
}

GRAV_LANE_FN lane_t lane_product(word_t a, uint32_t m)
{
    return (lane_t)_mm256_mul_epu32((__m256i)a, _mm256_set1_epi64x(m));
}

GRAV_LANE_FN word_t word_low(lane_t x)
{
    return x;
}

GRAV_LANE_FN void word_multiply(word_t a, uint32_t m, word_t *low, word_t *high)
{
    *low = lane_product(a, m);
    *high = *low >> 32;
}

GRAV_LANE_FN void word_multiply_by_shift(word_t a, uint32_t m, word_t *low, word_t *high)
{
    word_multiply(a, m, low, high);
}

GRAV_LANE_FN int lane_any(lane_t x)
{
    return !_mm256_testz_si256((__m256i)x, (__m256i)x);
}

/* bound and x are below 2^63: AVX2 compares with signs. */
GRAV_LANE_FN int lane_any_at_least(lane_t x, uint64_t bound)
{
    __m256i below = _mm256_cmpgt_epi64(_mm256_set1_epi64x((long long)bound), (__m256i)x);
    return _mm256_movemask_epi8(below) != -1;
}

GRAV_LANE_FN lane_t lane_is_not_zero(lane_t x)
{
    __m256i zero = _mm256_cmpeq_epi64((__m256i)x, _mm256_setzero_si256());
    return (lane_t)_mm256_add_epi64(zero, _mm256_set1_epi64x(1));
}

GRAV_LANE_FN lane_t lane_max(lane_t a, lane_t b)
{
    return (lane_t)_mm256_max_epu32((__m256i)a, (__m256i)b);
}

GRAV_LANE_FN uint32_t lane_largest(lane_t x)
{
    __m128i half =
        _mm_max_epu32(_mm256_castsi256_si128((__m256i)x), _mm256_extracti128_si256((__m256i)x, 1));
    half = _mm_max_epu32(half, _mm_unpackhi_epi64(half, half));
    return (uint32_t)_mm_cvtsi128_si32(half);
}

/* A constant that stays in a register or in memory: left to itself, GCC makes it anew for every
 * use, on ports that are busy. */
GRAV_LANE_FN __m256i vector_constant(__m256i x)
{
    __asm__("" : "+x"(x));
    return x;
}

/* The ones of each byte. Half bytes through a table: Mula, Kurz and Lemire, "Faster population
 * counts using AVX2 instructions", The Computer Journal 61, 2018. */
GRAV_LANE_FN __m256i lane_popcount_bytes(__m256i x)
{
    const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1,
                                           2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i half = vector_constant(_mm256_set1_epi8(0x0f));
    __m256i low = _mm256_and_si256(x, half);
    __m256i high = _mm256_and_si256(_mm256_srli_epi16(x, 4), half);
    return _mm256_add_epi8(_mm256_shuffle_epi8(table, low), _mm256_shuffle_epi8(table, high));
}

GRAV_LANE_FN lane_t lane_popcount(lane_t x)
{
    return (lane_t)_mm256_sad_epu8(lane_popcount_bytes((__m256i)x), _mm256_setzero_si256());
}

/* a is below 2^32 and so is b: AVX2 has no maximum of 64-bit numbers. */
GRAV_LANE_FN lane_t lane_sub_sat(lane_t a, uint64_t b)
{
    __m256i subtrahend = _mm256_set1_epi64x((long long)b);
    return (lane_t)_mm256_sub_epi64(_mm256_max_epu32((__m256i)a, subtrahend), subtrahend);
}

GRAV_LANE_FN lane_t lane_keep_low(lane_t x, lane_t count)
{
    /* A shift by 64 or more leaves nothing, and so keeps all. */
    __m256i drop = _mm256_sllv_epi64(_mm256_set1_epi64x(-1), (__m256i)count);
    return (lane_t)_mm256_andnot_si256(drop, (__m256i)x);
}

GRAV_LANE_FN word_t word_from_key(uint64_t x)
{
    return lane_set(x);
}

GRAV_LANE_FN void lane_words(lane_t x, word_t *low, word_t *high)
{
    *low = x;
    *high = (lane_t)_mm256_shuffle_epi32((__m256i)x, _MM_SHUFFLE(3, 3, 1, 1));
}

GRAV_LANE_FN lane_t lane_from_high(word_t high)
{
    return (lane_t)_mm256_slli_epi64((__m256i)high, 32);
}

GRAV_LANE_FN lane_t lane_max_halves(lane_t a, lane_t b)
{
    return (lane_t)_mm256_max_epu32((__m256i)a, (__m256i)b);
}

GRAV_LANE_FN int lane_any_half_at_least(lane_t x, uint32_t bound)
{
    __m256i at_least = _mm256_max_epu32((__m256i)x, _mm256_set1_epi32((int)bound));
    return _mm256_movemask_epi8(_mm256_cmpeq_epi32(at_least, (__m256i)x)) != 0;
}

#endif
