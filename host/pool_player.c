/* Those who play what is in a pool. */
#include <mpfr.h>
#include <stdlib.h>
#include <string.h>

#include "chunks.h"
#include "clock.h"
#include "error.h"
#include "pool.h"
#include "selftest.h"

/* What a task of more than so many seconds is called large: whoever is idle should look at it. */
static const double share_s = 0.01;

/* ---- Threads of the CPU ---------------------------------------------------------------------- */

/* The isa to play by, held against known answers. */
static grav_status trusted_isa(grav_pool *pool, grav_isa *out, grav_error *err)
{
    grav_status status;
    grav_error why;
    pthread_mutex_lock(&pool->trusting);
    if (pool->isa == GRAV_ISA_AUTO && pool->distrust.status == GRAV_OK) {
        status = grav_crew_isa(&pool->crew, &pool->isa, &why);
        if (status != GRAV_OK && status != GRAV_ERROR_MEMORY) /* there may be some next time */
            pool->distrust = why;
    } else {
        status = pool->distrust.status;
        why = pool->distrust;
    }
    *out = pool->isa;
    pthread_mutex_unlock(&pool->trusting);
    if (status != GRAV_OK && err)
        *err = why;
    return status;
}

/* Sets a thread up to play, unless it is. */
static grav_status open_thread(grav_player *player, grav_error *err)
{
    grav_isa isa;
    if (player->variant)
        return GRAV_OK;
    grav_status status = trusted_isa(player->pool, &isa, err);
    if (status != GRAV_OK)
        return status;
    player->variant = grav_variant_for(isa);
    player->info = (grav_worker_info){.backend = GRAV_BACKEND_CPU, .isa = isa, .threads = 1};
    grav_worker_tell(&player->info);
    return GRAV_OK;
}

static void play_by_thread(const grav_player *player, const grav_share *share, grav_tally *tally)
{
    const grav_plan *plan = &share->job->play.plan;
    grav_variant_play(player->variant, plan)(plan, share->first, share->end, &tally->part);
    tally->sessions += share->end - share->first;
}

/* ---- GPUs ------------------------------------------------------------------------------------ */

static void close_gpu(grav_player *player)
{
    if (player->gpu.close)
        player->gpu.close(&player->gpu);
    player->gpu = (grav_worker){0};
}

/* Sets the GPU up for a job, unless it is. */
static grav_status open_gpu(grav_player *player, const grav_job *job, grav_error *err)
{
    const grav_selftest_who who = {.backend = GRAV_BACKEND_CUDA, .device = player->device};
    const grav_play *play = &job->play;
    if (player->gpu.play && player->gpu_serial == job->serial)
        return GRAV_OK;
    close_gpu(player);
    grav_status status = grav_selftest_once(&who, err);
    if (status == GRAV_OK)
        status = grav_worker_open_cuda(&play->plan, play->result->tally.length, player->device,
                                       &player->gpu, err);
    if (status != GRAV_OK)
        return status;
    player->gpu_serial = job->serial;
    player->info = player->gpu.info;
    return GRAV_OK;
}

/* What goes wrong here is the GPU's fault. */
static grav_status play_by_gpu(grav_player *player, const grav_share *share, grav_tally *tally,
                               grav_error *err)
{
    double before_s = player->gpu.info.kernel_s;
    grav_status status = player->gpu.play(&player->gpu, share->first, share->end, tally, err);
    if (status == GRAV_OK)
        status = grav_tally_check(tally, share->end - share->first, err);
    player->info.kernel_s = player->gpu.info.kernel_s - before_s;
    player->failed = status != GRAV_OK;
    return status;
}

/* ---- Playing --------------------------------------------------------------------------------- */

/* A tally of one's own, empty and long enough. */
static grav_status own_tally(grav_player *player, size_t length, grav_error *err)
{
    if (player->tally.length == length && (length == 0 || player->tally.part.counts)) {
        grav_tally_clear(&player->tally);
        return GRAV_OK;
    }
    grav_tally_free(&player->tally);
    return grav_tally_init(&player->tally, length, err);
}

static grav_status set_up(grav_player *player, const grav_job *job, grav_error *err)
{
    if (player->device < 0)
        return open_thread(player, err);
    grav_status status = open_gpu(player, job, err);
    player->failed = status != GRAV_OK;
    return status;
}

/* Plays a share of a job that has been begun, and adds what was found. */
static grav_status play_share(grav_player *player, const grav_share *share, double *seconds,
                              grav_error *err)
{
    grav_play *play = &share->job->play;
    grav_tally *tally = &player->tally;
    grav_status status = set_up(player, share->job, err);
    if (status == GRAV_OK && share->all && player->device < 0) /* nobody else adds to it */
        tally = &play->result->tally;
    else if (status == GRAV_OK)
        status = own_tally(player, play->result->tally.length, err);
    if (status != GRAV_OK)
        return status;
    double start_s = grav_now_s();
    if (player->device < 0)
        play_by_thread(player, share, tally);
    else
        status = play_by_gpu(player, share, tally, err);
    *seconds = grav_now_s() - start_s;
    if (status != GRAV_OK)
        return status;
    player->info.sessions = share->end - share->first;
    player->info.busy_s = *seconds;
    return grav_play_merge(play, share->first, share->end, tally, &player->info, err);
}

/* Whether the task was cancelled; notes how far grav_run() is. */
static bool on_progress(const grav_progress *progress, void *data)
{
    grav_job *job = data;
    pthread_mutex_t *mutex = &job->batch->pool->mutex;
    pthread_mutex_lock(mutex);
    job->batch->progress.played += progress->played - job->told;
    job->told = progress->played;
    bool cancelled = job->cancelled;
    pthread_mutex_unlock(mutex);
    return cancelled;
}

static void on_notice(const char *message, void *data)
{
    grav_job *job = data;
    grav_crew_tell(&job->batch->pool->crew, message);
}

/* Plays a job by grav_run(); a small one on one thread. */
static grav_status play_whole(grav_job *job, bool large, grav_error *err)
{
    const grav_pool *pool = job->batch->pool;
    grav_run_spec run = job->play.run;
    run.devices = NULL; /* the task's own place is not looked at */
    run.device_count = run.threads = 0;
    run.isa = GRAV_ISA_AUTO;
    run.backend = large ? pool->where.backend : GRAV_BACKEND_CPU;
    if (pool->where.backend == GRAV_BACKEND_CUDA)
        run.backend = GRAV_BACKEND_CUDA;
    if (run.backend != GRAV_BACKEND_CPU) {
        run.devices = pool->where.devices;
        run.device_count = pool->where.device_count;
    }
    if (run.backend != GRAV_BACKEND_CUDA) {
        run.isa = pool->where.isa;
        run.threads = large ? pool->threads : 1;
    }
    run.progress = on_progress;
    run.notice = on_notice;
    run.data = job;
    return grav_run(job->play.experiment, &run, &job->play.result, err);
}

/* ---- Shares ---------------------------------------------------------------------------------- */

/* Takes note of how fast a share was played. */
static void note_speed(grav_player *player, const grav_share *share, double seconds)
{
    double cost = grav_pool_cost(share->job);
    double *speed = &player->speed[grav_pool_kind(share->job)];
    uint64_t sessions = share->end - share->first;
    *speed = cost * grav_chunk_speed(*speed / cost, sessions, seconds, share_s);
}

/* Ends a job that is over, but for what was cancelled or failed; unlocked. */
static void finish(grav_job *job)
{
    grav_play *play = &job->play;
    if (play->error.status == GRAV_OK && play->result && !grav_play_is_whole(play))
        play->error.status = grav_play_end(play, job->threads_most, &play->error);
    if (play->result && (play->error.status != GRAV_OK || !play->result->tally.sessions)) {
        grav_result_destroy(play->result);
        play->result = NULL;
    }
    job->finished = true;
}

/* What a player does with a share, unlocked. */
static grav_status do_share(grav_player *player, const grav_share *share, double *seconds,
                            grav_error *err)
{
    grav_job *job = share->job;
    grav_play *play = &job->play;
    grav_status status = GRAV_OK;
    if (share->all && grav_play_is_whole(play))
        return play_whole(job, share->large, err);
    if (!play->result)
        status = grav_play_begin(play, err);
    if (status == GRAV_OK && share->first < share->end)
        status = play_share(player, share, seconds, err);
    if (status == GRAV_OK && share->all)
        finish(job);
    return status;
}

/* A GPU that has failed plays no more; its share is for others. False: there are none. Locked. */
static bool give_back(grav_player *player, const grav_share *share)
{
    grav_pool *pool = player->pool;
    grav_job *job = share->job;
    pool->gpus_left -= pool->gpus_left > 0; /* the last one fails again and again */
    for (unsigned kind = 0; kind < GRAV_POOL_KINDS; kind++)
        player->speed[kind] = 0;
    pthread_cond_broadcast(&pool->work);
    pthread_cond_broadcast(&pool->gpu_work); /* some may have left the rest to this one */
    if (!pool->threads && !pool->gpus_left)
        return false;
    if (job->stage == GRAV_JOB_BEGUN)
        grav_job_share(job);
    return grav_job_return(job, share, NULL) == GRAV_OK;
}

/* Takes note of what was played. Locked. */
static void count(grav_player *player, const grav_share *share, double seconds)
{
    grav_job *job = share->job;
    if (grav_play_is_whole(&job->play)) {
        job->batch->progress.played += job->play.result->tally.sessions - job->told;
        return;
    }
    job->batch->progress.played += share->end - share->first;
    if (share->first < share->end)
        note_speed(player, share, seconds);
    if (job->stage == GRAV_JOB_BEGUN && !share->all) {
        grav_job_share(job);
        grav_pool_wake(player->pool, true, NULL);
    }
}

/* Takes a share back. Locked. */
static void hand_in(grav_player *player, const grav_share *share, double seconds,
                    const grav_error *why)
{
    grav_job *job = share->job;
    job->players--;
    job->threads -= player->device < 0;
    if (why->status == GRAV_OK) {
        count(player, share, seconds);
    } else if (!player->failed || !give_back(player, share)) {
        if (job->play.error.status == GRAV_OK)
            job->play.error = *why;
    }
    if (job->cancelled || job->play.error.status != GRAV_OK)
        grav_job_drop(job);
}

void grav_job_end_if_over(grav_job *job)
{
    grav_pool *pool = job->batch->pool;
    if (!grav_job_is_over(job))
        return;
    job->stage = GRAV_JOB_ENDED;
    if (!job->finished) {
        pthread_mutex_unlock(&pool->mutex);
        finish(job);
        pthread_mutex_lock(&pool->mutex);
    }
    grav_job_end(job);
}

static void tell_failed(grav_player *player, const grav_error *why)
{
    grav_error line;
    grav_fail(&line, why->status, "GPU %d: %.220s; it is left out", player->device, why->message);
    grav_crew_tell(&player->pool->crew, line.message);
}

/* Whether a GPU has failed, and others are left. The last one stays, for all tasks to fail by. */
static bool is_left_out(const grav_player *player)
{
    return player->failed && (player->pool->threads || player->pool->gpus_left);
}

static void wait_for_work(grav_player *player)
{
    grav_pool *pool = player->pool;
    bool thread = player->device < 0;
    grav_pool_tell(pool);
    pool->idle += thread;
    pthread_cond_wait(thread ? &pool->work : &pool->gpu_work, &pool->mutex);
    pool->idle -= thread;
}

void *grav_pool_player(void *argument)
{
    grav_player *player = argument;
    grav_pool *pool = player->pool;
    grav_share share;
    pthread_mutex_lock(&pool->mutex);
    while (!pool->closing && !is_left_out(player)) {
        grav_error why = {0};
        double seconds = 0;
        if (!grav_pool_next(pool, player, &share)) {
            wait_for_work(player);
            continue;
        }
        if (!grav_share_is_quick(&share, player))
            grav_pool_tell(pool);
        pthread_mutex_unlock(&pool->mutex);
        why.status = do_share(player, &share, &seconds, &why);
        pthread_mutex_lock(&pool->mutex);
        hand_in(player, &share, seconds, &why);
        grav_job_end_if_over(share.job);
        if (player->failed) {
            grav_pool_tell(pool);
            pthread_mutex_unlock(&pool->mutex);
            tell_failed(player, &why);
            pthread_mutex_lock(&pool->mutex);
        }
    }
    grav_pool_tell(pool);
    pthread_mutex_unlock(&pool->mutex);
    grav_tally_free(&player->tally);
    close_gpu(player);
    mpfr_free_cache2(MPFR_FREE_LOCAL_CACHE); /* of laws that `done` worked out on this thread */
    return NULL;
}
