/* Who plays a run: the workers that it asks for, each held against known answers before it plays.
 */
#ifndef GRAV_HOST_CREW_H
#define GRAV_HOST_CREW_H

#include <pthread.h>

#include "worker.h"

typedef struct grav_crew {
    const grav_run_spec *spec;
    const grav_plan *plan;
    size_t length; /* of the histogram; 0 without one */
    uint64_t base; /* the lowest score there can be */
    grav_worker *workers;
    size_t count;
    pthread_mutex_t telling; /* workers may fail while a checkpoint is written */
} grav_crew;

/* Starts empty; plan, length and base are to be set before it is opened. */
void grav_crew_init(grav_crew *crew, const grav_run_spec *spec);

/* Opens the workers that spec asks for. Where it leaves the choice, what cannot be used or gives
 * wrong answers is done without, with a notice. */
grav_status grav_crew_open(grav_crew *crew, grav_error *err);
/* Closes the workers; the crew can still tell. */
void grav_crew_close(grav_crew *crew);
void grav_crew_free(grav_crew *crew);

/* After all workers have failed, for that reason: adds the CPU, with a notice, where none of them
 * was it and none was asked for by name. False: there is nobody left. */
bool grav_crew_add_cpu(grav_crew *crew, const grav_error *why);

/* Hands one line to whoever runs this, one at a time. */
void grav_crew_tell(grav_crew *crew, const char *message);

#endif
