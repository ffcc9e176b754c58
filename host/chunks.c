#include "chunks.h"

#include <stdbool.h>

/* So many whole sessions, at least 1; there are fewer than 2^63. */
static uint64_t whole_sessions(double sessions)
{
    if (!(sessions > 1))
        return 1;
    return sessions < 0x1p63 ? (uint64_t)sessions : UINT64_C(1) << 63;
}

uint64_t grav_chunk_size(const grav_pace *pace, double seconds, uint64_t min, uint64_t max)
{
    bool others = pace->all > pace->own;
    double half_s = (double)pace->left / (2 * pace->all);
    if (half_s < GRAV_CHUNK_MOMENT_S) /* else thousands would halve what is left, and again */
        half_s = GRAV_CHUNK_MOMENT_S;
    uint64_t size = whole_sessions(pace->own * (others && half_s < seconds ? half_s : seconds));
    if (size < min)
        size = min;
    if (size > max)
        size = max;
    if (size > pace->left)
        size = pace->left;
    double takes_s = (double)size / pace->own;
    if (others && size <= min && takes_s > GRAV_CHUNK_MOMENT_S &&
        takes_s > (double)pace->left / pace->fastest)
        return 0;
    return size;
}

double grav_chunk_speed(double known, uint64_t sessions, double seconds, double chunk_s)
{
    double speed = (double)sessions / (seconds > 1e-6 ? seconds : 1e-6);
    if (speed < known && seconds < chunk_s / 8)
        return known;
    return speed > 8 * known ? 8 * known : speed;
}
