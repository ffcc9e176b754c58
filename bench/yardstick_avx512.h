/* The CPU yardstick in AVX-512. Included by yardstick_avx512*.c, which differ in how they are
 * compiled: with or without an instruction that counts ones (VPOPCNTDQ). */
#include <immintrin.h>
#include <stdint.h>

typedef uint64_t vec __attribute__((vector_size(64)));
#define VEC_LANES 8u
#define VEC_FN static inline __attribute__((always_inline))

VEC_FN vec vec_load(const uint64_t *p)
{
    return (vec)_mm512_loadu_si512(p);
}

VEC_FN void vec_store(uint64_t *p, vec x)
{
    _mm512_storeu_si512(p, (__m512i)x);
}

VEC_FN vec vec_set(uint64_t x)
{
    return (vec)_mm512_set1_epi64((long long)x);
}

VEC_FN vec vec_set_fours(uint64_t x, uint64_t last)
{
    return (vec){x, x, x, last, x, x, x, last};
}

VEC_FN vec vec_add_fours(vec x)
{
    x += (vec)_mm512_permutex_epi64((__m512i)x, 0x4e); /* the other half of the four */
    return x + (vec)_mm512_permutex_epi64((__m512i)x, 0xb1);
}

VEC_FN vec vec_add(vec a, vec b)
{
    return a + b;
}

VEC_FN vec vec_xor3(vec a, vec b, vec c)
{
    return (vec)_mm512_ternarylogic_epi64((__m512i)a, (__m512i)b, (__m512i)c, 0x96);
}

VEC_FN vec vec_and3(vec a, vec b, vec c)
{
    return (vec)_mm512_ternarylogic_epi64((__m512i)a, (__m512i)b, (__m512i)c, 0x80);
}

#define vec_shift_left(x, n) ((vec)_mm512_slli_epi64((__m512i)(x), n))
#define vec_rotate_left(x, n) ((vec)_mm512_rol_epi64((__m512i)(x), n))

VEC_FN vec vec_max(vec a, vec b)
{
    return (vec)_mm512_max_epu32((__m512i)a, (__m512i)b);
}

#ifdef __AVX512VPOPCNTDQ__
VEC_FN vec vec_count(vec counts, vec x)
{
    return counts + (vec)_mm512_popcnt_epi64((__m512i)x);
}

VEC_FN vec vec_sum(vec counts)
{
    return counts;
}
#else
/* The ones in each byte, by a table of half bytes. */
VEC_FN __m512i count_bytes(vec x)
{
    const __m512i table =
        _mm512_broadcast_i32x4(_mm_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4));
    const __m512i half = _mm512_set1_epi8(0x0f);
    __m512i low = _mm512_and_si512((__m512i)x, half);
    __m512i high = _mm512_and_si512(_mm512_srli_epi16((__m512i)x, 4), half);
    return _mm512_add_epi8(_mm512_shuffle_epi8(table, low), _mm512_shuffle_epi8(table, high));
}

VEC_FN vec vec_count(vec counts, vec x)
{
    return (vec)_mm512_add_epi8((__m512i)counts, count_bytes(x));
}

VEC_FN vec vec_sum(vec counts)
{
    return (vec)_mm512_sad_epu8((__m512i)counts, _mm512_setzero_si512());
}
#endif
