/* The CPU yardstick: the fastest method published for the founding job, rewritten from its
 * description. Generators xoshiro256+ (Blackman and Vigna, "Scrambled linear pseudorandom number
 * generators", ACM TOMS 47, 2021) side by side in a vector; a bit of the AND of two draws is a roll
 * that scored, at chance 1/4; four lanes hold a session's 231 rolls; only the highest score is
 * kept. It comes in two layouts, with as many draws. */
#ifndef BENCH_YARDSTICK_CPU_H
#define BENCH_YARDSTICK_CPU_H

#include <graveler.h>

#ifdef __cplusplus
extern "C" {
#endif

enum {
    YARDSTICK_LANES = 16, /* generators of a state: two vectors of AVX-512 */
    YARDSTICK_ROLLS = 231,
    YARDSTICK_LAST_BITS = YARDSTICK_ROLLS - 3 * 64, /* rolls in the last of a session's four ANDs */
};

typedef struct yardstick_state {
    uint64_t s[4][YARDSTICK_LANES]; /* word i of each generator */
} yardstick_state;

typedef enum yardstick_layout {
    /* The yardstick: a session is four neighbouring lanes of one AND, so that a pair of 512-bit
     * draws holds two of them, and its counts are added across lanes. */
    YARDSTICK_PUBLISHED,
    /* The same method as fast as we could make it, faster than anything published: a session is one
     * lane of four ANDs in a row, and sums need no step across lanes. In portable C, which has one
     * lane, the two are one. */
    YARDSTICK_TUNED,
    YARDSTICK_LAYOUTS,
} yardstick_layout;

/* Fills all generators from one seed with splitmix64. */
void yardstick_seed(yardstick_state *state, uint64_t seed);

/* Each plays `steps` times YARDSTICK_LANES sessions, and leaves the state as it is after them. */
typedef unsigned yardstick_best_fn(yardstick_state *state, uint64_t steps); /* the highest score */
/* Writes every score, YARDSTICK_LANES a step: tuned, that of lane l in step i to
 * scores[i * YARDSTICK_LANES + l]. */
typedef void yardstick_scores_fn(yardstick_state *state, uint64_t steps, uint8_t *scores);

typedef struct yardstick_variant {
    grav_isa isa; /* several variants may serve one isa */
    const char *name;
    yardstick_best_fn *best[YARDSTICK_LAYOUTS];
    yardstick_scores_fn *scores[YARDSTICK_LAYOUTS];
    bool (*runs_here)(void);
} yardstick_variant;

/* The i-th variant of this build, the best first and the portable one last; NULL past the last. All
 * roll the same. */
const yardstick_variant *yardstick_variant_at(size_t i);

/* The best variant for isa (GRAV_ISA_AUTO: any) on this CPU; NULL if there is none. */
const yardstick_variant *yardstick_variant_for(grav_isa isa);

/* Plays `sessions` sessions on so many threads, each with generators of its own. *seconds gets the
 * time of that and *best the highest score. */
void yardstick_cpu_play(const yardstick_variant *variant, yardstick_layout layout, uint64_t seed,
                        unsigned threads, uint64_t sessions, double *seconds, unsigned *best);

#ifdef __cplusplus
}
#endif

#endif
