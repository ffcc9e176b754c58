// Engine `gen3`: a game's own generator, whose sessions start from any of its 2^32 states.
#include "engine.h"
#include "playing.h"
#include "reference_gen3.h"

extern "C" {
#include "cpu.h"
}
#include "lane_scalar.h"

#include "gen3.h"

#include <algorithm>
#include <numeric>

namespace {

using playing::Below;
using playing::Random;
using reference::Gen3Experiment;

constexpr uint64_t kStates = uint64_t{1} << 32;

support::Experiment Make(const Gen3Experiment &what)
{
    const std::string chance = std::to_string(what.a) + "/" + std::to_string(what.m);
    grav_experiment_spec spec;
    grav_experiment *experiment = nullptr;
    grav_experiment_spec_init(&spec);
    spec.rolls = what.rolls;
    spec.chance = chance.c_str();
    spec.statistic = what.streak ? GRAV_STATISTIC_STREAK : GRAV_STATISTIC_SUM;
    spec.has_target = false;
    EXPECT_EQ(grav_experiment_create(&spec, &experiment, nullptr), GRAV_OK);
    return support::Experiment(experiment);
}

grav_run_spec Spec(const support::Backend &backend, const Gen3Experiment &what, uint64_t first,
                   uint64_t sessions)
{
    grav_run_spec spec = support::Spec(backend, 0, first, sessions);
    spec.engine = GRAV_ENGINE_GEN3;
    spec.calls_per_roll = what.calls_per_roll;
    return spec;
}

// A chance in lowest terms: often of a power of two, often an extreme one.
void AnyChance(Random &random, Gen3Experiment *what)
{
    static const uint32_t some[] = {1, 2, 3, 4, 6, 100, 256, 4096, 32768, 65521, 65535, 65536};
    what->m = Below(random, 2) ? some[Below(random, std::size(some))]
                               : static_cast<uint32_t>(1 + Below(random, 65536));
    what->a = static_cast<uint32_t>(Below(random, 4) ? Below(random, what->m + 1)
                                                     : std::min<uint32_t>(what->m, 1));
    const uint32_t common = std::gcd(what->a, what->m);
    what->a /= common;
    what->m /= common;
}

Gen3Experiment AnyExperiment(Random &random)
{
    Gen3Experiment what;
    what.rolls = static_cast<uint32_t>(1 + Below(random, 300));
    what.calls_per_roll = static_cast<uint32_t>(1 + (Below(random, 2) ? Below(random, 7) : 0));
    what.streak = Below(random, 2);
    AnyChance(random, &what);
    return what;
}

playing::Found Find(const Gen3Experiment &what, uint64_t first, uint64_t sessions)
{
    playing::Found found = {std::vector<uint64_t>(what.rolls + 1), 0, first};
    for (uint64_t session = first; session < first + sessions; session++) {
        const uint32_t score = reference::Gen3Score(what, static_cast<uint32_t>(session));
        found.histogram[score]++;
        if (score > found.max_score) {
            found.max_score = score;
            found.max_session = session;
        }
    }
    return found;
}

std::string Text(const Gen3Experiment &what, uint64_t first, uint64_t sessions)
{
    return (what.streak ? "the streak of " : "") + std::to_string(what.rolls) + " rolls at " +
           std::to_string(what.a) + "/" + std::to_string(what.m) + ", " +
           std::to_string(what.calls_per_roll) + " calls, " + std::to_string(sessions) +
           " sessions from " + std::to_string(first);
}

// ---- The generator ------------------------------------------------------------------------------

TEST(Gen3, StepsAsPublished)
{
    size_t states = 0, steps = 0;
    for (const std::vector<std::string> &row : support::Vectors("gen3.txt")) {
        const uint64_t count = std::stoull(row.at(1));
        const auto first = static_cast<uint32_t>(std::stoul(row.at(2), nullptr, 16));
        if (row.at(0) == "state") {
            uint32_t word = 0, words[8] = {}, state = 0;
            for (uint64_t i = 0; i < count; i++)
                state = reference::Gen3Next(state);
            EXPECT_EQ(state, first);
            grav_words(GRAV_ENGINE_GEN3, 0, 0, count - 1, 1, &word);
            EXPECT_EQ(word, first);
            grav_words(GRAV_ENGINE_GEN3, 0, 0, 0, std::size(words), words);
            EXPECT_EQ(words[count - 1], first);
            states++;
        } else {
            const grav_gen3_step all = gen3_steps(count);
            EXPECT_EQ(all.factor, first) << count << " steps";
            EXPECT_EQ(all.addend, std::stoul(row.at(3), nullptr, 16)) << count << " steps";
            steps++;
        }
    }
    EXPECT_EQ(states, 6u);
    EXPECT_EQ(steps, 20u);
}

// All 2^32 states lie on one cycle, so that each of them occurs exactly once at every roll: the
// conditions of Hull and Dobell, and the order of the step itself.
TEST(Gen3, GoesThroughAllStates)
{
    EXPECT_EQ(GRAV_GEN3_ADDEND % 2, 1u);
    EXPECT_EQ(GRAV_GEN3_FACTOR % 4, 1u);
    EXPECT_EQ(gen3_after(gen3_steps(kStates), 12345), 12345u);
    EXPECT_NE(gen3_after(gen3_steps(kStates / 2), 12345), 12345u);
}

TEST(Gen3, WordsAreStates)
{
    Random random(71);
    for (int i = 0; i < 200; i++) {
        const uint64_t first = random() >> 33, session = Below(random, kStates - 8);
        uint32_t words[5], both[10];
        grav_words(GRAV_ENGINE_GEN3, 0, session, first, std::size(words), words);
        for (size_t j = 1; j < std::size(words); j++)
            EXPECT_EQ(words[j], reference::Gen3Next(words[j - 1]));
        grav_words(GRAV_ENGINE_GEN3, 0, session, 0, 1, words);
        EXPECT_EQ(words[0], reference::Gen3Next(static_cast<uint32_t>(session)));
        grav_words_of_sessions(GRAV_ENGINE_GEN3, 0, session, session + 2, 5, both);
        EXPECT_EQ(both[0], words[0]);
        EXPECT_EQ(both[5], reference::Gen3Next(static_cast<uint32_t>(session + 1)));
    }
}

// h mod m lies below a exactly where the product lies below the limit, for every a: the product of
// h lies between the limits of h mod m and of the next.
void ExpectRemainders(uint32_t m)
{
    std::vector<uint64_t> limits(m + 1);
    for (uint64_t a = 0; a <= m; a++)
        limits[a] = ((a << 32) + m - 1) / m;
    const grav_gen3 gen3 = gen3_make(1, m > 1 ? 1 : 0, m);
    ASSERT_EQ(gen3.limit, m > 1 ? limits[1] : 0) << "m = " << m;
    uint32_t remainder = 0, wrong = 0;
    for (uint32_t h = 0; h < 65536; h++) {
        const uint32_t lowest = (gen3.of_half ? h : h << 16) * gen3.multiplier;
        const uint32_t highest = (gen3.of_half ? h : h << 16 | 0xffff) * gen3.multiplier;
        wrong += lowest < limits[remainder] || highest >= limits[remainder + 1];
        remainder = remainder + 1 < m ? remainder + 1 : 0;
    }
    ASSERT_EQ(wrong, 0u) << "m = " << m;
}

TEST(Gen3, DecidesWithoutDividing)
{
    Random random(72);
    for (uint32_t m = 1; m <= 300; m++)
        ExpectRemainders(m);
    for (uint32_t m : {32767, 32768, 32769, 65521, 65535, 65536})
        ExpectRemainders(m);
    for (int i = 0; i < 300; i++)
        ExpectRemainders(static_cast<uint32_t>(1 + Below(random, 65536)));
}

TEST(SlowGen3, DecidesWithoutDividingForEveryChance)
{
    for (uint32_t m = 1; m <= 65536; m++)
        ExpectRemainders(m);
}

// ---- Playing ------------------------------------------------------------------------------------

// The scalar core is what a GPU's threads play.
TEST(Gen3, ScalarCorePlaysAsTheReference)
{
    Random random(73);
    for (int i = 0; i < 2000; i++) {
        const Gen3Experiment what = AnyExperiment(random);
        const grav_gen3 gen3 = gen3_make(what.calls_per_roll, what.a, what.m);
        const uint32_t session = playing::AnyWord(random);
        const grav_game game = what.streak ? GRAV_GAME_STREAK : GRAV_GAME_COUNT;
        ASSERT_EQ(gen3_score(&gen3, game, static_cast<int>(gen3.of_half), what.rolls, session),
                  reference::Gen3Score(what, session))
            << Text(what, session, 1);
    }
}

class Gen3Playing : public support::OnBackend {};

TEST_P(Gen3Playing, PlaysRandomExperimentsAsTheReference)
{
    Random random(74);
    for (int i = 0; i < 60; i++) {
        Gen3Experiment what = AnyExperiment(random);
        if (i % 6 == 0) {
            what.rolls = 20;
            what.calls_per_roll = static_cast<uint32_t>(1 + Below(random, 300));
        }
        const uint64_t sessions = 1 + Below(random, 700);
        const uint64_t first = i % 3 ? Below(random, kStates - sessions) : kStates - sessions;
        SCOPED_TRACE(Text(what, first, sessions));
        grav_run_spec spec = Spec(GetParam(), what, first, sessions);
        const playing::Found found = Find(what, first, sessions);
        for (grav_keep keep : playing::kKeeps) {
            spec.keep = keep;
            playing::ExpectFound(support::Run(Make(what), spec), found, first, sessions);
        }
    }
}

// A roll of 2^32 - 1 calls is a step back: so rolls read the states that lead to the session's, in
// reverse order.
TEST_P(Gen3Playing, ManyCallsAreStepsBack)
{
    Gen3Experiment forwards;
    forwards.rolls = 100;
    Gen3Experiment back = forwards;
    back.calls_per_roll = UINT32_MAX;
    std::vector<uint32_t> states = {99};
    for (uint32_t i = 0; i < 101; i++)
        states.push_back(reference::Gen3Next(states.back()));
    // From the last state back to the first but one: those that the first rolls forwards to.
    const uint32_t expected = reference::Gen3Score(forwards, states[0]);
    const support::Result result = support::Run(Make(back), Spec(GetParam(), back, states[101], 1));
    EXPECT_EQ(support::Summary(result).max_score, expected);
}

TEST_P(Gen3Playing, PlaysLongSessions)
{
    Gen3Experiment what;
    what.rolls = 70001;
    what.a = 5;
    what.m = 7;
    for (bool streak : {false, true}) {
        what.streak = streak;
        playing::ExpectFound(support::Run(Make(what), Spec(GetParam(), what, 1000, 40)),
                             Find(what, 1000, 40), 1000, 40);
    }
}

GRAV_ON_EVERY_BACKEND(Gen3Playing);

// Every compiled variant, on ranges that end anywhere in a vector and at the last state.
TEST(Gen3Variants, PlayAnyRangeAsTheReference)
{
    Random random(75);
    for (size_t i = 0; grav_variant_at(i); i++) {
        const grav_variant *variant = grav_variant_at(i);
        if (!variant->runs_here())
            continue;
        for (int j = 0; j < 120; j++) {
            Gen3Experiment what = AnyExperiment(random);
            what.rolls = 1 + what.rolls % 40;
            const uint64_t sessions = Below(random, j % 2 ? 40 : 600);
            const uint64_t first = j % 3 ? Below(random, kStates - sessions) : kStates - sessions;
            const support::Experiment experiment = Make(what);
            const grav_plan plan =
                grav_plan_make(experiment.get(), GRAV_ENGINE_GEN3, what.calls_per_roll, 0);
            const playing::Found found = Find(what, first, sessions);
            ASSERT_EQ(grav_variant_play(variant, &plan), variant->play_gen3);
            for (int shared : {0, 1}) {
                std::vector<uint64_t> counts(what.rolls + 1);
                grav_part part = {0, GRAV_NO_SESSION, counts.data(), shared};
                variant->play_gen3(&plan, first, first + sessions, &part);
                ASSERT_EQ(counts, found.histogram)
                    << variant->name << ", " << Text(what, first, sessions);
                ASSERT_EQ(part.max_score, found.max_score);
                ASSERT_EQ(part.max_session, sessions ? found.max_session : GRAV_NO_SESSION);
            }
        }
    }
}

TEST(Gen3Replay, RollsAsTheReference)
{
    Random random(76);
    for (int i = 0; i < 200; i++) {
        const Gen3Experiment what = AnyExperiment(random);
        const uint32_t session = playing::AnyWord(random);
        std::vector<uint8_t> faces(what.rolls, 7);
        uint64_t score = 0, words = 0;
        ASSERT_EQ(grav_replay(Make(what).get(), GRAV_METHOD_ROLLS, GRAV_ENGINE_GEN3,
                              what.calls_per_roll, 0, session, faces.data(), &score, &words,
                              nullptr),
                  GRAV_OK);
        const std::vector<bool> rolls = reference::Gen3Rolls(what, session);
        for (uint32_t roll = 0; roll < what.rolls; roll++)
            ASSERT_EQ(faces[roll], rolls[roll] ? 0 : 1) << Text(what, session, 1);
        EXPECT_EQ(score, reference::Gen3Score(what, session));
        EXPECT_EQ(words, uint64_t{what.rolls} * what.calls_per_roll);
    }
}

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
    EXPECT_STREQ(err.message, "results of different calls per roll cannot be merged");
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
