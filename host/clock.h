/* Time that never goes back, and waiting by it. */
#ifndef GRAV_HOST_CLOCK_H
#define GRAV_HOST_CLOCK_H

#include <pthread.h>
#include <time.h>

/* Seconds since some fixed moment. */
static inline double grav_now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

/* The moment so many seconds from now, below 2 s, to wait until. */
static inline struct timespec grav_in_seconds(double seconds)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_nsec += (long)(seconds * 1e9);
    at.tv_sec += at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}

/* A condition whose timed waits go by this clock. */
static inline void grav_condition_init(pthread_cond_t *condition)
{
    pthread_condattr_t monotonic;
    pthread_condattr_init(&monotonic);
    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
    pthread_cond_init(condition, &monotonic);
    pthread_condattr_destroy(&monotonic);
}

#endif
