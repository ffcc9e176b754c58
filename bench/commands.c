/* The commands that measure: speed, ceilings, overhead, process, and all of them. */
#include <stddef.h>
#include <stdio.h>
#include <unistd.h>

#include "commands.h"
#include "document.h"
#include "parts.h"

int bench_argc;
char **bench_argv;

const cli_option bench_limit_options[] = {
    {.argument = "Measuring:"},
    {"seconds", "N", "at most so long for each part (30)", CLI_COUNT, BENCH_VALUE(seconds), 1,
     86400, NULL},
    {"seed", "S", "seed of all runs (42)", CLI_COUNT, BENCH_VALUE(common.seed), 0, UINT64_MAX,
     NULL},
    {0},
};

static const cli_option yardstick_options[] = {
    {"python", "FILE", "Python with SciPy for its yardstick (python3)", CLI_TEXT,
     BENCH_VALUE(python), 0, 0, NULL},
    {0},
};

static const cli_option program_options[] = {
    {"sessions", "N", "sessions a process plays (about a second's; GPU: 1e9)", CLI_COUNT,
     BENCH_VALUE(common.sessions), 1, GRAV_SESSIONS_END, NULL},
    {"program", "FILE", "graveler to run (the one beside this program)", CLI_TEXT,
     BENCH_VALUE(program), 0, 0, NULL},
    {0},
};

static const cli_option tasks_options[] = {
    {"sessions", "N", "sessions of the run, and of 1000 tasks together (1e9)", CLI_COUNT,
     BENCH_VALUE(common.sessions), 1000, GRAV_SESSIONS_END, NULL},
    {0},
};

int bench_part_finish(bench_subjects *subjects, json_t *document, const bench_settings *settings,
                      uint64_t seconds_default, grav_status status, grav_error *err,
                      const char *name)
{
    bench_stop stop = BENCH_TIME;
    uint64_t seconds = settings->seconds.given ? settings->seconds.value : seconds_default;
    bench_limits limits = bench_limits_make((double)seconds, subjects->count);
    limits.progress = isatty(STDERR_FILENO);
    if (status == GRAV_OK)
        status = bench_measure(subjects, &limits, &stop, err);
    if (status == GRAV_OK)
        bench_document_add(document, subjects, &limits, stop);
    bench_subjects_free(subjects);
    return status == GRAV_OK ? CLI_DONE : cli_fail(name, err);
}

int bench_part_finish_paths(bench_subjects *subjects, json_t *document,
                            const bench_settings *settings, uint64_t seconds_default,
                            grav_status status, grav_error *err, const char *name)
{
    size_t mismatches = 0;
    if (status == GRAV_OK)
        status = bench_paths_verify(subjects, &mismatches, err);
    if (mismatches == 0)
        return bench_part_finish(subjects, document, settings, seconds_default, status, err, name);
    bench_subjects_free(subjects);
    return CLI_MISMATCH;
}

/* Runs parts one after another into one document, which is shown even where one of them failed. */
static int run_parts(const char *name, bench_part *const *parts, const cli_settings *common)
{
    const bench_settings *settings = bench_settings_of(common);
    bench_job job = {.seed = common->seed.given ? common->seed.value : 42};
    grav_experiment_spec founding;
    grav_error err;
    int code = CLI_DONE;
    json_t *document = NULL;
    grav_experiment_spec_init(&founding);
    grav_status status = bench_output_check(settings, &err);
    if (status == GRAV_OK)
        status = grav_experiment_create(&founding, &job.experiment, &err);
    if (status != GRAV_OK)
        return cli_fail(name, &err);
    bench_catch_signals();
    document = bench_document_make(bench_argc, bench_argv, (int)settings->device.value);
    for (size_t i = 0; code == CLI_DONE && parts[i] && !bench_interrupted(); i++)
        code = parts[i](document, &job, settings, name);
    bool any = code == CLI_DONE || json_array_size(json_object_get(document, "measured"));
    if (any && bench_output(document, settings, &err) != GRAV_OK)
        code = cli_fail(name, &err);
    if (code == CLI_DONE && bench_interrupted())
        code = CLI_INTERRUPTED;
    json_decref(document);
    grav_experiment_destroy(job.experiment);
    return cli_finish_output(name, code);
}

static int run_speed(const cli_settings *settings)
{
    return run_parts("speed", (bench_part *const[]){bench_speed, NULL}, settings);
}

static int run_games(const cli_settings *settings)
{
    return run_parts("games", (bench_part *const[]){bench_games, NULL}, settings);
}

static int run_ceilings(const cli_settings *settings)
{
    return run_parts("ceilings", (bench_part *const[]){bench_ceilings, NULL}, settings);
}

static int run_overhead(const cli_settings *settings)
{
    return run_parts("overhead", (bench_part *const[]){bench_overhead, NULL}, settings);
}

static int run_process(const cli_settings *settings)
{
    return run_parts("process", (bench_part *const[]){bench_process, NULL}, settings);
}

static int run_tasks(const cli_settings *settings)
{
    return run_parts("tasks", (bench_part *const[]){bench_tasks, NULL}, settings);
}

static int run_all(const cli_settings *settings)
{
    return run_parts("all",
                     (bench_part *const[]){bench_speed, bench_games, bench_ceilings, bench_overhead,
                                           bench_process, NULL},
                     settings);
}

#define TABLES(...) ((const cli_option *const[]){__VA_ARGS__, NULL})

const cli_command bench_speed_command = {
    .name = "speed",
    .summary = "sessions per second of every path, beside the yardsticks (default)",
    .example = "graveler-bench speed --engine philox --threads 1",
    .help =
        "Measures every way to play the founding job here, in rounds with the fastest published "
        "method, after comparing digests. Exit code 4: they differ.",
    .tables =
        TABLES(bench_path_options, bench_limit_options, yardstick_options, bench_output_options),
    .run = run_speed,
};

const cli_command bench_games_command = {
    .name = "games",
    .summary = "dice, streaks and chances of many digits, beside the founding job",
    .example = "graveler-bench games --threads 1 --isa avx512 --seconds 20",
    .help = "Measures experiments of every kind by engine philox (or --engine), in rounds with the "
            "founding job played the same way, after comparing digests. Exit code 4: they differ.",
    .tables = TABLES(bench_path_options, bench_limit_options, bench_output_options),
    .run = run_games,
};

const cli_command bench_ceilings_command = {
    .name = "ceilings",
    .summary = "random words without counting, and counting without random words",
    .example = "graveler-bench ceilings --seconds 5",
    .help =
        "Measures how fast a session's words can be made and how fast its rolls can be counted, "
        "each alone, on one thread: no path can be faster than both.",
    .tables = TABLES(bench_limit_options, bench_output_options),
    .run = run_ceilings,
};

const cli_command bench_overhead_command = {
    .name = "overhead",
    .summary = "what a run costs before it plays anything",
    .example = "graveler-bench overhead --seconds 5",
    .help = "Measures runs of one session, and the parallel region in which a chunk is played.",
    .tables = TABLES(bench_limit_options, bench_output_options),
    .run = run_overhead,
};

const cli_command bench_process_command = {
    .name = "process",
    .summary = "graveler run as a whole process, beside what the harness measures",
    .example = "graveler-bench process --method rolls --engine philox",
    .help = "Measures whole processes of `graveler run` from start to exit in turns with the same "
            "run measured within. On a GPU also a process that creates a context and nothing else.",
    .tables =
        TABLES(bench_path_options, bench_limit_options, program_options, bench_output_options),
    .run = run_process,
};

const cli_command bench_tasks_command = {
    .name = "tasks",
    .summary = "what a pool of many tasks costs, beside one run",
    .example = "graveler-bench tasks --seconds 60",
    .help =
        "Measures a pool's start, 100,000 tasks of one session on one thread, and 1000 tasks on "
        "all threads in rounds with one run of the same sessions.",
    .tables = TABLES(tasks_options, bench_limit_options, bench_output_options),
    .run = run_tasks,
};

const cli_command bench_all_command = {
    .name = "all",
    .summary = "speed, games, ceilings, overhead and process in one result",
    .example = "graveler-bench all --json bench/results/2026-11-22-xeon-2t.json",
    .help = "Measures speed, games, ceilings, overhead and whole processes, one after another.",
    .tables = TABLES(bench_path_options, bench_limit_options, yardstick_options, program_options,
                     bench_output_options),
    .run = run_all,
};

static const cli_command *const commands[] = {
    &bench_speed_command,    &bench_games_command,   &bench_ceilings_command,
    &bench_overhead_command, &bench_process_command, &bench_tasks_command,
    &bench_all_command,      &bench_scaling_command, &bench_plan_command,
    &bench_context_command,  &bench_report_command,  NULL,
};

const cli_listing bench_listing = {
    .program = "graveler-bench",
    .summary = "measure how fast graveler plays, and against what",
    .about = "Measures how fast graveler plays the founding job, and against what.\n",
    .example = "--threads 1 --seconds 20",
    .unnamed = "speed",
    .unnamed_help = "speed, in a minute",
    .commands = commands,
};
