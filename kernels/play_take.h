/* What becomes of scores: the record and the histogram of one call of a grav_play_fn. */
#ifndef GRAV_PLAY_TAKE_H
#define GRAV_PLAY_TAKE_H

#include <string.h>

#include "cpu.h"

/* Scores below this are counted in small tables of the call's own, several of them: an addition
 * to the counter that the session before has just changed would have to wait for it. */
#define PLAY_SMALL 256u
#define PLAY_COPIES 4u

/* The copy that counts session + i. A window of 2^32 sessions must not fill one 32-bit counter:
 * every copy takes one session of PLAY_COPIES. */
#if GRAV_LANES > 1
#define PLAY_COPY(session, i) (i)
#else
#define PLAY_COPY(session, i) ((uint32_t)(session) + (i))
#endif

/* Scores below this may be counted two by two, which halves the additions: in a table of pairs, of
 * which only the likely ones stay in the cache. */
#define PLAY_PAIRED_BITS 7
#define PLAY_PAIRED (1u << PLAY_PAIRED_BITS)
/* Clearing the table and adding it up costs as much as it saves of so many sessions, about. */
#define PLAY_PAIRED_MIN (1u << 7)

/* One call's sessions [first, end) and what was found in them. */
typedef struct play_call {
    uint64_t first, end;
    grav_part found;
    uint32_t ones_below; /* the founding job's own: see founding_note_record() */
    uint32_t counts[PLAY_COPIES][PLAY_SMALL];
    /* At (PLAY_PAIRED - 1 - score) * PLAY_PAIRED + the same of the other session; NULL where none
     * are counted. */
    uint32_t *pairs;
} play_call;

GRAV_LANE_FN void play_begin(play_call *call, const grav_part *part, uint64_t first, uint64_t end)
{
    call->first = first;
    call->end = end;
    call->found = *part;
    call->pairs = NULL;
    if (part->counts)
        memset(call->counts, 0, sizeof call->counts);
}

/* Moves what was counted in pairs to the counts. */
static inline void play_split_pairs(play_call *call)
{
    uint32_t rows[PLAY_PAIRED] = {0}, columns[PLAY_PAIRED] = {0};
    if (!call->pairs)
        return;
    for (uint32_t row = 0; row < PLAY_PAIRED; row++) {
        const uint32_t *of_row = call->pairs + row * PLAY_PAIRED;
        for (uint32_t column = 0; column < PLAY_PAIRED; column++) {
            rows[row] += of_row[column];
            columns[column] += of_row[column];
        }
    }
    for (uint32_t i = 0; i < PLAY_PAIRED; i++)
        call->counts[0][PLAY_PAIRED - 1 - i] += rows[i] + columns[i];
}

/* Adds the tables up and hands back what was found. */
static inline void play_finish(play_call *call, uint32_t score_max, grav_part *part)
{
    part->max_score = call->found.max_score;
    part->max_session = call->found.max_session;
    play_split_pairs(call);
    for (uint32_t score = 0; part->counts && score <= score_max && score < PLAY_SMALL; score++) {
        uint64_t sum = 0;
        for (uint32_t copy = 0; copy < PLAY_COPIES; copy++)
            sum += call->counts[copy][score];
        if (part->counts_shared)
            __atomic_fetch_add(&part->counts[score], sum, __ATOMIC_RELAXED);
        else
            part->counts[score] += sum;
    }
}

/* Offers those of count scores, of `session` and so on, that belong to the call. */
static __attribute__((noinline, cold)) void play_offer(play_call *call, const uint32_t *scores,
                                                       uint64_t session, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++)
        if (session + i >= call->first && session + i < call->end)
            grav_part_offer(&call->found, scores[i], session + i);
}

GRAV_LANE_FN void play_count_one(play_call *call, int small, uint32_t copy, uint32_t score)
{
    if (small)
        call->counts[copy % PLAY_COPIES][score]++;
    else if (call->found.counts_shared)
        __atomic_fetch_add(&call->found.counts[score], 1, __ATOMIC_RELAXED);
    else
        call->found.counts[score]++;
}

/* Counts those of count scores, of `session` and so on, that belong to the call. small: whether no
 * score reaches PLAY_SMALL. */
GRAV_LANE_FN void play_count(play_call *call, int small, const uint32_t *scores, uint64_t session,
                             uint32_t count)
{
    if (__builtin_expect(session >= call->first && session + count <= call->end, 1)) {
        GRAV_UNROLL(32)
        for (uint32_t i = 0; i < count; i++)
            play_count_one(call, small, PLAY_COPY(session, i), scores[i]);
    } else {
        for (uint32_t i = 0; i < count; i++)
            if (session + i >= call->first && session + i < call->end)
                play_count_one(call, small, PLAY_COPY(session, i), scores[i]);
    }
}

#endif
