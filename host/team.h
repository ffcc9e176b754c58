/* A team: processes, perhaps on many machines, that play runs together. Rank 0 leads: it calls
 * grav_run(), the others grav_team_serve(). What a team needs of whatever carries its messages is
 * here; host/mpi/ is the one there is. */
#ifndef GRAV_HOST_TEAM_H
#define GRAV_HOST_TEAM_H

#include "graveler.h"

#ifdef __cplusplus
extern "C" {
#endif

/* What a reduction adds up: a tally in words. */
enum {
    GRAV_TEAM_SESSIONS,
    GRAV_TEAM_MAX_SCORE,
    GRAV_TEAM_MAX_SESSION,
    GRAV_TEAM_COUNTS /* the histogram, from here on */
};

/* Adds the tally in the words of from to that of into, both so many words long. */
void grav_team_add_words(const uint64_t *from, uint64_t *into, size_t count);

struct grav_team {
    int rank, size;
    char host[64];              /* this machine's name */
    int local_rank, local_size; /* among the team's processes on this machine */
    unsigned threads;           /* of the CPU, that are this process's share */

    /* All functions are called from one thread, and none waits for another process. */

    /* Sends a copy of message. Messages from one process to another keep their order. */
    grav_status (*send)(grav_team *team, int to, const void *message, size_t size, grav_error *err);
    /* Takes a message that has come, for free(); *message is NULL where none has. */
    grav_status (*receive)(grav_team *team, int *from, void **message, size_t *size,
                           grav_error *err);
    /* Starts to add up (grav_team_add_words) what all processes give, each as many words, at rank
     * 0. words must stay until grav_team.reduced() says *done: then those of rank 0 are the sum. */
    grav_status (*reduce)(grav_team *team, uint64_t *words, size_t count, grav_error *err);
    grav_status (*reduced)(grav_team *team, bool *done, grav_error *err);
    void *state;

    uint64_t runs; /* that rank 0 has begun; 0 at first */
    bool broken;   /* its processes do not agree any more: nothing is left but to end them all */
};

#ifdef __cplusplus
}
#endif

#endif
