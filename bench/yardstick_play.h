/* The CPU yardstick's hot loop over any vector of 64-bit lanes. Included once per isa by a
 * yardstick_<isa>.c that defines YARDSTICK_NAME(function) and
 *   vec, VEC_LANES                             so many 64-bit lanes
 *   vec_load(p), vec_store(p, x), vec_set(u)   from, to memory; the same in all lanes
 *   vec_add(a, b), vec_xor3(a, b, c), vec_shift_left(x, n), vec_rotate_left(x, n)
 *   vec_and3(a, b, c), vec_max(a, b)           max of numbers below 2^31
 *   vec_count(counts, x), vec_sum(counts)      counts the ones of up to 31 x; then the sum a lane
 * and, where there are four lanes or more,
 *   vec_set_fours(u, last)                     last in every fourth lane
 *   vec_add_fours(x)                           in each lane, the sum of its four
 */
#include "yardstick_cpu.h"

yardstick_best_fn YARDSTICK_NAME(best_published), YARDSTICK_NAME(best_tuned);
yardstick_scores_fn YARDSTICK_NAME(scores_published), YARDSTICK_NAME(scores_tuned);

#define YARDSTICK_FN static inline __attribute__((always_inline))

/* A generator a lane. */
typedef struct generators {
    vec s0, s1, s2, s3;
} generators;

YARDSTICK_FN generators load(const yardstick_state *state, unsigned lane)
{
    generators g = {vec_load(&state->s[0][lane]), vec_load(&state->s[1][lane]),
                    vec_load(&state->s[2][lane]), vec_load(&state->s[3][lane])};
    return g;
}

YARDSTICK_FN void store(yardstick_state *state, unsigned lane, const generators *g)
{
    vec_store(&state->s[0][lane], g->s0);
    vec_store(&state->s[1][lane], g->s1);
    vec_store(&state->s[2][lane], g->s2);
    vec_store(&state->s[3][lane], g->s3);
}

/* xoshiro256+, each new word written in terms of the old ones. */
YARDSTICK_FN vec draw(generators *g)
{
    generators old = *g;
    g->s0 = vec_xor3(old.s0, old.s1, old.s3);
    g->s1 = vec_xor3(old.s0, old.s1, old.s2);
    g->s2 = vec_xor3(old.s0, old.s2, vec_shift_left(old.s1, 17));
    g->s3 = vec_rotate_left(old.s1 ^ old.s3, 45);
    return vec_add(old.s0, old.s3);
}

YARDSTICK_FN unsigned highest_of(vec best)
{
    uint64_t scores[VEC_LANES], highest = 0;
    vec_store(scores, best);
    for (unsigned i = 0; i < VEC_LANES; i++)
        highest = scores[i] > highest ? scores[i] : highest;
    return (unsigned)highest;
}

/* ---- As it was published: a session is four neighbouring lanes ---------------------------------
 */

#if VEC_LANES >= 4

/* The sessions of one AND: each lane gets its session's score. */
YARDSTICK_FN vec play_and(generators *g)
{
    const vec mask = vec_set_fours(UINT64_MAX, (UINT64_C(1) << YARDSTICK_LAST_BITS) - 1);
    vec first = draw(g), second = draw(g);
    vec counts = vec_sum(vec_count(vec_set(0), vec_and3(first, second, mask)));
    return vec_add_fours(counts);
}

unsigned YARDSTICK_NAME(best_published)(yardstick_state *state, uint64_t steps)
{
    vec best = vec_set(0);
    enum { VECTORS = 8 / VEC_LANES }; /* eight lanes, as published */
    for (unsigned lane = 0; lane < YARDSTICK_LANES; lane += 8) {
        generators g[VECTORS];
        for (unsigned v = 0; v < VECTORS; v++)
            g[v] = load(state, lane + v * VEC_LANES);
        for (uint64_t i = 0; i < 4 * steps; i++)
#pragma GCC unroll 2
            for (unsigned v = 0; v < VECTORS; v++)
                best = vec_max(best, play_and(&g[v]));
        for (unsigned v = 0; v < VECTORS; v++)
            store(state, lane + v * VEC_LANES, &g[v]);
    }
    return highest_of(best);
}

void YARDSTICK_NAME(scores_published)(yardstick_state *state, uint64_t steps, uint8_t *scores)
{
    for (unsigned lane = 0; lane < YARDSTICK_LANES; lane += VEC_LANES) {
        generators g = load(state, lane);
        for (uint64_t i = 0; i < 4 * steps; i++) {
            uint64_t sums[VEC_LANES];
            uint8_t *out = scores + i / 4 * YARDSTICK_LANES + lane + i % 4 * (VEC_LANES / 4);
            vec_store(sums, play_and(&g));
            for (unsigned j = 0; j < VEC_LANES / 4; j++)
                out[j] = (uint8_t)sums[4 * j];
        }
        store(state, lane, &g);
    }
}

#else

unsigned YARDSTICK_NAME(best_published)(yardstick_state *state, uint64_t steps)
{
    return YARDSTICK_NAME(best_tuned)(state, steps);
}

void YARDSTICK_NAME(scores_published)(yardstick_state *state, uint64_t steps, uint8_t *scores)
{
    YARDSTICK_NAME(scores_tuned)(state, steps, scores);
}

#endif

/* ---- Tuned: a session is a lane of four ANDs ----------------------------------------------------
 */

/* A session a lane of two generators' vectors. They take turns draw by draw: one alone waits for
 * itself. */
YARDSTICK_FN void play_two(generators *g, generators *h, vec *score_g, vec *score_h)
{
    const vec all = vec_set(UINT64_MAX), last = vec_set((UINT64_C(1) << YARDSTICK_LAST_BITS) - 1);
    vec counts_g = vec_set(0), counts_h = vec_set(0);
#pragma GCC unroll 4
    for (int i = 0; i < 4; i++) {
        vec first_g = draw(g), first_h = draw(h);
        vec second_g = draw(g), second_h = draw(h);
        counts_g = vec_count(counts_g, vec_and3(first_g, second_g, i < 3 ? all : last));
        counts_h = vec_count(counts_h, vec_and3(first_h, second_h, i < 3 ? all : last));
    }
    *score_g = vec_sum(counts_g);
    *score_h = vec_sum(counts_h);
}

unsigned YARDSTICK_NAME(best_tuned)(yardstick_state *state, uint64_t steps)
{
    vec best = vec_set(0);
    for (unsigned lane = 0; lane < YARDSTICK_LANES; lane += 2 * VEC_LANES) {
        generators g = load(state, lane), h = load(state, lane + VEC_LANES);
        for (uint64_t i = 0; i < steps; i++) {
            vec score_g, score_h;
            play_two(&g, &h, &score_g, &score_h);
            best = vec_max(best, vec_max(score_g, score_h));
        }
        store(state, lane, &g);
        store(state, lane + VEC_LANES, &h);
    }
    return highest_of(best);
}

void YARDSTICK_NAME(scores_tuned)(yardstick_state *state, uint64_t steps, uint8_t *scores)
{
    for (unsigned lane = 0; lane < YARDSTICK_LANES; lane += 2 * VEC_LANES) {
        generators g = load(state, lane), h = load(state, lane + VEC_LANES);
        for (uint64_t i = 0; i < steps; i++) {
            vec score_g, score_h;
            uint64_t both[2 * VEC_LANES];
            play_two(&g, &h, &score_g, &score_h);
            vec_store(both, score_g);
            vec_store(both + VEC_LANES, score_h);
            for (unsigned j = 0; j < 2 * VEC_LANES; j++)
                scores[i * YARDSTICK_LANES + lane + j] = (uint8_t)both[j];
        }
        store(state, lane, &g);
        store(state, lane + VEC_LANES, &h);
    }
}
