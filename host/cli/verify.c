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
    printf("%-10s%s\n", label,
           status == GRAV_OK               ? what
           : status == GRAV_ERROR_MISMATCH ? "WRONG"
                                           : "failed");
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

/* The seed of the sample, drawn where it is not given. */
static grav_status sample_seed(const cli_settings *settings, uint64_t *seed, grav_error *err)
{
    *seed = settings->seed.value;
    return settings->sample.given && !settings->seed.given ? cli_random_seed(seed, err) : GRAV_OK;
}

/* Plays all of it again, or a sample. */
static grav_status check_sessions(const cli_settings *settings, const grav_result *result,
                                  bool *stopped, grav_error *err)
{
    uint64_t seed, sessions;
    grav_summary summary;
    char what[192], sample[64] = "";
    grav_status status = sample_seed(settings, &seed, err);
    if (status == GRAV_OK)
        status = cli_verify_sessions(name, settings, result, seed, &sessions, stopped, err);
    if (*stopped)
        return status;
    grav_result_summary(result, &summary);
    bool all = sessions == summary.sessions;
    if (settings->sample.given)
        snprintf(sample, sizeof sample, " (sample of seed 0x%" PRIx64 ")", seed);
    snprintf(what, sizeof what, "%s%s, played again, %s%s", all ? "all " : "",
             text_counted(sessions, "session").text, all ? "are the same" : "fit in", sample);
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
    if (status == GRAV_OK && (settings->full.given || settings->sample.given))
        status = check_sessions(settings, result, &stopped, &err);
    grav_law_destroy(law);
    if (status != GRAV_OK) {
        grav_error line = {.status = status};
        snprintf(line.message, sizeof line.message, "'%.200s': %.300s", path, err.message);
        code = cli_fail(name, &line);
    } else if (stopped) {
        fprintf(stderr, "%s %s: interrupted: not all sessions were played again\n", cli_program,
                name);
        code = CLI_INTERRUPTED;
    }
    return code;
}

static grav_status check_settings(const cli_settings *settings, grav_error *err)
{
    const char *wrong = NULL;
    if (settings->operand_count != 1)
        wrong = "name the one result file to verify";
    else if (settings->full.given && settings->sample.given)
        wrong = "--full contradicts --sample: give one of them";
    else if (settings->seed.given && !settings->sample.given)
        wrong = "--seed wants --sample: it is the sample's";
    if (!wrong)
        return GRAV_OK;
    *err = (grav_error){.status = GRAV_ERROR_INVALID};
    snprintf(err->message, sizeof err->message, "%s", wrong);
    return err->status;
}

static int run(const cli_settings *settings)
{
    grav_error err;
    grav_result *result;
    if (check_settings(settings, &err) != GRAV_OK)
        return cli_fail(name, &err);
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
    {"sample", "N", "play some of the sessions again, in N ranges, and compare", CLI_COUNT,
     offsetof(cli_settings, sample), 1, GRAV_SAMPLE_MAX, NULL},
    {"seed", "S", "with --sample: which ranges (drawn and printed)", CLI_COUNT,
     offsetof(cli_settings, seed), 0, UINT64_MAX, NULL},
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
