/* graveler selftest */
#include <stdio.h>
#include <stdlib.h>

#include "../clock.h"
#include "../json.h"
#include "commands.h"
#include "play.h"
#include "targets.h"
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

static void check(selftest_report *report, const cli_target *target)
{
    char who[TARGETS_NAME_SIZE];
    grav_error err = {0};
    bool cpu = target->backend == GRAV_BACKEND_CPU;
    unsigned threads = cpu ? (unsigned)report->settings->threads.value : 0;
    double start_s = grav_now_s();
    grav_status status = grav_selftest(target->backend, target->device, target->isa, threads, &err);
    double seconds = grav_now_s() - start_s;
    targets_name(target, who, sizeof who);
    tell(report, who, grav_json_device(target->backend, target->device, target->isa), status,
         seconds, &err);
}

/* ---- All checks ------------------------------------------------------------------------------ */

/* That there is no GPU is a failure only where one was asked for. */
static void tell_no_gpus(selftest_report *report, const grav_error *why, json_t **json)
{
    grav_json_set(json, "no_gpus_because", json_string(why->message));
    if (report->text)
        printf("%-13s none: %s\n", "GPU", why->message);
    if (targets_need_gpus(report->settings))
        note_failure(report, why);
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

static int run(const cli_settings *settings)
{
    grav_error err, no_gpus;
    cli_target targets[TARGETS_MAX];
    size_t count;
    if (targets_find(settings, true, targets, &count, &no_gpus, &err) != GRAV_OK)
        return cli_fail(name, &err);
    selftest_report report = {
        .settings = settings,
        .text = !settings->json.given || cli_json_file(settings),
        .checked = json_array(),
    };
    json_t *json = json_pack("{s:s, s:i, s:{s:s, s:s}, s:i}", "format", "graveler-selftest",
                             "version", 1, "program", "version", GRAV_VERSION, "commit",
                             grav_commit(), "answers", (int)grav_selftest_answers());
    for (size_t i = 0; i < count; i++)
        check(&report, &targets[i]);
    if (no_gpus.status != GRAV_OK)
        tell_no_gpus(&report, &no_gpus, &json);
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
