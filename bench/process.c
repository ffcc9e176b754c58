/* Part `process`: whole processes of the program beside the same run within the harness. */
#include <math.h>
#include <stdio.h>

#include "document.h"
#include "error.h"
#include "launch.h"
#include "parts.h"

static const uint64_t seconds_default = 15;
static const uint64_t sessions_gpu = 1000000000;
static const uint64_t sessions_probe = 20000000;

/* One run, as a process and within. */
typedef struct process_run {
    const bench_job *job;
    uint64_t sessions;
    char what[64];
    bench_command_line line;
} process_run;

static grav_status play_processes(bench_subject *subject, uint64_t count, bench_slice *slice,
                                  grav_error *err)
{
    const process_run *run = subject->data;
    grav_status status = GRAV_OK;
    for (uint64_t i = 0; status == GRAV_OK && i < count; i++) {
        bench_spawned spawned = {0};
        status = bench_spawn(&run->line, &spawned, err);
        slice->seconds += spawned.wall_s;
    }
    return status;
}

static grav_status play_within(bench_subject *subject, uint64_t count, bench_slice *slice,
                               grav_error *err)
{
    const process_run *run = subject->data;
    grav_run_spec spec = bench_path_spec(subject);
    grav_status status = GRAV_OK;
    spec.sessions = run->sessions;
    for (uint64_t i = 0; status == GRAV_OK && i < count; i++) {
        grav_result *result = NULL;
        grav_timing timing = {0};
        status = grav_run(run->job->experiment, &spec, &result, err);
        if (status == GRAV_OK)
            grav_result_timing(result, &timing);
        slice->seconds += timing.play_s;
        grav_result_destroy(result);
    }
    return status;
}

/* Sessions that take about a second, to two digits. */
static grav_status size_run(process_run *run, const bench_subject *path, grav_error *err)
{
    bench_slice slice = {0};
    bench_subject probe = *path;
    probe.data = run;
    run->sessions = sessions_probe;
    grav_status status = play_within(&probe, 1, &slice, err);
    if (status != GRAV_OK)
        return status;
    double wanted = (double)sessions_probe / slice.seconds;
    double unit = pow(10, floor(log10(wanted)) - 1);
    run->sessions = (uint64_t)(ceil(wanted / unit) * unit);
    return GRAV_OK;
}

static void make_line(process_run *run, const bench_subject *path, const bench_settings *settings)
{
    bench_command_line *line = &run->line;
    bench_command_line_start(line, settings->program.value, "graveler");
    bench_command_line_add(line, "run");
    bench_command_line_add(line, "--progress=always");
    bench_command_line_add_path(line, path, run->sessions);
}

/* Adds the process, and what it is compared with. */
static grav_status add_pair(bench_subjects *subjects, process_run *run, const bench_subject *path,
                            grav_error *err)
{
    bench_subject process = *path, within = *path;
    process.part = within.part = "process";
    process.unit = within.unit = "process";
    process.data = within.data = run;
    process.play = play_processes;
    process.what = run->what;
    within.play = play_within;
    within.what = "the same within graveler-bench";
    snprintf(run->what, sizeof run->what, "graveler run --sessions %.3g", (double)run->sessions);
    process.yardstick = bench_subjects_add(subjects, &within);
    if (process.yardstick == BENCH_NONE || bench_subjects_add(subjects, &process) == BENCH_NONE)
        return grav_no_memory(err, "the processes");
    return GRAV_OK;
}

/* The GPU's process is compared with one that creates a context and ends. */
static grav_status add_context(bench_subjects *subjects, process_run *context, int device,
                               grav_error *err)
{
    bench_subject subject =
        bench_subject_make("process", "process that creates a context", play_processes);
    bench_command_line_start(&context->line, "/proc/self/exe", NULL);
    bench_command_line_add(&context->line, "context");
    bench_command_line_add(&context->line, "--device=%d", device);
    subject.unit = "process";
    subject.backend = GRAV_BACKEND_CUDA;
    subject.device = device;
    subject.threads = 0;
    subject.data = context;
    int index = bench_subjects_add(subjects, &subject);
    if (index == BENCH_NONE)
        return grav_no_memory(err, "the processes");
    for (size_t i = 0; i < subjects->count; i++)
        if (subjects->items[i].backend == GRAV_BACKEND_CUDA &&
            subjects->items[i].yardstick != BENCH_NONE)
            subjects->items[i].yardstick = index;
    return GRAV_OK;
}

/* Of all paths those to measure here: a method, an engine and a keep (the first of each unless
 * told otherwise), on all threads with the best isa, and on the GPU. */
static bool is_wanted(const bench_subject *path, const bench_settings *settings)
{
    const cli_settings *common = &settings->common;
    grav_cpu_info cpu;
    grav_cpu(&cpu);
    unsigned threads = common->threads.given ? (unsigned)common->threads.value : cpu.threads;
    bool named = common->isa.given && common->isa.value != GRAV_ISA_AUTO;
    if (path->method != common->method.value || path->engine != common->engine.value ||
        path->keep != common->keep.value)
        return false;
    return path->backend == GRAV_BACKEND_CUDA ||
           (path->threads == threads && (named || path->isa == (int)cpu.isa));
}

enum { RUNS_MAX = 2 }; /* the CPU and a GPU */

static grav_status add_subjects(bench_subjects *subjects, process_run runs[RUNS_MAX + 1],
                                const bench_job *job, const bench_settings *settings,
                                grav_error *err)
{
    bench_subjects paths = {0};
    bool cuda = false;
    size_t count = 0;
    grav_status status = bench_paths_add(&paths, job, settings, err);
    for (size_t i = 0; status == GRAV_OK && i < paths.count && count < RUNS_MAX; i++) {
        const bench_subject *path = &paths.items[i];
        if (!is_wanted(path, settings))
            continue;
        process_run *run = &runs[count++];
        run->job = job;
        run->sessions = sessions_gpu;
        if (settings->common.sessions.given)
            run->sessions = settings->common.sessions.value;
        else if (path->backend == GRAV_BACKEND_CPU)
            status = size_run(run, path, err);
        make_line(run, path, settings);
        cuda |= path->backend == GRAV_BACKEND_CUDA;
        if (status == GRAV_OK)
            status = add_pair(subjects, run, path, err);
    }
    if (status == GRAV_OK && cuda)
        status = add_context(subjects, &runs[count], (int)settings->device.value, err);
    if (status == GRAV_OK && subjects->count == 0)
        status = grav_fail(err, GRAV_ERROR_INVALID, "the options leave no run to measure");
    bench_subjects_free(&paths);
    return status;
}

int bench_process(json_t *document, const bench_job *job, const bench_settings *settings,
                  const char *name)
{
    static process_run runs[RUNS_MAX + 1];
    grav_error err;
    bench_subjects subjects = {0};
    grav_status status = add_subjects(&subjects, runs, job, settings, &err);
    return bench_part_finish(&subjects, document, settings, seconds_default, status, &err, name);
}
