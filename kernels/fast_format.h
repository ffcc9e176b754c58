/* The numbers of engine `fast`. */
#ifndef GRAV_FAST_FORMAT_H
#define GRAV_FAST_FORMAT_H

#include <stdint.h>

#define GRAV_FAST_BLOCK 4096u                                 /* sessions */
#define GRAV_FAST_STREAMS 32u                                 /* of a block: a warp's threads */
#define GRAV_FAST_STEPS (GRAV_FAST_BLOCK / GRAV_FAST_STREAMS) /* sessions of a stream */
#define GRAV_FAST_MULTIPLIER 0xCFDBC53Du
#define GRAV_FAST_PHILOX_ROUNDS 10u                       /* of seeds, and beyond the head */
#define GRAV_FAST_SEED_BLOCK (UINT64_C(0xFFFFFFFF) << 32) /* no session has so many blocks */

/* The part of a block that lies in sessions [first, end): its sessions [*from, *to). False: none,
 * as the block begins behind them. */
static inline int fast_clip(uint64_t block, uint64_t first, uint64_t end, uint32_t *from,
                            uint32_t *to)
{
    uint64_t start = block * GRAV_FAST_BLOCK;
    if (start >= end)
        return 0;
    *from = first > start ? (uint32_t)(first - start) : 0;
    *to = end - start < GRAV_FAST_BLOCK ? (uint32_t)(end - start) : GRAV_FAST_BLOCK;
    return 1;
}

#endif
