/* graveler run */
#include <stddef.h>
#include <stdio.h>

#include "commands.h"
#include "play.h"
#include "report.h"

static const char *const name = "run";

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
    if (settings->json.given && report_write_json(settings, report, &err) != GRAV_OK) {
        int failed = cli_fail(name, &err);
        int code = cli_finish_run(name, settings, report->spec, report->result);
        return code == CLI_MISMATCH ? code : failed;
    }
    return cli_finish_run(name, settings, report->spec, report->result);
}

static int play_and_print(const cli_settings *settings, const grav_experiment *experiment,
                          grav_run_spec *spec)
{
    grav_error err, no_law = {0};
    grav_result *result;
    grav_law *law = NULL;
    if (cli_play(name, settings, experiment, spec, &result, &err) != GRAV_OK)
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
        status = cli_run_spec(settings, &spec, &err);
    if (status == GRAV_OK)
        status = cli_check_run(settings, experiment, &spec, &err);
    int code =
        status == GRAV_OK ? play_and_print(settings, experiment, &spec) : cli_fail(name, &err);
    grav_experiment_destroy(experiment);
    return code;
}

#define VALUE(member) offsetof(cli_settings, member)

static const cli_option checkpoint_options[] = {
    {"checkpoint", "FILE", "write to FILE while playing; go on from it if it is there", CLI_TEXT,
     VALUE(checkpoint), 0, 0, NULL},
    {"every", "TIME", "how often: 10s, 5m (30s)", CLI_DURATION, VALUE(every), 100, 0, NULL},
    {0},
};

static const cli_option output_options[] = {
    {.argument = "Output:"},
    {"json", "FILE", "write the result as JSON (to stdout)", CLI_FILE, VALUE(json), 0, 0, NULL},
    {"quiet", NULL, "print the highest score alone", CLI_FLAG, VALUE(quiet), 0, 0, NULL},
    {0},
};

const cli_command cli_run_command = {
    .name = "run",
    .summary = "play sessions and report the luckiest",
    .example = "graveler run --seed 42 --sessions 1e7",
    .help = "Plays sessions, reports the highest score and holds the distribution against the "
            "law. With no options: the founding job, 1e9 sessions of 231 rolls at 1/4.",
    .tables =
        (const cli_option *const[]){cli_experiment_options, cli_run_options, checkpoint_options,
                                    cli_sessions_options, cli_method_options, cli_engine_options,
                                    cli_calls_options, cli_where_options, output_options,
                                    cli_progress_options, NULL},
    .run = run,
};
