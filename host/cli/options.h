/* Command lines: one row an option feeds both the parser and --help. */
#ifndef GRAV_CLI_OPTIONS_H
#define GRAV_CLI_OPTIONS_H

#include <graveler.h>

/* What messages and help start with: "graveler" unless a program's main says otherwise. */
extern const char *cli_program;

/* Who plays, too; NULL unless a program's main says otherwise. */
extern grav_team *cli_team;

/* Exit codes. */
enum {
    CLI_DONE = 0,
    CLI_FAILED = 1,      /* something went wrong that was asked for rightly */
    CLI_WRONG = 2,       /* the command line, a file or a value is wrong */
    CLI_INTERRUPTED = 3, /* stopped; what was played is reported */
    CLI_MISMATCH = 4,    /* a check found a mismatch */
};

typedef enum cli_progress {
    CLI_PROGRESS_AUTO,
    CLI_PROGRESS_ALWAYS,
    CLI_PROGRESS_NEVER
} cli_progress;

typedef enum cli_order { CLI_ORDER_INPUT, CLI_ORDER_FINISH } cli_order;

/* Values of options. Each starts with whether it was given. */
typedef struct cli_flag {
    bool given;
} cli_flag;

typedef struct cli_count {
    bool given;
    uint64_t value;
} cli_count;

typedef struct cli_choice {
    bool given;
    int value;
} cli_choice;

typedef struct cli_text {
    bool given;
    const char *value;
} cli_text;

typedef struct cli_duration {
    bool given;
    double seconds;
} cli_duration;

enum { CLI_LIST_MAX = 64 };

typedef struct cli_list {
    bool given;
    int values[CLI_LIST_MAX];
    size_t count;
} cli_list;

/* The options of all commands; each command offers some. */
typedef struct cli_settings {
    cli_count rolls, target, sessions, first, seed, session, threads, words, calls_per_roll;
    cli_count at_least, tries, rate;
    cli_text chance, die, preset, json, checkpoint;
    cli_duration every, max_time, time;
    cli_count parts, part, sample;
    cli_choice statistic, method, engine, keep, backend, isa, progress;
    cli_text output, size, title;
    cli_choice format;
    cli_flag show, linear, shares;
    cli_list devices;
    cli_flag until_target, quiet, measure, full, double_check;
    cli_choice order;
    cli_duration timeout;
    cli_flag resume, retry_failed, halt_on_error, csv;
    char **operands; /* words that are no options */
    size_t operand_count;
    char **command_line; /* all words, from the command on; NULL at the end */
} cli_settings;

typedef enum cli_kind {
    CLI_FLAG,
    CLI_COUNT,        /* a number from min to max */
    CLI_COUNT_OR_ALL, /* the same, or the word `all`: 0 */
    CLI_CHOICE,       /* one of the names that name_of gives */
    CLI_TEXT,
    CLI_FILE,     /* a file name; none or `-`: stdout */
    CLI_DURATION, /* a time of at least min milliseconds */
    CLI_LIST,     /* numbers below max, with commas */
    CLI_LETTER,   /* no option, but a letter that the one before may be given by: `-o` */
} cli_kind;

typedef struct cli_option {
    const char *name; /* NULL: argument is a heading */
    const char *argument;
    const char *help;
    cli_kind kind;
    size_t offset; /* of the value in cli_settings */
    uint64_t min, max;
    const char *(*name_of)(
        int value); /* from 0; NULL past the last. CLI_TEXT: what to offer, or NULL */
} cli_option;

typedef struct cli_command {
    const char *name;
    const char *summary;             /* one line for the list of commands */
    const char *example;             /* what --help starts with */
    const char *help;                /* a paragraph; lines of at most 78 characters */
    const char *operands;            /* what may stand beside options, "FILE..."; NULL: nothing */
    const cli_option *const *tables; /* NULL at the end; each ends with an all-NULL row */
    int (*run)(const cli_settings *settings);
} cli_command;

/* Rows that several commands share. */
extern const cli_option cli_experiment_options[];
extern const cli_option cli_where_options[];
extern const cli_option cli_method_options[]; /* without a heading: part of the table before */
extern const cli_option cli_engine_options[]; /* likewise */
extern const cli_option cli_calls_options[];  /* likewise; where there are rolls */
const char *cli_progress_name(int value);

/* Reads a command's options, argv[0] being the command. True: go on and run it. False: *exit_code
 * says how it ended; help or a line about what is wrong has been printed. */
bool cli_parse(const cli_command *command, int argc, char **argv, cli_settings *settings,
               int *exit_code);

/* Reads the value of one option, as it stands on a command line or in a job (batch), into settings;
 * texts are not copied. The message does not name the option. */
grav_status cli_read_value(const cli_option *row, const char *text, cli_settings *settings,
                           grav_error *err);

/* Frees what cli_parse() has put into settings, whatever it returned. */
void cli_free(cli_settings *settings);

/* Prints `graveler COMMAND: message` on stderr, one line, and gives the exit code for err. */
int cli_fail(const char *command, const grav_error *err);

/* The preset that the options name, whose values they override; the founding job if none. NULL:
 * there is no such preset, and err says so. */
const grav_preset *cli_preset(const cli_settings *settings, grav_error *err);

/* Makes the experiment that the options describe. Given with err's fields filled on failure. */
grav_status cli_experiment(const cli_settings *settings, grav_experiment **out, grav_error *err);

/* What --calls-per-roll says, or 1. */
uint32_t cli_calls_per_roll(const cli_settings *settings);

/* Refuses a seed that the engine does not have, and misses one that it has: `why` ends that
 * message. */
grav_status cli_check_seed(const cli_settings *settings, const char *why, grav_error *err);

/* The file to write JSON to; NULL: none, or stdout. */
const char *cli_json_file(const cli_settings *settings);

/* Whether that file can be written, found out before anything is played. */
grav_status cli_check_json_file(const cli_settings *settings, grav_error *err);

/* Flushes stdout; what could not be written is a failure, told on stderr. Passes exit_code on. */
int cli_finish_output(const char *command, int exit_code);

#endif
