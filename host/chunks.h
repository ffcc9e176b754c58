/* How much of a run somebody is given to play at a time. */
#ifndef GRAV_HOST_CHUNKS_H
#define GRAV_HOST_CHUNKS_H

#include <stdint.h>

/* Whose turn it is, and beside whom. Speeds in sessions per second, as last measured, above 0. */
typedef struct grav_pace {
    double own;
    double all;     /* of everyone who plays, this one too */
    double fastest; /* of them; this one too */
    uint64_t left;  /* sessions that nobody was given yet, at least 1 */
} grav_pace;

/* So many sessions that they take `seconds`, and while others play, too, no more than half the time
 * that is left, or a moment: so all end together, as with guided self-scheduling (Polychronopoulos
 * and Kuck, IEEE Transactions on Computers 36, 1987), but by everyone's own speed. From min, which
 * is worth starting, to max; never more than are left. 0: even min takes longer than the fastest
 * needs for all that is left, and more than a moment, so that they are better left to that one. */
uint64_t grav_chunk_size(const grav_pace *pace, double seconds, uint64_t min, uint64_t max);

/* What somebody plays per second, known until now as `known`, who has played so many sessions in so
 * many seconds. Faster at most eightfold: a single odd measurement must not hand out minutes of
 * work. What took less than an eighth of chunk_s, too short to tell speed from the cost of starting
 * it, can only show that it is faster. */
double grav_chunk_speed(double known, uint64_t sessions, double seconds, double chunk_s);

/* A moment, in seconds: what takes no longer is not worth handing to anybody else. */
#define GRAV_CHUNK_MOMENT_S 0.005

#endif
