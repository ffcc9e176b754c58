// Every compiled variant of the CPU's hot code, also those that a better one keeps from being
// chosen, against the portable one.
#include "experiment.h"
#include "playing.h"

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
        Outcome outcome = {0, 0, std::vector<uint64_t>(keep ? plan.rolls + 1 : 0)};
        grav_part part = {0, GRAV_NO_SESSION, keep ? outcome.counts.data() : nullptr, shared};
        play(&plan, first, end, &part);
        outcome.max_score = part.max_score;
        outcome.max_session = part.max_session;
        return outcome;
    }

    void ExpectPortable(const grav_plan &plan, uint64_t first, uint64_t sessions)
    {
        SCOPED_TRACE(testing::Message()
                     << plan.rolls << " rolls, digits " << plan.digits << ", rounds "
                     << plan.philox_rounds << ", " << sessions << " sessions from " << first);
        Outcome portable = Play(grav_play_portable, plan, first, first + sessions, true, 0);
        for (bool keep : {false, true}) {
            Outcome own = Play(variant_->play, plan, first, first + sessions, keep, keep);
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
        auto engine = Below(random, 2) ? GRAV_ENGINE_PHILOX : GRAV_ENGINE_PHILOX7;
        grav_plan plan = grav_plan_make(experiment.get(), engine, random());
        ExpectPortable(plan, random() >> 2, 1 + Below(random, 40));
    }
}

// Where the high half of the index changes in the middle of a vector, and at the very end.
TEST_P(Variants, PlayAnyRangeAsThePortableOne)
{
    auto founding = support::MakeExperiment(231, "1/4");
    for (auto engine : {GRAV_ENGINE_PHILOX, GRAV_ENGINE_PHILOX7}) {
        grav_plan plan = grav_plan_make(founding.get(), engine, 42);
        for (uint64_t sessions = 0; sessions <= 20; sessions++) {
            for (uint64_t before = 0; before <= sessions; before++)
                ExpectPortable(plan, (uint64_t{7} << 32) - before, sessions);
            ExpectPortable(plan, GRAV_SESSIONS_END - sessions, sessions);
        }
    }
}

// Among so many there are sessions of the founding job that need a 13th word.
TEST_P(Variants, PlayManySessionsAsThePortableOne)
{
    auto founding = support::MakeExperiment(231, "1/4");
    for (auto engine : {GRAV_ENGINE_PHILOX, GRAV_ENGINE_PHILOX7}) {
        grav_plan plan = grav_plan_make(founding.get(), engine, 42);
        ExpectPortable(plan, 4000001, 300007);
    }
}

std::string VariantName(const testing::TestParamInfo<Variant> &variant)
{
    return grav_variant_at(variant.param.index)->name;
}

INSTANTIATE_TEST_SUITE_P(On, Variants, testing::ValuesIn(AllVariants()), VariantName);

} // namespace
