/* An experiment's insides, and what a lane needs to know of it. */
#ifndef GRAV_HOST_EXPERIMENT_H
#define GRAV_HOST_EXPERIMENT_H

#include <gmp.h>

#include "graveler.h"
#include "plan.h"

#ifdef __cplusplus
extern "C" {
#endif

struct grav_experiment {
    uint32_t rolls;
    mpq_t chance;                  /* in lowest terms, 0 to 1 */
    char *chance_text, *rest_text; /* chance and 1 - chance, "1/4" and "3/4" */
    grav_statistic statistic;
    bool has_target;
    uint64_t target;
};

/* A copy, or NULL without memory. */
grav_experiment *grav_experiment_copy(const grav_experiment *experiment);

/* Whether both ask the same: rolls, die, statistic and target. */
bool grav_experiment_equal(const grav_experiment *a, const grav_experiment *b);

/* Everything a session core needs. */
grav_plan grav_plan_make(const grav_experiment *experiment, grav_engine engine, uint64_t seed);

#ifdef __cplusplus
}
#endif

#endif
