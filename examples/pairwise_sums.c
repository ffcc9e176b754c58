/* Sums made while their parts come in: a run is cut into tasks of a pool, every result that comes
 * out lets the next task in, and whenever there are two of the same size they become one. So no
 * more results are kept than the number of parts has binary digits, and the sum is the run itself:
 * same digest. */
#include <graveler.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

enum { PARTS = 100, AT_ONCE = 8, SIZES = 64 };
static const uint64_t sessions = 1000000;

static void check(grav_status status, const grav_error *err)
{
    if (status == GRAV_OK)
        return;
    fprintf(stderr, "pairwise_sums: %s\n", err->message);
    exit(1);
}

/* Two results become one. */
static grav_result *sum(grav_result *a, grav_result *b)
{
    grav_result *both = NULL;
    grav_error err = {GRAV_OK, ""};
    check(grav_result_merge(a, b, &both, &err), &err);
    grav_result_destroy(a);
    grav_result_destroy(b);
    return both;
}

/* sums[i] is NULL, or a sum of 2^i parts. */
static void add(grav_result *sums[SIZES], grav_result *part)
{
    size_t i = 0;
    for (; sums[i]; i++) {
        part = sum(sums[i], part);
        sums[i] = NULL;
    }
    sums[i] = part;
}

static void submit(grav_batch *batch, const grav_experiment *experiment, uint64_t part)
{
    grav_task_spec task = {.experiment = experiment};
    grav_error err = {GRAV_OK, ""};
    grav_run_spec_init(&task.run);
    task.run.seed = 42;
    check(grav_split(0, sessions, PARTS, part, &task.run.first, &task.run.sessions, &err), &err);
    check(grav_batch_submit(batch, &task, NULL, &err), &err);
}

/* All parts, through the pool. */
static grav_result *play_in_parts(grav_pool *pool, const grav_experiment *experiment)
{
    grav_batch *batch = NULL;
    grav_error err = {GRAV_OK, ""};
    grav_result *sums[SIZES] = {NULL}, *all = NULL;
    grav_done done;
    uint64_t next = 0;
    check(grav_batch_create(pool, &batch, &err), &err);
    while (next < AT_ONCE)
        submit(batch, experiment, next++);
    while (grav_batch_take(batch, -1, &done) == GRAV_TAKEN) {
        check(done.error.status, &done.error);
        if (next < PARTS)
            submit(batch, experiment, next++);
        add(sums, done.result);
    }
    for (size_t i = 0; i < SIZES; i++)
        if (sums[i])
            all = all ? sum(all, sums[i]) : sums[i];
    grav_batch_destroy(batch);
    return all;
}

int main(void)
{
    grav_experiment_spec what;
    grav_pool_spec where;
    grav_run_spec how;
    grav_experiment *experiment = NULL;
    grav_pool *pool = NULL;
    grav_result *at_once = NULL;
    grav_error err = {GRAV_OK, ""};
    char digest[GRAV_DIGEST_SIZE];

    grav_experiment_spec_init(&what);
    grav_pool_spec_init(&where);
    check(grav_experiment_create(&what, &experiment, &err), &err);
    check(grav_pool_create(&where, &pool, &err), &err);
    grav_result *in_parts = play_in_parts(pool, experiment);
    grav_pool_destroy(pool);
    grav_result_digest(in_parts, digest);
    printf("%d parts: %s\n", PARTS, digest);

    grav_run_spec_init(&how);
    how.seed = 42;
    how.sessions = sessions;
    check(grav_run(experiment, &how, &at_once, &err), &err);
    grav_result_digest(at_once, digest);
    printf("one run:   %s\n", digest);

    grav_result_destroy(in_parts);
    grav_result_destroy(at_once);
    grav_experiment_destroy(experiment);
    return 0;
}
