// Sessions of method `scores`: against known sessions and the reference, on every backend.
#include "playing.h"
#include "thresholds.h"

#include <algorithm>

namespace {

using playing::Below;
using playing::Engine;
using playing::ExpectFound;
using playing::Found;
using playing::kKeeps;
using playing::kPhiloxEngines;
using playing::Random;
using playing::ThreadCounts;
using support::Backend;
using support::Digest;
using support::Experiment;
using support::MakeExperiment;
using support::Merge;
using support::Result;
using support::Summary;

// ---- What should be found -----------------------------------------------------------------------

struct Known {
    Engine engine;
    uint64_t seed, session;
    uint32_t rolls;
    std::string chance;
    uint64_t score;
    uint32_t high, low;
};

std::vector<Known> KnownSessions()
{
    std::vector<Known> all;
    for (const std::vector<std::string> &row : support::Vectors("scores.txt"))
        all.push_back({playing::EngineNamed(row.at(0)), std::stoull(row.at(1), nullptr, 0),
                       std::stoull(row.at(2)), static_cast<uint32_t>(std::stoul(row.at(3))),
                       row.at(4), std::stoull(row.at(5)),
                       static_cast<uint32_t>(std::stoul(row.at(6), nullptr, 0)),
                       static_cast<uint32_t>(std::stoul(row.at(7), nullptr, 0))});
    return all;
}

// An experiment with the thresholds of its law that are below 2^64.
struct Game {
    uint32_t rolls;
    std::string chance;
    std::vector<uint64_t> thresholds;

    Game(uint32_t r, const std::string &c) : rolls(r), chance(c)
    {
        for (const auto &t : reference::Thresholds(r, reference::ParseChance(c)))
            if (t <= UINT64_MAX)
                thresholds.push_back(t.convert_to<uint64_t>());
    }
    Game(uint32_t r, const std::string &c, std::vector<uint64_t> t)
        : rolls(r), chance(c), thresholds(std::move(t))
    {
    }

    uint64_t Score(const reference::Draw &draw) const
    {
        const uint64_t u = uint64_t{draw.high} << 32 | draw.low;
        return static_cast<uint64_t>(std::upper_bound(thresholds.begin(), thresholds.end(), u) -
                                     thresholds.begin());
    }

    Found Find(const Engine &engine, uint64_t seed, uint64_t first, uint64_t sessions) const
    {
        Found found = {std::vector<uint64_t>(rolls + 1), 0, first};
        for (uint64_t session = first; session < first + sessions; session++) {
            uint64_t score = Score(reference::DrawOf(engine.reference, seed, session));
            found.histogram[score]++;
            if (score > found.max_score)
                found.max_score = score, found.max_session = session;
        }
        return found;
    }
};

// The thresholds of as many rolls as there may be, which test_thresholds.cpp checks.
Game GameOfManyRolls(uint32_t rolls)
{
    grav_thresholds found;
    grav_error err;
    EXPECT_EQ(grav_thresholds_of(MakeExperiment(rolls, "1/4").get(), &found, &err), GRAV_OK);
    std::vector<uint64_t> thresholds(found.base, 0);
    thresholds.insert(thresholds.end(), found.values, found.values + found.count);
    thresholds.resize(found.last, UINT64_MAX);
    grav_thresholds_free(&found);
    return Game(rolls, "1/4", thresholds);
}

TEST(ScoresReference, FindsTheKnownSessions)
{
    for (const Known &known : KnownSessions()) {
        const reference::Draw draw =
            reference::DrawOf(known.engine.reference, known.seed, known.session);
        EXPECT_EQ(draw.high, known.high) << known.session;
        EXPECT_EQ(draw.low, known.low) << known.session;
        const Game game(known.rolls, known.chance);
        EXPECT_EQ(game.Score(draw), known.score);
        EXPECT_EQ(
            reference::ScoreOfDraw(
                draw, reference::Thresholds(known.rolls, reference::ParseChance(known.chance))),
            known.score);
    }
}

// ---- Replaying ----------------------------------------------------------------------------------

TEST(ReplayOfScores, GivesTheKnownSessions)
{
    int asked = 0;
    for (const Known &known : KnownSessions()) {
        SCOPED_TRACE(testing::Message() << "session " << known.session << ", rolls " << known.rolls
                                        << ", chance " << known.chance);
        Experiment experiment = MakeExperiment(known.rolls, known.chance);
        grav_draw draw = {};
        ASSERT_EQ(grav_replay_scores(experiment.get(), known.engine.id, known.seed, known.session,
                                     &draw, nullptr),
                  GRAV_OK);
        EXPECT_EQ(draw.score, known.score);
        EXPECT_EQ(draw.high, known.high);
        EXPECT_EQ(draw.low, known.low);
        const Game game(known.rolls, known.chance);
        auto threshold = [&game](uint64_t v) {
            return v < game.thresholds.size() ? game.thresholds[v] : 0; // 2^64
        };
        EXPECT_EQ(draw.at_least, known.score ? threshold(known.score - 1) : 0);
        EXPECT_EQ(draw.below, threshold(known.score));
        uint64_t lows = game.Score({known.high, UINT32_MAX}) - game.Score({known.high, 0});
        EXPECT_EQ(draw.needs_low, lows > 0);
        asked += draw.needs_low;
    }
    EXPECT_GE(asked, 18);
}

TEST(ReplayOfScores, RefusesWhatARunWould)
{
    grav_draw draw = {};
    grav_error err = {};
    auto experiment = MakeExperiment(GRAV_LAW_ROLLS_MAX + 1, "1/4");
    EXPECT_EQ(grav_replay_scores(experiment.get(), GRAV_ENGINE_PHILOX, 1, 1, &draw, &err),
              GRAV_ERROR_INVALID);
    EXPECT_NE(std::string(err.message).find("1048577"), std::string::npos) << err.message;
    grav_run_spec spec = support::Spec(playing::Portable(), 1, 0, 1);
    spec.method = GRAV_METHOD_SCORES;
    spec.keep = GRAV_KEEP_MAX;
    EXPECT_EQ(grav_run_check(experiment.get(), &spec, &err), GRAV_ERROR_INVALID);
    EXPECT_NE(std::string(err.message).find("1048577"), std::string::npos) << err.message;

    experiment = MakeExperiment(231, "1/4");
    EXPECT_EQ(grav_run_check(experiment.get(), &spec, &err), GRAV_OK);
    EXPECT_EQ(
        grav_replay_scores(experiment.get(), GRAV_ENGINE_PHILOX, 1, GRAV_SESSIONS_END, &draw, &err),
        GRAV_ERROR_INVALID);
    uint64_t score = 5, words = 6;
    EXPECT_EQ(grav_replay(experiment.get(), GRAV_METHOD_SCORES, GRAV_ENGINE_PHILOX, 1, 1, 1,
                          nullptr, &score, &words, &err),
              GRAV_ERROR_INVALID);
    EXPECT_EQ(score, 5u);
}

// ---- Ranges -------------------------------------------------------------------------------------

class Scores : public support::OnBackend {
  protected:
    grav_run_spec Spec(const Engine &engine, uint64_t seed, uint64_t first, uint64_t sessions,
                       grav_keep keep = GRAV_KEEP_HISTOGRAM)
    {
        grav_run_spec spec = support::Spec(GetParam(), seed, first, sessions);
        spec.method = GRAV_METHOD_SCORES;
        spec.engine = engine.id;
        spec.keep = keep;
        if (GetParam().backend == GRAV_BACKEND_CPU)
            spec.threads = 1; // pieces are longer, and fill vectors sooner
        return spec;
    }

    // The backend finds in a range what the reference finds, with either keep.
    void Check(const Game &game, const Engine &engine, uint64_t seed, uint64_t first,
               uint64_t sessions)
    {
        SCOPED_TRACE(testing::Message()
                     << game.rolls << " rolls at " << game.chance << ", " << engine << ", seed "
                     << seed << ", " << sessions << " sessions from " << first);
        Experiment experiment = MakeExperiment(game.rolls, game.chance);
        const Found found = game.Find(engine, seed, first, sessions);
        for (grav_keep keep : kKeeps)
            ExpectFound(support::Run(experiment, Spec(engine, seed, first, sessions, keep)), found,
                        first, sessions);
    }
};
GRAV_ON_EVERY_BACKEND(Scores);

TEST_P(Scores, KnownOnes)
{
    for (const Known &known : KnownSessions()) {
        const Game game(known.rolls, known.chance);
        uint64_t before = std::min<uint64_t>(known.session, 40);
        uint64_t end = std::min(known.session + 41, GRAV_SESSIONS_END);
        Check(game, known.engine, known.seed, known.session, 1);
        Check(game, known.engine, known.seed, known.session - before, end - known.session + before);
    }
}

TEST_P(Scores, OfTheFoundingJob)
{
    const Game founding(231, "1/4");
    for (const Engine &engine : kPhiloxEngines)
        Check(founding, engine, 42, 0, 3000);
    grav_summary summary = Summary(support::Run(
        MakeExperiment(231, "1/4"), Spec(kPhiloxEngines[0], 42, 0, 3000, GRAV_KEEP_MAX)));
    EXPECT_EQ(summary.max_score, 81u);
    EXPECT_EQ(summary.max_session, 1972u);
}

TEST_P(Scores, OfEveryExperiment)
{
    uint64_t seed = 0, first = 0;
    for (uint32_t rolls : {1, 2, 3, 10, 64, 231, 1000})
        for (const char *chance :
             {"0", "1", "1/2", "1/4", "1/3", "0.3", "1e-6", "999999/1000000", "1e-18"})
            for (const Engine &engine : kPhiloxEngines)
                Check(Game(rolls, chance), engine, seed++, first += 1237, 401);
}

// At any offset in a block and a vector, and where the high half of the block's index changes.
TEST_P(Scores, OfEveryRange)
{
    const Game founding(231, "1/4"), coin(1, "1/2");
    for (uint64_t edge : {uint64_t{64}, uint64_t{1} << 31, uint64_t{1} << 32, uint64_t{1} << 34,
                          uint64_t{5} << 34, uint64_t{1} << 62})
        for (uint64_t before : {0, 1, 2, 3, 4, 5, 31, 32, 33, 63})
            for (uint64_t sessions : {1, 2, 3, 4, 5, 34, 64, 65, 130})
                Check(before % 2 ? founding : coin, kPhiloxEngines[sessions % 2], 42, edge - before,
                      sessions);
    for (uint64_t sessions = 1; sessions < 70; sessions++)
        Check(founding, kPhiloxEngines[sessions % 2], 42, GRAV_SESSIONS_END - sessions, sessions);
}

TEST_P(Scores, OfLongRanges)
{
    const Game founding(231, "1/4");
    for (const Engine &engine : kPhiloxEngines)
        for (uint64_t edge : {uint64_t{1} << 31, uint64_t{1} << 32, uint64_t{1} << 34})
            Check(founding, engine, 7, edge - 20001, 50003);
}

TEST_P(Scores, OfRandomExperiments)
{
    Random random(21);
    for (int i = 0; i < 40; i++) {
        auto rolls = static_cast<uint32_t>(1 + Below(random, i % 4 ? 300 : 1000));
        uint64_t whole = 2 + Below(random, i % 2 ? 100 : 1000000007);
        std::string chance =
            std::to_string(1 + Below(random, whole - 1)) + "/" + std::to_string(whole);
        Check(Game(rolls, chance), kPhiloxEngines[i % 2], random(), random() >> 2,
              1 + Below(random, 600));
    }
}

// One roll whose threshold is a session's own draw, or next to it: the low word decides.
TEST_P(Scores, WhereTheLowWordDecides)
{
    Random random(22);
    for (int i = 0; i < 60; i++) {
        const Engine &engine = kPhiloxEngines[i % 2];
        const uint64_t seed = random(), session = 200 + (random() >> (i % 2 ? 2 : 30));
        const reference::Draw draw = reference::DrawOf(engine.reference, seed, session);
        const uint64_t u = uint64_t{draw.high} << 32 | draw.low;
        std::string chance = std::to_string(0 - u - i % 3) + "/18446744073709551616";
        Check(Game(1, chance), engine, seed, session - Below(random, 150), 151);
    }
}

// Histograms longer than what a thread's copies hold, and thresholds closer than the guide's
// entries.
TEST_P(Scores, OfManyRolls)
{
    Check(GameOfManyRolls(40000), kPhiloxEngines[0], 3, 5, 100001);
    // Sessions whose high words do not decide, among others: about one in a million.
    const Game game = GameOfManyRolls(GRAV_HISTOGRAM_MAX - 1);
    for (auto [engine, session] :
         {std::pair{0, 900510}, {0, 1101301}, {0, 1202823}, {1, 1819966}, {1, 1870775}}) {
        const auto at = static_cast<uint64_t>(session);
        uint32_t high = reference::DrawOf(kPhiloxEngines[engine].reference, 3, at).high;
        EXPECT_NE(game.Score({high, 0}), game.Score({high, UINT32_MAX}));
        Check(game, kPhiloxEngines[engine], 3, at - 1000, 2001);
    }
}

TEST_P(Scores, LowestSessionWinsTies)
{
    for (const char *chance : {"0", "1/4", "1/2", "1"})
        for (uint32_t rolls : {1, 2})
            for (uint64_t first : {uint64_t{0}, uint64_t{1001}, (uint64_t{1} << 34) - 70001}) {
                const uint64_t sessions = 140001;
                const Found found = Game(rolls, chance).Find(kPhiloxEngines[0], 8, first, sessions);
                Experiment experiment = MakeExperiment(rolls, chance);
                for (grav_keep keep : kKeeps)
                    for (unsigned threads : ThreadCounts(GetParam())) {
                        SCOPED_TRACE(testing::Message()
                                     << "chance " << chance << ", rolls " << rolls << ", first "
                                     << first << ", threads " << threads);
                        grav_run_spec spec = Spec(kPhiloxEngines[0], 8, first, sessions, keep);
                        spec.threads = threads;
                        ExpectFound(support::Run(experiment, spec), found, first, sessions);
                    }
            }
}

TEST_P(Scores, KeepingTheMaximumAloneFindsTheSameRecord)
{
    for (auto [rolls, chance] :
         {std::pair{231u, "1/4"}, {1000u, "1/3"}, {3u, "1/2"}, {100u, "1e-3"}, {231u, "999/1000"}})
        for (const Engine &engine : kPhiloxEngines)
            for (uint64_t first : {uint64_t{0}, (uint64_t{3} << 34) - 1000003}) {
                Experiment experiment = MakeExperiment(rolls, chance);
                grav_summary all =
                    Summary(support::Run(experiment, Spec(engine, 5, first, 3000017)));
                grav_summary record = Summary(
                    support::Run(experiment, Spec(engine, 5, first, 3000017, GRAV_KEEP_MAX)));
                EXPECT_EQ(record.max_score, all.max_score) << rolls << " rolls at " << chance;
                EXPECT_EQ(record.max_session, all.max_session) << rolls << " rolls at " << chance;
            }
}

// ---- Splitting, threads and targets -------------------------------------------------------------

TEST_P(Scores, InPartsGiveTheSameResult)
{
    Random random(23);
    for (auto [rolls, chance] : {std::pair{231u, "1/4"}, {20000u, "1/4"}, {2u, "1/2"}})
        for (grav_keep keep : kKeeps) {
            const uint64_t first = (uint64_t{1} << 34) - 100000, sessions = 250007;
            Experiment experiment = MakeExperiment(rolls, chance, 90);
            const grav_run_spec spec = Spec(kPhiloxEngines[0], 6, first, sessions, keep);
            const std::string whole = Digest(support::Run(experiment, spec));
            for (unsigned threads : ThreadCounts(GetParam())) {
                uint64_t cut = 1 + Below(random, sessions - 1);
                grav_run_spec left = spec, right = spec;
                left.sessions = cut;
                left.threads = threads;
                right.first += cut;
                right.sessions -= cut;
                right.backend = GRAV_BACKEND_CPU;
                right.isa = GRAV_ISA_PORTABLE;
                EXPECT_EQ(
                    Digest(Merge(support::Run(experiment, right), support::Run(experiment, left))),
                    whole)
                    << threads << " threads, cut after " << cut;
            }
        }
}

TEST_P(Scores, AreNotMergedWithRolls)
{
    Experiment experiment = MakeExperiment(231, "1/4");
    grav_run_spec spec = Spec(kPhiloxEngines[0], 6, 0, 10);
    Result scores = support::Run(experiment, spec);
    spec.first = 10;
    spec.method = GRAV_METHOD_ROLLS;
    Result rolls = support::Run(experiment, spec);
    grav_result *out = nullptr;
    grav_error err = {};
    EXPECT_EQ(grav_result_merge(scores.get(), rolls.get(), &out, &err), GRAV_ERROR_INVALID);
    EXPECT_NE(std::string(err.message).find("method rolls, not scores"), std::string::npos)
        << err.message;
}

TEST_P(Scores, UntilTheTargetEndWhereTheReferenceHits)
{
    const Game founding(231, "1/4");
    for (uint64_t first : {uint64_t{0}, (uint64_t{1} << 34) - 4321})
        for (uint64_t target : {70, 78, 84}) {
            const uint64_t sessions = 30000;
            uint64_t end = first;
            while (end < first + sessions &&
                   founding.Score(reference::DrawOf(reference::Engine::kPhilox, 9, end)) < target)
                end++;
            end = std::min(end + 1, first + sessions);
            for (grav_keep keep : kKeeps) {
                grav_run_spec spec = Spec(kPhiloxEngines[0], 9, first, sessions, keep);
                spec.until_target = true;
                Result result = support::Run(MakeExperiment(231, "1/4", target), spec);
                ExpectFound(result, founding.Find(kPhiloxEngines[0], 9, first, end - first), first,
                            end - first);
            }
        }
}

} // namespace
