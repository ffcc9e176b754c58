#include "scheduler.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "error.h"

/* A chunk should take this long: long enough to cost nothing, short enough to stop soon. */
static const double chunk_s = 0.1;
static const double watch_s = 0.1;

/* What the workers' threads share; mutex guards all of it but schedule. */
typedef struct schedule_state {
    const grav_schedule *schedule;
    pthread_mutex_t mutex;
    pthread_cond_t ended;   /* a worker's thread has nothing more to do */
    pthread_cond_t changed; /* a chunk was handed in, or back */
    grav_ranges todo;       /* has room for what failing workers hand back */
    size_t under_way;       /* chunks being played */
    size_t running;
    bool stop;
    grav_status status;
    grav_error error;
    grav_ranges *ranges;
    grav_tally *tally;
} schedule_state;

typedef struct worker_thread {
    pthread_t thread;
    schedule_state *state;
    grav_worker *worker;
    grav_tally chunk; /* what its chunk under way found */
} worker_thread;

/* How many sessions the worker's next chunk should have, of a range with so many left. */
static uint64_t chunk_size(const schedule_state *state, const grav_worker *worker, uint64_t left)
{
    double wanted = worker->sessions_per_s * chunk_s;
    /* More than is left may be more than an integer holds. */
    uint64_t size = wanted < 1 ? 1 : wanted < (double)left ? (uint64_t)wanted : left;
    /* With several workers the last chunks get smaller, so that all end together. */
    size_t workers = state->schedule->worker_count;
    if (workers > 1 && size > left / (2 * workers))
        size = left / (2 * workers) + 1;
    if (size < worker->chunk_min)
        size = worker->chunk_min;
    if (size > worker->chunk_max)
        size = worker->chunk_max;
    return size < left ? size : left;
}

/* Takes the next chunk; waits while others may still hand theirs back. False: there is none, or
 * the schedule stops. */
static bool take_chunk(schedule_state *state, const grav_worker *worker, grav_range *chunk)
{
    grav_ranges *todo = &state->todo;
    pthread_mutex_lock(&state->mutex);
    while (!state->stop && state->status == GRAV_OK && !todo->count && state->under_way)
        pthread_cond_wait(&state->changed, &state->mutex);
    bool taken = !state->stop && state->status == GRAV_OK && todo->count;
    if (taken) {
        grav_range *from = &todo->items[0];
        *chunk = (grav_range){from->first,
                              from->first + chunk_size(state, worker, from->end - from->first)};
        grav_ranges_drop_front(todo, chunk->end - chunk->first);
        state->under_way++;
    }
    pthread_mutex_unlock(&state->mutex);
    return taken;
}

/* Whether another worker may take what this one could not play. */
static bool others_left(const schedule_state *state)
{
    for (size_t i = 0; i < state->schedule->worker_count; i++)
        if (!state->schedule->workers[i].failed)
            return true;
    return false;
}

/* A worker's chunk could not be played: others do, if that may help. */
static grav_status give_back_chunk(schedule_state *state, grav_worker *worker, grav_range chunk,
                                   const grav_error *why, grav_error *err)
{
    worker->failed = true;
    grav_status status = grav_ranges_add(&state->todo, chunk.first, chunk.end, err);
    if (status != GRAV_OK)
        return status;
    if (!others_left(state)) {
        *err = *why;
        return grav_fail_in(err, why->status, worker->info.text);
    }
    if (state->schedule->failed)
        state->schedule->failed(worker, why, state->schedule->data);
    return GRAV_OK;
}

/* Merges a played chunk, or sees to it that it is played by others. */
static void hand_in_chunk(schedule_state *state, worker_thread *own, grav_range chunk,
                          double seconds, const grav_error *why)
{
    grav_error err = *why;
    grav_status status = why->status;
    pthread_mutex_lock(&state->mutex);
    if (status == GRAV_OK) {
        status = grav_ranges_add(state->ranges, chunk.first, chunk.end, &err);
        if (status == GRAV_OK) {
            grav_tally_merge(state->tally, &own->chunk);
            own->worker->info.sessions += chunk.end - chunk.first;
            own->worker->info.busy_s += seconds;
        }
    } else if (status != GRAV_ERROR_MISMATCH) {
        status = give_back_chunk(state, own->worker, chunk, why, &err);
    }
    if (status != GRAV_OK && state->status == GRAV_OK) {
        state->status = status;
        state->error = err;
    }
    state->under_way--;
    pthread_cond_broadcast(&state->changed);
    pthread_mutex_unlock(&state->mutex);
}

/* A worker gets faster at most eightfold from one chunk to the next: a single odd measurement must
 * not hand it minutes of work. A chunk too short to tell its speed from the cost of starting it can
 * only show that the worker is faster. */
static void note_speed(grav_worker *worker, uint64_t sessions, double seconds)
{
    double speed = (double)sessions / (seconds > 1e-6 ? seconds : 1e-6);
    if (speed < worker->sessions_per_s && seconds < chunk_s / 8)
        return;
    if (speed > 8 * worker->sessions_per_s)
        speed = 8 * worker->sessions_per_s;
    worker->sessions_per_s = speed;
}

static void *work(void *argument)
{
    worker_thread *own = argument;
    schedule_state *state = own->state;
    grav_worker *worker = own->worker;
    grav_range chunk;
    while (!worker->failed && take_chunk(state, worker, &chunk)) {
        grav_error err = {0};
        double start_s = grav_now_s();
        uint64_t sessions = chunk.end - chunk.first;
        grav_tally_clear(&own->chunk);
        err.status = worker->play(worker, chunk.first, chunk.end, &own->chunk, &err);
        if (err.status == GRAV_OK)
            err.status = grav_tally_check(&own->chunk, sessions, &err);
        double seconds = grav_now_s() - start_s;
        note_speed(worker, sessions, seconds);
        hand_in_chunk(state, own, chunk, seconds, &err);
    }
    pthread_mutex_lock(&state->mutex);
    state->running--;
    pthread_cond_signal(&state->ended);
    pthread_mutex_unlock(&state->mutex);
    return NULL;
}

/* Waits for the workers' threads and lets watch look at the tally meanwhile. */
static void watch_until_done(schedule_state *state)
{
    pthread_mutex_lock(&state->mutex);
    while (state->running) {
        struct timespec at = grav_in_seconds(watch_s);
        int woken = 0;
        while (state->running && woken != ETIMEDOUT)
            woken = pthread_cond_timedwait(&state->ended, &state->mutex, &at);
        if (!state->running || !state->schedule->watch)
            continue;
        state->stop |= state->schedule->watch(state->tally, state->schedule->data);
        if (!state->schedule->pause)
            continue;
        pthread_mutex_unlock(&state->mutex);
        state->schedule->pause(state->schedule->data);
        pthread_mutex_lock(&state->mutex);
    }
    pthread_mutex_unlock(&state->mutex);
}

/* Starts a thread for each worker; those that could not be started are an error of the schedule. */
static size_t start_threads(schedule_state *state, worker_thread *threads)
{
    size_t started = 0;
    pthread_mutex_lock(&state->mutex);
    for (; started < state->schedule->worker_count; started++) {
        worker_thread *own = &threads[started];
        own->state = state;
        own->worker = &state->schedule->workers[started];
        int code = pthread_create(&own->thread, NULL, work, own);
        if (code) {
            state->status = grav_fail(&state->error, GRAV_ERROR_MEMORY,
                                      "a worker's thread could not be started: %s", strerror(code));
            break;
        }
        state->running++;
    }
    pthread_mutex_unlock(&state->mutex);
    return started;
}

static void run_threads(schedule_state *state, worker_thread *threads)
{
    pthread_mutex_init(&state->mutex, NULL);
    grav_condition_init(&state->ended);
    pthread_cond_init(&state->changed, NULL);
    size_t started = start_threads(state, threads);
    watch_until_done(state);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i].thread, NULL);
    pthread_cond_destroy(&state->changed);
    pthread_cond_destroy(&state->ended);
    pthread_mutex_destroy(&state->mutex);
}

/* What there is to play, with room for every worker's chunk to come back. */
static grav_status copy_todo(const grav_schedule *schedule, const grav_ranges *todo,
                             grav_ranges *out, grav_error *err)
{
    grav_status status = grav_ranges_reserve(out, todo->count + schedule->worker_count + 1, err);
    for (size_t i = 0; status == GRAV_OK && i < todo->count; i++)
        status = grav_ranges_add(out, todo->items[i].first, todo->items[i].end, err);
    return status;
}

grav_status grav_schedule_play(const grav_schedule *schedule, const grav_ranges *todo,
                               grav_ranges *ranges, grav_tally *tally, grav_error *err)
{
    schedule_state state = {.schedule = schedule, .ranges = ranges, .tally = tally};
    worker_thread *threads = calloc(schedule->worker_count, sizeof *threads);
    if (!threads)
        return grav_no_memory(err, "the workers' threads");
    grav_status status = copy_todo(schedule, todo, &state.todo, err);
    for (size_t i = 0; status == GRAV_OK && i < schedule->worker_count; i++)
        status = grav_tally_init(&threads[i].chunk, schedule->length, err);
    if (status == GRAV_OK) {
        run_threads(&state, threads);
        status = state.status;
        if (status != GRAV_OK && err)
            *err = state.error;
    }
    for (size_t i = 0; i < schedule->worker_count; i++)
        grav_tally_free(&threads[i].chunk);
    grav_ranges_free(&state.todo);
    free(threads);
    return status;
}
