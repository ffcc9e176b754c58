/* Answers on their way to the output: each is written whole, as soon as it is its turn. All may be
 * called from any thread. */
#ifndef GRAV_CLI_BATCH_ANSWERS_H
#define GRAV_CLI_BATCH_ANSWERS_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cli_answers {
    int file;
    bool in_order; /* of the jobs; else as they come */
    /* The rest is for the functions. */
    pthread_mutex_t mutex;
    char **slots;       /* by place: answers that are not written yet, in a circle */
    size_t slot_count;  /* a power of two */
    uint64_t next, end; /* the place that is written next, and the one that is given out next */
    size_t waiting;     /* bytes that wait for their turn */
    int failure;        /* errno of what could not be written; 0: all could */
    uint64_t lost;      /* answers that were not written since */
} cli_answers;

void cli_answers_init(cli_answers *answers, int file, bool in_order);
void cli_answers_free(cli_answers *answers);

/* A place for the answer of the next job. False: no memory. */
bool cli_answers_place(cli_answers *answers, uint64_t *place);
/* The answer for a place, which is given away; NULL: there will be none. */
void cli_answers_put(cli_answers *answers, uint64_t place, char *text);

size_t cli_answers_waiting(cli_answers *answers);
/* errno of what could not be written; 0: all could. */
int cli_answers_failure(cli_answers *answers);

#endif
