/* What a launch hands to a kernel that plays sessions. C++, on the host too: the tests' GPU that is
 * none reads it. */
#ifndef GRAV_LAUNCH_CUDA_H
#define GRAV_LAUNCH_CUDA_H

#include <stdint.h>

#include "lane_scalar.h"
#include "philox.h"
#include "plan.h"

namespace gpu_play {

/* Where a launch counts scores; kAny is for a kernel that asks the launch. */
enum class Counts { kNone, kShared, kGlobal, kAny };

/* What is the same for all threads of a launch. It is a kernel's argument, so that instructions
 * read their operands from it: constants cost no register and no time. */
struct Launch {
    grav_plan plan;
    philox_keys keys;
    philox_head head;  /* of sessions with the high half of `first`, or of its block of draws */
    uint64_t first;    /* session */
    uint32_t sessions; /* all with the same high half of their index */
    uint32_t length;   /* scores to count apart */
    Counts counts;     /* where */
};

} // namespace gpu_play

#endif
