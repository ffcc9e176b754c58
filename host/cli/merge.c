/* graveler merge */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "report.h"

static const char *const name = "merge";

/* Merging must never cost a result: `--json a.json b.json` would write over one of the parts. */
static grav_status check_output(const cli_settings *settings, grav_error *err)
{
    const char *file = cli_json_file(settings);
    if (!file || access(file, F_OK) != 0)
        return cli_check_json_file(settings, err);
    err->status = GRAV_ERROR_INVALID;
    snprintf(err->message, sizeof err->message,
             "--json: '%.256s' is there already: name a new file, or put --json - for standard "
             "output",
             file);
    return err->status;
}

/* Tells of what lies between the ranges: of the first gaps one by one. */
static void tell_gaps(const grav_result *result)
{
    enum { TOLD_MAX = 10 };
    uint64_t first, end, before = 0;
    size_t i = 0;
    for (; grav_result_range(result, i, &first, &end); i++) {
        if (i && i <= TOLD_MAX)
            fprintf(stderr, "%s %s: sessions [%llu, %llu) are missing\n", cli_program, name,
                    (unsigned long long)before, (unsigned long long)first);
        before = end;
    }
    if (i > TOLD_MAX + 1)
        fprintf(stderr, "%s %s: %zu gaps in all\n", cli_program, name, i - 1);
}

static int print_result(const cli_settings *settings, const grav_result *result)
{
    grav_error err, no_law = {0};
    grav_law *law = NULL;
    grav_run_spec spec;
    grav_result_spec(result, &spec);
    grav_law_create(grav_result_experiment(result), &law, &no_law);
    cli_report report = {grav_result_experiment(result), &spec, result, law, no_law.message};
    int code = CLI_DONE;
    if (!settings->json.given || cli_json_file(settings)) {
        report_print_job(report.experiment, report.spec);
        report_print(&report);
    }
    if (settings->json.given && report_write_json(settings, &report, &err) != GRAV_OK)
        code = cli_fail(name, &err);
    grav_law_destroy(law);
    return cli_finish_output(name, code);
}

static int run(const cli_settings *settings)
{
    grav_error err;
    grav_result *result = NULL;
    if (settings->operand_count == 0) {
        err = (grav_error){GRAV_ERROR_INVALID, "name the result files to merge"};
        return cli_fail(name, &err);
    }
    grav_status status = check_output(settings, &err);
    if (status == GRAV_OK)
        status = grav_result_merge_files((const char *const *)settings->operands,
                                         settings->operand_count, &result, &err);
    if (status != GRAV_OK)
        return cli_fail(name, &err);
    tell_gaps(result);
    int code = print_result(settings, result);
    grav_result_destroy(result);
    return code;
}

static const cli_option merge_options[] = {
    {.argument = "Output:"},
    {"json", "FILE", "write the result as JSON to a new file (to stdout)", CLI_FILE,
     offsetof(cli_settings, json), 0, 0, NULL},
    {0},
};

const cli_command cli_merge_command = {
    .name = "merge",
    .summary = "add results of disjoint ranges of one run",
    .example = "graveler merge part-0.json part-1.json --json whole.json",
    .help = "Adds results of disjoint ranges of one run, or its checkpoints, and reports the sum. "
            "In whatever order, it has the digest of a run of all the ranges.",
    .operands = "FILE...",
    .tables = (const cli_option *const[]){merge_options, NULL},
    .run = run,
};
