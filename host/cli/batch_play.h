/* Playing the jobs of a batch: from its files through a pool to their answers. */
#ifndef GRAV_CLI_BATCH_PLAY_H
#define GRAV_CLI_BATCH_PLAY_H

#include "batch_answers.h"
#include "batch_jobs.h"
#include "batch_output.h"
#include "options.h"

/* How it went. */
typedef struct cli_batch_count {
    uint64_t succeeded, failed;
    uint64_t mismatched; /* of the failed: what was played twice differed */
    uint64_t before;     /* jobs that had their answer already */
    uint64_t unanswered; /* jobs that were read and have none */
    uint64_t sessions;   /* played */
    double seconds;      /* it took */
    bool interrupted;    /* by a signal */
    bool halted;         /* by --halt-on-error */
    bool no_memory;      /* for an answer */
} cli_batch_count;

/* Plays all jobs; answers but for those that are there already are put in *answers. What is wrong
 * with a job is its answer; what is wrong with the pool or with a file is the error. */
grav_status cli_batch_play(const cli_settings *settings, cli_jobs *jobs, cli_answered *answered,
                           cli_answers *answers, cli_batch_count *out, grav_error *err);

#endif
