/* Playing a range on one CPU thread, one variant per isa. */
#ifndef GRAV_CPU_H
#define GRAV_CPU_H

#include "graveler.h"
#include "plan.h"

/* Plays sessions [first, end) and folds them into *part. */
typedef void grav_play_fn(const grav_plan *plan, uint64_t first, uint64_t end, grav_part *part);

grav_play_fn grav_play_portable;

/* The variant for isa, the best there is for GRAV_ISA_AUTO; *chosen (may be NULL) says which. NULL
 * if this CPU or this build has none. */
grav_play_fn *grav_play_for(grav_isa isa, grav_isa *chosen);

#endif
