#include "experiment.h"

#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "number.h"

enum { CHANCE_DIGITS = 64 }; /* binary digits that method `rolls` looks at */

void grav_experiment_spec_init(grav_experiment_spec *spec)
{
    *spec = (grav_experiment_spec){
        .rolls = 231,
        .chance = "1/4",
        .statistic = GRAV_STATISTIC_SUM,
        .has_target = true,
        .target = 177,
    };
}

/* The chance's first 64 binary digits, rounded down; the chance must be below 1. */
static uint64_t chance_digits(const mpq_t chance)
{
    mpz_t scaled;
    mpz_init(scaled);
    mpz_mul_2exp(scaled, mpq_numref(chance), CHANCE_DIGITS);
    mpz_fdiv_q(scaled, scaled, mpq_denref(chance));
    uint64_t digits = grav_mpz_u64(scaled);
    mpz_clear(scaled);
    return digits;
}

static grav_status check_chance(const mpq_t chance, const char *text, grav_error *err)
{
    if (mpq_sgn(chance) < 0 || mpq_cmp_ui(chance, 1, 1) > 0)
        return grav_fail(err, GRAV_ERROR_INVALID, "chance '%.64s' is not from 0 to 1", text);
    if (mpq_sgn(chance) > 0 && mpq_cmp_ui(chance, 1, 1) < 0 && chance_digits(chance) == 0)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "chance '%.64s' is above 0 but below 2^-64, the smallest there is", text);
    return GRAV_OK;
}

grav_status grav_experiment_create(const grav_experiment_spec *spec, grav_experiment **out,
                                   grav_error *err)
{
    if (spec->rolls < 1 || spec->rolls > GRAV_ROLLS_MAX)
        return grav_fail(err, GRAV_ERROR_INVALID, "rolls %u is not from 1 to %u", spec->rolls,
                         GRAV_ROLLS_MAX);
    if (!grav_statistic_name((int)spec->statistic))
        return grav_fail(err, GRAV_ERROR_INVALID, "statistic %d is unknown", (int)spec->statistic);
    if (spec->has_target && spec->target > GRAV_SCORE_MAX)
        return grav_fail(err, GRAV_ERROR_INVALID, "target %llu is above %u, the highest score",
                         (unsigned long long)spec->target, GRAV_SCORE_MAX);

    grav_experiment *experiment = calloc(1, sizeof *experiment);
    if (!experiment)
        return grav_no_memory(err, "an experiment");
    mpq_init(experiment->chance);
    grav_status status = GRAV_OK;
    if (!spec->chance || !grav_parse_fraction(spec->chance, experiment->chance))
        status = grav_fail(err, GRAV_ERROR_INVALID,
                           "chance '%.64s' is not a number such as 1/4, 0.25, 25%% or 2.5e-1",
                           spec->chance ? spec->chance : "");
    else
        status = check_chance(experiment->chance, spec->chance, err);
    if (status != GRAV_OK) {
        grav_experiment_destroy(experiment);
        return status;
    }
    mpq_t rest;
    mpq_init(rest);
    mpq_set_ui(rest, 1, 1);
    mpq_sub(rest, rest, experiment->chance);
    experiment->chance_text = mpq_get_str(NULL, 10, experiment->chance);
    experiment->rest_text = mpq_get_str(NULL, 10, rest);
    mpq_clear(rest);
    experiment->rolls = spec->rolls;
    experiment->statistic = spec->statistic;
    experiment->has_target = spec->has_target;
    experiment->target = spec->has_target ? spec->target : 0;
    *out = experiment;
    return GRAV_OK;
}

void grav_experiment_destroy(grav_experiment *experiment)
{
    if (!experiment)
        return;
    mpq_clear(experiment->chance);
    free(experiment->chance_text);
    free(experiment->rest_text);
    free(experiment);
}

grav_experiment *grav_experiment_copy(const grav_experiment *experiment)
{
    grav_experiment *copy = calloc(1, sizeof *copy);
    if (!copy)
        return NULL;
    *copy = *experiment;
    mpq_init(copy->chance);
    mpq_set(copy->chance, experiment->chance);
    copy->chance_text = strdup(experiment->chance_text);
    copy->rest_text = strdup(experiment->rest_text);
    if (copy->chance_text && copy->rest_text)
        return copy;
    grav_experiment_destroy(copy);
    return NULL;
}

bool grav_experiment_equal(const grav_experiment *a, const grav_experiment *b)
{
    return a->rolls == b->rolls && mpq_equal(a->chance, b->chance) &&
           a->statistic == b->statistic && a->has_target == b->has_target && a->target == b->target;
}

uint32_t grav_experiment_rolls(const grav_experiment *experiment)
{
    return experiment->rolls;
}

uint64_t grav_experiment_score_max(const grav_experiment *experiment)
{
    return experiment->rolls;
}

const char *grav_experiment_chance(const grav_experiment *experiment)
{
    return experiment->chance_text;
}

bool grav_experiment_target(const grav_experiment *experiment, uint64_t *target)
{
    if (experiment->has_target && target)
        *target = experiment->target;
    return experiment->has_target;
}

grav_plan grav_plan_make(const grav_experiment *experiment, grav_engine engine, uint64_t seed)
{
    grav_plan plan = {
        .seed = seed,
        .rolls = experiment->rolls,
        .philox_rounds = engine == GRAV_ENGINE_PHILOX7 ? 7 : 10,
        .fast = engine == GRAV_ENGINE_FAST,
    };
    if (mpq_cmp_ui(experiment->chance, 1, 1) == 0)
        plan.sure_score = experiment->rolls;
    else
        plan.digits = chance_digits(experiment->chance);
    if (plan.digits)
        plan.planes = CHANCE_DIGITS - (uint32_t)__builtin_ctzll(plan.digits);
    return plan;
}
