#include "playing.h"

#include <stdexcept>

namespace playing {

std::ostream &operator<<(std::ostream &out, const Engine &engine)
{
    return out << grav_engine_name(engine.id);
}

const Engine &EngineNamed(const std::string &name)
{
    for (const Engine &engine : kEngines)
        if (name == grav_engine_name(engine.id))
            return engine;
    throw std::runtime_error("no such engine: " + name);
}

support::Backend Portable()
{
    return {"portable", GRAV_BACKEND_CPU, GRAV_ISA_PORTABLE};
}

std::vector<unsigned> ThreadCounts(const support::Backend &backend)
{
    if (backend.backend == GRAV_BACKEND_CPU)
        return {1, 2, 3, 5, 16};
    return {0};
}

uint64_t Below(Random &random, uint64_t bound)
{
    return random() % bound;
}

uint32_t AnyWord(Random &random)
{
    static const uint32_t extremes[] = {0, 1, 0x7fffffff, 0x80000000, 0xfffffffe, 0xffffffff};
    if (Below(random, 2) == 0)
        return extremes[Below(random, std::size(extremes))];
    return static_cast<uint32_t>(random());
}

Found FindByReference(const Engine &engine, uint64_t seed, uint64_t first, uint64_t sessions,
                      uint32_t rolls, const std::string &chance)
{
    const reference::Chance exact = reference::ParseChance(chance);
    Found found = {std::vector<uint64_t>(rolls + 1), 0, first};
    for (uint64_t session = first; session < first + sessions; session++) {
        uint32_t score = reference::Score(engine.reference, seed, session, rolls, exact);
        found.histogram[score]++;
        if (score > found.max_score) {
            found.max_score = score;
            found.max_session = session;
        }
    }
    return found;
}

void ExpectFound(const support::Result &result, const Found &found, uint64_t first,
                 uint64_t sessions)
{
    const std::vector<std::pair<uint64_t, uint64_t>> range = {{first, first + sessions}};
    grav_summary summary = support::Summary(result);
    EXPECT_TRUE(summary.complete);
    EXPECT_EQ(summary.sessions, sessions);
    EXPECT_EQ(support::Ranges(result), range);
    EXPECT_EQ(summary.max_score, found.max_score);
    EXPECT_EQ(summary.max_session, found.max_session);
    if (summary.has_histogram) {
        EXPECT_EQ(support::Histogram(result), found.histogram);
    }
}

} // namespace playing
