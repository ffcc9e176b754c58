/* The report of a run that people read. */
#ifndef GRAV_CLI_REPORT_H
#define GRAV_CLI_REPORT_H

#include <stdio.h>

#include "options.h"

/* Everything a report tells about. */
typedef struct cli_report {
    const grav_experiment *experiment;
    const grav_run_spec *spec;
    const grav_result *result;
    const grav_law *law; /* NULL: not to be had, and no_law says why */
    const char *no_law;
} cli_report;

void report_print(const cli_report *report);

/* Writes the result's JSON where --json says. What cannot be written there goes to stderr: it must
 * not be lost. */
grav_status report_write_json(const cli_settings *settings, const cli_report *report,
                              grav_error *err);

/* One line: what is (to be) played. */
void report_print_job(const grav_experiment *experiment, const grav_run_spec *spec);

/* Lines of their own: how much was played, if less than asked for; speed, workers and digest. */
void report_print_played(const cli_report *report);
void report_print_speed(const cli_report *report);

/* What a session is: "231 rolls at chance 1/4". */
void report_print_experiment(FILE *out, const grav_experiment *experiment);

/* Starts the line about the target, and ends it too where no session can get there. True: the rest
 * of the line is yet to be said. */
bool report_print_target(const grav_experiment *experiment);

/* How sessions are played: ", method rolls, engine gen3, 1 call per roll". */
void report_print_way(FILE *out, grav_method method, grav_engine engine, uint32_t calls_per_roll);

/* " of fair rolls" where the law is not that of the engine's sessions, else nothing. */
const char *report_of_fair_rolls(grav_engine engine);

/* The options that describe an experiment and how it is played where they are not the defaults,
 * each with a blank before it. */
void report_print_options(const grav_experiment *experiment, const grav_run_spec *spec);

#endif
