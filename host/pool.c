/* Pools: who plays, from the first task on. */
#include "pool.h"

#include <omp.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

/* What a player is taken to do before it was measured. Rather too much: a share is then a little
 * long, where a guess that is too low would wake everybody for nothing. */
static const double first_rolls_per_s = 4e9, first_draws_per_s = 4e8;
/* A GPU more than that: it is asked when there is a lot to do. */
static const double gpu_first = 10;

enum { GPUS_MAX = 64 };

void grav_pool_spec_init(grav_pool_spec *spec)
{
    *spec = (grav_pool_spec){.backend = GRAV_BACKEND_AUTO, .isa = GRAV_ISA_AUTO};
}

unsigned grav_pool_threads(const grav_pool *pool)
{
    return pool->threads;
}

/* ---- Players --------------------------------------------------------------------------------- */

static void init_player(grav_pool *pool, unsigned i, int device)
{
    grav_player *player = &pool->players[i];
    *player = (grav_player){.pool = pool, .device = device};
    for (unsigned kind = 0; kind < GRAV_POOL_KINDS; kind++) {
        double first = kind % 4 == 3 ? first_draws_per_s : first_rolls_per_s;
        player->speed[kind] = device < 0 ? first : gpu_first * first;
    }
}

static grav_status not_started(int code, grav_error *err)
{
    return grav_fail(err, GRAV_ERROR_MEMORY, "a pool's thread could not be started: %s",
                     strerror(code));
}

static grav_status start(grav_player *player, grav_error *err)
{
    int code = pthread_create(&player->thread, NULL, grav_pool_player, player);
    if (code)
        return not_started(code, err);
    player->started = true;
    return GRAV_OK;
}

/* Starts one more thread of the CPU. */
static grav_status start_thread(grav_pool *pool, grav_error *err)
{
    grav_status status = start(&pool->players[pool->threads_started], err);
    pool->threads_started += status == GRAV_OK;
    return status;
}

static void start_gpus(grav_pool *pool, int gpus)
{
    size_t wanted = pool->where.device_count ? pool->where.device_count : (size_t)gpus;
    for (size_t i = 0; i < wanted && i < GPUS_MAX; i++) {
        init_player(pool, pool->threads + (unsigned)i, pool->devices ? pool->devices[i] : (int)i);
        if (start(&pool->players[pool->threads + i], NULL) != GRAV_OK)
            break;
        pool->gpus++;
        pool->gpus_left++;
    }
}

/* Where nobody else plays and no thread can be had, whoever looks for GPUs is the first one. */
static grav_player *be_first_gpu(grav_pool *pool)
{
    init_player(pool, 0, pool->devices ? pool->devices[0] : 0);
    pool->gpus = pool->gpus_left = 1;
    return &pool->players[0];
}

/* Looks for GPUs, which takes the driver some tenths of a second. */
static void *scout(void *argument)
{
    grav_pool *pool = argument;
    grav_error none, line;
    grav_player *self = NULL;
    int gpus = 0;
    grav_status status = grav_gpu_count(&gpus, &none);
    if (status != GRAV_OK && pool->threads) {
        grav_fail(&line, none.status, "no usable GPU: %.400s; playing on the CPU", none.message);
        grav_crew_tell(&pool->crew, line.message);
        return NULL;
    }
    pthread_mutex_lock(&pool->mutex);
    if (!pool->closing) /* without any threads, let every task fail by a GPU that is not there */
        start_gpus(pool, status == GRAV_OK ? gpus : 1);
    if (!pool->closing && !pool->threads && !pool->gpus)
        self = be_first_gpu(pool);
    pthread_mutex_unlock(&pool->mutex);
    return self ? grav_pool_player(self) : NULL;
}

static grav_status wake_gpus(grav_pool *pool, grav_error *err)
{
    if (pool->where.backend == GRAV_BACKEND_CPU)
        return GRAV_OK;
    pthread_cond_broadcast(&pool->gpu_work);
    if (pool->scouting)
        return GRAV_OK;
    int code = pthread_create(&pool->scout, NULL, scout, pool);
    pool->scouting = code == 0;
    return code ? not_started(code, err) : GRAV_OK;
}

static grav_status wake_threads(grav_pool *pool, bool all, grav_error *err)
{
    grav_status status = GRAV_OK;
    if (all)
        pthread_cond_broadcast(&pool->work);
    else if (pool->idle)
        pthread_cond_signal(&pool->work);
    bool more = all || pool->idle < pool->queued;
    while (status == GRAV_OK && more && pool->threads_started < pool->threads) {
        status = start_thread(pool, err);
        more = all;
    }
    /* Who is there can do without those who could not be started. */
    return pool->threads_started ? GRAV_OK : status;
}

grav_status grav_pool_wake(grav_pool *pool, bool all, grav_error *err)
{
    if (!pool->threads)
        return wake_gpus(pool, err);
    if (all)
        wake_gpus(pool, NULL); /* threads can do without */
    return wake_threads(pool, all, err);
}

/* ---- Pools ----------------------------------------------------------------------------------- */

/* Where to play, as grav_run() would have it. */
static grav_status check_where(const grav_pool_spec *spec, grav_run_spec *where, grav_error *err)
{
    grav_experiment_spec founding;
    grav_experiment *experiment;
    int gpus;
    grav_run_spec_init(where);
    where->backend = spec->backend == GRAV_BACKEND_AUTO ? GRAV_BACKEND_ALL : spec->backend;
    where->devices = spec->devices;
    where->device_count = spec->device_count;
    where->threads = spec->threads;
    where->isa = spec->isa;
    where->notice = spec->notice;
    where->data = spec->data;
    grav_experiment_spec_init(&founding);
    grav_status status = grav_experiment_create(&founding, &experiment, err);
    if (status != GRAV_OK)
        return status;
    status = grav_run_check(experiment, where, err);
    grav_experiment_destroy(experiment);
    if (status == GRAV_OK && !grav_variant_for(spec->isa))
        status = grav_fail(err, GRAV_ERROR_INVALID, "this CPU has no isa %s; auto finds the best",
                           grav_isa_name((int)spec->isa));
    if (status == GRAV_OK && (spec->backend == GRAV_BACKEND_CUDA || spec->device_count))
        status = grav_gpu_count(&gpus, err);
    for (size_t i = 0; status == GRAV_OK && i < spec->device_count; i++)
        if (spec->devices[i] < 0 || spec->devices[i] >= gpus)
            status = grav_fail(err, GRAV_ERROR_INVALID, "device %d: there are GPUs 0 to %d only",
                               spec->devices[i], gpus - 1);
    return status;
}

static grav_status allocate(grav_pool *pool, grav_error *err)
{
    pool->players = calloc(pool->threads + GPUS_MAX, sizeof *pool->players);
    if (!pool->players)
        return grav_no_memory(err, "a pool's threads");
    for (unsigned i = 0; i < pool->threads; i++)
        init_player(pool, i, -1);
    if (!pool->where.device_count)
        return GRAV_OK;
    pool->devices = malloc(pool->where.device_count * sizeof *pool->devices);
    if (!pool->devices)
        return grav_no_memory(err, "a pool's GPUs");
    memcpy(pool->devices, pool->where.devices, pool->where.device_count * sizeof *pool->devices);
    pool->where.devices = pool->devices;
    return GRAV_OK;
}

/* It is held for moments only: who finds it locked tries again a little before sleeping. */
static void init_mutex(pthread_mutex_t *mutex)
{
    pthread_mutexattr_t adaptive;
    pthread_mutexattr_init(&adaptive);
    pthread_mutexattr_settype(&adaptive, PTHREAD_MUTEX_ADAPTIVE_NP);
    pthread_mutex_init(mutex, &adaptive);
    pthread_mutexattr_destroy(&adaptive);
}

grav_status grav_pool_create(const grav_pool_spec *spec, grav_pool **out, grav_error *err)
{
    grav_run_spec where;
    grav_status status = check_where(spec, &where, err);
    if (status != GRAV_OK)
        return status;
    grav_pool *pool = calloc(1, sizeof *pool);
    if (!pool)
        return grav_no_memory(err, "a pool");
    pool->where = where;
    if (spec->backend != GRAV_BACKEND_CUDA)
        pool->threads = spec->threads ? spec->threads : (unsigned)omp_get_num_procs();
    grav_crew_init(&pool->crew, &pool->where, NULL);
    init_mutex(&pool->mutex);
    pthread_mutex_init(&pool->trusting, NULL);
    pthread_cond_init(&pool->work, NULL);
    pthread_cond_init(&pool->gpu_work, NULL);
    status = allocate(pool, err);
    if (status == GRAV_OK)
        *out = pool;
    else
        grav_pool_destroy(pool);
    return status;
}

static void stop_players(grav_pool *pool)
{
    pthread_mutex_lock(&pool->mutex);
    pool->closing = true;
    pthread_cond_broadcast(&pool->work);
    pthread_cond_broadcast(&pool->gpu_work);
    pthread_mutex_unlock(&pool->mutex);
    if (pool->scouting)
        pthread_join(pool->scout, NULL);
    for (unsigned i = 0; pool->players && i < pool->threads + GPUS_MAX; i++)
        if (pool->players[i].started)
            pthread_join(pool->players[i].thread, NULL);
}

static grav_batch *any_batch(grav_pool *pool)
{
    pthread_mutex_lock(&pool->mutex); /* players take turns */
    grav_batch *batch = pool->turn;
    pthread_mutex_unlock(&pool->mutex);
    return batch;
}

void grav_pool_destroy(grav_pool *pool)
{
    if (!pool)
        return;
    for (grav_batch *batch = any_batch(pool); batch; batch = any_batch(pool))
        grav_batch_destroy(batch);
    stop_players(pool);
    grav_crew_free(&pool->crew);
    pthread_mutex_destroy(&pool->mutex);
    pthread_mutex_destroy(&pool->trusting);
    pthread_cond_destroy(&pool->work);
    pthread_cond_destroy(&pool->gpu_work);
    free(pool->players);
    free(pool->devices);
    free(pool);
}
