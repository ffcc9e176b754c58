// Whoever plays which part in what order, the merged result is the same, and no session is lost.
#include "playing.h"

#include <algorithm>
#include <numeric>

namespace {

using playing::Below;
using playing::Engine;
using playing::FindByReference;
using playing::kEngines;
using playing::kKeeps;
using playing::Portable;
using playing::Random;
using playing::ThreadCounts;
using support::Backend;
using support::Digest;
using support::Experiment;
using support::MakeExperiment;
using support::Merge;
using support::Ranges;
using support::Result;
using support::Summary;

// ---- Splitting and merging ----------------------------------------------------------------------

struct Job {
    uint32_t rolls;
    std::string chance;
    uint64_t first, sessions;
    grav_engine engine = GRAV_ENGINE_PHILOX;
    grav_keep keep = GRAV_KEEP_HISTOGRAM;
};

// Large enough for all threads to have work.
const Job kJobs[] = {
    {231, "1/4", 0, 50021},
    {231, "1/4", 12345678901, 50000, GRAV_ENGINE_PHILOX7, GRAV_KEEP_MAX},
    {1000, "1/3", 999, 3001, GRAV_ENGINE_PHILOX7},
    {231, "1/4", 4000, 200003, GRAV_ENGINE_FAST}, // many blocks, cut anywhere
    {231, "1/4", (uint64_t{1} << 44) - 100000, 200003, GRAV_ENGINE_FAST, GRAV_KEEP_MAX},
    {200, "1/3", (uint64_t{1} << 32) - 5000, 9001, GRAV_ENGINE_FAST},
    {2, "1/2", 31, 300007, GRAV_ENGINE_FAST, GRAV_KEEP_MAX},
    {20000, "1/4", 0, 211},  // long enough for a histogram that threads share
    {20000, "0", 0, 400000}, // and here they all count the same score
    {1, "1/2", 3, 1100001},  // ties: half of all sessions hold the record
    {2, "1/2", (uint64_t{1} << 32) - 300000, 600000},         // a quarter
    {1, "0", 77, 1100000, GRAV_ENGINE_PHILOX, GRAV_KEEP_MAX}, // all, with the lowest score
    {1, "1", GRAV_SESSIONS_END - 1100000, 1100000},           // all, up to the last index there is
};

std::ostream &operator<<(std::ostream &out, const Job &job)
{
    return out << grav_engine_name(job.engine) << ", keep " << grav_keep_name(job.keep)
               << ", rolls " << job.rolls << ", chance " << job.chance << ", " << job.sessions
               << " sessions from " << job.first;
}

grav_run_spec JobSpec(const Job &job, const Backend &backend)
{
    grav_run_spec spec = support::Spec(backend, 42, job.first, job.sessions);
    spec.engine = job.engine;
    spec.keep = job.keep;
    return spec;
}

// Random places to cut [first, first + sessions) at, both ends among them.
std::vector<uint64_t> Cuts(Random &random, const Job &job)
{
    std::vector<uint64_t> cuts = {job.first, job.first + job.sessions};
    for (uint64_t count = Below(random, 40); count > 0; count--)
        cuts.push_back(job.first + Below(random, job.sessions));
    std::sort(cuts.begin(), cuts.end());
    cuts.erase(std::unique(cuts.begin(), cuts.end()), cuts.end());
    return cuts;
}

// All that this machine can play on: each backend, and all of them together.
std::vector<Backend> UsableBackends()
{
    std::vector<Backend> usable = {{"all", GRAV_BACKEND_ALL, GRAV_ISA_AUTO}};
    for (const Backend &backend : support::Backends())
        if (!support::WhyNot(backend))
            usable.push_back(backend);
    return usable;
}

template <class T> const T &OneOf(Random &random, const std::vector<T> &all)
{
    return all[Below(random, all.size())];
}

// Merges results two at a time, in any order and grouping, until one is left.
Result MergeAll(Random &random, std::vector<Result> results)
{
    while (results.size() > 1) {
        std::shuffle(results.begin(), results.end(), random);
        Result merged = Merge(results[results.size() - 1], results[results.size() - 2]);
        results.resize(results.size() - 2);
        results.push_back(std::move(merged));
    }
    return std::move(results[0]);
}

class Split : public support::OnBackend {};
GRAV_ON_EVERY_BACKEND(Split);

TEST_P(Split, GivesTheSameResult)
{
    Random random(5);
    std::vector<Backend> others = UsableBackends();
    for (const Job &job : kJobs) {
        SCOPED_TRACE(testing::Message() << job);
        Experiment experiment = MakeExperiment(job.rolls, job.chance, 100);
        Result whole = support::Run(experiment, JobSpec(job, GetParam()));
        for (int repetition = 0; repetition < 5; repetition++) {
            std::vector<uint64_t> cuts = Cuts(random, job);
            std::vector<Result> pieces;
            for (size_t i = 0; i + 1 < cuts.size(); i++) {
                const Backend &backend = Below(random, 2) ? GetParam() : OneOf(random, others);
                grav_run_spec spec = JobSpec(job, backend);
                spec.threads = OneOf(random, ThreadCounts(backend));
                spec.first = cuts[i];
                spec.sessions = cuts[i + 1] - cuts[i];
                pieces.push_back(support::Run(experiment, spec));
            }
            Result merged = MergeAll(random, std::move(pieces));
            EXPECT_EQ(Digest(merged), Digest(whole));
            EXPECT_EQ(Ranges(merged), Ranges(whole));
            EXPECT_EQ(Summary(merged).max_score, Summary(whole).max_score);
            EXPECT_EQ(Summary(merged).max_session, Summary(whole).max_session);
            EXPECT_EQ(Summary(merged).sessions, job.sessions);
            EXPECT_TRUE(Summary(merged).complete);
        }
    }
}

TEST_P(Split, ByThreadsGivesTheSameResult)
{
    for (const Job &job : kJobs) {
        Experiment experiment = MakeExperiment(job.rolls, job.chance);
        grav_run_spec one = JobSpec(job, Portable());
        one.threads = 1;
        const std::string alone = Digest(support::Run(experiment, one));
        for (unsigned threads : ThreadCounts(GetParam())) {
            grav_run_spec spec = JobSpec(job, GetParam());
            spec.threads = threads;
            EXPECT_EQ(Digest(support::Run(experiment, spec)), alone)
                << job << ", threads " << threads;
        }
    }
}

// Several seconds' worth of chunks, launches and pieces.
TEST_P(Split, OfManySessionsGivesTheSameResult)
{
    for (const Engine &engine : kEngines) {
        Experiment experiment = MakeExperiment(231, "1/4");
        Job whole = {231, "1/4", 5, 15000017, engine.id}, start = whole, rest = whole;
        start.sessions = 7654321;
        rest.first += start.sessions;
        rest.sessions -= start.sessions;
        Result parts = Merge(support::Run(experiment, JobSpec(rest, GetParam())),
                             support::Run(experiment, JobSpec(start, Portable())));
        EXPECT_EQ(Digest(parts), Digest(support::Run(experiment, JobSpec(whole, GetParam()))));
    }
}

TEST_P(Split, LosesAndInventsNoSession)
{
    std::vector<uint64_t> counts = {1, 2, 3, 5, 97, 641, 1009, 99991, 1000003};
    for (uint64_t power = 8; power <= (1 << 20); power *= 4)
        counts.insert(counts.end(), {power - 1, power, power + 1});
    Experiment experiment = MakeExperiment(64, "1/2");
    for (uint64_t sessions : counts) {
        for (unsigned threads : ThreadCounts(GetParam())) {
            grav_run_spec spec = support::Spec(GetParam(), 6, sessions / 3, sessions);
            spec.threads = threads;
            Result result = support::Run(experiment, spec);
            std::vector<uint64_t> histogram = support::Histogram(result);
            EXPECT_EQ(std::accumulate(histogram.begin(), histogram.end(), uint64_t{0}), sessions)
                << "threads " << threads;
            EXPECT_EQ(Summary(result).sessions, sessions) << "threads " << threads;
            ASSERT_EQ(Ranges(result).size(), 1u);
            EXPECT_EQ(Ranges(result)[0].first, spec.first);
            EXPECT_EQ(Ranges(result)[0].second, spec.first + sessions);
        }
    }
}

// More sessions than 32 bits count, on whom that takes a second.
TEST_P(Split, CountsManySessions)
{
    const bool fast = GetParam().backend == GRAV_BACKEND_CUDA;
    const uint64_t first = uint64_t{1} << 33, sessions = (uint64_t{3} << (fast ? 32 : 24)) + 12345;
    Result result =
        support::Run(MakeExperiment(1, "0"), support::Spec(GetParam(), 1, first, sessions));
    EXPECT_EQ(support::Histogram(result), (std::vector<uint64_t>{sessions, 0}));
    EXPECT_EQ(Summary(result).max_session, first);
}

// ---- Ties ---------------------------------------------------------------------------------------

// Engine `fast` plays the sessions of a block out of order. The reference takes its time for them.
TEST_P(Split, LowestSessionWinsTies)
{
    for (const Engine &engine : {kEngines[0], kEngines[2]})
        for (const char *chance : {"0", "1/4", "1/2", "1"})
            for (uint32_t rolls : {1, 2}) {
                const uint64_t sessions = engine.id == GRAV_ENGINE_FAST ? 20001 : 140001;
                for (uint64_t first :
                     {uint64_t{0}, uint64_t{1001}, (uint64_t{1} << 32) - sessions / 2}) {
                    playing::Found found =
                        FindByReference(engine, 8, first, sessions, rolls, chance);
                    Experiment experiment = MakeExperiment(rolls, chance);
                    for (grav_keep keep : kKeeps)
                        for (unsigned threads : ThreadCounts(GetParam())) {
                            SCOPED_TRACE(testing::Message()
                                         << engine << ", chance " << chance << ", rolls " << rolls
                                         << ", first " << first << ", threads " << threads);
                            grav_run_spec spec = support::Spec(GetParam(), 8, first, sessions);
                            spec.engine = engine.id;
                            spec.keep = keep;
                            spec.threads = threads;
                            ExpectFound(support::Run(experiment, spec), found, first, sessions);
                        }
                }
            }
}

TEST_P(Split, KeepingTheMaximumAloneFindsTheSameRecord)
{
    for (Job job : kJobs) {
        SCOPED_TRACE(testing::Message() << job);
        Experiment experiment = MakeExperiment(job.rolls, job.chance);
        job.keep = GRAV_KEEP_HISTOGRAM;
        grav_summary all = Summary(support::Run(experiment, JobSpec(job, GetParam())));
        job.keep = GRAV_KEEP_MAX;
        Result result = support::Run(experiment, JobSpec(job, GetParam()));
        grav_summary record = Summary(result);
        EXPECT_EQ(record.max_score, all.max_score);
        EXPECT_EQ(record.max_session, all.max_session);
        EXPECT_EQ(record.sessions, all.sessions);
        EXPECT_TRUE(all.has_histogram);
        EXPECT_FALSE(record.has_histogram);
        uint64_t first;
        size_t length = 1;
        EXPECT_EQ(grav_result_histogram(result.get(), &first, &length), nullptr);
        EXPECT_EQ(length, 0u);
    }
}

// ---- Merging on its own -------------------------------------------------------------------------

// Plays [first, end) of a small job on the CPU.
Result Part(uint64_t first, uint64_t end)
{
    return support::Run(MakeExperiment(231, "1/4"),
                        support::Spec(Portable(), 42, first, end - first));
}

// Merging a and b is refused either way round with a message that says why, and makes nothing.
void ExpectRefused(const Result &a, const Result &b, const std::string &why)
{
    for (auto [left, right] : {std::pair(a.get(), b.get()), std::pair(b.get(), a.get())}) {
        grav_result *out = nullptr;
        grav_error err = {};
        EXPECT_EQ(grav_result_merge(left, right, &out, &err), GRAV_ERROR_INVALID);
        EXPECT_EQ(err.status, GRAV_ERROR_INVALID);
        EXPECT_NE(std::string(err.message).find(why), std::string::npos) << err.message;
        EXPECT_EQ(out, nullptr);
        support::Result owner(out);
    }
}

TEST(MergeOfResults, RefusesOverlap)
{
    Result ranges = Merge(Part(10, 20), Part(30, 40));
    const std::pair<uint64_t, uint64_t> overlapping[] = {{10, 20}, {9, 11},  {19, 20}, {12, 15},
                                                         {19, 21}, {0, 100}, {20, 31}, {30, 40},
                                                         {39, 50}, {15, 35}, {5, 25},  {35, 36}};
    for (auto [first, end] : overlapping) {
        SCOPED_TRACE(testing::Message() << first << " to " << end);
        ExpectRefused(ranges, Part(first, end), "overlap");
    }
}

TEST(MergeOfResults, JoinsNeighbours)
{
    using List = std::vector<std::pair<uint64_t, uint64_t>>;
    Result apart = Merge(Part(30, 40), Part(10, 20));
    EXPECT_EQ(Ranges(apart), (List{{10, 20}, {30, 40}}));
    EXPECT_EQ(Digest(apart), Digest(Merge(Part(10, 20), Part(30, 40))));
    EXPECT_EQ(Ranges(Merge(apart, Part(20, 29))), (List{{10, 29}, {30, 40}}));
    EXPECT_EQ(Ranges(Merge(apart, Part(21, 30))), (List{{10, 20}, {21, 40}}));
    EXPECT_EQ(Ranges(Merge(apart, Part(22, 28))), (List{{10, 20}, {22, 28}, {30, 40}}));
    EXPECT_EQ(Ranges(Merge(apart, Part(0, 10))), (List{{0, 20}, {30, 40}}));
    EXPECT_EQ(Ranges(Merge(apart, Part(40, 50))), (List{{10, 20}, {30, 50}}));
    EXPECT_EQ(Digest(Merge(apart, Part(20, 30))), Digest(Part(10, 40)));
}

TEST(MergeOfResults, RefusesOtherRuns)
{
    const grav_run_spec spec = support::Spec(Portable(), 42, 0, 10);
    const Result played = support::Run(MakeExperiment(231, "1/4", 177), spec);
    grav_run_spec other = spec;
    other.first = 10;
    auto refused = [&](const Experiment &experiment, const std::string &why) {
        ExpectRefused(played, support::Run(experiment, other), why);
    };
    refused(MakeExperiment(232, "1/4", 177), "rolls, not");
    refused(MakeExperiment(231, "1/3", 177), "die 1x1,0x");
    refused(MakeExperiment(231, "1/4", 178), "target 178");
    refused(MakeExperiment(231, "1/4"), "no target");

    const Experiment experiment = MakeExperiment(231, "0.25", 177); // the same in other words
    EXPECT_EQ(Summary(Merge(played, support::Run(experiment, other))).sessions, 20u);
    grav_run_spec seed = other, engine = other, keep = other;
    seed.seed = 43;
    engine.engine = GRAV_ENGINE_PHILOX7;
    keep.keep = GRAV_KEEP_MAX;
    ExpectRefused(played, support::Run(experiment, seed), "seed 4");
    ExpectRefused(played, support::Run(experiment, engine), "engine philox");
    ExpectRefused(played, support::Run(experiment, keep), "keep ");
}

} // namespace
