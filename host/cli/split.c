/* graveler split */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
#include "play.h"
#include "text.h"

static const char *const name = "split";

static grav_status check(const cli_settings *settings, grav_error *err)
{
    uint64_t first, sessions;
    err->status = GRAV_ERROR_INVALID;
    if (!settings->sessions.given)
        snprintf(err->message, sizeof err->message,
                 "--sessions is missing: how many are there to split?");
    else if (!settings->parts.given)
        snprintf(err->message, sizeof err->message, "--parts is missing: into how many parts?");
    else if (settings->part.given && settings->json.given)
        snprintf(err->message, sizeof err->message,
                 "--part contradicts --json, which lists all parts: give one of them");
    else if (!settings->part.given && settings->parts.value > GRAV_SPLIT_LIST_MAX)
        snprintf(err->message, sizeof err->message,
                 "--parts: %" PRIu64 " are too many to list, at most %" PRIu32
                 ": ask for one by --part",
                 settings->parts.value, GRAV_SPLIT_LIST_MAX);
    else if (grav_split(settings->first.value, settings->sessions.value, settings->parts.value,
                        settings->part.value, &first, &sessions, err) == GRAV_OK)
        return cli_check_json_file(settings, err);
    return err->status;
}

/* Says on stderr that there are empty parts. */
static void tell_empty(const cli_settings *settings)
{
    uint64_t parts = settings->parts.value, sessions = settings->sessions.value;
    if (sessions < parts)
        fprintf(stderr, "%s %s: %s of %s parts %s empty: there are more parts than sessions (%s)\n",
                cli_program, name, text_count(parts - sessions).text, text_count(parts).text,
                parts - sessions == 1 ? "is" : "are", text_count(sessions).text);
}

/* The options that play one part. Without sessions, too: run refuses those of an empty part, but
 * would play a billion if it got none. */
static grav_status print_part(const cli_settings *settings, grav_error *err)
{
    uint64_t first, sessions;
    grav_status status =
        grav_split(settings->first.value, settings->sessions.value, settings->parts.value,
                   settings->part.value, &first, &sessions, err);
    if (status != GRAV_OK)
        return status;
    printf("--first %" PRIu64 " --sessions %" PRIu64 "\n", first, sessions);
    if (!sessions)
        fprintf(stderr, "%s %s: part %s is empty: there are more parts (%s) than sessions (%s)\n",
                cli_program, name, text_count(settings->part.value).text,
                text_count(settings->parts.value).text, text_count(settings->sessions.value).text);
    return GRAV_OK;
}

static grav_status print_parts(const cli_settings *settings, grav_error *err)
{
    for (uint64_t part = 0; part < settings->parts.value; part++) {
        uint64_t first, sessions;
        grav_status status = grav_split(settings->first.value, settings->sessions.value,
                                        settings->parts.value, part, &first, &sessions, err);
        if (status != GRAV_OK)
            return status;
        if (sessions)
            printf("part %" PRIu64 ": --first %" PRIu64 " --sessions %" PRIu64 "\n", part, first,
                   sessions);
        else
            printf("part %" PRIu64 ": empty\n", part);
    }
    return GRAV_OK;
}

static grav_status write_json(const cli_settings *settings, grav_error *err)
{
    char *text;
    grav_status status = grav_split_json(settings->first.value, settings->sessions.value,
                                         settings->parts.value, &text, err);
    if (status != GRAV_OK)
        return status;
    status = cli_write_json(settings, text, err);
    free(text);
    return status;
}

static grav_status print_split(const cli_settings *settings, grav_error *err)
{
    if (settings->part.given)
        return print_part(settings, err);
    grav_status status = GRAV_OK;
    if (!settings->json.given || cli_json_file(settings))
        status = print_parts(settings, err);
    if (status == GRAV_OK && settings->json.given)
        status = write_json(settings, err);
    if (status == GRAV_OK)
        tell_empty(settings);
    return status;
}

static int run(const cli_settings *settings)
{
    grav_error err;
    grav_status status = check(settings, &err);
    if (status == GRAV_OK)
        status = print_split(settings, &err);
    return cli_finish_output(name, status == GRAV_OK ? CLI_DONE : cli_fail(name, &err));
}

#define VALUE(member) offsetof(cli_settings, member)

static const cli_option split_options[] = {
    {.argument = "Split:"},
    {"sessions", "N", "sessions to split: 1e9, 2^30 (must be given)", CLI_COUNT, VALUE(sessions), 1,
     GRAV_SESSIONS_END, NULL},
    {"parts", "P", "parts to make of them (must be given)", CLI_COUNT, VALUE(parts), 1, UINT64_MAX,
     NULL},
    {"first", "K", "index of the first session (0)", CLI_COUNT, VALUE(first), 0, GRAV_SESSIONS_END,
     NULL},
    {0},
};

static const cli_option output_options[] = {
    {.argument = "Output:"},
    {"part", "I", "print the options of this part alone, from 0", CLI_COUNT, VALUE(part), 0,
     UINT64_MAX, NULL},
    {"json", "FILE", "write the parts as JSON (to stdout)", CLI_FILE, VALUE(json), 0, 0, NULL},
    {0},
};

const cli_command cli_split_command = {
    .name = "split",
    .summary = "split a run into parts, for many machines to play",
    .example = "graveler split --sessions 1e12 --parts 1000",
    .help = "Splits sessions into parts, in order, whose sizes differ by at most one, and prints "
            "for each the options with which run plays it.",
    .tables = (const cli_option *const[]){split_options, output_options, NULL},
    .run = run,
};
