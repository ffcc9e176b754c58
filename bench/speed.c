/* Part `speed`: every path beside its yardstick. */
#include <unistd.h>

#include "document.h"
#include "parts.h"
#include "yardstick_scipy.h"

static const uint64_t seconds_default = 30;

static grav_status add_subjects(bench_subjects *subjects, json_t *document, const bench_job *job,
                                const bench_settings *settings, grav_error *err)
{
    grav_error why;
    const cli_choice *backend = &settings->common.backend;
    grav_status status = bench_paths_add(subjects, job, settings, err);
    if (status == GRAV_OK)
        status = bench_yardsticks_add(subjects, err);
    if (status == GRAV_OK && !(backend->given && backend->value == GRAV_BACKEND_CUDA) &&
        bench_scipy_add(subjects, settings->python.value, job->seed, &why) != GRAV_OK)
        bench_document_leave_out(document, "yardstick scipy binom.rvs", why.message);
    return status;
}

int bench_speed(json_t *document, const bench_job *job, const bench_settings *settings,
                const char *name)
{
    grav_error err;
    bench_subjects subjects = {0};
    bench_stop stop = BENCH_TIME;
    size_t mismatches = 0;
    grav_status status = add_subjects(&subjects, document, job, settings, &err);
    if (status == GRAV_OK)
        status = bench_paths_verify(&subjects, &mismatches, &err);
    bench_limits limits = bench_limits_make(
        (double)(settings->seconds.given ? settings->seconds.value : seconds_default),
        subjects.count);
    limits.progress = isatty(STDERR_FILENO);
    if (status == GRAV_OK && mismatches == 0)
        status = bench_measure(&subjects, &limits, &stop, &err);
    if (status == GRAV_OK && mismatches == 0)
        bench_document_add(document, &subjects, &limits, stop);
    int code = mismatches ? CLI_MISMATCH : CLI_DONE;
    if (status != GRAV_OK)
        code = cli_fail(name, &err);
    bench_scipy_end();
    bench_subjects_free(&subjects);
    return code;
}
