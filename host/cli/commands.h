/* The commands, one file each. */
#ifndef GRAV_CLI_COMMANDS_H
#define GRAV_CLI_COMMANDS_H

#include "options.h"

extern const cli_command cli_run_command;
extern const cli_command cli_replay_command;
extern const cli_command cli_odds_command;
extern const cli_command cli_rare_command;
extern const cli_command cli_merge_command;
extern const cli_command cli_verify_command;
extern const cli_command cli_plot_command;
extern const cli_command cli_presets_command;
extern const cli_command cli_batch_command;
extern const cli_command cli_split_command;
extern const cli_command cli_devices_command;
extern const cli_command cli_selftest_command;
extern const cli_command cli_stream_command;
extern const cli_command cli_stress_command;

#endif
