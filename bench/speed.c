/* Part `speed`: every path beside its yardstick. */
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
    grav_status status = add_subjects(&subjects, document, job, settings, &err);
    int code =
        bench_part_finish_paths(&subjects, document, settings, seconds_default, status, &err, name);
    bench_scipy_end();
    return code;
}
