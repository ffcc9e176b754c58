/* Part `tasks`: what a pool costs beside what it plays. */
#include <sched.h>

#include "clock.h"
#include "document.h"
#include "error.h"
#include "parts.h"

static const uint64_t seconds_default = 60;
static const uint64_t sessions_default = 1000000000;

enum { SMALL_TASKS = 100000, LARGE_TASKS = 1000 };

/* A pool and what it plays; the run beside it has no pool. */
typedef struct pool_job {
    const bench_job *job;
    grav_pool *pool;
    uint64_t sessions; /* of all tasks together */
    uint64_t tasks;
    bool one_processor; /* who submits and takes is on the pool's */
} pool_job;

static grav_run_spec spec_of(const bench_subject *subject)
{
    const pool_job *work = subject->data;
    grav_run_spec run = bench_path_spec(subject);
    run.sessions = work->sessions;
    return run;
}

/* Takes all tasks of a batch. */
static grav_status take_all(grav_batch *batch, grav_error *err)
{
    grav_status status = GRAV_OK;
    grav_done done;
    while (grav_batch_take(batch, -1, &done) == GRAV_TAKEN) {
        if (status == GRAV_OK && done.error.status != GRAV_OK) {
            status = done.error.status;
            *err = done.error;
        }
        grav_result_destroy(done.result);
    }
    return status;
}

/* Submits the run in so many parts, and takes them. */
static grav_status play_tasks(grav_pool *pool, const pool_job *work, const grav_run_spec *run,
                              grav_error *err)
{
    grav_batch *batch = NULL;
    grav_task_spec task = {.experiment = work->job->experiment, .run = *run};
    grav_status status = grav_batch_create(pool, &batch, err);
    for (uint64_t i = 0; status == GRAV_OK && i < work->tasks; i++) {
        status = grav_split(run->first, run->sessions, work->tasks, i, &task.run.first,
                            &task.run.sessions, err);
        if (status == GRAV_OK)
            status = grav_batch_submit(batch, &task, NULL, err);
    }
    if (status == GRAV_OK)
        status = take_all(batch, err);
    grav_batch_destroy(batch);
    return status;
}

/* Leaves this thread, and those it starts, the first of its processors. *all: it had these. */
static bool stay_on_one(cpu_set_t *all)
{
    cpu_set_t one;
    size_t first = 0;
    if (sched_getaffinity(0, sizeof *all, all) != 0)
        return false;
    while (first + 1 < CPU_SETSIZE && !CPU_ISSET(first, all))
        first++;
    CPU_ZERO(&one);
    CPU_SET(first, &one);
    return sched_setaffinity(0, sizeof one, &one) == 0;
}

/* From the first submission to the last result, for each task. */
static grav_status play_pool(bench_subject *subject, uint64_t count, bench_slice *slice,
                             grav_error *err)
{
    const pool_job *work = subject->data;
    grav_run_spec run = spec_of(subject);
    grav_status status = GRAV_OK;
    cpu_set_t all;
    bool bound = work->one_processor && stay_on_one(&all);
    double start_s = grav_now_s();
    for (uint64_t i = 0; status == GRAV_OK && i < count; i++)
        status = play_tasks(work->pool, work, &run, err);
    slice->seconds = grav_now_s() - start_s;
    slice->done = count * work->tasks;
    if (bound)
        sched_setaffinity(0, sizeof all, &all);
    return status;
}

/* The same sessions as one run. */
static grav_status play_run(bench_subject *subject, uint64_t count, bench_slice *slice,
                            grav_error *err)
{
    const pool_job *work = subject->data;
    grav_run_spec run = spec_of(subject);
    grav_status status = GRAV_OK;
    double start_s = grav_now_s();
    for (uint64_t i = 0; status == GRAV_OK && i < count; i++) {
        grav_result *result = NULL;
        status = grav_run(work->job->experiment, &run, &result, err);
        grav_result_destroy(result);
    }
    slice->seconds = grav_now_s() - start_s;
    slice->done = count * work->tasks;
    return status;
}

static grav_status make_pool(unsigned threads, grav_pool **out, grav_error *err)
{
    grav_pool_spec spec;
    grav_pool_spec_init(&spec);
    spec.backend = GRAV_BACKEND_CPU;
    spec.threads = threads;
    return grav_pool_create(&spec, out, err);
}

/* From the creation of a pool to its first result and its end. */
static grav_status start_pools(bench_subject *subject, uint64_t count, bench_slice *slice,
                               grav_error *err)
{
    const pool_job *work = subject->data;
    grav_run_spec run = spec_of(subject);
    grav_status status = GRAV_OK;
    double start_s = grav_now_s();
    for (uint64_t i = 0; status == GRAV_OK && i < count; i++) {
        grav_pool *pool = NULL;
        status = make_pool(subject->threads, &pool, err);
        if (status == GRAV_OK)
            status = play_tasks(pool, work, &run, err);
        grav_pool_destroy(pool);
    }
    slice->seconds = grav_now_s() - start_s;
    return status;
}

static int add(bench_subjects *subjects, const char *what, bench_play_fn *play, unsigned threads,
               const pool_job *work, int yardstick)
{
    bench_subject subject = bench_subject_make("tasks", what, play);
    grav_cpu_info cpu;
    grav_cpu(&cpu);
    subject.unit = "task";
    subject.method = subject.engine = subject.keep = 0;
    subject.isa = (int)cpu.isa;
    subject.threads = threads;
    subject.seed = work->job->seed;
    subject.data = work;
    subject.yardstick = yardstick;
    return bench_subjects_add(subjects, &subject);
}

enum { START, SMALL, SMALL_ONE, LARGE, WORKS };

static grav_status add_subjects(bench_subjects *subjects, pool_job works[WORKS], unsigned threads,
                                grav_error *err)
{
    int added[5];
    added[0] =
        add(subjects, "pool's start, and a task", start_pools, threads, &works[START], BENCH_NONE);
    added[1] = add(subjects, "task of 1 session", play_pool, 1, &works[SMALL], BENCH_NONE);
    added[2] =
        add(subjects, "the same on one processor", play_pool, 1, &works[SMALL_ONE], BENCH_NONE);
    added[3] =
        add(subjects, "as many sessions of one run", play_run, threads, &works[LARGE], BENCH_NONE);
    added[4] =
        add(subjects, "task of a 1000th of them", play_pool, threads, &works[LARGE], added[3]);
    for (size_t i = 0; i < sizeof added / sizeof *added; i++)
        if (added[i] == BENCH_NONE)
            return grav_no_memory(err, "the tasks");
    return GRAV_OK;
}

int bench_tasks(json_t *document, const bench_job *job, const bench_settings *settings,
                const char *name)
{
    const cli_count *sessions = &settings->common.sessions;
    grav_error err;
    grav_cpu_info cpu;
    bench_subjects subjects = {0};
    pool_job works[WORKS] = {
        [START] = {.job = job, .sessions = 1, .tasks = 1},
        [SMALL] = {.job = job, .sessions = SMALL_TASKS, .tasks = SMALL_TASKS},
        [SMALL_ONE] = {.job = job, .sessions = SMALL_TASKS, .tasks = SMALL_TASKS},
        [LARGE] = {.job = job, .tasks = LARGE_TASKS},
    };
    grav_status status = GRAV_OK;
    works[LARGE].sessions = sessions->given ? sessions->value : sessions_default;
    works[SMALL_ONE].one_processor = true;
    grav_cpu(&cpu);
    for (size_t i = SMALL; status == GRAV_OK && i < WORKS; i++)
        status = make_pool(i == LARGE ? cpu.threads : 1, &works[i].pool, &err);
    if (status == GRAV_OK)
        status = add_subjects(&subjects, works, cpu.threads, &err);
    int code =
        bench_part_finish(&subjects, document, settings, seconds_default, status, &err, name);
    for (size_t i = 0; i < WORKS; i++)
        grav_pool_destroy(works[i].pool);
    return code;
}
