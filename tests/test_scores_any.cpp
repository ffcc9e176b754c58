// Sessions of method `scores` of dice and streaks: on every backend against the format's text, with
// thresholds by exact integers (laws.h).
#include "laws.h"

#include <algorithm>

namespace {

using laws::Game;
using playing::Engine;
using playing::ExpectFound;
using playing::Found;
using playing::kKeeps;
using playing::kPhiloxEngines;

// A game, and how the format has it play.
class Reference {
  public:
    explicit Reference(const Game &game)
        : game_(game), thresholds_(laws::Thresholds(game, laws::Of(game)))
    {
    }

    uint64_t Score(const Engine &engine, uint64_t seed, uint64_t session) const
    {
        const reference::Draw draw = reference::DrawOf(engine.reference, seed, session);
        const uint64_t u = uint64_t{draw.high} << 32 | draw.low;
        auto above = std::upper_bound(thresholds_.begin(), thresholds_.end(), u);
        return game_.ScoreMin() + static_cast<uint64_t>(above - thresholds_.begin());
    }

    Found Find(const Engine &engine, uint64_t seed, uint64_t first, uint64_t sessions) const
    {
        Found found = {std::vector<uint64_t>(game_.ScoreMax() + 1), 0, first};
        for (uint64_t session = first; session < first + sessions; session++) {
            uint64_t score = Score(engine, seed, session);
            found.histogram[score]++;
            if (score > found.max_score)
                found.max_score = score, found.max_session = session;
        }
        return found;
    }

  private:
    Game game_;
    std::vector<uint64_t> thresholds_;
};

const std::vector<Game> &SomeGames()
{
    static const std::vector<Game> games = {
        {{{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {6, 1}}, 10},
        {{{0, 1}, {5, 1}}, 20},
        {{{100, 0}, {105, 2}, {119, 1}, {300, 0}}, 5},
        {{{7, 1}, {7, 2}}, 3},
        {{{0, 1000000007}, {3, 998244353}, {2, 1}}, 12},
        laws::Streak(231, 1, 4),
        laws::Streak(100, 9, 10),
        laws::Streak(30, 0, 1),
        laws::Streak(30, 1, 1),
    };
    return games;
}

class ScoresOfAny : public support::OnBackend {
  protected:
    void Check(const Game &game, const Engine &engine, uint64_t seed, uint64_t first,
               uint64_t sessions)
    {
        SCOPED_TRACE(testing::Message()
                     << game << ", " << engine << ", seed " << seed << ", from " << first);
        support::Experiment experiment = game.Make();
        const Found found = Reference(game).Find(engine, seed, first, sessions);
        for (grav_keep keep : kKeeps) {
            grav_run_spec spec = support::Spec(GetParam(), seed, first, sessions);
            spec.method = GRAV_METHOD_SCORES;
            spec.engine = engine.id;
            spec.keep = keep;
            ExpectFound(support::Run(experiment, spec), found, first, sessions);
        }
    }
};
GRAV_ON_EVERY_BACKEND(ScoresOfAny);

TEST_P(ScoresOfAny, AreTheReferences)
{
    uint64_t seed = 50;
    for (const Game &game : SomeGames())
        for (const Engine &engine : kPhiloxEngines)
            Check(game, engine, ++seed, 1237, 3001);
}

TEST_P(ScoresOfAny, OfRandomDiceAreTheReferences)
{
    playing::Random random(51);
    for (int i = 0; i < 25; i++)
        Check(laws::RandomGame(random, 5, 12), kPhiloxEngines[i % 2], random(), random() >> 2,
              1 + playing::Below(random, 900));
}

TEST_P(ScoresOfAny, UntilTheTargetEndWhereTheReferenceHits)
{
    const Game d6 = SomeGames()[0];
    const Reference plays(d6);
    for (uint64_t target : {10, 45, 52}) {
        uint64_t end = 0;
        while (plays.Score(kPhiloxEngines[0], 9, end) < target)
            end++;
        grav_run_spec spec = support::Spec(GetParam(), 9, 0, end + 100000);
        spec.method = GRAV_METHOD_SCORES;
        spec.until_target = true;
        ExpectFound(support::Run(d6.Make(target), spec),
                    plays.Find(kPhiloxEngines[0], 9, 0, end + 1), 0, end + 1);
    }
}

TEST(ReplayOfScoresOfAny, GivesTheReferencesScores)
{
    for (const Game &game : SomeGames()) {
        SCOPED_TRACE(testing::Message() << game);
        support::Experiment experiment = game.Make();
        const Reference plays(game);
        for (uint64_t session = 70; session < 90; session++) {
            grav_draw draw = {};
            grav_error err = {};
            ASSERT_EQ(
                grav_replay_scores(experiment.get(), GRAV_ENGINE_PHILOX, 6, session, &draw, &err),
                GRAV_OK)
                << err.message;
            EXPECT_EQ(draw.score, plays.Score(kPhiloxEngines[0], 6, session));
            const uint64_t u = uint64_t{draw.high} << 32 | draw.low;
            EXPECT_LE(draw.at_least, u);
            EXPECT_TRUE(draw.below == 0 || draw.below > u);
        }
    }
}

} // namespace
