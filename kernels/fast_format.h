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

#endif
