#include "experiment.h"

#include <stdlib.h>

#include "engine.h"
#include "error.h"

void grav_experiment_spec_init(grav_experiment_spec *spec)
{
    *spec = grav_preset_at(0)->experiment;
}

static grav_status check_spec(const grav_experiment_spec *spec, grav_error *err)
{
    if (spec->rolls < 1 || spec->rolls > GRAV_ROLLS_MAX)
        return grav_fail(err, GRAV_ERROR_INVALID, "rolls %u is not from 1 to %u", spec->rolls,
                         GRAV_ROLLS_MAX);
    if (!grav_statistic_name((int)spec->statistic))
        return grav_fail(err, GRAV_ERROR_INVALID, "statistic %d is unknown", (int)spec->statistic);
    if (spec->has_target && spec->target > GRAV_SCORE_MAX)
        return grav_fail(err, GRAV_ERROR_INVALID, "target %llu is above %u, the highest score",
                         (unsigned long long)spec->target, GRAV_SCORE_MAX);
    return GRAV_OK;
}

static grav_status check_faces(const grav_experiment *experiment, grav_error *err)
{
    bool streak = experiment->statistic == GRAV_STATISTIC_STREAK;
    if (streak && !grav_faces_are_of_chance(&experiment->faces))
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "statistic streak wants a die of two faces, 1 and then 0, as a chance has "
                         "or 1x1,0x3; not %.64s",
                         experiment->faces.list);
    uint64_t score_max = (uint64_t)experiment->rolls * experiment->faces.value_max;
    if (score_max > GRAV_SCORE_MAX)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "%u rolls of values up to %u could score %llu: the highest score there is "
                         "is %u",
                         experiment->rolls, experiment->faces.value_max,
                         (unsigned long long)score_max, GRAV_SCORE_MAX);
    return GRAV_OK;
}

grav_status grav_experiment_create(const grav_experiment_spec *spec, grav_experiment **out,
                                   grav_error *err)
{
    grav_status status = check_spec(spec, err);
    if (status != GRAV_OK)
        return status;
    grav_experiment *experiment = calloc(1, sizeof *experiment);
    if (!experiment)
        return grav_no_memory(err, "an experiment");
    experiment->owners = 1;
    experiment->rolls = spec->rolls;
    experiment->statistic = spec->statistic;
    experiment->has_target = spec->has_target;
    experiment->target = spec->has_target ? spec->target : 0;
    status = spec->die ? grav_faces_of_list(spec->die, &experiment->faces, err)
                       : grav_faces_of_chance(spec->chance, &experiment->faces, err);
    if (status == GRAV_OK)
        status = check_faces(experiment, err);
    if (status == GRAV_OK)
        status = grav_faces_digits(&experiment->faces, spec->rolls, &experiment->die, err);
    if (status == GRAV_OK)
        *out = experiment;
    else
        grav_experiment_destroy(experiment);
    return status;
}

void grav_experiment_destroy(grav_experiment *experiment)
{
    if (!experiment || __atomic_sub_fetch(&experiment->owners, 1, __ATOMIC_ACQ_REL))
        return;
    grav_faces_free(&experiment->faces);
    free(experiment);
}

grav_experiment *grav_experiment_share(const grav_experiment *experiment)
{
    grav_experiment *shared = (grav_experiment *)experiment; /* made by grav_experiment_create() */
    __atomic_add_fetch(&shared->owners, 1, __ATOMIC_RELAXED);
    return shared;
}

grav_experiment *grav_experiment_retarget(const grav_experiment *experiment, uint64_t target)
{
    grav_experiment *copy = malloc(sizeof *copy);
    if (!copy)
        return NULL;
    *copy = *experiment;
    copy->owners = 1;
    copy->has_target = true;
    copy->target = target;
    if (grav_faces_copy(&experiment->faces, &copy->faces))
        return copy;
    free(copy);
    return NULL;
}

bool grav_experiment_equal(const grav_experiment *a, const grav_experiment *b)
{
    return a->rolls == b->rolls && grav_faces_equal(&a->faces, &b->faces) &&
           a->statistic == b->statistic && a->has_target == b->has_target && a->target == b->target;
}

uint32_t grav_experiment_rolls(const grav_experiment *experiment)
{
    return experiment->rolls;
}

grav_statistic grav_experiment_statistic(const grav_experiment *experiment)
{
    return experiment->statistic;
}

uint64_t grav_experiment_score_min(const grav_experiment *experiment)
{
    if (experiment->statistic == GRAV_STATISTIC_STREAK)
        return 0;
    return (uint64_t)experiment->rolls * experiment->faces.value_min;
}

uint64_t grav_experiment_score_max(const grav_experiment *experiment)
{
    if (experiment->statistic == GRAV_STATISTIC_STREAK)
        return experiment->rolls;
    return (uint64_t)experiment->rolls * experiment->faces.value_max;
}

uint64_t grav_experiment_scores(const grav_experiment *experiment)
{
    return grav_experiment_score_max(experiment) - grav_experiment_score_min(experiment) + 1;
}

const char *grav_experiment_chance(const grav_experiment *experiment)
{
    return grav_faces_are_of_chance(&experiment->faces) ? experiment->faces.items[0].text : NULL;
}

const char *grav_experiment_die(const grav_experiment *experiment)
{
    return experiment->faces.list;
}

bool grav_experiment_face(const grav_experiment *experiment, size_t i, uint32_t *value,
                          const char **chance)
{
    if (i >= experiment->faces.count)
        return false;
    *value = experiment->faces.items[i].value;
    *chance = experiment->faces.items[i].text;
    return true;
}

bool grav_experiment_target(const grav_experiment *experiment, uint64_t *target)
{
    if (experiment->has_target && target)
        *target = experiment->target;
    return experiment->has_target;
}

grav_plan grav_plan_make(const grav_experiment *experiment, grav_engine engine,
                         uint32_t calls_per_roll, uint64_t seed)
{
    const grav_face *first = &experiment->die.faces[0];
    grav_plan plan = {
        .seed = seed,
        .rolls = experiment->rolls,
        .game = experiment->statistic == GRAV_STATISTIC_STREAK ? GRAV_GAME_STREAK : GRAV_GAME_COUNT,
        .philox_rounds = grav_engine_philox_rounds(engine),
        .fast = engine == GRAV_ENGINE_FAST,
    };
    if (!grav_faces_are_of_chance(&experiment->faces)) {
        plan.game = GRAV_GAME_DIE;
        plan.die = &experiment->die;
        return plan;
    }
    plan.digits = first->digits;
    plan.planes = first->planes;
    plan.sure_score = first->sure ? experiment->rolls : 0;
    if (engine == GRAV_ENGINE_GEN3)
        plan.gen3 = grav_gen3_of(experiment, calls_per_roll);
    return plan;
}
