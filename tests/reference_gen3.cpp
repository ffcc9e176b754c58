#include "reference_gen3.h"

#include <algorithm>

namespace reference {

std::uint32_t Gen3Next(std::uint32_t state)
{
    const std::uint64_t next = std::uint64_t{0x41C64E6D} * state + 0x6073;
    return static_cast<std::uint32_t>(next % (std::uint64_t{1} << 32));
}

std::vector<bool> Gen3Rolls(const Gen3Experiment &experiment, std::uint32_t session)
{
    std::vector<bool> rolls;
    std::uint32_t state = session;
    for (std::uint32_t roll = 0; roll < experiment.rolls; roll++) {
        for (std::uint32_t call = 0; call < experiment.calls_per_roll; call++)
            state = Gen3Next(state);
        const std::uint32_t high_half = state / 65536;
        rolls.push_back(high_half % experiment.m < experiment.a);
    }
    return rolls;
}

std::uint32_t Gen3Score(const Gen3Experiment &experiment, std::uint32_t session)
{
    std::uint32_t count = 0, run = 0, longest = 0;
    for (bool scores : Gen3Rolls(experiment, session)) {
        count += scores;
        run = scores ? run + 1 : 0;
        longest = std::max(longest, run);
    }
    return experiment.streak ? longest : count;
}

} // namespace reference
