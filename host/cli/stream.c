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
    WORDS_DEFAULT = 12, /* three Philox blocks: what a session of the founding job reads */
    WORDS_MAX = 1 << 20,
    BUFFER_WORDS = 1 << 14,
};

/* Words on their way to stdout. */
typedef struct stream {
    uint32_t words[BUFFER_WORDS];
    size_t count;
} stream;

/* 1: written; 0: the reader has closed the pipe; -1: an error, in errno. */
static int flush(stream *out)
{
    const char *at = (const char *)out->words;
    size_t left = out->count * sizeof *out->words;
    while (left) {
        ssize_t written = write(STDOUT_FILENO, at, left);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return errno == EPIPE ? 0 : -1;
        at += written;
        left -= (size_t)written;
    }
    out->count = 0;
    return 1;
}

/* Adds words [0, count) of a session, writing as the buffer fills. Returns as flush() does. */
static int add_session(stream *out, grav_engine engine, uint64_t seed, uint64_t session,
                       uint64_t count)
{
    for (uint64_t first = 0; first < count;) {
        size_t room = BUFFER_WORDS - out->count;
        size_t now = count - first < room ? (size_t)(count - first) : room;
        uint32_t *words = out->words + out->count;
        grav_words(engine, seed, session, first, now, words);
        for (size_t i = 0; i < now; i++)
            words[i] = htole32(words[i]);
        out->count += now;
        first += now;
        if (out->count == BUFFER_WORDS) {
            int written = flush(out);
            if (written != 1)
                return written;
        }
    }
    return 1;
}

static int run(const cli_settings *settings)
{
    static stream out;
    if (!settings->seed.given) {
        fprintf(stderr, "graveler %s: --seed is missing: which stream is it?\n", name);
        return CLI_WRONG;
    }
    if (isatty(STDOUT_FILENO)) {
        fprintf(stderr, "graveler %s: the words are binary: send them to a pipe or a file\n", name);
        return CLI_WRONG;
    }
    grav_engine engine = (grav_engine)settings->engine.value;
    uint64_t words = settings->words.given ? settings->words.value : WORDS_DEFAULT;
    int written = 1;
    signal(SIGPIPE, SIG_IGN);
    for (uint64_t session = settings->first.value; written == 1 && session < GRAV_SESSIONS_END;
         session++)
        written = add_session(&out, engine, settings->seed.value, session, words);
    if (written == 1)
        written = flush(&out);
    if (written >= 0)
        return CLI_DONE;
    fprintf(stderr, "graveler %s: standard output cannot be written: %s\n", name, strerror(errno));
    return CLI_FAILED;
}

#define VALUE(member) offsetof(cli_settings, member)

static const cli_option stream_options[] = {
    {.argument = "Stream:"},
    {"seed", "S", "seed, decimal or 0x... (must be given)", CLI_COUNT, VALUE(seed), 0, UINT64_MAX,
     NULL},
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
