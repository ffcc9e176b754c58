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

/* rounds is a constant wherever this is inlined, and so may plan's fields be. */
GRAV_LANE_FN void play_range(const grav_plan *plan, uint32_t rounds, uint64_t first, uint64_t end,
                             grav_part *part)
{
    uint64_t record = 0, record_session = GRAV_NO_SESSION, to_beat = 0;
    for (uint64_t session = first; session < end; session += GRAV_LANES) {
        uint64_t valid = end - session < GRAV_LANES ? end - session : GRAV_LANES;
        uint64_t scores[GRAV_LANES];
        lane_t score = session_score(plan, rounds, lane_sessions(session));
        lane_store(scores, score);
        if (__builtin_expect(lane_any_at_least(score, to_beat), 0)) {
            for (uint64_t i = 0; i < valid; i++) {
                if (scores[i] >= to_beat) { /* the first to score as much stays the record */
                    record = scores[i];
                    record_session = session + i;
                    to_beat = record + 1;
                }
            }
        }
        if (part->counts)
            play_count(part, scores, valid);
    }
    grav_part_offer(part, record, record_session);
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
