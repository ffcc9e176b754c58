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
    pthread_cond_t ended; /* a worker's thread has nothing more to do */
    uint64_t next, end;
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

/* How many sessions the worker's next chunk should have; left of them are still to be taken. */
static uint64_t chunk_size(const schedule_state *state, const grav_worker *worker, uint64_t left)
{
    double wanted = worker->sessions_per_s * chunk_s;
    uint64_t size = wanted < 1 ? 1 : (uint64_t)wanted;
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

/* Takes the next chunk. False: there is none, or the schedule stops. */
static bool take_chunk(schedule_state *state, const grav_worker *worker, uint64_t *first,
                       uint64_t *end)
{
    pthread_mutex_lock(&state->mutex);
    bool taken = !state->stop && state->status == GRAV_OK && state->next < state->end;
    if (taken) {
        *first = state->next;
        *end = *first + chunk_size(state, worker, state->end - *first);
        state->next = *end;
    }
    pthread_mutex_unlock(&state->mutex);
    return taken;
}

/* Merges a played chunk, or notes why it could not be played. */
static void hand_in_chunk(schedule_state *state, worker_thread *own, uint64_t first, uint64_t end,
                          grav_status status, grav_error *err)
{
    pthread_mutex_lock(&state->mutex);
    if (status == GRAV_OK)
        status = grav_ranges_add(state->ranges, first, end, err);
    if (status == GRAV_OK) {
        grav_tally_merge(state->tally, &own->chunk);
        own->worker->info.sessions += end - first;
    } else if (state->status == GRAV_OK) {
        state->status = status;
        state->error = *err;
    }
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
    uint64_t first, end;
    while (take_chunk(state, own->worker, &first, &end)) {
        grav_error err = {0};
        double start_s = grav_now_s();
        grav_tally_clear(&own->chunk);
        grav_status status = own->worker->play(own->worker, first, end, &own->chunk, &err);
        if (status == GRAV_OK)
            status = grav_tally_check(&own->chunk, end - first, &err);
        note_speed(own->worker, end - first, grav_now_s() - start_s);
        hand_in_chunk(state, own, first, end, status, &err);
    }
    pthread_mutex_lock(&state->mutex);
    state->running--;
    pthread_cond_signal(&state->ended);
    pthread_mutex_unlock(&state->mutex);
    return NULL;
}

static struct timespec in_seconds(double seconds)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_nsec += (long)(seconds * 1e9);
    at.tv_sec += at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}

/* Waits for the workers' threads and lets watch look at the tally meanwhile. */
static void watch_until_done(schedule_state *state)
{
    pthread_mutex_lock(&state->mutex);
    while (state->running) {
        struct timespec at = in_seconds(watch_s);
        int woken = 0;
        while (state->running && woken != ETIMEDOUT)
            woken = pthread_cond_timedwait(&state->ended, &state->mutex, &at);
        if (state->running && state->schedule->watch)
            state->stop |= state->schedule->watch(state->tally, state->schedule->data);
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
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_mutex_init(&state->mutex, NULL);
    pthread_cond_init(&state->ended, &monotonic);
    size_t started = start_threads(state, threads);
    watch_until_done(state);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i].thread, NULL);
    pthread_cond_destroy(&state->ended);
    pthread_mutex_destroy(&state->mutex);
    pthread_condattr_destroy(&monotonic);
}

grav_status grav_schedule_play(const grav_schedule *schedule, uint64_t first, uint64_t end,
                               grav_ranges *ranges, grav_tally *tally, grav_error *err)
{
    schedule_state state = {
        .schedule = schedule,
        .next = first,
        .end = end,
        .ranges = ranges,
        .tally = tally,
    };
    worker_thread *threads = calloc(schedule->worker_count, sizeof *threads);
    if (!threads)
        return grav_no_memory(err, "the workers' threads");
    grav_status status = GRAV_OK;
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
    free(threads);
    return status;
}
