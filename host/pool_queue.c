/* What is to be played next, and by whom. */
#include "chunks.h"
#include "cuda.h"
#include "pool.h"

/* What threads and GPUs are given takes about so long: a GPU needs some to get going. */
static const double thread_share_s = 0.01, gpu_share_s = 0.1;
/* What all threads would play in less is not worth a GPU's trouble. */
static const double gpu_worth_s = 0.02;
/* What one thread would play in less is not worth waking others for. */
static const double large_s = 0.04;
/* What takes less does not keep those waiting who wait for what has just ended. */
static const double quick_s = 20e-6;
enum {
    LOOKS = 64,    /* so far into a queue a player looks for something to play */
    BEGUN_MAX = 4, /* large jobs of a batch that take turns: each has its tally */
};

void grav_jobs_append(grav_jobs *jobs, grav_job *job)
{
    job->before = jobs->tail;
    job->next = NULL;
    if (jobs->tail)
        jobs->tail->next = job;
    else
        jobs->head = job;
    jobs->tail = job;
}

void grav_jobs_remove(grav_jobs *jobs, grav_job *job)
{
    if (job->before)
        job->before->next = job->next;
    else
        jobs->head = job->next;
    if (job->next)
        job->next->before = job->before;
    else
        jobs->tail = job->before;
    job->before = job->next = NULL;
}

unsigned grav_pool_kind(const grav_job *job)
{
    const grav_plan *plan = &job->play.plan;
    unsigned engine = plan->gen3.on ? 0 : plan->fast ? 1 : plan->philox_rounds == 10 ? 2 : 3;
    bool draws = job->play.run.method == GRAV_METHOD_SCORES;
    return engine * 4 + (draws ? 3 : (unsigned)plan->game);
}

double grav_pool_cost(const grav_job *job)
{
    bool draws = job->play.run.method == GRAV_METHOD_SCORES;
    return draws ? 1 : (double)grav_plan_rolls(&job->play.plan);
}

/* Sessions per second of a player. */
static double speed_of(const grav_player *player, const grav_job *job)
{
    return player->speed[grav_pool_kind(job)] / grav_pool_cost(job);
}

/* Of all that might play it. */
static double speed_of_all(const grav_pool *pool, const grav_job *job, double *threads,
                           double *fastest)
{
    double all = 0;
    *threads = *fastest = 0;
    for (unsigned i = 0; i < pool->threads + pool->gpus; i++) {
        double own = speed_of(&pool->players[i], job);
        all += own;
        *threads += i < pool->threads ? own : 0;
        *fastest = own > *fastest ? own : *fastest;
    }
    return all;
}

/* How many of `left` sessions a player should be given; 0: none. A GPU may leave them to threads.
 * Nobody else leaves any to others, who may not be looking. */
static uint64_t size_for(const grav_pool *pool, const grav_player *player, const grav_job *job,
                         uint64_t left)
{
    double threads;
    grav_pace pace = {.own = speed_of(player, job), .left = left};
    pace.all = speed_of_all(pool, job, &threads, &pace.fastest);
    bool gpu = player->device >= 0;
    bool may_leave = gpu && pool->threads;
    if (may_leave && (double)left < gpu_worth_s * threads)
        return 0;
    /* Where there are more jobs than players, everyone has one. */
    if (pool->queued > pool->threads + pool->gpus)
        pace.all = pace.fastest = pace.own;
    uint64_t min = gpu ? GRAV_CUDA_CHUNK_MIN : 1;
    uint64_t size = grav_chunk_size(&pace, gpu ? gpu_share_s : thread_share_s, min,
                                    gpu ? GRAV_CUDA_CHUNK_MAX : GRAV_SESSIONS_END);
    if (!size && !may_leave)
        size = min < left ? min : left;
    return size;
}

bool grav_pool_is_for_gpu(const grav_job *job)
{
    const grav_pool *pool = job->batch->pool;
    if (grav_play_is_whole(&job->play))
        return false;
    for (unsigned i = pool->threads; i < pool->threads + pool->gpus; i++)
        if (size_for(pool, &pool->players[i], job, job->end - job->first))
            return true;
    return false;
}

bool grav_share_is_quick(const grav_share *share, const grav_player *player)
{
    double seconds = (double)(share->end - share->first) / speed_of(player, share->job);
    return seconds < quick_s && !grav_play_is_whole(&share->job->play);
}

/* The range that a job hands out from. */
static void next_range(const grav_job *job, uint64_t *first, uint64_t *end)
{
    bool returned = job->returned.count > 0;
    *first = returned ? job->returned.items[0].first : job->first;
    *end = returned ? job->returned.items[0].end : job->end;
}

/* Where a share of so many sessions should end. */
static uint64_t end_of(const grav_job *job, uint64_t first, uint64_t end, uint64_t size)
{
    uint64_t grain = grav_cpu_grain(&job->play.plan);
    if (size >= end - first)
        return end;
    uint64_t to = (first + size) / grain * grain;
    if (to <= first)
        to = first / grain * grain + grain;
    return to < end ? to : end;
}

static bool has_sessions(const grav_job *job)
{
    return job->first != job->end || job->returned.count;
}

static grav_jobs *list_of(const grav_job *job)
{
    grav_batch *batch = job->batch;
    return job->stage == GRAV_JOB_SHARED ? &batch->shared : &batch->queue;
}

static void enter_queue(grav_job *job)
{
    grav_jobs_append(list_of(job), job);
    job->batch->pool->queued++;
    job->batch->begun += job->stage != GRAV_JOB_NEW;
}

static void leave_queue(grav_job *job)
{
    grav_jobs_remove(list_of(job), job);
    job->batch->pool->queued--;
    job->batch->begun -= job->stage != GRAV_JOB_NEW;
}

static void take_range(grav_job *job, grav_share *share)
{
    if (job->returned.count)
        grav_ranges_drop_front(&job->returned, share->end - share->first);
    else
        job->first = share->end;
    if (!has_sessions(job))
        leave_queue(job);
}

static void note_player(grav_job *job, const grav_player *player)
{
    job->players++;
    if (player->device >= 0)
        return;
    job->threads++;
    if (job->threads > job->threads_most)
        job->threads_most = job->threads;
}

/* A share of a job that nobody has begun. False: enough large ones are begun. */
static bool begin(grav_job *job, const grav_player *player, uint64_t size, grav_share *out)
{
    double left_s = (double)(job->end - job->first) / speed_of(player, job);
    bool all = size == job->end - job->first || grav_play_is_whole(&job->play);
    if (!all && job->batch->begun >= BEGUN_MAX)
        return false;
    *out = (grav_share){.job = job, .first = job->first, .end = job->first, .all = all};
    out->large = left_s > large_s;
    if (all) {
        out->end = job->end;
        take_range(job, out);
    }
    job->stage = GRAV_JOB_BEGUN;
    job->batch->begun += !all;
    note_player(job, player);
    return true;
}

/* A share of one that was. Then it is another's turn. */
static bool go_on(grav_job *job, const grav_player *player, uint64_t size, grav_share *out)
{
    uint64_t first, end;
    next_range(job, &first, &end);
    *out = (grav_share){.job = job, .first = first, .end = end_of(job, first, end, size)};
    take_range(job, out);
    note_player(job, player);
    if (has_sessions(job)) {
        grav_jobs_remove(list_of(job), job);
        grav_jobs_append(list_of(job), job);
    }
    return true;
}

static bool offer(grav_job *job, const grav_player *player, grav_share *out)
{
    const grav_pool *pool = job->batch->pool;
    uint64_t first, end;
    if (job->stage == GRAV_JOB_BEGUN)
        return false;
    if (grav_play_is_whole(&job->play) && player->device >= 0 && pool->threads)
        return false;
    next_range(job, &first, &end);
    uint64_t size = size_for(pool, player, job, end - first);
    if (!size)
        return false;
    return job->stage == GRAV_JOB_NEW ? begin(job, player, size, out)
                                      : go_on(job, player, size, out);
}

static bool offer_of_list(const grav_jobs *jobs, const grav_player *player, grav_share *out)
{
    unsigned looks = 0;
    for (grav_job *job = jobs->head; job && looks < LOOKS; job = job->next, looks++)
        if (offer(job, player, out))
            return true;
    return false;
}

/* Large jobs that are under way and those that wait take turns: neither keeps the other waiting. */
static bool offer_of(grav_batch *batch, const grav_player *player, grav_share *out)
{
    for (int i = 0; i < 2; i++) {
        bool shared = batch->shared_turn;
        batch->shared_turn = !shared;
        if (offer_of_list(shared ? &batch->shared : &batch->queue, player, out))
            return true;
    }
    return false;
}

bool grav_pool_next(grav_pool *pool, const grav_player *player, grav_share *out)
{
    grav_batch *batch = pool->turn;
    if (!pool->queued)
        return false;
    do {
        if (offer_of(batch, player, out)) {
            pool->turn = batch->next;
            return true;
        }
        batch = batch->next;
    } while (batch != pool->turn);
    return false;
}

void grav_job_share(grav_job *job)
{
    bool queued = has_sessions(job);
    if (queued)
        leave_queue(job);
    job->stage = job->play.result ? GRAV_JOB_SHARED : GRAV_JOB_NEW;
    if (queued)
        enter_queue(job);
}

void grav_job_drop(grav_job *job)
{
    if (has_sessions(job))
        leave_queue(job);
    job->first = job->end;
    job->returned.count = 0;
}

grav_status grav_job_return(grav_job *job, const grav_share *share, grav_error *err)
{
    bool queued = has_sessions(job);
    grav_status status = grav_ranges_add(&job->returned, share->first, share->end, err);
    if (status == GRAV_OK && !queued && has_sessions(job))
        enter_queue(job);
    return status;
}

bool grav_job_is_over(const grav_job *job)
{
    return !has_sessions(job) && !job->players;
}
