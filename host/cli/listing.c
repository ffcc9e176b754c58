#include "listing.h"

#include <string.h>

const cli_command *cli_find_command(const cli_listing *listing, const char *name)
{
    for (const cli_command *const *command = listing->commands; *command; command++)
        if (strcmp(name, (*command)->name) == 0)
            return *command;
    return NULL;
}

void cli_print_listing(const cli_listing *listing, FILE *out)
{
    const char *program = listing->program;
    bool unnamed = listing->unnamed != NULL;
    fprintf(out, "Example: %s %s\n\nUsage: %s %s [OPTION...]\n%s\n", program, listing->example,
            program, unnamed ? "[COMMAND]" : "COMMAND", listing->about);
    for (const cli_command *const *command = listing->commands; *command; command++)
        fprintf(out, "  %-10s %s\n", (*command)->name, (*command)->summary);
    if (unnamed)
        fprintf(out, "\n%s COMMAND --help tells more. Without a command: %s.\n", program,
                listing->unnamed_help);
    else
        fprintf(out, "\n%s COMMAND --help tells more; %s --version tells which this is.\n", program,
                program);
}
