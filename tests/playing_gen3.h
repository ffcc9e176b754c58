// What the tests of engine `gen3` share.
#ifndef GRAV_TESTS_PLAYING_GEN3_H
#define GRAV_TESTS_PLAYING_GEN3_H

#include "playing.h"
#include "reference_gen3.h"

namespace playing_gen3 {

constexpr uint64_t kStates = uint64_t{1} << 32;

// The experiment, without a target.
support::Experiment Make(const reference::Gen3Experiment &what);

// A run of it, its sessions [first, first + sessions).
grav_run_spec Spec(const support::Backend &backend, const reference::Gen3Experiment &what,
                   uint64_t first, uint64_t sessions);

} // namespace playing_gen3

#endif
