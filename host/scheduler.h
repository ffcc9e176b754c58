/* The scheduler: workers take chunks of a range, each sized to its own speed, and their tallies are
 * merged. Whoever plays what, the tally of the whole is the same. */
#ifndef GRAV_HOST_SCHEDULER_H
#define GRAV_HOST_SCHEDULER_H

#include "ranges.h"
#include "worker.h"

typedef struct grav_schedule {
    grav_worker *workers;
    size_t worker_count;
    size_t length; /* of the histogram; 0 without one */

    /* Called about ten times a second from the thread that plays the schedule, with what has been
     * merged so far. Returning true stops it: chunks under way are finished and merged. */
    bool (*watch)(const grav_tally *tally, void *data);
    /* Called after each watch, from the same thread, while workers play on: the place for what
     * takes long. May be NULL. */
    void (*pause)(void *data);
    /* Called when a worker has failed and others play on, from whatever thread; one at a time. May
     * be NULL. */
    void (*failed)(const grav_worker *worker, const grav_error *why, void *data);
    void *data;
} grav_schedule;

/* Plays the sessions of todo, ascending, and adds what was played to *ranges and *tally: all of it
 * unless watch stopped it or no worker was left. A worker that fails is not asked again; what it
 * was playing is played by others. GRAV_ERROR_MISMATCH, and what is nobody's fault, ends it. Also
 * on failure *ranges and *tally tell what was played. */
grav_status grav_schedule_play(const grav_schedule *schedule, const grav_ranges *todo,
                               grav_ranges *ranges, grav_tally *tally, grav_error *err);

#endif
