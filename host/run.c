/* Runs: opens the workers, plays, and hands out a result. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "checkpoint.h"
#include "clock.h"
#include "crew.h"
#include "error.h"
#include "scheduler.h"
#include "team_leader.h"

/* A run until a target plays windows of at most this length, in seconds of all workers' time. */
static const double window_s = 0.5;
static const uint64_t first_window = 1 << 12;
/* Between its windows the caller is told how far it is, at most this often. */
static const double watch_s = 0.1;

typedef struct run_state {
    const grav_run_spec *spec;
    const grav_experiment *experiment;
    grav_result *result;
    grav_crew crew;
    grav_schedule schedule;
    grav_leader *leader;         /* of the team that plays, too; NULL: none does */
    grav_checkpoint *checkpoint; /* NULL: none */
    grav_timing before;          /* of what the checkpoint holds */
    uint64_t resumed;            /* sessions that it holds */
    double start_s;
    double watched_s; /* when the caller was last told */
    double play_start_s;
    bool stop;       /* the caller asked to: once is enough */
    bool in_windows; /* a run until a target, whose schedules start with nothing found */
    bool found;      /* and it has reached it */
} run_state;

/* ---- Workers --------------------------------------------------------------------------------- */

/* Tells that a worker failed and others play on. */
static void on_failed(const grav_worker *worker, const grav_error *why, void *data)
{
    run_state *run = data;
    grav_crew_tell_left_out(&run->crew, worker, why);
}

/* Hands the crew to the scheduler. */
static void take_crew(run_state *run)
{
    run->schedule.workers = run->crew.workers;
    run->schedule.worker_count = run->crew.count;
}

/* Lets the CPU play on where all GPUs have failed and the spec leaves the choice. */
static bool carry_on_with_cpu(const grav_error *why, void *data)
{
    run_state *run = data;
    bool added = grav_crew_add_cpu(&run->crew, why);
    take_crew(run);
    return added;
}

/* ---- Playing --------------------------------------------------------------------------------- */

/* Tells the caller how far the run is; found is what the schedule under way has found so far. */
static void tell(run_state *run, const grav_found *found)
{
    const grav_tally *tally = &run->result->tally;
    grav_part best = {.max_score = found->max_score, .max_session = found->max_session};
    uint64_t played = found->sessions;
    if (run->in_windows) {
        grav_part_offer(&best, tally->part.max_score, tally->part.max_session);
        played += tally->sessions;
    }
    grav_progress progress = {
        .sessions = run->spec->sessions,
        .played = played,
        .resumed = run->resumed,
        .elapsed_s = grav_now_s() - run->start_s,
        .any = played > 0,
        .max_score = tally->base + best.max_score,
        .max_session = best.max_session,
    };
    run->stop |= run->spec->progress(&progress, run->spec->data);
}

/* Takes the time that the run has taken so far, with what was before its checkpoint. */
static void take_time(run_state *run)
{
    grav_result *result = run->result;
    double now_s = grav_now_s();
    result->timing = run->before;
    result->timing.wall_s += now_s - run->start_s;
    result->timing.play_s += now_s - run->play_start_s;
    if (result->timing.play_s > 0)
        result->timing.sessions_per_s = (double)result->tally.sessions / result->timing.play_s;
}

/* Copies what was played, and by whom, for the checkpoint. */
static void keep_for_checkpoint(run_state *run)
{
    grav_error err;
    take_time(run);
    grav_status status = grav_checkpoint_keep(run->checkpoint, run->result, &err);
    for (size_t i = 0; status == GRAV_OK && i < run->schedule.worker_count; i++) {
        grav_worker_info worker = grav_worker_at_work(&run->schedule.workers[i].info);
        status = grav_checkpoint_keep_worker(run->checkpoint, &worker, &err);
    }
    const grav_worker_info *worker;
    grav_leader_place place = {0};
    while (status == GRAV_OK && (worker = grav_leader_next(run->leader, &place)))
        status = grav_checkpoint_keep_worker(run->checkpoint, worker, &err);
    if (status != GRAV_OK)
        grav_crew_tell(&run->crew, err.message);
}

/* Called while chunks wait to be merged: looks whether to stop, and copies what a checkpoint wants
 * once all of it is merged. */
static unsigned watch(const grav_found *found, bool merged, void *data)
{
    run_state *run = data;
    unsigned wanted = 0;
    run->watched_s = grav_now_s();
    if (run->spec->progress)
        tell(run, found);
    run->stop |= run->spec->max_s > 0 && run->watched_s - run->start_s >= run->spec->max_s;
    if (run->checkpoint && grav_checkpoint_is_due(run->checkpoint)) {
        if (merged || run->in_windows) /* whose result changes between windows only */
            keep_for_checkpoint(run);
        else
            wanted |= GRAV_WATCH_MERGE;
    }
    return wanted | (run->stop ? GRAV_WATCH_STOP : 0);
}

/* Called after it while chunks are played: writes the checkpoint, if it is time. A full disk may
 * have room again the next time. */
static void write_checkpoint(void *data)
{
    run_state *run = data;
    grav_error err, line;
    if (!run->checkpoint || grav_checkpoint_write(run->checkpoint, &err) == GRAV_OK)
        return;
    grav_fail(&line, err.status, "no checkpoint this time: %.400s", err.message);
    grav_crew_tell(&run->crew, line.message);
}

/* Plays what of [first, end) is not in *ranges yet, and adds it to *ranges and *tally. */
static grav_status play_rest(run_state *run, uint64_t first, uint64_t end, grav_ranges *ranges,
                             grav_tally *tally, grav_error *err)
{
    grav_ranges todo = {0};
    grav_status status = grav_ranges_missing(ranges, first, end, &todo, err);
    if (status == GRAV_OK)
        status = grav_schedule_play(&run->schedule, &todo, ranges, tally, err);
    grav_ranges_free(&todo);
    return status;
}

/* Plays [first, end) into *tally, cleared before; *ranges gets what was played. */
static grav_status play_window(run_state *run, uint64_t first, uint64_t end, grav_ranges *ranges,
                               grav_tally *tally, grav_error *err)
{
    ranges->count = 0;
    grav_tally_clear(tally);
    return play_rest(run, first, end, ranges, tally, err);
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

/* Whether ranges are the sessions from first to some. */
static bool is_start(const grav_ranges *ranges, uint64_t first)
{
    return !ranges->count || (ranges->count == 1 && ranges->items[0].first == first);
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
    /* Where what came before a hit is not known, or a team has left holes, the window does not
     * count. */
    if (run->stop && (hit != end || grav_tally_reached(tally, target) || !is_start(ranges, first)))
        return GRAV_OK;
    status = merge_window(run, ranges, tally, err);
    if (status != GRAV_OK || hit == end)
        return status;
    status = play_window(run, hit, hit + 1, ranges, tally, err);
    run->found = status == GRAV_OK && grav_tally_reached(tally, target);
    return status == GRAV_OK ? merge_window(run, ranges, tally, err) : status;
}

static uint64_t next_window(const run_state *run, uint64_t size, uint64_t left)
{
    double most = run->schedule.elsewhere.speed * window_s;
    for (size_t i = 0; i < run->schedule.worker_count; i++)
        most += run->schedule.workers[i].sessions_per_s * window_s;
    if (2 * (double)size <= most)
        size *= 2;
    return size < left ? size : left;
}

static grav_status play_until_target(run_state *run, uint64_t target, grav_error *err)
{
    uint64_t end = run->spec->first + run->spec->sessions;
    uint64_t at = run->result->ranges.count ? run->result->ranges.items[0].end : run->spec->first;
    uint64_t size = first_window < end - at ? first_window : end - at;
    const grav_found nothing = {.max_session = GRAV_NO_SESSION};
    grav_ranges ranges = {0};
    grav_tally tally;
    grav_status status = grav_tally_init(&tally, run->schedule.length, err);
    tally.base = run->result->tally.base;
    while (status == GRAV_OK && at < end && !run->found && !run->stop) {
        status = play_window_until(run, target, at, at + size, &ranges, &tally, err);
        at += size;
        size = next_window(run, size, end - at);
        /* Windows may be too short for the scheduler to call it. */
        if (grav_now_s() - run->watched_s >= watch_s) {
            watch(&nothing, true, run);
            write_checkpoint(run);
        }
    }
    grav_ranges_free(&ranges);
    grav_tally_free(&tally);
    return status;
}

/* Plays what is left to play. A failure after anything was played is the result's, not the run's:
 * what was played is not to be lost. */
static grav_status play(run_state *run, grav_error *err)
{
    uint64_t target, first = run->spec->first, end = first + run->spec->sessions;
    grav_result *result = run->result;
    grav_error why = {0};
    grav_status status = GRAV_OK;
    run->play_start_s = grav_now_s();
    run->in_windows = run->spec->until_target;
    if (run->in_windows && grav_experiment_target(run->experiment, &target))
        status = play_until_target(run, target, &why);
    else
        status = play_rest(run, first, end, &result->ranges, &result->tally, &why);
    if (status != GRAV_OK && result->tally.sessions) {
        result->failure = why;
        status = GRAV_OK;
    }
    if (status == GRAV_OK)
        status = grav_tally_check(&result->tally, grav_ranges_length(&result->ranges), &why);
    if (status != GRAV_OK && err)
        *err = why;
    return status;
}

/* Notes who played, how long and whether all of it. */
static grav_status close_result(run_state *run, grav_error *err)
{
    grav_result *result = run->result;
    grav_status status = GRAV_OK;
    for (size_t i = 0; status == GRAV_OK && i < run->schedule.worker_count; i++)
        if (run->schedule.workers[i].info.sessions || !run->resumed)
            status = grav_result_add_worker(result, &run->schedule.workers[i].info, err);
    const grav_worker_info *worker;
    grav_leader_place place = {0};
    while (status == GRAV_OK && (worker = grav_leader_next(run->leader, &place)))
        status = grav_result_add_worker(result, worker, err);
    if (run->found)
        result->asked_end = result->ranges.items[0].end;
    take_time(run);
    for (size_t i = 0; i < run->schedule.worker_count; i++)
        result->timing.kernel_s += run->schedule.workers[i].info.kernel_s;
    return status;
}

/* ---- The checkpoint -------------------------------------------------------------------------- */

/* Whether a run until the target may go on from what was found before: all sessions from the first
 * to some, of which the last alone may have reached it. */
static grav_status resume_until_target(run_state *run, const grav_result *found, grav_error *err)
{
    uint64_t target;
    if (found->until_target != run->spec->until_target)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "'%.256s' is of a run that %s at the target; name another file",
                         run->spec->checkpoint, found->until_target ? "ends" : "does not end");
    if (!run->spec->until_target || !grav_experiment_target(run->experiment, &target) ||
        !found->ranges.count)
        return GRAV_OK;
    const grav_range *range = &found->ranges.items[0];
    run->found = grav_tally_reached(&found->tally, target);
    if (found->ranges.count == 1 && range->first == run->spec->first &&
        (!run->found || found->tally.part.max_session == range->end - 1))
        return GRAV_OK;
    return grav_fail(err, GRAV_ERROR_INVALID,
                     "'%.256s' does not hold the sessions from %" PRIu64
                     " up to where the target was reached; name another file",
                     run->spec->checkpoint, run->spec->first);
}

/* Takes over what the checkpoint holds, if it is of this run. */
static grav_status resume_from(run_state *run, const grav_result *found, grav_error *err)
{
    uint64_t first = run->spec->first, end = first + run->spec->sessions;
    const grav_ranges *ranges = &found->ranges;
    grav_error why;
    if (!grav_result_same_run(found, run->result, &why))
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "'%.200s' is of another run: of %.200s; name another file",
                         run->spec->checkpoint, why.message);
    if (ranges->count &&
        (ranges->items[0].first < first || ranges->items[ranges->count - 1].end > end))
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "'%.200s' has sessions [%" PRIu64 ", %" PRIu64
                         "), beyond this run's [%" PRIu64 ", %" PRIu64 "); name another file",
                         run->spec->checkpoint, ranges->items[0].first,
                         ranges->items[ranges->count - 1].end, first, end);
    for (size_t i = 0; run->spec->double_check && i < found->worker_count; i++)
        if (found->workers[i].sessions && !*found->workers[i].checked_by)
            return grav_fail(err, GRAV_ERROR_INVALID,
                             "'%.200s' has sessions that were played once, without double-check; "
                             "name another file",
                             run->spec->checkpoint);
    grav_status status = resume_until_target(run, found, err);
    if (status == GRAV_OK)
        status = grav_result_add(run->result, found, err);
    run->result->asked_first = first;
    run->result->asked_end = end;
    run->resumed = found->tally.sessions;
    run->before = found->timing;
    return status;
}

static grav_status open_checkpoint(run_state *run, grav_error *err)
{
    const grav_run_spec *spec = run->spec;
    grav_error told;
    grav_result *found = NULL;
    if (!spec->checkpoint)
        return GRAV_OK;
    grav_status status =
        grav_checkpoint_open(spec->checkpoint, spec->checkpoint_s, &run->checkpoint, err);
    if (status == GRAV_OK)
        status = grav_checkpoint_find(run->checkpoint, &found, &told, err);
    if (status != GRAV_OK || !found)
        return status;
    if (told.message[0])
        grav_crew_tell(&run->crew, told.message);
    status = resume_from(run, found, err);
    grav_result_destroy(found);
    return status;
}

/* Writes all there is: what could not be written is the run's failure. */
static void finish_checkpoint(run_state *run)
{
    grav_result *result = run->result;
    grav_error err;
    if (!run->checkpoint)
        return;
    grav_status status = grav_checkpoint_keep(run->checkpoint, result, &err);
    if (status == GRAV_OK)
        status = grav_checkpoint_write(run->checkpoint, &err);
    if (status != GRAV_OK && result->failure.status == GRAV_OK)
        result->failure = err;
}

/* ---- The whole ------------------------------------------------------------------------------- */

/* Whether there is nothing left to play. */
static bool is_done(const run_state *run)
{
    return run->found || grav_result_complete(run->result);
}

/* Lets the rest of a team play, too. */
static grav_status begin_team(run_state *run, grav_error *err)
{
    grav_team *team = run->spec->team;
    if (!team || team->size == 1)
        return GRAV_OK;
    grav_status status = grav_leader_begin(team, &run->crew, run->result, &run->leader, err);
    run->schedule.exchange = grav_leader_exchange;
    run->schedule.partner = run->leader;
    run->schedule.elsewhere.workers = (size_t)team->size - 1;
    return status;
}

/* Plays on workers of its own, and of its team. */
static grav_status play_on_workers(run_state *run, grav_error *err)
{
    run->schedule.length = run->result->tally.length;
    run->schedule.watch = watch;
    run->schedule.pause = write_checkpoint;
    run->schedule.failed = on_failed;
    run->schedule.rescue = carry_on_with_cpu;
    run->schedule.data = run;
    grav_status status = begin_team(run, err);
    if (status == GRAV_OK)
        status = grav_crew_open(&run->crew, run->result, err);
    take_crew(run);
    if (status == GRAV_OK)
        status = play(run, err);
    if (status == GRAV_OK)
        status = close_result(run, err);
    grav_crew_close(&run->crew);
    grav_leader_end(run->leader);
    return status;
}

grav_status grav_run(const grav_experiment *experiment, const grav_run_spec *spec,
                     grav_result **out, grav_error *err)
{
    run_state run = {.spec = spec, .experiment = experiment, .start_s = grav_now_s()};
    run.watched_s = run.start_s;
    grav_crew_init(&run.crew, spec, spec->team);
    grav_status status = grav_run_check(experiment, spec, err);
    if (status == GRAV_OK)
        status = grav_result_create(experiment, spec, &run.result, err);
    if (status == GRAV_OK)
        status = open_checkpoint(&run, err);
    if (status == GRAV_OK && is_done(&run))
        run.result->asked_end = run.result->ranges.items[0].end;
    else if (status == GRAV_OK)
        status = play_on_workers(&run, err);
    if (status == GRAV_OK)
        finish_checkpoint(&run);
    grav_crew_free(&run.crew);
    grav_checkpoint_close(run.checkpoint);
    if (status == GRAV_OK)
        *out = run.result;
    else
        grav_result_destroy(run.result);
    return status;
}
