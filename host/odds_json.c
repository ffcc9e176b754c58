/* The text of `graveler odds --json` (docs/formats.md). */
#include "json.h"

void grav_odds_spec_init(grav_odds_spec *spec)
{
    *spec = (grav_odds_spec){.sessions = 1000000000, .rate = 1e9};
}

/* Quantiles of the highest of so many sessions, by share. */
static json_t *quantiles_json(const grav_law *law, uint64_t sessions)
{
    static const struct {
        const char *key;
        double share;
    } quantiles[] = {{"0.001", 0.001}, {"0.01", 0.01}, {"0.05", 0.05},
                     {"0.25", 0.25},   {"0.5", 0.5},   {"0.75", 0.75},
                     {"0.95", 0.95},   {"0.99", 0.99}, {"0.999", 0.999}};
    json_t *json = json_object();
    for (size_t i = 0; i < sizeof quantiles / sizeof *quantiles; i++)
        grav_json_set(&json, quantiles[i].key,
                      grav_json_count(grav_law_max_quantile(law, sessions, quantiles[i].share)));
    return json;
}

static json_t *scores_json(const grav_law *law)
{
    uint64_t first, step, last;
    grav_law_scores(law, &first, &step, &last);
    json_t *chances = json_array();
    for (uint64_t score = first; score <= last; score += step)
        grav_json_append(&chances, json_real(grav_law_equal(law, score)));
    return json_pack("{s:o, s:o, s:o}", "first", grav_json_count(first), "step",
                     grav_json_count(step), "p", chances);
}

static json_t *law_json(const grav_law *law)
{
    return json_pack("{s:f, s:f, s:o, s:o}", "mean", grav_law_mean(law), "sd", grav_law_sd(law),
                     "quantiles", quantiles_json(law, 1), "scores", scores_json(law));
}

static json_t *at_least_json(const grav_law *law, const grav_odds_spec *spec)
{
    json_t *json = json_pack("{s:o}", "score", grav_json_count(spec->score));
    grav_json_set_decimal(&json, "p", grav_law_at_least(law, spec->score));
    if (spec->tries) {
        json_t *best = json_pack("{s:o}", "tries", grav_json_count(spec->tries));
        grav_json_set_decimal(&best, "p", grav_law_max_tail(law, spec->score, spec->tries));
        grav_json_set(&json, "best_of", best);
    }
    grav_decimal sessions = grav_law_sessions_for(law, spec->score, 0.5);
    if (sessions.mantissa > 0) {
        json_t *even = json_object();
        grav_json_set_decimal(&even, "sessions", sessions);
        grav_json_set_decimal(&even, "seconds", grav_decimal_over(sessions, spec->rate));
        grav_json_set(&json, "even_chance", even);
    }
    return json;
}

static json_t *highest_json(const grav_law *law, const grav_odds_spec *spec)
{
    json_t *json = json_pack("{s:o, s:o}", "sessions", grav_json_count(spec->sessions), "quantiles",
                             quantiles_json(law, spec->sessions));
    if (spec->has_score)
        grav_json_set_decimal(&json, "p_at_least",
                              grav_law_max_tail(law, spec->score, spec->sessions));
    return json;
}

grav_status grav_odds_json(const grav_experiment *experiment, const grav_law *law,
                           const grav_odds_spec *spec, char **out, grav_error *err)
{
    json_t *json = json_pack("{s:s, s:i, s:o, s:o, s:o}", "format", "graveler-odds", "version", 1,
                             "program", grav_json_program(), "experiment",
                             grav_json_experiment(experiment), "law", law_json(law));
    if (spec->has_score)
        grav_json_set(&json, "at_least", at_least_json(law, spec));
    grav_json_set(&json, "highest", highest_json(law, spec));
    grav_json_set(
        &json, "rate",
        json_pack("{s:f, s:b}", "sessions_per_s", spec->rate, "measured", spec->measured));
    return grav_json_text(json, out, err);
}
