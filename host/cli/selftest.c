/* graveler selftest */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "../json.h"
#include "commands.h"
#include "play.h"
#include "text.h"

static const char *const name = "selftest";

/* Everything there is to tell. */
typedef struct selftest_report {
    const cli_settings *settings;
    bool text;       /* print a line for each checked */
    json_t *checked; /* an object for each */
    int code;        /* how it ends so far */
} selftest_report;

/* ---- One check ------------------------------------------------------------------------------- */

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* A mismatch is what matters most; else the first failure says how it ends. */
static void note_failure(selftest_report *report, const grav_error *err)
{
    int code = cli_fail(name, err);
    if (report->code == CLI_DONE || code == CLI_MISMATCH)
        report->code = code;
}

/* Tells how the check of `who`, as text and as a JSON object that is given away, went. */
static void tell(selftest_report *report, const char *who, json_t *json, grav_status status,
                 double seconds, const grav_error *err)
{
    bool right = status == GRAV_OK;
    grav_json_set(&json, "right", json_boolean(right));
    if (right)
        grav_json_set(&json, "seconds", json_real(seconds));
    else
        grav_json_set(&json, "error", json_string(err->message));
    grav_json_append(&report->checked, json);
    if (report->text && right)
        printf("%-13s %s right in %.1f ms\n", who,
               text_counted(grav_selftest_answers(), "answer").text, 1e3 * seconds);
    else if (report->text)
        printf("%-13s %s\n", who, status == GRAV_ERROR_MISMATCH ? "WRONG" : "failed");
    if (!right)
        note_failure(report, err);
}

static void check_isa(selftest_report *report, grav_isa isa)
{
    char who[32];
    grav_error err = {0};
    unsigned threads = (unsigned)report->settings->threads.value;
    double start_s = now_s();
    grav_status status = grav_selftest(GRAV_BACKEND_CPU, 0, isa, threads, &err);
    double seconds = now_s() - start_s;
    snprintf(who, sizeof who, "CPU %s", grav_isa_name((int)isa));
    tell(report, who,
         json_pack("{s:s, s:s}", "backend", grav_backend_name(GRAV_BACKEND_CPU), "isa",
                   grav_isa_name((int)isa)),
         status, seconds, &err);
}

static void check_gpu(selftest_report *report, int device)
{
    char who[300];
    grav_error err = {0};
    grav_gpu_info gpu = {0};
    double start_s = now_s();
    grav_status status = grav_selftest(GRAV_BACKEND_CUDA, device, GRAV_ISA_AUTO, 0, &err);
    double seconds = now_s() - start_s;
    if (status != GRAV_ERROR_INVALID)
        grav_gpu(device, &gpu, NULL); /* one that fails at this, too, has no name */
    snprintf(who, sizeof who, "GPU %d%s%s", device, *gpu.name ? ", " : "", gpu.name);
    tell(report, who,
         json_pack("{s:s, s:i, s:s}", "backend", grav_backend_name(GRAV_BACKEND_CUDA), "device",
                   device, "name", gpu.name),
         status, seconds, &err);
}

/* ---- All checks ------------------------------------------------------------------------------ */

/* Whether GPUs, or the CPU, are to be checked: a list of devices alone names GPUs alone. */
static bool wants_gpus(const cli_settings *settings)
{
    return settings->backend.value != GRAV_BACKEND_CPU;
}

static bool wants_cpu(const cli_settings *settings)
{
    if (settings->backend.value == GRAV_BACKEND_AUTO)
        return !settings->devices.given;
    return settings->backend.value != GRAV_BACKEND_CUDA;
}

/* The isa asked for, or every one that this CPU has, the best first. */
static void check_cpu(selftest_report *report)
{
    grav_isa asked = (grav_isa)report->settings->isa.value;
    if (asked != GRAV_ISA_AUTO)
        check_isa(report, asked);
    for (int isa = GRAV_ISA_AVX512; asked == GRAV_ISA_AUTO && isa >= GRAV_ISA_PORTABLE; isa--)
        if (grav_cpu_has((grav_isa)isa))
            check_isa(report, (grav_isa)isa);
}

/* The GPUs asked for, or all. None at all is a failure only where they were asked for. */
static void check_gpus(selftest_report *report, json_t **json)
{
    int gpus = 0;
    grav_error err;
    const cli_list *devices = &report->settings->devices;
    grav_status status = grav_gpu_count(&gpus, &err);
    if (status != GRAV_OK)
        grav_json_set(json, "no_gpus_because", json_string(err.message));
    if (status != GRAV_OK && report->text)
        printf("%-13s none: %s\n", "GPU", err.message);
    if (status != GRAV_OK &&
        (devices->given || report->settings->backend.value == GRAV_BACKEND_CUDA))
        note_failure(report, &err);
    if (status != GRAV_OK)
        return;
    size_t count = devices->given ? devices->count : (size_t)gpus;
    for (size_t i = 0; i < count; i++)
        check_gpu(report, devices->given ? devices->values[i] : (int)i);
}

/* Writes the JSON, which is given away with the list of what was checked. */
static void write_json(selftest_report *report, json_t *json)
{
    char *text = NULL;
    grav_error err;
    grav_json_set(&json, "checked", report->checked);
    grav_json_set(&json, "right", json_boolean(report->code == CLI_DONE));
    grav_status status = grav_json_text(json, &text, &err);
    if (status == GRAV_OK)
        status = cli_write_json(report->settings, text, &err);
    if (status != GRAV_OK)
        note_failure(report, &err);
    free(text);
}

/* ---- The command ----------------------------------------------------------------------------- */

/* Refuses what contradicts itself, as a run does. */
static grav_status check_settings(const cli_settings *settings, grav_error *err)
{
    grav_run_spec spec;
    grav_experiment *founding = NULL;
    cli_where(settings, &spec);
    grav_status status = cli_experiment(settings, &founding, err);
    if (status == GRAV_OK)
        status = grav_run_check(founding, &spec, err);
    if (status == GRAV_OK)
        status = cli_check_json_file(settings, err);
    grav_experiment_destroy(founding);
    return status;
}

static int run(const cli_settings *settings)
{
    grav_error err;
    if (check_settings(settings, &err) != GRAV_OK)
        return cli_fail(name, &err);
    selftest_report report = {
        .settings = settings,
        .text = !settings->json.given || cli_json_file(settings),
        .checked = json_array(),
    };
    json_t *json = json_pack("{s:s, s:i, s:{s:s, s:s}, s:i}", "format", "graveler-selftest",
                             "version", 1, "program", "version", GRAV_VERSION, "commit",
                             grav_commit(), "answers", (int)grav_selftest_answers());
    if (wants_cpu(settings))
        check_cpu(&report);
    if (wants_gpus(settings))
        check_gpus(&report, &json);
    if (settings->json.given) {
        write_json(&report, json);
    } else {
        json_decref(report.checked);
        json_decref(json);
    }
    return cli_finish_output(name, report.code);
}

static const cli_option output_options[] = {
    {.argument = "Output:"},
    {"json", "FILE", "write what was found as JSON (to stdout)", CLI_FILE,
     offsetof(cli_settings, json), 0, 0, NULL},
    {0},
};

const cli_command cli_selftest_command = {
    .name = "selftest",
    .summary = "hold the CPU and the GPUs against known answers",
    .example = "graveler selftest",
    .help = "Plays small runs of every kind, whose answers are known, on every isa of the CPU and "
            "on every GPU, or where the options say, and compares. Takes less than a second.",
    .tables = (const cli_option *const[]){cli_where_options, output_options, NULL},
    .run = run,
};
