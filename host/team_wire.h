/* The messages of a team. All of its processes are the same program. */
#ifndef GRAV_HOST_TEAM_WIRE_H
#define GRAV_HOST_TEAM_WIRE_H

#include "scheduler.h"
#include "team.h"

typedef enum grav_wire_kind {
    /* From rank 0. */
    GRAV_WIRE_RUN,   /* begins a run */
    GRAV_WIRE_ORDER, /* what to do in it */
    GRAV_WIRE_LEAVE, /* there will be no more runs */
    /* To rank 0. */
    GRAV_WIRE_READY,   /* who plays here */
    GRAV_WIRE_STATE,   /* how things stand */
    GRAV_WIRE_PLAYED,  /* which sessions a reduction has, and by whom */
    GRAV_WIRE_TROUBLE, /* nobody plays here any more */
    GRAV_WIRE_NOTICE,  /* a line worth telling */
    GRAV_WIRE_LEFT,    /* nothing comes after this */
} grav_wire_kind;

/* What every message starts with. */
typedef struct grav_wire_head {
    uint64_t kind;
    uint64_t run; /* number of the run that it is about, from 1 */
} grav_wire_head;

/* Followed by the text of an empty result of the run, without a terminating 0. */
typedef struct grav_wire_run {
    grav_wire_head head;
    char program[64]; /* version and commit of who sends it */
    uint64_t backend, threads, isa, double_check;
    uint64_t devices;   /* how many were named; 0: all there are */
    int32_t device[64]; /* GPUs */
} grav_wire_run;

typedef struct grav_wire_order {
    grav_wire_head head;
    grav_range portion; /* sessions to play beside those there are; empty: none */
    uint64_t merges;    /* take part in that many reductions since the run began */
    uint64_t stop;      /* play nothing more; the run has not ended */
    uint64_t end;       /* the run has ended */
} grav_wire_order;

typedef struct grav_wire_state {
    grav_wire_head head;
    uint64_t portions; /* that have arrived since the run began */
    uint64_t merges;   /* that were taken part in: found is what was found since */
    uint64_t wants;    /* more to play */
    uint64_t idle;     /* nothing is being played, and nothing is left that could be */
    double speed;      /* sessions per second */
    double fastest;    /* of a single worker */
    grav_found found;
} grav_wire_state;

/* Followed by the ranges and then the workers. READY has no ranges. */
typedef struct grav_wire_played {
    grav_wire_head head;
    uint64_t range_count, worker_count;
} grav_wire_played;

typedef struct grav_wire_text {
    grav_wire_head head;
    uint64_t opened; /* TROUBLE: whether there was somebody to play before */
    char host[64];
    grav_error error;
} grav_wire_text;

/* Names the program, for grav_wire_run. */
void grav_wire_program(char text[64]);

/* Sends READY or PLAYED. */
grav_status grav_wire_send_played(grav_team *team, const grav_wire_head *head,
                                  const grav_ranges *ranges, const grav_worker_info *workers,
                                  size_t worker_count, grav_error *err);

/* A tally's words, as many as grav_wire_words(). */
size_t grav_wire_words(const grav_tally *tally);
void grav_wire_from_tally(const grav_tally *tally, uint64_t *words);
/* Adds the tally in words to *tally. */
void grav_wire_to_tally(const uint64_t *words, grav_tally *tally);

#endif
