#include "options.h"

#include <argp.h>
#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

const char *cli_program = "graveler";
grav_team *cli_team;

enum {
    OPTIONS_MAX = 64,
    FIRST_KEY = 0x1000, /* above any character */
    HELP_KEY = 'h',
};

#define VALUE(member) offsetof(cli_settings, member)

static const char *preset_name(int value)
{
    const grav_preset *preset = value >= 0 ? grav_preset_at((size_t)value) : NULL;
    return preset ? preset->name : NULL;
}

const cli_option cli_experiment_options[] = {
    {.argument = "Experiment:"},
    {"preset", "NAME", "a known question, which other options change: see presets", CLI_TEXT,
     VALUE(preset), 0, 0, preset_name},
    {"rolls", "N", "rolls per session (231)", CLI_COUNT, VALUE(rolls), 1, GRAV_ROLLS_MAX, NULL},
    {"chance", "P", "chance of a roll to score: 1/4, 0.25 or 25% (1/4)", CLI_TEXT, VALUE(chance), 0,
     0, NULL},
    {"die", "LIST", "faces instead: 1x1,0x3 or 1,2,3 or 0..10, as VALUExWEIGHT", CLI_TEXT,
     VALUE(die), 0, 0, NULL},
    {"statistic", "NAME", "sum, or streak: the longest run that scores (sum)", CLI_CHOICE,
     VALUE(statistic), 0, 0, grav_statistic_name},
    {"target", "N", "the score asked about (177; none with --die)", CLI_COUNT, VALUE(target), 0,
     GRAV_SCORE_MAX, NULL},
    {0},
};

const cli_option cli_method_options[] = {
    {"method", "NAME", "rolls, or scores: one draw from the law (rolls)", CLI_CHOICE, VALUE(method),
     0, 0, grav_method_name},
    {0},
};

const cli_option cli_engine_options[] = {
    {"engine", "NAME", "philox, philox7, fast or gen3 (philox)", CLI_CHOICE, VALUE(engine), 0, 0,
     grav_engine_name},
    {0},
};

const cli_option cli_calls_options[] = {
    {"calls-per-roll", "K", "engine gen3: its steps for each roll (1)", CLI_COUNT,
     VALUE(calls_per_roll), 1, UINT32_MAX, NULL},
    {0},
};

const cli_option cli_where_options[] = {
    {.argument = "Where:"},
    {"backend", "NAME", "auto, cpu, cuda or all (auto)", CLI_CHOICE, VALUE(backend), 0, 0,
     grav_backend_name},
    {"devices", "LIST", "GPUs to use, such as 0,1 (all)", CLI_LIST, VALUE(devices), 0, 4096, NULL},
    {"threads", "N", "threads of the CPU (one a processor)", CLI_COUNT, VALUE(threads), 1,
     GRAV_THREADS_MAX, NULL},
    {"isa", "NAME", "auto, portable, avx2 or avx512 (auto)", CLI_CHOICE, VALUE(isa), 0, 0,
     grav_isa_name},
    {0},
};

const char *cli_progress_name(int value)
{
    static const char *const names[] = {[CLI_PROGRESS_AUTO] = "auto",
                                        [CLI_PROGRESS_ALWAYS] = "always",
                                        [CLI_PROGRESS_NEVER] = "never"};
    return value >= 0 && value <= CLI_PROGRESS_NEVER ? names[value] : NULL;
}

/* A command line being read. */
typedef struct parse_state {
    const cli_command *command;
    const cli_option *rows[OPTIONS_MAX]; /* row i has the key keys[i] */
    int keys[OPTIONS_MAX];               /* FIRST_KEY + i, or the letter that stands for it, too */
    size_t count;
    cli_settings *settings;
    bool help;
    bool told; /* an error has been printed */
} parse_state;

__attribute__((format(printf, 2, 3))) static error_t refuse(parse_state *state, const char *format,
                                                            ...)
{
    grav_error err = {.status = GRAV_ERROR_INVALID};
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(err.message, sizeof err.message, format, arguments);
    va_end(arguments);
    cli_fail(state->command->name, &err);
    state->told = true;
    return EINVAL;
}

/* ---- Values ---------------------------------------------------------------------------------- */

static grav_status read_choice(const cli_option *row, const char *text, cli_choice *out,
                               grav_error *err)
{
    char allowed[256] = "";
    for (int i = 0; row->name_of(i); i++) {
        if (strcmp(text, row->name_of(i)) == 0) {
            out->value = i;
            return GRAV_OK;
        }
        size_t used = strlen(allowed);
        snprintf(allowed + used, sizeof allowed - used, "%s%s", i ? ", " : "", row->name_of(i));
    }
    err->status = GRAV_ERROR_INVALID;
    snprintf(err->message, sizeof err->message, "'%.64s' is unknown; there is: %s", text, allowed);
    return err->status;
}

static grav_status read_list(const cli_option *row, const char *text, cli_list *out,
                             grav_error *err)
{
    out->count = 0;
    for (const char *at = text;; at++) {
        char item[32];
        uint64_t value;
        size_t length = strcspn(at, ",");
        snprintf(item, sizeof item, "%.*s", (int)length, at);
        if (out->count == CLI_LIST_MAX || length >= sizeof item ||
            grav_parse_count(item, row->min, row->max - 1, &value, NULL) != GRAV_OK) {
            err->status = GRAV_ERROR_INVALID;
            snprintf(err->message, sizeof err->message,
                     "'%.64s' is not a list of at most %d numbers such as 0,1", text, CLI_LIST_MAX);
            return err->status;
        }
        out->values[out->count++] = (int)value;
        at += length;
        if (*at == 0)
            return GRAV_OK;
    }
}

grav_status cli_read_value(const cli_option *row, const char *text, cli_settings *settings,
                           grav_error *err)
{
    char *value = (char *)settings + row->offset;
    *(bool *)value = true;
    switch (row->kind) {
    case CLI_FLAG:
        return GRAV_OK;
    case CLI_COUNT_OR_ALL:
        ((cli_count *)value)->value = 0;
        if (strcmp(text, "all") == 0)
            return GRAV_OK;
        /* fall through */
    case CLI_COUNT:
        return grav_parse_count(text, row->min, row->max, &((cli_count *)value)->value, err);
    case CLI_CHOICE:
        return read_choice(row, text, (cli_choice *)value, err);
    case CLI_DURATION:
        return grav_parse_duration(text, 1e-3 * (double)row->min, &((cli_duration *)value)->seconds,
                                   err);
    case CLI_LIST:
        return read_list(row, text, (cli_list *)value, err);
    case CLI_TEXT:
    case CLI_FILE:
        ((cli_text *)value)->value = text;
        return GRAV_OK;
    case CLI_LETTER: /* not a row of its own */
        break;
    }
    return GRAV_OK;
}

/* ---- Command lines --------------------------------------------------------------------------- */

static error_t read_value(parse_state *state, const cli_option *row, const char *text)
{
    grav_error err;
    if (cli_read_value(row, text, state->settings, &err) == GRAV_OK)
        return 0;
    return refuse(state, "--%s: %s", row->name, err.message);
}

/* The argument of `--json FILE`: getopt hands over only `--json=FILE`. */
static const char *file_argument(struct argp_state *argp, const char *text)
{
    if (text || argp->next >= argp->argc)
        return text ? text : "-";
    const char *next = argp->argv[argp->next];
    if (next[0] == '-' && next[1] != 0)
        return "-";
    argp->next++;
    return next;
}

/* The row whose name the word `--name` or `--name=value` has in full; NULL: none. */
static const cli_option *find_row(const parse_state *state, const char *word)
{
    size_t length = strcspn(word, "=") - strlen("--");
    for (size_t i = 0; i < state->count; i++) {
        const char *name = state->rows[i]->name;
        if (name && strlen(name) == length && strncmp(word + strlen("--"), name, length) == 0)
            return state->rows[i];
    }
    return NULL;
}

static const cli_option *row_of_key(const parse_state *state, int key)
{
    for (size_t i = 0; i < state->count; i++)
        if (state->rows[i]->name && state->keys[i] == key)
            return state->rows[i];
    return NULL;
}

/* Says that word is no option, and which start like it. */
static error_t refuse_unknown(parse_state *state, const char *word)
{
    char alike[256] = "";
    size_t length = strcspn(word, "=");
    for (size_t i = 0; i < state->count && length > 2; i++) {
        const char *name = state->rows[i]->name;
        size_t used = strlen(alike);
        if (name && strncmp(word + strlen("--"), name, length - strlen("--")) == 0)
            snprintf(alike + used, sizeof alike - used, "%s --%s", used ? "," : "", name);
    }
    if (*alike)
        return refuse(state, "'%.*s' is not an option; there is:%s",
                      (int)(length < 64 ? length : 64), word, alike);
    return refuse(state, "'%.64s' is not an option; see %s %s --help", word, cli_program,
                  state->command->name);
}

/* Refuses what getopt would take for short: `--session` must not mean `--sessions`. */
static error_t refuse_abbreviations(parse_state *state, int argc, char **argv)
{
    for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
        bool option = strncmp(argv[i], "--", strlen("--")) == 0;
        if (option && strcmp(argv[i], "--help") != 0 && !find_row(state, argv[i]))
            return refuse_unknown(state, argv[i]);
    }
    return 0;
}

/* Says what is wrong with the word at which argp gave up. */
static void refuse_word(parse_state *state, const char *word)
{
    const cli_option *row = NULL;
    if (strncmp(word, "--", strlen("--")) == 0)
        row = find_row(state, word);
    else if (word[0] == '-' && word[1] != 0)
        row = row_of_key(state, word[1]);
    if (!row)
        refuse_unknown(state, word);
    else if (row->kind == CLI_FLAG)
        refuse(state, "--%s: takes no argument", row->name);
    else
        refuse(state, "--%s: wants an argument: %s", row->name, row->argument);
}

/* The word at which argp gave up: the last one it stepped over, but for `-word`, which it reads
 * letter by letter and leaves after the last. */
static const char *failed_word(const struct argp_state *argp)
{
    const char *next = argp->next < argp->argc ? argp->argv[argp->next] : "";
    bool letters = strlen(next) > 2 && next[0] == '-' && next[1] != '-';
    return letters || argp->next < 1 ? next : argp->argv[argp->next - 1];
}

static error_t parse_one(int key, char *text, struct argp_state *argp)
{
    parse_state *state = argp->input;
    if (key == HELP_KEY) {
        state->help = true;
        return 0;
    }
    if (key == ARGP_KEY_ARG && state->command->operands) {
        state->settings->operands[state->settings->operand_count++] = text;
        return 0;
    }
    if (key == ARGP_KEY_ARG)
        return refuse(state, "'%.64s' is not expected; see %s %s --help", text, cli_program,
                      state->command->name);
    if (key == ARGP_KEY_ERROR && !state->told)
        refuse_word(state, failed_word(argp));
    const cli_option *row = row_of_key(state, key);
    if (!row)
        return ARGP_ERR_UNKNOWN;
    return read_value(state, row, row->kind == CLI_FILE ? file_argument(argp, text) : text);
}

/* Turns the command's rows into argp's. */
static void collect_rows(parse_state *state, struct argp_option *options)
{
    int group = 0;
    for (const cli_option *const *table = state->command->tables; *table; table++) {
        for (const cli_option *row = *table; row->name || row->argument; row++) {
            struct argp_option *option = &options[state->count];
            if (row->kind == CLI_LETTER) {
                option[-1].key = state->keys[state->count - 1] = row->name[0];
                continue;
            }
            state->keys[state->count] = FIRST_KEY + (int)state->count;
            if (row->name)
                *option = (struct argp_option){
                    .name = row->name,
                    .key = state->keys[state->count],
                    .arg = row->argument,
                    .flags = row->kind == CLI_FILE ? OPTION_ARG_OPTIONAL : 0,
                    .doc = row->help,
                    .group = group,
                };
            else
                *option = (struct argp_option){.doc = row->argument, .group = ++group};
            state->rows[state->count++] = row;
        }
    }
    options[state->count] = (struct argp_option){
        .name = "help", .key = HELP_KEY, .doc = "show this help", .group = group};
}

static void print_help(const cli_command *command, const struct argp *argp)
{
    char name[64];
    snprintf(name, sizeof name, "%s %s", cli_program, command->name);
    /* That what `--output` takes is what `-o` takes goes without saying. */
    setenv("ARGP_HELP_FMT", "no-dup-args-note", 0);
    printf("Example: %s\n\n", command->example);
    argp_help(argp, stdout, ARGP_HELP_SHORT_USAGE | ARGP_HELP_PRE_DOC | ARGP_HELP_LONG, name);
}

void cli_free(cli_settings *settings)
{
    free(settings->operands);
}

bool cli_parse(const cli_command *command, int argc, char **argv, cli_settings *settings,
               int *exit_code)
{
    struct argp_option options[OPTIONS_MAX + 2] = {0};
    parse_state state = {.command = command, .settings = settings};
    collect_rows(&state, options);
    struct argp argp = {.options = options,
                        .parser = parse_one,
                        .args_doc = command->operands,
                        .doc = command->help};
    *settings = (cli_settings){.command_line = argv};
    settings->operands = calloc((size_t)argc, sizeof *settings->operands);
    if (!settings->operands) {
        refuse(&state, "no memory for the command line");
        *exit_code = CLI_FAILED;
        return false;
    }
    error_t error = refuse_abbreviations(&state, argc, argv);
    if (!error)
        error =
            argp_parse(&argp, argc, argv, ARGP_NO_ERRS | ARGP_NO_EXIT | ARGP_NO_HELP, NULL, &state);
    if (error) {
        if (!state.told)
            refuse(&state, "%s", strerror(error));
        *exit_code = CLI_WRONG;
        return false;
    }
    if (state.help) {
        print_help(command, &argp);
        *exit_code = CLI_DONE;
        return false;
    }
    return true;
}

int cli_fail(const char *command, const grav_error *err)
{
    grav_error line = *err;
    grav_make_printable(line.message);
    fprintf(stderr, "%s%s%s: %s\n", cli_program, *command ? " " : "", command, line.message);
    if (err->status == GRAV_ERROR_MISMATCH)
        return CLI_MISMATCH;
    return err->status == GRAV_ERROR_INVALID ? CLI_WRONG : CLI_FAILED;
}

const grav_preset *cli_preset(const cli_settings *settings, grav_error *err)
{
    if (!settings->preset.given)
        return grav_preset_at(0);
    const char *name = settings->preset.value;
    const grav_preset *preset = grav_preset_named(name);
    if (preset)
        return preset;
    err->status = GRAV_ERROR_INVALID;
    snprintf(err->message, sizeof err->message,
             "--preset: '%.64s' is unknown; `%s presets` lists them", name, cli_program);
    return NULL;
}

grav_status cli_experiment(const cli_settings *settings, grav_experiment **out, grav_error *err)
{
    const grav_preset *preset = cli_preset(settings, err);
    if (!preset)
        return err->status;
    grav_experiment_spec spec = preset->experiment;
    if (settings->rolls.given)
        spec.rolls = (uint32_t)settings->rolls.value;
    if (settings->chance.given) {
        spec.chance = settings->chance.value;
        spec.die = NULL;
    }
    if (settings->statistic.given)
        spec.statistic = (grav_statistic)settings->statistic.value;
    if (settings->chance.given && settings->die.given) {
        err->status = GRAV_ERROR_INVALID;
        snprintf(err->message, sizeof err->message, "--chance contradicts --die: give one of them");
        return err->status;
    }
    if (settings->die.given) {
        spec.die = settings->die.value;
        spec.has_target = false;
    }
    if (settings->target.given) {
        spec.has_target = true;
        spec.target = settings->target.value;
    }
    return grav_experiment_create(&spec, out, err);
}

uint32_t cli_calls_per_roll(const cli_settings *settings)
{
    return settings->calls_per_roll.given ? (uint32_t)settings->calls_per_roll.value : 1;
}

grav_status cli_check_seed(const cli_settings *settings, const char *why, grav_error *err)
{
    bool has_seed = grav_engine_has_seed((grav_engine)settings->engine.value);
    if (has_seed ? settings->seed.given : settings->seed.value == 0)
        return GRAV_OK;
    err->status = GRAV_ERROR_INVALID;
    if (has_seed)
        snprintf(err->message, sizeof err->message, "--seed is missing: %s", why);
    else
        snprintf(err->message, sizeof err->message,
                 "engine %s has no seed: a session's index is its starting state",
                 grav_engine_name(settings->engine.value));
    return err->status;
}

/* Whether path is standard output by another name, such as /dev/stdout. */
static bool is_stdout(const char *path)
{
    struct stat file, out;
    return stat(path, &file) == 0 && fstat(STDOUT_FILENO, &out) == 0 && file.st_dev == out.st_dev &&
           file.st_ino == out.st_ino;
}

const char *cli_json_file(const cli_settings *settings)
{
    if (!settings->json.given || strcmp(settings->json.value, "-") == 0 ||
        is_stdout(settings->json.value))
        return NULL;
    return settings->json.value;
}

grav_status cli_check_json_file(const cli_settings *settings, grav_error *err)
{
    grav_error why;
    if (!cli_json_file(settings) || grav_file_check(cli_json_file(settings), &why) == GRAV_OK)
        return GRAV_OK;
    err->status = GRAV_ERROR_INVALID; /* a wrong file name is a wrong command line */
    snprintf(err->message, sizeof err->message, "--json: %.490s", why.message);
    return err->status;
}

int cli_finish_output(const char *command, int exit_code)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return exit_code;
    fprintf(stderr, "%s %s: standard output cannot be written: %s\n", cli_program, command,
            strerror(errno));
    return CLI_FAILED;
}
