// Laws of dice and streaks in whole numbers, found in ways that the library does not use: every
// outcome by itself, or one roll after the other.
#ifndef GRAV_TESTS_LAWS_H
#define GRAV_TESTS_LAWS_H

#include <boost/multiprecision/cpp_dec_float.hpp>
#include <boost/multiprecision/cpp_int.hpp>
#include <map>

#include "playing.h"

namespace laws {

using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;
using Real = boost::multiprecision::cpp_dec_float_100;

struct Face {
    uint32_t value;
    cpp_int weight;
};

struct Game {
    std::vector<Face> die;
    uint32_t rolls;
    grav_statistic statistic = GRAV_STATISTIC_SUM;

    std::string List() const; // the die as --die has it
    support::Experiment Make(std::optional<uint64_t> target = std::nullopt) const;
    uint64_t ScoreMin() const; // over all faces
    uint64_t ScoreMax() const;
};
std::ostream &operator<<(std::ostream &out, const Game &game);

// A die of a few faces: some have no weight, some share a value, there are gaps, the lowest value
// may be high and weights long.
Game RandomGame(playing::Random &random, size_t faces_max, uint32_t rolls_max);

Game Streak(uint32_t rolls, const cpp_int &scores, const cpp_int &all);

// Ways to score, by score, without those of none.
struct Law {
    std::map<uint64_t, cpp_int> ways;
    cpp_int all = 0;

    cpp_rational Equal(uint64_t score) const;
    cpp_rational AtLeast(uint64_t score) const;
    cpp_rational AtMost(uint64_t score) const;
};

// Rolls every outcome there is.
Law ByEnumeration(const Game &game);

// Adds one die after the other to a sum's law.
Law ByRolls(const Game &game);

// Ways to have less than `length` in a row, by the length of the run that the rolls so far end in.
cpp_int WaysWithout(const Game &streak, uint32_t length);
Law OfStreak(const Game &streak);

// The law of either, whichever way is short.
Law Of(const Game &game);

// floor(2^64 P(score <= v)) for v from ScoreMin() to below the highest possible score.
std::vector<uint64_t> Thresholds(const Game &game, const Law &law);

Real ToReal(const cpp_rational &x);
Real ToReal(const grav_decimal &x);

// found is x to the last digits of a double, in both forms.
void ExpectNear(const grav_decimal &found, const Real &x);

} // namespace laws

#endif
