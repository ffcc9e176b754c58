/* The program but for its main, which others share. */
#ifndef GRAV_CLI_PROGRAM_H
#define GRAV_CLI_PROGRAM_H

#include "listing.h"

/* graveler, and graveler-mpi, which has the same commands. */
extern const cli_listing cli_graveler, cli_graveler_mpi;

/* Runs the command in argv, and gives the exit code. */
int cli_main(const cli_listing *program, int argc, char **argv);

#endif
