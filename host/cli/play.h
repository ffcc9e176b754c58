/* Playing for a command: what run and rare share. */
#ifndef GRAV_CLI_PLAY_H
#define GRAV_CLI_PLAY_H

#include "options.h"

/* What to play beside the experiment, as run and the jobs of batch have it. */
extern const cli_option cli_run_options[];

/* Rows of several, without a heading: part of the table before. */
extern const cli_option cli_sessions_options[]; /* which sessions: --first and --seed */
extern const cli_option cli_progress_options[];

/* What to run, but for the number of sessions where it is not given. Draws a seed where none is. */
grav_status cli_run_spec(const cli_settings *settings, grav_run_spec *spec, grav_error *err);

/* Everything that can be wrong with it, or with where output goes, before anything is played. */
grav_status cli_check_run(const cli_settings *settings, const grav_experiment *experiment,
                          const grav_run_spec *spec, grav_error *err);

/* Plays with a progress bar, notices, and signals that end it in order. */
grav_status cli_play(const char *command, const cli_settings *settings,
                     const grav_experiment *experiment, grav_run_spec *spec, grav_result **out,
                     grav_error *err);

/* The same for what plays a result again: all of it, or with --sample some, by that seed. */
grav_status cli_verify_sessions(const char *command, const cli_settings *settings,
                                const grav_result *result, uint64_t sample_seed, uint64_t *sessions,
                                bool *stopped, grav_error *err);

/* A seed that nobody knows. */
grav_status cli_random_seed(uint64_t *seed, grav_error *err);

/* For commands that play in their own way: catches the signals that end it in order, tells whether
 * one has come, and whether --progress, or a terminal, wants progress drawn. */
void cli_catch_signals(void);
bool cli_interrupted(void);
bool cli_wants_progress(const cli_settings *settings);

/* Where to play, and nothing else. */
void cli_where(const cli_settings *settings, grav_run_spec *spec);

/* Writes JSON text to where --json says, and to stderr where that cannot be: nothing is lost. */
grav_status cli_write_json(const cli_settings *settings, const char *text, grav_error *err);

/* Prints on stderr the command line that goes on: the same, with `more` after the command's name.
 */
void cli_tell_command(const char *command, const cli_settings *settings, const char *more);

/* Ends a command that has printed its result: says on stderr if it was interrupted or failed, and
 * how to go on from its checkpoint, flushes stdout and gives the exit code. */
int cli_finish_run(const char *command, const cli_settings *settings, const grav_run_spec *spec,
                   const grav_result *result);

#endif
