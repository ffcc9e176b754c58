// Every compiled variant of the CPU's hot code, also those that a better one keeps from being
// chosen, against the portable one.
#include "experiment.h"
#include "games.h"
#include "scores_table.h"

#include <algorithm>

extern "C" {
#include "cpu.h"
}

namespace {

using playing::Below;
using playing::Random;

struct Variant {
    size_t index;
};

void PrintTo(const Variant &variant, std::ostream *out)
{
    *out << grav_variant_at(variant.index)->name;
}

std::vector<Variant> AllVariants()
{
    std::vector<Variant> variants;
    for (size_t i = 0; grav_variant_at(i); i++)
        variants.push_back({i});
    return variants;
}

class Variants : public testing::TestWithParam<Variant> {
  protected:
    void SetUp() override
    {
        variant_ = grav_variant_at(GetParam().index);
        if (!variant_->runs_here())
            GTEST_SKIP() << variant_->name << " was NOT tested: this CPU does not have it";
    }

    struct Outcome {
        uint64_t max_score, max_session;
        std::vector<uint64_t> counts;
    };
    static Outcome Play(grav_play_fn *play, const grav_plan &plan, uint64_t first, uint64_t end,
                        bool keep, int shared)
    {
        Outcome outcome = {0, 0, std::vector<uint64_t>(keep ? grav_plan_score_max(&plan) + 1 : 0)};
        grav_part part = {0, GRAV_NO_SESSION, keep ? outcome.counts.data() : nullptr, shared};
        play(&plan, first, end, &part);
        outcome.max_score = part.max_score;
        outcome.max_session = part.max_session;
        return outcome;
    }

    void ExpectPortable(const grav_plan &plan, uint64_t first, uint64_t sessions)
    {
        SCOPED_TRACE(testing::Message()
                     << plan.rolls << " rolls, digits " << plan.digits << ", " << plan.philox_rounds
                     << (plan.fast ? " rounds, fast, " : " rounds, ") << sessions
                     << " sessions from " << first);
        const bool counted = grav_plan_score_max(&plan) < GRAV_HISTOGRAM_MAX;
        Outcome portable = Play(grav_play_portable, plan, first, first + sessions, counted, 0);
        for (auto [keep, shared] : {std::pair{false, 0}, {true, 0}, {true, 1}}) {
            if (keep && !counted)
                continue;
            Outcome own = Play(variant_->play, plan, first, first + sessions, keep, shared);
            EXPECT_EQ(own.max_score, portable.max_score);
            EXPECT_EQ(own.max_session, portable.max_session);
            if (keep) {
                EXPECT_EQ(own.counts, portable.counts);
            }
        }
    }

    const grav_variant *variant_ = nullptr;
};

TEST_P(Variants, PlayAnyExperimentAsThePortableOne)
{
    Random random(11);
    const char *chances[] = {"0", "1", "1/2", "1/4", "3/4", "1/3", "0.9999", "1e-6", "1/2^64"};
    for (int i = 0; i < 300; i++) {
        auto rolls = static_cast<uint32_t>(1 + Below(random, i % 3 ? 400 : 20000));
        auto experiment = support::MakeExperiment(rolls, chances[Below(random, 9)]);
        auto engine = playing::kEngines[Below(random, 3)].id;
        grav_plan plan = grav_plan_make(experiment.get(), engine, 1, random());
        ExpectPortable(plan, random() >> 2, 1 + Below(random, 40));
    }
}

// Where the high half of the index changes in the middle of a vector, and at the very end.
TEST_P(Variants, PlayAnyRangeAsThePortableOne)
{
    auto founding = support::MakeExperiment(231, "1/4");
    for (const playing::Engine &engine : playing::kEngines) {
        grav_plan plan = grav_plan_make(founding.get(), engine.id, 1, 42);
        for (uint64_t sessions = 0; sessions <= 20; sessions++) {
            for (uint64_t before = 0; before <= sessions; before++)
                ExpectPortable(plan, (uint64_t{7} << 32) - before, sessions);
            ExpectPortable(plan, GRAV_SESSIONS_END - sessions, sessions);
        }
    }
}

// Engine `fast` plays by blocks of 4096 sessions: any part of one or several.
TEST_P(Variants, PlayAnyPartOfABlockAsThePortableOne)
{
    Random random(12);
    for (auto [rolls, chance] :
         {std::pair{231u, "1/4"}, {1u, "1/2"}, {192u, "1/2"}, {300u, "1/3"}, {231u, "1"}}) {
        auto experiment = support::MakeExperiment(rolls, chance);
        grav_plan plan = grav_plan_make(experiment.get(), GRAV_ENGINE_FAST, 1, random());
        for (int i = 0; i < 200; i++) {
            const uint64_t end_of_window = (1 + Below(random, 3)) << (i % 2 ? 32 : 44);
            const uint64_t first = end_of_window - 6000 + Below(random, 7000);
            ExpectPortable(plan, first, 1 + Below(random, i % 4 ? 70 : 10000));
        }
    }
}

// Among so many there are sessions of the founding job that need a 13th word.
TEST_P(Variants, PlayManySessionsAsThePortableOne)
{
    auto founding = support::MakeExperiment(231, "1/4");
    for (const playing::Engine &engine : playing::kEngines) {
        grav_plan plan = grav_plan_make(founding.get(), engine.id, 1, 42);
        ExpectPortable(plan, 4000001, 300007);
        ExpectPortable(plan, 1100003, 200001); // where engine `fast` has one
    }
}

// ---- Dice and streaks ---------------------------------------------------------------------------

class DiceVariants : public Variants {
  protected:
    void ExpectPortableGame(Random &random, const games::Game &game, uint64_t sessions_max)
    {
        SCOPED_TRACE(testing::Message() << game);
        const support::Experiment experiment = games::Make(game);
        const grav_engine engine = playing::kEngines[Below(random, 3)].id;
        const uint64_t sessions = 1 + Below(random, sessions_max);
        ExpectPortable(grav_plan_make(experiment.get(), engine, 1, random()),
                       games::AnyFirst(random, sessions), sessions);
    }
};

TEST_P(DiceVariants, PlayAnyDieAsThePortableOne)
{
    Random random(15);
    for (int i = 0; i < 300; i++) {
        const auto rolls = static_cast<uint32_t>(1 + Below(random, i % 2 ? 70 : 400));
        const games::Game game =
            games::Dice(rolls, games::AnyDie(random, rolls, i % 10 ? 10 : 256));
        ExpectPortableGame(random, game, 200);
    }
}

TEST_P(DiceVariants, PlayAnyStreakAsThePortableOne)
{
    Random random(16);
    for (int i = 0; i < 500; i++) {
        const auto rolls = static_cast<uint32_t>(1 + Below(random, i % 2 ? 260 : 1500));
        ExpectPortableGame(random, games::Streak(rolls, games::AnyChance(random)), 300);
    }
}

TEST_P(DiceVariants, PlayAnyChanceAsThePortableOne)
{
    Random random(17);
    for (int i = 0; i < 300; i++) {
        const auto rolls = static_cast<uint32_t>(1 + Below(random, i % 2 ? 130 : 1500));
        ExpectPortableGame(random, games::Chance(rolls, games::AnyChance(random)), 1500);
    }
}

// Where the high half of the index changes anywhere in a vector, and at the very end.
TEST_P(DiceVariants, PlayAnyRangeAsThePortableOne)
{
    for (const games::Game &game :
         {games::Dice(10, "1..6"), games::Dice(231, "2,1x2,4"), games::Streak(231, "1/4"),
          games::Streak(300, "0.9"), games::Chance(231, "1/3")}) {
        SCOPED_TRACE(testing::Message() << game);
        const support::Experiment experiment = games::Make(game);
        for (const playing::Engine &engine : playing::kEngines) {
            const grav_plan plan = grav_plan_make(experiment.get(), engine.id, 1, 42);
            for (uint64_t sessions = 0; sessions <= 20; sessions++) {
                for (uint64_t before = 0; before <= sessions; before++)
                    ExpectPortable(plan, (uint64_t{7} << 32) - before, sessions);
                ExpectPortable(plan, GRAV_SESSIONS_END - sessions, sessions);
            }
        }
    }
}

// ---- Method `scores` ----------------------------------------------------------------------------

class ScoresVariants : public Variants {
  protected:
    // What a range finds, one draw after the other.
    static Outcome PlayByReference(const std::vector<uint64_t> &thresholds,
                                   reference::Engine engine, uint64_t seed, uint64_t first,
                                   uint64_t end)
    {
        Outcome outcome = {0, GRAV_NO_SESSION, std::vector<uint64_t>(thresholds.size() + 1)};
        for (uint64_t session = first; session < end; session++) {
            const reference::Draw draw = reference::DrawOf(engine, seed, session);
            const uint64_t u = uint64_t{draw.high} << 32 | draw.low;
            auto score = static_cast<uint64_t>(
                std::upper_bound(thresholds.begin(), thresholds.end(), u) - thresholds.begin());
            outcome.counts[score]++;
            if (outcome.max_session == GRAV_NO_SESSION || score > outcome.max_score) {
                outcome.max_score = score;
                outcome.max_session = session;
            }
        }
        return outcome;
    }

    void ExpectReference(std::vector<uint64_t> thresholds, reference::Engine engine, uint64_t seed,
                         uint64_t first, uint64_t sessions)
    {
        SCOPED_TRACE(testing::Message()
                     << thresholds.size() << " thresholds, " << reference::Rounds(engine)
                     << " rounds, seed " << seed << ", " << sessions << " sessions from " << first);
        std::sort(thresholds.begin(), thresholds.end());
        grav_thresholds list = {thresholds.data(), thresholds.size(), 0,
                                static_cast<uint32_t>(thresholds.size())};
        grav_scores *table = nullptr;
        ASSERT_EQ(grav_scores_create(&list, &table, nullptr), GRAV_OK);
        grav_plan plan = {};
        plan.seed = seed;
        plan.rolls = static_cast<uint32_t>(thresholds.size());
        plan.philox_rounds = static_cast<uint32_t>(reference::Rounds(engine));
        plan.scores = table;
        const Outcome expected = PlayByReference(thresholds, engine, seed, first, first + sessions);
        for (bool keep : {false, true})
            for (int shared : {0, 1}) {
                Outcome own =
                    Play(variant_->play_scores, plan, first, first + sessions, keep, shared);
                EXPECT_EQ(own.max_score, expected.max_score);
                EXPECT_EQ(own.max_session, expected.max_session);
                if (keep) {
                    EXPECT_EQ(own.counts, expected.counts);
                }
            }
        grav_scores_destroy(table);
    }
};

// Thresholds are the draws of the range's own sessions, and their neighbours: most sessions are
// decided by their low words, and many records are.
TEST_P(ScoresVariants, PlayAnyThresholdsAsTheReference)
{
    Random random(41);
    for (int i = 0; i < 120; i++) {
        const reference::Engine engine = playing::kPhiloxEngines[i % 2].reference;
        const uint64_t seed = random(), sessions = 1 + Below(random, i % 8 ? 400 : 4000);
        uint64_t first = random() >> 2;
        if (i % 3 == 0) // the high half of the block's index changes within
            first = (((first >> 34) + 1) << 34) - Below(random, sessions + 1);
        std::vector<uint64_t> thresholds;
        for (uint64_t count = Below(random, i % 5 ? 60 : 1500); count > 0; count--) {
            const reference::Draw draw =
                reference::DrawOf(engine, seed, first + Below(random, sessions));
            uint64_t u = (uint64_t{draw.high} << 32 | draw.low) + Below(random, 3) - 1;
            thresholds.push_back(std::clamp<uint64_t>(u, 1, UINT64_MAX));
        }
        ExpectReference(thresholds, engine, seed, first, sessions);
    }
}

TEST_P(ScoresVariants, PlayAnyRangeAsTheReference)
{
    const std::vector<uint64_t> quarters = {uint64_t{1} << 62, uint64_t{1} << 63,
                                            uint64_t{3} << 62};
    for (uint64_t sessions = 0; sessions <= 70; sessions++) {
        for (uint64_t before = 0; before <= sessions; before += 1 + sessions / 8)
            ExpectReference(quarters, reference::Engine::kPhilox, 42, (uint64_t{7} << 34) - before,
                            sessions);
        ExpectReference(quarters, reference::Engine::kPhilox7, 42, GRAV_SESSIONS_END - sessions,
                        sessions);
    }
}

std::string VariantName(const testing::TestParamInfo<Variant> &variant)
{
    return grav_variant_at(variant.param.index)->name;
}

INSTANTIATE_TEST_SUITE_P(On, Variants, testing::ValuesIn(AllVariants()), VariantName);
INSTANTIATE_TEST_SUITE_P(On, DiceVariants, testing::ValuesIn(AllVariants()), VariantName);
INSTANTIATE_TEST_SUITE_P(On, ScoresVariants, testing::ValuesIn(AllVariants()), VariantName);

} // namespace
