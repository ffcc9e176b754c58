/* The command line of graveler-bench: the commands and the values of their options. */
#ifndef BENCH_SETTINGS_H
#define BENCH_SETTINGS_H

#include "cli/options.h"

/* cli_parse() fills what is in common and what follows it alike: options name the offset. */
typedef struct bench_settings {
    cli_settings common;
    cli_count seconds, max_sessions, device;
    cli_text csv, markdown, python, program;
    cli_list workers;
    cli_count speed, spread, per_worker, bandwidth;
    cli_duration latency, message, look, range, merge, chunk;
    cli_duration portion, portion_each, tell_each;
} bench_settings;

#define BENCH_VALUE(member) offsetof(bench_settings, member)

/* Rows that several commands share. */
extern const cli_option bench_path_options[];   /* --method to --threads */
extern const cli_option bench_limit_options[];  /* --seconds, --seed */
extern const cli_option bench_output_options[]; /* --json, --csv, --markdown */

extern const cli_command bench_speed_command;
extern const cli_command bench_games_command;
extern const cli_command bench_ceilings_command;
extern const cli_command bench_overhead_command;
extern const cli_command bench_process_command;
extern const cli_command bench_tasks_command;
extern const cli_command bench_all_command;
extern const cli_command bench_scaling_command;
extern const cli_command bench_plan_command;
extern const cli_command bench_context_command;
extern const cli_command bench_report_command;

static inline const bench_settings *bench_settings_of(const cli_settings *settings)
{
    return (const bench_settings *)settings;
}

#endif
