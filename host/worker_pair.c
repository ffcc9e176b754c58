/* A worker made of two: both play every chunk, and must find the same in it. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "error.h"
#include "worker.h"

typedef struct pair_state {
    grav_worker first, second;
    grav_tally again; /* what the second found */
    uint64_t base;
} pair_state;

static void pair_close(grav_worker *worker)
{
    pair_state *pair = worker->state;
    pair->first.close(&pair->first);
    pair->second.close(&pair->second);
    grav_tally_free(&pair->again);
    free(pair);
}

static grav_status compare(const pair_state *pair, uint64_t first, uint64_t end,
                           const grav_tally *tally, grav_error *err)
{
    grav_error why;
    grav_tally found = *tally, again = pair->again;
    found.base = again.base = pair->base;
    if (grav_tally_compare(&found, &again, &why) == GRAV_OK)
        return GRAV_OK;
    return grav_fail(err, GRAV_ERROR_MISMATCH,
                     "sessions %" PRIu64 " to %" PRIu64 ", played by %.120s and by %.64s: %.160s",
                     first, end - 1, pair->first.info.text, pair->second.info.text, why.message);
}

static grav_status pair_play(grav_worker *worker, uint64_t first, uint64_t end, grav_tally *tally,
                             grav_error *err)
{
    pair_state *pair = worker->state;
    grav_status status = pair->first.play(&pair->first, first, end, tally, err);
    worker->info.kernel_s = pair->first.info.kernel_s;
    if (status != GRAV_OK)
        return status;
    grav_tally_clear(&pair->again);
    status = pair->second.play(&pair->second, first, end, &pair->again, err);
    return status == GRAV_OK ? compare(pair, first, end, tally, err) : status;
}

static uint64_t least(uint64_t a, uint64_t b)
{
    return a < b ? a : b;
}

grav_status grav_worker_pair(const grav_worker *first, const grav_worker *second, size_t length,
                             uint64_t base, grav_worker *out, grav_error *err)
{
    grav_worker members[] = {*first, *second};
    pair_state *pair = calloc(1, sizeof *pair);
    grav_status status = pair ? grav_tally_init(&pair->again, length, err)
                              : grav_no_memory(err, "a pair of workers");
    if (status != GRAV_OK) {
        members[0].close(&members[0]);
        members[1].close(&members[1]);
        free(pair);
        return status;
    }
    pair->first = members[0];
    pair->second = members[1];
    pair->base = base;
    *out = members[0];
    out->play = pair_play;
    out->close = pair_close;
    out->state = pair;
    out->chunk_max = least(members[0].chunk_max, members[1].chunk_max);
    out->chunk_min =
        least(out->chunk_max, members[0].chunk_min > members[1].chunk_min ? members[0].chunk_min
                                                                          : members[1].chunk_min);
    snprintf(out->info.checked_by, sizeof out->info.checked_by, "%.47s", members[1].info.text);
    grav_worker_tell(&out->info);
    return GRAV_OK;
}
