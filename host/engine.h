/* What engines differ in. */
#ifndef GRAV_HOST_ENGINE_H
#define GRAV_HOST_ENGINE_H

#include "experiment.h"

/* Rounds of the Philox that an engine draws from or is seeded by; 0: it knows no Philox. */
uint32_t grav_engine_philox_rounds(grav_engine engine);

/* Whether sessions have words at the places that method `scores` reads. */
bool grav_engine_has_blocks(grav_engine engine);

/* What rolls by engine `gen3` have in common. The experiment must have passed
 * grav_engine_check_rolls(). */
grav_gen3 grav_gen3_of(const grav_experiment *experiment, uint32_t calls_per_roll);

/* Whether an engine can roll an experiment so: GRAV_ERROR_INVALID for a seed or numbers of calls
 * per roll that it does not have, sessions [first, first + sessions) beyond its last, and dice that
 * it does not know. */
grav_status grav_engine_check_rolls(const grav_experiment *experiment, grav_engine engine,
                                    uint64_t seed, uint32_t calls_per_roll, uint64_t first,
                                    uint64_t sessions, grav_error *err);

#endif
