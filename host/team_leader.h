/* Rank 0 of a team, in a run: hands sessions out to the others and merges what they found. */
#ifndef GRAV_HOST_TEAM_LEADER_H
#define GRAV_HOST_TEAM_LEADER_H

#include "crew.h"
#include "scheduler.h"

typedef struct grav_leader grav_leader;

/* Begins the run that model is a result of with all others, who open workers as the crew does.
 * The crew tells what is worth telling. */
grav_status grav_leader_begin(grav_team *team, grav_crew *crew, const grav_result *model,
                              grav_leader **out, grav_error *err);

/* For grav_schedule.exchange, the leader being its partner. */
grav_status grav_leader_exchange(grav_desk *desk, void *leader, grav_error *err);

/* Goes through the workers of the others, as of the last merge; starts as {0}. */
typedef struct grav_leader_place {
    int rank;
    size_t worker;
} grav_leader_place;

/* The next of them; NULL past the last, and without a leader. */
const grav_worker_info *grav_leader_next(const grav_leader *leader, grav_leader_place *place);

/* Ends the run; NULL is fine. */
void grav_leader_end(grav_leader *leader);

#endif
