#include "document.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "table.h"
#include "tables.h"

const cli_option bench_output_options[] = {
    {.argument = "Output:"},
    {"json", "FILE", "write all there is as JSON (to stdout)", CLI_FILE, BENCH_VALUE(common.json),
     0, 0, NULL},
    {"csv", "FILE", "write one line a figure as CSV (to stdout)", CLI_FILE, BENCH_VALUE(csv), 0, 0,
     NULL},
    {"markdown", "FILE", "write the tables as Markdown (to stdout)", CLI_FILE,
     BENCH_VALUE(markdown), 0, 0, NULL},
    {0},
};

/* ---- Samples --------------------------------------------------------------------------------- */

static json_t *statistics_json(const double *samples, size_t count)
{
    bench_statistics all = bench_statistics_of(samples, count);
    return json_pack("{s:f, s:f, s:f, s:f, s:f}", "median", all.median, "min", all.min, "q1",
                     all.q1, "q3", all.q3, "spread", all.spread);
}

static void set_name(json_t *object, const char *key, const char *name)
{
    if (name)
        json_object_set_new(object, key, json_string(name));
}

static json_t *subject_json(const bench_subjects *subjects, const bench_subject *subject)
{
    json_t *out = json_pack("{s:s, s:s}", "part", subject->part, "what", subject->what);
    set_name(out, "method", grav_method_name(subject->method));
    set_name(out, "engine", grav_engine_name(subject->engine));
    set_name(out, "keep", grav_keep_name(subject->keep));
    set_name(out, "backend", grav_backend_name((int)subject->backend));
    set_name(out, "isa", grav_isa_name(subject->isa));
    if (subject->device != BENCH_NONE)
        json_object_set_new(out, "device", json_integer(subject->device));
    if (subject->threads)
        json_object_set_new(out, "threads", json_integer(subject->threads));
    set_name(out, "unit", subject->unit);
    json_object_set_new(out, "ns", statistics_json(subject->ns, subject->samples));
    if (bench_samples(subject) == subject->kernel_ns)
        json_object_set_new(out, "kernel_ns",
                            statistics_json(subject->kernel_ns, subject->samples));
    json_object_set_new(out, "samples", json_integer((json_int_t)subject->samples));
    json_object_set_new(out, "per_slice", json_integer((json_int_t)subject->per_slice));
    double median = bench_statistics_of(bench_samples(subject), subject->samples).median;
    json_object_set_new(out, "per_s", json_real(1e9 / median));
    if (subject->yardstick != BENCH_NONE) {
        set_name(out, "yardstick", subjects->items[subject->yardstick].what);
        json_object_set_new(out, "ratio", json_real(bench_ratio(subjects, subject)));
    }
    return out;
}

void bench_document_add(json_t *document, const bench_subjects *subjects,
                        const bench_limits *limits, bench_stop stop)
{
    json_t *measured = json_object_get(document, "measured");
    size_t rounds = 0;
    for (size_t i = 0; i < subjects->count; i++) {
        const bench_subject *subject = &subjects->items[i];
        rounds = subject->samples > rounds ? subject->samples : rounds;
        if (subject->samples)
            json_array_append_new(measured, subject_json(subjects, subject));
    }
    if (subjects->count)
        json_array_append_new(json_object_get(document, "parts"),
                              json_pack("{s:s, s:s, s:I, s:f, s:f}", "part",
                                        subjects->items[0].part, "ended_by", bench_stop_name(stop),
                                        "rounds", (json_int_t)rounds, "slice_s", limits->slice_s,
                                        "limit_s", limits->seconds));
}

void bench_document_leave_out(json_t *document, const char *what, const char *why)
{
    char line[512];
    snprintf(line, sizeof line, "%s: %.400s", what, why);
    fprintf(stderr, "%s: left out: %s\n", cli_program, line);
    json_array_append_new(json_object_get(document, "left_out"), json_string(line));
}

/* ---- Output ---------------------------------------------------------------------------------- */

enum { DIGITS = 6 };

typedef enum output_format { FORMAT_TEXT, FORMAT_CSV, FORMAT_MARKDOWN, FORMAT_JSON } output_format;

static bool goes_to_stdout(const cli_text *file)
{
    return file->given &&
           (strcmp(file->value, "-") == 0 || strcmp(file->value, "/dev/stdout") == 0);
}

static grav_status check_file(const char *option, const cli_text *file, grav_error *err)
{
    grav_error why;
    if (!file->given || goes_to_stdout(file) || grav_file_check(file->value, &why) == GRAV_OK)
        return GRAV_OK;
    return grav_fail(err, GRAV_ERROR_INVALID, "--%s: %.480s", option, why.message);
}

grav_status bench_output_check(const bench_settings *settings, grav_error *err)
{
    int to_stdout = goes_to_stdout(&settings->common.json) + goes_to_stdout(&settings->csv) +
                    goes_to_stdout(&settings->markdown);
    if (to_stdout > 1)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "only one of --json, --csv and --markdown can go to standard output: "
                         "name a file for the others");
    grav_status status = check_file("json", &settings->common.json, err);
    if (status == GRAV_OK)
        status = check_file("csv", &settings->csv, err);
    if (status == GRAV_OK)
        status = check_file("markdown", &settings->markdown, err);
    return status;
}

/* The document in a format, for free(); NULL without memory. */
static char *render(const json_t *document, output_format format)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    if (format == FORMAT_JSON) {
        json_dumpf(document, out, JSON_INDENT(1) | JSON_REAL_PRECISION(DIGITS));
        fputc('\n', out);
    } else if (format == FORMAT_CSV) {
        bench_print_csv(document, out);
    } else {
        bench_print_tables(document, format == FORMAT_MARKDOWN ? TABLE_MARKDOWN : TABLE_TEXT, out);
    }
    fclose(out);
    return text;
}

/* Rounds all numbers to the digits that files show: tables must not depend on where they come
 * from. */
static void round_numbers(json_t *value)
{
    const char *key;
    size_t i;
    json_t *inner;
    char digits[32];
    if (json_is_real(value)) {
        snprintf(digits, sizeof digits, "%.*g", DIGITS, json_real_value(value));
        json_real_set(value, strtod(digits, NULL));
    } else if (json_is_object(value)) {
        json_object_foreach(value, key, inner) round_numbers(inner);
    } else if (json_is_array(value)) {
        json_array_foreach(value, i, inner) round_numbers(inner);
    }
}

static grav_status put(const json_t *document, output_format format, const cli_text *file,
                       grav_error *err)
{
    if (!file->given)
        return GRAV_OK;
    char *text = render(document, format);
    grav_status status = GRAV_OK;
    if (!text)
        return grav_no_memory(err, "the output");
    if (goes_to_stdout(file))
        fputs(text, stdout);
    else
        status = grav_file_write(file->value, text, err);
    free(text);
    return status;
}

grav_status bench_output(json_t *document, const bench_settings *settings, grav_error *err)
{
    round_numbers(document);
    const cli_text *json = &settings->common.json;
    if (!goes_to_stdout(json) && !goes_to_stdout(&settings->csv) &&
        !goes_to_stdout(&settings->markdown))
        bench_print_tables(document, TABLE_TEXT, stdout);
    grav_status status = put(document, FORMAT_JSON, json, err);
    if (status == GRAV_OK)
        status = put(document, FORMAT_CSV, &settings->csv, err);
    if (status == GRAV_OK)
        status = put(document, FORMAT_MARKDOWN, &settings->markdown, err);
    return status;
}
