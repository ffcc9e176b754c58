/* Playing a range on one CPU thread, one variant per isa. */
#ifndef GRAV_CPU_H
#define GRAV_CPU_H

#include "graveler.h"
#include "plan.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Plays sessions [first, end) and folds them into *part. */
typedef void grav_play_fn(const grav_plan *plan, uint64_t first, uint64_t end, grav_part *part);

grav_play_fn grav_play_portable;
grav_play_fn grav_play_avx2;
grav_play_fn grav_play_avx512;
grav_play_fn grav_play_avx512_popcnt;

/* The same for method `scores`. */
grav_play_fn grav_play_scores_portable;
grav_play_fn grav_play_scores_avx2;
grav_play_fn grav_play_scores_avx512;

/* The same for engine `gen3`. */
grav_play_fn grav_play_gen3_portable;
grav_play_fn grav_play_gen3_avx2;
grav_play_fn grav_play_gen3_avx512;

/* The score of one session, whose first GRAV_HEAD_WORDS words are given; what it reads beyond them
 * is Philox's. For the few sessions that the variants leave out. */
uint32_t grav_play_headed(const grav_plan *plan, const uint32_t *words, uint64_t session);

typedef struct grav_variant {
    grav_isa isa; /* several variants may serve one isa */
    const char *name;
    grav_play_fn *play, *play_scores, *play_gen3;
    bool (*runs_here)(void);
} grav_variant;

/* Which of a variant's functions plays a plan. */
grav_play_fn *grav_variant_play(const grav_variant *variant, const grav_plan *plan);

/* The i-th variant of this build, the best first and the portable one last; NULL past the last. */
const grav_variant *grav_variant_at(size_t i);

/* The best variant for isa, or for any where that is GRAV_ISA_AUTO, that runs on this CPU; NULL if
 * there is none. */
const grav_variant *grav_variant_for(grav_isa isa);

#ifdef __cplusplus
}
#endif

#endif
