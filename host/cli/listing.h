/* The commands of a program: what its list of them, its man pages and its completions are made of.
 */
#ifndef GRAV_CLI_LISTING_H
#define GRAV_CLI_LISTING_H

#include <stdio.h>

#include "options.h"

typedef struct cli_listing {
    const char *program;
    const char *summary;      /* one line, without a full stop, for the name of a man page */
    const char *about;        /* whole lines */
    const char *example;      /* arguments, after the program's name */
    const char *unnamed;      /* the command that runs where none is named; NULL: none */
    const char *unnamed_help; /* what that does; NULL as well */
    const cli_command *const *commands; /* NULL at the end */
} cli_listing;

/* The command of that name; NULL: there is none. */
const cli_command *cli_find_command(const cli_listing *listing, const char *name);

/* What --help shows without a command. */
void cli_print_listing(const cli_listing *listing, FILE *out);

#endif
