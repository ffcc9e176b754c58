/* The text of `graveler rare --json` (docs/formats.md). */
#include "json.h"
#include "result.h"

static json_t *decimal_json(grav_decimal x)
{
    return json_pack("{s:f, s:f, s:I}", "value", x.value, "mantissa", x.mantissa, "exponent",
                     (json_int_t)x.exponent);
}

/* What is asked about: the target is that of the tilted experiment. */
static json_t *experiment_json(const grav_experiment *experiment)
{
    json_t *json = grav_json_experiment(experiment);
    json_object_del(json, "target");
    return json;
}

static json_t *tilt_json(const grav_tilt *tilt)
{
    return json_pack("{s:s, s:I, s:f}", "lambda", grav_tilt_lambda(tilt), "step",
                     (json_int_t)grav_tilt_step(tilt), "mean", grav_tilt_mean(tilt));
}

static json_t *estimate_json(const grav_rare *rare)
{
    json_t *json = json_pack("{s:o, s:o}", "sessions", grav_json_count(rare->sessions), "hits",
                             grav_json_count(rare->hits));
    if (rare->hits == 0)
        return json;
    grav_json_set(&json, "chance", decimal_json(rare->estimate));
    grav_json_set(&json, "standard_error", decimal_json(rare->error));
    grav_json_set(&json, "relative_error", json_real(rare->relative_error));
    return json;
}

static json_t *law_json(const grav_rare *rare, const grav_law *law, uint64_t at_least)
{
    double apart;
    grav_decimal exact = grav_law_at_least(law, at_least);
    json_t *json = json_pack("{s:o}", "chance", decimal_json(exact));
    if (grav_rare_errors_apart(rare, exact, &apart))
        grav_json_set(&json, "errors_apart", json_real(apart));
    return json;
}

grav_status grav_rare_json(const grav_experiment *experiment, const grav_tilt *tilt,
                           const grav_rare *rare, const grav_result *result, const grav_law *law,
                           char **out, grav_error *err)
{
    uint64_t at_least = 0;
    grav_experiment_target(grav_tilt_experiment(tilt), &at_least);
    json_t *json = json_pack("{s:s, s:i, s:o, s:o, s:o, s:o, s:o}", "format", "graveler-rare",
                             "version", 1, "program", grav_json_program(), "experiment",
                             experiment_json(experiment), "at_least", grav_json_count(at_least),
                             "tilt", tilt_json(tilt), "estimate", estimate_json(rare));
    if (law)
        grav_json_set(&json, "law", law_json(rare, law, at_least));
    grav_json_set(&json, "played", grav_json_result(result, NULL));
    grav_json_set(&json, "complete", json_boolean(grav_result_complete(result)));
    return grav_json_text(json, out, err);
}
