/* graveler run */
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "commands.h"
#include "progress.h"
#include "report.h"

static const char *const name = "run";

static volatile sig_atomic_t interrupted;

/* Signals that end a run in order: the first of them to come does, the next ends the program. */
static struct {
    int number;
    bool caught; /* not where whoever started the program wants it ignored */
} signals[] = {{SIGINT, false}, {SIGTERM, false}, {SIGHUP, false}};

enum { SIGNAL_COUNT = sizeof signals / sizeof *signals };

static void on_signal(int number)
{
    (void)number;
    interrupted = 1;
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        if (signals[i].caught)
            signal(signals[i].number, SIG_DFL);
}

static void catch_signals(void)
{
    struct sigaction action = {.sa_handler = on_signal}, before;
    for (size_t i = 0; i < SIGNAL_COUNT; i++) {
        sigaction(signals[i].number, NULL, &before);
        signals[i].caught = before.sa_handler != SIG_IGN;
    }
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        if (signals[i].caught)
            sigaction(signals[i].number, &action, NULL);
}

/* What the callbacks need to know. */
typedef struct run_view {
    bool draw; /* the progress bar */
    bool drawn;
} run_view;

static bool on_progress(const grav_progress *progress, void *data)
{
    run_view *view = data;
    if (view->draw) {
        progress_draw(progress);
        view->drawn = true;
    }
    return interrupted;
}

static void on_notice(const char *message, void *data)
{
    (void)data;
    fprintf(stderr, "graveler %s: %s\n", name, message);
}

static grav_status random_seed(uint64_t *seed, grav_error *err)
{
    if (getrandom(seed, sizeof *seed, 0) == sizeof *seed)
        return GRAV_OK;
    err->status = GRAV_ERROR_DEVICE;
    snprintf(err->message, sizeof err->message, "the system gives no random seed (%s): give --seed",
             strerror(errno));
    return err->status;
}

/* How many sessions are to be played, and from which on. */
static grav_status set_sessions(const cli_settings *settings, grav_run_spec *spec, grav_error *err)
{
    uint64_t end = grav_engine_sessions_end(spec->engine);
    bool all = settings->sessions.given && settings->sessions.value == 0;
    spec->first = settings->first.value;
    if (settings->sessions.given)
        spec->sessions = all ? end : settings->sessions.value;
    if (!all || (end != GRAV_SESSIONS_END && spec->first == 0))
        return GRAV_OK;
    err->status = GRAV_ERROR_INVALID;
    snprintf(err->message, sizeof err->message,
             end == GRAV_SESSIONS_END ? "--sessions all wants --engine gen3, which has 2^32"
                                      : "--first contradicts --sessions all: give one of them");
    return err->status;
}

static grav_status make_spec(const cli_settings *settings, grav_run_spec *spec, grav_error *err)
{
    grav_run_spec_init(spec);
    spec->method = (grav_method)settings->method.value;
    spec->engine = (grav_engine)settings->engine.value;
    spec->calls_per_roll = cli_calls_per_roll(settings);
    spec->keep = (grav_keep)settings->keep.value;
    spec->until_target = settings->until_target.given;
    spec->backend = (grav_backend)settings->backend.value;
    spec->devices = settings->devices.values;
    spec->device_count = settings->devices.count;
    spec->threads = (unsigned)settings->threads.value;
    spec->isa = (grav_isa)settings->isa.value;
    spec->seed = settings->seed.value;
    grav_status status = set_sessions(settings, spec, err);
    if (status != GRAV_OK || settings->seed.given || !grav_engine_has_seed(spec->engine))
        return status;
    return random_seed(&spec->seed, err);
}

/* What can be wrong before anything is played. */
static grav_status check(const cli_settings *settings, const grav_experiment *experiment,
                         const grav_run_spec *spec, grav_error *err)
{
    if (settings->quiet.given && settings->json.given && !cli_json_file(settings)) {
        err->status = GRAV_ERROR_INVALID;
        snprintf(err->message, sizeof err->message,
                 "--quiet contradicts --json on standard output: name a file, --json FILE");
        return err->status;
    }
    grav_status status = grav_run_check(experiment, spec, err);
    if (status == GRAV_OK)
        status = cli_check_json_file(settings, err);
    return status;
}

static grav_status write_json(const cli_settings *settings, const cli_report *report,
                              grav_error *err)
{
    char *text;
    grav_status status = grav_result_json(report->result, report->law, &text, err);
    if (status != GRAV_OK)
        return status;
    if (cli_json_file(settings))
        status = grav_file_write(cli_json_file(settings), text, err);
    else
        fputs(text, stdout);
    free(text);
    return status;
}

/* Prints what was asked for: JSON, the bare number, the report. */
static int print_result(const cli_settings *settings, const cli_report *report)
{
    grav_error err;
    grav_summary summary;
    grav_result_summary(report->result, &summary);
    if (settings->quiet.given) {
        if (summary.sessions)
            printf("%llu\n", (unsigned long long)summary.max_score);
    } else if (!settings->json.given || cli_json_file(settings)) {
        report_print_job(report->experiment, report->spec);
        report_print(report);
    }
    if (settings->json.given && write_json(settings, report, &err) != GRAV_OK) {
        int code = cli_fail(name, &err);
        return cli_finish_output(name, code);
    }
    if (!summary.complete)
        fprintf(stderr, "graveler %s: interrupted after %llu of %llu sessions\n", name,
                (unsigned long long)summary.sessions, (unsigned long long)report->spec->sessions);
    return cli_finish_output(name, summary.complete ? CLI_DONE : CLI_INTERRUPTED);
}

static int play_and_print(const cli_settings *settings, const grav_experiment *experiment,
                          grav_run_spec *spec)
{
    grav_error err, no_law = {0};
    grav_result *result;
    grav_law *law = NULL;
    run_view view = {.draw = isatty(STDERR_FILENO)};
    if (settings->progress.value != CLI_PROGRESS_AUTO)
        view.draw = settings->progress.value == CLI_PROGRESS_ALWAYS;
    spec->progress = on_progress;
    spec->notice = on_notice;
    spec->data = &view;
    catch_signals();
    grav_status status = grav_run(experiment, spec, &result, &err);
    if (view.drawn)
        progress_clear();
    if (status != GRAV_OK)
        return cli_fail(name, &err);
    if (!settings->quiet.given || settings->json.given)
        grav_law_create(experiment, &law, &no_law);
    cli_report report = {experiment, spec, result, law, no_law.message};
    int code = print_result(settings, &report);
    grav_law_destroy(law);
    grav_result_destroy(result);
    return code;
}

static int run(const cli_settings *settings)
{
    grav_error err;
    grav_experiment *experiment = NULL;
    grav_run_spec spec;
    grav_status status = cli_experiment(settings, &experiment, &err);
    if (status == GRAV_OK)
        status = make_spec(settings, &spec, &err);
    if (status == GRAV_OK)
        status = check(settings, experiment, &spec, &err);
    int code =
        status == GRAV_OK ? play_and_print(settings, experiment, &spec) : cli_fail(name, &err);
    grav_experiment_destroy(experiment);
    return code;
}

#define VALUE(member) offsetof(cli_settings, member)

static const cli_option run_options[] = {
    {.argument = "Run:"},
    {"sessions", "N", "sessions to play: 1e9, 2^30; all: with gen3 (1e9)", CLI_COUNT_OR_ALL,
     VALUE(sessions), 1, GRAV_SESSIONS_END, NULL},
    {"first", "K", "index of the first session (0)", CLI_COUNT, VALUE(first), 0, GRAV_SESSIONS_END,
     NULL},
    {"seed", "S", "seed, decimal or 0x... (drawn and printed)", CLI_COUNT, VALUE(seed), 0,
     UINT64_MAX, NULL},
    {"keep", "WHAT", "histogram or max (histogram)", CLI_CHOICE, VALUE(keep), 0, 0, grav_keep_name},
    {"until-target", NULL, "end at the first session to reach the target", CLI_FLAG,
     VALUE(until_target), 0, 0, NULL},
    {0},
};

static const cli_option output_options[] = {
    {.argument = "Output:"},
    {"json", "FILE", "write the result as JSON (to stdout)", CLI_FILE, VALUE(json), 0, 0, NULL},
    {"quiet", NULL, "print the highest score alone", CLI_FLAG, VALUE(quiet), 0, 0, NULL},
    {"progress", "WHEN", "auto, always or never (auto)", CLI_CHOICE, VALUE(progress), 0, 0,
     cli_progress_name},
    {0},
};

const cli_command cli_run_command = {
    .name = "run",
    .summary = "play sessions and report the luckiest",
    .example = "graveler run --seed 42 --sessions 1e7",
    .help = "Plays sessions, reports the highest score and holds the distribution against the "
            "law. With no options: the founding job, 1e9 sessions of 231 rolls at 1/4.",
    .tables = (const cli_option *const[]){cli_experiment_options, run_options, cli_method_options,
                                          cli_engine_options, cli_calls_options, cli_where_options,
                                          output_options, NULL},
    .run = run,
};
