/* A program outside the tree that uses the installed library: prints the version and the highest
 * score of sessions 0 to 2999 of seed 42, with the session that has it. */
#include <graveler.h>
#include <inttypes.h>
#include <stdio.h>

int main(void)
{
    grav_experiment_spec spec;
    grav_run_spec run;
    grav_experiment *experiment = NULL;
    grav_result *result = NULL;
    grav_error err = {GRAV_OK, ""};
    grav_summary summary;
    grav_experiment_spec_init(&spec);
    grav_run_spec_init(&run);
    run.seed = 42;
    run.sessions = 3000;
    run.backend = GRAV_BACKEND_CPU;
    if (grav_experiment_create(&spec, &experiment, &err) != GRAV_OK ||
        grav_run(experiment, &run, &result, &err) != GRAV_OK) {
        fprintf(stderr, "%s\n", err.message);
        return 1;
    }
    grav_result_summary(result, &summary);
    printf("%s %" PRIu64 " %" PRIu64 "\n", GRAV_VERSION, summary.max_score, summary.max_session);
    grav_result_destroy(result);
    grav_experiment_destroy(experiment);
    return 0;
}
