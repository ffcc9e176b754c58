/* Packs of eight sessions in AVX2. Include lane_avx2.h first. What a pack type offers is told in
 * pack_scalar.h. */
#ifndef GRAV_PACK_AVX2_H
#define GRAV_PACK_AVX2_H

#define GRAV_PACK 8u
#define GRAV_PACK_HALVES 2u
#define GRAV_HALVES_AT_ONCE 1u
#define GRAV_PACKS_AT_ONCE 1u

typedef uint32_t pack_t __attribute__((vector_size(32)));
typedef __m256i ones_t; /* a count a byte */

GRAV_LANE_FN pack_t pack_set(uint32_t x)
{
    return (pack_t)vector_constant(_mm256_set1_epi32((int)x));
}

/* Half 0 has sessions 0, 1, 4 and 5. */
GRAV_LANE_FN word_t pack_sequence(uint32_t first, uint32_t h)
{
    return lane_set(first + 2 * h) + (lane_t){0, 1, 4, 5};
}

GRAV_LANE_FN pack_t pack_from_words(const word_t half[GRAV_PACK_HALVES])
{
    /* One instruction less than shifting and blending. */
    return (pack_t)_mm256_shuffle_ps((__m256)half[0], (__m256)half[1], _MM_SHUFFLE(2, 0, 2, 0));
}

GRAV_LANE_FN void pack_store(uint32_t out[GRAV_PACK], pack_t x)
{
    _mm256_storeu_si256((__m256i *)out, (__m256i)x);
}

GRAV_LANE_FN pack_t pack_pair(pack_t x, int bits)
{
    return (pack_t)(((lane_t)x << bits) + ((lane_t)x >> 32));
}

GRAV_LANE_FN pack_t pack_shift_left(pack_t x, pack_t count)
{
    return (pack_t)_mm256_sllv_epi32((__m256i)x, (__m256i)count);
}

GRAV_LANE_FN pack_t pack_sub_sat(pack_t a, uint32_t b)
{
    return (pack_t)_mm256_max_epu32((__m256i)a, (__m256i)pack_set(b)) - pack_set(b);
}

GRAV_LANE_FN pack_t pack_min(pack_t a, pack_t b)
{
    return (pack_t)_mm256_min_epu32((__m256i)a, (__m256i)b);
}

GRAV_LANE_FN pack_t pack_max(pack_t a, pack_t b)
{
    return (pack_t)_mm256_max_epu32((__m256i)a, (__m256i)b);
}

GRAV_LANE_FN int pack_any(pack_t a, uint32_t above, pack_t b, uint32_t below)
{
    /* By maximum and minimum: AVX2 compares with signs only. */
    pack_t equal_a =
        (pack_t)_mm256_cmpeq_epi32((__m256i)a, (__m256i)pack_max(a, pack_set(above + 1)));
    pack_t equal_b =
        (pack_t)_mm256_cmpeq_epi32((__m256i)b, (__m256i)pack_min(b, pack_set(below - 1)));
    return _mm256_movemask_epi8((__m256i)(equal_a | equal_b)) != 0;
}

#define GRAV_PACK_BIAS 0x80000000u

GRAV_LANE_FN pack_t pack_count_below(pack_t x, pack_t a, pack_t b)
{
    return x - (pack_t)_mm256_cmpgt_epi32((__m256i)b, (__m256i)a);
}

GRAV_LANE_FN pack_t pack_run_below(pack_t x, pack_t a, pack_t b)
{
    pack_t below = (pack_t)_mm256_cmpgt_epi32((__m256i)b, (__m256i)a);
    return (x - below) & below;
}

GRAV_LANE_FN ones_t ones_none(void)
{
    return _mm256_setzero_si256();
}

GRAV_LANE_FN ones_t ones_add(ones_t ones, pack_t x)
{
    return _mm256_add_epi8(ones, lane_popcount_bytes((__m256i)x));
}

GRAV_LANE_FN ones_t ones_sum(ones_t a, ones_t b)
{
    return _mm256_add_epi8(a, b);
}

GRAV_LANE_FN pack_t ones_total(ones_t ones)
{
    __m256i pairs = _mm256_maddubs_epi16(ones, vector_constant(_mm256_set1_epi8(1)));
    return (pack_t)_mm256_madd_epi16(pairs, vector_constant(_mm256_set1_epi16(1)));
}

#define GRAV_CARRY_SAVE

GRAV_LANE_FN pack_t pack_sum_low(pack_t a, pack_t b, pack_t c)
{
    return a ^ b ^ c;
}

GRAV_LANE_FN pack_t pack_sum_high(pack_t a, pack_t b, pack_t c)
{
    return (a & b) | (c & (a ^ b)); /* shares a ^ b with the low bit */
}

#endif
