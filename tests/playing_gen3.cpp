#include "playing_gen3.h"

namespace playing_gen3 {

support::Experiment Make(const reference::Gen3Experiment &what)
{
    const std::string chance = std::to_string(what.a) + "/" + std::to_string(what.m);
    grav_experiment_spec spec;
    grav_experiment *experiment = nullptr;
    grav_experiment_spec_init(&spec);
    spec.rolls = what.rolls;
    spec.chance = chance.c_str();
    spec.statistic = what.streak ? GRAV_STATISTIC_STREAK : GRAV_STATISTIC_SUM;
    spec.has_target = false;
    EXPECT_EQ(grav_experiment_create(&spec, &experiment, nullptr), GRAV_OK);
    return support::Experiment(experiment);
}

grav_run_spec Spec(const support::Backend &backend, const reference::Gen3Experiment &what,
                   uint64_t first, uint64_t sessions)
{
    grav_run_spec spec = support::Spec(backend, 0, first, sessions);
    spec.engine = GRAV_ENGINE_GEN3;
    spec.calls_per_roll = what.calls_per_roll;
    return spec;
}

} // namespace playing_gen3
