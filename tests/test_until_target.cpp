// Runs until a target: they end at the first session, by index, that reaches it.
#include "playing.h"

namespace {

using playing::Engine;
using playing::kEngines;
using playing::kKeeps;
using playing::ThreadCounts;
using support::Digest;
using support::Experiment;
using support::MakeExperiment;
using support::Ranges;
using support::Result;
using support::Summary;

struct Hunt {
    uint32_t rolls;
    std::string chance;
    uint64_t target, first, sessions;
};

std::ostream &operator<<(std::ostream &out, const Hunt &hunt)
{
    return out << "rolls " << hunt.rolls << ", chance " << hunt.chance << ", target " << hunt.target
               << ", " << hunt.sessions << " sessions from " << hunt.first;
}

// One past the first session that reaches the target, found one by one; the end if none does.
uint64_t EndByReference(const Engine &engine, uint64_t seed, const Hunt &hunt)
{
    const reference::Chance chance = reference::ParseChance(hunt.chance);
    const uint64_t end = hunt.first + hunt.sessions;
    for (uint64_t session = hunt.first; session < end; session++)
        if (reference::Score(engine.reference, seed, session, hunt.rolls, chance) >= hunt.target)
            return session + 1;
    return end;
}

class UntilTarget : public support::OnBackend {
  protected:
    // The tally is exactly that of [first, end), with both keeps and any number of threads.
    void CheckEnd(const Engine &engine, uint64_t seed, const Hunt &hunt, uint64_t end)
    {
        SCOPED_TRACE(testing::Message() << hunt << ", " << engine);
        Experiment experiment = MakeExperiment(hunt.rolls, hunt.chance, hunt.target);
        for (grav_keep keep : kKeeps) {
            grav_run_spec spec = support::Spec(GetParam(), seed, hunt.first, hunt.sessions);
            spec.engine = engine.id;
            spec.keep = keep;
            grav_run_spec plain = spec;
            plain.sessions = end - hunt.first;
            const Result expected = support::Run(experiment, plain);
            spec.until_target = true;
            for (unsigned threads : ThreadCounts(GetParam())) {
                SCOPED_TRACE(testing::Message()
                             << "keep " << grav_keep_name(keep) << ", threads " << threads);
                spec.threads = threads;
                Result result = support::Run(experiment, spec);
                EXPECT_TRUE(Summary(result).complete);
                EXPECT_EQ(Ranges(result), Ranges(expected));
                EXPECT_EQ(Digest(result), Digest(expected));
            }
        }
    }

    // The same, and where somebody hits, the hit is the record and the only hit.
    void Check(const Engine &engine, uint64_t seed, const Hunt &hunt)
    {
        uint64_t end = EndByReference(engine, seed, hunt);
        CheckEnd(engine, seed, hunt, end);
        grav_run_spec spec = support::Spec(GetParam(), seed, hunt.first, hunt.sessions);
        spec.engine = engine.id;
        spec.until_target = true;
        grav_summary summary =
            Summary(support::Run(MakeExperiment(hunt.rolls, hunt.chance, hunt.target), spec));
        EXPECT_EQ(summary.sessions, end - hunt.first);
        if (summary.hits) {
            EXPECT_EQ(summary.hits, 1u);
            EXPECT_GE(summary.max_score, hunt.target);
            EXPECT_EQ(summary.max_session, end - 1);
        } else {
            EXPECT_EQ(end, hunt.first + hunt.sessions);
            EXPECT_LT(summary.max_score, hunt.target);
        }
    }
};
GRAV_ON_EVERY_BACKEND(UntilTarget);

TEST_P(UntilTarget, EndsWhereTheReferenceHits)
{
    for (const Engine &engine : kEngines)
        for (uint64_t first : {uint64_t{0}, uint64_t{1}, uint64_t{12345}, (uint64_t{1} << 32) - 100,
                               GRAV_SESSIONS_END - 10000})
            for (uint64_t target : {70, 75, 80})
                Check(engine, 42, {231, "1/4", target, first, 10000});
}

TEST_P(UntilTarget, EndsAtAnAllScoringSession)
{
    for (const Engine &engine : kEngines)
        for (uint64_t first : {uint64_t{0}, uint64_t{3000}, uint64_t{1} << 40})
            Check(engine, 1, {10, "1/2", 10, first, 20000});
}

TEST_P(UntilTarget, EndsWithTheFirstSession)
{
    for (uint64_t first : {uint64_t{0}, uint64_t{999}, GRAV_SESSIONS_END - 1}) {
        const uint64_t sessions = std::min<uint64_t>(GRAV_SESSIONS_END - first, 1000000);
        CheckEnd(kEngines[0], 1, {231, "1/4", 0, first, sessions}, first + 1);
        CheckEnd(kEngines[0], 1, {7, "1", 7, first, sessions}, first + 1);
        CheckEnd(kEngines[0], 1, {7, "0", 0, first, sessions}, first + 1);
    }
    // Session 413 of seed 42 scores 81.
    CheckEnd(kEngines[0], 42, {231, "1/4", 81, 413, 1000000}, 414);
}

TEST_P(UntilTarget, EndsWithTheLastSession)
{
    CheckEnd(kEngines[0], 42, {231, "1/4", 81, 0, 414}, 414);
    CheckEnd(kEngines[0], 42, {231, "1/4", 81, 413, 1}, 414);
}

TEST_P(UntilTarget, PlaysAllWhereNobodyHits)
{
    for (uint64_t sessions : {1, 2, 413, 4095, 4096, 4097, 12288, 12289, 100003})
        CheckEnd(kEngines[0], 42, {231, "1/4", 231, 0, sessions}, sessions);
    CheckEnd(kEngines[0], 42, {3, "0", 1, 5, 100003}, 100008);
}

// A run's record is the first session with its score: hunting for that score must end there, also
// where that takes many windows, and hunting for one more must not end early.
TEST_P(UntilTarget, EndsAtTheRecordOfAWholeRun)
{
    // Engine `fast`, which plays a block out of order, among others.
    for (auto [i, seed] : {std::pair{0, 1u}, {0, 2u}, {0, 3u}, {2, 2u}}) {
        const Engine &engine = kEngines[i];
        const uint64_t first = 1000 * seed, sessions = 200000 * seed;
        grav_run_spec spec = support::Spec(GetParam(), seed, first, sessions);
        spec.engine = engine.id;
        grav_summary whole = Summary(support::Run(MakeExperiment(231, "1/4"), spec));
        Hunt hunt = {231, "1/4", whole.max_score, first, sessions};
        CheckEnd(engine, seed, hunt, whole.max_session + 1);
        hunt.target++;
        CheckEnd(engine, seed, hunt, first + sessions);
    }
}

} // namespace
