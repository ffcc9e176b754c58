/* Plays rolls at a chance of many digits, a batch of sessions at a time and plane by plane.
 *
 * Half of the rolls are decided by every plane: of 231 some session of a vector needs twelve
 * planes, but most of its sessions have long been done by then. So the sessions of a batch that
 * still have undecided rolls move together after every late plane, and vectors stay full. It also
 * leaves a processor no branch to mispredict between the words of one vector and the next. */
#ifndef GRAV_PLAY_BATCH_H
#define GRAV_PLAY_BATCH_H

#include "play_take.h"
#include "session_die.h"

enum {
    BATCH_SESSIONS = 256,
    BATCH_AT_ONCE = 2, /* vectors */
    BATCH_ROOM =
        BATCH_SESSIONS + BATCH_AT_ONCE * GRAV_LANES, /* the last vectors may be part empty */
    /* Chances of so few digits are as fast session by session. */
    BATCH_PLANES_MIN = 4,
    /* Planes played before there is a batch: they share blocks. */
    BATCH_EARLY_PLANES = 2,
    /* From so few undecided rolls a session on, on average, sessions that are done leave. */
    BATCH_USUAL_MAX = 8,
};

/* Sessions under way: the low half of the index, and what is known. Entry i of each array is
 * session i's. */
typedef struct play_batch {
    uint64_t low[BATCH_ROOM], undecided[BATCH_ROOM], score[BATCH_ROOM];
    uint32_t count;
    uint32_t most; /* undecided rolls of a session, at most */
    uint64_t done_low[BATCH_ROOM], done_score[BATCH_ROOM];
    uint32_t done;
} play_batch;

/* Sets batch->most. */
GRAV_LANE_FN void batch_note_most(play_batch *batch, lane_t most)
{
    uint64_t lanes[GRAV_LANES];
    lane_store(lanes, most);
    batch->most = 0;
    for (uint32_t i = 0; i < GRAV_LANES; i++)
        batch->most = lanes[i] > batch->most ? (uint32_t)lanes[i] : batch->most;
}

/* Plays the early planes of sessions `session` and so on. */
GRAV_LANE_FN void batch_begin(const grav_plan *plan, const philox_keys *keys, uint32_t rounds,
                              const philox_head *common, uint64_t session, play_batch *batch)
{
    grav_plan early = *plan;
    early.planes = BATCH_EARLY_PLANES;
    lane_t most = lane_set(0);
    const int headed = plan->rolls + plan->rolls / 2 > 2 * GRAV_PHILOX_BLOCK_BITS;
    for (uint32_t i = 0; i < BATCH_SESSIONS; i += BATCH_AT_ONCE * GRAV_LANES) {
        philox_start start[BATCH_AT_ONCE];
        word_t low[BATCH_AT_ONCE], words[BATCH_AT_ONCE][GRAV_HEAD_WORDS];
        GRAV_UNROLL(2)
        for (uint32_t v = 0; v < BATCH_AT_ONCE; v++) {
            low[v] = word_sequence((uint32_t)session + i + v * GRAV_LANES);
            start[v] = philox_start_make(keys, low[v]);
        }
        if (headed)
            philox_head_words(rounds, keys, common, BATCH_AT_ONCE, start, words);
        GRAV_UNROLL(2)
        for (uint32_t v = 0; v < BATCH_AT_ONCE; v++) {
            philox_block head[GRAV_HEAD_BLOCKS];
            session_source source =
                session_source_make(keys, rounds, (uint32_t)(session >> 32), low[v]);
            if (headed) {
                session_pair_words(words[v], head);
                source.head = head;
            }
            session_state state = session_play(&early, &source);
            uint32_t at = i + v * GRAV_LANES;
            most = lane_max(most, state.undecided);
            lane_store(batch->low + at, lane_from_words(low[v], word_set(0)));
            lane_store(batch->undecided + at, state.undecided);
            lane_store(batch->score + at, state.score);
        }
    }
    batch->count = BATCH_SESSIONS;
    batch->done = 0;
    batch_note_most(batch, most);
}

/* Plays a plane that lies in one or two blocks, `number` and the next, from bit `skip` on. */
GRAV_LANE_FN void batch_play_short(const philox_keys *keys, uint32_t rounds, uint32_t high,
                                   uint32_t number, uint32_t blocks, uint32_t skip, int digit,
                                   play_batch *batch)
{
    philox_known known[2] = {philox_known_make(keys, number, high),
                             philox_known_make(keys, number + 1, high)};
    PLAY_KEEP_IN_MEMORY(known);
    lane_t most = lane_set(0);
    for (uint32_t i = 0; i < batch->count; i += BATCH_AT_ONCE * GRAV_LANES) {
        philox_start start[BATCH_AT_ONCE];
        word_t words[BATCH_AT_ONCE * 2 * 4];
        GRAV_UNROLL(2)
        for (uint32_t v = 0; v < BATCH_AT_ONCE; v++)
            start[v] =
                philox_start_make(keys, word_low(lane_load(batch->low + i + v * GRAV_LANES)));
        philox_words(rounds, keys, blocks, known, BATCH_AT_ONCE, start, words);
        GRAV_UNROLL(2)
        for (uint32_t v = 0; v < BATCH_AT_ONCE; v++) {
            uint32_t at = i + v * GRAV_LANES;
            session_state state = {lane_load(batch->undecided + at), lane_load(batch->score + at)};
            lane_t left = state.undecided + lane_set(skip), ones = lane_set(0);
            GRAV_UNROLL(2)
            for (uint32_t b = 0; b < blocks; b++) {
                const word_t *c = words + 4 * (v * blocks + b);
                philox_block block = {{lane_from_words(c[0], c[1]), lane_from_words(c[2], c[3])}};
                ones += session_ones_of(&block, b ? 0 : skip, &left);
            }
            session_decide(digit, ones, &state);
            lane_store(batch->undecided + at, state.undecided);
            lane_store(batch->score + at, state.score);
            most = lane_max(most, state.undecided);
        }
    }
    batch_note_most(batch, most);
}

/* Plays a plane of any number of blocks, which starts at bit `start`. */
GRAV_LANE_FN void batch_play_long(const philox_keys *keys, uint32_t rounds, uint32_t high,
                                  uint64_t start, uint32_t usual, int digit, play_batch *batch)
{
    lane_t most = lane_set(0);
    for (uint32_t i = 0; i < batch->count; i += GRAV_LANES) {
        session_source source =
            session_source_make(keys, rounds, high, word_low(lane_load(batch->low + i)));
        session_state state = {lane_load(batch->undecided + i), lane_load(batch->score + i)};
        session_play_plane(digit, start, usual, batch->most, &source, &state);
        lane_store(batch->undecided + i, state.undecided);
        lane_store(batch->score + i, state.score);
        most = lane_max(most, state.undecided);
    }
    batch_note_most(batch, most);
}

/* Plays a plane of all the batch's sessions. */
GRAV_LANE_FN void batch_play_plane(const grav_plan *plan, const philox_keys *keys, uint32_t rounds,
                                   uint32_t high, uint32_t plane, play_batch *batch)
{
    const uint64_t start = (uint64_t)plane * plan->rolls;
    const uint32_t number = (uint32_t)(start / GRAV_PHILOX_BLOCK_BITS);
    const uint32_t skip = (uint32_t)(start % GRAV_PHILOX_BLOCK_BITS);
    const int digit = session_digit(plan->digits, plane);
    switch (session_blocks(skip, batch->most)) {
    case 1:
        batch_play_short(keys, rounds, high, number, 1, skip, digit, batch);
        break;
    case 2:
        batch_play_short(keys, rounds, high, number, 2, skip, digit, batch);
        break;
    default:
        batch_play_long(keys, rounds, high, start, plane < 32 ? plan->rolls >> plane : 0, digit,
                        batch);
    }
}

/* Lets the sessions that have no undecided roll leave; `all`: and all others too. */
GRAV_LANE_FN void batch_part(play_batch *batch, int all)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < batch->count; i += GRAV_LANES) {
        uint32_t there = batch->count - i;
        lane_mask those = there < GRAV_LANES ? ((lane_mask)1 << there) - 1 : GRAV_LANES_ALL;
        lane_t low = lane_load(batch->low + i), score = lane_load(batch->score + i);
        lane_t undecided = lane_load(batch->undecided + i);
        lane_mask keep = all ? 0 : lane_mask_not_zero(undecided) & those;
        lane_store_some(batch->done_low + batch->done, those & ~keep, low);
        batch->done += lane_store_some(batch->done_score + batch->done, those & ~keep, score);
        lane_store_some(batch->low + kept, keep, low);
        lane_store_some(batch->score + kept, keep, score);
        kept += lane_store_some(batch->undecided + kept, keep, undecided);
    }
    batch->count = kept;
    for (uint32_t v = 0; v < BATCH_AT_ONCE; v++) /* the rest of the last vectors */
        lane_store(batch->undecided + kept + v * GRAV_LANES, lane_set(0));
}

/* Takes the scores of a batch whose sessions are done; `session` is its first. */
GRAV_LANE_FN void batch_take(play_call *call, int small, const play_batch *batch, uint64_t session)
{
    uint64_t to_reach = call->found.max_score + (call->found.max_session < session);
    lane_t best = lane_set(0);
    for (uint32_t i = 0; i < BATCH_SESSIONS; i += GRAV_LANES)
        best = lane_max(best, lane_load(batch->done_score + i));
    if (__builtin_expect(lane_any_at_least(best, to_reach), 0))
        for (uint32_t i = 0; i < BATCH_SESSIONS; i++)
            grav_part_offer(&call->found, batch->done_score[i],
                            (session & ~(uint64_t)UINT32_MAX) | batch->done_low[i]);
    if (call->found.counts)
        for (uint32_t i = 0; i < BATCH_SESSIONS; i++)
            play_count_one(call, small, i, (uint32_t)batch->done_score[i]);
}

/* Plays as many of the call's sessions as fill batches; returns the first that it left. */
GRAV_LANE_FN uint64_t batch_play(const grav_plan *plan, const philox_keys *keys, uint32_t rounds,
                                 int small, play_call *call)
{
    play_batch batch;
    uint32_t high = (uint32_t)(call->first >> 32);
    uint64_t session = call->first;
    if (plan->planes < BATCH_PLANES_MIN)
        return session;
    philox_head common = philox_head_make(keys, high);
    PLAY_KEEP_IN_MEMORY(&common);
    for (; call->end - session >= BATCH_SESSIONS; session += BATCH_SESSIONS) {
        batch_begin(plan, keys, rounds, &common, session, &batch);
        for (uint32_t plane = BATCH_EARLY_PLANES; plane < plan->planes && batch.most > 0; plane++) {
            batch_play_plane(plan, keys, rounds, high, plane, &batch);
            if (plane >= 32 || plan->rolls >> plane < BATCH_USUAL_MAX)
                batch_part(&batch, 0);
        }
        batch_part(&batch, 1);
        batch_take(call, small, &batch, session);
    }
    return session;
}

#endif
