#include "scheduler.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "desk.h"
#include "error.h"
#include "team_rules.h"

static const double watch_s = 0.1;

typedef struct worker_thread {
    pthread_t thread;
    bool started;
    grav_desk *desk;
    grav_worker *worker;
    grav_tally chunk; /* what its chunk under way found */
} worker_thread;

/* A schedule being played. */
typedef struct playing {
    grav_desk desk; /* first: the desk's functions find the rest by it */
    worker_thread *threads;
    size_t thread_count; /* room for one worker more than there are */
} playing;

/* ---- Workers' threads ------------------------------------------------------------------------ */

static void play_chunk(worker_thread *own, grav_range chunk)
{
    grav_worker *worker = own->worker;
    grav_error err = {0};
    double start_s = grav_now_s();
    grav_tally_clear(&own->chunk);
    err.status = worker->play(worker, chunk.first, chunk.end, &own->chunk, &err);
    if (err.status == GRAV_OK)
        err.status = grav_tally_check(&own->chunk, chunk.end - chunk.first, &err);
    grav_desk_hand_in(own->desk, worker, chunk, grav_now_s() - start_s, &own->chunk, &err);
}

static void *work(void *argument)
{
    worker_thread *own = argument;
    grav_desk *desk = own->desk;
    grav_range chunk;
    while (!own->worker->failed && grav_desk_take(desk, own->worker, &chunk))
        play_chunk(own, chunk);
    pthread_mutex_lock(&desk->mutex);
    desk->running--;
    pthread_cond_signal(&desk->ended);
    pthread_mutex_unlock(&desk->mutex);
    return NULL;
}

/* Starts the thread of a worker, while the desk is locked. */
static grav_status start_thread(grav_desk *desk, size_t worker, grav_error *err)
{
    worker_thread *own = &((playing *)desk)->threads[worker];
    own->desk = desk;
    own->worker = &desk->schedule->workers[worker];
    int code = pthread_create(&own->thread, NULL, work, own);
    if (code)
        return grav_fail(err, GRAV_ERROR_MEMORY, "a worker's thread could not be started: %s",
                         strerror(code));
    own->started = true;
    desk->running++;
    return GRAV_OK;
}

/* Starts a thread for each worker; those that could not be started are an error of the schedule. */
static void start_threads(grav_desk *desk)
{
    grav_error err = {0};
    pthread_mutex_lock(&desk->mutex);
    for (size_t i = 0; err.status == GRAV_OK && i < desk->schedule->worker_count; i++)
        err.status = start_thread(desk, i, &err);
    pthread_mutex_unlock(&desk->mutex);
    if (err.status != GRAV_OK)
        grav_desk_fail(desk, &err);
}

/* ---- The thread that plays the schedule ------------------------------------------------------ */

/* Waits until a worker's thread has ended, or for so long. False: there is nothing to wait for.
 * *open: whether more may come from elsewhere. */
static bool wait_for_end(grav_desk *desk, double seconds, bool *open)
{
    struct timespec at = grav_in_seconds(seconds > 0 ? seconds : 0);
    int woken = 0;
    pthread_mutex_lock(&desk->mutex);
    while ((desk->running || desk->open) && woken != ETIMEDOUT)
        woken = pthread_cond_timedwait(&desk->ended, &desk->mutex, &at);
    *open = desk->open;
    bool goes_on = desk->running || desk->open;
    pthread_mutex_unlock(&desk->mutex);
    return goes_on;
}

/* Lets watch and pause be called. */
static void let_watch(grav_desk *desk)
{
    const grav_schedule *schedule = desk->schedule;
    if (!schedule->watch)
        return;
    grav_desk_let_watch(desk);
    if (schedule->pause)
        schedule->pause(schedule->data);
}

static void let_exchange(grav_desk *desk)
{
    grav_error err = {0};
    err.status = desk->schedule->exchange(desk, desk->schedule->partner, &err);
    if (err.status == GRAV_OK)
        return;
    grav_desk_fail(desk, &err);
    grav_desk_close(desk);
}

/* Waits for the workers' threads; lets watch look meanwhile, and what is elsewhere come and go. */
static void watch_until_done(grav_desk *desk)
{
    bool open = desk->schedule->exchange != NULL;
    double next_s = grav_now_s() + watch_s;
    while (wait_for_end(desk, open ? GRAV_RULE_EXCHANGE_S : next_s - grav_now_s(), &open)) {
        if (open)
            let_exchange(desk);
        if (open && grav_now_s() < next_s)
            continue;
        let_watch(desk);
        next_s = grav_now_s() + watch_s;
    }
}

static grav_status make_threads(playing *state, grav_error *err)
{
    const grav_schedule *schedule = state->desk.schedule;
    grav_status status = GRAV_OK;
    state->thread_count = schedule->worker_count + 1;
    state->threads = calloc(state->thread_count, sizeof *state->threads);
    if (!state->threads)
        return grav_no_memory(err, "the workers' threads");
    for (size_t i = 0; status == GRAV_OK && i < state->thread_count; i++)
        status = grav_tally_init(&state->threads[i].chunk, schedule->length, err);
    return status;
}

static void free_threads(playing *state)
{
    for (size_t i = 0; state->threads && i < state->thread_count; i++)
        grav_tally_free(&state->threads[i].chunk);
    free(state->threads);
}

grav_status grav_schedule_play(grav_schedule *schedule, const grav_ranges *todo,
                               grav_ranges *ranges, grav_tally *tally, grav_error *err)
{
    playing state = {0};
    grav_desk *desk = &state.desk;
    grav_status status = grav_desk_init(desk, schedule, todo, ranges, tally, err);
    if (status != GRAV_OK)
        return status;
    desk->start = start_thread;
    status = make_threads(&state, err);
    if (status == GRAV_OK) {
        start_threads(desk);
        watch_until_done(desk);
        for (size_t i = 0; i < state.thread_count; i++)
            if (state.threads[i].started)
                pthread_join(state.threads[i].thread, NULL);
        status = desk->status;
        if (status != GRAV_OK && err)
            *err = desk->error;
    }
    free_threads(&state);
    grav_desk_free(desk);
    return status;
}
