// The distribution of the scores of dice and streaks against laws that are worked out here, by
// adding up probabilities in long double.
#include <boost/math/distributions/chi_squared.hpp>
#include <boost/math/distributions/poisson.hpp>

#include "fit.h"
#include "games.h"

#include <cmath>

namespace {

using games::Chance;
using games::Dice;
using games::Game;
using games::Streak;
using playing::kEngines;

using Real = long double;

// ---- Laws ---------------------------------------------------------------------------------------

// P(score = low + i) at i, for scores from the lowest on.
struct Law {
    uint64_t low;
    std::vector<Real> chances;
};

Law SumLaw(uint32_t rolls, const reference::Die &die)
{
    boost::multiprecision::cpp_rational weights = 0;
    uint32_t low = UINT32_MAX, high = 0;
    for (const reference::Face &face : die) {
        weights += face.weight;
        low = std::min(low, face.value);
        high = std::max(high, face.value);
    }
    std::vector<Real> sums = {1};
    for (uint32_t roll = 0; roll < rolls; roll++) {
        std::vector<Real> next(sums.size() + high - low);
        for (const reference::Face &face : die) {
            const Real p =
                boost::multiprecision::cpp_rational(face.weight / weights).convert_to<Real>();
            for (size_t i = 0; p > 0 && i < sums.size(); i++)
                next[i + face.value - low] += p * sums[i];
        }
        sums = next;
    }
    return {uint64_t{rolls} * low, sums};
}

// P(no run is longer than `longest`): by where the first roll that does not score is.
Real NoLongerRun(uint32_t rolls, Real p, uint32_t longest)
{
    std::vector<Real> none = {1}; // by number of rolls
    for (uint32_t n = 1; n <= rolls; n++) {
        Real sum = n <= longest ? std::pow(p, static_cast<Real>(n)) : 0, run = 1;
        for (uint32_t before = 0; before <= longest && before < n; before++, run *= p)
            sum += run * (1 - p) * none[n - 1 - before];
        none.push_back(sum);
    }
    return none[rolls];
}

Law StreakLaw(uint32_t rolls, Real p)
{
    Law law = {0, {}};
    Real below = 0;
    for (uint32_t score = 0; score <= rolls; score++) {
        const Real at_most = 1 - below > 1e-16L ? NoLongerRun(rolls, p, score) : 1;
        law.chances.push_back(at_most - below);
        below = at_most;
    }
    return law;
}

Law LawOf(const Game &game)
{
    if (game.statistic == GRAV_STATISTIC_STREAK)
        return StreakLaw(game.rolls, reference::ParseNumber(game.chance).convert_to<Real>());
    return SumLaw(game.rolls, game.die.empty()
                                  ? reference::DieOf(reference::ParseChance(game.chance))
                                  : reference::ParseDie(game.die));
}

// Every sequence of rolls of a small die, one after the other.
TEST(DiceLaw, IsThatOfAllSequences)
{
    const Real w[] = {0.5L, 0.125L, 0.375L};
    const uint32_t value[] = {3, 0, 5};
    std::vector<Real> sums(5 * 6 + 1);
    for (uint32_t which = 0; which < 729; which++) {
        Real p = 1;
        uint32_t sum = 0;
        for (uint32_t roll = 0, rest = which; roll < 6; roll++, rest /= 3) {
            p *= w[rest % 3];
            sum += value[rest % 3];
        }
        sums[sum] += p;
    }
    const Law law = LawOf(Dice(6, "3x4,0x1,5x3"));
    ASSERT_EQ(law.chances.size(), sums.size());
    for (size_t i = 0; i < sums.size(); i++)
        EXPECT_NEAR(static_cast<double>(law.chances[i]), static_cast<double>(sums[i]), 1e-15) << i;
}

TEST(DiceLaw, OfAStreakIsThatOfAllSequences)
{
    const uint32_t rolls = 12;
    std::vector<Real> streaks(rolls + 1);
    for (uint32_t which = 0; which < 1u << rolls; which++) {
        Real p = 1;
        uint32_t run = 0, longest = 0;
        for (uint32_t roll = 0; roll < rolls; roll++) {
            const bool scores = (which >> roll & 1) != 0;
            p *= scores ? 0.3L : 0.7L;
            run = scores ? run + 1 : 0;
            longest = std::max(longest, run);
        }
        streaks[longest] += p;
    }
    const Law law = LawOf(Streak(rolls, "0.3"));
    for (size_t i = 0; i <= rolls; i++)
        EXPECT_NEAR(static_cast<double>(law.chances[i]), static_cast<double>(streaks[i]), 1e-15);
}

// ---- Fit ----------------------------------------------------------------------------------------

const Game kGames[] = {
    Dice(1, "1..6"),
    Dice(1, "0..19"),
    Dice(2, "1..6"),
    Dice(10, "1..6"),
    Dice(10, "6,5,4,3,2,1"),
    Dice(3, "1000000000..1000000009"),
    Dice(5, "0..9"),
    Dice(4, "1x1,2x2,3x3,4x4,5x5,6x6"),
    Dice(20, "9x0,5x1/3,7x2,6x0.5,2x0"),
    Dice(30, "0,1,10"),
    Dice(64, "2,1,0"),
    Dice(65, "2,1,0"),
    Dice(100, "1..4"),
    Dice(231, "0x3,1x1"),
    Dice(231, "2x1,1x1,0x14"),
    Dice(300, "1x1/3,2x1/3,0x1/3"),
    Dice(7, "100x0.001,0x0.9,3x0.099"),
    Dice(129, "7x1e-3,1x0.999,0x1e-6"),
    Dice(12, "0x1,1x0,2x1,3x0,4x1,5x0"),
    Chance(231, "1/3"),
    Chance(231, "0.3"),
    Chance(10, "0.1"),
    Chance(64, "2/3"),
    Chance(100, "0.01"),
    Chance(500, "0.7"),
    Chance(231, "11/32"),
    Streak(10, "1/2"),
    Streak(64, "0.3"),
    Streak(65, "2/3"),
    Streak(100, "0.9"),
    Streak(231, "1/4"),
    Streak(231, "1/2"),
    Streak(231, "0.99"),
    Streak(255, "0.7"),
    Streak(256, "1/3"),
    Streak(257, "0.95"),
    Streak(300, "0.98"),
    Streak(520, "0.6"),
};

// Runs a game and returns the p-value of chi-square against a law.
double Fit(const support::Backend &backend, const Game &game, const Law &law,
           const playing::Engine &engine, uint64_t seed, uint64_t sessions)
{
    grav_run_spec spec = support::Spec(backend, seed, 0, sessions);
    spec.engine = engine.id;
    std::vector<double> expected;
    for (Real p : law.chances)
        expected.push_back(static_cast<double>(p * static_cast<Real>(sessions)));
    std::vector<uint64_t> histogram(expected.size());
    for (const auto &[score, count] : support::Counts(support::Run(games::Make(game), spec))) {
        histogram.at(score - law.low) = count;
        EXPECT_GT(expected.at(score - law.low), 0) << "impossible score " << score;
    }
    return fit::TestCells(histogram, expected, fit::PooledCells(expected)).p;
}

// Fisher's way to make one p-value of many.
double Combined(const std::vector<double> &ps)
{
    double value = 0;
    for (double p : ps)
        value -= 2 * std::log(p);
    const boost::math::chi_squared_distribution<double> law(2 * static_cast<double>(ps.size()));
    return cdf(complement(law, value));
}

void ExpectAllLucky(const support::Backend &backend, uint64_t seed, uint64_t sessions)
{
    std::vector<double> ps;
    for (const Game &game : kGames) {
        SCOPED_TRACE(testing::Message() << game);
        const playing::Engine &engine = kEngines[(seed + ps.size()) % 3];
        ps.push_back(Fit(backend, game, LawOf(game), engine, seed + ps.size(), sessions));
        fit::ExpectLucky(ps.back());
    }
    EXPECT_GE(ps.size(), 30u);
    fit::ExpectLucky(Combined(ps));
}

class DiceDistribution : public support::OnBackend {};
GRAV_ON_EVERY_BACKEND(DiceDistribution);

TEST_P(DiceDistribution, IsTheLaw)
{
    ExpectAllLucky(GetParam(), 200, 50000);
}

// The test sees a chance that is off by a little.
TEST_P(DiceDistribution, OfAnotherDieIsTold)
{
    const Law law = LawOf(Dice(10, "1..6"));
    EXPECT_LT(Fit(GetParam(), Dice(10, "1..5,6x1.05"), law, kEngines[0], 1, 200000), 1e-6);
    EXPECT_LT(
        Fit(GetParam(), Streak(231, "0.252"), LawOf(Streak(231, "1/4")), kEngines[0], 1, 1000000),
        1e-6);
}

class SlowDiceDistribution : public support::OnBackend {};
GRAV_ON_EVERY_BACKEND(SlowDiceDistribution);

TEST_P(SlowDiceDistribution, IsTheLaw)
{
    ExpectAllLucky(GetParam(), 300, 1000000);
}

// Far out, where shortcuts would show: how many sessions there are is Poisson's.
TEST_P(SlowDiceDistribution, FarOutIsTheLaw)
{
    const uint64_t sessions = 4000000;
    for (const auto &[game, due_at_least] : {std::pair{Dice(10, "1..6"), 8.0},
                                             {Dice(231, "2x1,1x1,0x14"), 8.0},
                                             {Chance(231, "1/3"), 8.0},
                                             {Streak(231, "1/4"), 8.0},
                                             {Streak(300, "0.7"), 8.0}}) {
        SCOPED_TRACE(testing::Message() << game);
        const Law law = LawOf(game);
        size_t far = law.chances.size();
        double due = 0;
        while (due < due_at_least)
            due += static_cast<double>(law.chances[--far] * static_cast<Real>(sessions));
        uint64_t seen = 0;
        grav_run_spec spec = support::Spec(GetParam(), 17, 0, sessions);
        for (const auto &[score, count] : support::Counts(support::Run(games::Make(game), spec)))
            seen += score >= law.low + far ? count : 0;
        const boost::math::poisson_distribution<double> poisson(due);
        const auto count = static_cast<double>(seen);
        EXPECT_GT(cdf(poisson, count), fit::kUnlucky) << seen << " where " << due << " are due";
        EXPECT_GT(seen ? cdf(complement(poisson, count - 1)) : 1, fit::kUnlucky)
            << seen << " where " << due << " are due";
    }
}

} // namespace
