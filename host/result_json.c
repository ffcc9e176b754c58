/* The result file's text (docs/formats.md). */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "error.h"
#include "json.h"
#include "result.h"
#include "seal.h"

static json_t *range_json(uint64_t first, uint64_t end)
{
    return json_pack("[o, o]", grav_json_count(first), grav_json_count(end));
}

static json_t *run_json(const grav_result *result)
{
    char seed[24];
    snprintf(seed, sizeof seed, "0x%" PRIx64, result->seed);
    json_t *ranges = json_array();
    for (size_t i = 0; i < result->ranges.count; i++)
        grav_json_append(&ranges,
                         range_json(result->ranges.items[i].first, result->ranges.items[i].end));
    json_t *json =
        json_pack("{s:s, s:s, s:s}", "seed", seed, "method", grav_method_name((int)result->method),
                  "engine", grav_engine_name((int)result->engine));
    if (result->engine == GRAV_ENGINE_GEN3)
        grav_json_set(&json, "calls_per_roll", grav_json_count(result->calls_per_roll));
    grav_json_set(&json, "keep", json_string(grav_keep_name((int)result->keep)));
    if (result->until_target)
        grav_json_set(&json, "until_target", json_true());
    grav_json_set(&json, "ranges", ranges);
    if (!grav_result_complete(result))
        grav_json_set(&json, "asked", range_json(result->asked_first, result->asked_end));
    return json;
}

static json_t *histogram_json(const grav_tally *tally, const grav_summary *summary)
{
    json_t *counts = json_array();
    for (uint64_t score = summary->min_score; score <= summary->max_score; score++)
        grav_json_append(&counts, grav_json_count(tally->part.counts[score - tally->base]));
    return json_pack("{s:o, s:o}", "first", grav_json_count(summary->min_score), "counts", counts);
}

static json_t *tally_json(const grav_result *result, const grav_summary *summary)
{
    char digest[GRAV_DIGEST_SIZE];
    json_t *json = json_pack("{s:o}", "sessions", grav_json_count(summary->sessions));
    if (summary->sessions) {
        grav_json_set(&json, "max",
                      json_pack("{s:o, s:o}", "score", grav_json_count(summary->max_score),
                                "session", grav_json_count(summary->max_session)));
    }
    if (summary->sessions && summary->has_histogram) {
        grav_json_set(&json, "min",
                      json_pack("{s:o}", "score", grav_json_count(summary->min_score)));
        if (result->experiment->has_target)
            grav_json_set(&json, "hits", grav_json_count(summary->hits));
        grav_json_set(&json, "mean", json_real(summary->mean));
        grav_json_set(&json, "sd", json_real(summary->sd));
        grav_json_set(&json, "quantiles",
                      json_pack("{s:o, s:o, s:o}", "0.25", grav_json_count(summary->quartiles[0]),
                                "0.5", grav_json_count(summary->quartiles[1]), "0.75",
                                grav_json_count(summary->quartiles[2])));
        grav_json_set(&json, "histogram", histogram_json(&result->tally, summary));
    }
    grav_result_digest(result, digest);
    grav_json_set(&json, "digest", json_string(digest));
    return json;
}

static json_t *law_json(const grav_result *result, const grav_law *law, const grav_summary *summary)
{
    uint64_t target;
    grav_chi2 chi2;
    json_t *json = json_pack("{s:f, s:f}", "mean", grav_law_mean(law), "sd", grav_law_sd(law));
    if (grav_experiment_target(result->experiment, &target))
        grav_json_set_decimal(&json, "p_target", grav_law_at_least(law, target));
    if (summary->sessions)
        grav_json_set(&json, "p_max_at_least",
                      json_real(grav_law_max_at_least(law, summary->max_score, summary->sessions)));
    if (grav_result_chi2(result, law, &chi2))
        grav_json_set(&json, "chi2",
                      json_pack("{s:f, s:o, s:f}", "value", chi2.value, "dof",
                                grav_json_count(chi2.dof), "p", chi2.p));
    return json;
}

static json_t *worker_json(const grav_worker_info *worker)
{
    json_t *json = json_pack("{s:s}", "backend", grav_backend_name((int)worker->backend));
    if (worker->backend == GRAV_BACKEND_CPU) {
        grav_json_set(&json, "isa", json_string(grav_isa_name((int)worker->isa)));
        grav_json_set(&json, "threads", json_integer(worker->threads));
    } else {
        grav_json_set(&json, "device", json_integer(worker->device));
        grav_json_set(&json, "name", json_string(worker->name));
    }
    if (*worker->checked_by)
        grav_json_set(&json, "checked_by", json_string(worker->checked_by));
    if (*worker->host) {
        grav_json_set(&json, "rank", json_integer(worker->rank));
        grav_json_set(&json, "host", json_string(worker->host));
    }
    grav_json_set(&json, "sessions", grav_json_count(worker->sessions));
    if (grav_worker_is_timed(worker))
        grav_json_set(&json, "busy_s", json_real(worker->busy_s));
    return json;
}

static json_t *timing_json(const grav_result *result)
{
    json_t *workers = json_array();
    for (size_t i = 0; i < result->worker_count; i++)
        grav_json_append(&workers, worker_json(&result->workers[i]));
    return json_pack("{s:f, s:f, s:f, s:o}", "wall_s", result->timing.wall_s, "play_s",
                     result->timing.play_s, "sessions_per_s", result->timing.sessions_per_s,
                     "workers", workers);
}

json_t *grav_json_result(const grav_result *result, const grav_law *law)
{
    grav_summary summary;
    grav_result_summary(result, &summary);
    json_t *json = json_pack("{s:s, s:i, s:o, s:o, s:o, s:o}", "format", "graveler-result",
                             "version", 1, "program", grav_json_program(), "experiment",
                             grav_json_experiment(result->experiment), "run", run_json(result),
                             "result", tally_json(result, &summary));
    if (law)
        grav_json_set(&json, "law", law_json(result, law, &summary));
    grav_json_set(&json, "timing", timing_json(result));
    grav_json_set(&json, "complete", json_boolean(summary.complete));
    return json;
}

/* Puts the checksum at the end of the text of an object, which is given away. */
static grav_status seal(char *text, char **out, grav_error *err)
{
    char checksum[GRAV_DIGEST_SIZE], *unsealed, *sealed;
    int body = (int)(strlen(text) - strlen(GRAV_JSON_END));
    int length = asprintf(&unsealed, "%.*s,\n", body, text);
    free(text);
    if (length < 0)
        return grav_no_memory(err, "JSON text");
    grav_checksum(unsealed, (size_t)length, checksum);
    int printed = asprintf(&sealed, "%s" GRAV_SEAL_START "%s" GRAV_SEAL_END, unsealed, checksum);
    free(unsealed);
    if (printed < 0)
        return grav_no_memory(err, "JSON text");
    *out = sealed;
    return GRAV_OK;
}

grav_status grav_result_json(const grav_result *result, const grav_law *law, char **out,
                             grav_error *err)
{
    char *text;
    grav_status status = grav_json_text(grav_json_result(result, law), &text, err);
    return status == GRAV_OK ? seal(text, out, err) : status;
}

grav_status grav_result_json_line(const grav_result *result, const grav_law *law, char **out,
                                  grav_error *err)
{
    return grav_json_line(grav_json_result(result, law), out, err);
}
