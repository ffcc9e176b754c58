// The core of the GPU yardstick, which must roll what the founding job rolls: neither a roll more
// nor less, and none of them twice.
#include "yardstick_core.h"

#include <algorithm>
#include <array>
#include <boost/math/distributions/binomial.hpp>
#include <boost/math/distributions/chi_squared.hpp>
#include <gtest/gtest.h>
#include <random>
#include <set>
#include <utility>
#include <vector>

namespace {

constexpr unsigned kRolls = 231;
constexpr unsigned kBits = 32 * BENCH_YARDSTICK_WORDS;
using Words = std::array<uint32_t, BENCH_YARDSTICK_WORDS>;
using Scores = std::pair<unsigned, unsigned>;

Scores Play(const Words &words)
{
    unsigned scores[2];
    bench_yardstick_scores(words.data(), scores);
    return {scores[0], scores[1]};
}

Words Flipped(Words words, unsigned bit)
{
    words[bit / 32] ^= 1u << bit % 32;
    return words;
}

// Bit b of word w is 32 w + b.
const std::set<unsigned> kUnread = {28 * 32 + 14, 28 * 32 + 15, 28 * 32 + 30, 28 * 32 + 31};

TEST(YardstickCore, ReadsEachBitForOneSession)
{
    Words ones;
    ones.fill(0xffffffffu);
    ASSERT_EQ(Play(ones), Scores(kRolls, kRolls));
    std::set<unsigned> unread;
    unsigned first = 0, second = 0;
    for (unsigned bit = 0; bit < kBits; bit++) {
        Scores scores = Play(Flipped(ones, bit));
        if (scores == Scores(kRolls, kRolls))
            unread.insert(bit);
        else if (scores == Scores(kRolls - 1, kRolls))
            first++;
        else if (scores == Scores(kRolls, kRolls - 1))
            second++;
        else
            ADD_FAILURE() << "bit " << bit << ": " << scores.first << ", " << scores.second;
    }
    EXPECT_EQ(unread, kUnread);
    EXPECT_EQ(first, 2 * kRolls);
    EXPECT_EQ(second, 2 * kRolls);
}

// A roll needs two ones: a bit has one partner, and it is the one that the table tells.
TEST(YardstickCore, PairsBitsAsTold)
{
    std::array<unsigned, 2> rolls = {0, 0};
    for (unsigned a = 0; a < kBits; a++) {
        Words one = Flipped({}, a);
        ASSERT_EQ(Play(one), Scores(0, 0)) << a;
        for (unsigned b = a + 1; b < kBits; b++) {
            Scores scores = Play(Flipped(one, b));
            bool in_last = a / 32 == 28;
            bool partners =
                in_last ? b == a + 16 && !kUnread.count(a) : b == a + 32 && a / 32 % 2 == 0;
            bool second = in_last ? a % 32 >= 7 : a / 32 >= 14;
            ASSERT_EQ(scores, Scores(partners && !second, partners && second)) << a << ", " << b;
            rolls[second] += partners;
        }
    }
    EXPECT_EQ(rolls[0], kRolls);
    EXPECT_EQ(rolls[1], kRolls);
}

// Scores below and above are pooled: each cell expects more than 50 of the sessions below.
constexpr unsigned kLow = 39, kHigh = 79;
constexpr unsigned kPairs = 100000;

double ChiSquareP(const std::vector<unsigned> &seen)
{
    const boost::math::binomial_distribution<double> law(kRolls, 0.25);
    double value = 0;
    for (unsigned score = kLow; score <= kHigh; score++) {
        double p = score == kLow    ? cdf(law, score)
                   : score == kHigh ? cdf(complement(law, score - 1))
                                    : pdf(law, score);
        double due = kPairs * p;
        EXPECT_GT(due, 50);
        value += (seen[score] - due) * (seen[score] - due) / due;
    }
    const boost::math::chi_squared_distribution<double> chi2(kHigh - kLow);
    return cdf(complement(chi2, value));
}

TEST(YardstickCore, ScoresAreBinomial)
{
    std::mt19937 random(231);
    std::vector<unsigned> first(kRolls + 1), second(kRolls + 1);
    for (unsigned i = 0; i < kPairs; i++) {
        Words words;
        std::generate(words.begin(), words.end(), [&] { return static_cast<uint32_t>(random()); });
        Scores scores = Play(words);
        first[std::clamp(scores.first, kLow, kHigh)]++;
        second[std::clamp(scores.second, kLow, kHigh)]++;
    }
    for (const auto &seen : {first, second}) {
        double p = ChiSquareP(seen);
        EXPECT_GT(p, 1e-4);
        EXPECT_LT(p, 1 - 1e-4);
    }
}

} // namespace
