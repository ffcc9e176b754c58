/* graveler verify */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>

#include "commands.h"
#include "play.h"
#include "text.h"

static const char *const name = "verify";

/* Ends a line about a check; true where the check was passed. */
static bool passed(const char *label, grav_status status, const char *what)
{
    printf("%-10s%s\n", label, status == GRAV_OK ? what : "WRONG");
    return status == GRAV_OK;
}

/* Everything that can be told without playing. */
static grav_status check_file(const char *path, const grav_result *result, const grav_law *law,
                              grav_error *err)
{
    grav_summary summary;
    char digest[GRAV_DIGEST_SIZE], record[128];
    grav_result_summary(result, &summary);
    grav_result_digest(result, digest);
    if (!passed("File", grav_verify_file(path, result, law, err),
                "checksum, digest and all that follows from the histogram are right"))
        return err->status;
    if (!law)
        printf("%-10snot checked: it is not worked out for this experiment\n", "Law");
    else if (!passed("Law", grav_verify_law(result, law, err), "fits"))
        return err->status;
    snprintf(record, sizeof record, "session %" PRIu64 " scores %" PRIu64 ", played again",
             summary.max_session, summary.max_score);
    if (!passed("Record", grav_verify_record(result, err),
                summary.sessions ? record : "nothing was played"))
        return err->status;
    printf("%-10s%s\n", "Digest", digest);
    return GRAV_OK;
}

/* Plays all of it again. */
static grav_status check_sessions(const cli_settings *settings, const grav_result *result,
                                  bool *stopped, grav_error *err)
{
    grav_run_spec where;
    grav_summary summary;
    char what[128];
    grav_result_summary(result, &summary);
    cli_where(settings, &where);
    grav_status status = cli_verify_full(name, settings, result, &where, stopped, err);
    if (*stopped)
        return status;
    snprintf(what, sizeof what, "%s, played again, are the same",
             text_counted(summary.sessions, "session").text);
    passed("Sessions", status, what);
    return status;
}

static int verify(const cli_settings *settings, const char *path, const grav_result *result)
{
    grav_error err;
    bool stopped = false;
    grav_law *law = NULL;
    int code = CLI_DONE;
    grav_law_create(grav_result_experiment(result), &law, NULL);
    grav_status status = check_file(path, result, law, &err);
    if (status == GRAV_OK && settings->full.given)
        status = check_sessions(settings, result, &stopped, &err);
    grav_law_destroy(law);
    if (status != GRAV_OK) {
        grav_error line = {.status = status};
        snprintf(line.message, sizeof line.message, "'%.200s': %.300s", path, err.message);
        code = cli_fail(name, &line);
    } else if (stopped) {
        fprintf(stderr, "graveler %s: interrupted: not all sessions were played again\n", name);
        code = CLI_INTERRUPTED;
    }
    return code;
}

static int run(const cli_settings *settings)
{
    grav_error err;
    grav_result *result;
    if (settings->operand_count != 1) {
        err = (grav_error){GRAV_ERROR_INVALID, "name the one result file to verify"};
        return cli_fail(name, &err);
    }
    if (grav_result_load(settings->operands[0], &result, &err) != GRAV_OK)
        return cli_fail(name, &err);
    int code = verify(settings, settings->operands[0], result);
    grav_result_destroy(result);
    return cli_finish_output(name, code);
}

static const cli_option verify_options[] = {
    {.argument = "Verify:"},
    {"full", NULL, "play all sessions again and compare", CLI_FLAG, offsetof(cli_settings, full), 0,
     0, NULL},
    {0},
};

const cli_command cli_verify_command = {
    .name = "verify",
    .summary = "check a result file, and what it says of its sessions",
    .example = "graveler verify result.json --full",
    .help = "Checks a result file: its checksum and digest, that all its figures follow from its "
            "histogram, that they fit the law, and that its record session scores what it says.",
    .operands = "FILE",
    .tables =
        (const cli_option *const[]){verify_options, cli_where_options, cli_progress_options, NULL},
    .run = run,
};
