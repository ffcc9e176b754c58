/* graveler-bench: finds the command and runs it. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

static const cli_command *const commands[] = {
    &bench_speed_command,   &bench_games_command,  &bench_ceilings_command, &bench_overhead_command,
    &bench_process_command, &bench_all_command,    &bench_scaling_command,  &bench_plan_command,
    &bench_context_command, &bench_report_command,
};

enum { COMMAND_COUNT = sizeof commands / sizeof *commands };

static void print_usage(FILE *out)
{
    fputs("Example: graveler-bench --threads 1 --seconds 20\n\n"
          "Usage: graveler-bench [COMMAND] [OPTION...]\n"
          "Measures how fast graveler plays the founding job, and against what.\n\n",
          out);
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        fprintf(out, "  %-10s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\ngraveler-bench COMMAND --help tells more. Without a command: speed, in a minute.\n",
          out);
}

static const cli_command *find_command(const char *name)
{
    for (size_t i = 0; i < COMMAND_COUNT; i++)
        if (strcmp(name, commands[i]->name) == 0)
            return commands[i];
    return NULL;
}

/* Takes the words before the first option out of argv, for `report`. A list that ends in NULL. */
static const char **take_files(int *argc, char **argv)
{
    int count = 0;
    const char **files = calloc((size_t)*argc + 1, sizeof *files);
    while (files && 1 + count < *argc && argv[1 + count][0] != '-') {
        files[count] = argv[1 + count];
        count++;
    }
    for (int i = 1; i + count <= *argc; i++) /* the NULL at the end, too */
        argv[i] = argv[i + count];
    *argc -= count;
    return files;
}

static int run(const cli_command *command, int argc, char **argv)
{
    bench_settings settings = {0};
    int code = CLI_DONE;
    const char **files = NULL;
    if (command == &bench_report_command)
        files = take_files(&argc, argv);
    if (cli_parse(command, argc, argv, &settings.common, &code)) {
        settings.files = files;
        code = command->run(&settings.common);
    } else if (code == CLI_DONE) {
        code = cli_finish_output(command->name, CLI_DONE);
    }
    cli_free(&settings.common);
    free(files);
    return code;
}

int main(int argc, char **argv)
{
    static char speed[] = "speed";
    cli_program = "graveler-bench";
    bench_argc = argc;
    bench_argv = argv;
    setlocale(LC_CTYPE, "");
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
                      strcmp(argv[1], "help") == 0)) {
        print_usage(stdout);
        return cli_finish_output("--help", CLI_DONE);
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("graveler-bench %s (commit %s)\n", GRAV_VERSION, grav_commit());
        return cli_finish_output("--version", CLI_DONE);
    }
    if (argc < 2 || argv[1][0] == '-') {
        char **words = calloc((size_t)argc + 1, sizeof *words);
        if (!words)
            return CLI_FAILED;
        words[0] = speed;
        for (int i = 1; i < argc; i++)
            words[i] = argv[i];
        int code = run(&bench_speed_command, argc, words);
        free(words);
        return code;
    }
    const cli_command *command = find_command(argv[1]);
    if (!command) {
        grav_error err = {.status = GRAV_ERROR_INVALID};
        snprintf(err.message, sizeof err.message,
                 "'%.64s' is not a command; see graveler-bench --help", argv[1]);
        return cli_fail("", &err);
    }
    return run(command, argc - 1, argv + 1);
}
