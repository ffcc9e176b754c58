/* The session core: scores of method `rolls`, statistic `sum`, for a two-faced die, over any lane
 * type (format version 1 in docs/formats.md). Include a lane_*.h and philox.h first.
 *
 * A roll compares a uniform binary fraction with the chance, digit by digit. Plane r holds digit
 * r + 1 of the fractions of the rolls that are still undecided, packed without gaps, so only the
 * number of undecided rolls and of ones among their bits matter. */
#ifndef GRAV_SESSION_H
#define GRAV_SESSION_H

#include "plan.h"

/* The block a session read last: a plane may start in the block in which the one before ended. */
typedef struct session_block {
    philox_block words;
    uint64_t number; /* SESSION_NO_BLOCK: none yet */
} session_block;

#define SESSION_NO_BLOCK UINT64_MAX

/* A pair of words without its lowest `from` bits; nothing is left from 64 on. */
GRAV_LANE_FN lane_t session_drop_low(lane_t pair, uint32_t from)
{
    return pair & lane_set(from < 64 ? ~(uint64_t)0 << from : 0);
}

/* The ones among bits [start, start + count) of each lane's session; count is at most rolls. */
GRAV_LANE_FN lane_t session_count_ones(const grav_plan *plan, uint32_t rounds, lane_t session,
                                       uint64_t start, lane_t count, session_block *last)
{
    uint64_t number = start / GRAV_PHILOX_BLOCK_BITS;
    uint32_t skip = (uint32_t)(start % GRAV_PHILOX_BLOCK_BITS);
    lane_t left = count + lane_set(skip); /* bits to go, from the block's first one */
    lane_t ones = lane_set(0);
    /* Bounded over all lanes, so that constant rolls unroll. */
    uint32_t blocks = (skip + plan->rolls + GRAV_PHILOX_BLOCK_BITS - 1) / GRAV_PHILOX_BLOCK_BITS;
    GRAV_UNROLL(4)
    for (uint32_t i = 0; i < blocks; i++) {
        if (!lane_any(left))
            break;
        if (last->number != number) {
            last->words = philox_session_block(rounds, plan->seed, number, session);
            last->number = number;
        }
        lane_t low = session_drop_low(last->words.pair[0], skip);
        lane_t high = session_drop_low(last->words.pair[1], skip > 64 ? skip - 64 : 0);
        ones += lane_popcount(lane_keep_low(low, left));
        left = lane_sub_sat(left, 64);
        ones += lane_popcount(lane_keep_low(high, left));
        left = lane_sub_sat(left, 64);
        skip = 0;
        number++;
    }
    return ones;
}

/* The score of each lane's session. rounds is plan->philox_rounds, given apart so that callers can
 * make it a constant. */
GRAV_LANE_FN lane_t session_score(const grav_plan *plan, uint32_t rounds, lane_t session)
{
    session_block last;
    last.number = SESSION_NO_BLOCK;
    last.words.pair[0] = last.words.pair[1] = lane_set(0);
    lane_t undecided = lane_set(plan->rolls);
    lane_t score = lane_set(plan->sure_score);
    uint64_t start = 0;
    GRAV_UNROLL(2)
    for (uint32_t plane = 0; plane < plan->planes; plane++) {
        if (!lane_any(undecided))
            break;
        lane_t ones = session_count_ones(plan, rounds, session, start, undecided, &last);
        if (plan->digits << plane >> 63) { /* a zero scores, a one stays undecided */
            score += undecided - ones;
            undecided = ones;
        } else { /* a one does not score, a zero stays undecided */
            undecided -= ones;
        }
        start += plan->rolls;
    }
    return score;
}

/* The founding job's plan with its constants where the compiler sees them. */
GRAV_LANE_FN grav_plan session_founding_plan(uint64_t seed, uint32_t rounds)
{
    grav_plan plan;
    plan.seed = seed;
    plan.digits = GRAV_FOUNDING_DIGITS;
    plan.rolls = GRAV_FOUNDING_ROLLS;
    plan.planes = GRAV_FOUNDING_PLANES;
    plan.sure_score = 0;
    plan.philox_rounds = rounds;
    return plan;
}

#endif
