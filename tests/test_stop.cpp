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
using support::Summary;

constexpr uint64_t kEndless = uint64_t{1} << 62; // sessions that no backend gets through

// Notes all it is told, and stops the run with the `stop_at`-th call (0: never), once: it need not
// repeat itself. It may be told more while what is under way ends, but not for seconds.
struct Listener {
    size_t stop_at;
    std::vector<grav_progress> told;
    std::thread::id thread;

    static bool Listen(const grav_progress *progress, void *data)
    {
        Listener *listener = static_cast<Listener *>(data);
        listener->told.push_back(*progress);
        listener->thread = std::this_thread::get_id();
        return listener->told.size() == listener->stop_at || listener->Ignored();
    }

    bool Ignored() const
    {
        return stop_at > 0 && told.size() > stop_at + 40;
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
        Result part = support::Run(experiment, spec);
        all = all ? Merge(all, part) : std::move(part);
    }
    return all;
}

// A stopped result is not complete, and its sessions are those of its ranges.
void ExpectStopped(const grav_run_spec &spec, const Listener &listener, const Result &result)
{
    EXPECT_FALSE(listener.Ignored()) << "told to stop with call " << listener.stop_at;
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
            Result result = support::Run(experiment, spec);
            ExpectStopped(spec, listener, result);
            EXPECT_EQ(Digest(PlayAgain(experiment, spec, result)), Digest(result));
        }
}

// Whenever it comes: while a window is played, and when its last sessions are under way.
TEST_P(Stop, EndsAHuntForATarget)
{
    for (size_t stop_at : {1, 2, 3, 4}) {
        Listener listener = {stop_at, {}, {}};
        Experiment experiment = MakeExperiment(231, "1/4", 231);
        grav_run_spec spec = Spec(0, kEndless, &listener);
        spec.keep = GRAV_KEEP_MAX;
        spec.until_target = true;
        Result result = support::Run(experiment, spec);
        ExpectStopped(spec, listener, result);
        if (stop_at == 1) {
            EXPECT_EQ(Digest(PlayAgain(experiment, spec, result)), Digest(result));
        }
    }
}

TEST_P(Stop, MergesWithTheRest)
{
    Listener listener = {1, {}, {}};
    Experiment experiment = MakeExperiment(231, "1/4");
    grav_run_spec spec = Spec(0, kEndless, &listener);
    Result begun = support::Run(experiment, spec);
    spec.progress = nullptr;
    spec.first = Ranges(begun).back().second;
    spec.sessions = 10001;
    Result rest = support::Run(experiment, spec);
    spec.first = 0;
    spec.sessions = Ranges(rest).back().second;
    ASSERT_EQ(Ranges(begun).size(), 1u);
    Result merged = Merge(rest, begun);
    EXPECT_EQ(Digest(merged), Digest(support::Run(experiment, spec)));
    EXPECT_FALSE(Summary(merged).complete); // what was asked for first is still not played
}

TEST_P(Stop, IsNotHeardByARunThatIsOver)
{
    Experiment experiment = MakeExperiment(231, "1/4");
    for (uint64_t sessions : {1, 2, 100}) {
        Listener listener = {1, {}, {}};
        grav_summary summary = Summary(support::Run(experiment, Spec(5, sessions, &listener)));
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
    Result heard = support::Run(experiment, spec);
    spec.progress = nullptr;
    EXPECT_TRUE(Summary(heard).complete);
    EXPECT_EQ(Digest(heard), Digest(support::Run(experiment, spec)));
}

TEST_P(Stop, ProgressIsToldAboutTenTimesASecond)
{
    Listener listener = {6, {}, {}};
    Experiment experiment = MakeExperiment(231, "1/4");
    auto start = std::chrono::steady_clock::now();
    support::Run(experiment, Spec(0, kEndless, &listener));
    std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    const size_t calls = listener.told.size();
    ASSERT_GE(calls, listener.stop_at);
    EXPECT_LE(static_cast<double>(calls), 12 * seconds.count());
    for (size_t i = 0; i < calls; i++)
        EXPECT_LE(static_cast<double>(i + 1), 12 * listener.told[i].elapsed_s);
    EXPECT_LE(listener.told.back().elapsed_s, seconds.count());
    EXPECT_EQ(listener.thread, std::this_thread::get_id());
}

TEST_P(Stop, ProgressIsTrue)
{
    Listener listener = {4, {}, {}};
    Experiment experiment = MakeExperiment(231, "1/4");
    grav_run_spec spec = Spec(31, kEndless, &listener);
    spec.keep = GRAV_KEEP_MAX;
    grav_summary end = Summary(support::Run(experiment, spec));
    grav_progress before = {};
    for (const grav_progress &now : listener.told) {
        EXPECT_EQ(now.sessions, spec.sessions);
        EXPECT_GT(now.elapsed_s, before.elapsed_s);
        EXPECT_GE(now.played, before.played);
        EXPECT_EQ(now.any, now.played > 0);
        EXPECT_GE(now.max_score, before.max_score);
        if (now.any) {
            uint64_t score = 0, words = 0;
            ASSERT_EQ(grav_replay(experiment.get(), spec.method, spec.engine, 1, spec.seed,
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
