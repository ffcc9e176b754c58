#include "paths.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "yardstick_cpu.h"
#include "yardstick_cuda.h"

/* Sessions to compare digests by: odd, so that vectors do not come out even. */
static const uint64_t verify_sessions = 1000003;

const cli_option bench_path_options[] = {
    {.argument = "Paths (all that there are):"},
    {"method", "NAME", "how sessions are played", CLI_CHOICE, BENCH_VALUE(common.method), 0, 0,
     grav_method_name},
    {"engine", "NAME", "where random words come from", CLI_CHOICE, BENCH_VALUE(common.engine), 0, 0,
     grav_engine_name},
    {"keep", "WHAT", "histogram or max", CLI_CHOICE, BENCH_VALUE(common.keep), 0, 0,
     grav_keep_name},
    {"backend", "NAME", "cpu or cuda", CLI_CHOICE, BENCH_VALUE(common.backend), 0, 0,
     grav_backend_name},
    {"isa", "NAME", "portable, avx2, avx512, or auto: the best", CLI_CHOICE,
     BENCH_VALUE(common.isa), 0, 0, grav_isa_name},
    {"threads", "N", "threads of the CPU (1, and one a processor)", CLI_COUNT,
     BENCH_VALUE(common.threads), 1, GRAV_THREADS_MAX, NULL},
    {"device", "N", "GPU, by index (0)", CLI_COUNT, BENCH_VALUE(device), 0, 4095, NULL},
    {0},
};

grav_run_spec bench_path_spec(const bench_subject *path)
{
    grav_run_spec spec;
    grav_run_spec_init(&spec);
    spec.seed = path->seed;
    spec.method = (grav_method)path->method;
    spec.engine = (grav_engine)path->engine;
    spec.keep = (grav_keep)path->keep;
    spec.backend = path->backend;
    if (path->backend == GRAV_BACKEND_CUDA) {
        spec.devices = &path->device;
        spec.device_count = 1;
    } else {
        spec.isa = (grav_isa)path->isa;
        spec.threads = path->threads;
    }
    return spec;
}

/* A run as part of a process that has more to do: from the first session to the last. An engine
 * whose sessions end begins again. */
static grav_status play_path(bench_subject *path, uint64_t count, bench_slice *slice,
                             grav_error *err)
{
    const bench_job *job = path->data;
    grav_run_spec spec = bench_path_spec(path);
    grav_result *result;
    grav_timing timing;
    uint64_t end = grav_engine_sessions_end(spec.engine);
    spec.first = path->played % end;
    spec.sessions = count < end - spec.first ? count : end - spec.first;
    slice->done = spec.sessions;
    grav_status status = grav_run(job->experiment, &spec, &result, err);
    if (status != GRAV_OK)
        return status;
    grav_result_timing(result, &timing);
    slice->seconds = timing.play_s;
    slice->kernel_s = timing.kernel_s;
    grav_result_destroy(result);
    return GRAV_OK;
}

/* ---- Which there are ------------------------------------------------------------------------- */

/* Whether a choice leaves value in. */
static bool chosen(const cli_choice *choice, int value)
{
    return !choice->given || choice->value == value;
}

/* Adds a path on this place in every method, engine and keep. *err gets the last refusal. */
static grav_status add_everything(bench_subjects *subjects, const bench_job *job,
                                  const cli_settings *settings, bench_subject path, grav_error *err)
{
    const uint64_t seed = path.seed;
    for (path.method = 0; grav_method_name(path.method); path.method++)
        for (path.engine = 0; grav_engine_name(path.engine); path.engine++)
            for (path.keep = 0; grav_keep_name(path.keep); path.keep++) {
                if (!chosen(&settings->method, path.method) ||
                    !chosen(&settings->engine, path.engine) || !chosen(&settings->keep, path.keep))
                    continue;
                path.seed = grav_engine_has_seed((grav_engine)path.engine) ? seed : 0;
                grav_run_spec spec = bench_path_spec(&path);
                if (grav_run_check(job->experiment, &spec, err) != GRAV_OK)
                    continue; /* such as an engine that a method does not go with */
                if (bench_subjects_add(subjects, &path) == BENCH_NONE)
                    return grav_no_memory(err, "the paths");
            }
    return GRAV_OK;
}

/* Adds the CPU's paths at so many threads: with every isa, or with the best alone. */
static grav_status add_cpu(bench_subjects *subjects, const bench_job *job,
                           const cli_settings *settings, unsigned threads, bool every_isa,
                           grav_error *err)
{
    grav_cpu_info cpu;
    grav_status status = GRAV_OK;
    grav_cpu(&cpu);
    bool named = settings->isa.given && settings->isa.value != GRAV_ISA_AUTO;
    bool best = !named && (settings->isa.given || !every_isa);
    for (int isa = GRAV_ISA_AVX512; status == GRAV_OK && isa >= GRAV_ISA_PORTABLE; isa--) {
        if (!grav_cpu_has((grav_isa)isa) || (named && isa != settings->isa.value) ||
            (best && isa != (int)cpu.isa))
            continue;
        bench_subject path = bench_subject_make("speed", "run", play_path);
        path.isa = isa;
        path.threads = threads;
        path.data = job;
        path.seed = job->seed;
        status = add_everything(subjects, job, settings, path, err);
    }
    return status;
}

static grav_status add_all_cpu(bench_subjects *subjects, const bench_job *job,
                               const cli_settings *settings, grav_error *err)
{
    grav_cpu_info cpu;
    grav_cpu(&cpu);
    if (settings->threads.given)
        return add_cpu(subjects, job, settings, (unsigned)settings->threads.value,
                       settings->threads.value == 1, err);
    grav_status status = add_cpu(subjects, job, settings, 1, true, err);
    if (status == GRAV_OK && cpu.threads > 1)
        status = add_cpu(subjects, job, settings, cpu.threads, false, err);
    return status;
}

static grav_status add_cuda(bench_subjects *subjects, const bench_job *job,
                            const bench_settings *settings, grav_error *err)
{
    int gpus = 0, device = (int)settings->device.value;
    grav_status status = grav_gpu_count(&gpus, err);
    if (status == GRAV_OK && device >= gpus)
        status = grav_fail(err, GRAV_ERROR_INVALID, "--device: there are GPUs 0 to %d only, not %d",
                           gpus - 1, device);
    if (status != GRAV_OK)
        return status;
    bench_subject path = bench_subject_make("speed", "run", play_path);
    path.backend = GRAV_BACKEND_CUDA;
    path.device = device;
    path.threads = 0;
    path.data = job;
    path.seed = job->seed;
    return add_everything(subjects, job, &settings->common, path, err);
}

grav_status bench_paths_add(bench_subjects *subjects, const bench_job *job,
                            const bench_settings *settings, grav_error *err)
{
    const cli_choice *backend = &settings->common.backend;
    const cli_choice *isa = &settings->common.isa;
    bool named =
        backend->given && backend->value != GRAV_BACKEND_AUTO && backend->value != GRAV_BACKEND_ALL;
    bool of_cpu = isa->given || settings->common.threads.given;
    grav_error why = {0};
    grav_status status = GRAV_OK;
    if (isa->given && isa->value != GRAV_ISA_AUTO && !grav_cpu_has((grav_isa)isa->value))
        return grav_fail(err, GRAV_ERROR_INVALID, "--isa: this CPU has no %s",
                         grav_isa_name(isa->value));
    if (of_cpu && named && backend->value == GRAV_BACKEND_CUDA)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "--isa and --threads are the CPU's: they contradict --backend cuda");
    size_t before = subjects->count;
    if (!named || backend->value == GRAV_BACKEND_CPU)
        status = add_all_cpu(subjects, job, &settings->common, &why);
    if (status == GRAV_OK && named && backend->value == GRAV_BACKEND_CUDA)
        status = add_cuda(subjects, job, settings, &why);
    else if (status == GRAV_OK && !named && !of_cpu && add_cuda(subjects, job, settings, err))
        fprintf(stderr, "%s: no GPU is measured: %s\n", cli_program, err->message);
    if (status == GRAV_OK && subjects->count == before)
        status = grav_fail(&why, GRAV_ERROR_INVALID, "nothing is left to measure: %.400s",
                           *why.message ? why.message : "the options exclude all");
    if (status != GRAV_OK && err)
        *err = why;
    return status;
}

/* ---- Yardsticks ------------------------------------------------------------------------------ */

static grav_status play_yardstick_cpu(bench_subject *subject, uint64_t count, bench_slice *slice,
                                      grav_error *err)
{
    unsigned best;
    (void)err;
    yardstick_cpu_play(subject->data, YARDSTICK_PUBLISHED, subject->seed + subject->played,
                       subject->threads, count, &slice->seconds, &best);
    return GRAV_OK;
}

static grav_status play_tuned_cpu(bench_subject *subject, uint64_t count, bench_slice *slice,
                                  grav_error *err)
{
    unsigned best;
    (void)err;
    yardstick_cpu_play(subject->data, YARDSTICK_TUNED, subject->seed + subject->played,
                       subject->threads, count, &slice->seconds, &best);
    return GRAV_OK;
}

static grav_status play_yardstick_cuda(bench_subject *subject, uint64_t count, bench_slice *slice,
                                       grav_error *err)
{
    double kernel_ms = 0;
    unsigned best;
    grav_status status = bench_yardstick_cuda(subject->device, subject->seed + subject->played,
                                              count, &kernel_ms, &best, err);
    slice->seconds = slice->kernel_s = 1e-3 * kernel_ms;
    return status;
}

/* The yardstick for a path, not yet among the subjects. */
static bench_subject make_yardstick(const bench_subject *path)
{
    bool cuda = path->backend == GRAV_BACKEND_CUDA;
    bench_subject yardstick =
        bench_subject_make("speed", cuda ? "yardstick xorwow" : "yardstick xoshiro256+",
                           cuda ? play_yardstick_cuda : play_yardstick_cpu);
    yardstick.backend = path->backend;
    yardstick.isa = path->isa;
    yardstick.device = path->device;
    yardstick.threads = path->threads;
    yardstick.seed = path->seed;
    if (!cuda)
        yardstick.data = yardstick_variant_for((grav_isa)path->isa);
    return yardstick;
}

static bool same_place(const bench_subject *a, const bench_subject *b)
{
    return a->backend == b->backend && a->isa == b->isa && a->device == b->device &&
           a->threads == b->threads;
}

/* Adds a yardstick and, on a CPU, its tuned form, to be compared with it. Its index or BENCH_NONE.
 */
static int add_yardstick(bench_subjects *subjects, const bench_subject *yardstick)
{
    int index = bench_subjects_add(subjects, yardstick);
    if (index == BENCH_NONE || yardstick->backend != GRAV_BACKEND_CPU)
        return index;
    bench_subject tuned = *yardstick;
    tuned.what = "xoshiro256+ tuned";
    tuned.play = play_tuned_cpu;
    tuned.yardstick = index;
    return bench_subjects_add(subjects, &tuned) == BENCH_NONE ? BENCH_NONE : index;
}

grav_status bench_yardsticks_add(bench_subjects *subjects, grav_error *err)
{
    size_t paths = subjects->count;
    for (size_t i = 0; i < paths; i++) {
        bench_subject yardstick = make_yardstick(&subjects->items[i]);
        size_t at = paths;
        while (at < subjects->count && !same_place(&subjects->items[at], &yardstick))
            at++;
        if (at == subjects->count && add_yardstick(subjects, &yardstick) == BENCH_NONE)
            return grav_no_memory(err, "the yardsticks");
        subjects->items[i].yardstick = (int)at;
    }
    return GRAV_OK;
}

/* ---- Verifying ------------------------------------------------------------------------------- */

static grav_status digest_of(const bench_subject *path, char digest[GRAV_DIGEST_SIZE],
                             grav_error *err)
{
    const bench_job *job = path->data;
    grav_run_spec spec = bench_path_spec(path);
    grav_result *result;
    spec.sessions = verify_sessions;
    grav_status status = grav_run(job->experiment, &spec, &result, err);
    if (status != GRAV_OK)
        return status;
    grav_result_digest(result, digest);
    grav_result_destroy(result);
    return GRAV_OK;
}

/* The digest the path's run should have, into expected[i]: from an earlier path, or the portable
 * one's. */
static grav_status expect_digest(const bench_subjects *subjects, size_t i,
                                 char (*expected)[GRAV_DIGEST_SIZE], grav_error *err)
{
    bench_subject portable = subjects->items[i];
    for (size_t j = 0; j < i; j++) {
        const bench_subject *other = &subjects->items[j];
        if (other->data == portable.data && other->method == portable.method &&
            other->engine == portable.engine && other->keep == portable.keep) {
            memcpy(expected[i], expected[j], sizeof expected[i]);
            return GRAV_OK;
        }
    }
    portable.backend = GRAV_BACKEND_CPU;
    portable.isa = GRAV_ISA_PORTABLE;
    portable.threads = 0; /* all */
    return digest_of(&portable, expected[i], err);
}

grav_status bench_paths_verify(const bench_subjects *subjects, size_t *mismatches, grav_error *err)
{
    grav_status status = GRAV_OK;
    char digest[GRAV_DIGEST_SIZE] = "";
    char(*expected)[GRAV_DIGEST_SIZE] = calloc(subjects->count, sizeof *expected);
    if (!expected)
        return grav_no_memory(err, "the digests");
    *mismatches = 0;
    for (size_t i = 0; i < subjects->count && status == GRAV_OK; i++) {
        const bench_subject *path = &subjects->items[i];
        if (path->method == BENCH_NONE)
            continue;
        status = expect_digest(subjects, i, expected, err);
        if (status == GRAV_OK)
            status = digest_of(path, digest, err);
        if (status == GRAV_OK && strcmp(digest, expected[i]) != 0) {
            fprintf(stderr, "%s: MISMATCH: %s has digest %s, portable has %s\n", cli_program,
                    bench_subject_text(path).text, digest, expected[i]);
            ++*mismatches;
        }
    }
    free(expected);
    return status;
}
