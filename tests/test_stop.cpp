// What a run tells while it plays, and stopping it.
#include "playing.h"

#include <chrono>
#include <thread>

namespace {

using playing::kKeeps;
using support::Digest;
using support::Experiment;
using support::MakeExperiment;
using support::Merge;
using support::Ranges;
using support::Result;
using support::Run;
using support::Summary;

constexpr uint64_t kEndless = uint64_t{1} << 62; // sessions that no backend gets through

// A listener that notes all it is told, and stops the run with the `stop_at`-th call (0: never).
struct Listener {
    size_t stop_at;
    std::vector<grav_progress> told;
    std::thread::id thread;

    static bool Listen(const grav_progress *progress, void *data)
    {
        Listener *listener = static_cast<Listener *>(data);
        listener->told.push_back(*progress);
        listener->thread = std::this_thread::get_id();
        return listener->told.size() == listener->stop_at;
    }
};

class Stop : public support::OnBackend {
  protected:
    grav_run_spec Spec(uint64_t first, uint64_t sessions, Listener *listener)
    {
        grav_run_spec spec = support::Spec(GetParam(), 42, first, sessions);
        spec.progress = Listener::Listen;
        spec.data = listener;
        return spec;
    }
};
GRAV_ON_EVERY_BACKEND(Stop);

// Plays the ranges of a result once more, without stopping.
Result PlayAgain(const Experiment &experiment, grav_run_spec spec, const Result &result)
{
    Result all;
    spec.progress = nullptr;
    spec.until_target = false;
    for (auto [first, end] : Ranges(result)) {
        spec.first = first;
        spec.sessions = end - first;
        Result part = Run(experiment, spec);
        all = all ? Merge(all, part) : std::move(part);
    }
    return all;
}

// A stopped result is not complete and holds exactly what its ranges say.
void ExpectStopped(const Experiment &experiment, const grav_run_spec &spec, const Result &result)
{
    grav_summary summary = Summary(result);
    EXPECT_FALSE(summary.complete);
    EXPECT_LT(summary.sessions, spec.sessions);
    ASSERT_GT(summary.sessions, 0u);
    uint64_t in_ranges = 0;
    for (auto [first, end] : Ranges(result)) {
        EXPECT_GE(first, spec.first);
        EXPECT_LT(first, end);
        EXPECT_LE(end, spec.first + spec.sessions);
        in_ranges += end - first;
    }
    EXPECT_EQ(summary.sessions, in_ranges);
    EXPECT_EQ(Digest(PlayAgain(experiment, spec, result)), Digest(result));
}

TEST_P(Stop, LeavesAResultOfWhatWasPlayed)
{
    for (grav_keep keep : kKeeps)
        for (uint32_t rolls : {1, 231, 20000}) {
            SCOPED_TRACE(testing::Message()
                         << "rolls " << rolls << ", keep " << grav_keep_name(keep));
            Listener listener = {1, {}, {}};
            Experiment experiment = MakeExperiment(rolls, "1/4");
            grav_run_spec spec = Spec(1234567, kEndless, &listener);
            spec.keep = keep;
            ExpectStopped(experiment, spec, Run(experiment, spec));
            EXPECT_EQ(listener.told.size(), 1u);
        }
}

TEST_P(Stop, EndsAHuntForATarget)
{
    Listener listener = {3, {}, {}};
    Experiment experiment = MakeExperiment(231, "1/4", 231);
    grav_run_spec spec = Spec(0, kEndless, &listener);
    spec.until_target = true;
    Result result = Run(experiment, spec);
    ExpectStopped(experiment, spec, result);
    EXPECT_EQ(Ranges(result).front().first, 0u);
}

TEST_P(Stop, MergesWithTheRest)
{
    Listener listener = {1, {}, {}};
    Experiment experiment = MakeExperiment(231, "1/4");
    grav_run_spec spec = Spec(0, kEndless, &listener);
    Result begun = Run(experiment, spec);
    spec.progress = nullptr;
    spec.first = Ranges(begun).back().second;
    spec.sessions = 10001;
    Result rest = Run(experiment, spec);
    spec.first = 0;
    spec.sessions = Ranges(rest).back().second;
    ASSERT_EQ(Ranges(begun).size(), 1u);
    EXPECT_EQ(Digest(Merge(rest, begun)), Digest(Run(experiment, spec)));
}

TEST_P(Stop, IsNotHeardByARunThatIsOver)
{
    Experiment experiment = MakeExperiment(231, "1/4");
    for (uint64_t sessions : {1, 2, 100}) {
        Listener listener = {1, {}, {}};
        grav_summary summary = Summary(Run(experiment, Spec(5, sessions, &listener)));
        // Whoever is told before such a run is over may stop it, on a machine slow enough for that.
        if (listener.told.empty()) {
            EXPECT_TRUE(summary.complete);
            EXPECT_EQ(summary.sessions, sessions);
        }
    }
}

TEST_P(Stop, IsUpToTheListener)
{
    Experiment experiment = MakeExperiment(231, "1/4");
    Listener listener = {0, {}, {}};
    grav_run_spec spec = Spec(99, 12000000, &listener);
    Result heard = Run(experiment, spec);
    spec.progress = nullptr;
    EXPECT_TRUE(Summary(heard).complete);
    EXPECT_EQ(Digest(heard), Digest(Run(experiment, spec)));
}

TEST_P(Stop, ProgressIsToldAboutTenTimesASecond)
{
    Listener listener = {6, {}, {}};
    Experiment experiment = MakeExperiment(231, "1/4");
    auto start = std::chrono::steady_clock::now();
    Result result = Run(experiment, Spec(0, kEndless, &listener));
    std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    ASSERT_EQ(listener.told.size(), 6u);
    EXPECT_GT(seconds.count(), 6 / 12.0);
    EXPECT_GT(listener.told.back().elapsed_s, 6 / 12.0);
    EXPECT_LE(listener.told.back().elapsed_s, seconds.count());
    EXPECT_EQ(listener.thread, std::this_thread::get_id());
}

TEST_P(Stop, ProgressIsTrue)
{
    Listener listener = {4, {}, {}};
    Experiment experiment = MakeExperiment(231, "1/4");
    grav_run_spec spec = Spec(31, kEndless, &listener);
    spec.keep = GRAV_KEEP_MAX;
    grav_summary end = Summary(Run(experiment, spec));
    grav_progress before = {};
    for (const grav_progress &now : listener.told) {
        EXPECT_EQ(now.sessions, spec.sessions);
        EXPECT_GT(now.elapsed_s, before.elapsed_s);
        EXPECT_GE(now.played, before.played);
        EXPECT_EQ(now.any, now.played > 0);
        EXPECT_GE(now.max_score, before.max_score);
        if (now.any) {
            uint64_t score = 0, words = 0;
            ASSERT_EQ(grav_replay(experiment.get(), spec.method, spec.engine, spec.seed,
                                  now.max_session, nullptr, &score, &words, nullptr),
                      GRAV_OK);
            EXPECT_EQ(score, now.max_score);
        }
        before = now;
    }
    EXPECT_GE(end.sessions, before.played);
    EXPECT_GE(end.max_score, before.max_score);
    EXPECT_TRUE(before.any);
}

} // namespace
