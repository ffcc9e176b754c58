/* The program but for its main, which others share. */
#ifndef GRAV_CLI_PROGRAM_H
#define GRAV_CLI_PROGRAM_H

/* What the list of commands says of this program, beside what it says of all; NULL: nothing. */
extern const char *cli_about;

/* Runs the command in argv, and gives the exit code. */
int cli_main(int argc, char **argv);

#endif
