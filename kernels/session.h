/* The session core: scores of method `rolls`, statistic `sum`, of rolls at a chance, over any lane
 * type (format version 1 in docs/formats.md). Include a lane_*.h and philox.h first.
 *
 * A roll compares a uniform binary fraction with the chance, digit by digit. Plane r holds digit
 * r + 1 of the fractions of the rolls that are still undecided, packed without gaps, so only the
 * number of undecided rolls and of ones among their bits matter. */
#ifndef GRAV_SESSION_H
#define GRAV_SESSION_H

#include <stddef.h>

#include "plan.h"

/* One session a lane, and where its words come from. */
typedef struct session_source {
    const philox_keys *keys;
    uint32_t rounds; /* 10 or 7; a constant wherever speed matters */
    uint32_t high;   /* high half of the session index, the same in all lanes */
    word_t low;      /* low half of it */
    /* The first GRAV_HEAD_BLOCKS blocks where they are given; NULL: Philox makes them. */
    const philox_block *head;
    /* The block read last: a plane may start in the block in which the one before ended. */
    philox_block block;
    uint64_t number;
} session_source;

GRAV_LANE_FN session_source session_source_make(const philox_keys *keys, uint32_t rounds,
                                                uint32_t high, word_t low)
{
    session_source source;
    source.keys = keys;
    source.rounds = rounds;
    source.high = high;
    source.low = low;
    source.head = NULL;
    source.block.pair[0] = source.block.pair[1] = lane_set(0);
    source.number = UINT64_MAX; /* no block yet */
    return source;
}

GRAV_LANE_FN void session_read_block(session_source *source, uint64_t number)
{
    if (source->head && number < GRAV_HEAD_BLOCKS)
        source->block = source->head[number];
    else if (source->number != number)
        source->block =
            philox_session_block(source->rounds, source->keys, number, source->low, source->high);
    source->number = number;
}

/* The blocks of a head given word by word. */
GRAV_LANE_FN void session_pair_words(const word_t words[GRAV_HEAD_WORDS],
                                     philox_block head[GRAV_HEAD_BLOCKS])
{
    GRAV_UNROLL(6)
    for (uint32_t i = 0; i < GRAV_HEAD_WORDS / 2; i++)
        head[i / 2].pair[i % 2] = lane_from_words(words[2 * i], words[2 * i + 1]);
}

/* A pair of words without its lowest `from` bits; nothing is left from 64 on. */
GRAV_LANE_FN lane_t session_drop_low(lane_t pair, uint32_t from)
{
    if (from == 0)
        return pair;
    return pair & lane_set(from < 64 ? ~(uint64_t)0 << from : 0);
}

/* The lowest `count` bits of a pair of words; all of them from 64 on. */
GRAV_LANE_FN lane_t session_keep_low(lane_t pair, uint32_t count)
{
    return count < 64 ? pair & lane_set(~(~(uint64_t)0 << count)) : pair;
}

/* How many blocks hold bits [skip, skip + count) of a row of blocks. */
GRAV_LANE_FN uint32_t session_blocks(uint32_t skip, uint32_t count)
{
    return (skip + count + GRAV_PHILOX_BLOCK_BITS - 1) / GRAV_PHILOX_BLOCK_BITS;
}

/* The ones among the lowest `count` bits of a block, the same for all lanes. */
GRAV_LANE_FN lane_t session_count_full(session_source *source, uint64_t number, uint32_t count)
{
    session_read_block(source, number);
    lane_t ones = lane_popcount(session_keep_low(source->block.pair[0], count));
    if (count > 64)
        ones += lane_popcount(session_keep_low(source->block.pair[1], count - 64));
    return ones;
}

/* The ones among the first `count` bits of each lane's session. */
GRAV_LANE_FN lane_t session_count_first(session_source *source, uint32_t count)
{
    /* The first blocks stand by themselves, here and below, so that constants make straight code:
     * no compiler can be relied on to unroll a loop around so much. */
    lane_t ones = session_count_full(source, 0, count);
    if (count > GRAV_PHILOX_BLOCK_BITS)
        ones += session_count_full(source, 1, count - GRAV_PHILOX_BLOCK_BITS);
    for (uint32_t first = 2 * GRAV_PHILOX_BLOCK_BITS; first < count;
         first += GRAV_PHILOX_BLOCK_BITS)
        ones += session_count_full(source, first / GRAV_PHILOX_BLOCK_BITS, count - first);
    return ones;
}

/* The ones among bits [skip, *left) of a block, *left differing by lane; takes a block off *left.
 */
GRAV_LANE_FN lane_t session_ones_of(const philox_block *block, uint32_t skip, lane_t *left)
{
    lane_t ones = lane_set(0);
    if (skip < 64)
        ones = lane_popcount(lane_keep_low(session_drop_low(block->pair[0], skip), *left));
    *left = lane_sub_sat(*left, 64);
    ones += lane_popcount(
        lane_keep_low(session_drop_low(block->pair[1], skip > 64 ? skip - 64 : 0), *left));
    *left = lane_sub_sat(*left, 64);
    return ones;
}

GRAV_LANE_FN lane_t session_count_block(session_source *source, uint64_t number, uint32_t skip,
                                        lane_t *left)
{
    session_read_block(source, number);
    return session_ones_of(&source->block, skip, left);
}

/* The ones among bits [start, start + count) of each lane's session. count is at most `most`, and
 * about `usual` in most lanes: so many bits are read without asking whether a lane needs them. */
GRAV_LANE_FN lane_t session_count_ones(session_source *source, uint64_t start, lane_t count,
                                       uint32_t usual, uint32_t most)
{
    uint64_t number = start / GRAV_PHILOX_BLOCK_BITS;
    uint32_t skip = (uint32_t)(start % GRAV_PHILOX_BLOCK_BITS);
    uint32_t unasked = session_blocks(skip, usual), blocks = session_blocks(skip, most);
    lane_t left = count + lane_set(skip); /* bits to go, from the block's first one */
    lane_t ones = session_count_block(source, number, skip, &left);
    if (blocks > 1 && (unasked > 1 || lane_any(left)))
        ones += session_count_block(source, number + 1, 0, &left);
    for (uint32_t i = 2; i < blocks && (i < unasked || lane_any(left)); i++)
        ones += session_count_block(source, number + i, 0, &left);
    return ones;
}

/* What is known of each lane's session. */
typedef struct session_state {
    lane_t undecided, score;
} session_state;

/* Plays a plane of digit `digit`, in which `ones` of the undecided rolls read a one. */
GRAV_LANE_FN void session_decide(int digit, lane_t ones, session_state *state)
{
    if (digit) { /* a zero scores, a one stays undecided */
        state->score += state->undecided - ones;
        state->undecided = ones;
    } else { /* a one does not score, a zero stays undecided */
        state->undecided -= ones;
    }
}

GRAV_LANE_FN int session_digit(uint64_t digits, uint32_t plane)
{
    return (int)(digits << plane >> 63);
}

/* Plays a plane that starts at bit `start`, of at most `most` undecided rolls, about `usual`. */
GRAV_LANE_FN void session_play_plane(int digit, uint64_t start, uint32_t usual, uint32_t most,
                                     session_source *source, session_state *state)
{
    session_decide(digit, session_count_ones(source, start, state->undecided, usual, most), state);
}

/* Plays a session of GRAV_GAME_COUNT in each lane. */
GRAV_LANE_FN session_state session_play(const grav_plan *plan, session_source *source)
{
    session_state state = {lane_set(plan->rolls), lane_set(plan->sure_score)};
    const uint64_t digits = plan->digits, rolls = plan->rolls;
    if (plan->planes > 0)
        session_decide(session_digit(digits, 0), session_count_first(source, plan->rolls), &state);
    /* Every plane decides half of the rolls on average. */
    if (plan->planes > 1)
        session_play_plane(session_digit(digits, 1), rolls, plan->rolls / 2, plan->rolls, source,
                           &state);
    for (uint32_t plane = 2; plane < plan->planes && lane_any(state.undecided); plane++)
        session_play_plane(session_digit(digits, plane), plane * rolls,
                           plane < 32 ? plan->rolls >> plane : 0, plan->rolls, source, &state);
    return state;
}

/* The score of each lane's session of GRAV_GAME_COUNT. */
GRAV_LANE_FN lane_t session_score(const grav_plan *plan, session_source *source)
{
    return session_play(plan, source).score;
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
    plan.fast = 0; /* the core does not ask where its words come from */
    plan.scores = 0;
    plan.game = GRAV_GAME_COUNT;
    plan.die = 0;
    return plan;
}

#endif
