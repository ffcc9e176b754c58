// Sessions, one by one and by the range, against known sessions and against the reference.
#include "playing.h"

namespace
{

using playing::Engine;
using playing::kEngines;

struct Known {
    Engine engine;
    uint64_t seed, session;
    uint32_t rolls;
    std::string chance;
    uint64_t score, words;

    bool Rare() const // plane 1 of the founding job ends after the third block
    {
        return rolls == 231 && words == 13;
    }
};

void PrintTo(const Known &known, std::ostream *out)
{
    *out << known.engine.rounds << " rounds, seed " << known.seed << ", session " << known.session
         << ", rolls " << known.rolls << ", chance " << known.chance;
}

std::vector<Known> KnownSessions()
{
    std::vector<Known> all;
    for (const std::vector<std::string> &row : support::Vectors("sessions.txt"))
        all.push_back({playing::EngineNamed(row.at(0)), std::stoull(row.at(1), nullptr, 0),
                       std::stoull(row.at(2)), static_cast<uint32_t>(std::stoul(row.at(3))),
                       row.at(4), std::stoull(row.at(5)), std::stoull(row.at(6))});
    return all;
}

// Sizes around the words, blocks and lanes that bits come in.
const uint32_t kRolls[] = {1,  2,   31,  32,  33,  63,  64,  65,
                           96, 127, 128, 129, 231, 255, 256, 257, 1000};
const char *const kChances[] = {
    "0",     "1",   "1/2",  "1/4",
    "3/4",   "1/3", "1e-6", "1/18446744073709551616",
    "2/3",          "1/18446744073709551615",
    "1-2^-64: see below"};

// ---- Replaying ----------------------------------------------------------------------------------

} // namespace
