/* What every lane of every backend needs to know to play a session. */
#ifndef GRAV_PLAN_H
#define GRAV_PLAN_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Scores are told from the experiment's lowest on: a session of ten dice of values 1 to 6 scores 0
 * to 50 here. */

/* What a session makes of its rolls. */
typedef enum grav_game {
    GRAV_GAME_COUNT,  /* how many take face 0: faces of values 1 and 0 */
    GRAV_GAME_DIE,    /* the sum of any die's values */
    GRAV_GAME_STREAK, /* how many take face 0 in a row */
} grav_game;

#define GRAV_FACES_END 256u  /* of a die */
#define GRAV_FACE_PLANES 64u /* that each face but the last has to itself */

/* One face of a die: of the rolls that no face before it has taken, it takes so many. */
typedef struct grav_face {
    uint64_t digits; /* its chance's binary digits d1 d2 … d64, d1 in the highest bit */
    uint32_t planes; /* index of the last digit that is 1; 0 if there is none */
    uint32_t sure;   /* whether it takes all, at chance 1 */
    uint32_t value;  /* above the die's lowest */
    uint32_t usual;  /* rolls that are left for it, about */
} grav_face;

typedef struct grav_die {
    uint32_t count; /* of faces, 2 to GRAV_FACES_END; the last takes what is left */
    uint32_t value_max;
    grav_face faces[GRAV_FACES_END];
} grav_die;

/* x -> factor x + addend mod 2^32. */
typedef struct grav_gen3_step {
    uint32_t factor, addend;
} grav_gen3_step;

/* Rolls of engine `gen3` (gen3.h): one scores where a product is below `limit`, that of
 * `multiplier` and the state it ends in, or of_half: that state's high half. */
typedef struct grav_gen3 {
    uint32_t on; /* whether it is the engine; else the rest is 0 */
    grav_gen3_step roll;
    uint32_t of_half, multiplier, limit;
} grav_gen3;

/* One experiment under one seed, uniform over all sessions. Plain data: it is passed to the GPU as
 * a kernel argument. Filled by grav_plan_make() only. */
typedef struct grav_plan {
    uint64_t seed;
    uint64_t digits;     /* the chance's binary digits d1 d2 … d64, d1 in the highest bit */
    uint32_t rolls;      /* 1 to 2^24 */
    uint32_t planes;     /* index of the last digit that is 1; 0 if there is none */
    uint32_t sure_score; /* what a session scores before its first word: rolls if the chance is 1 */
    grav_game game;
    const grav_die *die;    /* GRAV_GAME_DIE, which looks at none of the chance's; else NULL */
    uint32_t philox_rounds; /* 10 or 7; 0: the engine has none */
    uint32_t fast;          /* whether the engine is `fast`; its Philox has 10 rounds */
    grav_gen3 gen3;         /* engine `gen3`, which has no seed */
    const struct grav_scores *scores; /* method `scores`: its table (scores.h); else NULL */
} grav_plan;

/* The founding job, for which the core is compiled with constants: 231 rolls at chance 1/4. */
#define GRAV_FOUNDING_ROLLS 231u
#define GRAV_FOUNDING_DIGITS (UINT64_C(1) << 62)
#define GRAV_FOUNDING_PLANES 2u

static inline int grav_plan_is_founding(const grav_plan *plan)
{
    return plan->game == GRAV_GAME_COUNT && plan->rolls == GRAV_FOUNDING_ROLLS &&
           plan->digits == GRAV_FOUNDING_DIGITS;
}

/* The highest score that a session can have. */
static inline uint32_t grav_plan_score_max(const grav_plan *plan)
{
    return plan->die ? plan->rolls * plan->die->value_max : plan->rolls;
}

/* How many rolls at a chance, about, cost as much as a session: one for a draw. Every face of a die
 * looks at the rolls that are left for it, and at a pair of words at least. */
static inline uint64_t grav_plan_rolls(const grav_plan *plan)
{
    if (plan->scores)
        return 1;
    return plan->die ? (uint64_t)plan->die->count * (plan->rolls + 64) : plan->rolls;
}

/* What one player (a thread, a launch) found. A new one has scored 0 in GRAV_NO_SESSION. */
typedef struct grav_part {
    uint64_t max_score;
    uint64_t
        max_session;   /* the lowest session that scored max_score; GRAV_NO_SESSION: none played */
    uint64_t *counts;  /* sessions by score, 0 to the highest possible; NULL: not kept */
    int counts_shared; /* whether other threads add to counts at the same time */
} grav_part;

#define GRAV_NO_SESSION UINT64_MAX

/* Folds a candidate record into part: the higher score wins, and of equal ones the lower session.
 */
static inline void grav_part_offer(grav_part *part, uint64_t score, uint64_t session)
{
    if (score > part->max_score || (score == part->max_score && session < part->max_session)) {
        part->max_score = score;
        part->max_session = session;
    }
}

#ifdef __cplusplus
}
#endif

#endif
