#include "team_wire.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

void grav_wire_program(char text[64])
{
    memset(text, 0, 64);
    snprintf(text, 64, "%s (commit %s)", GRAV_VERSION, grav_commit());
}

grav_status grav_wire_send_played(grav_team *team, const grav_wire_head *head,
                                  const grav_ranges *ranges, const grav_worker_info *workers,
                                  size_t worker_count, grav_error *err)
{
    const size_t ranges_size = ranges->count * sizeof *ranges->items;
    const size_t workers_size = worker_count * sizeof *workers;
    const size_t size = sizeof(grav_wire_played) + ranges_size + workers_size;
    char *message = calloc(1, size);
    if (!message)
        return grav_no_memory(err, "a message to rank 0");
    grav_wire_played played = {*head, ranges->count, worker_count};
    memcpy(message, &played, sizeof played);
    if (ranges_size)
        memcpy(message + sizeof played, ranges->items, ranges_size);
    if (workers_size)
        memcpy(message + sizeof played + ranges_size, workers, workers_size);
    grav_status status = team->send(team, 0, message, size, err);
    free(message);
    return status;
}

size_t grav_wire_words(const grav_tally *tally)
{
    return GRAV_TEAM_COUNTS + tally->length;
}

void grav_wire_from_tally(const grav_tally *tally, uint64_t *words)
{
    words[GRAV_TEAM_SESSIONS] = tally->sessions;
    words[GRAV_TEAM_MAX_SCORE] = tally->part.max_score;
    words[GRAV_TEAM_MAX_SESSION] = tally->part.max_session;
    if (tally->length)
        memcpy(words + GRAV_TEAM_COUNTS, tally->part.counts, tally->length * sizeof *words);
}

void grav_wire_to_tally(const uint64_t *words, grav_tally *tally)
{
    tally->sessions += words[GRAV_TEAM_SESSIONS];
    grav_part_offer(&tally->part, words[GRAV_TEAM_MAX_SCORE], words[GRAV_TEAM_MAX_SESSION]);
    for (size_t i = 0; i < tally->length; i++)
        tally->part.counts[i] += words[GRAV_TEAM_COUNTS + i];
}

void grav_team_add_words(const uint64_t *from, uint64_t *into, size_t count)
{
    grav_part best = {.max_score = into[GRAV_TEAM_MAX_SCORE],
                      .max_session = into[GRAV_TEAM_MAX_SESSION]};
    grav_part_offer(&best, from[GRAV_TEAM_MAX_SCORE], from[GRAV_TEAM_MAX_SESSION]);
    into[GRAV_TEAM_SESSIONS] += from[GRAV_TEAM_SESSIONS];
    into[GRAV_TEAM_MAX_SCORE] = best.max_score;
    into[GRAV_TEAM_MAX_SESSION] = best.max_session;
    for (size_t i = GRAV_TEAM_COUNTS; i < count; i++)
        into[i] += from[i];
}
