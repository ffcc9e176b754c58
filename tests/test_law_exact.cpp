// The law of any die and of streaks: against every outcome, against other ways to count them, and
// against published figures.
#include "laws.h"
#include "thresholds.h"

#include <cmath>
#include <regex>

namespace {

using laws::cpp_int;
using laws::cpp_rational;
using laws::ExpectNear;
using laws::Game;
using laws::Law;
using laws::Real;
using laws::ToReal;
using playing::Below;
using playing::Random;

// The scores to ask about: those that there are, their neighbours and what is out of range.
std::set<uint64_t> ScoresAround(const Game &game, const Law &law)
{
    std::set<uint64_t> scores = {
        0, 1, game.ScoreMin(), game.ScoreMax(), game.ScoreMax() + 1, UINT32_MAX};
    for (const auto &[score, ways] : law.ways)
        scores.insert({score, score + 1});
    return scores;
}

void ExpectMoments(const grav_law *found, const Law &law)
{
    cpp_int first = 0, second = 0;
    for (const auto &[score, ways] : law.ways) {
        first += score * ways;
        second += cpp_int(score) * score * ways;
    }
    const cpp_rational mean(first, law.all);
    const Real sd = sqrt(ToReal(cpp_rational(second, law.all) - mean * mean));
    EXPECT_LE(abs(Real(grav_law_mean(found)) - ToReal(mean)), Real("2e-16") * ToReal(mean));
    EXPECT_LE(abs(Real(grav_law_sd(found)) - sd), Real("2e-16") * sd);
}

void ExpectLaw(const Game &game, const Law &law)
{
    SCOPED_TRACE(testing::Message() << game);
    support::Law found = support::MakeLaw(game.Make());
    for (uint64_t score : ScoresAround(game, law)) {
        SCOPED_TRACE(score);
        const Real equal = ToReal(law.Equal(score));
        ExpectNear(grav_law_probability(found.get(), score), equal);
        EXPECT_EQ(grav_law_equal(found.get(), score),
                  grav_law_probability(found.get(), score).value);
        ExpectNear(grav_law_at_least(found.get(), score), ToReal(law.AtLeast(score)));
    }
    uint64_t first, step, last;
    grav_law_scores(found.get(), &first, &step, &last);
    EXPECT_EQ(first, law.ways.begin()->first);
    EXPECT_EQ(last, law.ways.rbegin()->first);
    for (const auto &[score, ways] : law.ways)
        EXPECT_EQ((score - first) % step, 0u) << score;
    ExpectMoments(found.get(), law);
}

// ---- Against every outcome ----------------------------------------------------------------------

TEST(LawOfDice, IsThatOfEnumeration)
{
    Random random(41);
    for (int i = 0; i < 80; i++) {
        const Game game = laws::RandomGame(random, i % 2 ? 4 : 6, i % 2 ? 7 : 4);
        ExpectLaw(game, laws::ByEnumeration(game));
    }
}

TEST(LawOfDice, OfSpecialOnesIsThatOfEnumeration)
{
    for (const Game &game :
         {Game{{{0, 1}, {5, 1}}, 6}, Game{{{3, 1}, {3, 2}}, 5}, Game{{{7, 0}, {3, 2}}, 4},
          Game{{{0, 0}, {5, 1}, {10, 2}}, 5}, Game{{{2000000000, 1}, {2000000001, 1}}, 2},
          Game{{{1, cpp_int(1) << 200}, {0, 1}, {2, 1}}, 6}, Game{{{2, 6}, {4, 10}, {8, 14}}, 1},
          Game{{{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {6, 1}}, 6}})
        ExpectLaw(game, laws::ByEnumeration(game));
}

TEST(LawOfStreaks, IsThatOfEnumeration)
{
    for (uint32_t rolls : {1, 2, 3, 5, 8, 11})
        for (auto [scores, all] : {std::pair{cpp_int(1), cpp_int(2)},
                                   {1, 4},
                                   {2, 3},
                                   {0, 1},
                                   {1, 1},
                                   {1, cpp_int(1) << 64},
                                   {999999, 1000000}}) {
            const Game game = laws::Streak(rolls, scores, all);
            ExpectLaw(game, laws::ByEnumeration(game));
        }
}

// ---- Against other ways to count ----------------------------------------------------------------

TEST(LawOfDice, OfManyRollsIsThatOfOneAfterTheOther)
{
    for (const Game &game :
         {Game{{{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {6, 1}}, 60},
          Game{{{0, 3}, {4, 1}, {6, 2}, {20, 1}}, 40}, Game{{{100, 1}, {101, 0}, {109, 5}}, 50},
          Game{{{0, 1000000007}, {1, 998244353}, {3, (cpp_int(1) << 61) - 1}}, 30}})
        ExpectLaw(game, laws::ByRolls(game));
}

// Where a double has long ended: 10^-1200 and less.
TEST(LawOfDice, GoesFarBelowDouble)
{
    const Game game = {{{0, 1000000}, {1, 1}, {2, 1}}, 200};
    const Law law = laws::ByRolls(game);
    support::Law found = support::MakeLaw(game.Make());
    for (uint64_t score : {9, 50, 130, 200, 300, 399, 400}) {
        ExpectNear(grav_law_at_least(found.get(), score), ToReal(law.AtLeast(score)));
        ExpectNear(grav_law_probability(found.get(), score), ToReal(law.Equal(score)));
        const Real p = ToReal(law.AtLeast(score)); // so small that its square matters at most
        ExpectNear(grav_law_max_tail(found.get(), score, 7), 7 * p - 21 * p * p);
    }
    EXPECT_LT(grav_law_at_least(found.get(), 400).exponent, -1200);
    EXPECT_EQ(grav_law_at_least(found.get(), 400).value, 0);
}

// Short streaks and long ones are found in two ways: on either side of where they meet, and of
// where the sum has another term.
TEST(LawOfStreaks, OfManyRollsIsThatOfCountingRuns)
{
    for (const Game &game :
         {laws::Streak(231, 1, 4), laws::Streak(100, 1, 2), laws::Streak(231, 1000, 1001),
          laws::Streak(40, 123456789, 987654321)}) {
        SCOPED_TRACE(testing::Message() << game);
        support::Law found = support::MakeLaw(game.Make());
        const cpp_int all = pow(game.die[0].weight + game.die[1].weight, game.rolls);
        for (uint32_t r : {0,  1,  2,  5,  19, 31,  32,  33,  34,  37,  38,  39,
                           50, 57, 76, 77, 78, 100, 115, 116, 117, 177, 230, 231}) {
            if (r > game.rolls)
                continue;
            const cpp_int fewer = laws::WaysWithout(game, r),
                          at_most = laws::WaysWithout(game, r + 1);
            ExpectNear(grav_law_at_least(found.get(), r), ToReal(cpp_rational(all - fewer, all)));
            ExpectNear(grav_law_probability(found.get(), r),
                       ToReal(cpp_rational(at_most - fewer, all)));
        }
    }
}

TEST(LawOfStreaks, HasItsMoments)
{
    for (const Game &game : {laws::Streak(60, 1, 4), laws::Streak(50, 9, 10)})
        ExpectMoments(support::MakeLaw(game.Make()).get(), laws::OfStreak(game));
}

// ---- Published figures --------------------------------------------------------------------------

double AtLeast(const Game &game, uint64_t score)
{
    return grav_law_at_least(support::MakeLaw(game.Make()).get(), score).value;
}

TEST(LawOfDice, HasThePublishedFigures)
{
    const Game d6 = {{{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {6, 1}}, 10};
    EXPECT_EQ(AtLeast(d6, 60), 1.0 / 60466176);
    EXPECT_EQ(grav_law_mean(support::MakeLaw(d6.Make()).get()), 35);
    const Game two = {{{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {6, 1}}, 2};
    EXPECT_EQ(AtLeast(two, 7), 21.0 / 36);
    // "Dream's" trades for pearls, and his rods: 42 of 262 at 20/423, 211 of 305 at 1/2.
    EXPECT_NEAR(AtLeast({{{1, 20}, {0, 403}}, 262}, 42) / 5.58345503730157e-12, 1, 1e-14);
    EXPECT_NEAR(AtLeast({{{1, 1}, {0, 1}}, 305}, 211) / 8.79142680741717e-12, 1, 1e-14);
    EXPECT_EQ(AtLeast({{{1, 1}, {0, 3}}, 231}, 177), 1.2036758201322641e-60);
}

// 177 in a row, and all of 231: p^r (1 + (n - r) q).
TEST(LawOfStreaks, HasTheClosedFormOfLongOnes)
{
    support::Law found = support::MakeLaw(laws::Streak(231, 1, 4).Make());
    for (unsigned r : {116, 150, 177, 200, 231})
        ExpectNear(grav_law_at_least(found.get(), r),
                   pow(Real(4), -Real(r)) * (1 + Real(231 - r) * 3 / 4));
    // A fair coin tossed 200 times has seven heads in a row about half of the time.
    EXPECT_NEAR(AtLeast(laws::Streak(200, 1, 2), 7), 0.543, 0.001);
}

// ---- What follows from the law ------------------------------------------------------------------

// Shares that are no law's own, so that no rounding of either side decides.
const double kShares[] = {1e-290, 1e-40, 1e-9, 0.0123, 0.2501, 0.5001, 0.7499, 0.9877, 0.999999};

uint64_t QuantileByTrying(const Law &law, uint64_t sessions, double share)
{
    for (const auto &[score, ways] : law.ways)
        if (pow(ToReal(law.AtMost(score)), Real(sessions)) >= Real(share))
            return score;
    return law.ways.rbegin()->first;
}

TEST(LawAnswers, QuantilesAreThoseOfTrying)
{
    Random random(42);
    std::vector<Game> games = {laws::Streak(30, 1, 4), Game{{{1, 1}, {0, 3}}, 60},
                               Game{{{0, 1}, {100, 1}, {7, 1}}, 3},
                               Game{{{0, 1}, {1, 1000000}, {2, 1}}, 30}};
    for (int i = 0; i < 12; i++)
        games.push_back(laws::RandomGame(random, 4, 8));
    for (const Game &game : games) {
        SCOPED_TRACE(testing::Message() << game);
        const Law law = laws::Of(game);
        support::Law found = support::MakeLaw(game.Make());
        for (double share : kShares) {
            EXPECT_EQ(grav_law_quantile(found.get(), share), QuantileByTrying(law, 1, share));
            for (uint64_t sessions : {uint64_t{2}, uint64_t{1000}, uint64_t{1} << 40})
                EXPECT_EQ(grav_law_max_quantile(found.get(), sessions, share),
                          QuantileByTrying(law, sessions, share))
                    << sessions << " sessions, share " << share;
        }
        EXPECT_EQ(grav_law_quantile(found.get(), 0), law.ways.begin()->first);
        EXPECT_EQ(grav_law_quantile(found.get(), 1), law.ways.rbegin()->first);
    }
}

// A share that the law has itself: of 20 faces the lowest is that of one in twenty.
TEST(LawAnswers, QuantilesMeetTheLawsOwnShares)
{
    Game d20 = {{}, 1};
    for (uint32_t value = 1; value <= 20; value++)
        d20.die.push_back({value, 1});
    support::Law found = support::MakeLaw(d20.Make());
    for (unsigned i = 1; i <= 20; i++) {
        EXPECT_EQ(grav_law_quantile(found.get(), i / 20.0), i);
        EXPECT_EQ(grav_law_quantile(found.get(), std::nextafter(i / 20.0, 2)),
                  std::min(i + 1, 20u));
    }
    support::Law coins = support::MakeLaw(support::MakeExperiment(7, "1/2"));
    EXPECT_EQ(grav_law_quantile(coins.get(), 0.5), 3u);
}

TEST(LawAnswers, BestOfManyIsThatOfTheRational)
{
    const Game d6 = {{{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {6, 1}}, 3};
    const Law law = laws::Of(d6);
    support::Law found = support::MakeLaw(d6.Make());
    for (uint64_t score = 3; score <= 19; score++)
        for (uint64_t sessions : {1, 2, 3, 10, 100, 1000}) {
            const Real p = 1 - pow(ToReal(law.AtMost(score - 1)), Real(sessions));
            ExpectNear(grav_law_max_tail(found.get(), score, sessions), p);
            EXPECT_EQ(grav_law_max_at_least(found.get(), score, sessions),
                      grav_law_max_tail(found.get(), score, sessions).value);
        }
    EXPECT_EQ(grav_law_max_tail(found.get(), 3, 0).value, 0);
}

// The fewest sessions that do: one less does not.
TEST(LawAnswers, SessionsForAChanceAreTheFewest)
{
    const Game d6 = {{{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {6, 1}}, 4};
    const Law law = laws::Of(d6);
    support::Law found = support::MakeLaw(d6.Make());
    for (uint64_t score = 4; score <= 24; score++)
        for (double chance : {0.001, 0.25, 0.5, 0.75, 0.999}) {
            const auto sessions =
                static_cast<uint64_t>(grav_law_sessions_for(found.get(), score, chance).value);
            const Real none = ToReal(law.AtMost(score - 1));
            ASSERT_GE(sessions, 1u);
            EXPECT_GE(1 - pow(none, Real(sessions)), Real(chance)) << score;
            if (sessions > 1) {
                EXPECT_LT(1 - pow(none, Real(sessions - 1)), Real(chance)) << score;
            }
        }
    EXPECT_TRUE(std::isinf(grav_law_sessions_for(found.get(), 25, 0.5).value));
    // A coin: exactly one toss, and exactly two.
    support::Law coin = support::MakeLaw(support::MakeExperiment(1, "1/2"));
    EXPECT_EQ(grav_law_sessions_for(coin.get(), 1, 0.5).value, 1);
    EXPECT_EQ(grav_law_sessions_for(coin.get(), 1, 0.75).value, 2);
    support::Law quarter = support::MakeLaw(support::MakeExperiment(1, "1/4"));
    EXPECT_EQ(grav_law_sessions_for(quarter.get(), 1, 0.4375).value, 2);
    support::Law founding = support::MakeLaw(support::MakeExperiment(231, "1/4"));
    ExpectNear(grav_law_sessions_for(founding.get(), 177, 0.5),
               log(Real(2)) / Real("1.20367582013226412771e-60"));
}

TEST(LawAnswers, DecimalsAreDivided)
{
    for (auto [exponent, divisor] :
         {std::pair{int64_t{0}, 3.0}, {59, 1e9}, {312, 1e9}, {-312, 1e-9}, {6000, 7.0}}) {
        grav_decimal x = {exponent > 300 ? INFINITY : std::pow(10, static_cast<double>(exponent)),
                          2.5, exponent};
        ExpectNear(grav_decimal_over(x, divisor),
                   Real(2.5) * pow(Real(10), Real(exponent)) / Real(divisor));
    }
    EXPECT_EQ(grav_decimal_over(grav_decimal{}, 2).value, 0);
}

// ---- Limits -------------------------------------------------------------------------------------

std::string Refusal(const Game &game)
{
    grav_law *law = nullptr;
    grav_error err = {};
    EXPECT_EQ(grav_law_create(game.Make().get(), &law, &err), GRAV_ERROR_INVALID);
    EXPECT_EQ(law, nullptr);
    grav_law_destroy(law);
    return err.message;
}

TEST(LawLimits, AreInTheMessage)
{
    Game wide = {{}, 1000000};
    for (uint32_t value = 0; value <= 10; value++)
        wide.die.push_back({value, 1});
    EXPECT_EQ(Refusal(wide), "rolls 1000000: the law of this die has 10000001 scores; it is worked "
                             "out for at most 1048577");
    EXPECT_EQ(Refusal({{{5, 1}, {9, 1}}, 1048577}),
              "rolls 1048577: the law is worked out for at most 1048576 rolls");
}

// What is within the limit is taken, one roll more is not: asked without working it out.
TEST(LawLimits, AreWhereTheMessageSays)
{
    const Game d6 = {{{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {6, 1}}, 150000};
    for (Game game : {d6, laws::Streak(1000000, 1, 4), laws::Streak(1000000, 1, 2)}) {
        std::smatch found;
        const std::string message = Refusal(game);
        ASSERT_TRUE(std::regex_search(message, found, std::regex("at most ([0-9]+) rolls")))
            << message;
        game.rolls = static_cast<uint32_t>(std::stoul(found[1]));
        EXPECT_GE(game.rolls, 9000u);
        grav_error err = {};
        EXPECT_EQ(grav_thresholds_check(game.Make().get(), &err), GRAV_OK) << err.message;
        game.rolls++;
        EXPECT_EQ(Refusal(game),
                  "rolls " + std::to_string(game.rolls) + message.substr(message.find(':')));
    }
}

// As many rolls of two values as may be, whatever the values: the binomial law beside it.
TEST(LawLimits, OfTwoValuesAreThoseOfAChance)
{
    const Game game = {{{10, 3}, {1010, 1}}, GRAV_LAW_ROLLS_MAX};
    support::Law found = support::MakeLaw(game.Make());
    support::Law chance = support::MakeLaw(support::MakeExperiment(GRAV_LAW_ROLLS_MAX, "1/4"));
    const uint64_t low = uint64_t{10} * GRAV_LAW_ROLLS_MAX;
    for (uint64_t k : {uint64_t{0}, uint64_t{1}, uint64_t{262000}, uint64_t{262144},
                       uint64_t{GRAV_LAW_ROLLS_MAX}}) {
        EXPECT_EQ(grav_law_at_least(found.get(), low + 1000 * k).mantissa,
                  grav_law_at_least(chance.get(), k).mantissa);
        EXPECT_EQ(grav_law_probability(found.get(), low + 1000 * k).exponent,
                  grav_law_probability(chance.get(), k).exponent);
    }
    EXPECT_EQ(grav_law_equal(found.get(), low + 1), 0);
    EXPECT_EQ(grav_law_mean(found.get()), 10.0 * GRAV_LAW_ROLLS_MAX + 1000 * 262144.0);
}

} // namespace
