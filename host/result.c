#include "result.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

grav_status grav_result_create(const grav_experiment *experiment, const grav_run_spec *spec,
                               grav_result **out, grav_error *err)
{
    size_t length = 0;
    if (spec->keep == GRAV_KEEP_HISTOGRAM)
        length = (size_t)grav_experiment_scores(experiment);
    grav_result *result = calloc(1, sizeof *result);
    if (!result)
        return grav_no_memory(err, "a result");
    result->seed = spec->seed;
    result->method = spec->method;
    result->engine = spec->engine;
    result->calls_per_roll = spec->calls_per_roll;
    result->keep = spec->keep;
    result->asked_first = spec->first;
    result->asked_end = spec->first + spec->sessions;
    result->until_target = spec->until_target;
    grav_status status = grav_tally_init(&result->tally, length, err);
    result->tally.base = grav_experiment_score_min(experiment);
    result->experiment = grav_experiment_share(experiment);
    if (status != GRAV_OK) {
        grav_result_destroy(result);
        return status;
    }
    *out = result;
    return GRAV_OK;
}

void grav_result_destroy(grav_result *result)
{
    if (!result)
        return;
    grav_experiment_destroy(result->experiment);
    grav_ranges_free(&result->ranges);
    grav_tally_free(&result->tally);
    free(result->workers);
    free(result);
}

bool grav_result_complete(const grav_result *result)
{
    return result->ranges.count == 1 && result->ranges.items[0].first == result->asked_first &&
           result->ranges.items[0].end == result->asked_end;
}

/* ---- Adding ---------------------------------------------------------------------------------- */

static void tell_target(const grav_experiment *experiment, char *text, size_t size)
{
    if (experiment->has_target)
        snprintf(text, size, "target %" PRIu64, experiment->target);
    else
        snprintf(text, size, "no target");
}

static bool same_experiment(const grav_experiment *a, const grav_experiment *b, grav_error *why)
{
    char target_a[32], target_b[32];
    if (grav_experiment_equal(a, b))
        return true;
    tell_target(a, target_a, sizeof target_a);
    tell_target(b, target_b, sizeof target_b);
    if (a->rolls != b->rolls)
        grav_fail(why, GRAV_ERROR_INVALID, "%" PRIu32 " rolls, not %" PRIu32, a->rolls, b->rolls);
    else if (!grav_faces_equal(&a->faces, &b->faces))
        grav_fail(why, GRAV_ERROR_INVALID, "die %.100s, not %.100s", a->faces.list, b->faces.list);
    else if (a->statistic != b->statistic)
        grav_fail(why, GRAV_ERROR_INVALID, "statistic %s, not %s",
                  grav_statistic_name((int)a->statistic), grav_statistic_name((int)b->statistic));
    else
        grav_fail(why, GRAV_ERROR_INVALID, "%s, not %s", target_a, target_b);
    return false;
}

bool grav_result_same_run(const grav_result *a, const grav_result *b, grav_error *why)
{
    if (!same_experiment(a->experiment, b->experiment, why))
        return false;
    if (a->method != b->method)
        grav_fail(why, GRAV_ERROR_INVALID, "method %s, not %s", grav_method_name((int)a->method),
                  grav_method_name((int)b->method));
    else if (a->engine != b->engine)
        grav_fail(why, GRAV_ERROR_INVALID, "engine %s, not %s", grav_engine_name((int)a->engine),
                  grav_engine_name((int)b->engine));
    else if (a->calls_per_roll != b->calls_per_roll)
        grav_fail(why, GRAV_ERROR_INVALID, "%" PRIu32 " calls per roll, not %" PRIu32,
                  a->calls_per_roll, b->calls_per_roll);
    else if (a->seed != b->seed)
        grav_fail(why, GRAV_ERROR_INVALID, "seed %" PRIu64 ", not %" PRIu64, a->seed, b->seed);
    else if (a->keep != b->keep)
        grav_fail(why, GRAV_ERROR_INVALID, "keep %s, not %s", grav_keep_name((int)a->keep),
                  grav_keep_name((int)b->keep));
    else
        return true;
    return false;
}

void grav_worker_tell(grav_worker_info *worker)
{
    char *text = worker->text;
    const size_t size = sizeof worker->text;
    size_t at = 0;
    if (*worker->host)
        at = (size_t)snprintf(text, size, "rank %d on %s: ", worker->rank, worker->host);
    if (worker->backend == GRAV_BACKEND_CPU)
        at += (size_t)snprintf(text + at, size - at, "CPU, %s, %u thread%s",
                               grav_isa_name((int)worker->isa), worker->threads,
                               worker->threads == 1 ? "" : "s");
    else
        at += (size_t)snprintf(text + at, size - at, "GPU %d, %s", worker->device, worker->name);
    if (*worker->checked_by)
        snprintf(text + at, size - at, ", checked by %s", worker->checked_by);
}

bool grav_worker_is_timed(const grav_worker_info *worker)
{
    return !worker->sessions || worker->busy_s > 0;
}

/* A time that is not known of some of the sessions is not known of all of them. */
static double busy_together_s(const grav_worker_info *a, const grav_worker_info *b)
{
    if (!grav_worker_is_timed(a) || !grav_worker_is_timed(b))
        return 0;
    return fmin(a->busy_s + b->busy_s, GRAV_TIME_MAX_S);
}

grav_worker_info grav_worker_at_work(const grav_worker_info *worker)
{
    grav_worker_info told = {
        .backend = worker->backend,
        .isa = worker->isa,
        .threads = worker->threads,
        .device = worker->device,
        .sessions = worker->sessions,
        .busy_s = worker->busy_s,
        .rank = worker->rank,
    };
    memcpy(told.name, worker->name, sizeof told.name);
    memcpy(told.pci_bus_id, worker->pci_bus_id, sizeof told.pci_bus_id);
    memcpy(told.host, worker->host, sizeof told.host);
    memcpy(told.checked_by, worker->checked_by, sizeof told.checked_by);
    memcpy(told.text, worker->text, sizeof told.text);
    return told;
}

grav_status grav_result_add_worker(grav_result *result, const grav_worker_info *worker,
                                   grav_error *err)
{
    /* A run until a target plays some sessions again, and files may count anything: no more is told
     * than there is. */
    uint64_t sessions = worker->sessions < GRAV_SESSIONS_END ? worker->sessions : GRAV_SESSIONS_END;
    for (size_t i = 0; i < result->worker_count; i++) {
        grav_worker_info *known = &result->workers[i];
        if (strcmp(known->text, worker->text) == 0) {
            known->busy_s = busy_together_s(known, worker);
            known->sessions = sessions < GRAV_SESSIONS_END - known->sessions
                                  ? known->sessions + sessions
                                  : GRAV_SESSIONS_END;
            known->kernel_s += worker->kernel_s;
            return GRAV_OK;
        }
    }
    grav_worker_info *workers =
        realloc(result->workers, (result->worker_count + 1) * sizeof *workers);
    if (!workers)
        return grav_no_memory(err, "the list of workers");
    result->workers = workers;
    workers[result->worker_count] = *worker;
    workers[result->worker_count++].sessions = sessions;
    return GRAV_OK;
}

static void add_timing(grav_result *into, const grav_timing *from)
{
    into->timing.wall_s += from->wall_s;
    into->timing.play_s += from->play_s;
    into->timing.kernel_s += from->kernel_s;
    double rate = (double)into->tally.sessions / into->timing.play_s;
    if (isfinite(rate))
        into->timing.sessions_per_s = rate;
}

grav_status grav_result_add(grav_result *into, const grav_result *from, grav_error *err)
{
    grav_status status = GRAV_OK;
    for (size_t i = 0; status == GRAV_OK && i < from->ranges.count; i++)
        status = grav_ranges_add(&into->ranges, from->ranges.items[i].first,
                                 from->ranges.items[i].end, err);
    for (size_t i = 0; status == GRAV_OK && i < from->worker_count; i++)
        status = grav_result_add_worker(into, &from->workers[i], err);
    if (status != GRAV_OK)
        return status;
    grav_tally_merge(&into->tally, &from->tally);
    add_timing(into, &from->timing);
    if (from->asked_first < into->asked_first)
        into->asked_first = from->asked_first;
    if (from->asked_end > into->asked_end)
        into->asked_end = from->asked_end;
    into->until_target = into->until_target && from->until_target;
    return GRAV_OK;
}

grav_status grav_result_create_like(const grav_result *model, grav_result **out, grav_error *err)
{
    grav_run_spec spec;
    grav_result_spec(model, &spec);
    return grav_result_create(model->experiment, &spec, out, err);
}

grav_status grav_result_assign(grav_result *into, const grav_result *from, grav_error *err)
{
    into->ranges.count = 0;
    into->worker_count = 0;
    into->timing = (grav_timing){0};
    into->asked_first = from->asked_first;
    into->asked_end = from->asked_end;
    into->until_target = from->until_target;
    grav_tally_clear(&into->tally);
    return grav_result_add(into, from, err);
}

grav_status grav_result_merge(const grav_result *a, const grav_result *b, grav_result **out,
                              grav_error *err)
{
    grav_error why;
    if (!grav_result_same_run(b, a, &why))
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "results of different runs cannot be merged: %.400s", why.message);
    grav_result *merged;
    grav_status status = grav_result_create_like(a, &merged, err);
    if (status != GRAV_OK)
        return status;
    status = grav_result_add(merged, a, err);
    if (status == GRAV_OK)
        status = grav_result_add(merged, b, err);
    if (status == GRAV_OK)
        *out = merged;
    else
        grav_result_destroy(merged);
    return status;
}

/* ---- Asking ---------------------------------------------------------------------------------- */

void grav_result_summary(const grav_result *result, grav_summary *out)
{
    uint64_t target;
    grav_tally_summarise(&result->tally, out);
    out->complete = grav_result_complete(result);
    if (grav_experiment_target(result->experiment, &target))
        out->hits = grav_tally_at_least(&result->tally, target);
}

const uint64_t *grav_result_histogram(const grav_result *result, uint64_t *first, size_t *length)
{
    *first = result->tally.base;
    *length = result->tally.length;
    return result->tally.part.counts;
}

bool grav_result_range(const grav_result *result, size_t i, uint64_t *first, uint64_t *end)
{
    if (i >= result->ranges.count)
        return false;
    *first = result->ranges.items[i].first;
    *end = result->ranges.items[i].end;
    return true;
}

const grav_experiment *grav_result_experiment(const grav_result *result)
{
    return result->experiment;
}

void grav_result_spec(const grav_result *result, grav_run_spec *out)
{
    grav_run_spec_init(out);
    out->seed = result->seed;
    out->first = result->asked_first;
    out->sessions = result->asked_end - result->asked_first;
    out->method = result->method;
    out->engine = result->engine;
    out->calls_per_roll = result->calls_per_roll;
    out->keep = result->keep;
    out->until_target = result->until_target;
}

const grav_error *grav_result_failure(const grav_result *result)
{
    return result->failure.status == GRAV_OK ? NULL : &result->failure;
}

void grav_result_timing(const grav_result *result, grav_timing *out)
{
    *out = result->timing;
}

bool grav_result_worker(const grav_result *result, size_t i, grav_worker_summary *out)
{
    if (i >= result->worker_count)
        return false;
    const grav_worker_info *worker = &result->workers[i];
    double rate = (double)worker->sessions / worker->busy_s;
    *out = (grav_worker_summary){
        .text = worker->text,
        .sessions = worker->sessions,
        .sessions_per_s = isfinite(rate) ? rate : 0,
    };
    return true;
}
