#include "desk.h"

#include <math.h>
#include <stdlib.h>

#include "chunks.h"
#include "clock.h"
#include "error.h"
#include "team_rules.h"

/* What there is to play, with room for every worker's chunk to come back. */
static grav_status copy_todo(const grav_schedule *schedule, const grav_ranges *todo,
                             grav_ranges *out, grav_error *err)
{
    grav_status status = grav_ranges_reserve(out, todo->count + schedule->worker_count + 2, err);
    for (size_t i = 0; status == GRAV_OK && i < todo->count; i++)
        status = grav_ranges_add(out, todo->items[i].first, todo->items[i].end, err);
    return status;
}

grav_status grav_desk_init(grav_desk *desk, grav_schedule *schedule, const grav_ranges *todo,
                           grav_ranges *ranges, grav_tally *tally, grav_error *err)
{
    *desk = (grav_desk){
        .schedule = schedule,
        .open = schedule->exchange != NULL,
        .merged = !schedule->exchange,
        .all = todo,
        .ranges = ranges,
        .tally = tally,
    };
    schedule->elsewhere.found = (grav_found){.max_session = GRAV_NO_SESSION};
    pthread_mutex_init(&desk->mutex, NULL);
    pthread_cond_init(&desk->changed, NULL);
    grav_condition_init(&desk->ended);
    grav_status status = copy_todo(schedule, todo, &desk->todo, err);
    if (status != GRAV_OK)
        grav_desk_free(desk);
    return status;
}

void grav_desk_free(grav_desk *desk)
{
    grav_ranges_free(&desk->todo);
    pthread_cond_destroy(&desk->ended);
    pthread_cond_destroy(&desk->changed);
    pthread_mutex_destroy(&desk->mutex);
}

/* ---- With the mutex held --------------------------------------------------------------------- */

/* Whether anything more is to be played. */
static bool goes_on(const grav_desk *desk)
{
    return !desk->stop && desk->status == GRAV_OK;
}

static void fail(grav_desk *desk, const grav_error *why)
{
    if (desk->status == GRAV_OK) {
        desk->status = why->status;
        desk->error = *why;
    }
    pthread_cond_broadcast(&desk->changed);
}

/* How fast those are who play here, and the fastest of them. */
static double speed_here(const grav_desk *desk, double *fastest)
{
    double all = 0;
    *fastest = 0;
    for (size_t i = 0; i < desk->schedule->worker_count; i++) {
        const grav_worker *worker = &desk->schedule->workers[i];
        if (worker->failed)
            continue;
        all += worker->sessions_per_s;
        *fastest = fmax(*fastest, worker->sessions_per_s);
    }
    return all;
}

static uint64_t sessions_left(const grav_desk *desk)
{
    return grav_ranges_length(&desk->todo);
}

/* Cuts so many sessions off what is to be played; the first range may have fewer. */
static grav_range cut(grav_desk *desk, uint64_t sessions)
{
    grav_range range = desk->todo.items[0];
    if (range.end - range.first > sessions)
        range.end = range.first + sessions;
    grav_ranges_drop_front(&desk->todo, range.end - range.first);
    return range;
}

/* How many sessions the worker's next chunk should have; 0: none now. */
static uint64_t next_size(const grav_desk *desk, const grav_worker *worker)
{
    double fastest;
    grav_pace pace = {.own = worker->sessions_per_s, .left = sessions_left(desk)};
    if (!pace.left)
        return 0;
    pace.all = speed_here(desk, &fastest) + desk->schedule->elsewhere.speed;
    pace.fastest = fmax(fastest, desk->schedule->elsewhere.fastest);
    return grav_chunk_size(&pace, GRAV_RULE_CHUNK_S, worker->chunk_min, worker->chunk_max);
}

/* How many play here. */
static size_t workers_here(const grav_desk *desk)
{
    size_t count = 0;
    for (size_t i = 0; i < desk->schedule->worker_count; i++)
        count += !desk->schedule->workers[i].failed;
    return count;
}

/* Lets somebody be added where the last worker has failed. */
static bool rescue(grav_desk *desk, const grav_error *why)
{
    grav_schedule *schedule = desk->schedule;
    size_t before = schedule->worker_count;
    return schedule->rescue && schedule->rescue(why, schedule->data) &&
           desk->start(desk, before, NULL) == GRAV_OK;
}

/* A worker's chunk could not be played: others do, if that may help. */
static void give_back(grav_desk *desk, grav_worker *worker, grav_range chunk, const grav_error *why)
{
    const grav_schedule *schedule = desk->schedule;
    grav_error err = *why;
    worker->failed = true;
    if (grav_ranges_add(&desk->todo, chunk.first, chunk.end, &err) != GRAV_OK) {
        fail(desk, &err);
    } else if (workers_here(desk) || schedule->elsewhere.workers) {
        if (schedule->failed)
            schedule->failed(worker, why, schedule->data);
    } else {
        grav_fail_in(&err, err.status, worker->info.text);
        if (!rescue(desk, &err))
            fail(desk, &err);
    }
}

static grav_found found_here(const grav_desk *desk)
{
    const grav_part *best = &desk->tally->part;
    return (grav_found){desk->tally->sessions, best->max_score, best->max_session};
}

/* ---- For workers ----------------------------------------------------------------------------- */

bool grav_desk_take(grav_desk *desk, const grav_worker *worker, grav_range *chunk)
{
    uint64_t size = 0;
    pthread_mutex_lock(&desk->mutex);
    while (goes_on(desk) && !(size = next_size(desk, worker)) &&
           (desk->todo.count || desk->under_way || desk->open))
        pthread_cond_wait(&desk->changed, &desk->mutex);
    bool taken = goes_on(desk) && size;
    if (taken) {
        *chunk = cut(desk, size);
        desk->under_way++;
    }
    pthread_mutex_unlock(&desk->mutex);
    return taken;
}

void grav_desk_hand_in(grav_desk *desk, grav_worker *worker, grav_range chunk, double seconds,
                       const grav_tally *tally, const grav_error *why)
{
    grav_error err = *why;
    pthread_mutex_lock(&desk->mutex);
    if (err.status == GRAV_OK)
        err.status = grav_ranges_add(desk->ranges, chunk.first, chunk.end, &err);
    if (err.status == GRAV_OK) {
        grav_tally_merge(desk->tally, tally);
        worker->info.sessions += chunk.end - chunk.first;
        worker->info.busy_s += seconds;
        worker->sessions_per_s = grav_chunk_speed(worker->sessions_per_s, chunk.end - chunk.first,
                                                  seconds, GRAV_RULE_CHUNK_S);
    } else if (why->status == GRAV_OK || why->status == GRAV_ERROR_MISMATCH) {
        fail(desk, &err);
    } else {
        give_back(desk, worker, chunk, why);
    }
    desk->under_way--;
    pthread_cond_broadcast(&desk->changed);
    pthread_mutex_unlock(&desk->mutex);
}

/* ---- For the schedule ------------------------------------------------------------------------ */

void grav_desk_fail(grav_desk *desk, const grav_error *why)
{
    pthread_mutex_lock(&desk->mutex);
    fail(desk, why);
    pthread_mutex_unlock(&desk->mutex);
}

void grav_desk_let_watch(grav_desk *desk)
{
    const grav_schedule *schedule = desk->schedule;
    pthread_mutex_lock(&desk->mutex);
    grav_found found = found_here(desk);
    const grav_found *beside = &schedule->elsewhere.found;
    grav_part best = {.max_score = found.max_score, .max_session = found.max_session};
    grav_part_offer(&best, beside->max_score, beside->max_session);
    found = (grav_found){found.sessions + beside->sessions, best.max_score, best.max_session};
    unsigned wanted = schedule->watch(&found, desk->merged, schedule->data);
    desk->merged = !schedule->exchange;
    desk->wants_merge |= (wanted & GRAV_WATCH_MERGE) != 0;
    desk->stop |= (wanted & GRAV_WATCH_STOP) != 0;
    if (desk->stop)
        pthread_cond_broadcast(&desk->changed);
    pthread_mutex_unlock(&desk->mutex);
}

/* ---- For exchange ---------------------------------------------------------------------------- */

void grav_desk_look(grav_desk *desk, grav_desk_view *out)
{
    pthread_mutex_lock(&desk->mutex);
    bool ends = !goes_on(desk);
    *out = (grav_desk_view){
        .left = sessions_left(desk),
        .workers = workers_here(desk),
        .idle = !desk->under_way && (ends || !desk->todo.count),
        .stopped = ends,
        .wants_merge = desk->wants_merge,
        .failure = desk->error,
        .found = found_here(desk),
    };
    out->speed = speed_here(desk, &out->fastest);
    out->failure.status = desk->status;
    pthread_mutex_unlock(&desk->mutex);
}

void grav_desk_note_elsewhere(grav_desk *desk, const grav_elsewhere *elsewhere)
{
    pthread_mutex_lock(&desk->mutex);
    grav_elsewhere *known = &desk->schedule->elsewhere;
    bool other_pace = elsewhere->speed != known->speed || elsewhere->fastest != known->fastest;
    *known = *elsewhere;
    if (other_pace) /* who has left sessions to faster ones may have to play them after all */
        pthread_cond_broadcast(&desk->changed);
    pthread_mutex_unlock(&desk->mutex);
}

bool grav_desk_hand_out(grav_desk *desk, double speed, double seconds, grav_range *out)
{
    double fastest;
    pthread_mutex_lock(&desk->mutex);
    grav_pace pace = {.own = speed, .left = goes_on(desk) ? sessions_left(desk) : 0};
    pace.all = speed_here(desk, &fastest) + desk->schedule->elsewhere.speed;
    pace.fastest = fmax(fastest, desk->schedule->elsewhere.fastest);
    uint64_t size = 0;
    /* What is left here is soon played here, if anyone is; then nobody else is waited for. */
    if (pace.left && (double)pace.left >= fastest * GRAV_CHUNK_MOMENT_S)
        size = grav_chunk_size(&pace, seconds, 1, pace.left);
    if (size) {
        *out = cut(desk, size);
        /* The rest may be so little that it is worth a turn of those who were refused one. */
        pthread_cond_broadcast(&desk->changed);
    }
    pthread_mutex_unlock(&desk->mutex);
    return size > 0;
}

grav_status grav_desk_bring(grav_desk *desk, const grav_range *range, grav_error *err)
{
    pthread_mutex_lock(&desk->mutex);
    size_t chunks = desk->schedule->worker_count + 1; /* may come back */
    grav_status status = grav_ranges_reserve(&desk->todo, desk->todo.count + 1 + chunks, err);
    if (status == GRAV_OK)
        status = grav_ranges_add(&desk->todo, range->first, range->end, err);
    pthread_cond_broadcast(&desk->changed);
    pthread_mutex_unlock(&desk->mutex);
    return status;
}

grav_status grav_desk_merge(grav_desk *desk, const grav_ranges *played, const grav_tally *tally,
                            grav_error *err)
{
    grav_status status = grav_tally_check(tally, grav_ranges_length(played), err);
    pthread_mutex_lock(&desk->mutex);
    if (status == GRAV_OK)
        status = grav_ranges_add_all(desk->ranges, played, err);
    if (status == GRAV_OK) {
        grav_tally_merge(desk->tally, tally);
        desk->merged = true;
        desk->wants_merge = false;
    }
    pthread_mutex_unlock(&desk->mutex);
    return status;
}

grav_status grav_haul_workers(grav_haul *haul, const grav_schedule *schedule, grav_error *err)
{
    haul->workers = calloc(schedule->worker_count + 1, sizeof *haul->workers);
    if (!haul->workers)
        return grav_no_memory(err, "the list of workers");
    haul->worker_count = schedule->worker_count;
    for (size_t i = 0; i < haul->worker_count; i++)
        haul->workers[i] = grav_worker_at_work(&schedule->workers[i].info);
    return GRAV_OK;
}

grav_status grav_desk_carry_off(grav_desk *desk, grav_haul *haul, grav_error *err)
{
    grav_tally empty;
    grav_status status = grav_tally_init(&empty, desk->schedule->length, err);
    if (status != GRAV_OK)
        return status;
    pthread_mutex_lock(&desk->mutex);
    status = grav_haul_workers(haul, desk->schedule, err);
    if (status == GRAV_OK) {
        empty.base = desk->tally->base;
        haul->ranges = *desk->ranges;
        haul->tally = *desk->tally;
        *desk->ranges = (grav_ranges){0};
        *desk->tally = empty;
    }
    pthread_mutex_unlock(&desk->mutex);
    if (status != GRAV_OK)
        grav_tally_free(&empty);
    return status;
}

void grav_haul_free(grav_haul *haul)
{
    grav_ranges_free(&haul->ranges);
    grav_tally_free(&haul->tally);
    free(haul->workers);
    *haul = (grav_haul){0};
}

bool grav_desk_recall(grav_desk *desk)
{
    grav_error err;
    grav_status status = GRAV_OK;
    pthread_mutex_lock(&desk->mutex);
    for (size_t i = 0; status == GRAV_OK && i < desk->all->count; i++)
        status = grav_ranges_missing(desk->ranges, desk->all->items[i].first,
                                     desk->all->items[i].end, &desk->todo, &err);
    if (status == GRAV_OK)
        status = grav_ranges_reserve(&desk->todo,
                                     desk->todo.count + desk->schedule->worker_count + 2, &err);
    if (status != GRAV_OK)
        fail(desk, &err);
    bool any = goes_on(desk) && desk->todo.count;
    pthread_cond_broadcast(&desk->changed);
    pthread_mutex_unlock(&desk->mutex);
    return any;
}

void grav_desk_stop(grav_desk *desk)
{
    pthread_mutex_lock(&desk->mutex);
    desk->stop = true;
    pthread_cond_broadcast(&desk->changed);
    pthread_mutex_unlock(&desk->mutex);
}

void grav_desk_close(grav_desk *desk)
{
    pthread_mutex_lock(&desk->mutex);
    desk->open = false;
    pthread_cond_broadcast(&desk->changed);
    pthread_cond_signal(&desk->ended);
    pthread_mutex_unlock(&desk->mutex);
}
