/* Plays a range on one CPU thread. Included once per isa, after its lane_*.h, by a play_<isa>.c
 * that defines GRAV_PLAY_NAME. */
#include "cpu.h"
#include "philox.h"
#include "session.h"

/* Adds the first `valid` scores to the histogram. */
GRAV_LANE_FN void play_count(grav_part *part, const uint64_t scores[GRAV_LANES], uint64_t valid)
{
    for (uint64_t i = 0; i < valid; i++) {
        if (part->counts_shared)
            __atomic_fetch_add(&part->counts[scores[i]], 1, __ATOMIC_RELAXED);
        else
            part->counts[scores[i]]++;
    }
}

/* The best of the sessions played so far, as they come in ascending order. */
typedef struct play_record {
    uint64_t score, session;
    uint64_t to_beat; /* the lowest score that would be a new record */
} play_record;

/* Takes note of those of the first `valid` scores, of `session` and so on, that are records. The
 * first to score as much stays the record. */
GRAV_LANE_FN void play_note_records(play_record *record, const uint64_t scores[GRAV_LANES],
                                    uint64_t session, uint64_t valid)
{
    for (uint64_t i = 0; i < valid; i++) {
        if (scores[i] >= record->to_beat) {
            record->score = scores[i];
            record->session = session + i;
            record->to_beat = scores[i] + 1;
        }
    }
}

/* Plays [first, end), whose sessions have the same high half. rounds is a constant wherever this is
 * inlined, and so may plan's fields be. */
GRAV_LANE_FN void play_window(const grav_plan *plan, const philox_keys *keys, uint32_t rounds,
                              uint64_t first, uint64_t end, grav_part *part)
{
    play_record record = {0, GRAV_NO_SESSION, 0};
    uint32_t high = (uint32_t)(first >> 32);
    for (uint64_t session = first; session < end; session += GRAV_LANES) {
        uint64_t valid = end - session < GRAV_LANES ? end - session : GRAV_LANES;
        uint64_t scores[GRAV_LANES];
        session_source source =
            session_source_make(keys, rounds, high, word_sequence((uint32_t)session));
        lane_t score = session_score(plan, &source);
        lane_store(scores, score);
        if (__builtin_expect(lane_any_at_least(score, record.to_beat), 0))
            play_note_records(&record, scores, session, valid);
        if (part->counts)
            play_count(part, scores, valid);
    }
    grav_part_offer(part, record.score, record.session);
}

GRAV_LANE_FN void play_range(const grav_plan *plan, uint32_t rounds, uint64_t first, uint64_t end,
                             grav_part *part)
{
    philox_keys keys = philox_keys_make(plan->seed);
    /* A vector unit spreads keys from memory while it uses them: cheaper than keys in registers. */
    if (GRAV_LANES > 1)
        __asm__ volatile("" : : "r"(&keys) : "memory");
    while (first < end) {
        uint64_t window_end = (first | UINT32_MAX) + 1;
        window_end = window_end < end ? window_end : end;
        play_window(plan, &keys, rounds, first, window_end, part);
        first = window_end;
    }
}

void GRAV_PLAY_NAME(const grav_plan *plan, uint64_t first, uint64_t end, grav_part *part)
{
    if (grav_plan_is_founding(plan)) {
        if (plan->philox_rounds == 10) {
            grav_plan founding = session_founding_plan(plan->seed, 10);
            play_range(&founding, 10, first, end, part);
        } else {
            grav_plan founding = session_founding_plan(plan->seed, 7);
            play_range(&founding, 7, first, end, part);
        }
    } else if (plan->philox_rounds == 10) {
        play_range(plan, 10, first, end, part);
    } else {
        play_range(plan, 7, first, end, part);
    }
}
