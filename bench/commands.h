/* What main hands to the commands beside their settings. */
#ifndef BENCH_COMMANDS_H
#define BENCH_COMMANDS_H

#include "cli/listing.h"
#include "settings.h"

/* The command line, for results to tell. */
extern int bench_argc;
extern char **bench_argv;

extern const cli_listing bench_listing;

#endif
