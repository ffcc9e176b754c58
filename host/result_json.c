/* The result file's text (docs/formats.md). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "error.h"
#include "json.h"
#include "result.h"

static json_t *run_json(const grav_result *result)
{
    char seed[24];
    snprintf(seed, sizeof seed, "0x%" PRIx64, result->seed);
    json_t *ranges = json_array();
    for (size_t i = 0; i < result->ranges.count; i++)
        json_array_append_new(ranges,
                              json_pack("[o, o]", grav_json_count(result->ranges.items[i].first),
                                        grav_json_count(result->ranges.items[i].end)));
    json_t *calls = NULL;
    if (result->engine == GRAV_ENGINE_GEN3)
        calls = grav_json_count(result->calls_per_roll);
    return json_pack("{s:s, s:s, s:s, s:o*, s:s, s:o}", "seed", seed, "method",
                     grav_method_name((int)result->method), "engine",
                     grav_engine_name((int)result->engine), "calls_per_roll", calls, "keep",
                     grav_keep_name((int)result->keep), "ranges", ranges);
}

static json_t *histogram_json(const grav_tally *tally, const grav_summary *summary)
{
    json_t *counts = json_array();
    for (uint64_t score = summary->min_score; score <= summary->max_score; score++)
        json_array_append_new(counts, grav_json_count(tally->part.counts[score - tally->base]));
    return json_pack("{s:o, s:o}", "first", grav_json_count(summary->min_score), "counts", counts);
}

static json_t *tally_json(const grav_result *result, const grav_summary *summary)
{
    char digest[GRAV_DIGEST_SIZE];
    json_t *json = json_pack("{s:o}", "sessions", grav_json_count(summary->sessions));
    if (summary->sessions) {
        json_object_set_new(json, "max",
                            json_pack("{s:o, s:o}", "score", grav_json_count(summary->max_score),
                                      "session", grav_json_count(summary->max_session)));
    }
    if (summary->sessions && summary->has_histogram) {
        json_object_set_new(json, "min",
                            json_pack("{s:o}", "score", grav_json_count(summary->min_score)));
        if (result->experiment->has_target)
            json_object_set_new(json, "hits", grav_json_count(summary->hits));
        json_object_set_new(json, "mean", json_real(summary->mean));
        json_object_set_new(json, "sd", json_real(summary->sd));
        json_object_set_new(json, "quantiles",
                            json_pack("{s:o, s:o, s:o}", "0.25",
                                      grav_json_count(summary->quartiles[0]), "0.5",
                                      grav_json_count(summary->quartiles[1]), "0.75",
                                      grav_json_count(summary->quartiles[2])));
        json_object_set_new(json, "histogram", histogram_json(&result->tally, summary));
    }
    grav_result_digest(result, digest);
    json_object_set_new(json, "digest", json_string(digest));
    return json;
}

static json_t *law_json(const grav_result *result, const grav_law *law, const grav_summary *summary)
{
    uint64_t target;
    grav_chi2 chi2;
    json_t *json = json_pack("{s:f, s:f}", "mean", grav_law_mean(law), "sd", grav_law_sd(law));
    if (grav_experiment_target(result->experiment, &target))
        grav_json_set_decimal(json, "p_target", grav_law_at_least(law, target));
    if (summary->sessions)
        json_object_set_new(
            json, "p_max_at_least",
            json_real(grav_law_max_at_least(law, summary->max_score, summary->sessions)));
    if (grav_result_chi2(result, law, &chi2))
        json_object_set_new(json, "chi2",
                            json_pack("{s:f, s:o, s:f}", "value", chi2.value, "dof",
                                      grav_json_count(chi2.dof), "p", chi2.p));
    return json;
}

static json_t *worker_json(const grav_worker_info *worker)
{
    json_t *json = json_pack("{s:s}", "backend", grav_backend_name((int)worker->backend));
    if (worker->backend == GRAV_BACKEND_CPU) {
        json_object_set_new(json, "isa", json_string(grav_isa_name((int)worker->isa)));
        json_object_set_new(json, "threads", json_integer(worker->threads));
    } else {
        json_object_set_new(json, "device", json_integer(worker->device));
        json_object_set_new(json, "name", json_string(worker->name));
    }
    json_object_set_new(json, "sessions", grav_json_count(worker->sessions));
    return json;
}

static json_t *timing_json(const grav_result *result)
{
    json_t *workers = json_array();
    for (size_t i = 0; i < result->worker_count; i++)
        json_array_append_new(workers, worker_json(&result->workers[i]));
    return json_pack("{s:f, s:f, s:f, s:o}", "wall_s", result->timing.wall_s, "play_s",
                     result->timing.play_s, "sessions_per_s", result->timing.sessions_per_s,
                     "workers", workers);
}

json_t *grav_json_result(const grav_result *result, const grav_law *law)
{
    grav_summary summary;
    grav_result_summary(result, &summary);
    return json_pack("{s:s, s:i, s:o, s:o, s:o, s:o, s:o*, s:o, s:b}", "format", "graveler-result",
                     "version", 1, "program", grav_json_program(), "experiment",
                     grav_json_experiment(result->experiment), "run", run_json(result), "result",
                     tally_json(result, &summary), "law",
                     law ? law_json(result, law, &summary) : NULL, "timing", timing_json(result),
                     "complete", summary.complete);
}

grav_status grav_result_json(const grav_result *result, const grav_law *law, char **out,
                             grav_error *err)
{
    return grav_json_text(grav_json_result(result, law), out, err);
}
