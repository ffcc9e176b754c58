#include "plan_costs.h"

#include <stdlib.h>

#include "clock.h"
#include "error.h"
#include "experiment.h"
#include "measure.h"
#include "tally.h"
#include "team_wire.h"

static const double speed_s = 0.1; /* a run at least this long tells the speed */

static grav_status play(const bench_job *job, uint64_t sessions, grav_timing *out, grav_error *err)
{
    grav_run_spec spec;
    grav_result *result;
    grav_run_spec_init(&spec);
    spec.seed = job->seed;
    spec.backend = GRAV_BACKEND_CPU;
    spec.threads = 1;
    spec.sessions = sessions;
    grav_status status = grav_run(job->experiment, &spec, &result, err);
    if (status == GRAV_OK) {
        grav_result_timing(result, out);
        grav_result_destroy(result);
    }
    return status;
}

grav_status plan_measure_speed(const bench_job *job, double *speed, grav_error *err)
{
    enum { RUNS = 5 }; /* of which the fastest counts: others may be at work here */
    grav_timing timing = {0};
    grav_status status = GRAV_OK;
    uint64_t sessions = 1000000;
    for (; status == GRAV_OK && timing.play_s < speed_s; sessions *= 2)
        status = play(job, sessions, &timing, err);
    *speed = timing.sessions_per_s;
    for (int i = 1; status == GRAV_OK && i < RUNS; i++) {
        status = play(job, sessions / 2, &timing, err);
        *speed = timing.sessions_per_s > *speed ? timing.sessions_per_s : *speed;
    }
    return status;
}

grav_status plan_measure_chunk(const bench_job *job, double *seconds, grav_error *err)
{
    enum { RUNS = 100 };
    double times[RUNS];
    grav_timing timing;
    grav_status status = GRAV_OK;
    for (size_t i = 0; status == GRAV_OK && i < RUNS; i++) {
        status = play(job, 1, &timing, err);
        times[i] = timing.play_s;
    }
    *seconds = status == GRAV_OK ? bench_statistics_of(times, RUNS).median : 0;
    return status;
}

grav_status plan_measure_merges(const bench_job *job, size_t tallies, double *seconds,
                                grav_error *err)
{
    const size_t length = grav_experiment_scores(job->experiment);
    grav_tally all = {0}, *each = calloc(tallies, sizeof *each);
    grav_status status = each ? grav_tally_init(&all, length, err) : grav_no_memory(err, "tallies");
    for (size_t i = 0; status == GRAV_OK && i < tallies; i++)
        status = grav_tally_init(&each[i], length, err);
    double start_s = grav_now_s();
    for (size_t i = 0; status == GRAV_OK && i < tallies; i++)
        grav_tally_merge(&all, &each[i]);
    *seconds = grav_now_s() - start_s;
    for (size_t i = 0; each && i < tallies; i++)
        grav_tally_free(&each[i]);
    grav_tally_free(&all);
    free(each);
    return status;
}

/* What rank 0's own loops do with a state. They are three (team_leader.c: note_members() and what
 * it calls, and all_idle()). */
static double go_over(const grav_wire_state *states, size_t count)
{
    double speed = 0, fastest = 0;
    grav_part best = {.max_session = GRAV_NO_SESSION};
    for (size_t i = 0; i < count; i++)
        grav_part_offer(&best, states[i].found.max_score, states[i].found.max_session);
    for (size_t i = 0; i < count; i++) {
        speed += states[i].speed;
        fastest = states[i].fastest > fastest ? states[i].fastest : fastest;
    }
    for (size_t i = 0; i < count && (states[i].idle || !states[i].portions); i++)
        best.max_score += states[i].merges;
    return speed + fastest + (double)best.max_score;
}

grav_status plan_measure_look(const bench_job *job, double *seconds, grav_error *err)
{
    enum { RANKS = 10000, LOOKS = 200 };
    grav_wire_state *states = calloc(RANKS, sizeof *states);
    volatile double sink = 0; /* else nothing would have to be computed */
    (void)job;
    if (!states)
        return grav_no_memory(err, "the states of ranks");
    double start_s = grav_now_s();
    for (size_t i = 0; i < LOOKS; i++) {
        states[i].found.max_score = i;
        sink = go_over(states, RANKS);
    }
    (void)sink;
    *seconds = (grav_now_s() - start_s) / LOOKS / RANKS;
    free(states);
    return GRAV_OK;
}

grav_status plan_measure_range(const bench_job *job, double *seconds, grav_error *err)
{
    /* A prime number of ranks, so that a step through them reaches all, and far enough that they
     * come as strangers do. */
    enum { RANKS = 4999, EACH = 100, STEP = 1931, TURN = 57, RANGES = RANKS * EACH };
    grav_ranges list = {0}, all = {0};
    (void)job;
    grav_status status = grav_ranges_reserve(&list, RANGES, err);
    for (uint64_t rank = 0; status == GRAV_OK && rank < RANKS; rank++)
        for (uint64_t i = 0; i < EACH; i++) {
            uint64_t at = i * RANKS + (rank * STEP + i * TURN) % RANKS;
            list.items[list.count++] = (grav_range){2 * at, 2 * at + 1};
        }
    double start_s = grav_now_s();
    if (status == GRAV_OK)
        status = grav_ranges_sort(&list, err);
    if (status == GRAV_OK)
        status = grav_ranges_add_all(&all, &list, err);
    *seconds = (grav_now_s() - start_s) / RANGES;
    grav_ranges_free(&all);
    grav_ranges_free(&list);
    return status;
}
