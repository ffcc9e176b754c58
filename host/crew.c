#include "crew.h"

#include <omp.h>
#include <stdio.h>
#include <stdlib.h>

#include "error.h"
#include "scores_table.h"
#include "selftest.h"
#include "team_rules.h"

void grav_crew_init(grav_crew *crew, const grav_run_spec *spec, const grav_team *team)
{
    *crew = (grav_crew){.spec = spec, .team = team};
    pthread_mutex_init(&crew->telling, NULL);
}

void grav_crew_tell(grav_crew *crew, const char *message)
{
    if (!crew->spec->notice)
        return;
    pthread_mutex_lock(&crew->telling);
    crew->spec->notice(message, crew->spec->data);
    pthread_mutex_unlock(&crew->telling);
}

/* Tells why something is done without, and what of it. */
static void tell_why(grav_crew *crew, const grav_error *why, const char *consequence)
{
    grav_error line;
    grav_fail(&line, why->status, "%.440s; %s", why->message, consequence);
    grav_crew_tell(crew, line.message);
}

void grav_crew_tell_left_out(grav_crew *crew, const grav_worker *worker, const grav_error *why)
{
    grav_error line;
    grav_fail(&line, why->status, "%s: %.220s; it is left out", worker->info.text, why->message);
    grav_crew_tell(crew, line.message);
}

void grav_crew_close(grav_crew *crew)
{
    for (size_t i = 0; i < crew->count; i++)
        crew->workers[i].close(&crew->workers[i]);
    free(crew->workers);
    grav_scores_destroy(crew->scores);
    crew->workers = NULL;
    crew->count = 0;
    crew->scores = NULL;
}

void grav_crew_free(grav_crew *crew)
{
    pthread_mutex_destroy(&crew->telling);
}

/* ---- The CPU --------------------------------------------------------------------------------- */

static grav_status trust_isa(grav_isa isa, grav_error *err)
{
    const grav_selftest_who who = {.backend = GRAV_BACKEND_CPU, .isa = isa, .threads = 1};
    return grav_selftest_once(&who, err);
}

/* The best isa with right answers; with `beside` one that is another, where there is one. */
static grav_status best_isa(grav_crew *crew, grav_isa beside, grav_isa *out, grav_error *err)
{
    grav_status status = grav_fail(err, GRAV_ERROR_INVALID, "this CPU has no isa to play with");
    for (int isa = GRAV_ISA_AVX512; isa >= GRAV_ISA_PORTABLE; isa--) {
        grav_error why;
        if (isa == (int)beside || !grav_cpu_has((grav_isa)isa))
            continue;
        status = trust_isa((grav_isa)isa, &why);
        if (status == GRAV_OK) {
            *out = (grav_isa)isa;
            return GRAV_OK;
        }
        if (err)
            *err = why;
        tell_why(crew, &why, "playing without that isa");
    }
    return status;
}

/* Opens the CPU by isa, which has been trusted. */
static grav_status open_isa(const grav_crew *crew, grav_isa isa, unsigned threads, grav_worker *out,
                            grav_error *err)
{
    return grav_worker_open_cpu(&crew->plan, crew->length, threads, isa, out, err);
}

/* ---- Checking every chunk -------------------------------------------------------------------- */

/* Makes *worker, which it takes, one whose chunks the CPU plays, too, by another isa than `beside`.
 */
static grav_status check_by_cpu(grav_crew *crew, grav_isa beside, unsigned threads,
                                grav_worker *worker, grav_error *err)
{
    grav_isa isa;
    grav_worker second;
    grav_status status = best_isa(crew, beside, &isa, err);
    if (status != GRAV_OK && beside == GRAV_ISA_AUTO) { /* a GPU that nobody can check */
        worker->close(worker);
        return status;
    }
    if (status != GRAV_OK) {
        isa = beside;
        grav_crew_tell(crew, "double-check: there is no second backend or isa here; everything is "
                             "played twice in the same way");
    }
    status = open_isa(crew, isa, threads, &second, err);
    if (status != GRAV_OK) {
        worker->close(worker);
        return status;
    }
    return grav_worker_pair(worker, &second, crew->length, crew->base, worker, err);
}

/* ---- The workers ----------------------------------------------------------------------------- */

/* How many threads of the CPU play, where none were asked for. */
static unsigned threads_here(const grav_crew *crew)
{
    if (crew->spec->threads)
        return crew->spec->threads;
    return crew->team ? crew->team->threads : (unsigned)omp_get_num_procs();
}

static void add(grav_crew *crew, const grav_worker *worker)
{
    grav_worker *added = &crew->workers[crew->count++];
    *added = *worker;
    if (crew->team) {
        added->info.rank = crew->team->rank;
        snprintf(added->info.host, sizeof added->info.host, "%s", crew->team->host);
        grav_worker_tell(&added->info);
    }
    added->sessions_per_s = GRAV_RULE_FIRST_ROLLS_PER_S / (double)grav_plan_rolls(&crew->plan);
}

grav_status grav_crew_isa(grav_crew *crew, grav_isa *out, grav_error *err)
{
    if (crew->spec->isa == GRAV_ISA_AUTO)
        return best_isa(crew, GRAV_ISA_AUTO, out, err);
    *out = crew->spec->isa;
    return trust_isa(*out, err);
}

static grav_status add_cpu(grav_crew *crew, grav_error *err)
{
    const grav_run_spec *spec = crew->spec;
    grav_worker worker;
    grav_isa isa;
    grav_status status = grav_crew_isa(crew, &isa, err);
    unsigned threads = threads_here(crew);
    if (status == GRAV_OK)
        status = open_isa(crew, isa, threads, &worker, err);
    if (status == GRAV_OK && spec->double_check)
        status = check_by_cpu(crew, isa, threads, &worker, err);
    if (status == GRAV_OK)
        add(crew, &worker);
    return status;
}

/* Adds one GPU, of so many that play. */
static grav_status add_gpu(grav_crew *crew, int device, size_t playing, grav_error *err)
{
    const grav_selftest_who who = {.backend = GRAV_BACKEND_CUDA, .device = device};
    const grav_run_spec *spec = crew->spec;
    grav_worker worker;
    grav_status status = grav_selftest_once(&who, err);
    if (status == GRAV_OK)
        status = grav_worker_open_cuda(&crew->plan, crew->length, device, &worker, err);
    if (status == GRAV_OK && spec->double_check) {
        unsigned share = threads_here(crew) / (unsigned)playing;
        status = check_by_cpu(crew, GRAV_ISA_AUTO, share ? share : 1, &worker, err);
    }
    if (status == GRAV_OK)
        add(crew, &worker);
    return status;
}

/* Whether the run may go on without some GPU, or without any. */
static bool may_do_without_gpus(const grav_crew *crew)
{
    return crew->spec->backend != GRAV_BACKEND_CUDA && !crew->spec->device_count;
}

/* Processes of one machine share its GPUs: each plays on every *step-th of the wanted ones, from
 * this one on; where there are more processes than GPUs, on one that others have, too. */
static size_t first_gpu(const grav_team *team, size_t wanted, size_t *step)
{
    size_t processes = team ? (size_t)team->local_size : 1,
           own = team ? (size_t)team->local_rank : 0;
    *step = processes < wanted ? processes : wanted;
    return *step ? own % *step : 0;
}

/* Adds the GPUs asked for, of the gpus there are. */
static grav_status add_gpus(grav_crew *crew, int gpus, grav_error *err)
{
    const grav_run_spec *spec = crew->spec;
    size_t wanted = spec->device_count ? spec->device_count : (size_t)gpus;
    size_t step, first = first_gpu(crew->team, wanted, &step);
    size_t playing = wanted ? (wanted - first + step - 1) / step : 0;
    for (size_t i = first; i < wanted; i += step) {
        grav_error why;
        int device = spec->device_count ? spec->devices[i] : (int)i;
        if (device < 0 || device >= gpus)
            return grav_fail(err, GRAV_ERROR_INVALID, "device %d: there are GPUs 0 to %d only",
                             device, gpus - 1);
        grav_status status = add_gpu(crew, device, playing, &why);
        if (status == GRAV_OK)
            continue;
        if (!may_do_without_gpus(crew)) {
            if (err)
                *err = why;
            return status;
        }
        tell_why(crew, &why, "that GPU is left out");
    }
    return GRAV_OK;
}

/* Adds what GPUs there are and are wanted. */
static grav_status add_wanted_gpus(grav_crew *crew, int gpus, const grav_error *none,
                                   grav_error *err)
{
    grav_error line;
    if (none->status == GRAV_OK) {
        grav_status status = add_gpus(crew, gpus, err);
        if (status == GRAV_OK && !crew->count)
            grav_crew_tell(crew, "no GPU is left; playing on the CPU");
        return status;
    }
    if (!may_do_without_gpus(crew)) {
        if (err)
            *err = *none;
        return none->status;
    }
    grav_fail(&line, none->status, "no usable GPU: %.400s; playing on the CPU", none->message);
    grav_crew_tell(crew, line.message);
    return GRAV_OK;
}

/* Works out what every worker must know to play. */
static grav_status plan_run(grav_crew *crew, const grav_result *model, grav_error *err)
{
    grav_status status = GRAV_OK;
    crew->plan =
        grav_plan_make(model->experiment, model->engine, model->calls_per_roll, model->seed);
    crew->length = model->tally.length;
    crew->base = model->tally.base;
    if (model->method == GRAV_METHOD_SCORES)
        status = grav_scores_of(model->experiment, &crew->scores, err);
    crew->plan.scores = crew->scores;
    return status;
}

/* Opens the workers. */
static grav_status open_workers(grav_crew *crew, grav_error *err)
{
    int gpus = 0;
    grav_error none = {0};
    grav_status status = GRAV_OK;
    bool wants_gpus = crew->spec->backend != GRAV_BACKEND_CPU;
    if (wants_gpus)
        none.status = grav_gpu_count(&gpus, &none);
    crew->workers = calloc((size_t)gpus + 1, sizeof *crew->workers);
    if (!crew->workers)
        return grav_no_memory(err, "the workers");
    if (wants_gpus)
        status = add_wanted_gpus(crew, gpus, &none, err);
    if (status == GRAV_OK && (crew->spec->backend == GRAV_BACKEND_ALL || !crew->count))
        status = add_cpu(crew, err);
    return status;
}

grav_status grav_crew_open(grav_crew *crew, const grav_result *model, grav_error *err)
{
    grav_status status = plan_run(crew, model, err);
    return status == GRAV_OK ? open_workers(crew, err) : status;
}

bool grav_crew_add_cpu(grav_crew *crew, const grav_error *why)
{
    if (crew->spec->backend != GRAV_BACKEND_AUTO || crew->spec->device_count ||
        why->status == GRAV_ERROR_MISMATCH)
        return false;
    for (size_t i = 0; i < crew->count; i++)
        if (crew->workers[i].info.backend == GRAV_BACKEND_CPU)
            return false;
    if (add_cpu(crew, NULL) != GRAV_OK)
        return false;
    tell_why(crew, why, "playing on the CPU");
    return true;
}
