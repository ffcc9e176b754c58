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
    BATCH_SESSIONS = 512,
    BATCH_ROOM = BATCH_SESSIONS + GRAV_LANES, /* the last vector may be empty in part */
    /* Chances of so few digits are as fast session by session. */
    BATCH_PLANES_MIN = 4,
    /* Planes played before there is a batch: they share blocks. */
    BATCH_EARLY_PLANES = 2,
    /* From so few undecided rolls a session on, on average, sessions that are done leave. */
    BATCH_USUAL_MAX = 4,
};

/* Sessions under way. Entry i of each array is one session's. */
typedef struct play_batch {
    uint64_t low[BATCH_ROOM];   /* half of the index */
    uint64_t state[BATCH_ROOM]; /* the score in the high half, the undecided rolls in the low one */
    uint32_t count;
    uint32_t most;             /* undecided rolls of a session, at most */
    uint64_t done[BATCH_ROOM]; /* of those that are done the score and, low, half of the index */
    uint32_t done_count;
} play_batch;

GRAV_LANE_FN session_state batch_load(const play_batch *batch, uint32_t at)
{
    lane_t state = lane_load(batch->state + at);
    session_state out = {state & lane_set(UINT32_MAX), state >> 32};
    return out;
}

GRAV_LANE_FN void batch_store(play_batch *batch, uint32_t at, const session_state *state)
{
    lane_store(batch->state + at, state->undecided | state->score << 32);
}

/* Plays the early planes of sessions `session` and so on. */
GRAV_LANE_FN void batch_begin(const grav_plan *plan, const philox_keys *keys, uint32_t rounds,
                              const philox_head *common, uint64_t session, play_batch *batch)
{
    grav_plan early = *plan;
    early.planes = BATCH_EARLY_PLANES;
    lane_t most = lane_set(0);
    const int headed = plan->rolls + plan->rolls / 2 > 2 * GRAV_PHILOX_BLOCK_BITS;
    for (uint32_t i = 0; i < BATCH_SESSIONS; i += GRAV_LANES) {
        word_t low = word_sequence((uint32_t)session + i), words[1][GRAV_HEAD_WORDS];
        philox_block head[GRAV_HEAD_BLOCKS];
        session_source source = session_source_make(keys, rounds, (uint32_t)(session >> 32), low);
        if (headed) {
            philox_start start = philox_start_make(keys, low);
            philox_head_words(rounds, keys, common, 1, &start, words);
            session_pair_words(words[0], head);
            source.head = head;
        }
        session_state state = session_play(&early, &source);
        most = lane_max(most, state.undecided);
        lane_store(batch->low + i, lane_from_words(low, word_set(0)));
        batch_store(batch, i, &state);
    }
    batch->count = BATCH_SESSIONS;
    batch->done_count = 0;
    batch->most = lane_largest(most);
}

/* Where a short plane lies: in `pairs` pairs of words, up to 3, from pair `first` of a block on, 0
 * or 1, and there from bit `skip` on. */
typedef struct batch_place {
    uint32_t number; /* of the block */
    uint32_t first, pairs, skip;
} batch_place;

/* The ones that the undecided rolls of a session read there, from its blocks' words. */
GRAV_LANE_FN lane_t batch_ones(const batch_place *place, const word_t *words, lane_t undecided)
{
    lane_t left = undecided + lane_set(place->skip), ones = lane_set(0);
    GRAV_UNROLL(3)
    for (uint32_t i = 0; i < place->pairs; i++) {
        const word_t *c = words + 2 * (place->first + i);
        lane_t pair = lane_keep_low(lane_from_words(c[0], c[1]), left);
        ones += lane_popcount(i ? pair : session_drop_low(pair, place->skip));
        if (i + 1 < place->pairs)
            left = lane_sub_sat(left, 64);
    }
    return ones;
}

/* Plays a short plane. What there is of `place` but the skip is constant: of words that nobody
 * counts the last round is left out. */
GRAV_LANE_FN void batch_play_short(const philox_keys *keys, uint32_t rounds, uint32_t high,
                                   batch_place place, int digit, play_batch *batch)
{
    const uint32_t blocks = (place.first + place.pairs + 1) / 2;
    philox_known known[2] = {philox_known_make(keys, place.number, high),
                             philox_known_make(keys, place.number + 1, high)};
    PLAY_KEEP_IN_MEMORY(known);
    lane_t most = lane_set(0);
    for (uint32_t i = 0; i < batch->count; i += GRAV_LANES) {
        philox_start start = philox_start_make(keys, word_low(lane_load(batch->low + i)));
        word_t words[2 * 4];
        philox_words(rounds, keys, blocks, known, 1, &start, words);
        session_state state = batch_load(batch, i);
        session_decide(digit, batch_ones(&place, words, state.undecided), &state);
        batch_store(batch, i, &state);
        most = lane_max(most, state.undecided);
    }
    batch->most = lane_largest(most);
}

/* Plays a plane of any number of blocks, which starts at bit `start`. */
GRAV_LANE_FN void batch_play_long(const philox_keys *keys, uint32_t rounds, uint32_t high,
                                  uint64_t start, uint32_t usual, int digit, play_batch *batch)
{
    lane_t most = lane_set(0);
    for (uint32_t i = 0; i < batch->count; i += GRAV_LANES) {
        session_source source =
            session_source_make(keys, rounds, high, word_low(lane_load(batch->low + i)));
        session_state state = batch_load(batch, i);
        session_play_plane(digit, start, usual, batch->most, &source, &state);
        batch_store(batch, i, &state);
        most = lane_max(most, state.undecided);
    }
    batch->most = lane_largest(most);
}

/* Plays a plane of all the batch's sessions. */
GRAV_LANE_FN void batch_play_plane(const grav_plan *plan, const philox_keys *keys, uint32_t rounds,
                                   uint32_t high, uint32_t plane, play_batch *batch)
{
    const uint64_t start = (uint64_t)plane * plan->rolls;
    const int digit = session_digit(plan->digits, plane);
    const uint32_t first = (uint32_t)(start / 64 % 2), skip = (uint32_t)(start % 64);
    const uint32_t pairs = (skip + batch->most + 63) / 64;
    batch_place place = {(uint32_t)(start / GRAV_PHILOX_BLOCK_BITS), first, pairs, skip};
#define BATCH_SHORT(the_first, the_pairs)                                                          \
    case 4 * the_first + the_pairs:                                                                \
        place.first = the_first;                                                                   \
        place.pairs = the_pairs;                                                                   \
        batch_play_short(keys, rounds, high, place, digit, batch);                                 \
        break;
    switch (pairs <= 3 ? 4 * first + pairs : 0) {
        BATCH_SHORT(0, 1)
        BATCH_SHORT(0, 2)
        BATCH_SHORT(0, 3)
        BATCH_SHORT(1, 1)
        BATCH_SHORT(1, 2)
        BATCH_SHORT(1, 3)
    default:
        batch_play_long(keys, rounds, high, start, plane < 32 ? plan->rolls >> plane : 0, digit,
                        batch);
    }
#undef BATCH_SHORT
}

/* Lets the sessions that have no undecided roll leave; `all`: and all others too. */
GRAV_LANE_FN void batch_part(play_batch *batch, int all)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < batch->count; i += GRAV_LANES) {
        uint32_t there = batch->count - i;
        lane_mask those = there < GRAV_LANES ? ((lane_mask)1 << there) - 1 : GRAV_LANES_ALL;
        lane_t low = lane_load(batch->low + i), state = lane_load(batch->state + i);
        lane_t undecided = state & lane_set(UINT32_MAX);
        lane_mask keep = all ? 0 : lane_mask_not_zero(undecided) & those;
        batch->done_count += lane_store_some(batch->done + batch->done_count, those & ~keep,
                                             (state ^ undecided) | low);
        lane_store_some(batch->low + kept, keep, low);
        kept += lane_store_some(batch->state + kept, keep, state);
    }
    batch->count = kept;
    lane_store(batch->state + kept, lane_set(0)); /* the rest of the last vector */
}

/* Takes the scores of a batch whose sessions are done; `session` is its first. */
GRAV_LANE_FN void batch_take(play_call *call, int small, const play_batch *batch, uint64_t session)
{
    uint64_t to_reach = call->found.max_score + (call->found.max_session < session);
    lane_t best = lane_set(0);
    for (uint32_t i = 0; i < BATCH_SESSIONS; i += GRAV_LANES)
        best = lane_max(best, lane_load(batch->done + i) >> 32);
    if (__builtin_expect(lane_any_at_least(best, to_reach), 0))
        for (uint32_t i = 0; i < BATCH_SESSIONS; i++)
            grav_part_offer(&call->found, batch->done[i] >> 32,
                            (session & ~(uint64_t)UINT32_MAX) | (uint32_t)batch->done[i]);
    if (call->found.counts)
        for (uint32_t i = 0; i < BATCH_SESSIONS; i++)
            play_count_one(call, small, i, (uint32_t)(batch->done[i] >> 32));
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
