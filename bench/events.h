/* What is to happen at some time: a queue of events, the earliest first. */
#ifndef BENCH_EVENTS_H
#define BENCH_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum bench_event_kind {
    EVENT_CHUNK,  /* a worker has played its chunk */
    EVENT_LOOK,   /* a rank looks for messages */
    EVENT_ORDER,  /* comes to a rank from rank 0 */
    EVENT_STATE,  /* comes to rank 0 */
    EVENT_PLAYED, /* likewise */
} bench_event_kind;

typedef struct bench_event {
    double time;
    uint64_t number; /* events at one time happen in the order in which they were added */
    bench_event_kind kind;
    uint32_t rank;     /* whose it is, or who it is from */
    uint64_t sessions; /* of an order */
    uint64_t ranges;   /* PLAYED: how many it lists */
    uint64_t portions; /* STATE: as grav_wire_state has it, and so the rest */
    double speed;
    bool wants, idle;
    bool merges; /* of an order: take part in a reduction */
} bench_event;

/* Starts as {0}. */
typedef struct bench_events {
    bench_event *items; /* a binary heap */
    size_t count, capacity;
    uint64_t added;
} bench_events;

void bench_events_free(bench_events *events);

/* Adds a copy. False without memory. */
bool bench_events_add(bench_events *events, const bench_event *event);

/* Takes the next one. False: there is none. */
bool bench_events_next(bench_events *events, bench_event *out);

#endif
