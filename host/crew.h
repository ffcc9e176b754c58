/* Who plays a run: the workers that it asks for, each held against known answers before it plays.
 */
#ifndef GRAV_HOST_CREW_H
#define GRAV_HOST_CREW_H

#include <pthread.h>

#include "scores_table.h"
#include "team.h"
#include "worker.h"

typedef struct grav_crew {
    const grav_run_spec *spec;
    const grav_team *team; /* of which this process has its share of GPUs and threads; or NULL */
    grav_plan plan;
    grav_scores *scores; /* the plan's; or NULL */
    size_t length;       /* of the histogram; 0 without one */
    uint64_t base;       /* the lowest score there can be */
    grav_worker *workers;
    size_t count;
    pthread_mutex_t telling; /* workers may fail while a checkpoint is written */
} grav_crew;

/* Starts empty. Of spec where to play, and whom to tell, is looked at, and team may be NULL. */
void grav_crew_init(grav_crew *crew, const grav_run_spec *spec, const grav_team *team);

/* Opens the workers that spec asks for, to play the run that model is a result of. Where spec
 * leaves the choice, what cannot be used or gives wrong answers is done without, with a notice. */
grav_status grav_crew_open(grav_crew *crew, const grav_result *model, grav_error *err);
/* Closes the workers; the crew can still tell. */
void grav_crew_close(grav_crew *crew);
void grav_crew_free(grav_crew *crew);

/* After all workers have failed, for that reason: adds the CPU, with a notice, where none of them
 * was it and none was asked for by name. False: there is nobody left. */
bool grav_crew_add_cpu(grav_crew *crew, const grav_error *why);

/* Tells that a worker has failed and others play on. */
void grav_crew_tell_left_out(grav_crew *crew, const grav_worker *worker, const grav_error *why);

/* The isa of the CPU that spec asks for, or the best with right answers; with notices about others.
 */
grav_status grav_crew_isa(grav_crew *crew, grav_isa *out, grav_error *err);

/* Hands one line to whoever runs this, one at a time. */
void grav_crew_tell(grav_crew *crew, const char *message);

#endif
