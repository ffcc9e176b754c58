/* graveler stream */
#include <endian.h>
#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"

static const char *const name = "stream";

enum {
    WORDS_DEFAULT = 12, /* what a session of the founding job reads */
    WORDS_MAX = 1 << 20,
    /* Sessions are written in groups that begin at multiples of this: engine `fast` makes the words
     * of so many together. */
    GROUP = 4096,
};

/* 1: written; 0: the reader has closed the pipe; -1: an error, in errno. */
static int write_words(uint32_t *words, size_t count)
{
    const char *at = (const char *)words;
    size_t left = count * sizeof *words;
    for (size_t i = 0; i < count; i++)
        words[i] = htole32(words[i]);
    while (left) {
        ssize_t written = write(STDOUT_FILENO, at, left);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errno == EPIPE ? 0 : -1;
        at += written;
        left -= (size_t)written;
    }
    return 1;
}

/* The end of the group of sessions to write next: as many as the words have room for. */
static uint64_t group_end(uint64_t session, uint64_t words_each)
{
    uint64_t end = session - session % GROUP + GROUP, room = WORDS_MAX / words_each;
    return end - session < room ? end : session + room;
}

static grav_status check(const cli_settings *settings, grav_error *err)
{
    uint64_t end = grav_engine_sessions_end((grav_engine)settings->engine.value);
    grav_status status = cli_check_seed(settings, "which stream is it?", err);
    if (status != GRAV_OK || settings->first.value < end)
        return status;
    err->status = GRAV_ERROR_INVALID;
    snprintf(err->message, sizeof err->message, "--first: engine %s has sessions 0 to %llu",
             grav_engine_name(settings->engine.value), (unsigned long long)end - 1);
    return err->status;
}

static int run(const cli_settings *settings)
{
    static uint32_t buffer[WORDS_MAX];
    grav_error err;
    if (check(settings, &err) != GRAV_OK)
        return cli_fail(name, &err);
    if (isatty(STDOUT_FILENO)) {
        fprintf(stderr, "%s %s: the words are binary: send them to a pipe or a file\n", cli_program,
                name);
        return CLI_WRONG;
    }
    grav_engine engine = (grav_engine)settings->engine.value;
    uint64_t words = settings->words.given ? settings->words.value : WORDS_DEFAULT;
    int written = 1;
    signal(SIGPIPE, SIG_IGN);
    uint64_t session = settings->first.value;
    while (written == 1 && session < grav_engine_sessions_end(engine)) {
        uint64_t end = group_end(session, words);
        grav_words_of_sessions(engine, settings->seed.value, session, end, words, buffer);
        written = write_words(buffer, (end - session) * words);
        session = end;
    }
    if (written >= 0)
        return CLI_DONE;
    fprintf(stderr, "%s %s: standard output cannot be written: %s\n", cli_program, name,
            strerror(errno));
    return CLI_FAILED;
}

#define VALUE(member) offsetof(cli_settings, member)

static const cli_option stream_options[] = {
    {.argument = "Stream:"},
    {"seed", "S", "seed, 42 or 0x2a (must be given, but for gen3)", CLI_COUNT, VALUE(seed), 0,
     UINT64_MAX, NULL},
    {"first", "K", "index of the first session (0)", CLI_COUNT, VALUE(first), 0,
     GRAV_SESSIONS_END - 1, NULL},
    {"words", "N", "words of each session (12)", CLI_COUNT, VALUE(words), 1, WORDS_MAX, NULL},
    {0},
};

const cli_command cli_stream_command = {
    .name = "stream",
    .summary = "write the random words of sessions, for test batteries",
    .example = "graveler stream --seed 42 | dieharder -g 200 -a",
    .help = "Writes the words of one session after another to standard output, as 32-bit "
            "little-endian numbers, until the reader closes the pipe.",
    .tables = (const cli_option *const[]){stream_options, cli_engine_options, NULL},
    .run = run,
};
