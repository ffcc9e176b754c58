#include "batch_play.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../clock.h"
#include "answer.h"
#include "laws.h"
#include "play.h"
#include "progress.h"
#include "text.h"

enum {
    OPEN_MAX = 4096,        /* jobs that are read and not played: what a pool of any size needs */
    WAITING_MAX = 16 << 20, /* bytes of answers whose turn has not come */
};
static const double look_s = 0.1;

typedef struct batch_play {
    const cli_settings *settings;
    cli_jobs *jobs;
    cli_answered *answered;
    cli_answers *answers;
    cli_batch_count *count;
    grav_pool *pool;
    grav_batch *batch;
    pthread_mutex_t mutex; /* guards *count and what follows */
    pthread_cond_t ended;  /* a job has, while somebody waits for that */
    uint64_t open;
    bool waiting;
    /* The rest is the main thread's. */
    bool draw, drawn, cancelled;
    double start_s, next_look_s;
    uint64_t lines; /* in all files; 0: unknown */
} batch_play;

/* A job under way. */
typedef struct flight {
    batch_play *play;
    uint64_t place;
    cli_asker asker;
    char *id;
    char key[JOB_KEY_SIZE];
    double timeout_s; /* after which it has failed; 0: it may end in order before */
} flight;

/* ---- Answers --------------------------------------------------------------------------------- */

static void flight_free(flight *f)
{
    free(f->id);
    free(f);
}

/* Takes note of what became of a job, hands its answer in and forgets it. code: of an error, or
 * NULL. A text that is missing for want of memory is no answer. */
static void answer(flight *f, char *text, const char *code, bool mismatch)
{
    batch_play *play = f->play;
    cli_answers_put(play->answers, f->place, text);
    pthread_mutex_lock(&play->mutex);
    play->count->no_memory |= !text;
    play->count->unanswered += !text;
    play->count->succeeded += text && !code;
    play->count->failed += text && code;
    play->count->mismatched += mismatch;
    play->count->halted |= code && play->settings->halt_on_error.given;
    pthread_mutex_unlock(&play->mutex);
    flight_free(f);
}

static void answer_error(flight *f, const char *code, const char *message, bool mismatch)
{
    answer(f, cli_answer_error(&f->asker, code, message), code, mismatch);
}

static void answer_timeout(flight *f, const grav_result *result)
{
    char message[160];
    grav_summary summary = {0};
    if (result)
        grav_result_summary(result, &summary);
    snprintf(message, sizeof message, "the time is up after %" PRIu64 " sessions",
             summary.sessions);
    answer_error(f, "timeout", message, false);
}

/* A job that will be played another time. */
static void leave_open(flight *f)
{
    cli_answers_put(f->play->answers, f->place, NULL);
    pthread_mutex_lock(&f->play->mutex);
    f->play->count->unanswered++;
    pthread_mutex_unlock(&f->play->mutex);
    flight_free(f);
}

static void answer_done(flight *f, const grav_done *done)
{
    grav_summary summary = {0};
    if (done->result)
        grav_result_summary(done->result, &summary);
    bool stopped = !summary.complete;
    if (done->error.status != GRAV_OK)
        answer_error(f, cli_job_code(done->error.status), done->error.message,
                     done->error.status == GRAV_ERROR_MISMATCH);
    else if (done->cancelled && stopped)
        leave_open(f);
    else if (stopped && (f->timeout_s > 0 || !done->result))
        answer_timeout(f, done->result);
    else
        answer(f, cli_answer_result(&f->asker, done->result), NULL, false);
}

/* From a thread of the pool. */
static void on_done(grav_batch *batch, grav_done *done)
{
    (void)batch;
    flight *f = done->data;
    batch_play *play = f->play;
    answer_done(f, done);
    grav_result_destroy(done->result);
    pthread_mutex_lock(&play->mutex);
    play->open--;
    if (play->waiting && (play->open <= OPEN_MAX / 2))
        pthread_cond_signal(&play->ended);
    pthread_mutex_unlock(&play->mutex);
}

/* ---- Watching -------------------------------------------------------------------------------- */

static void draw(batch_play *play, double elapsed_s)
{
    char figures[512];
    grav_batch_progress now;
    grav_batch_look(play->batch, &now);
    pthread_mutex_lock(&play->mutex);
    cli_batch_count count = *play->count;
    pthread_mutex_unlock(&play->mutex);
    uint64_t ended = count.succeeded + count.failed + count.before;
    int used = snprintf(figures, sizeof figures, " %s", text_count(ended).text);
    if (play->lines)
        used += snprintf(figures + used, sizeof figures - (size_t)used, " of %s",
                         text_count(play->lines).text);
    used += snprintf(figures + used, sizeof figures - (size_t)used, " jobs");
    if (count.failed)
        used += snprintf(figures + used, sizeof figures - (size_t)used, ", %s failed",
                         text_count(count.failed).text);
    snprintf(figures + used, sizeof figures - (size_t)used, "  %s  %s",
             text_counted(now.played, "session").text,
             text_rate(elapsed_s > 0 ? (double)now.played / elapsed_s : 0).text);
    progress_bar(play->lines ? (double)ended / (double)play->lines : 0, figures);
    play->drawn = true;
}

/* Whether to read on, looked at now and then; draws how far it is. */
static bool is_over(batch_play *play)
{
    double now_s = grav_now_s();
    if (play->draw && now_s >= play->next_look_s) {
        draw(play, now_s - play->start_s);
        play->next_look_s = now_s + look_s;
    }
    pthread_mutex_lock(&play->mutex);
    play->count->interrupted |= cli_interrupted();
    bool over = play->count->interrupted || play->count->halted || play->count->no_memory;
    pthread_mutex_unlock(&play->mutex);
    return over || cli_answers_failure(play->answers);
}

static bool on_wait(void *data)
{
    return is_over(data);
}

/* Waits for a job to end, for a moment. */
static void wait_for_job(batch_play *play, double seconds)
{
    struct timespec at = grav_in_seconds(seconds);
    play->waiting = true;
    pthread_cond_timedwait(&play->ended, &play->mutex, &at);
    play->waiting = false;
}

/* Waits until at most so many jobs are open and the answers that wait are few. False: it is over.
 */
static bool wait_for_room(batch_play *play, uint64_t open_max)
{
    for (;;) {
        if (is_over(play))
            return false;
        bool full = cli_answers_waiting(play->answers) > WAITING_MAX;
        pthread_mutex_lock(&play->mutex);
        bool good = play->open <= open_max && !full;
        if (!good)
            wait_for_job(play, full ? look_s / 10 : look_s);
        pthread_mutex_unlock(&play->mutex);
        if (good)
            return true;
    }
}

static void on_notice(const char *message, void *data)
{
    (void)data;
    fprintf(stderr, "%s batch: %s\n", cli_program, message);
}

/* ---- Jobs ------------------------------------------------------------------------------------ */

/* The job's own time is up in order; that of --timeout is an error. */
static double limit_time(const batch_play *play, grav_run_spec *run)
{
    double timeout_s = play->settings->timeout.given ? play->settings->timeout.seconds : 0;
    if (timeout_s == 0 || (run->max_s > 0 && run->max_s <= timeout_s))
        return 0;
    run->max_s = timeout_s;
    return timeout_s;
}

/* The job as what waits for its answer; its id is taken over. NULL: no memory. */
static flight *make_flight(batch_play *play, cli_job *job)
{
    flight *f = calloc(1, sizeof *f);
    if (!f || !cli_answers_place(play->answers, &f->place)) {
        free(f);
        return NULL;
    }
    f->play = play;
    f->id = job->id;
    job->id = NULL;
    memcpy(f->key, job->key, sizeof f->key);
    f->asker = (cli_asker){.id = f->id,
                           .key = f->key,
                           .file = job->file,
                           .line = job->line,
                           .csv = play->settings->csv.given};
    return f;
}

static void submit(batch_play *play, cli_job *job, flight *f)
{
    grav_error err;
    grav_task_spec task = {
        .experiment = job->experiment, .run = job->run, .done = on_done, .data = f};
    f->timeout_s = limit_time(play, &task.run);
    pthread_mutex_lock(&play->mutex);
    play->open++;
    pthread_mutex_unlock(&play->mutex);
    if (grav_batch_submit(play->batch, &task, NULL, &err) == GRAV_OK)
        return;
    pthread_mutex_lock(&play->mutex);
    play->open--;
    pthread_mutex_unlock(&play->mutex);
    answer_error(f, cli_job_code(err.status), err.message, false);
}

/* Whether a job has its answer: also one that failed before it was known what the job means. */
static bool has_answer(const batch_play *play, const cli_job *job)
{
    return cli_answered_take(play->answered, job->key) ||
           (strcmp(job->key, job->text_key) != 0 &&
            cli_answered_take(play->answered, job->text_key));
}

static void take_job(batch_play *play, cli_job *job)
{
    if (has_answer(play, job)) {
        pthread_mutex_lock(&play->mutex);
        play->count->before++;
        pthread_mutex_unlock(&play->mutex);
        return;
    }
    flight *f = make_flight(play, job);
    if (!f) {
        pthread_mutex_lock(&play->mutex);
        play->count->no_memory = true;
        play->count->unanswered++;
        pthread_mutex_unlock(&play->mutex);
    } else if (job->code) {
        answer_error(f, job->code, job->error.message, false);
    } else {
        submit(play, job, f);
    }
}

static grav_status play_all(batch_play *play, grav_error *err)
{
    cli_job job;
    cli_jobs_state state = JOBS_STOPPED;
    while (wait_for_room(play, OPEN_MAX - 1) &&
           (state = cli_jobs_next(play->jobs, &job, err)) == JOBS_ONE) {
        take_job(play, &job);
        cli_job_free(&job);
    }
    if (!wait_for_room(play, 0)) /* it is over: what is left is not waited for */
        grav_batch_cancel_all(play->batch);
    return state == JOBS_FAILED ? err->status : GRAV_OK;
}

static grav_status start_pool(batch_play *play, grav_error *err)
{
    grav_pool_spec spec;
    grav_run_spec where;
    grav_pool_spec_init(&spec);
    cli_where(play->settings, &where);
    spec.backend = where.backend;
    spec.devices = where.devices;
    spec.device_count = where.device_count;
    spec.threads = where.threads;
    spec.isa = where.isa;
    spec.notice = on_notice;
    grav_status status = grav_pool_create(&spec, &play->pool, err);
    return status == GRAV_OK ? grav_batch_create(play->pool, &play->batch, err) : status;
}

static void finish(batch_play *play)
{
    grav_batch_progress progress = {0};
    while (play->batch && grav_batch_open(play->batch)) {
        pthread_mutex_lock(&play->mutex);
        if (play->open)
            wait_for_job(play, look_s);
        pthread_mutex_unlock(&play->mutex);
    }
    if (play->batch)
        grav_batch_look(play->batch, &progress);
    play->count->sessions = progress.played;
    grav_batch_destroy(play->batch);
    grav_pool_destroy(play->pool);
    cli_laws_free();
    if (play->drawn)
        progress_clear();
    play->count->seconds = grav_now_s() - play->start_s;
    pthread_cond_destroy(&play->ended);
    pthread_mutex_destroy(&play->mutex);
}

grav_status cli_batch_play(const cli_settings *settings, cli_jobs *jobs, cli_answered *answered,
                           cli_answers *answers, cli_batch_count *out, grav_error *err)
{
    batch_play play = {.settings = settings,
                       .jobs = jobs,
                       .answered = answered,
                       .answers = answers,
                       .count = out,
                       .start_s = grav_now_s()};
    *out = (cli_batch_count){0};
    pthread_mutex_init(&play.mutex, NULL);
    grav_condition_init(&play.ended);
    jobs->stop = on_wait;
    jobs->data = &play;
    bool shown = answers->file == STDOUT_FILENO && isatty(STDOUT_FILENO); /* both would mix */
    play.draw = cli_wants_progress(settings) && !shown;
    play.lines = play.draw ? cli_jobs_count(jobs) : 0;
    cli_catch_signals();
    grav_status status = start_pool(&play, err);
    if (status == GRAV_OK)
        status = play_all(&play, err);
    finish(&play);
    return status;
}
