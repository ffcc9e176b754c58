/* Runs: checks what is asked for, opens the workers, plays, and hands out a result. */
#include <inttypes.h>
#include <stdlib.h>

#include "clock.h"
#include "cuda.h"
#include "engine.h"
#include "error.h"
#include "scheduler.h"
#include "scores_table.h"

/* What a worker is taken to play per second before it was measured, in rolls, or in draws of method
 * `scores`. Low, so that its first chunk lasts milliseconds. */
static const double first_rolls_per_s = 4e7;
/* A run until a target plays windows of at most this length, in seconds of all workers' time. */
static const double window_s = 0.5;
static const uint64_t first_window = 1 << 12;
/* Between its windows the caller is told how far it is, at most this often. */
static const double watch_s = 0.1;

typedef struct run_state {
    const grav_run_spec *spec;
    const grav_experiment *experiment;
    grav_result *result;
    grav_schedule schedule;
    double start_s;
    double watched_s; /* when the caller was last told */
    bool stop;        /* the caller asked to: once is enough */
    bool found;       /* a run until a target has reached it */
} run_state;

void grav_run_spec_init(grav_run_spec *spec)
{
    *spec = (grav_run_spec){
        .sessions = 1000000000,
        .method = GRAV_METHOD_ROLLS,
        .engine = GRAV_ENGINE_PHILOX,
        .calls_per_roll = 1,
        .keep = GRAV_KEEP_HISTOGRAM,
        .backend = GRAV_BACKEND_AUTO,
        .isa = GRAV_ISA_AUTO,
    };
}

/* ---- Checking -------------------------------------------------------------------------------- */

static grav_status check_names(const grav_run_spec *spec, grav_error *err)
{
    if (!grav_method_name((int)spec->method))
        return grav_fail(err, GRAV_ERROR_INVALID, "method %d is unknown", (int)spec->method);
    if (!grav_engine_name((int)spec->engine))
        return grav_fail(err, GRAV_ERROR_INVALID, "engine %d is unknown", (int)spec->engine);
    if (!grav_keep_name((int)spec->keep))
        return grav_fail(err, GRAV_ERROR_INVALID, "keep %d is unknown", (int)spec->keep);
    if (!grav_backend_name((int)spec->backend))
        return grav_fail(err, GRAV_ERROR_INVALID, "backend %d is unknown", (int)spec->backend);
    if (!grav_isa_name((int)spec->isa))
        return grav_fail(err, GRAV_ERROR_INVALID, "isa %d is unknown", (int)spec->isa);
    return GRAV_OK;
}

static grav_status check_sessions(const grav_experiment *experiment, const grav_run_spec *spec,
                                  grav_error *err)
{
    uint64_t target, score_max = grav_experiment_score_max(experiment);
    uint64_t scores = grav_experiment_scores(experiment);
    if (spec->sessions < 1)
        return grav_fail(err, GRAV_ERROR_INVALID, "sessions must be at least 1");
    if (spec->first > GRAV_SESSIONS_END || spec->sessions > GRAV_SESSIONS_END - spec->first)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "first %" PRIu64 " + sessions %" PRIu64 " is over 2^63, the last there is",
                         spec->first, spec->sessions);
    if (spec->keep == GRAV_KEEP_HISTOGRAM && scores > GRAV_HISTOGRAM_MAX)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "rolls %" PRIu32
                         ": a histogram tells at most %u scores apart, not %" PRIu64
                         ": keep max instead (--keep max)",
                         grav_experiment_rolls(experiment), GRAV_HISTOGRAM_MAX, scores);
    if (!spec->until_target)
        return GRAV_OK;
    if (!grav_experiment_target(experiment, &target))
        return grav_fail(err, GRAV_ERROR_INVALID, "until-target wants a target");
    if (target > score_max)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "until-target: target %" PRIu64 " is out of reach, the highest score is "
                         "%" PRIu64,
                         target, score_max);
    return GRAV_OK;
}

static grav_status check_workers(const grav_run_spec *spec, grav_error *err)
{
    if (spec->threads > GRAV_THREADS_MAX)
        return grav_fail(err, GRAV_ERROR_INVALID, "threads %u is not from 1 to %d", spec->threads,
                         GRAV_THREADS_MAX);
    if (spec->backend == GRAV_BACKEND_CPU && spec->device_count)
        return grav_fail(err, GRAV_ERROR_INVALID, "devices contradict backend cpu: they are GPUs");
    if (spec->backend == GRAV_BACKEND_CUDA && spec->threads)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "threads contradict backend cuda: they are the CPU's");
    if (spec->backend == GRAV_BACKEND_CUDA && spec->isa != GRAV_ISA_AUTO)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "an isa contradicts backend cuda: it is the CPU's");
    for (size_t i = 0; i < spec->device_count; i++)
        for (size_t j = 0; j < i; j++)
            if (spec->devices[i] == spec->devices[j])
                return grav_fail(err, GRAV_ERROR_INVALID, "device %d is given twice",
                                 spec->devices[i]);
    return GRAV_OK;
}

grav_status grav_run_check(const grav_experiment *experiment, const grav_run_spec *spec,
                           grav_error *err)
{
    grav_status status = check_names(spec, err);
    if (status == GRAV_OK && spec->method == GRAV_METHOD_SCORES)
        status = grav_scores_check(experiment, spec->engine, err);
    if (status == GRAV_OK)
        status = grav_engine_check_rolls(experiment, spec->engine, spec->seed, spec->calls_per_roll,
                                         spec->first, spec->sessions, err);
    if (status == GRAV_OK)
        status = check_sessions(experiment, spec, err);
    if (status == GRAV_OK)
        status = check_workers(spec, err);
    return status;
}

/* ---- Workers --------------------------------------------------------------------------------- */

static void notice(const run_state *run, const char *message)
{
    if (run->spec->notice)
        run->spec->notice(message, run->spec->data);
}

static void close_opened(run_state *run)
{
    for (size_t i = 0; i < run->schedule.worker_count; i++)
        run->schedule.workers[i].close(&run->schedule.workers[i]);
    run->schedule.worker_count = 0;
}

static void close_workers(run_state *run)
{
    close_opened(run);
    free(run->schedule.workers);
}

static grav_status open_cpu(run_state *run, const grav_plan *plan, grav_error *err)
{
    grav_worker *worker = &run->schedule.workers[run->schedule.worker_count];
    grav_status status = grav_worker_open_cpu(plan, run->schedule.length, run->spec->threads,
                                              run->spec->isa, worker, err);
    if (status == GRAV_OK)
        run->schedule.worker_count++;
    return status;
}

/* Opens the GPUs asked for, of the gpus there are: all of them or none. */
static grav_status open_gpus(run_state *run, const grav_plan *plan, int gpus, grav_error *err)
{
    size_t wanted = run->spec->device_count ? run->spec->device_count : (size_t)gpus;
    for (size_t i = 0; i < wanted; i++) {
        int device = run->spec->device_count ? run->spec->devices[i] : (int)i;
        if (device < 0 || device >= gpus)
            return grav_fail(err, GRAV_ERROR_INVALID, "device %d: there are GPUs 0 to %d only",
                             device, gpus - 1);
        grav_status status =
            grav_worker_open_cuda(plan, run->schedule.length, device,
                                  &run->schedule.workers[run->schedule.worker_count], err);
        if (status != GRAV_OK)
            return status;
        run->schedule.worker_count++;
    }
    return GRAV_OK;
}

/* Whether the run may go on without GPUs, and then says so. */
static bool may_do_without_gpus(const run_state *run, const grav_error *why)
{
    if (run->spec->backend == GRAV_BACKEND_CUDA || run->spec->device_count)
        return false;
    grav_error line;
    grav_fail(&line, why->status, "no usable GPU: %.400s; playing on the CPU", why->message);
    notice(run, line.message);
    return true;
}

static grav_status open_workers(run_state *run, const grav_plan *plan, grav_error *err)
{
    const grav_run_spec *spec = run->spec;
    int gpus = 0;
    grav_error why = {0};
    grav_status status = GRAV_OK;
    bool want_gpus = spec->backend != GRAV_BACKEND_CPU;
    if (want_gpus)
        status = grav_gpu_count(&gpus, &why);
    run->schedule.workers = calloc((size_t)gpus + 1, sizeof *run->schedule.workers);
    if (!run->schedule.workers)
        return grav_no_memory(err, "the workers");
    if (want_gpus && status == GRAV_OK)
        status = open_gpus(run, plan, gpus, &why);
    if (status != GRAV_OK && !may_do_without_gpus(run, &why)) {
        if (err)
            *err = why;
        return status;
    }
    if (status != GRAV_OK) /* all GPUs or none: what was said must be true */
        close_opened(run);
    bool want_cpu = spec->backend == GRAV_BACKEND_CPU || spec->backend == GRAV_BACKEND_ALL;
    if (want_cpu || run->schedule.worker_count == 0)
        status = open_cpu(run, plan, err);
    else
        status = GRAV_OK;
    for (size_t i = 0; i < run->schedule.worker_count; i++)
        run->schedule.workers[i].sessions_per_s = first_rolls_per_s / (double)grav_plan_rolls(plan);
    return status;
}

/* ---- Playing --------------------------------------------------------------------------------- */

/* Tells the caller how far the run is; tally is what the range under way has found so far. */
static bool watch(const grav_tally *tally, void *data)
{
    run_state *run = data;
    const grav_tally *before = &run->result->tally;
    if (!run->spec->progress)
        return false;
    grav_part best = before->part;
    if (tally != before)
        grav_part_offer(&best, tally->part.max_score, tally->part.max_session);
    uint64_t played = before->sessions + (tally != before ? tally->sessions : 0);
    grav_progress progress = {
        .sessions = run->spec->sessions,
        .played = played,
        .elapsed_s = grav_now_s() - run->start_s,
        .any = played > 0,
        .max_score = before->base + best.max_score,
        .max_session = best.max_session,
    };
    run->watched_s = grav_now_s();
    run->stop |= run->spec->progress(&progress, run->spec->data);
    return run->stop;
}

/* Plays [first, end) into *tally, cleared before; *ranges gets what was played. */
static grav_status play_window(run_state *run, uint64_t first, uint64_t end, grav_ranges *ranges,
                               grav_tally *tally, grav_error *err)
{
    grav_ranges_free(ranges);
    grav_tally_clear(tally);
    return grav_schedule_play(&run->schedule, first, end, ranges, tally, err);
}

static grav_status merge_window(run_state *run, const grav_ranges *ranges, const grav_tally *tally,
                                grav_error *err)
{
    grav_status status = GRAV_OK;
    for (size_t i = 0; status == GRAV_OK && i < ranges->count; i++)
        status = grav_ranges_add(&run->result->ranges, ranges->items[i].first, ranges->items[i].end,
                                 err);
    if (status == GRAV_OK)
        grav_tally_merge(&run->result->tally, tally);
    return status;
}

/* Plays [first, end), and where a session reaches the target only up to the first that does. A
 * tally's record is a session that reached the target: what lies before it is played again until
 * nothing in there does. */
static grav_status play_window_until(run_state *run, uint64_t target, uint64_t first, uint64_t end,
                                     grav_ranges *ranges, grav_tally *tally, grav_error *err)
{
    uint64_t hit = end;
    grav_status status = play_window(run, first, end, ranges, tally, err);
    while (status == GRAV_OK && grav_tally_reached(tally, target) && !run->stop) {
        hit = tally->part.max_session;
        status = play_window(run, first, hit, ranges, tally, err);
    }
    if (status != GRAV_OK)
        return status;
    if (run->stop && (hit != end || grav_tally_reached(tally, target)))
        return GRAV_OK; /* what came before the hit is not known: the window does not count */
    status = merge_window(run, ranges, tally, err);
    if (status != GRAV_OK || hit == end)
        return status;
    status = play_window(run, hit, hit + 1, ranges, tally, err);
    run->found = status == GRAV_OK && grav_tally_reached(tally, target);
    return status == GRAV_OK ? merge_window(run, ranges, tally, err) : status;
}

static uint64_t next_window(const run_state *run, uint64_t size, uint64_t left)
{
    double most = 0;
    for (size_t i = 0; i < run->schedule.worker_count; i++)
        most += run->schedule.workers[i].sessions_per_s * window_s;
    if (2 * (double)size <= most)
        size *= 2;
    return size < left ? size : left;
}

static grav_status play_until_target(run_state *run, uint64_t target, grav_error *err)
{
    uint64_t at = run->spec->first, end = at + run->spec->sessions;
    uint64_t size = first_window < end - at ? first_window : end - at;
    grav_ranges ranges = {0};
    grav_tally tally;
    grav_status status = grav_tally_init(&tally, run->schedule.length, err);
    tally.base = run->result->tally.base;
    while (status == GRAV_OK && at < end && !run->found && !run->stop) {
        status = play_window_until(run, target, at, at + size, &ranges, &tally, err);
        at += size;
        size = next_window(run, size, end - at);
        /* Windows may be too short for the scheduler to call it. */
        if (grav_now_s() - run->watched_s >= watch_s)
            watch(&run->result->tally, run);
    }
    grav_ranges_free(&ranges);
    grav_tally_free(&tally);
    return status;
}

static grav_status play(run_state *run, grav_error *err)
{
    uint64_t target, first = run->spec->first;
    double start_s = grav_now_s();
    grav_result *result = run->result;
    grav_status status;
    if (run->spec->until_target && grav_experiment_target(run->experiment, &target))
        status = play_until_target(run, target, err);
    else
        status = grav_schedule_play(&run->schedule, first, first + run->spec->sessions,
                                    &result->ranges, &result->tally, err);
    if (status == GRAV_OK)
        status = grav_tally_check(&result->tally, grav_ranges_length(&result->ranges), err);
    result->timing.play_s = grav_now_s() - start_s;
    return status;
}

/* Notes who played, how long and whether all of it. */
static grav_status close_result(run_state *run, grav_error *err)
{
    grav_result *result = run->result;
    size_t count = run->schedule.worker_count;
    result->workers = calloc(count, sizeof *result->workers);
    if (!result->workers)
        return grav_no_memory(err, "the list of workers");
    for (size_t i = 0; i < count; i++) {
        result->workers[i] = run->schedule.workers[i].info;
        result->timing.kernel_s += result->workers[i].kernel_s;
    }
    result->worker_count = count;
    result->complete = run->found || result->tally.sessions == run->spec->sessions;
    result->timing.wall_s = grav_now_s() - run->start_s;
    if (result->timing.play_s > 0)
        result->timing.sessions_per_s = (double)result->tally.sessions / result->timing.play_s;
    return GRAV_OK;
}

grav_status grav_run(const grav_experiment *experiment, const grav_run_spec *spec,
                     grav_result **out, grav_error *err)
{
    run_state run = {.spec = spec, .experiment = experiment, .start_s = grav_now_s()};
    run.watched_s = run.start_s;
    grav_status status = grav_run_check(experiment, spec, err);
    if (status == GRAV_OK)
        status = grav_result_create(experiment, spec, &run.result, err);
    if (status != GRAV_OK)
        return status;
    grav_plan plan = grav_plan_make(experiment, spec->engine, spec->calls_per_roll, spec->seed);
    grav_scores *scores = NULL;
    if (spec->method == GRAV_METHOD_SCORES)
        status = grav_scores_of(experiment, &scores, err);
    plan.scores = scores;
    run.schedule.length = run.result->tally.length;
    run.schedule.watch = watch;
    run.schedule.data = &run;
    if (status == GRAV_OK)
        status = open_workers(&run, &plan, err);
    if (status == GRAV_OK)
        status = play(&run, err);
    if (status == GRAV_OK)
        status = close_result(&run, err);
    close_workers(&run);
    grav_scores_destroy(scores);
    if (status == GRAV_OK)
        *out = run.result;
    else
        grav_result_destroy(run.result);
    return status;
}
