/* graveler-bench scaling: time, CPU and memory of runs of 10^3 to 10^10 sessions, each a process of
 * its own. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "commands.h"
#include "document.h"
#include "error.h"
#include "launch.h"
#include "paths.h"

static const char *const name = "scaling";
static const uint64_t first_sessions = 1000;
static const uint64_t seconds_default = 300, max_sessions_default = 10000000000;
enum { REPEATS = 5 };               /* of a point; its median counts */
static const double repeat_s = 0.5; /* longer points are not repeated */
static const double probe_s = 0.3;  /* for a path, to find the fastest */

/* What is played. Another one is another row here. */
typedef struct scaling_experiment {
    const char *name;
    const char *arguments[4]; /* of graveler run; NULL at the end */
    /* Beyond law and histogram: rolled, and its highest score kept. Its sessions are so long that a
     * hundredth of the others' will do. */
    bool large;
} scaling_experiment;

static const scaling_experiment experiments[] = {
    {"231 rolls at 1/4", {NULL}, false},
    {"sum of a million 0..10", {"--preset", "million", NULL}, true},
};

typedef struct scaling_sweep {
    json_t *rows;
    const bench_settings *settings;
    const scaling_experiment *experiment;
    const bench_subject *path;
    double end_s; /* when its time is up */
} scaling_sweep;

static void make_line(const scaling_sweep *sweep, uint64_t sessions, bench_command_line *line)
{
    bench_command_line_start(line, sweep->settings->program.value, "graveler");
    bench_command_line_add(line, "run");
    bench_command_line_add(line, "--quiet");
    for (size_t i = 0; sweep->experiment->arguments[i]; i++)
        bench_command_line_add(line, "%s", sweep->experiment->arguments[i]);
    bench_command_line_add_path(line, sweep->path, sessions);
}

static void add_row(const scaling_sweep *sweep, uint64_t sessions, double seconds, double cpu_s,
                    uint64_t peak_kib, size_t repeats)
{
    const bench_subject *path = sweep->path;
    char place[64];
    if (path->backend == GRAV_BACKEND_CUDA)
        snprintf(place, sizeof place, "GPU %d", path->device);
    else
        snprintf(place, sizeof place, "CPU %s %u thread%s", grav_isa_name(path->isa), path->threads,
                 path->threads == 1 ? "" : "s");
    json_array_append_new(sweep->rows,
                          json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:f, s:f, s:I, s:i}",
                                    "experiment", sweep->experiment->name, "place", place, "method",
                                    grav_method_name(path->method), "engine",
                                    grav_engine_name(path->engine), "keep",
                                    grav_keep_name(path->keep), "sessions", (json_int_t)sessions,
                                    "seconds", seconds, "cpu_percent", 100 * cpu_s / seconds,
                                    "peak_kib", (json_int_t)peak_kib, "samples", (int)repeats));
}

/* One point: its median time in *seconds. */
static grav_status play_point(const scaling_sweep *sweep, uint64_t sessions, double *seconds,
                              grav_error *err)
{
    bench_command_line line;
    double walls[REPEATS], cpus[REPEATS];
    uint64_t peak_kib = 0;
    size_t count = 0;
    make_line(sweep, sessions, &line);
    do {
        bench_spawned spawned;
        grav_status status = bench_spawn(&line, &spawned, err);
        if (status != GRAV_OK)
            return status;
        walls[count] = spawned.wall_s;
        cpus[count++] = spawned.cpu_s;
        peak_kib = spawned.peak_kib > peak_kib ? spawned.peak_kib : peak_kib;
    } while (count < REPEATS && walls[count - 1] < repeat_s && !bench_interrupted());
    *seconds = bench_statistics_of(walls, count).median;
    add_row(sweep, sessions, *seconds, bench_statistics_of(cpus, count).median, peak_kib, count);
    return GRAV_OK;
}

/* Points of a place, ten times as many sessions each, while there is time. */
static grav_status play_sweep(const scaling_sweep *sweep, uint64_t max_sessions, grav_error *err)
{
    double seconds = 0;
    uint64_t first = sweep->experiment->large ? first_sessions / 100 : first_sessions;
    max_sessions = sweep->experiment->large ? max_sessions / 100 : max_sessions;
    grav_status status = GRAV_OK;
    for (uint64_t sessions = first;
         status == GRAV_OK && sessions <= max_sessions && !bench_interrupted(); sessions *= 10) {
        if (grav_now_s() + 10 * seconds > sweep->end_s) {
            fprintf(stderr, "%s %s: left out: %s from %.0e sessions on: --seconds are up\n",
                    cli_program, name, bench_subject_text(sweep->path).text, (double)sessions);
            return GRAV_OK;
        }
        status = play_point(sweep, sessions, &seconds, err);
        if (sessions > max_sessions / 10)
            break; /* before it overflows */
    }
    return status;
}

/* Of the paths at one thread the fastest method and engine; the histogram is kept. */
static grav_status find_fastest(bench_subjects *paths, int *method, int *engine, grav_error *err)
{
    bench_stop stop;
    bench_subjects candidates = {0};
    const bench_subject *best = NULL;
    grav_status status = GRAV_OK;
    for (size_t i = 0; status == GRAV_OK && i < paths->count; i++) {
        const bench_subject *path = &paths->items[i];
        if (path->isa == paths->items[0].isa && path->threads == paths->items[0].threads &&
            bench_subjects_add(&candidates, path) == BENCH_NONE)
            status = grav_no_memory(err, "the paths");
    }
    bench_limits limits = bench_limits_make(probe_s * (double)candidates.count, candidates.count);
    if (status == GRAV_OK)
        status = bench_measure(&candidates, &limits, &stop, err);
    for (size_t i = 0; status == GRAV_OK && i < candidates.count; i++)
        if (candidates.items[i].samples &&
            (!best ||
             bench_statistics_of(candidates.items[i].ns, candidates.items[i].samples).median <
                 bench_statistics_of(best->ns, best->samples).median))
            best = &candidates.items[i];
    if (best) {
        *method = best->method;
        *engine = best->engine;
    }
    bench_subjects_free(&candidates);
    return status;
}

/* Every place with the fastest path there is: one thread, all threads, the GPU. */
static grav_status play_all(json_t *document, const bench_job *job, const bench_settings *settings,
                            grav_error *err)
{
    bench_subjects paths = {0};
    int method = 0, engine = 0;
    bench_settings wanted = *settings;
    uint64_t max_sessions =
        settings->max_sessions.given ? settings->max_sessions.value : max_sessions_default;
    uint64_t seconds = settings->seconds.given ? settings->seconds.value : seconds_default;
    json_t *rows = json_array();
    json_object_set_new(document, "scaling", rows);
    wanted.common.keep.given = true; /* one of them: the histogram unless told otherwise */
    if (!settings->common.isa.given &&
        !(settings->common.backend.given && settings->common.backend.value == GRAV_BACKEND_CUDA))
        wanted.common.isa.value = GRAV_ISA_AUTO;
    grav_status status = bench_paths_add(&paths, job, &wanted, err);
    if (status == GRAV_OK)
        status = find_fastest(&paths, &method, &engine, err);
    double end_s = grav_now_s() + (double)seconds;
    grav_cpu_info cpu;
    grav_cpu(&cpu);
    for (size_t i = 0; status == GRAV_OK && i < paths.count; i++) {
        const bench_subject *path = &paths.items[i];
        bool best_isa = settings->common.isa.given || path->backend == GRAV_BACKEND_CUDA ||
                        path->isa == (int)cpu.isa;
        if (path->method != method || path->engine != engine || !best_isa)
            continue;
        for (size_t j = 0; status == GRAV_OK && j < sizeof experiments / sizeof *experiments; j++) {
            bench_subject played = *path;
            if (experiments[j].large) {
                played.method = GRAV_METHOD_ROLLS;
                played.keep = GRAV_KEEP_MAX;
            }
            scaling_sweep sweep = {rows, settings, &experiments[j], &played, end_s};
            status = play_sweep(&sweep, max_sessions, err);
        }
    }
    bench_subjects_free(&paths);
    return status;
}

static int run_scaling(const cli_settings *common)
{
    const bench_settings *settings = bench_settings_of(common);
    bench_job job = {.seed = common->seed.given ? common->seed.value : 42};
    grav_experiment_spec founding;
    grav_error err;
    grav_experiment_spec_init(&founding);
    grav_status status = bench_output_check(settings, &err);
    if (status == GRAV_OK)
        status = grav_experiment_create(&founding, &job.experiment, &err);
    if (status != GRAV_OK)
        return cli_fail(name, &err);
    bench_catch_signals();
    json_t *document = bench_document_make(bench_argc, bench_argv, (int)settings->device.value);
    int code = CLI_DONE;
    /* A signal to all of us ends the process under way, too. */
    if (play_all(document, &job, settings, &err) != GRAV_OK && !bench_interrupted())
        code = cli_fail(name, &err);
    bool any = code == CLI_DONE || json_array_size(json_object_get(document, "scaling"));
    if (any && bench_output(document, settings, &err) != GRAV_OK)
        code = cli_fail(name, &err);
    if (code == CLI_DONE && bench_interrupted())
        code = CLI_INTERRUPTED;
    json_decref(document);
    grav_experiment_destroy(job.experiment);
    return cli_finish_output(name, code);
}

static const cli_option scaling_options[] = {
    {.argument = "Sweep:"},
    {"max-sessions", "N", "sessions of the last point (1e10)", CLI_COUNT, BENCH_VALUE(max_sessions),
     1000, GRAV_SESSIONS_END, NULL},
    {"seconds", "N", "starts no point that would end later (300)", CLI_COUNT, BENCH_VALUE(seconds),
     1, 86400, NULL},
    {"seed", "S", "seed of all runs (42)", CLI_COUNT, BENCH_VALUE(common.seed), 0, UINT64_MAX,
     NULL},
    {"program", "FILE", "graveler to run (the one beside this program)", CLI_TEXT,
     BENCH_VALUE(program), 0, 0, NULL},
    {0},
};

const cli_command bench_scaling_command = {
    .name = "scaling",
    .summary = "time, CPU and memory of 10^3 to 10^10 sessions",
    .example = "graveler-bench scaling --max-sessions 1e8 --csv scaling.csv",
    .help = "Runs graveler as a process for each number of sessions, on one thread, on all and on "
            "a GPU, with the fastest method and engine unless told otherwise.",
    .tables = (const cli_option *const[]){bench_path_options, scaling_options, bench_output_options,
                                          NULL},
    .run = run_scaling,
};
