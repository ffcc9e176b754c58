/* Sessions of statistic `streak`: the longest run of rolls that score. Include session_die.h first.
 *
 * Here every roll has its own bit of every plane: roll i reads bit i. Rolls are played in rows of
 * STREAK_ROW, one bit a roll, and plane by plane. */
#ifndef GRAV_STREAK_H
#define GRAV_STREAK_H

#include "session_die.h"

#define STREAK_PAIRS 4u
#define STREAK_ROW (64 * STREAK_PAIRS)

/* One row of each lane's session, the first roll in the lowest bit of the first pair. */
typedef struct streak_row {
    lane_t pair[STREAK_PAIRS];
} streak_row;

/* What is known after some rows. */
typedef struct streak_state {
    lane_t best; /* the longest run so far */
    lane_t run;  /* the run that the last roll ends */
} streak_state;

/* All of a row's `count` rolls, and none beyond. */
GRAV_LANE_FN void streak_fill(streak_row *row, uint32_t count)
{
    GRAV_UNROLL(4)
    for (uint32_t i = 0; i < STREAK_PAIRS; i++)
        row->pair[i] =
            count > 64 * i ? session_keep_low(lane_set(~(uint64_t)0), count - 64 * i) : lane_set(0);
}

/* Which rolls of a row of `count` score; `first` is the index of its first roll. */
GRAV_LANE_FN streak_row streak_play_row(const grav_plan *plan, session_source *source,
                                        uint32_t first, uint32_t count)
{
    streak_row undecided, scored;
    lane_t any = lane_set(1);
    streak_fill(&undecided, count);
    streak_fill(&scored, plan->sure_score ? count : 0);
    for (uint32_t plane = 0; plane < plan->planes && lane_any(any); plane++) {
        uint64_t start = (uint64_t)plane * plan->rolls + first;
        int digit = session_digit(plan->digits, plane);
        any = lane_set(0);
        GRAV_UNROLL(4)
        for (uint32_t i = 0; i < STREAK_PAIRS; i++) {
            if (count <= 64 * i)
                break;
            lane_t bits = session_window(source, start + 64 * i, count - 64 * i);
            if (digit) { /* a zero scores, a one stays undecided */
                scored.pair[i] |= undecided.pair[i] & ~bits;
                undecided.pair[i] &= bits;
            } else { /* a one does not score, a zero stays undecided */
                undecided.pair[i] &= ~bits;
            }
            any |= undecided.pair[i];
        }
    }
    return scored;
}

/* The length of the longest run within a row. */
GRAV_LANE_FN lane_t streak_longest(streak_row row)
{
    lane_t longest = lane_set(0);
    for (;;) {
        lane_t any = row.pair[0];
        GRAV_UNROLL(3)
        for (uint32_t i = 1; i < STREAK_PAIRS; i++)
            any |= row.pair[i];
        if (!lane_any(any))
            return longest;
        longest += lane_is_not_zero(any);
        /* Every run loses its last roll: a roll stays where the next one scores as well. */
        GRAV_UNROLL(3)
        for (uint32_t i = 0; i + 1 < STREAK_PAIRS; i++)
            row.pair[i] &= row.pair[i] >> 1 | row.pair[i + 1] << 63;
        row.pair[STREAK_PAIRS - 1] &= row.pair[STREAK_PAIRS - 1] >> 1;
    }
}

/* How many of a pair's rolls score before the first that does not. */
GRAV_LANE_FN lane_t streak_leading(lane_t pair)
{
    return lane_popcount(pair & ~(pair + lane_set(1)));
}

/* How many score after the last that does not. */
GRAV_LANE_FN lane_t streak_trailing(lane_t pair)
{
    lane_t none = ~pair; /* and all below the highest of them */
    GRAV_UNROLL(6)
    for (uint32_t shift = 1; shift < 64; shift *= 2)
        none |= none >> shift;
    return lane_set(64) - lane_popcount(none);
}

/* Joins a whole row to the rows before it: runs go on from one to the next. */
GRAV_LANE_FN void streak_join(const streak_row *row, streak_state *state)
{
    /* Runs within a pair end at 64; those that go through its ends are found below. */
    if (lane_any(state->best ^ lane_max(state->best, lane_set(64))))
        state->best = lane_max(state->best, streak_longest(*row));
    GRAV_UNROLL(4)
    for (uint32_t i = 0; i < STREAK_PAIRS; i++) {
        lane_t pair = row->pair[i], through = lane_is_not_zero(~pair) - lane_set(1);
        state->best = lane_max(state->best, state->run + streak_leading(pair));
        state->run = (state->run & through) + streak_trailing(pair);
    }
}

/* The score of each lane's session of GRAV_GAME_STREAK. */
GRAV_LANE_FN lane_t streak_score(const grav_plan *plan, session_source *source)
{
    streak_row row;
    if (plan->rolls <= STREAK_ROW) {
        row = streak_play_row(plan, source, 0, plan->rolls);
        return streak_longest(row);
    }
    streak_state state = {lane_set(0), lane_set(0)};
    for (uint32_t first = 0; first < plan->rolls; first += STREAK_ROW) {
        uint32_t left = plan->rolls - first;
        row = streak_play_row(plan, source, first, left < STREAK_ROW ? left : STREAK_ROW);
        streak_join(&row, &state);
    }
    return state.best;
}

#endif
