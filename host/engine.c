#include "engine.h"

#include <inttypes.h>

#include "error.h"
#include "lane_scalar.h"

#include "gen3.h"

uint32_t grav_engine_philox_rounds(grav_engine engine)
{
    switch (engine) {
    case GRAV_ENGINE_PHILOX:
    case GRAV_ENGINE_FAST:
        return 10;
    case GRAV_ENGINE_PHILOX7:
        return 7;
    case GRAV_ENGINE_GEN3:
        return 0;
    }
    return 0;
}

bool grav_engine_has_blocks(grav_engine engine)
{
    return engine == GRAV_ENGINE_PHILOX || engine == GRAV_ENGINE_PHILOX7;
}

bool grav_engine_has_seed(grav_engine engine)
{
    return engine != GRAV_ENGINE_GEN3;
}

uint64_t grav_engine_sessions_end(grav_engine engine)
{
    return engine == GRAV_ENGINE_GEN3 ? GRAV_GEN3_SESSIONS : GRAV_SESSIONS_END;
}

/* ---- Engine `gen3` --------------------------------------------------------------------------- */

/* The die must be a chance's, and the chance one that h mod m can have. */
static grav_status check_gen3_die(const grav_experiment *experiment, grav_error *err)
{
    if (!grav_faces_are_of_chance(&experiment->faces))
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "engine gen3 rolls a chance's die, faces 1 and then 0, not %.64s",
                         experiment->faces.list);
    if (mpz_cmp_ui(mpq_denref(experiment->faces.items[0].chance), GRAV_GEN3_MODULUS_MAX) > 0)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "engine gen3 rolls chances a/m with m at most %u, in lowest terms, not "
                         "%.64s",
                         GRAV_GEN3_MODULUS_MAX, experiment->faces.items[0].text);
    return GRAV_OK;
}

grav_gen3 grav_gen3_of(const grav_experiment *experiment, uint32_t calls_per_roll)
{
    const mpq_t *chance = &experiment->faces.items[0].chance;
    return gen3_make(calls_per_roll, (uint32_t)mpz_get_ui(mpq_numref(*chance)),
                     (uint32_t)mpz_get_ui(mpq_denref(*chance)));
}

static grav_status check_gen3(const grav_experiment *experiment, uint64_t seed,
                              uint32_t calls_per_roll, uint64_t first, uint64_t sessions,
                              grav_error *err)
{
    if (seed != 0)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "engine gen3 has no seed: a session's index is its starting state");
    if (calls_per_roll < 1)
        return grav_fail(err, GRAV_ERROR_INVALID, "calls-per-roll 0 is not from 1 to %" PRIu32,
                         UINT32_MAX);
    if (first > GRAV_GEN3_SESSIONS || sessions > GRAV_GEN3_SESSIONS - first)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "engine gen3 has sessions 0 to %" PRIu32 ", its states: first %" PRIu64
                         " + sessions %" PRIu64 " is over 2^32",
                         UINT32_MAX, first, sessions);
    return check_gen3_die(experiment, err);
}

grav_status grav_engine_check_rolls(const grav_experiment *experiment, grav_engine engine,
                                    uint64_t seed, uint32_t calls_per_roll, uint64_t first,
                                    uint64_t sessions, grav_error *err)
{
    if (engine == GRAV_ENGINE_GEN3)
        return check_gen3(experiment, seed, calls_per_roll, first, sessions, err);
    if (calls_per_roll != 1)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "calls-per-roll %" PRIu32 " wants engine gen3: with %s it is 1",
                         calls_per_roll, grav_engine_name((int)engine));
    return GRAV_OK;
}
