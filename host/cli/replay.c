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

enum {
    GROUP = 10, /* rolls of one character */
    LABEL_WIDTH = 10,
    TERMINAL_MIN = LABEL_WIDTH + GROUP + 1,
};

/* Rolls as they are shown: a character or a number each. */
typedef struct shown_rolls {
    const grav_experiment *experiment;
    const uint8_t *faces;
    uint32_t count;
    uint32_t streak_first, streak_end; /* the first of the longest streaks, if that is the score */
    int digits;                        /* of the highest value */
} shown_rolls;

static uint32_t value_of(const shown_rolls *rolls, uint32_t i)
{
    uint32_t value = 0;
    const char *chance;
    grav_experiment_face(rolls->experiment, rolls->faces[i], &value, &chance);
    return value;
}

/* Finds the first of the longest runs that score. */
static void find_streak(shown_rolls *rolls)
{
    uint32_t run = 0, longest = 0;
    if (grav_experiment_statistic(rolls->experiment) != GRAV_STATISTIC_STREAK)
        return;
    for (uint32_t i = 0; i < rolls->count; i++) {
        run = rolls->faces[i] == 0 ? run + 1 : 0;
        if (run > longest) {
            longest = run;
            rolls->streak_first = i + 1 - run;
            rolls->streak_end = i + 1;
        }
    }
}

static void print_roll(const shown_rolls *rolls, uint32_t i)
{
    if (rolls->digits > 1)
        printf(" %*" PRIu32, rolls->digits, value_of(rolls, i));
    else if (!grav_experiment_chance(rolls->experiment))
        printf("%" PRIu32, value_of(rolls, i));
    else if (i >= rolls->streak_first && i < rolls->streak_end)
        putchar('#');
    else
        putchar(rolls->faces[i] ? '.' : '1');
}

/* Prints every roll, in groups of ten where it takes one character, as many to a line as fit. */
static void print_rolls(const shown_rolls *rolls)
{
    int room = text_columns(STDOUT_FILENO);
    room = (room < TERMINAL_MIN ? TERMINAL_MIN : room) - LABEL_WIDTH;
    uint32_t per_line = rolls->digits > 1 ? (uint32_t)(room / (rolls->digits + 1))
                                          : (uint32_t)(room / (GROUP + 1)) * GROUP;
    per_line = per_line < 1 ? 1 : per_line;
    for (uint32_t line = 0; line < rolls->count; line += per_line) {
        uint32_t end = rolls->count - line < per_line ? rolls->count : line + per_line;
        printf("%*" PRIu32, LABEL_WIDTH - 1, line + 1);
        for (uint32_t i = line; i < end; i++) {
            if (rolls->digits == 1 && (i - line) % GROUP == 0)
                putchar(' ');
            print_roll(rolls, i);
        }
        putchar('\n');
    }
}

/* Shows the session's rolls: which score, or the values; `#` marks the streak. */
static void show_rolls(const grav_experiment *experiment, const uint8_t *faces)
{
    char text[16];
    uint32_t value, highest = 0;
    const char *chance;
    for (size_t i = 0; grav_experiment_face(experiment, i, &value, &chance); i++)
        highest = value > highest ? value : highest;
    shown_rolls rolls = {.experiment = experiment,
                         .faces = faces,
                         .count = grav_experiment_rolls(experiment),
                         .digits = snprintf(text, sizeof text, "%" PRIu32, highest)};
    find_streak(&rolls);
    print_rolls(&rolls);
    if (rolls.streak_end > 0)
        printf("\n%-16srolls %s to %s\n", "Longest streak", text_count(rolls.streak_first + 1).text,
               text_count(rolls.streak_end).text);
    else
        putchar('\n');
}

/* Prints floor(2^64 P(score <= score)), as 17 hexadecimal digits. */
static void print_threshold(uint64_t score, bool certain, uint64_t value, const char *side)
{
    char label[32];
    snprintf(label, sizeof label, "P(<= %" PRIu64 ")", score);
    printf("%-15s%s%016" PRIx64 "  of 2^64, %s\n", label, certain ? "0x1" : " 0x", value, side);
}

/* Prints a draw's words, where they come from, and the thresholds on both sides of it. */
static void print_draw(const grav_draw *draw, uint64_t session, uint64_t score_min)
{
    uint64_t block = session / 4;
    unsigned word = (unsigned)(session % 4), low = (unsigned)block, high = (unsigned)(block >> 32);
    printf("%-16s0x%08" PRIx32 "          word %u of Philox block (0, 0, %u, %u)\n", "High word",
           draw->high, word, low, high);
    printf("%-16s        0x%08" PRIx32 "  word %u of Philox block (1, 0, %u, %u)%s\n", "Low word",
           draw->low, word, low, high, draw->needs_low ? "" : ", not needed");
    if (draw->score > score_min)
        print_threshold(draw->score - 1, false, draw->at_least, "not above the draw");
    printf("%-16s0x%08" PRIx32 "%08" PRIx32 "  of 2^64\n", "Draw", draw->high, draw->low);
    print_threshold(draw->score, draw->below == 0, draw->below, "above the draw");
}

static void print_score(const grav_experiment *experiment, grav_engine engine, uint64_t score,
                        const char *words)
{
    uint64_t target;
    grav_law *law;
    grav_error err;
    printf("%-16s%s of %s (%s)\n", "Score", text_count(score).text,
           text_count(grav_experiment_score_max(experiment)).text, words);
    if (grav_law_create(experiment, &law, &err) == GRAV_OK) {
        printf("%-16s%s sessions%s score that much or more\n", "How lucky",
               text_one_in(grav_law_at_least(law, score)).text, report_of_fair_rolls(engine));
        grav_law_destroy(law);
    }
    if (report_print_target(experiment) && grav_experiment_target(experiment, &target))
        printf("%s\n", score >= target ? "reached" : "not reached");
}

static void print_session(const cli_settings *settings, const grav_experiment *experiment)
{
    grav_engine engine = (grav_engine)settings->engine.value;
    printf("Session %s", text_count(settings->session.value).text);
    if (grav_engine_has_seed(engine))
        printf(" of seed %" PRIu64, settings->seed.value);
    report_print_way(stdout, (grav_method)settings->method.value, engine,
                     cli_calls_per_roll(settings));
    printf(":\n");
    report_print_experiment(stdout, experiment);
    printf("\n\n");
}

static grav_status replay_rolls(const cli_settings *settings, const grav_experiment *experiment,
                                grav_error *err)
{
    uint32_t rolls = grav_experiment_rolls(experiment);
    uint64_t score, words;
    uint8_t *faces = malloc(rolls);
    if (!faces) {
        err->status = GRAV_ERROR_MEMORY;
        snprintf(err->message, sizeof err->message, "no memory for %" PRIu32 " rolls", rolls);
        return err->status;
    }
    grav_status status =
        grav_replay(experiment, GRAV_METHOD_ROLLS, (grav_engine)settings->engine.value,
                    cli_calls_per_roll(settings), settings->seed.value, settings->session.value,
                    faces, &score, &words, err);
    if (status == GRAV_OK) {
        print_session(settings, experiment);
        show_rolls(experiment, faces);
        char from[128] = "no word read";
        if (words > 1)
            snprintf(from, sizeof from, "from its first %s", text_counted(words, "word").text);
        else if (words == 1)
            snprintf(from, sizeof from, "from its first word");
        print_score(experiment, (grav_engine)settings->engine.value, score, from);
    }
    free(faces);
    return status;
}

static grav_status replay_draw(const cli_settings *settings, const grav_experiment *experiment,
                               grav_error *err)
{
    grav_draw draw;
    grav_status status =
        grav_replay_scores(experiment, (grav_engine)settings->engine.value, settings->seed.value,
                           settings->session.value, &draw, err);
    if (status != GRAV_OK)
        return status;
    print_session(settings, experiment);
    print_draw(&draw, settings->session.value, grav_experiment_score_min(experiment));
    putchar('\n');
    print_score(experiment, (grav_engine)settings->engine.value, draw.score,
                draw.needs_low ? "from both words" : "from the high word");
    return status;
}

static int run(const cli_settings *settings)
{
    grav_error err;
    grav_experiment *experiment;
    if (cli_check_seed(settings, "which session is it?", &err) != GRAV_OK)
        return cli_fail(name, &err);
    if (!settings->session.given) {
        fprintf(stderr, "%s %s: --session is missing: which session is it?\n", cli_program, name);
        return CLI_WRONG;
    }
    if (cli_experiment(settings, &experiment, &err) != GRAV_OK)
        return cli_fail(name, &err);
    grav_status status = settings->method.value == GRAV_METHOD_SCORES
                             ? replay_draw(settings, experiment, &err)
                             : replay_rolls(settings, experiment, &err);
    grav_experiment_destroy(experiment);
    return cli_finish_output(name, status == GRAV_OK ? CLI_DONE : cli_fail(name, &err));
}

#define VALUE(member) offsetof(cli_settings, member)

static const cli_option replay_options[] = {
    {.argument = "Session:"},
    {"seed", "S", "seed, 42 or 0x2a (must be given, but for gen3)", CLI_COUNT, VALUE(seed), 0,
     UINT64_MAX, NULL},
    {"session", "K", "index of the session (must be given)", CLI_COUNT, VALUE(session), 0,
     GRAV_SESSIONS_END - 1, NULL},
    {0},
};

const cli_command cli_replay_command = {
    .name = "replay",
    .summary = "play one session again and show every roll, or its draw",
    .example = "graveler replay --seed 42 --session 413",
    .help = "Rolls one session again and shows every roll (1: it scores, #: in the streak; or its "
            "value) and the score, or with --method scores its draw and the law's thresholds on "
            "both sides.",
    .tables = (const cli_option *const[]){replay_options, cli_method_options, cli_engine_options,
                                          cli_calls_options, cli_experiment_options, NULL},
    .run = run,
};
