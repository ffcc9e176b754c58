/* What a run is asked for, and whether it can be. */
#include <inttypes.h>

#include "engine.h"
#include "error.h"
#include "experiment.h"
#include "ranges.h"
#include "scores_table.h"

void grav_run_spec_init(grav_run_spec *spec)
{
    *spec = (grav_run_spec){
        .sessions = 1000000000,
        .method = GRAV_METHOD_ROLLS,
        .engine = GRAV_ENGINE_PHILOX,
        .calls_per_roll = 1,
        .keep = GRAV_KEEP_HISTOGRAM,
        .backend = GRAV_BACKEND_AUTO,
        .isa = GRAV_ISA_AUTO,
        .checkpoint_s = 30,
    };
}

static grav_status check_names(const grav_run_spec *spec, grav_error *err)
{
    if (!grav_method_name((int)spec->method))
        return grav_fail(err, GRAV_ERROR_INVALID, "method %d is unknown", (int)spec->method);
    if (!grav_engine_name((int)spec->engine))
        return grav_fail(err, GRAV_ERROR_INVALID, "engine %d is unknown", (int)spec->engine);
    if (!grav_keep_name((int)spec->keep))
        return grav_fail(err, GRAV_ERROR_INVALID, "keep %d is unknown", (int)spec->keep);
    if (!grav_backend_name((int)spec->backend))
        return grav_fail(err, GRAV_ERROR_INVALID, "backend %d is unknown", (int)spec->backend);
    if (!grav_isa_name((int)spec->isa))
        return grav_fail(err, GRAV_ERROR_INVALID, "isa %d is unknown", (int)spec->isa);
    return GRAV_OK;
}

static grav_status check_sessions(const grav_experiment *experiment, const grav_run_spec *spec,
                                  grav_error *err)
{
    uint64_t target, score_max = grav_experiment_score_max(experiment);
    uint64_t scores = grav_experiment_scores(experiment);
    grav_status status = grav_range_check(spec->first, spec->sessions, err);
    if (status != GRAV_OK)
        return status;
    if (spec->keep == GRAV_KEEP_HISTOGRAM && scores > GRAV_HISTOGRAM_MAX)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "rolls %" PRIu32
                         ": a histogram tells at most %u scores apart, not %" PRIu64
                         ": keep max instead (--keep max)",
                         grav_experiment_rolls(experiment), GRAV_HISTOGRAM_MAX, scores);
    if (!spec->until_target)
        return GRAV_OK;
    if (!grav_experiment_target(experiment, &target))
        return grav_fail(err, GRAV_ERROR_INVALID, "until-target wants a target");
    if (target > score_max)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "until-target: target %" PRIu64 " is out of reach, the highest score is "
                         "%" PRIu64,
                         target, score_max);
    return GRAV_OK;
}

static grav_status check_workers(const grav_run_spec *spec, grav_error *err)
{
    if (spec->threads > GRAV_THREADS_MAX)
        return grav_fail(err, GRAV_ERROR_INVALID, "threads %u is not from 1 to %d", spec->threads,
                         GRAV_THREADS_MAX);
    if (spec->backend == GRAV_BACKEND_CPU && spec->device_count)
        return grav_fail(err, GRAV_ERROR_INVALID, "devices contradict backend cpu: they are GPUs");
    if (spec->backend == GRAV_BACKEND_CUDA && spec->threads)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "threads contradict backend cuda: they are the CPU's");
    if (spec->backend == GRAV_BACKEND_CUDA && spec->isa != GRAV_ISA_AUTO)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "an isa contradicts backend cuda: it is the CPU's");
    for (size_t i = 0; i < spec->device_count; i++)
        for (size_t j = 0; j < i; j++)
            if (spec->devices[i] == spec->devices[j])
                return grav_fail(err, GRAV_ERROR_INVALID, "device %d is given twice",
                                 spec->devices[i]);
    return GRAV_OK;
}

static grav_status check_times(const grav_run_spec *spec, grav_error *err)
{
    if (!(spec->max_s >= 0))
        return grav_fail(err, GRAV_ERROR_INVALID, "max time %g s is below 0", spec->max_s);
    if (spec->checkpoint && !(spec->checkpoint_s > 0))
        return grav_fail(err, GRAV_ERROR_INVALID, "a checkpoint every %g s: that is not above 0",
                         spec->checkpoint_s);
    return GRAV_OK;
}

grav_status grav_run_check(const grav_experiment *experiment, const grav_run_spec *spec,
                           grav_error *err)
{
    grav_status status = check_names(spec, err);
    if (status == GRAV_OK && spec->method == GRAV_METHOD_SCORES)
        status = grav_scores_check(experiment, spec->engine, err);
    if (status == GRAV_OK)
        status = grav_engine_check_rolls(experiment, spec->engine, spec->seed, spec->calls_per_roll,
                                         spec->first, spec->sessions, err);
    if (status == GRAV_OK)
        status = check_sessions(experiment, spec, err);
    if (status == GRAV_OK)
        status = check_workers(spec, err);
    if (status == GRAV_OK)
        status = check_times(spec, err);
    return status;
}
