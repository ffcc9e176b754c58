/* Finds the command and runs it. */
#include "program.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"

static const cli_command *const commands[] = {
    &cli_run_command,     &cli_replay_command,  &cli_odds_command,     &cli_rare_command,
    &cli_split_command,   &cli_merge_command,   &cli_verify_command,   &cli_plot_command,
    &cli_presets_command, &cli_devices_command, &cli_selftest_command, &cli_stress_command,
    &cli_stream_command,
};

const char *cli_about;

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static void print_usage(FILE *out)
{
    fprintf(out,
            "Example: %s run --seed 42 --sessions 1e7\n\n"
            "Usage: %s COMMAND [OPTION...]\n"
            "Plays billions of sessions of dice rolls and finds the luckiest.\n",
            cli_program, cli_program);
    if (cli_about)
        fprintf(out, "%s\n", cli_about);
    fputs("\n", out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fprintf(out, "\n%s COMMAND --help tells more; %s --version tells which this is.\n", cli_program,
            cli_program);
}

static const cli_command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(name, commands[i]->name) == 0)
            return commands[i];
    return NULL;
}

int cli_main(int argc, char **argv)
{
    static char help[] = "--help";
    cli_settings settings;
    int exit_code = CLI_DONE;
    setlocale(LC_CTYPE, "");
    if (argc < 2) {
        print_usage(stderr);
        return CLI_WRONG;
    }
    if (strcmp(argv[1], "help") == 0 && argc == 3) { /* graveler help COMMAND */
        argv[1] = argv[2];
        argv[2] = help;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "-h") == 0) {
        print_usage(stdout);
        return cli_finish_output("help", CLI_DONE);
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("%s %s (commit %s)\n", cli_program, GRAV_VERSION, grav_commit());
        return cli_finish_output("--version", CLI_DONE);
    }
    const cli_command *command = find_command(argv[1]);
    if (!command) {
        grav_error err = {.status = GRAV_ERROR_INVALID};
        snprintf(err.message, sizeof err.message, "'%.64s' is not a command; see %s --help",
                 argv[1], cli_program);
        return cli_fail("", &err);
    }
    if (cli_parse(command, argc - 1, argv + 1, &settings, &exit_code))
        exit_code = command->run(&settings);
    else if (exit_code == CLI_DONE)
        exit_code = cli_finish_output(command->name, CLI_DONE);
    cli_free(&settings);
    return exit_code;
}
