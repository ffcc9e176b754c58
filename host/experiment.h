/* An experiment's insides, and what a lane needs to know of it. */
#ifndef GRAV_HOST_EXPERIMENT_H
#define GRAV_HOST_EXPERIMENT_H

#include "die.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Not changed once it is made, but for how many own it. */
struct grav_experiment {
    unsigned owners; /* of results and tasks each is one */
    uint32_t rolls;
    grav_faces faces;
    grav_die die; /* the faces as lanes read them */
    grav_statistic statistic;
    bool has_target;
    uint64_t target;
};

/* How many scores there are from the lowest to the highest, as a histogram tells them apart. */
uint64_t grav_experiment_scores(const grav_experiment *experiment);

/* Makes the caller one more owner, who gives it to grav_experiment_destroy(), too. From any thread.
 */
grav_experiment *grav_experiment_share(const grav_experiment *experiment);

/* A copy with another target, or NULL without memory. */
grav_experiment *grav_experiment_retarget(const grav_experiment *experiment, uint64_t target);

/* Whether both ask the same: rolls, die, statistic and target. */
bool grav_experiment_equal(const grav_experiment *a, const grav_experiment *b);

/* Everything a session core needs, of an experiment that the engine can roll
 * (grav_engine_check_rolls()). The plan reads the experiment's die as long as it is used. */
grav_plan grav_plan_make(const grav_experiment *experiment, grav_engine engine,
                         uint32_t calls_per_roll, uint64_t seed);

#ifdef __cplusplus
}
#endif

#endif
