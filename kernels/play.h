/* Plays a range on one CPU thread. Included once per isa, after its lane_*.h and pack_*.h, by a
 * play_<isa>.c that defines GRAV_PLAY_NAME. */
#include "cpu.h"
#include "philox.h"

/* A vector unit spreads numbers from memory while it uses them: cheaper than in registers. */
#if GRAV_LANES > 1
#define PLAY_KEEP_IN_MEMORY(numbers) __asm__ volatile("" : : "r"(numbers) : "memory")
#else
#define PLAY_KEEP_IN_MEMORY(numbers) (void)(numbers)
#endif

#include "play_founding.h"
#include "play_lanes.h"

/* Whether the founding job is counted in pairs: with vectors it is. */
#define PLAY_IN_PAIRS (GRAV_PACK > 1)

/* Each plays a call's sessions, whose indices have the same high half. They are functions of their
 * own so that each has the registers to itself. */
typedef void play_call_fn(const grav_plan *plan, const philox_keys *keys, play_call *call);

static __attribute__((noinline)) void play_founding_philox(const grav_plan *plan,
                                                           const philox_keys *keys, play_call *call)
{
    founding_play_philox(plan, keys, 10, call);
}

static __attribute__((noinline)) void
play_founding_philox7(const grav_plan *plan, const philox_keys *keys, play_call *call)
{
    founding_play_philox(plan, keys, 7, call);
}

static __attribute__((noinline)) void play_founding_fast(const grav_plan *plan,
                                                         const philox_keys *keys, play_call *call)
{
    founding_play_fast(plan, keys, call);
}

GRAV_LANE_FN void play_game_philox(const grav_plan *plan, const philox_keys *keys, grav_game game,
                                   play_call *call)
{
    int small = grav_plan_score_max(plan) < PLAY_SMALL;
    if (plan->philox_rounds == 10)
        lanes_play_philox(plan, keys, game, 10, small, call);
    else
        lanes_play_philox(plan, keys, game, 7, small, call);
}

GRAV_LANE_FN void play_game_fast(const grav_plan *plan, const philox_keys *keys, grav_game game,
                                 play_call *call)
{
    lanes_play_fast(plan, keys, game, grav_plan_score_max(plan) < PLAY_SMALL, call);
}

#define PLAY_GAME(name, game)                                                                      \
    static __attribute__((noinline)) void play_##name##_philox(                                    \
        const grav_plan *plan, const philox_keys *keys, play_call *call)                           \
    {                                                                                              \
        play_game_philox(plan, keys, game, call);                                                  \
    }                                                                                              \
    static __attribute__((noinline)) void play_##name##_fast(                                      \
        const grav_plan *plan, const philox_keys *keys, play_call *call)                           \
    {                                                                                              \
        play_game_fast(plan, keys, game, call);                                                    \
    }
PLAY_GAME(count, GRAV_GAME_COUNT)
PLAY_GAME(die, GRAV_GAME_DIE)
PLAY_GAME(streak, GRAV_GAME_STREAK)

static play_call_fn *play_call_for(const grav_plan *plan)
{
    static play_call_fn *const games[][2] = {
        [GRAV_GAME_COUNT] = {play_count_philox, play_count_fast},
        [GRAV_GAME_DIE] = {play_die_philox, play_die_fast},
        [GRAV_GAME_STREAK] = {play_streak_philox, play_streak_fast},
    };
    if (!grav_plan_is_founding(plan))
        return games[plan->game][plan->fast];
    if (plan->fast)
        return play_founding_fast;
    return plan->philox_rounds == 10 ? play_founding_philox : play_founding_philox7;
}

void GRAV_PLAY_NAME(const grav_plan *plan, uint64_t first, uint64_t end, grav_part *part)
{
    play_call_fn *play = play_call_for(plan);
    philox_keys keys = philox_keys_make(plan->seed);
    uint32_t pairs[PLAY_PAIRED * PLAY_PAIRED];
    PLAY_KEEP_IN_MEMORY(&keys);
    while (first < end) {
        play_call call;
        uint64_t window_end = (first | UINT32_MAX) + 1;
        window_end = window_end < end ? window_end : end;
        play_begin(&call, part, first, window_end);
        if (PLAY_IN_PAIRS && part->counts && grav_plan_is_founding(plan) &&
            window_end - first >= PLAY_PAIRED_MIN)
            call.pairs = memset(pairs, 0, sizeof pairs);
        play(plan, &keys, &call);
        play_finish(&call, grav_plan_score_max(plan), part);
        first = window_end;
    }
}
