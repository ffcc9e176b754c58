// Runs by a team of processes, which are threads here (fake_team.h): whatever its size, whoever is
// slow and whoever fails, what it finds is what one process finds.
#include "fake_team.h"
#include "fake_workers.h"
#include "playing.h"
#include "program.h"
#include "temporary_folder.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <numeric>
#include <optional>
#include <thread>

#include "experiment.h"

extern "C" {
#include "team_wire.h"
}

namespace {

using fake_team::OneMachine;
using fake_team::Place;
using fake_team::Team;
using fake_workers::Chunk;
using fake_workers::Orders;
using program::Contains;
using std::chrono::milliseconds;
using support::Digest;
using support::Experiment;
using support::MakeExperiment;
using support::Ranges;
using support::Result;
using support::Summary;

grav_run_spec Spec(uint64_t first, uint64_t sessions)
{
    return support::Spec({"cpu", GRAV_BACKEND_CPU, GRAV_ISA_AUTO}, 42, first, sessions);
}

// What came of a run, and what was told meanwhile.
struct Played {
    grav_status status;
    grav_error err = {};
    Result result;
    std::vector<std::string> notices;
    std::vector<grav_progress> told;
    size_t stop_at = 0; // stops it when told so often

    bool WasTold(const std::string &part) const
    {
        return std::any_of(notices.begin(), notices.end(),
                           [&](const std::string &line) { return Contains(line, part); });
    }
    // Why it failed, whether or not anything was played.
    grav_error Failure() const
    {
        const grav_error *failure = result ? grav_result_failure(result.get()) : &err;
        return failure ? *failure : grav_error{};
    }
};

Played Play(const Experiment &experiment, grav_run_spec spec, grav_team *team, size_t stop_at = 0)
{
    Played played;
    grav_result *result = nullptr;
    played.stop_at = stop_at;
    spec.team = team;
    spec.notice = [](const char *message, void *data) {
        static_cast<Played *>(data)->notices.push_back(message);
    };
    spec.progress = [](const grav_progress *progress, void *data) {
        Played *self = static_cast<Played *>(data);
        self->told.push_back(*progress);
        return self->stop_at > 0 && self->told.size() >= self->stop_at;
    };
    spec.data = &played;
    played.status = grav_run(experiment.get(), &spec, &result, &played.err);
    played.result.reset(result);
    return played;
}

// What a single process finds in the same sessions.
std::string Alone(const Experiment &experiment, const grav_run_spec &spec)
{
    return Digest(support::Run(experiment, spec));
}

// Sessions that workers, and who is which of them, have played in all.
uint64_t ByWorkers(const Result &result)
{
    uint64_t sessions = 0;
    grav_worker_summary worker;
    for (size_t i = 0; grav_result_worker(result.get(), i, &worker); i++)
        sessions += worker.sessions;
    return sessions;
}

void ExpectSame(const Experiment &experiment, const grav_run_spec &spec, const Played &played)
{
    ASSERT_EQ(played.status, GRAV_OK) << played.err.message;
    EXPECT_EQ(grav_result_failure(played.result.get()), nullptr) << played.Failure().message;
    EXPECT_TRUE(Summary(played.result).complete);
    EXPECT_EQ(Digest(played.result), Alone(experiment, spec));
}

// That a result, complete or not, is of its ranges.
void ExpectOfItsRanges(const Experiment &experiment, grav_run_spec spec, const Result &result)
{
    Result all;
    spec.until_target = false;
    for (auto [first, end] : Ranges(result)) {
        spec.first = first;
        spec.sessions = end - first;
        Result part = support::Run(experiment, spec);
        all = all ? support::Merge(all, part) : std::move(part);
    }
    ASSERT_TRUE(all);
    EXPECT_EQ(Digest(result), Digest(all));
}

// Plays at so many sessions a second, or what the machine can.
Orders::Play AtSpeed(double sessions_per_s)
{
    return [sessions_per_s](const Chunk &chunk) {
        std::this_thread::sleep_for(std::chrono::duration<double>(
            static_cast<double>(chunk.end - chunk.first) / sessions_per_s));
        return chunk.Play();
    };
}

// The same while workers are told how to play.
Played PlayTold(Orders::Play orders, const Experiment &experiment, const grav_run_spec &spec,
                grav_team *team, size_t stop_at = 0)
{
    Orders told(std::move(orders));
    return Play(experiment, spec, team, stop_at);
}

// The same, but all take part: rank 0's first chunk ends when all of so many others have begun one.
Orders::Play Together(int others, Orders::Play play)
{
    auto begun = std::make_shared<std::atomic<int>>(0);
    return [begun, others, play = std::move(play)](const Chunk &chunk) {
        if (!chunk.number && chunk.rank)
            ++*begun;
        for (int i = 0; !chunk.number && !chunk.rank && *begun < others && i < 10000; i++)
            std::this_thread::sleep_for(milliseconds(1));
        return play(chunk);
    };
}

// ---- What is found ------------------------------------------------------------------------------

TEST(Team, FindsWhatOneProcessFinds)
{
    struct Job {
        Experiment experiment;
        grav_method method;
        grav_keep keep;
        uint64_t first, sessions;
    };
    std::vector<Job> jobs;
    jobs.push_back(
        {MakeExperiment(231, "1/4", 177), GRAV_METHOD_ROLLS, GRAV_KEEP_HISTOGRAM, 0, 1000003});
    jobs.push_back({MakeExperiment(231, "1/4"), GRAV_METHOD_ROLLS, GRAV_KEEP_MAX, 77, 1000003});
    jobs.push_back({MakeExperiment(231, "1/4"), GRAV_METHOD_SCORES, GRAV_KEEP_HISTOGRAM,
                    uint64_t{1} << 40, 1000003});
    grav_experiment_spec streak;
    grav_experiment_spec_init(&streak);
    streak.statistic = GRAV_STATISTIC_STREAK;
    jobs.push_back({MakeExperiment(streak), GRAV_METHOD_ROLLS, GRAV_KEEP_HISTOGRAM, 1, 300001});
    grav_experiment_spec dice;
    grav_experiment_spec_init(&dice);
    dice.rolls = 20;
    dice.die = "3..8"; // the lowest score is 60
    jobs.push_back({MakeExperiment(dice), GRAV_METHOD_ROLLS, GRAV_KEEP_HISTOGRAM, 5, 300001});
    for (int size : {2, 3, 4})
        for (milliseconds delay : {milliseconds(0), milliseconds(3)}) {
            std::vector<Place> places = OneMachine(size, delay);
            places.back().threads = 2;
            places.back().host = "there";
            Team team(places);
            for (const Job &job : jobs) { // one after the other
                grav_run_spec spec = Spec(job.first, job.sessions);
                spec.method = job.method;
                spec.keep = job.keep;
                Played played = Play(job.experiment, spec, team.Leader());
                ExpectSame(job.experiment, spec, played);
                EXPECT_EQ(ByWorkers(played.result), job.sessions);
            }
        }
}

TEST(Team, NeedsNobodyElse)
{
    Team team(1);
    Experiment experiment = MakeExperiment(231, "1/4");
    Played played = Play(experiment, Spec(0, 10000), team.Leader());
    ExpectSame(experiment, Spec(0, 10000), played);
    EXPECT_EQ(team.Messages().Messages(), 0u);
}

TEST(Team, PlaysTinyRuns)
{
    Team team(4), far(OneMachine(3, milliseconds(2)));
    Experiment experiment = MakeExperiment(231, "1/4");
    for (grav_team *leader : {team.Leader(), far.Leader()})
        for (uint64_t sessions : {1, 2, 3, 5, 1000}) {
            ExpectSame(experiment, Spec(413, sessions),
                       Play(experiment, Spec(413, sessions), leader));
        }
}

TEST(Team, EndsAtTheFirstSessionThatReachesTheTarget)
{
    for (int size : {2, 4}) {
        std::vector<Place> places = OneMachine(size);
        places[1].delay = milliseconds(1);
        Team team(places);
        // In the first window, far behind it, in the first session, and never.
        for (uint64_t target : {81, 93, 0, 231})
            for (grav_keep keep : playing::kKeeps) {
                Experiment experiment = MakeExperiment(231, "1/4", target);
                grav_run_spec spec = Spec(3, 500000);
                spec.until_target = true;
                spec.keep = keep;
                SCOPED_TRACE(testing::Message() << "target " << target << ", size " << size);
                ExpectSame(experiment, spec, Play(experiment, spec, team.Leader()));
            }
    }
}

TEST(Team, SharesARunAmongAllWhoPlay)
{
    std::vector<Place> places = OneMachine(4);
    places[2].host = "there";
    places[2].threads = 2;
    Experiment experiment = MakeExperiment(231, "1/4");
    uint64_t least = 0;
    // Once in a few times the machine must be quiet.
    for (int i = 0; i < 5 && least < 40000; i++) {
        std::array<std::atomic<uint64_t>, 4> sessions = {};
        Team team(places);
        Played played = PlayTold(
            [&](const Chunk &chunk) {
                sessions[static_cast<size_t>(chunk.rank)] += chunk.end - chunk.first;
                return AtSpeed(2e5)(chunk);
            },
            experiment, Spec(0, 400000), team.Leader());
        ASSERT_EQ(played.status, GRAV_OK) << played.err.message;
        EXPECT_EQ(std::accumulate(sessions.begin(), sessions.end(), uint64_t{0}), 400000u);
        EXPECT_EQ(ByWorkers(played.result), 400000u);
        EXPECT_TRUE(played.WasTold("rank 0 on here: CPU, "));
        least = *std::min_element(sessions.begin(), sessions.end());
        if (least) {
            EXPECT_TRUE(played.WasTold("rank 2 on there: CPU, "));
            EXPECT_EQ(played.notices.size(), 4u);
        }
    }
    EXPECT_GE(least, 40000u); // each one's share is 100,000
}

// ---- What is told, and stopping -----------------------------------------------------------------

// That no progress contradicts the one before, or is of sessions that have not been played.
void ExpectTrue(const Experiment &experiment, const grav_run_spec &spec,
                const std::vector<grav_progress> &told)
{
    for (size_t i = 0; i < told.size(); i++) {
        const grav_progress &now = told[i], &last = told[i ? i - 1 : 0];
        uint64_t score, words;
        EXPECT_GE(now.played, last.played);
        EXPECT_LE(now.played, spec.sessions);
        if (!now.any)
            continue;
        EXPECT_GE(now.max_score, last.any ? last.max_score : 0);
        ASSERT_EQ(grav_replay(experiment.get(), spec.method, spec.engine, 1, spec.seed,
                              now.max_session, nullptr, &score, &words, nullptr),
                  GRAV_OK);
        EXPECT_EQ(score, now.max_score);
    }
}

TEST(Team, TellsHowFarItIs)
{
    Experiment experiment = MakeExperiment(231, "1/4");
    const std::string digest = Alone(experiment, Spec(0, 240000));
    for (milliseconds delay : {milliseconds(0), milliseconds(15)}) {
        bool of_all = false; // whether what the others had found was told before the end
        for (int i = 0; i < 5 && !of_all; i++) {
            TemporaryFolder folder;
            const std::string file = folder / "run.checkpoint"; // whose merges must not be seen
            std::atomic<uint64_t> own{0};
            Team team(OneMachine(3, delay));
            grav_run_spec spec = Spec(0, 240000);
            spec.checkpoint = file.c_str();
            spec.checkpoint_s = 1e-3;
            Played played = PlayTold(
                [&](const Chunk &chunk) {
                    own += chunk.rank ? 0 : chunk.end - chunk.first;
                    return AtSpeed(1e5)(chunk);
                },
                experiment, spec, team.Leader());
            ASSERT_EQ(played.status, GRAV_OK) << played.err.message;
            ExpectTrue(experiment, spec, played.told);
            EXPECT_EQ(Digest(played.result), digest);
            of_all = played.told.size() > 4 && played.told.back().played > own &&
                     team.Messages().Reductions() > 1;
        }
        EXPECT_TRUE(of_all);
    }
}

TEST(Team, StopsInOrderAndGoesOnLater)
{
    Experiment experiment = MakeExperiment(231, "1/4");
    const grav_run_spec all = Spec(10, 1000000);
    const std::string digest = Alone(experiment, all);
    for (milliseconds delay : {milliseconds(0), milliseconds(5)})
        for (bool alone : {false, true}) {
            TemporaryFolder folder;
            const std::string file = folder / "run.checkpoint";
            grav_run_spec spec = all;
            spec.checkpoint = file.c_str();
            Team team(OneMachine(3, delay));
            Played begun = PlayTold(AtSpeed(1e5), experiment, spec, team.Leader(), 3);
            ASSERT_EQ(begun.status, GRAV_OK) << begun.err.message;
            EXPECT_EQ(grav_result_failure(begun.result.get()), nullptr);
            EXPECT_FALSE(Summary(begun.result).complete);
            EXPECT_LE(begun.told.size(), 20u);
            EXPECT_GE(Summary(begun.result).sessions, begun.told.back().played);
            EXPECT_EQ(ByWorkers(begun.result), Summary(begun.result).sessions);
            ExpectOfItsRanges(experiment, all, begun.result);
            Played rest = Play(experiment, spec, alone ? nullptr : team.Leader());
            ASSERT_EQ(rest.status, GRAV_OK) << rest.err.message;
            EXPECT_EQ(Digest(rest.result), digest);
        }
}

// What is kept has no holes, whatever the others had not come to: the hunt goes on from there.
TEST(Team, StopsHuntingForATarget)
{
    Team team(OneMachine(3, milliseconds(2)));
    Experiment experiment = MakeExperiment(231, "1/4", 231);
    TemporaryFolder folder;
    const std::string file = folder / "run.checkpoint";
    uint64_t before = 0;
    for (size_t stop_at : {5, 1, 6, 7}) {
        grav_run_spec spec = Spec(0, uint64_t{1} << 62);
        spec.until_target = true;
        spec.checkpoint = file.c_str();
        Played played = PlayTold(AtSpeed(1e5), experiment, spec, team.Leader(), stop_at);
        ASSERT_EQ(played.status, GRAV_OK) << played.err.message;
        EXPECT_FALSE(Summary(played.result).complete);
        EXPECT_EQ(Ranges(played.result).size(), 1u);
        EXPECT_GE(Summary(played.result).sessions, before);
        before = Summary(played.result).sessions;
        spec.checkpoint = nullptr;
        ExpectOfItsRanges(experiment, spec, played.result);
    }
}

// ---- Checkpoints --------------------------------------------------------------------------------

// A team writes checkpoints all the time, is stopped, and others go on: none at all, fewer, more.
TEST(Team, GoesOnFromCheckpointsOfOthers)
{
    Experiment experiment = MakeExperiment(231, "1/4");
    const grav_run_spec all = Spec(1000, 2000000);
    const std::string digest = Alone(experiment, all);
    TemporaryFolder folder;
    const std::string file = folder / "run.checkpoint";
    grav_run_spec spec = all;
    spec.checkpoint = file.c_str();
    spec.checkpoint_s = 1e-3;
    uint64_t before = 0;
    for (int size : {3, 1, 2, 4, 3}) {
        Team team(OneMachine(size));
        Played played = PlayTold(AtSpeed(2e5), experiment, spec, team.Leader(), size == 4 ? 3 : 2);
        ASSERT_EQ(played.status, GRAV_OK) << played.err.message;
        EXPECT_EQ(grav_result_failure(played.result.get()), nullptr);
        EXPECT_GE(Summary(played.result).sessions, before);
        before = Summary(played.result).sessions;
        EXPECT_EQ(ByWorkers(played.result), before);
    }
    Team team(3);
    Played played = Play(experiment, spec, team.Leader());
    ASSERT_EQ(played.status, GRAV_OK) << played.err.message;
    EXPECT_EQ(grav_result_failure(played.result.get()), nullptr) << played.Failure().message;
    EXPECT_EQ(Digest(played.result), digest);
    EXPECT_EQ(ByWorkers(played.result), 2000000u);
}

// What is in a checkpoint while others play on is whole: it is that of its ranges, and has what was
// found by all.
TEST(Team, WritesCheckpointsOfWhatAllHaveFound)
{
    TemporaryFolder folder;
    const std::string file = folder / "run.checkpoint";
    Experiment experiment = MakeExperiment(231, "1/4");
    grav_run_spec spec = Spec(0, 300000);
    spec.checkpoint = file.c_str();
    spec.checkpoint_s = 0.05;
    std::vector<Result> found;
    std::atomic<bool> done{false};
    std::thread reader([&] {
        for (bool last = false; !last;) {
            last = done;
            grav_result *result = nullptr;
            grav_error notice;
            if (grav_checkpoint_load(file.c_str(), &result, &notice, nullptr) == GRAV_OK && result)
                found.emplace_back(result);
            std::this_thread::sleep_for(milliseconds(100));
        }
    });
    Team team(3);
    Played played = PlayTold(AtSpeed(1e5), experiment, spec, team.Leader());
    done = true;
    reader.join();
    ExpectSame(experiment, Spec(0, 300000), played);
    ASSERT_FALSE(found.empty());
    for (const Result &result : found) {
        ExpectOfItsRanges(experiment, Spec(0, 300000), result);
        EXPECT_EQ(ByWorkers(result), Summary(result).sessions);
    }
}

// A merge while the last of the others' sessions are under way is not the last one: here the first
// chunk of each of the others takes until a merge has begun without it.
TEST(Team, MergesWhatIsPlayedAfterTheLastCheckpoint)
{
    TemporaryFolder folder;
    const std::string file = folder / "run.checkpoint";
    Experiment experiment = MakeExperiment(231, "1/4");
    grav_run_spec spec = Spec(0, 25000);
    spec.checkpoint = file.c_str();
    spec.checkpoint_s = 1e-3;
    std::atomic<uint64_t> sessions{0}, late{0};
    Team team(3);
    Played played =
        PlayTold(Together(2,
                          [&](const Chunk &chunk) {
                              const uint64_t merges = team.Messages().Reductions();
                              sessions += chunk.end - chunk.first;
                              for (int i = 0; !chunk.number && chunk.rank && i < 5000; i++) {
                                  if (team.Messages().Reductions() > merges) {
                                      late++;
                                      break;
                                  }
                                  std::this_thread::sleep_for(milliseconds(1));
                              }
                              return chunk.Play();
                          }),
                 experiment, spec, team.Leader());
    spec.checkpoint = nullptr;
    ASSERT_EQ(played.Failure().status, GRAV_OK) << played.Failure().message;
    EXPECT_GT(late, 0u);
    EXPECT_EQ(sessions, spec.sessions);
    ExpectSame(experiment, spec, played);
}

// ---- Failures -----------------------------------------------------------------------------------

TEST(Team, LetsOthersPlayWhatAFailingMemberCouldNot)
{
    Experiment experiment = MakeExperiment(231, "1/4");
    const grav_run_spec spec = Spec(0, 120000);
    const std::string digest = Alone(experiment, spec);
    for (int failing : {0, 1, 2})
        for (int fails_at : {0, 1, 4})
            for (milliseconds delay : {milliseconds(0), milliseconds(5)}) {
                SCOPED_TRACE(testing::Message() << "rank " << failing << " fails at chunk "
                                                << fails_at << ", delay " << delay.count());
                std::atomic<uint64_t> sessions{0};
                std::atomic<bool> failed{false};
                Orders orders([&](const Chunk &chunk) {
                    if (chunk.rank == failing && chunk.number == fails_at) {
                        failed = true;
                        return chunk.Fail();
                    }
                    sessions += chunk.end - chunk.first;
                    return AtSpeed(3e5)(chunk);
                });
                Team team(OneMachine(3, delay));
                Played played = Play(experiment, spec, team.Leader());
                ASSERT_EQ(played.Failure().status, GRAV_OK) << played.Failure().message;
                EXPECT_TRUE(Summary(played.result).complete);
                EXPECT_EQ(Digest(played.result), digest);
                EXPECT_EQ(ByWorkers(played.result), 120000u);
                EXPECT_EQ(sessions, 120000u); // what it had played is not played again
                size_t told = 0;
                for (const std::string &line : played.notices)
                    if (Contains(line, "it broke; it is left out")) {
                        EXPECT_EQ(line.find("rank " + std::to_string(failing) + " on here: CPU"),
                                  0u)
                            << line;
                        told++;
                    }
                EXPECT_EQ(told, failed ? 1u : 0u);
            }
}

TEST(Team, LeavesOutAMemberWithTalliesThatCannotBe)
{
    Experiment experiment = MakeExperiment(231, "1/4");
    Team team(2);
    Played played = PlayTold(Together(1,
                                      [](const Chunk &chunk) {
                                          const grav_status status = AtSpeed(3e5)(chunk);
                                          if (chunk.rank == 1)
                                              chunk.tally->sessions++;
                                          return status;
                                      }),
                             experiment, Spec(0, 100000), team.Leader());
    ExpectSame(experiment, Spec(0, 100000), played);
    EXPECT_TRUE(played.WasTold("rank 1 on here: CPU"));
    EXPECT_TRUE(played.WasTold("it is left out"));
}

// Rank 0's worker is gone before the others have opened theirs.
TEST(Team, WaitsForMembersThatAreNotReady)
{
    Experiment experiment = MakeExperiment(231, "1/4");
    for (bool until_target : {false, true}) {
        Orders orders([](const Chunk &chunk) { return chunk.rank ? chunk.Play() : chunk.Fail(); },
                      [](int rank) {
                          std::this_thread::sleep_for(milliseconds(rank ? 100 : 0));
                          return true;
                      });
        grav_run_spec spec = Spec(0, 100000);
        spec.until_target = until_target;
        Team team(3);
        Experiment hunt = MakeExperiment(231, "1/4", 231);
        Played played = Play(hunt, spec, team.Leader());
        ASSERT_EQ(played.Failure().status, GRAV_OK) << played.Failure().message;
        EXPECT_EQ(Summary(played.result).sessions, 100000u);
        EXPECT_TRUE(played.WasTold("it broke; it is left out"));
    }
}

TEST(Team, EndsWhereAMemberCannotPlayAtAll)
{
    Experiment experiment = MakeExperiment(231, "1/4");
    Team team(3);
    {
        Orders orders(AtSpeed(1e5), [](int rank) { return rank != 2; });
        Played played = Play(experiment, Spec(0, 1000000), team.Leader());
        EXPECT_EQ(played.Failure().status, GRAV_ERROR_DEVICE);
        EXPECT_STREQ(played.Failure().message, "rank 2 on here: there is no CPU");
        if (played.result) {
            EXPECT_FALSE(Summary(played.result).complete);
        }
    }
    {
        Orders orders(AtSpeed(1e5), [](int rank) { return rank != 0; });
        Played played = Play(experiment, Spec(0, 1000000), team.Leader());
        EXPECT_EQ(played.status, GRAV_ERROR_DEVICE);
        EXPECT_STREQ(played.err.message, "there is no CPU");
    }
    // The team is whole all the same.
    ExpectSame(experiment, Spec(0, 100000), Play(experiment, Spec(0, 100000), team.Leader()));
}

TEST(Team, KeepsWhatWasPlayedWhereAllFail)
{
    Experiment experiment = MakeExperiment(231, "1/4");
    for (int fails_at : {0, 2, 6}) {
        Team team(OneMachine(3, milliseconds(2)));
        const grav_run_spec spec = Spec(0, uint64_t{1} << 40);
        Played played = PlayTold(
            [fails_at](const Chunk &chunk) {
                return chunk.number == fails_at ? chunk.Fail() : AtSpeed(1e5)(chunk);
            },
            experiment, spec, team.Leader());
        EXPECT_EQ(played.Failure().status, GRAV_ERROR_DEVICE);
        if (!fails_at) {
            EXPECT_EQ(played.status, GRAV_ERROR_DEVICE);
            continue;
        }
        ASSERT_EQ(played.status, GRAV_OK) << played.err.message;
        EXPECT_EQ(ByWorkers(played.result), Summary(played.result).sessions);
        ExpectOfItsRanges(experiment, spec, played.result);
    }
}

// Nothing that is played after a mismatch could be trusted.
TEST(Team, EndsWithAMismatch)
{
    Experiment experiment = MakeExperiment(231, "1/4");
    for (int rank : {0, 1, 2}) {
        Team team(3);
        const grav_run_spec spec = Spec(0, uint64_t{1} << 40);
        Played played = PlayTold(
            [rank](const Chunk &chunk) {
                return chunk.rank == rank && chunk.number == 2 ? chunk.Fail(GRAV_ERROR_MISMATCH)
                                                               : AtSpeed(1e5)(chunk);
            },
            experiment, spec, team.Leader());
        ASSERT_EQ(played.status, GRAV_OK) << played.err.message;
        EXPECT_EQ(played.Failure().status, GRAV_ERROR_MISMATCH);
        EXPECT_TRUE(Contains(played.Failure().message, "it broke"));
        EXPECT_EQ(Contains(played.Failure().message, "rank " + std::to_string(rank)), rank > 0);
        ExpectOfItsRanges(experiment, spec, played.result);
    }
}

TEST(Team, ChecksTwice)
{
    Experiment experiment = MakeExperiment(231, "1/4");
    grav_run_spec spec = Spec(0, 200000);
    const std::string digest = Alone(experiment, spec);
    spec.double_check = true;
    {
        Team team(3);
        Played played = Play(experiment, spec, team.Leader());
        ASSERT_EQ(played.status, GRAV_OK) << played.err.message;
        EXPECT_EQ(Digest(played.result), digest);
        EXPECT_TRUE(played.WasTold("rank 1 on here: CPU"));
        EXPECT_TRUE(played.WasTold(", checked by CPU"));
    }
    if (!grav_cpu_has(GRAV_ISA_AVX2))
        GTEST_SKIP() << "what a second isa would find was NOT tested: there is one only";
    // The isa that checks finds one session that scores more.
    Orders orders([](const Chunk &chunk) {
        const grav_status status = AtSpeed(4e5)(chunk);
        if (chunk.rank == 2 && chunk.number && chunk.second && chunk.tally->part.counts[57]) {
            chunk.tally->part.counts[57]--;
            chunk.tally->part.counts[58]++;
        }
        return status;
    });
    Team team(3);
    spec.sessions = uint64_t{1} << 40;
    Played played = Play(experiment, spec, team.Leader());
    EXPECT_EQ(played.Failure().status, GRAV_ERROR_MISMATCH);
    EXPECT_TRUE(Contains(played.Failure().message, "sessions score 57 against"))
        << played.Failure().message;
}

// ---- More runs, other programs ------------------------------------------------------------------

TEST(Team, VerifiesResults)
{
    Team team(OneMachine(3, milliseconds(1)));
    Experiment experiment = MakeExperiment(231, "1/4");
    grav_run_spec where = Spec(0, 1);
    where.team = team.Leader();
    bool stopped;
    grav_error err;
    Result right = support::Merge(support::Run(experiment, Spec(10, 100000)),
                                  support::Run(experiment, Spec(200000, 50000)));
    std::optional<Orders> slowly(std::in_place, Together(2, AtSpeed(3e5)));
    EXPECT_EQ(grav_verify_full(right.get(), &where, &stopped, &err), GRAV_OK) << err.message;
    EXPECT_FALSE(stopped);
    EXPECT_GT(team.Messages().Reductions(), 0u);
    slowly.reset();
    // One that somebody has not played as it should be.
    Result wrong;
    {
        Orders orders([](const Chunk &chunk) {
            const grav_status status = chunk.Play();
            chunk.tally->part.counts[57]--;
            chunk.tally->part.counts[58]++;
            return status;
        });
        wrong = support::Run(experiment, Spec(10, 100000));
    }
    EXPECT_EQ(grav_verify_full(wrong.get(), &where, &stopped, &err), GRAV_ERROR_MISMATCH);
}

// All processes must be the same program: they agree on what messages are.
TEST(Team, RefusesAnotherProgram)
{
    fake_team::Carrier carrier(OneMachine(2));
    grav_wire_run begin = {};
    grav_error err = {};
    begin.head.kind = GRAV_WIRE_RUN;
    begin.head.run = 1;
    snprintf(begin.program, sizeof begin.program, "0.0.1 (commit old)");
    ASSERT_EQ(carrier.Of(0)->send(carrier.Of(0), 1, &begin, sizeof begin, &err), GRAV_OK);
    EXPECT_EQ(grav_team_serve(carrier.Of(1), &err), GRAV_ERROR_INVALID);
    EXPECT_TRUE(Contains(err.message, std::string("this is graveler ") + GRAV_VERSION))
        << err.message;
    EXPECT_TRUE(Contains(err.message, "rank 0 has 0.0.1 (commit old)")) << err.message;
}

TEST(Team, RefusesHalfAMessage)
{
    fake_team::Carrier carrier(OneMachine(2));
    const grav_wire_head head = {GRAV_WIRE_RUN, 1};
    grav_error err = {};
    ASSERT_EQ(carrier.Of(0)->send(carrier.Of(0), 1, &head, sizeof head, &err), GRAV_OK);
    EXPECT_EQ(grav_team_serve(carrier.Of(1), &err), GRAV_ERROR_DEVICE);
    EXPECT_STREQ(err.message, "rank 0 sent half a message");
}

TEST(Team, RefusesMoreDevicesThanAMessageHas)
{
    Team team(2);
    Experiment experiment = MakeExperiment(231, "1/4");
    std::vector<int> devices(65);
    std::iota(devices.begin(), devices.end(), 0);
    grav_run_spec spec = Spec(0, 1000);
    spec.backend = GRAV_BACKEND_CUDA;
    spec.isa = GRAV_ISA_AUTO;
    spec.devices = devices.data();
    spec.device_count = devices.size();
    Played played = Play(experiment, spec, team.Leader());
    EXPECT_EQ(played.status, GRAV_ERROR_INVALID);
    EXPECT_STREQ(played.err.message, "a team plays on at most 64 devices a machine");
    ExpectSame(experiment, Spec(0, 1000), Play(experiment, Spec(0, 1000), team.Leader()));
}

} // namespace
