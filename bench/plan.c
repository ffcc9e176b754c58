/* graveler-bench plan: how long runs of so many workers would take, by a model of a team. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "document.h"
#include "error.h"
#include "experiment.h"
#include "plan_costs.h"
#include "team_model.h"
#include "team_wire.h"

static const char *const name = "plan";
static const int workers_default[] = {1,   2,   4,   8,    16,   32,   64,
                                      128, 256, 512, 1000, 2000, 5000, 10000};
enum {
    WORKERS_MAX = 1000000,
    MERGES = 10000, /* that are measured together */
    REPEATS = 5,    /* of each measurement */
};
static const double sessions_default = 1e12, spread_default = 10, bandwidth_default = 1e9;
/* What MPI costs between machines of a good cluster: nothing here can measure that. */
static const double latency_default = 2e-6, message_default = 1e-6;

/* A plan being made. */
typedef struct plan {
    const bench_settings *settings;
    const bench_job *job;
    double speed, spread;
    team_model model; /* but for its workers */
    json_t *costs, *runs;
} plan;

/* ---- What everything costs ------------------------------------------------------------------- */

static void note(const plan *own, const char *what, double value, const char *unit,
                 const char *from)
{
    json_array_append_new(own->costs, json_pack("{s:s, s:f, s:s, s:s}", "what", what, "value",
                                                value, "unit", unit, "from", from));
}

static void note_time(const plan *own, const char *what, double seconds, const char *from)
{
    note(own, what, 1e6 * seconds, "us", from);
}

/* A number that is given, or else assumed. */
static double take_count(const plan *own, const char *what, const char *unit,
                         const cli_count *given, double otherwise)
{
    double value = given->given ? (double)given->value : otherwise;
    note(own, what, value, unit, given->given ? "given" : "assumed");
    return value;
}

/* A time that is given, or else assumed. */
static double take_time(const plan *own, const char *what, const cli_duration *given,
                        double otherwise)
{
    double seconds = given->given ? given->seconds : otherwise;
    note_time(own, what, seconds, given->given ? "given" : "assumed");
    return seconds;
}

/* A time that is given, or else measured: the least of some, for others may be at work here. */
static grav_status take_measured(const plan *own, const char *what, const cli_duration *given,
                                 grav_status (*measure)(const bench_job *, double *, grav_error *),
                                 double *out, grav_error *err)
{
    grav_status status = GRAV_OK;
    *out = given->given ? given->seconds : INFINITY;
    for (int i = 0; status == GRAV_OK && !given->given && i < REPEATS; i++) {
        double seconds;
        status = measure(own->job, &seconds, err);
        *out = fmin(*out, seconds);
    }
    note_time(own, what, *out, given->given ? "given" : "measured");
    return status;
}

static grav_status take_speed(plan *own, grav_error *err)
{
    const cli_count *given = &own->settings->speed;
    grav_status status = GRAV_OK;
    own->speed = (double)given->value;
    if (!given->given)
        status = plan_measure_speed(own->job, &own->speed, err);
    note(own, "a worker plays", own->speed, "sessions/s",
         given->given ? "given" : "measured, one thread");
    own->spread = take_count(own, "workers differ from that by at most", "%",
                             &own->settings->spread, spread_default);
    return status;
}

static grav_status measure_merge(const bench_job *job, double *seconds, grav_error *err)
{
    grav_status status = plan_measure_merges(job, MERGES, seconds, err);
    *seconds /= MERGES;
    return status;
}

/* A tally costs time where it is merged and on its way there. */
static grav_status take_tally_costs(plan *own, grav_error *err)
{
    const cli_duration *given = &own->settings->merge;
    team_costs *costs = &own->model.costs;
    grav_status status =
        take_measured(own, "merging a tally", given, measure_merge, &costs->merge, err);
    if (!given->given)
        note_time(own, "merging 10,000 tallies in one place", MERGES * costs->merge, "measured");
    double bandwidth =
        take_count(own, "words go by", "bytes/s", &own->settings->bandwidth, bandwidth_default);
    uint64_t words = GRAV_TEAM_COUNTS + grav_experiment_scores(own->job->experiment);
    costs->words = (double)(words * sizeof words) / bandwidth;
    return status;
}

static grav_status take_costs(plan *own, grav_error *err)
{
    const bench_settings *settings = own->settings;
    team_costs *costs = &own->model.costs;
    costs->latency = take_time(own, "a message is under way", &settings->latency, latency_default);
    costs->message =
        take_time(own, "rank 0 takes or sends a message", &settings->message, message_default);
    grav_status status = take_speed(own, err);
    if (status == GRAV_OK)
        status = take_tally_costs(own, err);
    if (status == GRAV_OK)
        status = take_measured(own, "a chunk, beside playing", &settings->chunk, plan_measure_chunk,
                               &costs->chunk, err);
    if (status == GRAV_OK)
        status = take_measured(own, "rank 0 looks at a rank's state", &settings->look,
                               plan_measure_look, &costs->look, err);
    if (status == GRAV_OK)
        status = take_measured(own, "rank 0 sorts a range into its list", &settings->range,
                               plan_measure_range, &costs->range, err);
    return status;
}

/* ---- Runs ------------------------------------------------------------------------------------ */

static void take_rules(plan *own)
{
    const bench_settings *settings = own->settings;
    team_rules *rules = &own->model.rules;
    *rules = team_rules_now();
    own->model.checkpoint_s = settings->common.every.seconds;
    if (settings->portion.given)
        rules->portion_s = settings->portion.seconds;
    if (settings->portion_each.given)
        rules->portion_s_each = settings->portion_each.seconds;
    if (settings->tell_each.given)
        rules->tell_s_each = settings->tell_each.seconds;
}

/* Speeds that differ evenly, and by no pattern that ranks have. */
static double *make_speeds(const plan *own, uint32_t workers)
{
    double *speeds = calloc(workers, sizeof *speeds);
    for (uint32_t i = 0; speeds && i < workers; i++) {
        double at = workers > 1 ? 2 * fmod((i + 0.5) * 0.6180339887498949, 1) - 1 : 0;
        speeds[i] = own->speed * (1 + own->spread / 100 * at);
    }
    return speeds;
}

static uint64_t sessions_of(const bench_settings *settings, uint32_t workers)
{
    if (settings->per_worker.given)
        return settings->per_worker.value * workers;
    return settings->common.sessions.given ? settings->common.sessions.value
                                           : (uint64_t)sessions_default;
}

static void add_run(const plan *own, const team_forecast *found)
{
    const double percent = 100 / found->seconds;
    json_array_append_new(
        own->runs, json_pack("{s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:f, s:I, s:I}", "workers",
                             (json_int_t)own->model.ranks, "sessions", (double)found->sessions,
                             "seconds", found->seconds, "ideal_s", found->ideal_s,
                             "efficiency_percent", found->ideal_s * percent, "messages_per_s",
                             (double)found->messages / found->seconds, "busy_percent",
                             found->busy_s * percent, "tail_percent", found->tail_s * percent,
                             "merge_percent", found->merge_s * percent, "portions",
                             (json_int_t)found->portions, "merges", (json_int_t)found->merges));
}

static grav_status play(plan *own, uint32_t workers, grav_error *err)
{
    team_forecast found;
    double *speeds = make_speeds(own, workers);
    if (!speeds)
        return grav_no_memory(err, "the speeds of workers");
    own->model.speeds = speeds;
    own->model.ranks = workers;
    own->model.sessions = sessions_of(own->settings, workers);
    grav_status status = team_model_play(&own->model, NULL, &found, err);
    if (status == GRAV_OK)
        add_run(own, &found);
    free(speeds);
    return status;
}

static grav_status play_all(plan *own, grav_error *err)
{
    const cli_list *given = &own->settings->workers;
    const int *workers = given->given ? given->values : workers_default;
    size_t count = given->given ? given->count : sizeof workers_default / sizeof *workers_default;
    grav_status status = GRAV_OK;
    for (size_t i = 0; status == GRAV_OK && i < count && !bench_interrupted(); i++)
        status = play(own, (uint32_t)workers[i], err);
    return status;
}

static grav_status check(const bench_settings *settings, grav_error *err)
{
    if (settings->common.sessions.given && settings->per_worker.given)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "--sessions are those of a run, --per-worker of each worker: give one");
    return bench_output_check(settings, err);
}

/* Measures what is not given, and adds "plan" to the document. */
static grav_status make_plan(json_t *document, const bench_settings *settings, const bench_job *job,
                             grav_error *err)
{
    plan own = {.settings = settings, .job = job, .costs = json_array(), .runs = json_array()};
    json_object_set_new(document, "plan",
                        json_pack("{s:o, s:o}", "costs", own.costs, "runs", own.runs));
    take_rules(&own);
    grav_status status = take_costs(&own, err);
    return status == GRAV_OK ? play_all(&own, err) : status;
}

static int run_plan(const cli_settings *common)
{
    const bench_settings *settings = bench_settings_of(common);
    bench_job job = {.seed = 42};
    grav_experiment_spec founding;
    grav_error err;
    grav_experiment_spec_init(&founding);
    grav_status status = check(settings, &err);
    if (status == GRAV_OK)
        status = grav_experiment_create(&founding, &job.experiment, &err);
    if (status != GRAV_OK)
        return cli_fail(name, &err);
    bench_catch_signals();
    json_t *document = bench_document_make(bench_argc, bench_argv, 0);
    status = make_plan(document, settings, &job, &err);
    if (status == GRAV_OK)
        status = bench_output(document, settings, &err);
    json_decref(document);
    grav_experiment_destroy(job.experiment);
    int code = status == GRAV_OK ? CLI_DONE : cli_fail(name, &err);
    return cli_finish_output(name, bench_interrupted() && !code ? CLI_INTERRUPTED : code);
}

static const cli_option run_options[] = {
    {.argument = "Runs:"},
    {"workers", "LIST", "how many play, one a rank (1,2,4 to 10000)", CLI_LIST,
     BENCH_VALUE(workers), 1, WORKERS_MAX + 1, NULL},
    {"sessions", "N", "sessions of each run (1e12)", CLI_COUNT, BENCH_VALUE(common.sessions), 1,
     GRAV_SESSIONS_END, NULL},
    {"per-worker", "N", "instead, sessions for each worker", CLI_COUNT, BENCH_VALUE(per_worker), 1,
     GRAV_SESSIONS_END / WORKERS_MAX, NULL},
    {"every", "TIME", "merges as often, for checkpoints (60s)", CLI_DURATION,
     BENCH_VALUE(common.every), 0, 0, NULL},
    {.argument = "Costs (measured, but for those with a value):"},
    {"speed", "N", "sessions per second of a worker", CLI_COUNT, BENCH_VALUE(speed), 1,
     GRAV_SESSIONS_END, NULL},
    {"spread", "N", "percent by which workers differ (10)", CLI_COUNT, BENCH_VALUE(spread), 0, 90,
     NULL},
    {"latency", "TIME", "a message is under way (2us)", CLI_DURATION, BENCH_VALUE(latency), 0, 0,
     NULL},
    {"message", "TIME", "rank 0 takes or sends a message (1us)", CLI_DURATION, BENCH_VALUE(message),
     0, 0, NULL},
    {"bandwidth", "N", "bytes per second between ranks (1e9)", CLI_COUNT, BENCH_VALUE(bandwidth), 1,
     GRAV_SESSIONS_END, NULL},
    {"merge", "TIME", "a tally is added to another", CLI_DURATION, BENCH_VALUE(merge), 0, 0, NULL},
    {"chunk", "TIME", "a chunk, beside playing", CLI_DURATION, BENCH_VALUE(chunk), 0, 0, NULL},
    {"look", "TIME", "rank 0 looks at a rank's state", CLI_DURATION, BENCH_VALUE(look), 0, 0, NULL},
    {"range", "TIME", "rank 0 sorts a range into its list", CLI_DURATION, BENCH_VALUE(range), 0, 0,
     NULL},
    {.argument = "What if:"},
    {"portion", "TIME", "rank 0 gives so much at a time (0.2s)", CLI_DURATION, BENCH_VALUE(portion),
     1, 0, NULL},
    {"portion-each", "TIME", "or so much by the number of ranks (100us)", CLI_DURATION,
     BENCH_VALUE(portion_each), 0, 0, NULL},
    {"tell-each", "TIME", "ranks tell as rarely, by their number (100us)", CLI_DURATION,
     BENCH_VALUE(tell_each), 0, 0, NULL},
    {0},
};

const cli_command bench_plan_command = {
    .name = "plan",
    .summary = "how long runs of 1 to 10,000 workers would take, by a model",
    .example = "graveler-bench plan --workers 10,100,1000 --speed 1e11 --latency 2us",
    .help = "Plays a model of runs by teams of processes, from what everything costs: docs/"
            "scaling.md tells what is in it. Costs that are not given are measured here.",
    .tables = (const cli_option *const[]){run_options, bench_output_options, NULL},
    .run = run_plan,
};
