/* graveler odds */
#include <inttypes.h>
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bars.h"
#include "commands.h"
#include "play.h"
#include "report.h"
#include "text.h"

static const char *const name = "odds";

/* ---- What is asked --------------------------------------------------------------------------- */

static const double measured_s = 0.3; /* that --measure plays for */

static bool stop_when_measured(const grav_progress *progress, void *data)
{
    (void)data;
    return progress->elapsed_s >= measured_s;
}

/* Plays for a moment. */
static grav_status measure(const grav_experiment *experiment, double *rate, grav_error *err)
{
    grav_run_spec spec;
    grav_result *result;
    grav_timing timing;
    grav_run_spec_init(&spec);
    spec.sessions = GRAV_SESSIONS_END;
    spec.keep = GRAV_KEEP_MAX;
    spec.progress = stop_when_measured;
    grav_status status = grav_run(experiment, &spec, &result, err);
    if (status != GRAV_OK)
        return status;
    grav_result_timing(result, &timing);
    grav_result_destroy(result);
    *rate = timing.sessions_per_s;
    if (*rate > 0)
        return GRAV_OK;
    err->status = GRAV_ERROR_DEVICE;
    snprintf(err->message, sizeof err->message, "--measure: no session was over in %.1f s",
             measured_s);
    return err->status;
}

static grav_status make_spec(const cli_settings *settings, const grav_experiment *experiment,
                             grav_odds_spec *spec, grav_error *err)
{
    grav_odds_spec_init(spec);
    spec->has_score = grav_experiment_target(experiment, &spec->score);
    if (settings->at_least.given) {
        spec->has_score = true;
        spec->score = settings->at_least.value;
    }
    if (settings->sessions.given)
        spec->sessions = settings->sessions.value;
    spec->tries = settings->tries.value;
    if (settings->rate.given)
        spec->rate = (double)settings->rate.value;
    spec->measured = settings->measure.given;
    if (settings->rate.given && settings->measure.given)
        snprintf(err->message, sizeof err->message,
                 "--rate contradicts --measure: give one of them");
    else if (settings->tries.given && !spec->has_score)
        snprintf(err->message, sizeof err->message,
                 "--tries wants a score to reach: give --at-least");
    else
        return cli_check_json_file(settings, err);
    err->status = GRAV_ERROR_INVALID;
    return err->status;
}

/* ---- The answer ------------------------------------------------------------------------------ */

/* Everything that is told about. */
typedef struct odds {
    const grav_experiment *experiment;
    const grav_law *law;
    const grav_odds_spec *spec;
} odds;

enum { LABEL_WIDTH = 24 };

static cli_words best_of(uint64_t sessions)
{
    cli_words out;
    double value = (double)sessions, exponent = floor(log10(value));
    grav_decimal count = {value, value / pow(10, exponent), (int64_t)exponent};
    snprintf(out.text, sizeof out.text, "Best of %.80s", text_whole(count).text);
    return out;
}

static void print_chance(const char *label, grav_decimal p)
{
    printf("%-*s%s, %s\n", LABEL_WIDTH, label, text_decimal(p).text, text_one_in(p).text);
}

/* How likely the score asked about is, for one session and the best of some. */
static void print_score(const odds *o)
{
    const grav_odds_spec *spec = o->spec;
    uint64_t last;
    cli_words label;
    snprintf(label.text, sizeof label.text, "At least %" PRIu64, spec->score);
    grav_law_scores(o->law, NULL, NULL, &last);
    if (spec->score > last) {
        printf("%-*sout of reach: the highest possible score is %s\n", LABEL_WIDTH, label.text,
               text_count(last).text);
        return;
    }
    print_chance(label.text, grav_law_at_least(o->law, spec->score));
    if (spec->tries)
        print_chance(best_of(spec->tries).text,
                     grav_law_max_tail(o->law, spec->score, spec->tries));
    if (spec->sessions > 1)
        print_chance(best_of(spec->sessions).text,
                     grav_law_max_tail(o->law, spec->score, spec->sessions));
    grav_decimal even = grav_law_sessions_for(o->law, spec->score, 0.5);
    printf("%-*s%s session%s\n", LABEL_WIDTH, "Even chance", text_whole(even).text,
           even.value == 1 ? "" : "s");
    printf("%-*s%s at %s%s\n", LABEL_WIDTH, "Time",
           text_duration(grav_decimal_over(even, spec->rate)).text, text_rate(spec->rate).text,
           spec->measured ? ", as measured" : "");
}

/* A row of quantiles of the highest of so many sessions; 0: their heading. */
static void print_quantiles(const char *label, const grav_law *law, uint64_t sessions)
{
    static const int percents[] = {1, 25, 50, 75, 99};
    printf("%-*s", LABEL_WIDTH, label);
    for (size_t i = 0; i < sizeof percents / sizeof *percents; i++)
        if (sessions)
            printf(" %10" PRIu64, grav_law_max_quantile(law, sessions, percents[i] / 100.0));
        else
            printf("%9d %%", percents[i]);
    printf("\n");
}

/* One row of the table: possible scores from first to last. */
typedef struct row {
    uint64_t first, last;
    double p;
} row;

/* Cuts the scores that so many sessions may well show, from the lowest to the highest, into rows.
 * Returns how many. */
static size_t make_rows(const odds *o, row rows[BARS_ROWS_MAX])
{
    uint64_t step, last;
    uint64_t low = grav_law_quantile(o->law, 0.01 / (double)o->spec->sessions);
    uint64_t high = grav_law_max_quantile(o->law, o->spec->sessions, 0.99);
    grav_law_scores(o->law, NULL, &step, &last);
    uint64_t width = bars_scores_per_row(low, high, step);
    size_t count = 0;
    for (uint64_t first = low; first <= high; first += width) {
        row *now = &rows[count++];
        *now = (row){.first = first, .last = first + width - step};
        now->last = now->last < last ? now->last : last;
        for (uint64_t score = first; score <= now->last; score += step)
            now->p += grav_law_equal(o->law, score);
    }
    return count;
}

static void print_table(const odds *o)
{
    row rows[BARS_ROWS_MAX];
    size_t count = make_rows(o, rows);
    double most = 0;
    for (size_t i = 0; i < count; i++)
        most = fmax(most, rows[i].p);
    printf("\n%15s %15s %15s\n", "score", "chance", "that or more");
    for (size_t i = 0; i < count; i++) {
        bars_print_scores(rows[i].first, rows[i].last);
        printf(" %15.6g %15.6g", rows[i].p, grav_law_at_least(o->law, rows[i].first).value);
        bars_print(rows[i].p / most, -1, bars_width(50));
        printf("\n");
    }
}

static void print_odds(const odds *o)
{
    report_print_experiment(stdout, o->experiment);
    printf(": the exact law\n\n%-*s%.8g, sd %.8g\n", LABEL_WIDTH, "Mean", grav_law_mean(o->law),
           grav_law_sd(o->law));
    if (o->spec->has_score)
        print_score(o);
    printf("\n");
    print_quantiles("Quantiles", o->law, 0);
    print_quantiles("One session", o->law, 1);
    if (o->spec->tries)
        print_quantiles(best_of(o->spec->tries).text, o->law, o->spec->tries);
    if (o->spec->sessions > 1)
        print_quantiles(best_of(o->spec->sessions).text, o->law, o->spec->sessions);
    print_table(o);
}

static grav_status print_answer(const cli_settings *settings, const odds *o, grav_error *err)
{
    if (!settings->json.given || cli_json_file(settings))
        print_odds(o);
    if (!settings->json.given)
        return GRAV_OK;
    char *text;
    grav_status status = grav_odds_json(o->experiment, o->law, o->spec, &text, err);
    if (status != GRAV_OK)
        return status;
    status = cli_write_json(settings, text, err);
    free(text);
    return status;
}

static int run(const cli_settings *settings)
{
    grav_error err;
    grav_odds_spec spec;
    grav_law *law = NULL;
    grav_experiment *experiment = NULL;
    grav_status status = cli_experiment(settings, &experiment, &err);
    if (status == GRAV_OK)
        status = make_spec(settings, experiment, &spec, &err);
    if (status == GRAV_OK)
        status = grav_law_create(experiment, &law, &err);
    if (status == GRAV_OK && spec.measured)
        status = measure(experiment, &spec.rate, &err);
    if (status == GRAV_OK)
        status = print_answer(settings, &(odds){experiment, law, &spec}, &err);
    int code = status == GRAV_OK ? CLI_DONE : cli_fail(name, &err);
    grav_law_destroy(law);
    grav_experiment_destroy(experiment);
    return cli_finish_output(name, code);
}

#define VALUE(member) offsetof(cli_settings, member)

static const cli_option odds_options[] = {
    {.argument = "Question:"},
    {"at-least", "N", "the score to reach (the target)", CLI_COUNT, VALUE(at_least), 0,
     GRAV_SCORE_MAX, NULL},
    {"tries", "T", "attempts of which the best counts", CLI_COUNT, VALUE(tries), 1,
     GRAV_SESSIONS_END, NULL},
    {"sessions", "N", "sessions whose highest score is told (1e9)", CLI_COUNT, VALUE(sessions), 1,
     GRAV_SESSIONS_END, NULL},
    {"rate", "R", "sessions per second, for times (1e9)", CLI_COUNT, VALUE(rate), 1,
     GRAV_SESSIONS_END, NULL},
    {"measure", NULL, "play for a moment and take this machine's rate", CLI_FLAG, VALUE(measure), 0,
     0, NULL},
    {0},
};

static const cli_option output_options[] = {
    {.argument = "Output:"},
    {"json", "FILE", "write the answer as JSON (to stdout)", CLI_FILE, VALUE(json), 0, 0, NULL},
    {0},
};

const cli_command cli_odds_command = {
    .name = "odds",
    .summary = "tell the exact chances, without playing",
    .example = "graveler odds --rolls 305 --chance 1/2 --at-least 211 --tries 1000",
    .help = "Tells the exact law of a session's score: how likely a score is, how high the "
            "highest of many sessions gets, and how many it takes to reach a score.",
    .tables =
        (const cli_option *const[]){cli_experiment_options, odds_options, output_options, NULL},
    .run = run,
};
