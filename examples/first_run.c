/* A run in ten lines: the luckiest of a million sessions of 231 rolls at chance 1/4.
 *   cc first_run.c $(pkg-config --cflags --libs graveler) -o first_run && ./first_run */
#include <graveler.h>
#include <inttypes.h>
#include <stdio.h>

int main(void)
{
    grav_experiment_spec what;
    grav_run_spec how;
    grav_experiment *experiment = NULL;
    grav_result *result = NULL;
    grav_summary summary;
    grav_error err;

    grav_experiment_spec_init(&what);
    grav_run_spec_init(&how);
    how.seed = 42;
    how.sessions = 1000000;
    if (grav_experiment_create(&what, &experiment, &err) != GRAV_OK ||
        grav_run(experiment, &how, &result, &err) != GRAV_OK) {
        fprintf(stderr, "first_run: %s\n", err.message);
        return 1;
    }
    grav_result_summary(result, &summary);
    printf("highest score %" PRIu64 ", of session %" PRIu64 "\n", summary.max_score,
           summary.max_session);
    grav_result_destroy(result);
    grav_experiment_destroy(experiment);
    return 0;
}
