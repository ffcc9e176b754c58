// Engine `gen3`: what runs refuse, what results keep, and all of its 2^32 states.
#include "playing_gen3.h"

#include <algorithm>

namespace {

using playing_gen3::kStates;
using playing_gen3::Make;
using playing_gen3::Spec;
using reference::Gen3Experiment;

// ---- What is refused, and what a result keeps ---------------------------------------------------

class Gen3Refused : public testing::Test {
  protected:
    Gen3Refused() : spec_(Spec(playing::Portable(), Gen3Experiment(), 0, 100))
    {
    }

    void Expect(const std::string &message, const support::Experiment &experiment)
    {
        grav_error err = {};
        EXPECT_EQ(grav_run_check(experiment.get(), &spec_, &err), GRAV_ERROR_INVALID);
        EXPECT_NE(std::string(err.message).find(message), std::string::npos) << err.message;
    }

    grav_run_spec spec_;
    support::Experiment founding_ = support::MakeExperiment(231, "1/4");
};

TEST_F(Gen3Refused, Seeds)
{
    spec_.seed = 1;
    Expect("engine gen3 has no seed: a session's index is its starting state", founding_);
    EXPECT_FALSE(grav_engine_has_seed(GRAV_ENGINE_GEN3));
    EXPECT_TRUE(grav_engine_has_seed(GRAV_ENGINE_FAST));
}

TEST_F(Gen3Refused, Calls)
{
    spec_.calls_per_roll = 0;
    Expect("calls-per-roll 0 is not from 1", founding_);
    spec_.calls_per_roll = 2;
    EXPECT_EQ(grav_run_check(founding_.get(), &spec_, nullptr), GRAV_OK);
    for (const playing::Engine &engine : playing::kEngines) {
        spec_.engine = engine.id;
        Expect("calls-per-roll 2 wants engine gen3", founding_);
    }
}

TEST_F(Gen3Refused, SessionsThatAreNotThere)
{
    EXPECT_EQ(grav_engine_sessions_end(GRAV_ENGINE_GEN3), kStates);
    spec_.first = kStates - 100;
    EXPECT_EQ(grav_run_check(founding_.get(), &spec_, nullptr), GRAV_OK);
    spec_.sessions = 101;
    Expect("is over 2^32", founding_);
    spec_.first = UINT64_MAX;
    Expect("is over 2^32", founding_);
    uint64_t score, words;
    EXPECT_EQ(grav_replay(founding_.get(), GRAV_METHOD_ROLLS, GRAV_ENGINE_GEN3, 1, 0, kStates,
                          nullptr, &score, &words, nullptr),
              GRAV_ERROR_INVALID);
}

TEST_F(Gen3Refused, DiceAndChancesThatItCannotRoll)
{
    Expect("m at most 65536", support::MakeExperiment(231, "1/65537"));
    EXPECT_EQ(grav_run_check(support::MakeExperiment(231, "2/131072").get(), &spec_, nullptr),
              GRAV_OK);
    grav_experiment_spec die;
    grav_experiment *experiment = nullptr;
    grav_experiment_spec_init(&die);
    die.die = "1..6";
    ASSERT_EQ(grav_experiment_create(&die, &experiment, nullptr), GRAV_OK);
    Expect("engine gen3 rolls a chance's die", support::Experiment(experiment));
}

TEST_F(Gen3Refused, MethodScores)
{
    grav_draw draw;
    spec_.method = GRAV_METHOD_SCORES;
    Expect("not from gen3", founding_);
    EXPECT_EQ(grav_replay_scores(founding_.get(), GRAV_ENGINE_GEN3, 0, 1, &draw, nullptr),
              GRAV_ERROR_INVALID);
}

TEST(Gen3Result, KeepsTheCallsPerRoll)
{
    Gen3Experiment what;
    what.rolls = 231;
    auto play = [&](uint32_t calls, uint64_t first, uint64_t sessions) {
        what.calls_per_roll = calls;
        return support::Run(Make(what), Spec(playing::Portable(), what, first, sessions));
    };
    const support::Result one = play(1, 0, 1000), two = play(2, 1000, 1000);
    grav_error err = {};
    grav_result *merged = nullptr;
    EXPECT_EQ(grav_result_merge(one.get(), two.get(), &merged, &err), GRAV_ERROR_INVALID);
    EXPECT_STREQ(err.message,
                 "results of different runs cannot be merged: 2 calls per roll, not 1");
    EXPECT_EQ(support::Digest(support::Merge(play(2, 0, 1000), two)),
              support::Digest(play(2, 0, 2000)));
    // Nothing in 1 session of 0 rolls that score tells how it was played but the line about it.
    what.a = 0;
    what.m = 1;
    EXPECT_NE(support::Digest(play(1, 0, 1)), support::Digest(play(2, 0, 1)));
}

// Sessions of one cycle overlap: the chi-square of independent ones is no test of them.
TEST(Gen3Result, HasNoChiSquare)
{
    grav_chi2 chi2;
    Gen3Experiment what;
    what.rolls = 20;
    const support::Experiment experiment = Make(what);
    const support::Law law = support::MakeLaw(experiment);
    const support::Result result =
        support::Run(experiment, Spec(playing::Portable(), what, 0, 10000));
    EXPECT_FALSE(grav_result_chi2(result.get(), law.get(), &chi2));
}

// ---- All states ---------------------------------------------------------------------------------

support::Backend Best()
{
    return {"best", GRAV_BACKEND_AUTO, GRAV_ISA_AUTO};
}

uint64_t ScoringRolls(const std::vector<uint64_t> &histogram)
{
    uint64_t sum = 0;
    for (size_t score = 0; score < histogram.size(); score++)
        sum += score * histogram[score];
    return sum;
}

// Every state occurs once at every roll, so every h does 65536 times.
TEST(SlowGen3, EveryStateOccursOnceAtEveryRoll)
{
    for (auto [a, m] : {std::pair{1u, 4u}, {20u, 423u}}) {
        uint64_t scoring = 0;
        for (uint32_t h = 0; h < 65536; h++)
            scoring += h % m < a;
        for (uint32_t rolls : {1, 2}) {
            Gen3Experiment what;
            what.rolls = rolls;
            what.a = a;
            what.m = m;
            what.calls_per_roll = rolls == 2 ? 3 : 1;
            const support::Result result = support::Run(Make(what), Spec(Best(), what, 0, kStates));
            EXPECT_EQ(support::Summary(result).sessions, kStates);
            EXPECT_EQ(ScoringRolls(support::Histogram(result)), rolls * scoring * 65536);
        }
    }
}

// At chance 1/4 two bits of a state decide, which depend on the lowest 18 alone: 2^18 sessions, in
// turn the windows of one cycle. A window that slides along it finds what all 2^32 states do.
TEST(NightlyGen3, AllStatesAreTheWindowsOfOneCycle)
{
    constexpr uint32_t kCycle = 1 << 18, kRolls = 231;
    Gen3Experiment what;
    what.rolls = kRolls;
    std::vector<uint32_t> states(kCycle);
    for (uint32_t i = 1; i < kCycle; i++)
        states[i] = reference::Gen3Next(states[i - 1]) % kCycle;
    auto scores = [&](uint32_t i) { return states[i % kCycle] / 65536 == 0; };
    uint32_t score = 0;
    for (uint32_t roll = 1; roll <= kRolls; roll++)
        score += scores(roll);
    std::vector<uint64_t> expected(kRolls + 1);
    uint32_t best = 0, best_state = 0;
    for (uint32_t i = 0; i < kCycle; i++) {
        expected[score] += kStates / kCycle;
        if (score > best || (score == best && states[i] < best_state)) {
            best = score;
            best_state = states[i];
        }
        score += scores(i + kRolls + 1);
        score -= scores(i + 1);
    }
    const support::Result result = support::Run(Make(what), Spec(Best(), what, 0, kStates));
    const grav_summary summary = support::Summary(result);
    EXPECT_EQ(support::Histogram(result), expected);
    EXPECT_EQ(summary.mean, 57.75);
    EXPECT_EQ(summary.max_score, best);
    EXPECT_EQ(summary.max_session, best_state);
}

// sum[n] = a[n] + b[n + shift], around a circle.
void AddTurned(const std::vector<uint8_t> &a, const std::vector<uint8_t> &b, size_t shift,
               std::vector<uint8_t> *sum)
{
    const size_t rest = a.size() - shift;
    for (size_t n = 0; n < rest; n++)
        (*sum)[n] = static_cast<uint8_t>(a[n] + b[n + shift]);
    for (size_t n = rest; n < a.size(); n++)
        (*sum)[n] = static_cast<uint8_t>(a[n] + b[n - rest]);
}

// README's finding: 177 of 231 is reached for odd multiples of 256 calls per roll, and else only
// where all rolls are alike. K calls and 2^18 - K play the same rolls, in opposite order, so that
// half of the 2^18 numbers of calls are all. From each of the 2^18 positions on the cycle: the sum
// of 1, 2, 4 … rolls from there is that of half as many and of as many again.
TEST(NightlyGen3, ReachesTheTargetForOddMultiplesOf256CallsAlone)
{
    constexpr uint32_t kCycle = 1 << 18, kRolls = 231;
    std::vector<uint8_t> scores(kCycle);
    uint32_t state = 0;
    for (uint32_t n = 0; n < kCycle; n++) {
        scores[n] = state % kCycle / 65536 == 0;
        state = reference::Gen3Next(state);
    }
    std::vector<uint8_t> sum(kCycle), part(kCycle), next(kCycle);
    for (uint32_t calls = 1; calls <= kCycle / 2; calls++) {
        size_t end = calls; // of the rolls in the sum, from position 0
        part = scores;
        std::fill(sum.begin(), sum.end(), 0);
        for (uint32_t rolls = 1; rolls <= kRolls; rolls *= 2) {
            if (kRolls & rolls) {
                AddTurned(sum, part, end % kCycle, &next);
                std::swap(sum, next);
                end += size_t{rolls} * calls;
            }
            AddTurned(part, part, size_t{rolls} * calls % kCycle, &next);
            std::swap(part, next);
        }
        const uint32_t best = *std::max_element(sum.begin(), sum.end());
        ASSERT_EQ(best >= 177, calls % 512 == 256) << calls << " calls per roll: " << best;
    }
}

} // namespace
