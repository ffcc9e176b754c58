/* Eight sessions at a time, one a 64-bit lane, in AVX-512 (F and BW). What a lane type offers is
 * told in lane_scalar.h. */
#ifndef GRAV_LANE_AVX512_H
#define GRAV_LANE_AVX512_H

#include <immintrin.h>
#include <stdint.h>

#include "unroll.h"

#define GRAV_LANE_FN static inline __attribute__((always_inline))
#define GRAV_LANES 8u

typedef uint64_t lane_t __attribute__((vector_size(64)));
/* A word sits in the low half of its lane. The high half holds leftovers that nobody reads: no
 * masking between multiplications. */
typedef lane_t word_t;

GRAV_LANE_FN lane_t lane_set(uint64_t x)
{
    return (lane_t)_mm512_set1_epi64((long long)x);
}

GRAV_LANE_FN word_t word_set(uint32_t x)
{
    return lane_set(x);
}

GRAV_LANE_FN word_t word_sequence(uint32_t first)
{
    return lane_set(first) + (lane_t){0, 1, 2, 3, 4, 5, 6, 7};
}

GRAV_LANE_FN void lane_store(uint64_t out[GRAV_LANES], lane_t x)
{
    _mm512_storeu_si512(out, (__m512i)x);
}

GRAV_LANE_FN lane_t lane_load(const uint64_t in[GRAV_LANES])
{
    return (lane_t)_mm512_loadu_si512(in);
}

typedef uint32_t lane_mask;
#define GRAV_LANES_ALL ((lane_mask)0xff)

GRAV_LANE_FN lane_mask lane_mask_not_zero(lane_t x)
{
    return _mm512_test_epi64_mask((__m512i)x, (__m512i)x);
}

GRAV_LANE_FN uint32_t lane_store_some(uint64_t out[GRAV_LANES], lane_mask those, lane_t x)
{
    /* In a register first: some processors are slow to do this in memory. */
    _mm512_storeu_si512(out, _mm512_maskz_compress_epi64((__mmask8)those, (__m512i)x));
    return (uint32_t)__builtin_popcount(those);
}

GRAV_LANE_FN void lane_store_low(uint32_t out[GRAV_LANES], lane_t x)
{
    _mm256_storeu_si256((__m256i *)out, _mm512_cvtepi64_epi32((__m512i)x));
}

GRAV_LANE_FN lane_t lane_from_words(word_t low, word_t high)
{
    return (lane_t)_mm512_mask_shuffle_epi32((__m512i)low, 0xaaaa, (__m512i)high, _MM_PERM_CCAA);
}

GRAV_LANE_FN lane_t lane_product(word_t a, uint32_t m)
{
    return (lane_t)_mm512_mul_epu32((__m512i)a, _mm512_set1_epi64(m));
}

GRAV_LANE_FN word_t word_low(lane_t x)
{
    return x;
}

GRAV_LANE_FN void word_multiply(word_t a, uint32_t m, word_t *low, word_t *high)
{
    *low = lane_product(a, m);
    *high = (lane_t)_mm512_shuffle_epi32((__m512i)*low, _MM_PERM_DDBB);
}

GRAV_LANE_FN void word_multiply_by_shift(word_t a, uint32_t m, word_t *low, word_t *high)
{
    *low = lane_product(a, m);
    *high = *low >> 32;
}

GRAV_LANE_FN int lane_any(lane_t x)
{
    return _mm512_test_epi64_mask((__m512i)x, (__m512i)x) != 0;
}

GRAV_LANE_FN int lane_any_at_least(lane_t x, uint64_t bound)
{
    return _mm512_cmpge_epu64_mask((__m512i)x, _mm512_set1_epi64((long long)bound)) != 0;
}

GRAV_LANE_FN lane_t lane_is_not_zero(lane_t x)
{
    return (lane_t)_mm512_maskz_set1_epi64(_mm512_test_epi64_mask((__m512i)x, (__m512i)x), 1);
}

GRAV_LANE_FN lane_t lane_max(lane_t a, lane_t b)
{
    return (lane_t)_mm512_max_epu64((__m512i)a, (__m512i)b);
}

GRAV_LANE_FN uint32_t lane_largest(lane_t x)
{
    return (uint32_t)_mm512_reduce_max_epu64((__m512i)x);
}

/* A constant that stays in a register or in memory: left to itself, GCC makes it anew for every
 * use, on ports that are busy. */
GRAV_LANE_FN __m512i vector_constant(__m512i x)
{
    __asm__("" : "+v"(x));
    return x;
}

/* The ones of each byte. Half bytes through a table: Mula, Kurz and Lemire, "Faster population
 * counts using AVX2 instructions", The Computer Journal 61, 2018. */
GRAV_LANE_FN __m512i lane_popcount_bytes(__m512i x)
{
    const __m512i table =
        _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    const __m512i half = vector_constant(_mm512_set1_epi8(0x0f));
    __m512i low = _mm512_and_si512(x, half);
    __m512i high = _mm512_and_si512(_mm512_srli_epi16(x, 4), half);
    return _mm512_add_epi8(_mm512_shuffle_epi8(table, low), _mm512_shuffle_epi8(table, high));
}

GRAV_LANE_FN lane_t lane_popcount(lane_t x)
{
#ifdef __AVX512VPOPCNTDQ__
    return (lane_t)_mm512_popcnt_epi64((__m512i)x);
#else
    return (lane_t)_mm512_sad_epu8(lane_popcount_bytes((__m512i)x), _mm512_setzero_si512());
#endif
}

GRAV_LANE_FN lane_t lane_sub_sat(lane_t a, uint64_t b)
{
    __m512i subtrahend = _mm512_set1_epi64((long long)b);
    return (lane_t)_mm512_sub_epi64(_mm512_max_epu64((__m512i)a, subtrahend), subtrahend);
}

GRAV_LANE_FN lane_t lane_keep_low(lane_t x, lane_t count)
{
    /* A shift by 64 or more leaves nothing, and so keeps all. */
    __m512i drop = _mm512_sllv_epi64(_mm512_set1_epi64(-1), (__m512i)count);
    return (lane_t)_mm512_andnot_si512(drop, (__m512i)x);
}

GRAV_LANE_FN word_t word_from_key(uint64_t x)
{
    return lane_set(x);
}

GRAV_LANE_FN void lane_words(lane_t x, word_t *low, word_t *high)
{
    *low = x;
    *high = (lane_t)_mm512_shuffle_epi32((__m512i)x, _MM_PERM_DDBB);
}

GRAV_LANE_FN lane_t lane_from_high(word_t high)
{
    return (lane_t)_mm512_slli_epi64((__m512i)high, 32);
}

GRAV_LANE_FN lane_t lane_max_halves(lane_t a, lane_t b)
{
    return (lane_t)_mm512_max_epu32((__m512i)a, (__m512i)b);
}

GRAV_LANE_FN int lane_any_half_at_least(lane_t x, uint32_t bound)
{
    return _mm512_cmpge_epu32_mask((__m512i)x, _mm512_set1_epi32((int)bound)) != 0;
}

#endif
