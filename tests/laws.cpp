#include "laws.h"

#include <algorithm>
#include <stdexcept>

namespace laws {

std::string Game::List() const
{
    std::ostringstream text;
    for (const Face &face : die)
        text << (text.tellp() > 0 ? "," : "") << face.value << "x" << face.weight;
    return text.str();
}

support::Experiment Game::Make(std::optional<uint64_t> target) const
{
    const std::string list = List();
    grav_experiment_spec spec;
    grav_experiment *experiment = nullptr;
    grav_error err = {};
    grav_experiment_spec_init(&spec);
    spec.rolls = rolls;
    spec.die = list.c_str();
    spec.statistic = statistic;
    spec.has_target = target.has_value();
    spec.target = target.value_or(0);
    if (grav_experiment_create(&spec, &experiment, &err) != GRAV_OK)
        throw std::runtime_error(err.message);
    return support::Experiment(experiment);
}

uint64_t Game::ScoreMin() const
{
    uint32_t low = UINT32_MAX;
    for (const Face &face : die)
        low = std::min(low, face.value);
    return statistic == GRAV_STATISTIC_STREAK ? 0 : uint64_t{rolls} * low;
}

uint64_t Game::ScoreMax() const
{
    uint32_t high = 0;
    for (const Face &face : die)
        high = std::max(high, face.value);
    return uint64_t{rolls} * high;
}

std::ostream &operator<<(std::ostream &out, const Game &game)
{
    return out << game.rolls << " rolls of " << game.List() << ", "
               << grav_statistic_name(static_cast<int>(game.statistic));
}

Game RandomGame(playing::Random &random, size_t faces_max, uint32_t rolls_max)
{
    using playing::Below;
    const uint64_t spread = uint64_t{1} << (1 + Below(random, 5));
    const uint64_t base = Below(random, 3) ? 0 : Below(random, 1000);
    const uint64_t step = Below(random, 3) ? 1 : 1 + Below(random, 7);
    const int bits = std::array{3, 3, 3, 40, 60, 100}[Below(random, 6)];
    Game game;
    size_t faces = 2 + Below(random, faces_max - 1);
    for (size_t i = 0; i < faces; i++) {
        cpp_int weight =
            Below(random, 5) ? 1 + (cpp_int(random()) << 64 | random()) % (cpp_int(1) << bits) : 0;
        auto value = static_cast<uint32_t>(base + step * Below(random, spread));
        game.die.push_back({value, weight});
    }
    if (std::all_of(game.die.begin(), game.die.end(), [](auto &f) { return f.weight == 0; }))
        game.die[0].weight = 1;
    game.rolls = static_cast<uint32_t>(1 + Below(random, rolls_max));
    return game;
}

Game Streak(uint32_t rolls, const cpp_int &scores, const cpp_int &all)
{
    return {{{1, scores}, {0, all - scores}}, rolls, GRAV_STATISTIC_STREAK};
}

cpp_rational Law::Equal(uint64_t score) const
{
    auto found = ways.find(score);
    return found == ways.end() ? cpp_rational(0) : cpp_rational(found->second, all);
}

cpp_rational Law::AtLeast(uint64_t score) const
{
    cpp_int sum = 0;
    for (auto it = ways.lower_bound(score); it != ways.end(); ++it)
        sum += it->second;
    return cpp_rational(sum, all);
}

cpp_rational Law::AtMost(uint64_t score) const
{
    return 1 - AtLeast(score + 1);
}

namespace {

void Add(Law *law, uint64_t score, const cpp_int &ways)
{
    if (ways != 0)
        law->ways[score] += ways;
    law->all += ways;
}

// Goes on from rolls that were made: their ways, the score of the sum, the run they end in and the
// longest.
void Enumerate(const Game &game, uint32_t left, const cpp_int &ways, uint64_t sum, uint64_t run,
               uint64_t longest, Law *law)
{
    if (left == 0) {
        Add(law, game.statistic == GRAV_STATISTIC_STREAK ? longest : sum, ways);
        return;
    }
    for (const Face &face : game.die) {
        if (face.weight == 0)
            continue;
        uint64_t now = face.value == 1 ? run + 1 : 0;
        Enumerate(game, left - 1, ways * face.weight, sum + face.value, now, std::max(longest, now),
                  law);
    }
}

} // namespace

Law ByEnumeration(const Game &game)
{
    Law law;
    Enumerate(game, game.rolls, 1, 0, 0, 0, &law);
    return law;
}

Law ByRolls(const Game &game)
{
    Law law;
    Add(&law, 0, 1);
    for (uint32_t roll = 0; roll < game.rolls; roll++) {
        Law next;
        for (const auto &[score, ways] : law.ways)
            for (const Face &face : game.die)
                Add(&next, score + face.value, ways * face.weight);
        law = std::move(next);
    }
    return law;
}

cpp_int WaysWithout(const Game &streak, uint32_t length)
{
    const cpp_int &scores = streak.die[0].weight, &not_scores = streak.die[1].weight;
    std::vector<cpp_int> by_run(length);
    if (length == 0)
        return 0;
    by_run[0] = 1;
    for (uint32_t roll = 0; roll < streak.rolls; roll++) {
        cpp_int all = 0;
        for (const cpp_int &ways : by_run)
            all += ways;
        for (uint32_t run = length - 1; run > 0; run--)
            by_run[run] = by_run[run - 1] * scores;
        by_run[0] = all * not_scores;
    }
    cpp_int all = 0;
    for (const cpp_int &ways : by_run)
        all += ways;
    return all;
}

Law OfStreak(const Game &streak)
{
    Law law;
    cpp_int before = 0;
    for (uint32_t score = 0; score <= streak.rolls; score++) {
        cpp_int at_most = WaysWithout(streak, score + 1);
        Add(&law, score, at_most - before);
        before = at_most;
    }
    return law;
}

Law Of(const Game &game)
{
    return game.statistic == GRAV_STATISTIC_STREAK ? OfStreak(game) : ByRolls(game);
}

std::vector<uint64_t> Thresholds(const Game &game, const Law &law)
{
    std::vector<uint64_t> thresholds;
    cpp_int at_most = 0;
    for (uint64_t score = game.ScoreMin(); score < law.ways.rbegin()->first; score++) {
        auto found = law.ways.find(score);
        if (found != law.ways.end())
            at_most += found->second;
        thresholds.push_back(cpp_int((at_most << 64) / law.all).convert_to<uint64_t>());
    }
    return thresholds;
}

Real ToReal(const cpp_rational &x)
{
    return Real(numerator(x)) / Real(denominator(x));
}

Real ToReal(const grav_decimal &x)
{
    return Real(x.mantissa) * pow(Real(10), Real(x.exponent));
}

void ExpectNear(const grav_decimal &found, const Real &x)
{
    const Real tolerance("3e-16");
    if (x == 0) {
        EXPECT_EQ(found.value, 0);
        EXPECT_EQ(found.mantissa, 0);
        return;
    }
    EXPECT_GE(found.mantissa, 1);
    EXPECT_LT(found.mantissa, 10);
    EXPECT_LT(abs(ToReal(found) / x - 1), tolerance) << found.mantissa << "e" << found.exponent;
    if (x > Real("1e-300") && x < Real("1e308")) {
        EXPECT_LT(abs(Real(found.value) / x - 1), tolerance) << found.value;
    }
}

} // namespace laws
