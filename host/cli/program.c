/* Finds the command and runs it. */
#include "program.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

#include "commands.h"

static const cli_command *const commands[] = {
    &cli_run_command,     &cli_replay_command,  &cli_odds_command,
    &cli_rare_command,    &cli_batch_command,   &cli_split_command,
    &cli_merge_command,   &cli_verify_command,  &cli_plot_command,
    &cli_presets_command, &cli_devices_command, &cli_selftest_command,
    &cli_stress_command,  &cli_stream_command,  NULL,
};

#define ABOUT "Plays billions of sessions of dice rolls and finds the luckiest.\n"

const cli_listing cli_graveler = {
    .program = "graveler",
    .summary = "play billions of sessions of dice rolls and find the luckiest",
    .about = ABOUT,
    .example = "run --seed 42 --sessions 1e7",
    .commands = commands,
};

const cli_listing cli_graveler_mpi = {
    .program = "graveler-mpi",
    .summary = "graveler on many machines, by MPI",
    .about =
        ABOUT "Start it with mpiexec: all processes play what `run`, `rare` and `verify` play.\n"
              "Other commands are rank 0's alone.\n",
    .example = "run --seed 42 --sessions 1e7",
    .commands = commands,
};

int cli_main(const cli_listing *program, int argc, char **argv)
{
    static char help[] = "--help";
    cli_settings settings;
    int exit_code = CLI_DONE;
    cli_program = program->program;
    setlocale(LC_CTYPE, "");
    if (argc < 2) {
        cli_print_listing(program, stderr);
        return CLI_WRONG;
    }
    if (strcmp(argv[1], "help") == 0 && argc == 3) { /* graveler help COMMAND */
        argv[1] = argv[2];
        argv[2] = help;
    }
    if (strcmp(argv[1], "help") == 0 || strcmp(argv[1], "--help") == 0 ||
        strcmp(argv[1], "-h") == 0) {
        cli_print_listing(program, stdout);
        return cli_finish_output("help", CLI_DONE);
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("%s %s (commit %s)\n", cli_program, GRAV_VERSION, grav_commit());
        return cli_finish_output("--version", CLI_DONE);
    }
    const cli_command *command = cli_find_command(program, argv[1]);
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
