/* Sets of sessions, as sorted disjoint half-open ranges. */
#ifndef GRAV_HOST_RANGES_H
#define GRAV_HOST_RANGES_H

#include "graveler.h"

typedef struct grav_range {
    uint64_t first, end; /* first < end */
} grav_range;

/* Starts as {0}. Sorted; neighbours that touch are one. */
typedef struct grav_ranges {
    grav_range *items;
    size_t count, capacity;
} grav_ranges;

void grav_ranges_free(grav_ranges *ranges);

/* Whether there are sessions [first, first + sessions): GRAV_ERROR_INVALID where they are none, or
 * go beyond the last. */
grav_status grav_range_check(uint64_t first, uint64_t sessions, grav_error *err);

/* Makes room for so many ranges in all: adding fails no more until there are as many. */
grav_status grav_ranges_reserve(grav_ranges *ranges, size_t count, grav_error *err);

/* Takes so many sessions from the first range, which has as many. */
void grav_ranges_drop_front(grav_ranges *ranges, uint64_t sessions);

/* Adds [first, end); nothing where it is empty. Refuses an overlap, naming it. On failure ranges is
 * as before. */
grav_status grav_ranges_add(grav_ranges *ranges, uint64_t first, uint64_t end, grav_error *err);

/* Adds all of more at once, in the time that takes both to be read. Refuses an overlap, naming it.
 * On failure ranges is as before. */
grav_status grav_ranges_add_all(grav_ranges *ranges, const grav_ranges *more, grav_error *err);

/* Sorts items, which came in any order and may touch, and joins them. Refuses an overlap, naming
 * it; ranges is then in any order. */
grav_status grav_ranges_sort(grav_ranges *ranges, grav_error *err);

/* Whether session is in one of them. */
bool grav_ranges_has(const grav_ranges *ranges, uint64_t session);

/* Sets *out, starting as {0}, to what [first, end) has beside ranges. */
grav_status grav_ranges_missing(const grav_ranges *ranges, uint64_t first, uint64_t end,
                                grav_ranges *out, grav_error *err);

/* How many sessions. */
uint64_t grav_ranges_length(const grav_ranges *ranges);

#endif
