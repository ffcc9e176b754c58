/* How those who play a run work together: constants, in seconds. */
#ifndef GRAV_HOST_TEAM_RULES_H
#define GRAV_HOST_TEAM_RULES_H

/* A worker's chunk should take this long: long enough to cost nothing, short enough to stop soon.
 */
#define GRAV_RULE_CHUNK_S 0.1
/* Others who play the same sessions wait no longer than this to be heard. */
#define GRAV_RULE_EXCHANGE_S 0.001
/* Somebody elsewhere is given sessions for this long at a time; or for so long by each rank of the
 * team, which in teams of thousands is longer, so that rank 0 has time for all. */
#define GRAV_RULE_PORTION_S 0.2
#define GRAV_RULE_PORTION_EACH_S 1e-4
/* A rank asks for more when what it has left takes less than this. */
#define GRAV_RULE_LOW_S 0.05
/* It tells how it stands this often, likewise; and at once where that is news. */
#define GRAV_RULE_TELL_S 0.1
#define GRAV_RULE_TELL_EACH_S 1e-4
/* What was found is merged this often at least: meanwhile what was played is a list. */
#define GRAV_RULE_MERGE_S 60.0

/* Rolls a second that a worker is taken to play before it was measured, or draws of method
 * `scores`. Low, so that its first chunk lasts milliseconds. */
#define GRAV_RULE_FIRST_ROLLS_PER_S 4e7

#endif
