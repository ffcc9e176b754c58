// The CPU yardstick: a rival that rolled less than it says would be no yardstick.
#include "yardstick_cpu.h"

#include <algorithm>
#include <array>
#include <bitset>
#include <cmath>
#include <gtest/gtest.h>
#include <vector>

namespace {

// xoshiro256+ as its authors write it: one generator, word by word.
class Xoshiro {
  public:
    Xoshiro(const yardstick_state &state, size_t lane)
        : s_{state.s[0][lane], state.s[1][lane], state.s[2][lane], state.s[3][lane]}
    {
    }

    uint64_t Next()
    {
        uint64_t result = s_[0] + s_[3], t = s_[1] << 17;
        s_[2] ^= s_[0];
        s_[3] ^= s_[1];
        s_[1] ^= s_[2];
        s_[0] ^= s_[3];
        s_[2] ^= t;
        s_[3] = s_[3] << 45 | s_[3] >> 19;
        return result;
    }

  private:
    std::array<uint64_t, 4> s_;
};

// Roll after roll: the first 231 bits of ANDs of two draws.
unsigned Score(Xoshiro *bits)
{
    unsigned score = 0;
    for (unsigned roll = 0; roll < 231;) {
        uint64_t first = bits->Next();
        std::bitset<64> both(first & bits->Next());
        for (size_t i = 0; i < 64 && roll < 231; i++, roll++)
            score += both[i];
    }
    return score;
}

class Yardstick : public testing::TestWithParam<size_t> {
  protected:
    void SetUp() override
    {
        variant_ = yardstick_variant_at(GetParam());
        if (!variant_->runs_here())
            GTEST_SKIP() << "this CPU cannot play with " << variant_->name;
    }

    std::vector<uint8_t> Scores(yardstick_state *state, uint64_t steps) const
    {
        std::vector<uint8_t> scores(steps * YARDSTICK_LANES);
        variant_->scores[YARDSTICK_TUNED](state, steps, scores.data());
        return scores;
    }

    const yardstick_variant *variant_ = nullptr;
};

TEST_P(Yardstick, Rolls231TimesASession)
{
    yardstick_state state;
    yardstick_seed(&state, 42);
    std::vector<Xoshiro> bits;
    for (size_t lane = 0; lane < YARDSTICK_LANES; lane++)
        bits.emplace_back(state, lane);
    std::vector<uint8_t> scores = Scores(&state, 500);
    for (size_t i = 0; i < scores.size(); i++)
        ASSERT_EQ(scores[i], Score(&bits[i % YARDSTICK_LANES])) << i;
}

// As published: four lanes of one AND, the last with 39 bits.
TEST_P(Yardstick, Rolls231TimesASessionAsPublished)
{
    size_t vector = variant_->isa == GRAV_ISA_AVX512 ? 8 : variant_->isa == GRAV_ISA_AVX2 ? 4 : 0;
    if (vector == 0)
        return; // the same as tuned, which is tested above
    yardstick_state state, again;
    yardstick_seed(&state, 42);
    again = state;
    std::vector<Xoshiro> bits;
    for (size_t lane = 0; lane < YARDSTICK_LANES; lane++)
        bits.emplace_back(state, lane);
    constexpr size_t kSteps = 300;
    std::vector<uint8_t> scores(kSteps * YARDSTICK_LANES);
    variant_->scores[YARDSTICK_PUBLISHED](&state, kSteps, scores.data());
    for (size_t pair = 0; pair < 4 * kSteps; pair++) {
        for (size_t lane = 0; lane < YARDSTICK_LANES; lane += 4) {
            size_t score = 0;
            for (size_t i = 0; i < 4; i++) {
                uint64_t first = bits[lane + i].Next();
                std::bitset<64> both(first & bits[lane + i].Next());
                for (size_t bit = 0; bit < (i < 3 ? 64U : 231U - 3 * 64U); bit++)
                    score += both[bit];
            }
            size_t at = pair / 4 * YARDSTICK_LANES + lane - lane % vector +
                        pair % 4 * (vector / 4) + lane % vector / 4;
            ASSERT_EQ(scores[at], score) << "pair " << pair << ", lane " << lane;
        }
    }
    EXPECT_EQ(variant_->best[YARDSTICK_PUBLISHED](&again, kSteps),
              *std::max_element(scores.begin(), scores.end()));
}

TEST_P(Yardstick, FollowsTheLaw)
{
    yardstick_state state;
    yardstick_seed(&state, 1);
    std::vector<uint8_t> scores = Scores(&state, 1 << 16);
    double n = static_cast<double>(scores.size()), sum = 0, squares = 0;
    for (uint8_t score : scores) {
        sum += score - 57.75;
        squares += (score - 57.75) * (score - 57.75);
    }
    // Five standard errors. The variance's is about variance * sqrt(2 / n).
    EXPECT_NEAR(sum / n, 0, 5 * std::sqrt(43.3125 / n));
    EXPECT_NEAR(squares / n, 43.3125, 5 * 43.3125 * std::sqrt(2 / n));
}

TEST_P(Yardstick, KeepsTheHighestScore)
{
    yardstick_state state, again;
    for (uint64_t seed = 0; seed < 20; seed++) {
        yardstick_seed(&state, seed);
        yardstick_seed(&again, seed);
        std::vector<uint8_t> scores = Scores(&state, 50);
        EXPECT_EQ(variant_->best[YARDSTICK_TUNED](&again, 50),
                  *std::max_element(scores.begin(), scores.end()));
        // Both go on from the same place.
        EXPECT_EQ(Scores(&state, 1), Scores(&again, 1));
    }
}

TEST_P(Yardstick, PlaysAsManySessionsAsItIsTold)
{
    // Thread 0 plays the first of an odd number of sessions; its generators are the seed's.
    yardstick_state state;
    yardstick_seed(&state, 9);
    std::vector<uint8_t> scores = Scores(&state, 1);
    for (unsigned sessions = 1; sessions <= YARDSTICK_LANES; sessions++) {
        double seconds = -1;
        unsigned best = 0;
        yardstick_cpu_play(variant_, YARDSTICK_TUNED, 9, 1, sessions, &seconds, &best);
        EXPECT_EQ(best, *std::max_element(scores.begin(), scores.begin() + sessions)) << sessions;
        EXPECT_GE(seconds, 0);
    }
}

TEST_P(Yardstick, GivesThreadsDifferentGenerators)
{
    // With one session a thread the best is that of the threads' first sessions.
    double seconds;
    unsigned best = 0, highest = 0;
    for (uint64_t thread = 0; thread < 3; thread++) {
        unsigned alone = 0;
        yardstick_cpu_play(variant_, YARDSTICK_TUNED, 9 + (thread << 32), 1, 1, &seconds, &alone);
        highest = std::max(highest, alone);
    }
    yardstick_cpu_play(variant_, YARDSTICK_TUNED, 9, 3, 3, &seconds, &best);
    EXPECT_EQ(best, highest);
}

std::vector<size_t> All()
{
    std::vector<size_t> all;
    while (yardstick_variant_at(all.size()))
        all.push_back(all.size());
    return all;
}

std::string Name(const testing::TestParamInfo<size_t> &info)
{
    return yardstick_variant_at(info.param)->name;
}

INSTANTIATE_TEST_SUITE_P(Cpu, Yardstick, testing::ValuesIn(All()), Name);

TEST(YardstickVariants, BestComesFirst)
{
    const yardstick_variant *best = yardstick_variant_for(GRAV_ISA_AUTO);
    ASSERT_TRUE(best);
    for (size_t i = 0; yardstick_variant_at(i) != best; i++)
        EXPECT_FALSE(yardstick_variant_at(i)->runs_here());
    for (int isa = GRAV_ISA_PORTABLE; grav_isa_name(isa); isa++) {
        const yardstick_variant *variant = yardstick_variant_for(static_cast<grav_isa>(isa));
        EXPECT_EQ(variant != nullptr, grav_cpu_has(static_cast<grav_isa>(isa)));
        if (variant) {
            EXPECT_EQ(variant->isa, isa);
        }
    }
}

} // namespace
