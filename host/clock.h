/* Time that never goes back. */
#ifndef GRAV_HOST_CLOCK_H
#define GRAV_HOST_CLOCK_H

#include <time.h>

/* Seconds since some fixed moment. */
static inline double grav_now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

#endif
