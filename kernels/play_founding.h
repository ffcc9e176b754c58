/* Plays the founding job, a few packs of sessions at a time. */
#ifndef GRAV_PLAY_FOUNDING_H
#define GRAV_PLAY_FOUNDING_H

#include "fast.h"
#include "founding.h"
#include "play_take.h"

/* Turns the ones of a pack of sessions, of `session` and so on, into scores, and plays the rare
 * ones again, each by itself. */
static __attribute__((noinline, cold)) void founding_score(const grav_plan *plan,
                                                           const founding_pack *pack,
                                                           uint64_t session,
                                                           uint32_t scores[GRAV_PACK])
{
    uint32_t words[GRAV_HEAD_WORDS][GRAV_PACK], unread[GRAV_PACK];
    for (uint32_t i = 0; i < GRAV_HEAD_WORDS; i++)
        pack_store(words[i], pack->head[i]);
    pack_store(unread, pack->unread);
    pack_store(scores, pack->ones);
    for (uint32_t i = 0; i < GRAV_PACK; i++) {
        uint32_t own[GRAV_HEAD_WORDS];
        for (uint32_t j = 0; j < GRAV_HEAD_WORDS; j++)
            own[j] = words[j][i];
        if (unread[i] > FOUNDING_UNREAD_MAX)
            scores[i] = grav_play_headed(plan, own, session + i);
        else
            scores[i] = GRAV_FOUNDING_ROLLS - scores[i];
    }
}

/* Ones that leave a score below PLAY_PAIRED are at least this, and so are two of them, as
 * pack_pair() numbers them. */
#define FOUNDING_PAIRED_MIN (GRAV_FOUNDING_ROLLS + 1 - PLAY_PAIRED)
#define FOUNDING_PAIR_MIN (FOUNDING_PAIRED_MIN * (PLAY_PAIRED + 1))

/* Sets how few ones could be a record, or tie with it, or are too few to be counted in pairs: all,
 * where nothing is. */
GRAV_LANE_FN void founding_note_record(play_call *call)
{
    uint64_t score = call->found.max_score < PLAY_PAIRED ? call->found.max_score : PLAY_PAIRED;
    if (GRAV_PACK > 1 && call->found.counts && !call->pairs)
        score = 0;
    call->ones_below = GRAV_FOUNDING_ROLLS + 1 - (uint32_t)score;
}

/* Counts a pack of sessions of the call, of `session` and so on, none of which reaches PLAY_PAIRED.
 */
GRAV_LANE_FN void founding_count(play_call *call, pack_t ones, uint64_t session)
{
    uint32_t numbers[GRAV_PACK];
#if GRAV_PACK > 1
    (void)session;
    pack_store(numbers, pack_pair(ones, PLAY_PAIRED_BITS));
    GRAV_UNROLL(8)
    for (uint32_t i = 0; i < GRAV_PACK; i += 2)
        call->pairs[numbers[i] - FOUNDING_PAIR_MIN]++;
#else
    pack_store(numbers, ones);
    play_count_one(call, 1, PLAY_COPY(session, 0), GRAV_FOUNDING_ROLLS - numbers[0]);
#endif
}

/* Takes sessions, of `session` and so on, that were played in `packs` packs. */
GRAV_LANE_FN void founding_take(const grav_plan *plan, play_call *call, uint32_t packs,
                                const founding_pack *played, uint64_t session)
{
    pack_t unread = played[0].unread, ones = played[0].ones;
    for (uint32_t p = 1; p < packs; p++) {
        unread = pack_max(unread, played[p].unread);
        ones = pack_min(ones, played[p].ones);
    }
    bool look = pack_any(unread, FOUNDING_UNREAD_MAX, ones, call->ones_below);
    bool whole = session >= call->first && session + packs * GRAV_PACK <= call->end;
    if (__builtin_expect(look || (call->found.counts && !whole), 0)) {
        for (uint32_t p = 0; p < packs; p++) {
            uint32_t scores[GRAV_PACK];
            founding_pack copy = played[p]; /* so that `played` need not be in memory */
            founding_score(plan, &copy, session + p * GRAV_PACK, scores);
            play_offer(call, scores, session + p * GRAV_PACK, GRAV_PACK);
            if (call->found.counts)
                play_count(call, 1, scores, session + p * GRAV_PACK, GRAV_PACK);
        }
        founding_note_record(call);
    } else if (call->found.counts) {
        for (uint32_t p = 0; p < packs; p++)
            founding_count(call, played[p].ones, session + p * GRAV_PACK);
    }
}

GRAV_LANE_FN void founding_start_philox(const philox_keys *keys, uint64_t session,
                                        philox_start start[GRAV_PACK_HALVES])
{
    for (uint32_t h = 0; h < GRAV_PACK_HALVES; h++)
        start[h] = philox_start_make(keys, pack_sequence((uint32_t)session, h));
}

/* Plays the call's sessions with Philox; their indices have the same high half. */
GRAV_LANE_FN void founding_play_philox(const grav_plan *plan, const philox_keys *keys,
                                       uint32_t rounds, play_call *call)
{
    philox_head common = philox_head_make(keys, (uint32_t)(call->first >> 32));
    philox_start start[GRAV_PACK_HALVES];
    PLAY_KEEP_IN_MEMORY(&common);
    founding_note_record(call);
    founding_start_philox(keys, call->first, start);
    for (uint64_t session = call->first; session < call->end; session += GRAV_PACK) {
        word_t words[GRAV_PACK_HALVES][GRAV_HEAD_WORDS];
        founding_pack pack;
        for (uint32_t h = 0; h < GRAV_PACK_HALVES; h += GRAV_HALVES_AT_ONCE)
            philox_head_words(rounds, keys, &common, GRAV_HALVES_AT_ONCE, start + h, words + h);
        /* The next pack's first products are under way while this one's ones are counted. */
        founding_start_philox(keys, session + GRAV_PACK, start);
        GRAV_UNROLL(12)
        for (uint32_t i = 0; i < GRAV_HEAD_WORDS; i++) {
            word_t halves[GRAV_PACK_HALVES];
            for (uint32_t h = 0; h < GRAV_PACK_HALVES; h++)
                halves[h] = words[h][i];
            founding_read(&pack, i, pack_from_words(halves));
        }
        founding_take(plan, call, 1, &pack, session);
    }
}

_Static_assert(GRAV_FAST_STREAMS % (GRAV_PACKS_AT_ONCE * GRAV_PACK) == 0,
               "packs hold whole rows of streams");

/* Plays sessions [from, to) of a block, those that streams `number` and so on play. */
GRAV_LANE_FN void founding_play_streams(const grav_plan *plan, const philox_keys *keys,
                                        play_call *call, uint64_t block, uint32_t number,
                                        uint32_t from, uint32_t to)
{
    fast_stream streams[GRAV_PACKS_AT_ONCE][GRAV_PACK_HALVES];
    uint32_t step = from / GRAV_FAST_STREAMS;
    for (uint32_t p = 0; p < GRAV_PACKS_AT_ONCE; p++)
        for (uint32_t h = 0; h < GRAV_PACK_HALVES; h++) {
            streams[p][h] = fast_stream_make(keys, block, pack_sequence(number + p * GRAV_PACK, h));
            fast_skip(&streams[p][h], step);
        }
    for (; step * GRAV_FAST_STREAMS < to; step++) {
        founding_pack packs[GRAV_PACKS_AT_ONCE];
        GRAV_UNROLL(12)
        for (uint32_t i = 0; i < GRAV_HEAD_WORDS; i++)
            for (uint32_t p = 0; p < GRAV_PACKS_AT_ONCE; p++) {
                word_t halves[GRAV_PACK_HALVES];
                for (uint32_t h = 0; h < GRAV_PACK_HALVES; h++)
                    halves[h] = fast_next(&streams[p][h]);
                founding_read(&packs[p], i, pack_from_words(halves));
            }
        founding_take(plan, call, GRAV_PACKS_AT_ONCE, packs,
                      block * GRAV_FAST_BLOCK + step * GRAV_FAST_STREAMS + number);
    }
}

GRAV_LANE_FN void founding_play_fast(const grav_plan *plan, const philox_keys *keys,
                                     play_call *call)
{
    uint32_t from, to;
    founding_note_record(call);
    for (uint64_t block = call->first / GRAV_FAST_BLOCK;
         fast_clip(block, call->first, call->end, &from, &to); block++)
        for (uint32_t number = 0; number < GRAV_FAST_STREAMS;
             number += GRAV_PACKS_AT_ONCE * GRAV_PACK)
            founding_play_streams(plan, keys, call, block, number, from, to);
}

#endif
