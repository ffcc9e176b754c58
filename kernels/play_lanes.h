/* Plays any experiment of method `rolls`, GRAV_LANES sessions at a time. */
#ifndef GRAV_PLAY_LANES_H
#define GRAV_PLAY_LANES_H

#include "fast.h"
#include "play_batch.h"
#include "play_take.h"
#include "streak.h"

/* The score of each lane's session. `game` is plan->game, as a constant. */
GRAV_LANE_FN lane_t lanes_score(const grav_plan *plan, grav_game game, session_source *source)
{
    switch (game) {
    case GRAV_GAME_DIE:
        return session_score_die(plan, source);
    case GRAV_GAME_STREAK:
        return streak_score(plan, source);
    default:
        return session_score(plan, source);
    }
}

/* Takes the scores of sessions `session` and so on. small: whether no score reaches PLAY_SMALL. */
GRAV_LANE_FN void lanes_take(play_call *call, int small, lane_t score, uint64_t session)
{
    uint32_t scores[GRAV_LANES];
    /* An equal score is better only if it was reached before the record. */
    uint64_t to_reach = call->found.max_score + (call->found.max_session < session);
    lane_store_low(scores, score);
    if (__builtin_expect(lane_any_at_least(score, to_reach), 0))
        play_offer(call, scores, session, GRAV_LANES);
    if (call->found.counts)
        play_count(call, small, scores, session, GRAV_LANES);
}

/* Plays the call's sessions with Philox; their indices have the same high half. */
GRAV_LANE_FN void lanes_play_philox(const grav_plan *plan, const philox_keys *keys, grav_game game,
                                    uint32_t rounds, int small, play_call *call)
{
    uint32_t high = (uint32_t)(call->first >> 32);
    uint64_t session = call->first;
    if (game == GRAV_GAME_COUNT)
        session = batch_play(plan, keys, rounds, small, call);
    for (; session < call->end; session += GRAV_LANES) {
        session_source source =
            session_source_make(keys, rounds, high, word_sequence((uint32_t)session));
        lanes_take(call, small, lanes_score(plan, game, &source), session);
    }
}

_Static_assert(GRAV_FAST_STREAMS % GRAV_LANES == 0, "vectors hold whole rows of streams");

/* Plays sessions [from, to) of a block, those that streams `number` and so on play. */
GRAV_LANE_FN void lanes_play_streams(const grav_plan *plan, const philox_keys *keys, grav_game game,
                                     int small, play_call *call, uint64_t block, uint32_t number,
                                     uint32_t from, uint32_t to)
{
    uint32_t step = from / GRAV_FAST_STREAMS;
    fast_stream stream = fast_stream_make(keys, block, word_sequence(number));
    fast_skip(&stream, step);
    for (; step * GRAV_FAST_STREAMS < to; step++) {
        uint64_t session = block * GRAV_FAST_BLOCK + step * GRAV_FAST_STREAMS + number;
        word_t words[GRAV_HEAD_WORDS];
        philox_block head[GRAV_HEAD_BLOCKS];
        fast_next_head(&stream, words);
        session_pair_words(words, head);
        session_source source =
            session_source_make(keys, GRAV_FAST_PHILOX_ROUNDS, (uint32_t)(session >> 32),
                                word_sequence((uint32_t)session));
        source.head = head;
        lanes_take(call, small, lanes_score(plan, game, &source), session);
    }
}

GRAV_LANE_FN void lanes_play_fast(const grav_plan *plan, const philox_keys *keys, grav_game game,
                                  int small, play_call *call)
{
    uint32_t from, to;
    for (uint64_t block = call->first / GRAV_FAST_BLOCK;
         fast_clip(block, call->first, call->end, &from, &to); block++)
        for (uint32_t number = 0; number < GRAV_FAST_STREAMS; number += GRAV_LANES)
            lanes_play_streams(plan, keys, game, small, call, block, number, from, to);
}

#endif
