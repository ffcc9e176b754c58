#include "play.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "progress.h"

/* ---- Signals --------------------------------------------------------------------------------- */

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

void cli_catch_signals(void)
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

bool cli_interrupted(void)
{
    return interrupted;
}

/* ---- What to play ---------------------------------------------------------------------------- */

#define VALUE(member) offsetof(cli_settings, member)

const cli_option cli_run_options[] = {
    {.argument = "Run:"},
    {"sessions", "N", "sessions to play: 1e9, 2^30; all: with gen3 (1e9)", CLI_COUNT_OR_ALL,
     VALUE(sessions), 1, GRAV_SESSIONS_END, NULL},
    {"keep", "WHAT", "histogram or max (histogram)", CLI_CHOICE, VALUE(keep), 0, 0, grav_keep_name},
    {"until-target", NULL, "end at the first session to reach the target", CLI_FLAG,
     VALUE(until_target), 0, 0, NULL},
    {"max-time", "TIME", "end in order after 90s, 10m, 2h", CLI_DURATION, VALUE(max_time), 100, 0,
     NULL},
    {"double-check", NULL, "play everything twice, by GPU and CPU or by two isas, and compare",
     CLI_FLAG, VALUE(double_check), 0, 0, NULL},
    {0},
};

const cli_option cli_sessions_options[] = {
    {"first", "K", "index of the first session (0)", CLI_COUNT, VALUE(first), 0, GRAV_SESSIONS_END,
     NULL},
    {"seed", "S", "seed, decimal or 0x... (drawn and printed)", CLI_COUNT, VALUE(seed), 0,
     UINT64_MAX, NULL},
    {0},
};

const cli_option cli_progress_options[] = {
    {"progress", "WHEN", "auto, always or never (auto)", CLI_CHOICE, VALUE(progress), 0, 0,
     cli_progress_name},
    {0},
};

grav_status cli_random_seed(uint64_t *seed, grav_error *err)
{
    if (getrandom(seed, sizeof *seed, 0) == sizeof *seed)
        return GRAV_OK;
    err->status = GRAV_ERROR_DEVICE;
    snprintf(err->message, sizeof err->message, "the system gives no random seed (%s): give --seed",
             strerror(errno));
    return err->status;
}

/* The seed of the checkpoint to go on from, where there is one; else *found stays false. */
static grav_status checkpoint_seed(const char *path, uint64_t *seed, bool *found, grav_error *err)
{
    grav_error notice;
    grav_result *result = NULL;
    grav_run_spec spec;
    grav_status status = grav_checkpoint_load(path, &result, &notice, err);
    if (status != GRAV_OK || !result)
        return status;
    grav_result_spec(result, &spec);
    *seed = spec.seed;
    *found = true;
    grav_result_destroy(result);
    return GRAV_OK;
}

/* The seed, as given, or as the checkpoint has it, or drawn. */
static grav_status set_seed(const cli_settings *settings, grav_run_spec *spec, grav_error *err)
{
    bool found = settings->seed.given || !grav_engine_has_seed(spec->engine);
    grav_status status = GRAV_OK;
    spec->seed = settings->seed.value;
    if (!found && settings->checkpoint.given)
        status = checkpoint_seed(settings->checkpoint.value, &spec->seed, &found, err);
    return status != GRAV_OK || found ? status : cli_random_seed(&spec->seed, err);
}

static void set_where(const cli_settings *settings, grav_run_spec *spec)
{
    spec->backend = (grav_backend)settings->backend.value;
    spec->devices = settings->devices.values;
    spec->device_count = settings->devices.count;
    spec->threads = (unsigned)settings->threads.value;
    spec->isa = (grav_isa)settings->isa.value;
    spec->team = cli_team;
}

void cli_where(const cli_settings *settings, grav_run_spec *spec)
{
    grav_run_spec_init(spec);
    set_where(settings, spec);
}

/* Which sessions are to be played; where nobody says how many, the preset does. */
static grav_status set_sessions(const cli_settings *settings, const grav_preset *preset,
                                grav_run_spec *spec, grav_error *err)
{
    uint64_t end = grav_engine_sessions_end(spec->engine);
    bool all = settings->sessions.given && settings->sessions.value == 0;
    spec->first = settings->first.value;
    spec->sessions = settings->sessions.given ? settings->sessions.value : preset->sessions;
    spec->sessions = all ? end : spec->sessions;
    if (!all || (end != GRAV_SESSIONS_END && spec->first == 0))
        return GRAV_OK;
    err->status = GRAV_ERROR_INVALID;
    snprintf(err->message, sizeof err->message,
             end == GRAV_SESSIONS_END ? "--sessions all wants --engine gen3, which has 2^32"
                                      : "--first contradicts --sessions all: give one of them");
    return err->status;
}

grav_status cli_run_spec(const cli_settings *settings, grav_run_spec *spec, grav_error *err)
{
    const grav_preset *preset = cli_preset(settings, err);
    if (!preset)
        return err->status;
    grav_run_spec_init(spec);
    spec->method = (grav_method)settings->method.value;
    spec->engine = (grav_engine)settings->engine.value;
    spec->calls_per_roll = cli_calls_per_roll(settings);
    spec->keep = settings->keep.given ? (grav_keep)settings->keep.value : preset->keep;
    spec->until_target = settings->until_target.given;
    set_where(settings, spec);
    if (settings->checkpoint.given)
        spec->checkpoint = settings->checkpoint.value;
    if (settings->every.given)
        spec->checkpoint_s = settings->every.seconds;
    spec->max_s = settings->max_time.seconds;
    spec->double_check = settings->double_check.given;
    grav_status status = set_sessions(settings, preset, spec, err);
    return status == GRAV_OK ? set_seed(settings, spec, err) : status;
}

static grav_status check_output(const cli_settings *settings, grav_error *err)
{
    if (settings->quiet.given && settings->json.given && !cli_json_file(settings)) {
        err->status = GRAV_ERROR_INVALID;
        snprintf(err->message, sizeof err->message,
                 "--quiet contradicts --json on standard output: name a file, --json FILE");
        return err->status;
    }
    return GRAV_OK;
}

grav_status cli_check_run(const cli_settings *settings, const grav_experiment *experiment,
                          const grav_run_spec *spec, grav_error *err)
{
    grav_status status = check_output(settings, err);
    if (status == GRAV_OK && settings->every.given && !settings->checkpoint.given) {
        err->status = status = GRAV_ERROR_INVALID;
        snprintf(err->message, sizeof err->message, "--every wants --checkpoint FILE");
    }
    if (status == GRAV_OK)
        status = grav_run_check(experiment, spec, err);
    if (status == GRAV_OK)
        status = cli_check_json_file(settings, err);
    return status;
}

/* ---- Playing --------------------------------------------------------------------------------- */

/* What the callbacks need to know. */
typedef struct play_view {
    const char *command;
    bool draw; /* the progress bar */
    bool drawn;
    bool once; /* of many runs: what each of them says is told once */
    char told[sizeof((grav_error *)0)->message];
} play_view;

static bool on_progress(const grav_progress *progress, void *data)
{
    play_view *view = data;
    if (view->draw) {
        progress_draw(progress);
        view->drawn = true;
    }
    return interrupted;
}

static void on_notice(const char *message, void *data)
{
    play_view *view = data;
    if (view->once && strcmp(view->told, message) == 0)
        return;
    snprintf(view->told, sizeof view->told, "%s", message);
    fprintf(stderr, "%s %s: %s\n", cli_program, view->command, message);
}

bool cli_wants_progress(const cli_settings *settings)
{
    if (settings->progress.value != CLI_PROGRESS_AUTO)
        return settings->progress.value == CLI_PROGRESS_ALWAYS;
    return isatty(STDERR_FILENO);
}

/* Lets a run be watched: with a progress bar, notices, and signals that end it. */
static void begin_view(play_view *view, const char *command, const cli_settings *settings,
                       grav_run_spec *spec)
{
    *view = (play_view){.command = command, .draw = cli_wants_progress(settings)};
    spec->progress = on_progress;
    spec->notice = on_notice;
    spec->data = view;
    cli_catch_signals();
}

static void end_view(const play_view *view)
{
    if (view->drawn)
        progress_clear();
}

grav_status cli_play(const char *command, const cli_settings *settings,
                     const grav_experiment *experiment, grav_run_spec *spec, grav_result **out,
                     grav_error *err)
{
    play_view view;
    begin_view(&view, command, settings, spec);
    grav_status status = grav_run(experiment, spec, out, err);
    end_view(&view);
    return status;
}

grav_status cli_verify_sessions(const char *command, const cli_settings *settings,
                                const grav_result *result, uint64_t sample_seed, uint64_t *sessions,
                                bool *stopped, grav_error *err)
{
    play_view view;
    grav_run_spec where;
    grav_summary summary;
    cli_where(settings, &where);
    begin_view(&view, command, settings, &where);
    view.once = true;
    grav_result_summary(result, &summary);
    *sessions = summary.sessions;
    grav_status status = settings->sample.given
                             ? grav_verify_sample(result, &where, settings->sample.value,
                                                  sample_seed, sessions, stopped, err)
                             : grav_verify_full(result, &where, stopped, err);
    end_view(&view);
    return status;
}

/* ---- Afterwards ------------------------------------------------------------------------------ */

grav_status cli_write_json(const cli_settings *settings, const char *text, grav_error *err)
{
    grav_status status = GRAV_OK;
    if (cli_json_file(settings))
        status = grav_file_write(cli_json_file(settings), text, err);
    else
        fputs(text, stdout);
    /* A full standard output is told of when the command ends. */
    bool to_stdout = !cli_json_file(settings);
    if (status != GRAV_OK || (to_stdout && (fflush(stdout) != 0 || ferror(stdout))))
        fputs(text, stderr);
    return status;
}

/* Prints a word so that a shell reads it as it is. */
static void print_quoted(const char *word, FILE *out)
{
    static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "_-+=.,:/@%^";
    if (*word && word[strspn(word, plain)] == 0) {
        fputs(word, out);
        return;
    }
    fputc('\'', out);
    for (; *word; word++)
        *word == '\'' ? fputs("'\\''", out) : fputc(*word, out);
    fputc('\'', out);
}

void cli_tell_command(const char *command, const cli_settings *settings, const char *more)
{
    fprintf(stderr, "%s %s: go on with: %s", cli_program, command, cli_program);
    for (char **word = settings->command_line; *word; word++) {
        fputc(' ', stderr);
        print_quoted(*word, stderr);
        if (word == settings->command_line)
            fputs(more, stderr);
    }
    fputc('\n', stderr);
}

int cli_finish_run(const char *command, const cli_settings *settings, const grav_run_spec *spec,
                   const grav_result *result)
{
    grav_summary summary;
    int code = CLI_DONE;
    grav_result_summary(result, &summary);
    const grav_error *failure = grav_result_failure(result);
    if (failure)
        code = cli_fail(command, failure);
    if (!summary.complete) {
        fprintf(stderr, "%s %s: %s after %llu of %llu sessions\n", cli_program, command,
                failure ? "ended" : "interrupted", (unsigned long long)summary.sessions,
                (unsigned long long)spec->sessions);
        if (settings->checkpoint.given) /* which knows the seed */
            cli_tell_command(command, settings, "");
    }
    if (code == CLI_DONE && !summary.complete)
        code = CLI_INTERRUPTED;
    return cli_finish_output(command, code);
}
