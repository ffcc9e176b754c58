// Engine `gen3`: a game's own generator, whose sessions start from any of its 2^32 states.
#include "engine.h"
#include "playing_gen3.h"

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
using playing_gen3::kStates;
using playing_gen3::Make;
using playing_gen3::Spec;
using reference::Gen3Experiment;

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

} // namespace
