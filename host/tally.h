/* Tallies: what was found in some sessions. They merge by addition and maximum. */
#ifndef GRAV_HOST_TALLY_H
#define GRAV_HOST_TALLY_H

#include "graveler.h"
#include "plan.h"

typedef struct grav_tally {
    uint64_t sessions;
    grav_part part; /* record and histogram, of scores less `base` */
    uint64_t base;  /* the lowest score there can be; 0 in tallies that are merged into another */
    size_t length;  /* of the histogram; 0 without one */
} grav_tally;

/* An empty tally that tells scores below length apart; length 0 keeps the highest only. */
grav_status grav_tally_init(grav_tally *tally, size_t length, grav_error *err);
void grav_tally_free(grav_tally *tally);
void grav_tally_clear(grav_tally *tally);

/* Adds from to into, which must be at least as long. */
void grav_tally_merge(grav_tally *into, const grav_tally *from);

/* Whether everything that is true of a tally of so many sessions holds: the histogram's sum, and a
 * record that is its highest score. Says what does not. */
grav_status grav_tally_check(const grav_tally *tally, uint64_t sessions, grav_error *err);

/* Whether two tallies found the same, record and histogram. Says what differs, a's first. */
grav_status grav_tally_compare(const grav_tally *a, const grav_tally *b, grav_error *err);

/* The figures that follow from the histogram, exactly and then rounded once. Sets all of *out that
 * does not depend on the experiment or the run. */
void grav_tally_summarise(const grav_tally *tally, grav_summary *out);

/* Whether any session scored target or more, and how many did. */
bool grav_tally_reached(const grav_tally *tally, uint64_t target);
uint64_t grav_tally_at_least(const grav_tally *tally, uint64_t target);

#endif
