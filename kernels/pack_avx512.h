/* Packs of sixteen sessions in AVX-512 (F and BW). Include lane_avx512.h first. What a pack type
 * offers is told in pack_scalar.h. */
#ifndef GRAV_PACK_AVX512_H
#define GRAV_PACK_AVX512_H

#define GRAV_PACK 16u
#define GRAV_PACK_HALVES 2u
#define GRAV_HALVES_AT_ONCE 2u
#define GRAV_PACKS_AT_ONCE 2u

typedef uint32_t pack_t __attribute__((vector_size(64)));

GRAV_LANE_FN pack_t pack_set(uint32_t x)
{
    return (pack_t)vector_constant(_mm512_set1_epi32((int)x));
}

/* Half 0 has sessions 0, 1, 4, 5 and so on. */
GRAV_LANE_FN word_t pack_sequence(uint32_t first, uint32_t h)
{
    return lane_set(first + 2 * h) + (lane_t){0, 1, 4, 5, 8, 9, 12, 13};
}

GRAV_LANE_FN pack_t pack_from_words(const word_t half[GRAV_PACK_HALVES])
{
    /* Unlike a shuffle under a mask, this leaves both halves as they are: no copies. */
    return (pack_t)_mm512_shuffle_ps((__m512)half[0], (__m512)half[1], _MM_SHUFFLE(2, 0, 2, 0));
}

GRAV_LANE_FN void pack_store(uint32_t out[GRAV_PACK], pack_t x)
{
    _mm512_storeu_si512(out, (__m512i)x);
}

GRAV_LANE_FN pack_t pack_pair(pack_t x, int bits)
{
    return (pack_t)(((lane_t)x << bits) + ((lane_t)x >> 32));
}

GRAV_LANE_FN pack_t pack_shift_left(pack_t x, pack_t count)
{
    return (pack_t)_mm512_sllv_epi32((__m512i)x, (__m512i)count);
}

GRAV_LANE_FN pack_t pack_sub_sat(pack_t a, uint32_t b)
{
    return (pack_t)_mm512_max_epu32((__m512i)a, (__m512i)pack_set(b)) - pack_set(b);
}

GRAV_LANE_FN pack_t pack_min(pack_t a, pack_t b)
{
    return (pack_t)_mm512_min_epu32((__m512i)a, (__m512i)b);
}

GRAV_LANE_FN pack_t pack_max(pack_t a, pack_t b)
{
    return (pack_t)_mm512_max_epu32((__m512i)a, (__m512i)b);
}

GRAV_LANE_FN int pack_any(pack_t a, uint32_t above, pack_t b, uint32_t below)
{
    __mmask16 mask_a = _mm512_cmpgt_epu32_mask((__m512i)a, (__m512i)pack_set(above));
    __mmask16 mask_b = _mm512_cmplt_epu32_mask((__m512i)b, (__m512i)pack_set(below));
    return !_mm512_kortestz(mask_a, mask_b);
}

#define GRAV_PACK_BIAS 0u

GRAV_LANE_FN pack_t pack_count_below(pack_t x, pack_t a, pack_t b)
{
    return (pack_t)_mm512_mask_add_epi32((__m512i)x,
                                         _mm512_cmplt_epu32_mask((__m512i)a, (__m512i)b),
                                         (__m512i)x, (__m512i)pack_set(1));
}

GRAV_LANE_FN pack_t pack_run_below(pack_t x, pack_t a, pack_t b)
{
    return (pack_t)_mm512_maskz_add_epi32(_mm512_cmplt_epu32_mask((__m512i)a, (__m512i)b),
                                          (__m512i)x, (__m512i)pack_set(1));
}

#ifdef __AVX512VPOPCNTDQ__

typedef pack_t ones_t;

GRAV_LANE_FN ones_t ones_none(void)
{
    return pack_set(0);
}

GRAV_LANE_FN ones_t ones_add(ones_t ones, pack_t x)
{
    return ones + (pack_t)_mm512_popcnt_epi32((__m512i)x);
}

GRAV_LANE_FN pack_t ones_total(ones_t ones)
{
    return ones;
}

#else

typedef __m512i ones_t; /* a count a byte */

GRAV_LANE_FN ones_t ones_none(void)
{
    return _mm512_setzero_si512();
}

GRAV_LANE_FN ones_t ones_add(ones_t ones, pack_t x)
{
    return _mm512_add_epi8(ones, lane_popcount_bytes((__m512i)x));
}

GRAV_LANE_FN ones_t ones_sum(ones_t a, ones_t b)
{
    return _mm512_add_epi8(a, b);
}

GRAV_LANE_FN pack_t ones_total(ones_t ones)
{
    __m512i pairs = _mm512_maddubs_epi16(ones, vector_constant(_mm512_set1_epi8(1)));
    return (pack_t)_mm512_madd_epi16(pairs, vector_constant(_mm512_set1_epi16(1)));
}

#define GRAV_CARRY_SAVE

#endif

GRAV_LANE_FN pack_t pack_sum_low(pack_t a, pack_t b, pack_t c)
{
    return (pack_t)_mm512_ternarylogic_epi32((__m512i)a, (__m512i)b, (__m512i)c, 0x96);
}

GRAV_LANE_FN pack_t pack_sum_high(pack_t a, pack_t b, pack_t c)
{
    return (pack_t)_mm512_ternarylogic_epi32((__m512i)a, (__m512i)b, (__m512i)c, 0xe8);
}

#endif
