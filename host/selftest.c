/* The self-test: plays known answers through a worker, without the scheduler. */
#include "selftest.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "error.h"
#include "scores_table.h"
#include "worker.h"

/* ---- Playing one answer ---------------------------------------------------------------------- */

static grav_status open_worker(const grav_plan *plan, size_t length, const grav_selftest_who *who,
                               grav_worker *out, grav_error *err)
{
    if (who->backend == GRAV_BACKEND_CUDA)
        return grav_worker_open_cuda(plan, length, who->device, out, err);
    return grav_worker_open_cpu(plan, length, who->threads, who->isa, out, err);
}

/* Plays [first, end) piece by piece, and *stopped says whether it was told to stop before the end.
 */
static grav_status play_pieces(grav_worker *worker, uint64_t first, uint64_t end,
                               const grav_answer_pace *pace, grav_tally *tally, bool *stopped,
                               grav_error *err)
{
    grav_status status = GRAV_OK;
    while (status == GRAV_OK && first < end && !*stopped) {
        uint64_t piece = end - first < pace->piece ? end - first : pace->piece;
        status = worker->play(worker, first, first + piece, tally, err);
        first += piece;
        *stopped = first < end && pace->stop && pace->stop(pace->data);
    }
    return status;
}

/* Plays all sessions of answer into *result, which is empty. */
static grav_status play(const grav_answer *answer, const grav_selftest_who *who,
                        const grav_answer_pace *pace, grav_result *result, bool *stopped,
                        grav_error *err)
{
    uint64_t first = answer->first, end = first + answer->sessions;
    grav_worker worker;
    grav_scores *scores = NULL;
    grav_plan plan =
        grav_plan_make(result->experiment, answer->engine, answer->calls_per_roll, answer->seed);
    grav_status status = grav_ranges_add(&result->ranges, first, end, err);
    if (status == GRAV_OK && answer->method == GRAV_METHOD_SCORES)
        status = grav_scores_of(result->experiment, &scores, err);
    plan.scores = scores;
    if (status == GRAV_OK)
        status = open_worker(&plan, result->tally.length, who, &worker, err);
    if (status == GRAV_OK) {
        status = play_pieces(&worker, first, end, pace, &result->tally, stopped, err);
        worker.close(&worker);
    }
    grav_scores_destroy(scores);
    return status;
}

/* ---- Comparing ------------------------------------------------------------------------------- */

/* Who played what was wrong: `CPU avx2: 231 rolls at chance 1/4, statistic sum, …`. */
static grav_status mismatch(const grav_answer *answer, const grav_selftest_who *who,
                            const char *what, grav_error *err)
{
    const grav_experiment_spec *experiment = &answer->experiment;
    char name[64], calls[32] = "";
    if (who->backend == GRAV_BACKEND_CUDA)
        snprintf(name, sizeof name, "GPU %d", who->device);
    else
        snprintf(name, sizeof name, "CPU %s", grav_isa_name((int)who->isa));
    if (answer->engine == GRAV_ENGINE_GEN3)
        snprintf(calls, sizeof calls, ", calls per roll %" PRIu32, answer->calls_per_roll);
    return grav_fail(err, GRAV_ERROR_MISMATCH,
                     "%s: %" PRIu32 " rolls %s %.64s, statistic %s, method %s, engine %s%s, keep "
                     "%s, seed 0x%" PRIx64 ", sessions %" PRIu64 " to %" PRIu64 ": %.200s",
                     name, experiment->rolls, experiment->die ? "of the die" : "at chance",
                     experiment->die ? experiment->die : experiment->chance,
                     grav_statistic_name((int)experiment->statistic),
                     grav_method_name((int)answer->method), grav_engine_name((int)answer->engine),
                     calls, grav_keep_name((int)answer->keep), answer->seed, answer->first,
                     answer->first + answer->sessions - 1, what);
}

static grav_status compare(const grav_answer *answer, const grav_selftest_who *who,
                           const grav_result *result, grav_error *err)
{
    char digest[GRAV_DIGEST_SIZE], what[128];
    grav_error why;
    /* A tally at odds with itself is a wrong answer like any other. */
    if (grav_tally_check(&result->tally, answer->sessions, &why) != GRAV_OK)
        return mismatch(answer, who, why.message, err);
    grav_result_digest(result, digest);
    if (strcmp(digest, answer->digest) == 0)
        return GRAV_OK;
    snprintf(what, sizeof what, "digest %s, which should be %.40s", digest, answer->digest);
    return mismatch(answer, who, what, err);
}

static grav_run_spec run_of(const grav_answer *answer)
{
    grav_run_spec spec;
    grav_run_spec_init(&spec);
    spec.seed = answer->seed;
    spec.first = answer->first;
    spec.sessions = answer->sessions;
    spec.method = answer->method;
    spec.engine = answer->engine;
    spec.calls_per_roll = answer->calls_per_roll;
    spec.keep = answer->keep;
    return spec;
}

grav_status grav_answer_play(const grav_answer *answer, const grav_selftest_who *who,
                             const grav_answer_pace *pace, bool *stopped, grav_error *err)
{
    *stopped = false;
    grav_experiment *experiment = NULL;
    grav_result *result = NULL;
    grav_run_spec spec = run_of(answer);
    grav_status status = grav_experiment_create(&answer->experiment, &experiment, err);
    if (status == GRAV_OK)
        status = grav_run_check(experiment, &spec, err);
    if (status == GRAV_OK)
        status = grav_result_create(experiment, &spec, &result, err);
    if (status == GRAV_OK)
        status = play(answer, who, pace, result, stopped, err);
    if (status == GRAV_OK && !*stopped)
        status = compare(answer, who, result, err);
    grav_result_destroy(result);
    grav_experiment_destroy(experiment);
    return status;
}

grav_status grav_selftest_answer(const grav_answer *answer, const grav_selftest_who *who,
                                 grav_error *err)
{
    const grav_answer_pace at_once = {.piece = answer->sessions};
    bool stopped;
    return grav_answer_play(answer, who, &at_once, &stopped, err);
}

/* ---- All of them ----------------------------------------------------------------------------- */

static grav_status check_device(int device, grav_error *err)
{
    int gpus;
    grav_status status = grav_gpu_count(&gpus, err);
    if (status == GRAV_OK && (device < 0 || device >= gpus))
        return grav_fail(err, GRAV_ERROR_INVALID, "device %d: there are GPUs 0 to %d only", device,
                         gpus - 1);
    return status;
}

grav_status grav_selftest_check(const grav_selftest_who *who, grav_error *err)
{
    if (who->backend == GRAV_BACKEND_CUDA)
        return check_device(who->device, err);
    if (who->backend != GRAV_BACKEND_CPU)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "a self-test is of backend cpu or cuda, one at a time, not %d",
                         (int)who->backend);
    if (!grav_isa_name((int)who->isa))
        return grav_fail(err, GRAV_ERROR_INVALID, "isa %d is unknown", (int)who->isa);
    if (!grav_cpu_has(who->isa))
        return grav_fail(err, GRAV_ERROR_INVALID, "this CPU has no isa %s; auto finds the best",
                         grav_isa_name((int)who->isa));
    if (who->threads > GRAV_THREADS_MAX)
        return grav_fail(err, GRAV_ERROR_INVALID, "threads %u is not from 1 to %d", who->threads,
                         GRAV_THREADS_MAX);
    return GRAV_OK;
}

size_t grav_selftest_answers(void)
{
    size_t count = 0;
    while (grav_answer_at(count))
        count++;
    return count;
}

grav_status grav_selftest(grav_backend backend, int device, grav_isa isa, unsigned threads,
                          grav_error *err)
{
    const grav_answer *answer;
    const grav_selftest_who who = {backend, device, isa, threads};
    grav_status status = grav_selftest_check(&who, err);
    for (size_t i = 0; status == GRAV_OK && (answer = grav_answer_at(i)); i++)
        status = grav_selftest_answer(answer, &who, err);
    return status;
}
