/* A sweep over chances: one task for each, all in one batch, and the answers in the order of the
 * chances. A chance that cannot be played is told of in its place, and the others go on. */
#include <graveler.h>
#include <inttypes.h>
#include <stdio.h>

static const char *const chances[] = {"1/100", "5%", "0.1", "1/4", "1/3", "1/2", "3/2", "0.99"};
enum { COUNT = sizeof chances / sizeof *chances };

/* The task's number; 0: refused, and told of. */
static grav_task submit(grav_batch *batch, const char *chance, grav_error *err)
{
    grav_experiment_spec what;
    grav_task_spec task = {.experiment = NULL};
    grav_experiment *experiment = NULL;
    grav_task number = 0;
    grav_experiment_spec_init(&what);
    what.chance = chance;
    grav_run_spec_init(&task.run);
    task.run.seed = 42;
    task.run.sessions = 100000;
    if (grav_experiment_create(&what, &experiment, err) != GRAV_OK)
        return 0;
    task.experiment = experiment;
    grav_batch_submit(batch, &task, &number, err);
    grav_experiment_destroy(experiment); /* the task has its share */
    return number;
}

static void print(const char *chance, const grav_done *done, const grav_error *err)
{
    grav_summary summary;
    if (!done->result) {
        printf("%-6s %s\n", chance, err->message);
        return;
    }
    grav_result_summary(done->result, &summary);
    printf("%-6s mean %8.4f  highest %3" PRIu64 " of session %" PRIu64 "\n", chance, summary.mean,
           summary.max_score, summary.max_session);
}

int main(void)
{
    grav_pool_spec where;
    grav_pool *pool = NULL;
    grav_batch *batch = NULL;
    grav_task tasks[COUNT];
    grav_error errors[COUNT], err;

    grav_pool_spec_init(&where);
    if (grav_pool_create(&where, &pool, &err) != GRAV_OK ||
        grav_batch_create(pool, &batch, &err) != GRAV_OK) {
        fprintf(stderr, "sweep: %s\n", err.message);
        grav_pool_destroy(pool);
        return 1;
    }
    for (size_t i = 0; i < COUNT; i++)
        tasks[i] = submit(batch, chances[i], &errors[i]);
    for (size_t i = 0; i < COUNT; i++) {
        grav_done done = {.result = NULL};
        if (grav_batch_wait(batch, tasks[i], -1, &done) == GRAV_TAKEN)
            errors[i] = done.error;
        print(chances[i], &done, &errors[i]);
        grav_result_destroy(done.result);
    }
    grav_pool_destroy(pool); /* and its batch */
    return 0;
}
