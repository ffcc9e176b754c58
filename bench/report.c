/* graveler-bench report: result files as Markdown, and graveler-bench context. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "settings.h"
#include "tables.h"
#include "yardstick_cuda.h"

/* Reads a result file; NULL, with *err filled, if it is none. */
static json_t *load(const char *path, grav_error *err)
{
    json_error_t why;
    json_t *document = json_load_file(path, JSON_REJECT_DUPLICATES, &why);
    if (!document) {
        grav_fail(err, GRAV_ERROR_INVALID, "%.200s: %.200s (line %d)", path, why.text, why.line);
        return NULL;
    }
    const char *format = json_string_value(json_object_get(document, "format"));
    json_int_t version = json_integer_value(json_object_get(document, "version"));
    if (!format || strcmp(format, "graveler-bench") != 0 || version != 1) {
        grav_fail(
            err, GRAV_ERROR_INVALID,
            "%.300s: not a result of graveler-bench, \"format\": \"graveler-bench\", version 1",
            path);
        json_decref(document);
        return NULL;
    }
    return document;
}

static int run_report(const cli_settings *common)
{
    grav_error err;
    if (common->operand_count == 0) {
        grav_fail(&err, GRAV_ERROR_INVALID, "which result files? graveler-bench report FILE...");
        return cli_fail("report", &err);
    }
    for (size_t i = 0; i < common->operand_count; i++) {
        json_t *document = load(common->operands[i], &err);
        if (!document)
            return cli_fail("report", &err);
        printf("%s", i ? "\n" : "");
        bench_print_tables(document, TABLE_MARKDOWN, stdout);
        json_decref(document);
    }
    return cli_finish_output("report", CLI_DONE);
}

static const cli_option no_options[] = {{0}};

const cli_command bench_report_command = {
    .name = "report",
    .summary = "turn result files into Markdown tables",
    .example = "graveler-bench report bench/results/*.json",
    .help = "Prints the tables of result files (--json) as Markdown. What was not measured is not "
            "shown.",
    .operands = "FILE...",
    .tables = (const cli_option *const[]){no_options, NULL},
    .run = run_report,
};

static int run_context(const cli_settings *common)
{
    grav_error err;
    double seconds;
    if (bench_cuda_context((int)bench_settings_of(common)->device.value, &seconds, &err) != GRAV_OK)
        return cli_fail("context", &err);
    printf("%.6f\n", seconds);
    return cli_finish_output("context", CLI_DONE);
}

static const cli_option context_options[] = {
    {.argument = "GPU:"},
    {"device", "N", "GPU, by index (0)", CLI_COUNT, BENCH_VALUE(device), 0, 4095, NULL},
    {0},
};

const cli_command bench_context_command = {
    .name = "context",
    .summary = "create a context on a GPU and end: what every process there pays",
    .example = "graveler-bench context --device 0",
    .help = "Creates a context on a GPU and prints the seconds that took.",
    .tables = (const cli_option *const[]){context_options, NULL},
    .run = run_context,
};
