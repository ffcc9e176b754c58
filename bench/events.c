#include "events.h"

#include <stdlib.h>

void bench_events_free(bench_events *events)
{
    free(events->items);
    *events = (bench_events){0};
}

static bool is_before(const bench_event *a, const bench_event *b)
{
    return a->time < b->time || (a->time == b->time && a->number < b->number);
}

static bool reserve(bench_events *events)
{
    if (events->count < events->capacity)
        return true;
    size_t capacity = 2 * events->capacity + 64;
    bench_event *items = realloc(events->items, capacity * sizeof *items);
    if (!items)
        return false;
    events->items = items;
    events->capacity = capacity;
    return true;
}

bool bench_events_add(bench_events *events, const bench_event *event)
{
    if (!reserve(events))
        return false;
    bench_event added = *event;
    added.number = events->added++;
    size_t at = events->count++;
    for (; at > 0 && is_before(&added, &events->items[(at - 1) / 2]); at = (at - 1) / 2)
        events->items[at] = events->items[(at - 1) / 2];
    events->items[at] = added;
    return true;
}

/* Puts an event where the first one was taken. */
static void sink(bench_events *events, const bench_event *event)
{
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= events->count)
            break;
        if (child + 1 < events->count &&
            is_before(&events->items[child + 1], &events->items[child]))
            child++;
        if (!is_before(&events->items[child], event))
            break;
        events->items[at] = events->items[child];
        at = child;
    }
    events->items[at] = *event;
}

bool bench_events_next(bench_events *events, bench_event *out)
{
    if (!events->count)
        return false;
    *out = events->items[0];
    const bench_event last = events->items[--events->count];
    if (events->count)
        sink(events, &last);
    return true;
}
