/* The CPU yardstick in AVX2. */
#include <immintrin.h>
#include <stdint.h>

typedef uint64_t vec __attribute__((vector_size(32)));
#define VEC_LANES 4u
#define VEC_FN static inline __attribute__((always_inline))

VEC_FN vec vec_load(const uint64_t *p)
{
    return (vec)_mm256_loadu_si256((const __m256i *)p);
}

VEC_FN void vec_store(uint64_t *p, vec x)
{
    _mm256_storeu_si256((__m256i *)p, (__m256i)x);
}

VEC_FN vec vec_set(uint64_t x)
{
    return (vec)_mm256_set1_epi64x((long long)x);
}

VEC_FN vec vec_set_fours(uint64_t x, uint64_t last)
{
    return (vec){x, x, x, last};
}

VEC_FN vec vec_add_fours(vec x)
{
    x += (vec)_mm256_permute4x64_epi64((__m256i)x, 0x4e); /* the other half of the four */
    return x + (vec)_mm256_permute4x64_epi64((__m256i)x, 0xb1);
}

VEC_FN vec vec_add(vec a, vec b)
{
    return a + b;
}

VEC_FN vec vec_xor3(vec a, vec b, vec c)
{
    return a ^ b ^ c;
}

VEC_FN vec vec_and3(vec a, vec b, vec c)
{
    return a & b & c;
}

#define vec_shift_left(x, n) ((x) << (n))
#define vec_rotate_left(x, n) ((x) << (n) | (x) >> (64 - (n)))

VEC_FN vec vec_max(vec a, vec b)
{
    return (vec)_mm256_max_epu32((__m256i)a, (__m256i)b);
}

/* The ones in each byte, by a table of half bytes. */
VEC_FN __m256i count_bytes(vec x)
{
    const __m256i table = _mm256_setr_epi8(0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4, 0, 1, 1,
                                           2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4);
    const __m256i half = _mm256_set1_epi8(0x0f);
    __m256i low = _mm256_and_si256((__m256i)x, half);
    __m256i high = _mm256_and_si256(_mm256_srli_epi16((__m256i)x, 4), half);
    return _mm256_add_epi8(_mm256_shuffle_epi8(table, low), _mm256_shuffle_epi8(table, high));
}

VEC_FN vec vec_count(vec counts, vec x)
{
    return (vec)_mm256_add_epi8((__m256i)counts, count_bytes(x));
}

VEC_FN vec vec_sum(vec counts)
{
    return (vec)_mm256_sad_epu8((__m256i)counts, _mm256_setzero_si256());
}

#define YARDSTICK_NAME(function) yardstick_##function##_avx2
#include "yardstick_play.h"
