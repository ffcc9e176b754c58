/* The insides of a pool: tasks, whose turn they are, and who plays them. What is not said to be
 * otherwise is guarded by the pool's mutex. */
#ifndef GRAV_HOST_POOL_H
#define GRAV_HOST_POOL_H

#include <pthread.h>

#include "crew.h"
#include "pool_job.h"

/* Kinds of sessions, whose costs are told apart: see grav_pool_kind(). */
enum { GRAV_POOL_KINDS = 16 };

/* Where a job stands. */
typedef enum grav_job_stage {
    GRAV_JOB_NEW,    /* nobody has begun it */
    GRAV_JOB_BEGUN,  /* somebody is setting it up, or plays all of it */
    GRAV_JOB_SHARED, /* whoever has time may play some of it */
    GRAV_JOB_ENDED,
} grav_job_stage;

/* A task. */
struct grav_job {
    grav_batch *batch;
    grav_task number;
    uint64_t serial; /* among all jobs of the pool, whatever their batches: from 1 */
    void (*done)(grav_batch *batch, grav_done *done);
    void *data;
    grav_play play;          /* what is played, and what was found; by its player or players */
    grav_job *before, *next; /* in the batch's queue, or among those that have ended */
    grav_job_stage stage;
    uint64_t first, end;            /* sessions that nobody was given yet */
    grav_ranges returned;           /* and those that a failing player has given back */
    uint64_t told;                  /* of a run as a whole: sessions that are counted as played */
    size_t players;                 /* at work on it */
    unsigned threads, threads_most; /* of them the CPU's, now and at most */
    bool cancelled;
    bool finished; /* its result is checked: only to be told */
};

/* Jobs in order. */
typedef struct grav_jobs {
    grav_job *head, *tail;
} grav_jobs;

struct grav_batch {
    grav_pool *pool;
    grav_batch *before, *next; /* all of the pool's, in a circle */
    grav_jobs queue;   /* with sessions to hand out: nobody has begun them, or one is at it */
    grav_jobs shared;  /* the same of those that whoever has time may play some of */
    unsigned begun;    /* jobs of both that somebody has begun */
    bool shared_turn;  /* whose turn it is of the two */
    grav_jobs ended;   /* and not taken yet */
    grav_job **slots;  /* by number: `oldest` and those after it, in a circle */
    size_t slot_count; /* a power of two */
    grav_task oldest, newest;
    grav_batch_progress progress;
    pthread_cond_t news; /* a job has ended */
    unsigned waiting;    /* for that */
    bool closing;        /* what ends now is nobody's */
};

/* One who plays: a thread of the CPU, or a GPU. */
typedef struct grav_player {
    grav_pool *pool;
    pthread_t thread;
    bool started;
    int device;                    /* GPU; below 0: a thread of the CPU */
    bool failed;                   /* and plays no more */
    double speed[GRAV_POOL_KINDS]; /* by kind, in what grav_pool_cost() counts, a second */
    /* The rest is its own. */
    const grav_variant *variant; /* once its isa is trusted */
    grav_worker_info info;
    grav_tally tally; /* of a share */
    grav_worker gpu;  /* open for the job of that serial */
    uint64_t gpu_serial;
} grav_player;

struct grav_pool {
    grav_crew crew; /* where to play, and whom to tell */
    grav_run_spec where;
    pthread_mutex_t mutex;
    pthread_cond_t work;     /* there may be something to play, or nothing more ever: threads */
    pthread_cond_t gpu_work; /* the same: GPUs, who may leave to threads what these must not miss */
    uint64_t serial;         /* of the newest job */
    grav_batch *untold;      /* whose news those who wait have not been told yet; NULL: none */
    unsigned untold_jobs;    /* so many */
    grav_batch *turn;        /* whose turn it is; NULL: no batches */
    size_t queued;           /* jobs in all queues */
    grav_player *players;    /* threads of the CPU first */
    unsigned threads, gpus;
    unsigned gpus_left;             /* that have not failed */
    unsigned threads_started, idle; /* idle: threads that wait for work */
    bool closing;
    pthread_t scout; /* who looks for GPUs, once there is something for them */
    bool scouting;
    int *devices;
    /* What threads play by: found out by the first who needs it. */
    pthread_mutex_t trusting;
    grav_isa isa;        /* auto: not yet */
    grav_error distrust; /* why there is none */
};

/* ---- pool_queue.c: what is to be played, all while the pool is locked -------------------------
 */

void grav_jobs_append(grav_jobs *jobs, grav_job *job);
void grav_jobs_remove(grav_jobs *jobs, grav_job *job);

/* What a session of a job costs, in units that are about the same for one kind of them, below
 * GRAV_POOL_KINDS. */
unsigned grav_pool_kind(const grav_job *job);
double grav_pool_cost(const grav_job *job);

/* What a player is given to play. */
typedef struct grav_share {
    grav_job *job;
    uint64_t first, end; /* first == end: the job is to be set up, and looked at again */
    bool all;            /* of the job: nobody else plays it */
    bool large;          /* more than one thread should be kept busy with */
} grav_share;

/* The next share for a player; false: there is none at present. */
bool grav_pool_next(grav_pool *pool, const grav_player *player, grav_share *out);
/* Whether a GPU would play some of a job that waits. */
bool grav_pool_is_for_gpu(const grav_job *job);
/* Whether a share is played in next to no time. */
bool grav_share_is_quick(const grav_share *share, const grav_player *player);
/* From now on whoever has time may play some of a job that was begun. */
void grav_job_share(grav_job *job);
/* Gives back what could not be played. */
grav_status grav_job_return(grav_job *job, const grav_share *share, grav_error *err);
/* Hands out nothing more of a job. */
void grav_job_drop(grav_job *job);
/* Whether nothing of a job is left to do but to end it. */
bool grav_job_is_over(const grav_job *job);

/* ---- pool_player.c ----------------------------------------------------------------------------
 */

/* Takes note of a job that nobody need play; locked, but not all the while. */
void grav_job_end_if_over(grav_job *job);

/* A player's thread. */
void *grav_pool_player(void *player);

/* ---- pool.c ------------------------------------------------------------------------------------
 */

/* Lets somebody look at what can be played since; with `all` everybody, GPUs too. Starts threads
 * that are needed first. An error: there is nobody, and cannot be. Locked. */
grav_status grav_pool_wake(grav_pool *pool, bool all, grav_error *err);

/* ---- pool_batch.c ------------------------------------------------------------------------------
 */

/* Tells or keeps how a job has ended. Locked, but not while it is told. Those who wait for it are
 * to be woken by grav_pool_tell(). */
void grav_job_end(grav_job *job);

/* Wakes those who wait for jobs that have ended. To be called soon after: woken for every one of
 * many small jobs, they and the players would do little else than wake each other. Locked. */
void grav_pool_tell(grav_pool *pool);

#endif
