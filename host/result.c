#include "result.h"

#include <inttypes.h>
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
    grav_status status = grav_tally_init(&result->tally, length, err);
    result->tally.base = grav_experiment_score_min(experiment);
    result->experiment = grav_experiment_copy(experiment);
    if (status == GRAV_OK && !result->experiment)
        status = grav_no_memory(err, "an experiment");
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

/* Which part of two results' runs differs; NULL if none does. */
static const char *difference(const grav_result *a, const grav_result *b)
{
    if (!grav_experiment_equal(a->experiment, b->experiment))
        return "experiments";
    if (a->seed != b->seed)
        return "seeds";
    if (a->method != b->method)
        return "methods";
    if (a->engine != b->engine)
        return "engines";
    if (a->calls_per_roll != b->calls_per_roll)
        return "calls per roll";
    if (a->keep != b->keep)
        return "kept tallies";
    return NULL;
}

/* Adds the ranges, tally, timing and workers of from. */
static grav_status result_add(grav_result *into, const grav_result *from, grav_error *err)
{
    for (size_t i = 0; i < from->ranges.count; i++) {
        grav_range range = from->ranges.items[i];
        grav_status status = grav_ranges_add(&into->ranges, range.first, range.end, err);
        if (status != GRAV_OK)
            return status;
    }
    grav_tally_merge(&into->tally, &from->tally);
    into->timing.wall_s += from->timing.wall_s;
    into->timing.play_s += from->timing.play_s;
    into->timing.kernel_s += from->timing.kernel_s;
    if (from->worker_count) {
        size_t count = into->worker_count + from->worker_count;
        grav_worker_info *workers = realloc(into->workers, count * sizeof *workers);
        if (!workers)
            return grav_no_memory(err, "the list of workers");
        memcpy(workers + into->worker_count, from->workers, from->worker_count * sizeof *workers);
        into->workers = workers;
        into->worker_count = count;
    }
    return GRAV_OK;
}

grav_status grav_result_merge(const grav_result *a, const grav_result *b, grav_result **out,
                              grav_error *err)
{
    const char *different = difference(a, b);
    if (different)
        return grav_fail(err, GRAV_ERROR_INVALID, "results of different %s cannot be merged",
                         different);
    grav_run_spec spec;
    grav_run_spec_init(&spec);
    spec.seed = a->seed;
    spec.method = a->method;
    spec.engine = a->engine;
    spec.calls_per_roll = a->calls_per_roll;
    spec.keep = a->keep;
    grav_result *merged;
    grav_status status = grav_result_create(a->experiment, &spec, &merged, err);
    if (status != GRAV_OK)
        return status;
    status = result_add(merged, a, err);
    if (status == GRAV_OK)
        status = result_add(merged, b, err);
    if (status != GRAV_OK) {
        grav_result_destroy(merged);
        return status;
    }
    merged->complete = a->complete && b->complete;
    if (merged->timing.play_s > 0)
        merged->timing.sessions_per_s = (double)merged->tally.sessions / merged->timing.play_s;
    *out = merged;
    return GRAV_OK;
}

void grav_result_summary(const grav_result *result, grav_summary *out)
{
    uint64_t target;
    grav_tally_summarise(&result->tally, out);
    out->complete = result->complete;
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

void grav_result_timing(const grav_result *result, grav_timing *out)
{
    *out = result->timing;
}

const char *grav_result_worker(const grav_result *result, size_t i)
{
    return i < result->worker_count ? result->workers[i].text : NULL;
}
