/* Part `overhead`: what a run and a parallel region cost that have next to nothing to do. */

#include "clock.h"
#include "document.h"
#include "error.h"
#include "parts.h"

static const uint64_t seconds_default = 5;
/* Where other programs keep the threads from the processors, a region takes thousands of times as
 * long as else. */
static const double regions_s = 0.5;

/* Runs of one session, from the call to the result. */
static grav_status play_runs(bench_subject *subject, uint64_t count, bench_slice *slice,
                             grav_error *err)
{
    const bench_job *job = subject->data;
    grav_run_spec spec = bench_path_spec(subject);
    grav_status status = GRAV_OK;
    double start_s = grav_now_s();
    spec.sessions = 1;
    for (uint64_t i = 0; status == GRAV_OK && i < count; i++) {
        grav_result *result = NULL;
        status = grav_run(job->experiment, &spec, &result, err);
        grav_result_destroy(result);
    }
    slice->seconds = grav_now_s() - start_s;
    return status;
}

/* Parallel regions with nothing in them: each chunk on the CPU is one. */
static grav_status play_regions(bench_subject *subject, uint64_t count, bench_slice *slice,
                                grav_error *err)
{
    unsigned threads = subject->threads;
    double start_s = grav_now_s();
    (void)err;
    slice->done = 0;
    while (slice->done < count && slice->seconds < regions_s) {
#pragma omp parallel num_threads(threads)
        __asm__ volatile("" : : : "memory"); /* else there would be no region */
        slice->done++;
        slice->seconds = grav_now_s() - start_s;
    }
    return GRAV_OK;
}

static bench_subject make_runs(const bench_job *job, int isa)
{
    bench_subject runs = bench_subject_make("overhead", "run of 1 session", play_runs);
    runs.unit = "run";
    runs.method = runs.engine = runs.keep = 0;
    runs.isa = isa;
    runs.seed = job->seed;
    runs.data = job;
    return runs;
}

static grav_status add_subjects(bench_subjects *subjects, const bench_job *job, int device,
                                grav_error *err)
{
    grav_cpu_info cpu;
    int gpus = 0, added = 0;
    grav_cpu(&cpu);
    bench_subject runs = make_runs(job, (int)cpu.isa);
    for (unsigned threads = 1; threads && added != BENCH_NONE;) {
        bench_subject region =
            bench_subject_make("overhead", "empty parallel region", play_regions);
        region.unit = "region";
        region.threads = runs.threads = threads;
        added = bench_subjects_add(subjects, &runs);
        if (added != BENCH_NONE && threads > 1)
            added = bench_subjects_add(subjects, &region);
        threads = threads < cpu.threads ? cpu.threads : 0;
    }
    if (added != BENCH_NONE && grav_gpu_count(&gpus, NULL) == GRAV_OK && device < gpus) {
        runs.backend = GRAV_BACKEND_CUDA;
        runs.isa = BENCH_NONE;
        runs.threads = 0;
        runs.device = device;
        added = bench_subjects_add(subjects, &runs);
    }
    return added == BENCH_NONE ? grav_no_memory(err, "the tasks") : GRAV_OK;
}

int bench_overhead(json_t *document, const bench_job *job, const bench_settings *settings,
                   const char *name)
{
    grav_error err;
    bench_subjects subjects = {0};
    grav_status status = add_subjects(&subjects, job, (int)settings->device.value, &err);
    return bench_part_finish(&subjects, document, settings, seconds_default, status, &err, name);
}
