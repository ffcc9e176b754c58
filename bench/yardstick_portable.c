/* The CPU yardstick in portable C, a lane at a time. */
#include <stdint.h>

typedef uint64_t vec;
#define VEC_LANES 1u

#define vec_load(p) (*(p))
#define vec_store(p, x) (*(p) = (x))
#define vec_set(x) ((uint64_t)(x))
#define vec_add(a, b) ((a) + (b))
#define vec_xor3(a, b, c) ((a) ^ (b) ^ (c))
#define vec_and3(a, b, c) ((a) & (b) & (c))
#define vec_shift_left(x, n) ((x) << (n))
#define vec_rotate_left(x, n) ((x) << (n) | (x) >> (64 - (n)))
#define vec_max(a, b) ((a) > (b) ? (a) : (b))
#define vec_count(counts, x) ((counts) + (uint64_t)__builtin_popcountll(x))
#define vec_sum(counts) (counts)

#define YARDSTICK_NAME(function) yardstick_##function##_portable
#include "yardstick_play.h"
