/* Part `games`: experiments of every kind, each beside the founding job played the same way. */
#include "parts.h"

static const uint64_t seconds_default = 60;

typedef struct game {
    const char *name;
    grav_experiment_spec spec;
} game;

/* The founding job first: the others are compared with it. */
static const game games[] = {
    {"231 rolls at 1/4", {.rolls = 231, .chance = "1/4"}},
    {"231 rolls at 1/3", {.rolls = 231, .chance = "1/3"}},
    {"262 rolls at 20/423", {.rolls = 262, .chance = "20/423"}},
    {"10 rolls of 1..6", {.rolls = 10, .die = "1..6"}},
    {"1000 rolls of 0..10", {.rolls = 1000, .die = "0..10"}},
    {"streak of 231 at 1/4", {.rolls = 231, .chance = "1/4", .statistic = GRAV_STATISTIC_STREAK}},
    {"streak of 231 at 1/3", {.rolls = 231, .chance = "1/3", .statistic = GRAV_STATISTIC_STREAK}},
};

enum { GAME_COUNT = sizeof games / sizeof *games };

/* The subject of the first game that is played as the i-th is. */
static int founding_of(const bench_subjects *subjects, size_t count, size_t i)
{
    const bench_subject *subject = &subjects->items[i];
    for (size_t j = 0; j < count; j++) {
        const bench_subject *other = &subjects->items[j];
        if (other->method == subject->method && other->engine == subject->engine &&
            other->keep == subject->keep && other->backend == subject->backend &&
            other->isa == subject->isa && other->threads == subject->threads)
            return (int)j;
    }
    return BENCH_NONE;
}

/* Whether any of the subjects is a GPU's. */
static bool has_gpu(const bench_subjects *subjects)
{
    for (size_t i = 0; i < subjects->count; i++)
        if (subjects->items[i].backend == GRAV_BACKEND_CUDA)
            return true;
    return false;
}

/* Adds the paths of all games, by engine philox unless told otherwise. */
static grav_status add_subjects(bench_subjects *subjects, bench_job *jobs,
                                const bench_settings *settings, grav_error *err)
{
    grav_status status = GRAV_OK;
    bench_settings wanted = *settings;
    size_t founding_count = 0;
    wanted.common.engine.given = true; /* the value is 0, philox, where none is */
    for (size_t i = 0; status == GRAV_OK && i < GAME_COUNT; i++) {
        size_t before = subjects->count;
        status = bench_paths_add(subjects, &jobs[i], &wanted, err);
        for (size_t j = before; j < subjects->count; j++) {
            subjects->items[j].part = "games";
            subjects->items[j].what = games[i].name;
            if (i > 0)
                subjects->items[j].yardstick = founding_of(subjects, founding_count, j);
        }
        if (i > 0)
            continue;
        founding_count = subjects->count;
        if (!has_gpu(subjects)) { /* why not has been told: once will do */
            wanted.common.backend.given = true;
            wanted.common.backend.value = GRAV_BACKEND_CPU;
        }
    }
    return status;
}

int bench_games(json_t *document, const bench_job *job, const bench_settings *settings,
                const char *name)
{
    grav_error err;
    bench_subjects subjects = {0};
    bench_job jobs[GAME_COUNT] = {0};
    grav_status status = GRAV_OK;
    for (size_t i = 0; status == GRAV_OK && i < GAME_COUNT; i++) {
        jobs[i].seed = job->seed;
        status = grav_experiment_create(&games[i].spec, &jobs[i].experiment, &err);
    }
    if (status == GRAV_OK)
        status = add_subjects(&subjects, jobs, settings, &err);
    int code =
        bench_part_finish_paths(&subjects, document, settings, seconds_default, status, &err, name);
    for (size_t i = 0; i < GAME_COUNT; i++)
        grav_experiment_destroy(jobs[i].experiment);
    return code;
}
