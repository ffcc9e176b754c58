#include "ranges.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

void grav_ranges_free(grav_ranges *ranges)
{
    free(ranges->items);
    *ranges = (grav_ranges){0};
}

grav_status grav_range_check(uint64_t first, uint64_t sessions, grav_error *err)
{
    if (sessions < 1)
        return grav_fail(err, GRAV_ERROR_INVALID, "sessions must be at least 1");
    if (first > GRAV_SESSIONS_END || sessions > GRAV_SESSIONS_END - first)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "first %" PRIu64 " + sessions %" PRIu64 " is over 2^63, the last there is",
                         first, sessions);
    return GRAV_OK;
}

grav_status grav_ranges_reserve(grav_ranges *ranges, size_t count, grav_error *err)
{
    if (count <= ranges->capacity)
        return GRAV_OK;
    size_t capacity = count > 2 * ranges->capacity ? count : 2 * ranges->capacity;
    grav_range *items = realloc(ranges->items, capacity * sizeof *items);
    if (!items)
        return grav_no_memory(err, "the ranges played");
    ranges->items = items;
    ranges->capacity = capacity;
    return GRAV_OK;
}

void grav_ranges_drop_front(grav_ranges *ranges, uint64_t sessions)
{
    ranges->items[0].first += sessions;
    if (ranges->items[0].first < ranges->items[0].end)
        return;
    ranges->count--;
    memmove(&ranges->items[0], &ranges->items[1], ranges->count * sizeof *ranges->items);
}

/* Index of the first range that ends after session. */
static size_t first_ending_after(const grav_ranges *ranges, uint64_t session)
{
    size_t low = 0, high = ranges->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (ranges->items[middle].end > session)
            high = middle;
        else
            low = middle + 1;
    }
    return low;
}

static grav_status overlap(const grav_range *range, const grav_range *played, grav_error *err)
{
    return grav_fail(err, GRAV_ERROR_INVALID,
                     "sessions [%" PRIu64 ", %" PRIu64 ") overlap [%" PRIu64 ", %" PRIu64
                     "), already played",
                     range->first, range->end, played->first, played->end);
}

grav_status grav_ranges_add(grav_ranges *ranges, uint64_t first, uint64_t end, grav_error *err)
{
    if (first >= end)
        return GRAV_OK;
    size_t at = first_ending_after(ranges, first);
    if (at < ranges->count && ranges->items[at].first < end)
        return overlap(&(grav_range){first, end}, &ranges->items[at], err);
    bool joins_before = at > 0 && ranges->items[at - 1].end == first;
    bool joins_after = at < ranges->count && ranges->items[at].first == end;
    if (joins_before && joins_after) {
        ranges->items[at - 1].end = ranges->items[at].end;
        memmove(&ranges->items[at], &ranges->items[at + 1],
                (ranges->count - at - 1) * sizeof *ranges->items);
        ranges->count--;
    } else if (joins_before) {
        ranges->items[at - 1].end = end;
    } else if (joins_after) {
        ranges->items[at].first = first;
    } else {
        grav_status status = grav_ranges_reserve(ranges, ranges->count + 1, err);
        if (status != GRAV_OK)
            return status;
        memmove(&ranges->items[at + 1], &ranges->items[at],
                (ranges->count - at) * sizeof *ranges->items);
        ranges->items[at] = (grav_range){first, end};
        ranges->count++;
    }
    return GRAV_OK;
}

/* Adds a range that comes after all of them, or touches the last; there is room for it. */
static grav_status append(grav_ranges *ranges, const grav_range *range, grav_error *err)
{
    grav_range *last = ranges->count ? &ranges->items[ranges->count - 1] : NULL;
    if (last && range->first < last->end)
        return overlap(range, last, err);
    if (last && range->first == last->end)
        last->end = range->end;
    else
        ranges->items[ranges->count++] = *range;
    return GRAV_OK;
}

grav_status grav_ranges_add_all(grav_ranges *ranges, const grav_ranges *more, grav_error *err)
{
    grav_ranges both = {0};
    size_t i = 0, k = 0;
    grav_status status = grav_ranges_reserve(&both, ranges->count + more->count, err);
    while (status == GRAV_OK && (i < ranges->count || k < more->count)) {
        bool ours = k == more->count ||
                    (i < ranges->count && ranges->items[i].first < more->items[k].first);
        status = append(&both, ours ? &ranges->items[i++] : &more->items[k++], err);
    }
    if (status != GRAV_OK) {
        grav_ranges_free(&both);
        return status;
    }
    grav_ranges_free(ranges);
    *ranges = both;
    return GRAV_OK;
}

static int by_first(const void *a, const void *b)
{
    uint64_t first_a = ((const grav_range *)a)->first, first_b = ((const grav_range *)b)->first;
    return first_a < first_b ? -1 : first_a > first_b;
}

grav_status grav_ranges_sort(grav_ranges *ranges, grav_error *err)
{
    grav_status status = GRAV_OK;
    const size_t count = ranges->count;
    if (!count)
        return GRAV_OK;
    qsort(ranges->items, count, sizeof *ranges->items, by_first);
    ranges->count = 0;
    for (size_t i = 0; status == GRAV_OK && i < count; i++)
        status = append(ranges, &ranges->items[i], err);
    return status;
}

bool grav_ranges_has(const grav_ranges *ranges, uint64_t session)
{
    size_t at = first_ending_after(ranges, session);
    return at < ranges->count && ranges->items[at].first <= session;
}

grav_status grav_ranges_missing(const grav_ranges *ranges, uint64_t first, uint64_t end,
                                grav_ranges *out, grav_error *err)
{
    grav_status status = GRAV_OK;
    size_t at = first_ending_after(ranges, first);
    for (; status == GRAV_OK && at < ranges->count && ranges->items[at].first < end; at++) {
        status = grav_ranges_add(out, first, ranges->items[at].first, err);
        first = ranges->items[at].end;
    }
    return status == GRAV_OK ? grav_ranges_add(out, first, end, err) : status;
}

uint64_t grav_ranges_length(const grav_ranges *ranges)
{
    uint64_t length = 0;
    for (size_t i = 0; i < ranges->count; i++)
        length += ranges->items[i].end - ranges->items[i].first;
    return length;
}
