/* graveler replay */
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"
#include "report.h"
#include "text.h"

static const char *const name = "replay";

enum { GROUP = 10, LABEL_WIDTH = 10 };

/* Prints every roll, in groups of ten, as many to a line as fit. */
static void print_rolls(const uint8_t *scored, uint32_t rolls)
{
    int groups = (text_columns(STDOUT_FILENO) - LABEL_WIDTH) / (GROUP + 1);
    uint32_t per_line = groups > 0 ? (uint32_t)groups * GROUP : GROUP;
    for (uint32_t line = 0; line < rolls; line += per_line) {
        uint32_t end = rolls - line < per_line ? rolls : line + per_line;
        printf("%*" PRIu32, LABEL_WIDTH - 1, line + 1);
        for (uint32_t i = line; i < end; i++) {
            if ((i - line) % GROUP == 0)
                putchar(' ');
            putchar(scored[i] ? '1' : '.');
        }
        putchar('\n');
    }
}

static void print_score(const grav_experiment *experiment, uint64_t score, uint64_t words)
{
    uint64_t target;
    grav_law *law;
    grav_error err;
    printf("\n%-16s%s of %s (%s read)\n", "Score", text_count(score).text,
           text_count(grav_experiment_score_max(experiment)).text,
           text_counted(words, "word").text);
    if (grav_law_create(experiment, &law, &err) == GRAV_OK) {
        printf("%-16s%s sessions score that much or more\n", "How lucky",
               text_one_in(grav_law_at_least(law, score)).text);
        grav_law_destroy(law);
    }
    if (report_print_target(experiment) && grav_experiment_target(experiment, &target))
        printf("%s\n", score >= target ? "reached" : "not reached");
}

static int replay_and_print(const cli_settings *settings, const grav_experiment *experiment)
{
    grav_error err;
    grav_method method = (grav_method)settings->method.value;
    grav_engine engine = (grav_engine)settings->engine.value;
    uint32_t rolls = grav_experiment_rolls(experiment);
    uint64_t score, words;
    uint8_t *scored = malloc(rolls);
    if (!scored) {
        fprintf(stderr, "graveler %s: no memory for %" PRIu32 " rolls\n", name, rolls);
        return CLI_FAILED;
    }
    int code = CLI_DONE;
    if (grav_replay(experiment, method, engine, settings->seed.value, settings->session.value,
                    scored, &score, &words, &err) == GRAV_OK) {
        printf("Session %s of seed %" PRIu64 ": %s at chance %s, method %s, engine %s\n\n",
               text_count(settings->session.value).text, settings->seed.value,
               text_counted(rolls, "roll").text, grav_experiment_chance(experiment),
               grav_method_name((int)method), grav_engine_name((int)engine));
        print_rolls(scored, rolls);
        print_score(experiment, score, words);
    } else {
        code = cli_fail(name, &err);
    }
    free(scored);
    return cli_finish_output(name, code);
}

static int run(const cli_settings *settings)
{
    grav_error err;
    grav_experiment *experiment;
    if (!settings->seed.given || !settings->session.given) {
        fprintf(stderr, "graveler %s: --%s is missing: which session is it?\n", name,
                settings->seed.given ? "session" : "seed");
        return CLI_WRONG;
    }
    if (cli_experiment(settings, &experiment, &err) != GRAV_OK)
        return cli_fail(name, &err);
    int code = replay_and_print(settings, experiment);
    grav_experiment_destroy(experiment);
    return code;
}

#define VALUE(member) offsetof(cli_settings, member)

static const cli_option replay_options[] = {
    {.argument = "Session:"},
    {"seed", "S", "seed, decimal or 0x... (must be given)", CLI_COUNT, VALUE(seed), 0, UINT64_MAX,
     NULL},
    {"session", "K", "index of the session (must be given)", CLI_COUNT, VALUE(session), 0,
     GRAV_SESSIONS_END - 1, NULL},
    {0},
};

const cli_command cli_replay_command = {
    .name = "replay",
    .summary = "roll one session again and show every roll",
    .example = "graveler replay --seed 42 --session 413",
    .help = "Rolls one session again and shows every roll (1: it scores) and the score.",
    .tables = (const cli_option *const[]){replay_options, cli_method_options, cli_engine_options,
                                          cli_experiment_options, NULL},
    .run = run,
};
