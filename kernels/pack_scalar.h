/* The scalar pack: one session at a time. Portable C, and CUDA threads. Include lane_scalar.h
 * first.
 *
 * A pack type is what founding.h is written over. pack_t holds a 32-bit word for each of GRAV_PACK
 * sessions, so a vector has twice as many of them as of 64-bit lanes; it offers + - & | ^ and the
 * functions below. ones_t is a count of ones under way, in whatever form is cheapest to add to. */
#ifndef GRAV_PACK_SCALAR_H
#define GRAV_PACK_SCALAR_H

#define GRAV_PACK 1u
/* Lanes that a pack is made from, and packs to play at the same time. */
#define GRAV_PACK_HALVES 1u
#define GRAV_HALVES_AT_ONCE 1u
#define GRAV_PACKS_AT_ONCE 1u

typedef uint32_t pack_t;
typedef uint32_t ones_t;

/* The same number for every session. */
GRAV_LANE_FN pack_t pack_set(uint32_t x)
{
    return x;
}

/* first, first + 1 and so on, as far as they go to half h of a pack. */
GRAV_LANE_FN word_t pack_sequence(uint32_t first, uint32_t h)
{
    return word_sequence(first + h);
}

/* The words of a pack's sessions, which lie in the lanes of its halves as pack_sequence() puts
 * them. */
GRAV_LANE_FN pack_t pack_from_words(const word_t half[GRAV_PACK_HALVES])
{
    return half[0];
}

/* Writes the sessions in order. */
GRAV_LANE_FN void pack_store(uint32_t out[GRAV_PACK], pack_t x)
{
    out[0] = x;
}

/* Where a pack has several sessions, it also offers pack_pair(x, bits): in place of session 2 i,
 * its x * 2^bits plus that of session 2 i + 1. */

/* x << count; nothing is left from 32 on. */
GRAV_LANE_FN pack_t pack_shift_left(pack_t x, pack_t count)
{
#ifdef __CUDA_ARCH__
    return __funnelshift_lc(0, x, count);
#else
    return count < 32 ? x << count : 0;
#endif
}

/* a - b where a is greater, else 0. */
GRAV_LANE_FN pack_t pack_sub_sat(pack_t a, uint32_t b)
{
    return a > b ? a - b : 0;
}

GRAV_LANE_FN pack_t pack_min(pack_t a, pack_t b)
{
    return a < b ? a : b;
}

GRAV_LANE_FN pack_t pack_max(pack_t a, pack_t b)
{
    return a > b ? a : b;
}

/* Whether any session's a is above `above`, or its b below `below`; neither bound is 0 or 2^32 - 1.
 * On a GPU the lanes of a warp decide together. */
GRAV_LANE_FN int pack_any(pack_t a, uint32_t above, pack_t b, uint32_t below)
{
    return lane_any(a > above || b < below);
}

/* Comparisons of engine `gen3`: both numbers come with GRAV_PACK_BIAS added, where AVX2 compares
 * with signs only. */
#define GRAV_PACK_BIAS 0u

/* x + 1 where a is below b, else x. */
GRAV_LANE_FN pack_t pack_count_below(pack_t x, pack_t a, pack_t b)
{
    return x + (uint32_t)(a < b);
}

/* x + 1 where a is below b, else 0. */
GRAV_LANE_FN pack_t pack_run_below(pack_t x, pack_t a, pack_t b)
{
    return (x + 1) & (0 - (uint32_t)(a < b)); /* without a branch to mispredict */
}

GRAV_LANE_FN ones_t ones_none(void)
{
    return 0;
}

/* Adds the ones of a word. A count takes at most 31 words. */
GRAV_LANE_FN ones_t ones_add(ones_t ones, pack_t x)
{
#ifdef __CUDA_ARCH__
    return ones + __popc(x);
#else
    return ones + (uint32_t)__builtin_popcount(x);
#endif
}

GRAV_LANE_FN ones_t ones_sum(ones_t a, ones_t b)
{
    return a + b;
}

GRAV_LANE_FN pack_t ones_total(ones_t ones)
{
    return ones;
}

#ifdef __CUDACC__
/* Counting ones takes four times as long as logic: it pays to add the words up bit by bit first. */
#define GRAV_CARRY_SAVE
#endif

/* The sum of three bits, bit by bit: its low bit, and its high one. */
GRAV_LANE_FN pack_t pack_sum_low(pack_t a, pack_t b, pack_t c)
{
    return a ^ b ^ c;
}

GRAV_LANE_FN pack_t pack_sum_high(pack_t a, pack_t b, pack_t c)
{
    return (a & b) | (c & (a | b));
}

#endif
