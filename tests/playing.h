// What the tests of playing share: engines, thread counts, inputs, and what a run should find.
#ifndef GRAV_TESTS_PLAYING_H
#define GRAV_TESTS_PLAYING_H

#include "reference.h"
#include "support.h"

#include <random>

namespace playing {

struct Engine {
    grav_engine id;
    reference::Engine reference;
};
constexpr Engine kEngines[] = {{GRAV_ENGINE_PHILOX, reference::Engine::kPhilox},
                               {GRAV_ENGINE_PHILOX7, reference::Engine::kPhilox7},
                               {GRAV_ENGINE_FAST, reference::Engine::kFast}};
// Those of method `scores`.
constexpr Engine kPhiloxEngines[] = {kEngines[0], kEngines[1]};
std::ostream &operator<<(std::ostream &out, const Engine &engine);
constexpr grav_keep kKeeps[] = {GRAV_KEEP_HISTOGRAM, GRAV_KEEP_MAX};

const Engine &EngineNamed(const std::string &name);

// The backend that is everywhere, to compare others with.
support::Backend Portable();

// Numbers of threads to play with. A GPU takes none: 0 is "choose yourself".
std::vector<unsigned> ThreadCounts(const support::Backend &backend);

using Random = std::mt19937_64;
uint64_t Below(Random &random, uint64_t bound);
// A random word, half the time an extreme one.
uint32_t AnyWord(Random &random);

// What a run of [first, first + sessions) should find, one reference session after the other.
struct Found {
    std::vector<uint64_t> histogram;
    uint64_t max_score;
    uint64_t max_session;
};
Found FindByReference(const Engine &engine, uint64_t seed, uint64_t first, uint64_t sessions,
                      uint32_t rolls, const std::string &chance);

// Histogram (where the result has one), record, count and ranges are what they should be.
void ExpectFound(const support::Result &result, const Found &found, uint64_t first,
                 uint64_t sessions);

} // namespace playing

#endif
