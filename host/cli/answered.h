/* The jobs that have an answer already, by their keys. */
#ifndef GRAV_CLI_ANSWERED_H
#define GRAV_CLI_ANSWERED_H

#include "job.h"

typedef struct cli_answered {
    struct cli_answered_key *keys; /* in order, once they are all there */
    uint32_t *used; /* by the first of those that are equal: how many of them are used up */
    size_t count, room;
    uint64_t failed; /* of them: answers that are errors */
} cli_answered;

/* Takes note of an answer. False: no memory. */
bool cli_answered_add(cli_answered *answered, const char key[JOB_KEY_SIZE], bool ok);
/* To be called once all are there. False: no memory. */
bool cli_answered_sort(cli_answered *answered);
/* Whether there is an answer for a job of that key, which is then used up: two jobs that are the
 * same want two. */
bool cli_answered_take(cli_answered *answered, const char key[JOB_KEY_SIZE]);
void cli_answered_free(cli_answered *answered);

#endif
