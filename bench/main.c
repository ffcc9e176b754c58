/* graveler-bench: finds the command and runs it. */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

static int run(const cli_command *command, int argc, char **argv)
{
    bench_settings settings = {0};
    int code = CLI_DONE;
    if (cli_parse(command, argc, argv, &settings.common, &code))
        code = command->run(&settings.common);
    else if (code == CLI_DONE)
        code = cli_finish_output(command->name, CLI_DONE);
    cli_free(&settings.common);
    return code;
}

int main(int argc, char **argv)
{
    static char speed[] = "speed";
    cli_program = bench_listing.program;
    bench_argc = argc;
    bench_argv = argv;
    setlocale(LC_CTYPE, "");
    if (argc == 2 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
                      strcmp(argv[1], "help") == 0)) {
        cli_print_listing(&bench_listing, stdout);
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
    const cli_command *command = cli_find_command(&bench_listing, argv[1]);
    if (!command) {
        grav_error err = {.status = GRAV_ERROR_INVALID};
        snprintf(err.message, sizeof err.message,
                 "'%.64s' is not a command; see graveler-bench --help", argv[1]);
        return cli_fail("", &err);
    }
    return run(command, argc - 1, argv + 1);
}
