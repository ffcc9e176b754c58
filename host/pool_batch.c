/* Batches: what is submitted to a pool, and what comes of it. */
#include <stdlib.h>

#include "clock.h"
#include "error.h"
#include "pool.h"

/* ---- Jobs by number -------------------------------------------------------------------------- */

static grav_job **slot_of(const grav_batch *batch, grav_task number)
{
    return &batch->slots[number & (batch->slot_count - 1)];
}

/* The job of that number; NULL: there is none, or no longer. */
static grav_job *find(const grav_batch *batch, grav_task number)
{
    if (number < batch->oldest || number > batch->newest)
        return NULL;
    return *slot_of(batch, number);
}

/* Makes room for one more number. */
static grav_status reserve_slot(grav_batch *batch, grav_error *err)
{
    size_t used = batch->newest + 1 - batch->oldest, count = batch->slot_count;
    if (used < count)
        return GRAV_OK;
    grav_job **slots = calloc(count ? 2 * count : 16, sizeof *slots);
    if (!slots)
        return grav_no_memory(err, "a batch's tasks");
    for (grav_task number = batch->oldest; number <= batch->newest; number++)
        slots[number & (2 * count - 1)] = *slot_of(batch, number);
    free(batch->slots);
    batch->slots = slots;
    batch->slot_count = count ? 2 * count : 16;
    return GRAV_OK;
}

/* A batch's no more. */
static void forget(grav_job *job)
{
    grav_batch *batch = job->batch;
    *slot_of(batch, job->number) = NULL;
    while (batch->oldest <= batch->newest && !*slot_of(batch, batch->oldest))
        batch->oldest++;
}

/* All but the result. */
static void free_job(grav_job *job)
{
    if (!job)
        return;
    grav_ranges_free(&job->returned);
    grav_play_free(&job->play);
    free(job);
}

/* ---- Submitting ------------------------------------------------------------------------------ */

static grav_status check_task(const grav_task_spec *spec, grav_error *err)
{
    grav_run_spec run = spec->run;
    if (run.team || run.checkpoint || run.progress || run.notice)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "a task has no team, checkpoint, progress or notice: run it by itself");
    run.backend = GRAV_BACKEND_AUTO;
    run.devices = NULL;
    run.device_count = run.threads = 0;
    run.isa = GRAV_ISA_AUTO;
    return grav_run_check(spec->experiment, &run, err);
}

static grav_job *make_job(grav_batch *batch, const grav_task_spec *spec)
{
    grav_job *job = calloc(1, sizeof *job);
    if (!job)
        return NULL;
    job->batch = batch;
    job->done = spec->done;
    job->data = spec->data;
    job->first = spec->run.first;
    job->end = spec->run.first + spec->run.sessions;
    grav_play_init(&job->play, spec);
    return job;
}

static grav_status enqueue(grav_job *job, grav_error *err)
{
    grav_batch *batch = job->batch;
    grav_pool *pool = batch->pool;
    if (batch->closing)
        return grav_fail(err, GRAV_ERROR_INVALID, "the batch is being destroyed");
    grav_status status = reserve_slot(batch, err);
    if (status != GRAV_OK)
        return status;
    pool->queued++;
    status = grav_pool_wake(pool, false, err);
    if (status != GRAV_OK) {
        pool->queued--;
        return status;
    }
    job->number = ++batch->newest;
    job->serial = ++pool->serial;
    *slot_of(batch, job->number) = job;
    grav_jobs_append(&batch->queue, job);
    batch->progress.submitted++;
    batch->progress.open++;
    batch->progress.sessions += job->end - job->first;
    if (!pool->idle && pool->gpus &&
        grav_pool_is_for_gpu(job)) /* all threads may be long at work */
        pthread_cond_broadcast(&pool->gpu_work);
    return GRAV_OK;
}

grav_status grav_batch_submit(grav_batch *batch, const grav_task_spec *spec, grav_task *out,
                              grav_error *err)
{
    grav_status status = check_task(spec, err);
    if (status != GRAV_OK)
        return status;
    grav_job *job = make_job(batch, spec);
    if (!job)
        return grav_no_memory(err, "a task");
    pthread_mutex_lock(&batch->pool->mutex);
    status = enqueue(job, err);
    grav_task number = job->number;
    pthread_mutex_unlock(&batch->pool->mutex);
    if (status != GRAV_OK)
        free_job(job);
    else if (out)
        *out = number;
    return status;
}

/* ---- Ending ---------------------------------------------------------------------------------- */

static grav_done done_of(const grav_job *job)
{
    grav_done done = {
        .task = job->number,
        .data = job->data,
        .result = job->play.result,
        .error = job->play.error,
        .cancelled = job->cancelled,
    };
    return done;
}

static void tell(grav_job *job)
{
    grav_batch *batch = job->batch;
    grav_done done = done_of(job);
    grav_pool_tell(batch->pool); /* it may take its time */
    pthread_mutex_unlock(&batch->pool->mutex);
    job->done(batch, &done);
    pthread_mutex_lock(&batch->pool->mutex);
    forget(job);
    free_job(job);
}

/* Has those who wait woken when it is time: at the latest after so many jobs. */
static void note_news(grav_batch *batch)
{
    const unsigned jobs_most = 16;
    grav_pool *pool = batch->pool;
    if (!batch->waiting)
        return;
    if (pool->untold != batch)
        grav_pool_tell(pool);
    pool->untold = batch;
    if (++pool->untold_jobs == jobs_most)
        grav_pool_tell(pool);
}

void grav_pool_tell(grav_pool *pool)
{
    if (pool->untold)
        pthread_cond_broadcast(&pool->untold->news);
    pool->untold = NULL;
    pool->untold_jobs = 0;
}

void grav_job_end(grav_job *job)
{
    grav_batch *batch = job->batch;
    grav_batch_progress *progress = &batch->progress;
    if (job->play.error.status != GRAV_OK)
        progress->failed++;
    else if (job->cancelled)
        progress->cancelled++;
    if (batch->closing) {
        grav_result_destroy(job->play.result);
        forget(job);
        free_job(job);
    } else if (job->done) {
        tell(job);
    } else {
        grav_jobs_append(&batch->ended, job);
    }
    progress->open--;
    note_news(batch);
}

/* Cancels a job; locked. False: it has ended. */
static bool cancel(grav_job *job)
{
    if (job->stage == GRAV_JOB_ENDED)
        return false;
    grav_pool *pool = job->batch->pool;
    job->cancelled = true;
    grav_job_drop(job);
    grav_job_end_if_over(job);
    grav_pool_tell(pool);
    return true;
}

bool grav_batch_cancel(grav_batch *batch, grav_task task)
{
    pthread_mutex_lock(&batch->pool->mutex);
    grav_job *job = find(batch, task);
    bool cancelled = job && cancel(job);
    pthread_mutex_unlock(&batch->pool->mutex);
    return cancelled;
}

static void cancel_all(grav_batch *batch)
{
    grav_task last = batch->newest; /* `done` may submit more */
    for (grav_task task = batch->oldest; task <= last; task++) {
        grav_job *job = find(batch, task);
        if (job)
            cancel(job);
    }
}

void grav_batch_cancel_all(grav_batch *batch)
{
    pthread_mutex_lock(&batch->pool->mutex);
    cancel_all(batch);
    pthread_mutex_unlock(&batch->pool->mutex);
}

/* ---- Taking ---------------------------------------------------------------------------------- */

/* Waits for news, until then at most; a negative time is none. False: it is over. */
static bool wait_for_news(grav_batch *batch, double until_s)
{
    const double slice_s = 1; /* of grav_in_seconds() */
    double left_s = until_s < 0 ? slice_s : until_s - grav_now_s();
    if (left_s <= 0)
        return false;
    struct timespec at = grav_in_seconds(left_s < slice_s ? left_s : slice_s);
    batch->waiting++;
    pthread_cond_timedwait(&batch->news, &batch->pool->mutex, &at);
    batch->waiting--;
    return true;
}

static double until(double seconds)
{
    return seconds < 0 ? -1 : grav_now_s() + seconds;
}

/* Takes a job that has ended out of its batch. */
static grav_taken hand_out(grav_job *job, grav_job **out)
{
    grav_jobs_remove(&job->batch->ended, job);
    forget(job);
    *out = job;
    return GRAV_TAKEN;
}

/* Tells how a job has ended that is no longer a batch's; NULL: none. */
static void tell_and_free(grav_job *job, grav_done *out)
{
    if (job)
        *out = done_of(job);
    free_job(job);
}

static grav_taken take(grav_batch *batch, double until_s, grav_job **out)
{
    do {
        if (batch->ended.head)
            return hand_out(batch->ended.head, out);
        if (!batch->progress.open)
            return GRAV_NONE;
    } while (wait_for_news(batch, until_s));
    return GRAV_NOT_YET;
}

grav_taken grav_batch_take(grav_batch *batch, double seconds, grav_done *out)
{
    double until_s = until(seconds);
    grav_job *job = NULL;
    pthread_mutex_lock(&batch->pool->mutex);
    grav_taken taken = take(batch, until_s, &job);
    pthread_mutex_unlock(&batch->pool->mutex);
    tell_and_free(job, out);
    return taken;
}

static grav_taken take_one(grav_batch *batch, grav_task task, double until_s, grav_job **out)
{
    do {
        grav_job *job = find(batch, task);
        if (!job)
            return GRAV_NONE;
        if (job->stage == GRAV_JOB_ENDED && (job->before || batch->ended.head == job))
            return hand_out(job, out);
    } while (wait_for_news(batch, until_s));
    return GRAV_NOT_YET;
}

grav_taken grav_batch_wait(grav_batch *batch, grav_task task, double seconds, grav_done *out)
{
    double until_s = until(seconds);
    grav_job *job = NULL;
    pthread_mutex_lock(&batch->pool->mutex);
    grav_taken taken = take_one(batch, task, until_s, &job);
    pthread_mutex_unlock(&batch->pool->mutex);
    tell_and_free(job, out);
    return taken;
}

void grav_batch_look(const grav_batch *batch, grav_batch_progress *out)
{
    pthread_mutex_lock(&batch->pool->mutex);
    *out = batch->progress;
    pthread_mutex_unlock(&batch->pool->mutex);
}

uint64_t grav_batch_open(const grav_batch *batch)
{
    grav_batch_progress progress;
    grav_batch_look(batch, &progress);
    return progress.open;
}

/* ---- Batches --------------------------------------------------------------------------------- */

static void join_circle(grav_pool *pool, grav_batch *batch)
{
    grav_batch *turn = pool->turn;
    batch->before = turn ? turn->before : batch;
    batch->next = turn ? turn : batch;
    batch->before->next = batch->next->before = batch;
    if (!turn)
        pool->turn = batch;
}

static void leave_circle(grav_pool *pool, grav_batch *batch)
{
    batch->before->next = batch->next;
    batch->next->before = batch->before;
    if (pool->turn == batch)
        pool->turn = batch->next == batch ? NULL : batch->next;
}

grav_status grav_batch_create(grav_pool *pool, grav_batch **out, grav_error *err)
{
    grav_batch *batch = calloc(1, sizeof *batch);
    if (!batch)
        return grav_no_memory(err, "a batch");
    batch->pool = pool;
    batch->oldest = 1;
    grav_condition_init(&batch->news);
    pthread_mutex_lock(&pool->mutex);
    join_circle(pool, batch);
    pthread_mutex_unlock(&pool->mutex);
    *out = batch;
    return GRAV_OK;
}

void grav_batch_destroy(grav_batch *batch)
{
    if (!batch)
        return;
    grav_pool *pool = batch->pool;
    pthread_mutex_lock(&pool->mutex);
    batch->closing = true;
    cancel_all(batch);
    while (batch->progress.open)
        wait_for_news(batch, -1);
    while (batch->ended.head) {
        grav_job *job = NULL;
        hand_out(batch->ended.head, &job);
        grav_result_destroy(job->play.result);
        free_job(job);
    }
    leave_circle(pool, batch);
    if (pool->untold == batch)
        pool->untold = NULL;
    pthread_mutex_unlock(&pool->mutex);
    pthread_cond_destroy(&batch->news);
    free(batch->slots);
    free(batch);
}
