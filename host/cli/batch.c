/* graveler batch */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "batch_play.h"
#include "commands.h"
#include "play.h"
#include "text.h"

static const char *const name = "batch";

/* ---- Before ---------------------------------------------------------------------------------- */

static bool has_file(const cli_settings *settings)
{
    return settings->output.given && strcmp(settings->output.value, "-") != 0;
}

static grav_status check(const cli_settings *settings, grav_error *err)
{
    const char *wrong = NULL;
    if (settings->resume.given && !has_file(settings))
        wrong = "--resume wants --output FILE, which holds the answers so far";
    else if (settings->retry_failed.given && !settings->resume.given)
        wrong = "--retry-failed wants --resume: it plays again what has failed before";
    if (!wrong)
        return GRAV_OK;
    err->status = GRAV_ERROR_INVALID;
    snprintf(err->message, sizeof err->message, "%s", wrong);
    return err->status;
}

static cli_jobs jobs_of(const cli_settings *settings)
{
    static char *standard_input[] = {"-"};
    bool named = settings->operand_count > 0;
    return (cli_jobs){.files = named ? settings->operands : standard_input,
                      .count = named ? settings->operand_count : 1,
                      .csv = settings->csv.given};
}

/* ---- Afterwards ------------------------------------------------------------------------------ */

static void tell_summary(const cli_batch_count *count, const cli_answered *answered)
{
    fprintf(stderr, "%s %s: %s", cli_program, name,
            text_counted(count->succeeded + count->failed, "job").text);
    if (count->failed)
        fprintf(stderr, ", %s failed", text_count(count->failed).text);
    fprintf(stderr, ": %s in %s", text_counted(count->sessions, "session").text,
            text_seconds(count->seconds).text);
    if (count->sessions && count->seconds > 0)
        fprintf(stderr, ", %s", text_rate((double)count->sessions / count->seconds).text);
    if (count->before)
        fprintf(stderr, "; answered before: %s", text_counted(count->before, "job").text);
    if (answered->failed)
        fprintf(stderr, "; %s of those there failed (--retry-failed plays them again)",
                text_counted(answered->failed, "answer").text);
    putc('\n', stderr);
}

/* Says why it ended early, and how to go on. */
static void tell_end(const cli_settings *settings, const cli_batch_count *count, const char *why)
{
    fprintf(stderr, "%s %s: %s after %s", cli_program, name, why,
            text_counted(count->succeeded + count->failed, "answer").text);
    if (count->unanswered)
        fprintf(stderr, "; %s under way had none yet", text_counted(count->unanswered, "job").text);
    putc('\n', stderr);
    if (has_file(settings))
        cli_tell_command(name, settings, settings->resume.given ? "" : " --resume");
}

static int code_of(const cli_batch_count *count, const cli_answered *answered)
{
    if (count->mismatched)
        return CLI_MISMATCH;
    return count->failed || answered->failed ? CLI_FAILED : CLI_DONE;
}

/* Tells how it went, and gives the exit code. */
static int finish(const cli_settings *settings, const cli_batch_count *count,
                  const cli_answered *answered, const cli_answers *answers)
{
    int code = code_of(count, answered);
    grav_error err = {GRAV_ERROR_FILE, ""};
    if (answers->failure) {
        snprintf(err.message, sizeof err.message, "%.300s cannot be written: %s; %s lost",
                 has_file(settings) ? settings->output.value : "standard output",
                 strerror(answers->failure),
                 answers->lost == 1 ? "1 answer is"
                                    : (char *)text_counted(answers->lost, "answer").text);
        code = cli_fail(name, &err);
    }
    if (count->no_memory) {
        err = (grav_error){GRAV_ERROR_MEMORY, "there is no memory for more answers"};
        code = cli_fail(name, &err);
    }
    bool early = answers->failure || count->no_memory || count->interrupted || count->halted;
    if (early)
        tell_end(settings, count,
                 count->interrupted ? "interrupted"
                 : count->halted    ? "halted by an error"
                                    : "ended");
    if (!settings->quiet.given)
        tell_summary(count, answered);
    return count->interrupted && code != CLI_MISMATCH && !answers->failure ? CLI_INTERRUPTED : code;
}

/* ---- The command ----------------------------------------------------------------------------- */

static int play(const cli_settings *settings, cli_jobs *jobs, cli_answered *answered,
                cli_output *output)
{
    grav_error err;
    cli_answers answers;
    cli_batch_count count;
    cli_answers_init(&answers, output->file, settings->order.value == CLI_ORDER_INPUT);
    grav_status status = cli_batch_play(settings, jobs, answered, &answers, &count, &err);
    int why = cli_output_close(output);
    answers.failure = answers.failure ? answers.failure : why;
    int code = finish(settings, &count, answered, &answers);
    if (status != GRAV_OK)
        code = cli_fail(name, &err);
    cli_answers_free(&answers);
    return code;
}

static int run(const cli_settings *settings)
{
    grav_error err;
    cli_output output = {.file = -1};
    cli_answered answered = {0};
    cli_jobs jobs = jobs_of(settings);
    cli_output_spec spec = {.path = settings->output.given ? settings->output.value : NULL,
                            .csv = settings->csv.given,
                            .resume = settings->resume.given,
                            .retry_failed = settings->retry_failed.given};
    grav_status status = check(settings, &err);
    if (status == GRAV_OK)
        status = cli_jobs_check(&jobs, &err);
    if (status == GRAV_OK)
        status = cli_output_open(&spec, &output, &answered, &err);
    if (status == GRAV_OK && output.cut)
        fprintf(stderr, "%s %s: %s: its last answer was cut short and is played again\n",
                cli_program, name, spec.path);
    int code = status == GRAV_OK ? play(settings, &jobs, &answered, &output) : cli_fail(name, &err);
    if (status != GRAV_OK)
        cli_output_close(&output);
    cli_jobs_free(&jobs);
    cli_answered_free(&answered);
    return code;
}

#define VALUE(member) offsetof(cli_settings, member)

static const char *order_name(int value)
{
    static const char *const names[] = {"input", "finish", NULL};
    return value <= CLI_ORDER_FINISH ? names[value] : NULL;
}

static const cli_option jobs_options[] = {
    {.argument = "Jobs:"},
    {"csv", NULL, "jobs and answers are CSV; the first line names the keys (JSON Lines)", CLI_FLAG,
     VALUE(csv), 0, 0, NULL},
    {"halt-on-error", NULL, "end at the first job that fails", CLI_FLAG, VALUE(halt_on_error), 0, 0,
     NULL},
    {"timeout", "TIME", "a job fails after so long: 10s, 5m", CLI_DURATION, VALUE(timeout), 1, 0,
     NULL},
    {.argument = "Output:"},
    {"order", "NAME", "input: as jobs come; finish: as they end (input)", CLI_CHOICE, VALUE(order),
     0, 0, order_name},
    {"output", "FILE", "write answers to a new FILE (to stdout)", CLI_TEXT, VALUE(output), 0, 0,
     NULL},
    {"o", NULL, NULL, CLI_LETTER, 0, 0, 0, NULL},
    {"resume", NULL, "go on with FILE: play jobs it has no answer for", CLI_FLAG, VALUE(resume), 0,
     0, NULL},
    {"retry-failed", NULL, "with --resume: play those again that have failed", CLI_FLAG,
     VALUE(retry_failed), 0, 0, NULL},
    {"quiet", NULL, "no summary at the end", CLI_FLAG, VALUE(quiet), 0, 0, NULL},
    {0},
};

const cli_command cli_batch_command = {
    .name = "batch",
    .summary = "play many jobs, from JSON Lines or CSV, and answer each",
    .example = "echo '{\"id\": \"a\", \"sessions\": 1e6, \"chance\": \"1/4\"}' | graveler batch",
    .help = "Plays jobs, one a line, side by side, and answers each with a line: its result, or "
            "what is wrong with it. A job has the names of run's options as keys, and an id.",
    .operands = "[FILE...|-]",
    .tables =
        (const cli_option *const[]){jobs_options, cli_progress_options, cli_where_options, NULL},
    .run = run,
};
