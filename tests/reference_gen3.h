// Engine `gen3` of the session format, written out as dully as possible: step by step, with the
// remainder of a division. It shares no code with the library.
#pragma once

#include <cstdint>
#include <vector>

namespace reference {

/// One step of the generator: x' = 0x41C64E6D x + 0x6073 mod 2^32.
std::uint32_t Gen3Next(std::uint32_t state);

/// What is rolled: so many rolls at chance a/m, each of so many calls.
struct Gen3Experiment {
    std::uint32_t rolls = 1;
    std::uint32_t a = 1, m = 4; // in lowest terms
    std::uint32_t calls_per_roll = 1;
    bool streak = false; // the longest run of scoring rolls, instead of how many score
};

/// Which rolls of a session scored, in roll order.
std::vector<bool> Gen3Rolls(const Gen3Experiment &experiment, std::uint32_t session);

/// The score of a session.
std::uint32_t Gen3Score(const Gen3Experiment &experiment, std::uint32_t session);

} // namespace reference
