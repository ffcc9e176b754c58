/* The scheduler: workers take chunks of a range, each sized to its own speed, and their tallies are
 * merged. Whoever plays what, the tally of the whole is the same. */
#ifndef GRAV_HOST_SCHEDULER_H
#define GRAV_HOST_SCHEDULER_H

#include "ranges.h"
#include "worker.h"

/* What has been found so far, merged or on its way. */
typedef struct grav_found {
    uint64_t sessions;
    uint64_t max_score, max_session; /* as grav_part has them */
} grav_found;

/* Who plays elsewhere, and what they have found that is not merged yet. */
typedef struct grav_elsewhere {
    size_t workers; /* also those who are not ready yet */
    double speed;   /* sessions per second, all of them */
    double fastest; /* of them */
    grav_found found;
} grav_elsewhere;

/* Where the sessions of a schedule are handed out and in; see below and desk.h. */
typedef struct grav_desk grav_desk;

/* What watch wants. */
enum {
    GRAV_WATCH_STOP = 1, /* chunks under way are finished and merged, and no more are played */
    GRAV_WATCH_MERGE = 2 /* all that was found, wherever, is to be merged soon */
};

typedef struct grav_schedule {
    grav_worker *workers; /* with room for one that rescue adds */
    size_t worker_count;
    size_t length; /* of the histogram; 0 without one */

    /* Called about ten times a second from the thread that plays the schedule, while nothing is
     * merged. merged: whether *ranges and *tally hold all that was found when that was last asked
     * for; always, where nobody plays elsewhere. May be NULL. */
    unsigned (*watch)(const grav_found *found, bool merged, void *data);
    /* Called after each watch, from the same thread, while workers play on: the place for what
     * takes long. May be NULL. */
    void (*pause)(void *data);
    /* Called when a worker has failed and others play on, from whatever thread; one at a time. May
     * be NULL. */
    void (*failed)(const grav_worker *worker, const grav_error *why, void *data);
    /* Called when the last worker has failed: whether it has added another at the end. May be NULL.
     */
    bool (*rescue)(const grav_error *why, void *data);
    void *data;

    /* Others who play the same sessions, elsewhere: called from the thread that plays the schedule,
     * every few milliseconds and while nothing is locked, until it closes the desk. NULL: none. */
    grav_status (*exchange)(grav_desk *desk, void *partner, grav_error *err);
    void *partner;
    grav_elsewhere elsewhere; /* them, as last noted, in the schedule before, too */
} grav_schedule;

/* Plays the sessions of todo, ascending, and adds what was played to *ranges and *tally: all of it
 * unless watch stopped it or no worker was left. A worker that fails is not asked again; what it
 * was playing is played by others. GRAV_ERROR_MISMATCH, and what is nobody's fault, ends it. Also
 * on failure *ranges and *tally tell what was played. */
grav_status grav_schedule_play(grav_schedule *schedule, const grav_ranges *todo,
                               grav_ranges *ranges, grav_tally *tally, grav_error *err);

/* ---- For exchange ---------------------------------------------------------------------------- */

/* How things stand at a desk. */
typedef struct grav_desk_view {
    uint64_t left;  /* sessions that nobody was given yet */
    size_t workers; /* who play here */
    double speed;   /* sessions per second, all of them */
    double fastest; /* of them */
    bool idle;      /* nothing is being played here, and nothing is left that will be */
    bool stopped;   /* nothing more will be */
    bool wants_merge;
    grav_error failure; /* what ended it here; status GRAV_OK: nothing did */
    grav_found found;   /* here, merged */
} grav_desk_view;

void grav_desk_look(grav_desk *desk, grav_desk_view *out);

/* Notes who plays elsewhere. */
void grav_desk_note_elsewhere(grav_desk *desk, const grav_elsewhere *elsewhere);

/* Gives somebody elsewhere, of that speed, sessions for about so many seconds. False: there are
 * none, or too few to be worth it. */
bool grav_desk_hand_out(grav_desk *desk, double speed, double seconds, grav_range *out);

/* Adds sessions to be played here. */
grav_status grav_desk_bring(grav_desk *desk, const grav_range *range, grav_error *err);

/* Merges what was played elsewhere. Refuses (GRAV_ERROR_DEVICE) what contradicts itself. */
grav_status grav_desk_merge(grav_desk *desk, const grav_ranges *played, const grav_tally *tally,
                            grav_error *err);

/* What was played here since it was last carried off, and by whom in all. Starts as {0}. */
typedef struct grav_haul {
    grav_ranges ranges;
    grav_tally tally;
    grav_worker_info *workers;
    size_t worker_count;
} grav_haul;

/* Carries it off: the desk starts anew. On failure nothing is lost. *haul must be empty. */
grav_status grav_desk_carry_off(grav_desk *desk, grav_haul *haul, grav_error *err);
void grav_haul_free(grav_haul *haul);
/* Sets its workers, before a schedule is played. */
grav_status grav_haul_workers(grav_haul *haul, const grav_schedule *schedule, grav_error *err);

/* Puts back what was handed out and never came back. Whether there is any. */
bool grav_desk_recall(grav_desk *desk);

/* Ends the schedule as failed, unless it has failed before. */
void grav_desk_fail(grav_desk *desk, const grav_error *why);
/* Nothing more is played. */
void grav_desk_stop(grav_desk *desk);
/* Nothing more comes: the schedule ends when all that is here has been played. */
void grav_desk_close(grav_desk *desk);

#endif
