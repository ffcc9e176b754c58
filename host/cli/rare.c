/* graveler rare */
#include <math.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "play.h"
#include "report.h"
#include "text.h"

static const char *const name = "rare";

static const uint64_t sessions_default = 10000000;

/* Everything there is to tell. */
typedef struct rare_report {
    uint64_t at_least;
    const grav_tilt *tilt;
    grav_rare rare;
    cli_report job; /* the experiment asked about and its law; the result is the tilted one's */
} rare_report;

/* ---- For people ------------------------------------------------------------------------------ */

/* A fraction, shortened where nobody would read all its digits. */
static cli_words short_fraction(const char *fraction)
{
    enum { READABLE = 16 };
    cli_words out;
    const char *divisor = strchr(fraction, '/');
    if (strlen(fraction) <= READABLE)
        snprintf(out.text, sizeof out.text, "%s", fraction);
    else
        snprintf(out.text, sizeof out.text, "%.6Lg",
                 strtold(fraction, NULL) / (divisor ? strtold(divisor + 1, NULL) : 1));
    return out;
}

static void print_tilt(const rare_report *report)
{
    cli_words lambda = short_fraction(grav_tilt_lambda(report->tilt));
    const char *chance = grav_experiment_chance(report->job.experiment);
    double mean = grav_tilt_mean(report->tilt);
    uint32_t rolls = grav_experiment_rolls(report->job.experiment);
    printf("%-16s", "Tilted");
    if (strcmp(lambda.text, "1") == 0)
        printf("not at all: plain sessions get there");
    else if (chance)
        printf("chance %.4g instead of %s", mean / rolls, chance);
    else
        printf("a value higher by %s weighs %s times as much",
               text_count(grav_tilt_step(report->tilt)).text, lambda.text);
    if (mean < 1000)
        printf("; mean score %.4g\n", mean);
    else
        printf("; mean score %s\n", text_quantity(mean).text);
}

static void print_estimate(const rare_report *report)
{
    const grav_rare *rare = &report->rare;
    printf("%-16s%s of the tilted die\n", "Hits", text_counted(rare->hits, "session").text);
    printf("%-16s", "Estimate");
    if (rare->hits == 0) {
        printf("none without a hit: play more --sessions\n");
        return;
    }
    printf("%s, %s\n", text_estimate(rare->estimate, rare->relative_error).text,
           text_one_in(rare->estimate).text);
    printf("%-16s%s, %s of the estimate\n", "Standard error", text_estimate(rare->error, 0.1).text,
           text_percent(rare->relative_error).text);
}

static void print_law(const rare_report *report)
{
    double apart;
    printf("%-16s", "Exact");
    if (!report->job.law) {
        printf("not known: %s\n", report->job.no_law);
        return;
    }
    grav_decimal exact = grav_law_at_least(report->job.law, report->at_least);
    printf("%s", text_decimal(exact).text);
    if (grav_rare_errors_apart(&report->rare, exact, &apart))
        printf("; the estimate is %.2f standard errors %s", fabs(apart),
               apart < 0 ? "below" : "above");
    printf("\n");
}

static void print_report(const rare_report *report)
{
    report_print_job(report->job.experiment, report->job.spec);
    printf("%-16sthe chance of a score of at least %s\n", "Asked",
           text_count(report->at_least).text);
    print_tilt(report);
    report_print_played(&report->job);
    if (report->rare.sessions == 0)
        return;
    print_estimate(report);
    print_law(report);
    report_print_speed(&report->job);
}

/* ---- The command ----------------------------------------------------------------------------- */

static grav_status write_json(const cli_settings *settings, const rare_report *report,
                              grav_error *err)
{
    char *text;
    grav_status status = grav_rare_json(report->job.experiment, report->tilt, &report->rare,
                                        report->job.result, report->job.law, &text, err);
    if (status != GRAV_OK)
        return status;
    status = cli_write_json(settings, text, err);
    free(text);
    return status;
}

static int print_result(const cli_settings *settings, const rare_report *report)
{
    grav_error err;
    if (settings->quiet.given) {
        if (report->rare.sessions)
            printf("%s\n", text_decimal(report->rare.estimate).text);
    } else if (!settings->json.given || cli_json_file(settings)) {
        print_report(report);
    }
    if (settings->json.given && write_json(settings, report, &err) != GRAV_OK) {
        int code = cli_fail(name, &err);
        return cli_finish_output(name, code);
    }
    return cli_finish_run(name, settings, report->job.spec, report->job.result);
}

static int play_and_print(const cli_settings *settings, const grav_experiment *experiment,
                          const grav_tilt *tilt, uint64_t at_least, grav_run_spec *spec)
{
    grav_error err, no_law = {0};
    grav_result *result;
    grav_law *law = NULL;
    rare_report report = {.at_least = at_least, .tilt = tilt};
    if (cli_play(name, settings, grav_tilt_experiment(tilt), spec, &result, &err) != GRAV_OK)
        return cli_fail(name, &err);
    int code;
    if (grav_tilt_estimate(tilt, result, &report.rare, &err) != GRAV_OK) {
        code = cli_fail(name, &err);
    } else {
        if (!settings->quiet.given || settings->json.given)
            grav_law_create(experiment, &law, &no_law);
        report.job = (cli_report){experiment, spec, result, law, no_law.message};
        code = print_result(settings, &report);
    }
    grav_law_destroy(law);
    grav_result_destroy(result);
    return code;
}

/* The score asked about: --at-least, or else the target. */
static grav_status get_at_least(const cli_settings *settings, const grav_experiment *experiment,
                                uint64_t *out, grav_error *err)
{
    *out = settings->at_least.value;
    if (settings->at_least.given || grav_experiment_target(experiment, out))
        return GRAV_OK;
    *err = (grav_error){GRAV_ERROR_INVALID,
                        "--at-least is missing: which score, or more, is it about?"};
    return err->status;
}

static int run(const cli_settings *settings)
{
    grav_error err;
    uint64_t at_least;
    grav_experiment *experiment = NULL;
    grav_tilt *tilt = NULL;
    grav_run_spec spec;
    grav_status status = cli_experiment(settings, &experiment, &err);
    if (status == GRAV_OK)
        status = get_at_least(settings, experiment, &at_least, &err);
    if (status == GRAV_OK)
        status = grav_tilt_create(experiment, at_least, &tilt, &err);
    if (status == GRAV_OK)
        status = cli_run_spec(settings, &spec, &err);
    if (status == GRAV_OK) {
        spec.sessions = settings->sessions.given ? settings->sessions.value : sessions_default;
        spec.keep = GRAV_KEEP_HISTOGRAM; /* whatever a preset keeps */
        status = cli_check_run(settings, grav_tilt_experiment(tilt), &spec, &err);
    }
    int code = status == GRAV_OK ? play_and_print(settings, experiment, tilt, at_least, &spec)
                                 : cli_fail(name, &err);
    grav_tilt_destroy(tilt);
    grav_experiment_destroy(experiment);
    return code;
}

#define VALUE(member) offsetof(cli_settings, member)

static const cli_option rare_options[] = {
    {.argument = "Rare event:"},
    {"at-least", "N", "the chance of this score or more (the target)", CLI_COUNT, VALUE(at_least),
     0, GRAV_SCORE_MAX, NULL},
    {"sessions", "N", "sessions of the tilted die to play (1e7)", CLI_COUNT, VALUE(sessions), 1,
     GRAV_SESSIONS_END, NULL},
    {0},
};

static const cli_option output_options[] = {
    {.argument = "Output:"},
    {"json", "FILE", "write the estimate as JSON (to stdout)", CLI_FILE, VALUE(json), 0, 0, NULL},
    {"quiet", NULL, "print the estimate alone", CLI_FLAG, VALUE(quiet), 0, 0, NULL},
    {0},
};

const cli_command cli_rare_command = {
    .name = "rare",
    .summary = "estimate a chance that plain simulation never sees",
    .example = "graveler rare --at-least 177 --seed 42",
    .help = "Estimates the chance of a score of at least N: plays sessions of a die tilted so that "
            "they get there, and weighs each by how much likelier the tilt has made it.",
    .tables =
        (const cli_option *const[]){cli_experiment_options, rare_options, cli_sessions_options,
                                    cli_method_options, cli_engine_options, cli_where_options,
                                    output_options, cli_progress_options, NULL},
    .run = run,
};
