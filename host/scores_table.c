#include "scores_table.h"

#include <stdlib.h>
#include <string.h>

#include "engine.h"
#include "error.h"

/* A table and its arrays. */
typedef struct table_memory {
    grav_scores table; /* first: what is handed out */
    uint32_t below[GRAV_SCORES_BUCKETS + 1];
    uint16_t guide[GRAV_SCORES_BUCKETS];
    uint64_t thresholds[];
} table_memory;

/* The first draw of a bucket. */
static uint64_t bucket_start(uint32_t bucket)
{
    return (uint64_t)bucket << (64 - GRAV_SCORES_GUIDE_BITS);
}

static void fill_guide(table_memory *memory)
{
    const grav_scores *table = &memory->table;
    uint32_t slot = 0;
    for (uint32_t bucket = 0; bucket < GRAV_SCORES_BUCKETS; bucket++) {
        uint64_t start = bucket_start(bucket), last = bucket_start(bucket + 1) - 1;
        while (slot < table->count && table->thresholds[slot] <= start)
            slot++;
        memory->below[bucket] = slot;
        bool decided = slot == table->count || table->thresholds[slot] > last;
        memory->guide[bucket] =
            decided && slot < GRAV_SCORES_CLOSER ? (uint16_t)slot : GRAV_SCORES_CLOSER;
    }
    memory->below[GRAV_SCORES_BUCKETS] = table->count;
}

grav_status grav_scores_create(const grav_thresholds *thresholds, grav_scores **out,
                               grav_error *err)
{
    table_memory *memory = malloc(sizeof *memory + thresholds->count * sizeof(uint64_t));
    if (!memory)
        return grav_no_memory(err, "a table of scores");
    memory->table = (grav_scores){
        .thresholds = memory->thresholds,
        .below = memory->below,
        .guide = memory->guide,
        .count = (uint32_t)thresholds->count,
        .base = thresholds->base,
        .last = thresholds->last,
    };
    if (thresholds->count)
        memcpy(memory->thresholds, thresholds->values, thresholds->count * sizeof(uint64_t));
    fill_guide(memory);
    *out = &memory->table;
    return GRAV_OK;
}

grav_status grav_scores_of(const grav_experiment *experiment, grav_scores **out, grav_error *err)
{
    grav_thresholds thresholds;
    grav_status status = grav_thresholds_of(experiment, &thresholds, err);
    if (status != GRAV_OK)
        return status;
    status = grav_scores_create(&thresholds, out, err);
    grav_thresholds_free(&thresholds);
    return status;
}

void grav_scores_destroy(grav_scores *table)
{
    free(table); /* the first member of its memory */
}

grav_status grav_scores_check(const grav_experiment *experiment, grav_engine engine,
                              grav_error *err)
{
    if (!grav_engine_has_blocks(engine))
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "method scores draws from philox or philox7, not from %s",
                         grav_engine_name((int)engine));
    grav_status status = grav_thresholds_check(experiment, err);
    return status == GRAV_OK ? status : grav_fail_in(err, status, "method scores");
}
