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
    void *data;
} grav_schedule;

/* Plays [first, end) and adds what was played to *ranges and *tally: all of it unless watch stopped
 * it or a worker failed. A failed worker's chunk is not added. */
grav_status grav_schedule_play(const grav_schedule *schedule, uint64_t first, uint64_t end,
                               grav_ranges *ranges, grav_tally *tally, grav_error *err);

#endif
