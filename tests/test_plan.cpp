// The model of a team behind graveler-bench plan: against what follows without it.
#include "places.h"
#include "program.h"
#include "temporary_folder.h"

#include <cmath>
#include <cstring>
#include <gtest/gtest.h>
#include <map>
#include <sstream>
#include <vector>

extern "C" {
#include "chunks.h"
#include "events.h"
#include "team_model.h"
}

namespace {

using namespace program;

// ---- Events
// --------------------------------------------------------------------------------------

TEST(PlanEvents, ComeInOrder)
{
    bench_events events = {};
    const uint32_t count = 1000;
    for (uint32_t i = 0; i < count; i++) {
        bench_event event = {};
        event.time = i * 7919 % 100; // ten at each time
        event.rank = i;
        ASSERT_TRUE(bench_events_add(&events, &event));
    }
    bench_event before = {}, event;
    before.time = -1;
    uint32_t taken = 0;
    for (; bench_events_next(&events, &event); taken++) {
        EXPECT_TRUE(event.time > before.time ||
                    (event.time == before.time && event.rank > before.rank))
            << event.time << " " << event.rank;
        before = event;
    }
    EXPECT_EQ(taken, count);
    bench_events_free(&events);
}

// ---- The model
// -----------------------------------------------------------------------------------

constexpr double kSpeed = 1e7;

struct Team {
    std::vector<double> speeds;
    std::vector<uint64_t> played;
    team_model model = {}; // costs nothing
    team_forecast found = {};
    grav_error err = {};

    Team(size_t ranks, uint64_t sessions) : speeds(ranks, kSpeed), played(ranks)
    {
        model.sessions = sessions;
        model.rules = team_rules_now();
    }

    grav_status Play()
    {
        model.speeds = speeds.data();
        model.ranks = static_cast<uint32_t>(speeds.size());
        return team_model_play(&model, played.data(), &found, &err);
    }
};

uint64_t Sum(const std::vector<uint64_t> &values)
{
    uint64_t sum = 0;
    for (uint64_t value : values)
        sum += value;
    return sum;
}

TEST(PlanModel, OneWorkerPlaysAtItsSpeed)
{
    Team team(1, 1000000000);
    ASSERT_EQ(team.Play(), GRAV_OK);
    EXPECT_NEAR(team.found.seconds, 100, 1e-6);
    EXPECT_NEAR(team.found.ideal_s, 100, 1e-9);
    EXPECT_EQ(team.found.messages, 0u);

    // A chunk of 0.1 s each, once the speed is known, and some before.
    team.model.costs.chunk = 0.01;
    ASSERT_EQ(team.Play(), GRAV_OK);
    EXPECT_GE(team.found.seconds, 110);
    EXPECT_LE(team.found.seconds, 112);
}

TEST(PlanModel, WithoutCostsAllEndWithinAChunk)
{
    for (size_t ranks : {2, 3, 10, 100, 1000})
        for (uint64_t each : {20000000u, 123456789u}) {
            Team team(ranks, ranks * each);
            ASSERT_EQ(team.Play(), GRAV_OK) << team.err.message;
            const double ideal_s = static_cast<double>(each) / kSpeed;
            EXPECT_NEAR(team.found.ideal_s, ideal_s, 1e-9);
            EXPECT_GE(team.found.seconds, ideal_s) << ranks;
            EXPECT_LE(team.found.seconds, ideal_s + 0.1 + team.found.merge_s) << ranks;
            // What waits to be looked at: the order to merge, each level, and the end.
            EXPECT_LE(team.found.merge_s, 0.001 * (std::ceil(std::log2(ranks)) + 5)) << ranks;
            EXPECT_EQ(team.found.sessions, ranks * each);
            EXPECT_EQ(Sum(team.played), ranks * each);
            EXPECT_EQ(team.found.merges, 1u);
        }
}

TEST(PlanModel, EachPlaysByItsSpeed)
{
    for (size_t fast : {0, 3}) {
        Team team(10, 10000000000);
        team.speeds[fast] = 10 * kSpeed;
        ASSERT_EQ(team.Play(), GRAV_OK);
        for (size_t i = 0; i < 10; i++) {
            const double share = static_cast<double>(team.played[i]) / 1e10;
            const double expected = (i == fast ? 10 : 1) / 19.0;
            EXPECT_NEAR(share, expected, 0.05 * expected) << i;
        }
        EXPECT_LE(team.found.seconds, 1.01 * team.found.ideal_s);
    }
}

TEST(PlanModel, LatencyCostsTime)
{
    double before = 0;
    std::map<double, double> seconds;
    for (double latency : {0.0, 1e-4, 1e-3, 1e-2, 0.1, 1.0}) {
        Team team(64, 6400000000);
        team.model.costs.latency = latency;
        ASSERT_EQ(team.Play(), GRAV_OK) << team.err.message;
        seconds[latency] = team.found.seconds;
        EXPECT_GE(team.found.seconds, 0.999 * before) << latency;
        before = team.found.seconds;
    }
    // Asked for 0.05 s before the end, a portion comes in time: until the latency is more.
    EXPECT_LE(seconds[1e-2], 1.03 * seconds[0]);
    EXPECT_GE(seconds[1.0], 3 * seconds[0]);
}

// It asks when the second of the two chunks of a portion begins, and what it asks for comes two
// latencies later.
TEST(PlanModel, AnswersTakeTwoLatencies)
{
    Team team(2, 2000000000);
    team.model.costs.latency = 1;
    ASSERT_EQ(team.Play(), GRAV_OK);
    EXPECT_NEAR(static_cast<double>(team.played[1]) / (kSpeed * team.found.seconds), 0.2 / 2.1,
                0.005);
}

TEST(PlanModel, MessagesKeepRank0BusyByWhatTheyCost)
{
    Team team(50, 5000000000);
    team.model.costs.message = 1e-5;
    ASSERT_EQ(team.Play(), GRAV_OK);
    EXPECT_NEAR(team.found.busy_s, 1e-5 * static_cast<double>(team.found.messages), 1e-9);
    // Ten seconds of portions of 0.2 s: each is asked for and sent.
    EXPECT_GE(team.found.portions, 49u * 50);
    EXPECT_GE(team.found.messages, 2 * team.found.portions);
    EXPECT_LE(team.found.messages, 8 * team.found.portions);
}

TEST(PlanModel, LooksKeepRank0BusyByTheNumberOfRanks)
{
    Team team(100, 10000000000);
    team.model.costs.look = 1e-5; // 1 ms for all, and 1 ms until the next one
    ASSERT_EQ(team.Play(), GRAV_OK);
    EXPECT_NEAR(team.found.busy_s / team.found.seconds, 0.5, 0.02);
}

TEST(PlanModel, MergesAsOftenAsAsked)
{
    Team team(20, 20 * 100 * UINT64_C(10000000)); // 100 s
    team.model.checkpoint_s = 10;
    ASSERT_EQ(team.Play(), GRAV_OK);
    EXPECT_GE(team.found.merges, 10u); // nine while all play, and the last
    EXPECT_LE(team.found.merges, 11u);
}

// Rank 0 sorts what was played since the last merge. It plays, too, and has no portions.
TEST(PlanModel, ListsOfRangesCostTheirLength)
{
    for (uint64_t seconds : {25, 50}) {
        Team team(100, seconds * UINT64_C(1000000000));
        team.model.costs.range = 1e-5;
        ASSERT_EQ(team.Play(), GRAV_OK);
        EXPECT_NEAR(team.found.merge_s, 1e-5 * static_cast<double>(team.found.portions), 0.03);
    }
    Team team(100, UINT64_C(50000000000)); // a merge at half time leaves half the ranges
    team.model.costs.range = 1e-5;
    team.model.checkpoint_s = 25;
    ASSERT_EQ(team.Play(), GRAV_OK);
    EXPECT_NEAR(team.found.merge_s, 0.5e-5 * static_cast<double>(team.found.portions), 0.03);
}

TEST(PlanModel, MergesEveryMinuteWhereNobodyAsks)
{
    Team team(10, UINT64_C(15000000000)); // 150 s
    ASSERT_EQ(team.Play(), GRAV_OK);
    EXPECT_EQ(team.found.merges, 3u);
}

TEST(PlanModel, GivesUpWhereRank0CannotKeepUp)
{
    Team team(100, 100000000);
    team.model.costs.message = 0.1;
    EXPECT_EQ(team.Play(), GRAV_ERROR_INVALID);
    EXPECT_TRUE(Contains(team.err.message, "cannot keep up")) << team.err.message;
}

TEST(PlanModel, DependsOnNothingElse)
{
    Team a(37, 3700000000), b(37, 3700000000);
    for (Team *team : {&a, &b}) {
        team->speeds[5] *= 1.7;
        team->model.costs = {2e-6, 1e-6, 3e-9, 3e-10, 3e-7, 2e-6, 7e-5};
        ASSERT_EQ(team->Play(), GRAV_OK);
    }
    EXPECT_EQ(a.found.seconds, b.found.seconds);
    EXPECT_EQ(a.found.messages, b.found.messages);
    EXPECT_EQ(a.played, b.played);
}

// ---- The command
// ---------------------------------------------------------------------------------

const Words kGiven = {places::Bench(), "plan", "--speed",   "2e8",  "--spread", "20",
                      "--latency",     "2us",  "--message", "1us",  "--merge",  "300ns",
                      "--bandwidth",   "1e9",  "--chunk",   "70us", "--look",   "3ns",
                      "--range",       "0.3ns"};

Outcome RunPlan(const Words &more)
{
    return process::Run(Command{Joined(kGiven, more)});
}

TEST(BenchPlan, TellsHowLongRunsTake)
{
    Outcome outcome = RunPlan({"--workers", "1,10,1e3", "--sessions", "1e12", "--json"});
    ASSERT_EQ(outcome.code, 0) << Describe(outcome);
    Json plan = Json(outcome.out)["plan"];
    for (size_t i = 0; i < plan["costs"].Size(); i++)
        EXPECT_EQ(plan["costs"][i]["from"].String(), "given") << i;
    Json runs = plan["runs"];
    ASSERT_EQ(runs.Size(), 3u);
    const uint64_t workers[] = {1, 10, 1000};
    for (size_t i = 0; i < 3; i++) {
        EXPECT_EQ(runs[i]["workers"].Integer(), workers[i]);
        EXPECT_EQ(runs[i]["sessions"].Number(), 1e12);
        EXPECT_NEAR(runs[i]["ideal_s"].Number() * static_cast<double>(workers[i]), 5000, 100);
        EXPECT_NEAR(runs[i]["efficiency_percent"].Number(),
                    100 * runs[i]["ideal_s"].Number() / runs[i]["seconds"].Number(), 0.01);
    }
    EXPECT_GT(runs[0]["efficiency_percent"].Number(), 99.8);
    EXPECT_LT(runs[2]["efficiency_percent"].Number(), runs[0]["efficiency_percent"].Number());
    EXPECT_EQ(RunPlan({"--workers", "1,10,1e3", "--sessions", "1e12", "--csv"}).out,
              RunPlan({"--workers", "1,10,1e3", "--csv"}).out); // as many by default
}

TEST(BenchPlan, GivesEachWorkerAsMuch)
{
    Outcome outcome = RunPlan({"--workers", "2,20", "--per-worker", "1e9", "--csv"});
    ASSERT_EQ(outcome.code, 0) << Describe(outcome);
    EXPECT_EQ(outcome.out.find("workers,sessions,seconds,ideal_s,efficiency_percent,"), 0u);
    EXPECT_TRUE(Contains(outcome.out, "\n2,2e+09,")) << outcome.out;
    EXPECT_TRUE(Contains(outcome.out, "\n20,2e+10,")) << outcome.out;
}

// A file shows what the run showed, and what was not given was measured.
TEST(BenchPlan, MeasuresWhatIsNotGiven)
{
    TemporaryFolder folder;
    Outcome outcome =
        process::Run(Command{{places::Bench(), "plan", "--workers", "1,8", "--json",
                              folder / "plan.json", "--markdown", folder / "plan.md"}});
    ASSERT_EQ(outcome.code, 0) << Describe(outcome);
    EXPECT_TRUE(Contains(outcome.out, "merging 10,000 tallies")) << outcome.out;
    Outcome report = process::Run(Command{{places::Bench(), "report", folder / "plan.json"}});
    EXPECT_EQ(report.out, Read(folder / "plan.md"));
    Json costs = Json(Read(folder / "plan.json"))["plan"]["costs"];
    size_t measured = 0;
    for (size_t i = 0; i < costs.Size(); i++)
        if (costs[i]["from"].String().find("measured") == 0) {
            measured++;
            EXPECT_GT(costs[i]["value"].Number(), 0) << costs[i]["what"].String();
        }
    EXPECT_EQ(measured, 6u);
}

TEST(BenchPlan, RefusesWhatIsWrong)
{
    for (const Words &wrong :
         {Words{"--workers", "0"}, Words{"--workers", "1,,2"}, Words{"--latency", "2parsecs"},
          Words{"--spread", "100"}, Words{"--sessions", "9", "--per-worker", "9"},
          Words{"--message", "1s", "--workers", "100", "--sessions", "1e6"}}) {
        Outcome outcome = RunPlan(wrong);
        EXPECT_EQ(outcome.code, 2) << Describe(outcome);
        EXPECT_EQ(outcome.out, "");
        EXPECT_EQ(CountLines(outcome.err), 1u) << outcome.err;
    }
}

} // namespace
