/* Checkpoints: result files that a run writes while it plays, and goes on from. */
#ifndef GRAV_HOST_CHECKPOINT_H
#define GRAV_HOST_CHECKPOINT_H

#include "result.h"

typedef struct grav_checkpoint grav_checkpoint;

/* Makes the checkpoint at path this process's own: GRAV_ERROR_INVALID where another has it. The
 * file itself is not touched. */
grav_status grav_checkpoint_open(const char *path, double every_s, grav_checkpoint **out,
                                 grav_error *err);
/* What it holds, as grav_checkpoint_load() tells. To be called before the first write: a damaged
 * file must not take the place of the one before it. */
grav_status grav_checkpoint_find(grav_checkpoint *checkpoint, grav_result **out, grav_error *notice,
                                 grav_error *err);
/* Gives it back; NULL is fine. */
void grav_checkpoint_close(grav_checkpoint *checkpoint);

/* Whether it is time to write again: every_s after the last time, or later where writing would take
 * more than a hundredth of all time. */
bool grav_checkpoint_is_due(const grav_checkpoint *checkpoint);

/* Keeps a copy of result, to be written later: nothing but copying, for places that others wait
 * for. */
grav_status grav_checkpoint_keep(grav_checkpoint *checkpoint, const grav_result *result,
                                 grav_error *err);
/* Adds a worker that is at work to the copy. */
grav_status grav_checkpoint_keep_worker(grav_checkpoint *checkpoint, const grav_worker_info *worker,
                                        grav_error *err);
/* Writes the copy, if there is one that is not written yet. */
grav_status grav_checkpoint_write(grav_checkpoint *checkpoint, grav_error *err);

#endif
