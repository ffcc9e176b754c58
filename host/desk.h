/* The desk of a schedule: hands out what is to be played, and merges what was. Every function may
 * be called from any thread. */
#ifndef GRAV_HOST_DESK_H
#define GRAV_HOST_DESK_H

#include <pthread.h>

#include "scheduler.h"

struct grav_desk {
    grav_schedule *schedule;
    pthread_mutex_t mutex;  /* guards all that follows, and the schedule's workers */
    pthread_cond_t changed; /* a chunk was handed in, or back, or more came */
    pthread_cond_t ended;   /* a worker's thread has nothing more to do */
    const grav_ranges *all; /* that the schedule is to play */
    grav_ranges todo;       /* of them; has room for what failing workers hand back */
    size_t under_way;       /* chunks being played here */
    size_t running;         /* threads of workers */
    bool open;              /* more may come, from elsewhere */
    bool stop;
    bool wants_merge, merged; /* as watch has them */
    grav_status status;
    grav_error error;
    grav_ranges *ranges;
    grav_tally *tally;
    /* Starts a thread for a worker that has come. */
    grav_status (*start)(grav_desk *desk, size_t worker, grav_error *err);
};

/* Sets up *desk for schedule, whose sessions are those of todo; what is played goes to *ranges and
 * *tally. */
grav_status grav_desk_init(grav_desk *desk, grav_schedule *schedule, const grav_ranges *todo,
                           grav_ranges *ranges, grav_tally *tally, grav_error *err);
void grav_desk_free(grav_desk *desk);

/* Gives a worker its next chunk; waits while there may be one. False: there is none, or the
 * schedule stops. */
bool grav_desk_take(grav_desk *desk, const grav_worker *worker, grav_range *chunk);

/* Takes a worker's chunk back, played into *tally in so many seconds; or not, if why->status says
 * so: then others play it. */
void grav_desk_hand_in(grav_desk *desk, grav_worker *worker, grav_range chunk, double seconds,
                       const grav_tally *tally, const grav_error *why);

/* Lets watch look at what was found, and does what it wants. */
void grav_desk_let_watch(grav_desk *desk);

#endif
