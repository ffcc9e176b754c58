/* Plays a range of engine `gen3` on one CPU thread. Included once per isa, after play.h, by a
 * play_<isa>.c that defines GRAV_PLAY_GEN3_NAME.
 *
 * Sessions are states, and neighbours stay neighbours of a kind: the states of sessions x and x + 1
 * after the same rolls differ by the factor of all those rolls. So the state of one vector is
 * multiplied out for each roll, and those of the vectors beside it follow by additions. */
#include "gen3.h"

enum {
    /* Vectors side by side: as many as there are registers for what is known of their sessions. */
    GEN3_COUNTS = GRAV_PACK == 16 ? 16 : 8,
    GEN3_STREAKS = GEN3_COUNTS / 2,
};

/* Sessions `first` and so on, as many as at_once vectors hold. Everything but `plan`, `first` and
 * `scores` is a constant. */
GRAV_LANE_FN void gen3_play_vectors(const grav_plan *plan, grav_game game, int of_half,
                                    uint32_t at_once, uint32_t first, uint32_t *scores)
{
    const grav_gen3 *gen3 = &plan->gen3;
    const uint32_t step = gen3->roll.factor;
    const uint32_t addend = gen3->roll.addend * (of_half ? 1 : gen3->multiplier);
    const pack_t limit = pack_set(gen3->limit + GRAV_PACK_BIAS);
    const pack_t multiplier = pack_set(gen3->multiplier), bias = pack_set(GRAV_PACK_BIAS);
    pack_t sequence, best[GEN3_COUNTS], run[GEN3_COUNTS];
    uint32_t numbers[GRAV_PACK];
    for (uint32_t i = 0; i < GRAV_PACK; i++)
        numbers[i] = first + i;
    memcpy(&sequence, numbers, sizeof sequence);
    GRAV_UNROLL(16)
    for (uint32_t v = 0; v < at_once; v++)
        best[v] = run[v] = pack_set(0);
    /* What the state of session x is after the rolls so far: factor * x + sum, times the multiplier
     * where that is what is compared. */
    uint32_t factor = of_half ? 1 : gen3->multiplier, sum = 0;
    for (uint32_t roll = 0; roll < plan->rolls; roll++) {
        factor *= step;
        sum = sum * step + addend;
        pack_t state = sequence * pack_set(factor) + pack_set(of_half ? sum : sum + GRAV_PACK_BIAS);
        const pack_t next = pack_set(factor * GRAV_PACK);
        GRAV_UNROLL(16)
        for (uint32_t v = 0; v < at_once; v++) {
            pack_t compared = of_half ? (state >> 16) * multiplier + bias : state;
            if (game == GRAV_GAME_STREAK) {
                run[v] = pack_run_below(run[v], compared, limit);
                best[v] = pack_max(best[v], run[v]);
            } else {
                best[v] = pack_count_below(best[v], compared, limit);
            }
            state += next;
        }
    }
    GRAV_UNROLL(16)
    for (uint32_t v = 0; v < at_once; v++)
        pack_store(scores + v * GRAV_PACK, best[v]);
}

/* Takes the scores of a group. small: whether no score reaches PLAY_SMALL. */
GRAV_LANE_FN void gen3_take(play_call *call, int small, const uint32_t *scores, uint64_t session)
{
    uint64_t to_reach = call->found.max_score + (call->found.max_session < session);
    uint32_t best = 0;
    for (uint32_t i = 0; i < GRAV_GEN3_GROUP; i++)
        best = scores[i] > best ? scores[i] : best;
    if (__builtin_expect(best >= to_reach, 0))
        play_offer(call, scores, session, GRAV_GEN3_GROUP);
    if (call->found.counts)
        play_count(call, small, scores, session, GRAV_GEN3_GROUP);
}

/* Plays the call's sessions. The last group may reach beyond them, and beyond the last state too:
 * what it finds there is not taken. */
GRAV_LANE_FN void gen3_play_call(const grav_plan *plan, grav_game game, int of_half,
                                 play_call *call)
{
    const uint32_t at_once = game == GRAV_GAME_STREAK ? GEN3_STREAKS : GEN3_COUNTS;
    const int small = grav_plan_score_max(plan) < PLAY_SMALL;
    uint32_t scores[GRAV_GEN3_GROUP];
    for (uint64_t session = call->first; session < call->end; session += GRAV_GEN3_GROUP) {
        for (uint32_t i = 0; i < GRAV_GEN3_GROUP; i += at_once * GRAV_PACK)
            gen3_play_vectors(plan, game, of_half, at_once, (uint32_t)session + i, scores + i);
        gen3_take(call, small, scores, session);
    }
}

#define PLAY_GEN3(name, game, of_half)                                                             \
    static __attribute__((noinline)) void gen3_play_##name(const grav_plan *plan, play_call *call) \
    {                                                                                              \
        gen3_play_call(plan, game, of_half, call);                                                 \
    }
PLAY_GEN3(counts, GRAV_GAME_COUNT, 0)
PLAY_GEN3(counts_of_half, GRAV_GAME_COUNT, 1)
PLAY_GEN3(streaks, GRAV_GAME_STREAK, 0)
PLAY_GEN3(streaks_of_half, GRAV_GAME_STREAK, 1)

void GRAV_PLAY_GEN3_NAME(const grav_plan *plan, uint64_t first, uint64_t end, grav_part *part)
{
    play_call call;
    if (first >= end)
        return;
    play_begin(&call, part, first, end);
    if (plan->game == GRAV_GAME_STREAK)
        (plan->gen3.of_half ? gen3_play_streaks_of_half : gen3_play_streaks)(plan, &call);
    else
        (plan->gen3.of_half ? gen3_play_counts_of_half : gen3_play_counts)(plan, &call);
    play_finish(&call, grav_plan_score_max(plan), part);
}
