#include "pool_job.h"

#include "clock.h"
#include "error.h"

void grav_play_init(grav_play *play, const grav_task_spec *spec)
{
    play->experiment = grav_experiment_share(spec->experiment);
    play->run = spec->run;
    play->plan = grav_plan_make(play->experiment, spec->run.engine, spec->run.calls_per_roll,
                                spec->run.seed);
    pthread_mutex_init(&play->merging, NULL);
}

void grav_play_free(grav_play *play)
{
    grav_experiment_destroy(play->experiment);
    grav_scores_destroy(play->scores);
    pthread_mutex_destroy(&play->merging);
}

bool grav_play_is_whole(const grav_play *play)
{
    return play->run.until_target || play->run.double_check || play->run.max_s > 0;
}

grav_status grav_play_begin(grav_play *play, grav_error *err)
{
    grav_status status = GRAV_OK;
    play->start_s = grav_now_s();
    if (play->run.method == GRAV_METHOD_SCORES)
        status = grav_scores_of(play->experiment, &play->scores, err);
    play->plan.scores = play->scores;
    if (status == GRAV_OK)
        status = grav_result_create(play->experiment, &play->run, &play->result, err);
    return status;
}

static grav_status merge(grav_play *play, uint64_t first, uint64_t end, const grav_tally *tally,
                         const grav_worker_info *worker, grav_error *err)
{
    grav_result *result = play->result;
    grav_status status = grav_ranges_add(&result->ranges, first, end, err);
    if (status == GRAV_OK)
        status = grav_result_add_worker(result, worker, err);
    if (status != GRAV_OK)
        return status;
    if (tally != &result->tally)
        grav_tally_merge(&result->tally, tally);
    result->timing.kernel_s += worker->kernel_s;
    return GRAV_OK;
}

grav_status grav_play_merge(grav_play *play, uint64_t first, uint64_t end, const grav_tally *tally,
                            const grav_worker_info *worker, grav_error *err)
{
    grav_status status = grav_tally_check(tally, end - first, err);
    if (status != GRAV_OK)
        return status;
    pthread_mutex_lock(&play->merging);
    status = merge(play, first, end, tally, worker, err);
    pthread_mutex_unlock(&play->merging);
    return status;
}

/* Threads of the CPU were noted one by one: how many there were is told, and their times side by
 * side. */
static void tell_threads(grav_worker_info *worker, unsigned threads)
{
    if (worker->backend != GRAV_BACKEND_CPU || threads < 2)
        return;
    worker->threads = threads;
    worker->busy_s /= threads;
    grav_worker_tell(worker);
}

grav_status grav_play_end(grav_play *play, unsigned threads, grav_error *err)
{
    grav_result *result = play->result;
    double seconds = grav_now_s() - play->start_s;
    for (size_t i = 0; i < result->worker_count; i++)
        tell_threads(&result->workers[i], threads);
    result->timing.wall_s = result->timing.play_s = seconds;
    if (seconds > 0)
        result->timing.sessions_per_s = (double)result->tally.sessions / seconds;
    return grav_tally_check(&result->tally, grav_ranges_length(&result->ranges), err);
}
