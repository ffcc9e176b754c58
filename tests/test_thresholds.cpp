// The thresholds of method `scores` and the table made of them: against exact fractions, against
// enumeration, and against laws of symmetry where there are too many rolls for either.
#include <gmp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <bitset>

#include "laws.h"
#include "scores_table.h"

namespace {

using boost::multiprecision::cpp_int;
using playing::Below;
using playing::Random;

const cpp_int kAll = cpp_int(1) << 64;

// Thresholds of the library, by score; those of 2^64 are left out, as the last score's always is.
using Values = std::vector<uint64_t>;

Values Unfold(grav_thresholds *thresholds)
{
    Values values(thresholds->base, 0);
    values.insert(values.end(), thresholds->values, thresholds->values + thresholds->count);
    values.resize(thresholds->last, UINT64_MAX);
    grav_thresholds_free(thresholds);
    return values;
}

Values FromReference(uint32_t rolls, const std::string &chance)
{
    Values values;
    for (const cpp_int &t : reference::Thresholds(rolls, reference::ParseChance(chance)))
        if (t < kAll)
            values.push_back(t.convert_to<uint64_t>());
    return values;
}

class Chance {
  public:
    explicit Chance(const std::string &text)
    {
        std::ostringstream exact;
        exact << reference::ParseChance(text).value;
        mpq_init(value_);
        mpq_set_str(value_, exact.str().c_str(), 10);
    }
    ~Chance()
    {
        mpq_clear(value_);
    }
    Chance(const Chance &) = delete;
    Chance &operator=(const Chance &) = delete;
    const mpq_t &operator*() const
    {
        return value_;
    }

  private:
    mpq_t value_;
};

// What the library finds for an experiment, by the way that it chooses.
Values OfExperiment(const support::Experiment &experiment)
{
    grav_thresholds thresholds;
    grav_error err = {};
    if (grav_thresholds_of(experiment.get(), &thresholds, &err) != GRAV_OK)
        throw std::runtime_error(err.message);
    return Unfold(&thresholds);
}

Values OfChance(uint32_t rolls, const std::string &chance)
{
    return OfExperiment(support::MakeExperiment(rolls, chance));
}

Values ByIntervals(uint32_t rolls, const std::string &chance)
{
    grav_thresholds thresholds;
    grav_error err = {};
    if (grav_thresholds_intervals(rolls, *Chance(chance), &thresholds, &err) != GRAV_OK)
        throw std::runtime_error(err.message);
    return Unfold(&thresholds);
}

const char *const kChances[] = {"1/4",
                                "1/2",
                                "1/3",
                                "0.3",
                                "1/7",
                                "3/4",
                                "999/1000",
                                "1e-6",
                                "1e-18",
                                "999999999999999999/1000000000000000000",
                                "1/18446744073709551616",
                                "18446744073709551615/18446744073709551616",
                                "123456789123456789/987654321987654321"};

TEST(Thresholds, AreTheReferences)
{
    for (uint32_t rolls : {1, 2, 3, 7, 20, 100, 231, 600})
        for (const char *chance : kChances) {
            SCOPED_TRACE(std::to_string(rolls) + " rolls at " + chance);
            const Values exact = FromReference(rolls, chance);
            EXPECT_EQ(OfChance(rolls, chance), exact);
            EXPECT_EQ(ByIntervals(rolls, chance), exact);
        }
}

// Sums start far below the mean here, and numerators would be too long.
TEST(Thresholds, OfManyRollsAreTheReferences)
{
    for (auto [rolls, chance] : {std::pair{5000u, "1/2"},
                                 {5001u, "1/2"},
                                 {4000u, "2/3"},
                                 {3000u, "0.99"},
                                 {4000u, "1/1000"}}) {
        SCOPED_TRACE(std::to_string(rolls) + " rolls at " + chance);
        EXPECT_EQ(ByIntervals(rolls, chance), FromReference(rolls, chance));
    }
}

TEST(Thresholds, OfACertainChance)
{
    for (uint32_t rolls : {1u, 231u, GRAV_LAW_ROLLS_MAX}) {
        EXPECT_EQ(OfChance(rolls, "0"), Values());
        EXPECT_EQ(OfChance(rolls, "1"), Values(rolls, 0));
    }
}

// A coin tossed 11 times: every one of the 2048 ways counts the same.
TEST(Thresholds, AreThoseOfEnumeration)
{
    Values values(11, 0);
    for (unsigned way = 0; way < 2048; way++)
        for (size_t v = std::bitset<11>(way).count(); v < 11; v++)
            values[v] += uint64_t{1} << 53; // 2^64 / 2048
    EXPECT_EQ(OfChance(11, "1/2"), values);
    EXPECT_EQ(ByIntervals(11, "1/2"), values);
}

// P(score <= v) at p and P(score <= rolls - 1 - v) at 1 - p add up to 1: their floors to 2^64, or
// to 1 less where they are no whole numbers. Up to the most rolls, and on either side of the median
// of a fair coin, the one whole number there.
TEST(Thresholds, OfComplementsAddUp)
{
    const std::pair<const char *, const char *> chances[] = {
        {"1/2", "1/2"}, {"1/4", "3/4"}, {"1/3", "2/3"}, {"1e-6", "0.999999"}};
    for (uint32_t rolls : {10001u, 65536u, GRAV_LAW_ROLLS_MAX - 1, GRAV_LAW_ROLLS_MAX})
        for (auto [p, q] : chances) {
            SCOPED_TRACE(std::to_string(rolls) + " rolls at " + p);
            const Values low = OfChance(rolls, p);
            const Values high = OfChance(rolls, q);
            ASSERT_EQ(low.size(), rolls);
            ASSERT_EQ(high.size(), rolls);
            uint32_t wrong = 0, whole = 0;
            for (uint32_t v = 0; v < rolls; v++) {
                uint64_t sum = low[v] + high[rolls - 1 - v]; // modulo 2^64
                wrong += sum != UINT64_MAX && sum != 0;
                whole += sum == 0;
            }
            EXPECT_EQ(wrong, 0u);
            EXPECT_EQ(whole, rolls % 2 == 1 && std::string(p) == "1/2" ? 1u : 0u);
            EXPECT_TRUE(std::is_sorted(low.begin(), low.end()));
        }
}

// The law's own figures, which are found another way.
TEST(Thresholds, OfTheMostRollsAreTheLaws)
{
    for (const char *chance : {"1/4", "1/3", "1e-5"}) {
        const Values values = OfChance(GRAV_LAW_ROLLS_MAX, chance);
        auto law = support::MakeLaw(support::MakeExperiment(GRAV_LAW_ROLLS_MAX, chance));
        auto middle = static_cast<uint64_t>(grav_law_mean(law.get()));
        for (uint64_t v = middle - 8; v < middle + 8; v++) {
            double above = grav_law_at_least(law.get(), v + 1).value;
            EXPECT_NEAR(static_cast<double>(values[v]) / 0x1p64 + above, 1, 1e-15) << v;
        }
    }
}

TEST(Thresholds, OfTooManyRollsAreRefused)
{
    grav_thresholds thresholds = {};
    grav_error err = {};
    auto experiment = support::MakeExperiment(GRAV_LAW_ROLLS_MAX + 1, "1/4");
    EXPECT_EQ(grav_thresholds_of(experiment.get(), &thresholds, &err), GRAV_ERROR_INVALID);
    EXPECT_NE(std::string(err.message).find("1048576"), std::string::npos) << err.message;
    EXPECT_EQ(thresholds.values, nullptr);
}

// ---- Any law ------------------------------------------------------------------------------------

void ExpectThresholds(const laws::Game &game, const laws::Law &law)
{
    SCOPED_TRACE(testing::Message() << game);
    EXPECT_EQ(OfExperiment(game.Make()), laws::Thresholds(game, law));
}

TEST(ThresholdsOfDice, AreThoseOfEnumeration)
{
    Random random(33);
    for (int i = 0; i < 60; i++) {
        const laws::Game game = laws::RandomGame(random, 5, 5);
        ExpectThresholds(game, laws::ByEnumeration(game));
    }
}

// Scores that cannot be have the threshold of the one before, also below the lowest that can.
TEST(ThresholdsOfDice, WithGapsAreThoseOfEnumeration)
{
    for (const laws::Game &game :
         {laws::Game{{{0, 1}, {1, 1}, {7, 1}}, 2}, laws::Game{{{0, 1}, {5, 1}}, 6},
          laws::Game{{{0, 0}, {2, 1}, {3, 1}, {4, 2}, {6, 0}}, 1},
          laws::Game{{{1000, 0}, {1005, 2}, {1015, 1}, {1025, 1}}, 4},
          laws::Game{{{3, 0}, {5, 1}, {9, 0}}, 3},
          laws::Game{{{100, cpp_int(1) << 63}, {0, 1}}, 4}})
        ExpectThresholds(game, laws::ByEnumeration(game));
    grav_thresholds thresholds;
    grav_error err = {};
    const laws::Game gaps = {{{1000, 0}, {1005, 2}, {1015, 1}}, 4};
    ASSERT_EQ(grav_thresholds_of(gaps.Make().get(), &thresholds, &err), GRAV_OK);
    EXPECT_EQ(thresholds.base, 20u); // from 4000 on, and 4020 is the lowest
    EXPECT_EQ(thresholds.last, 60u);
    EXPECT_LE(thresholds.base + thresholds.count, thresholds.last);
    grav_thresholds_free(&thresholds);
}

TEST(ThresholdsOfDice, OfManyRollsAreThoseOfOneAfterTheOther)
{
    for (const laws::Game &game : {laws::Game{{{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {6, 1}}, 60},
                                   laws::Game{{{0, 1}, {1, 1000000007}, {2, 3}}, 100},
                                   laws::Game{{{0, 1}, {1, 1}, {2, 2}}, 100}})
        ExpectThresholds(game, laws::ByRolls(game));
}

TEST(ThresholdsOfStreaks, AreThoseOfEnumeration)
{
    for (uint32_t rolls : {1, 2, 5, 10})
        for (auto [scores, all] :
             {std::pair{cpp_int(1), cpp_int(2)}, {1, 4}, {2, 3}, {0, 1}, {1, 1}, {1, 1000000}}) {
            const laws::Game game = laws::Streak(rolls, scores, all);
            ExpectThresholds(game, laws::ByEnumeration(game));
        }
}

TEST(ThresholdsOfStreaks, OfManyRollsAreThoseOfCountingRuns)
{
    for (const laws::Game &game : {laws::Streak(100, 1, 2), laws::Streak(60, 1, 4),
                                   laws::Streak(80, 99, 100), laws::Streak(70, 20, 423)})
        ExpectThresholds(game, laws::OfStreak(game));
}

// A fair coin's sums and streaks have thresholds that are whole: never off by one, 2^64 P exactly.
TEST(ThresholdsOfStreaks, OfACoinAreWhole)
{
    const laws::Game game = laws::Streak(20, 1, 2);
    const Values values = OfExperiment(game.Make());
    for (uint32_t v = 0; v < 20; v++)
        EXPECT_EQ(values[v], (laws::WaysWithout(game, v + 1) << 44).convert_to<uint64_t>());
}

TEST(ThresholdsOfDice, BeyondATableAreRefused)
{
    grav_thresholds thresholds = {};
    grav_error err = {};
    // The law has 11 scores, a table would have ten million.
    const laws::Game wide = {{{0, 1}, {1000000, 1}}, 10};
    EXPECT_EQ(grav_thresholds_of(wide.Make().get(), &thresholds, &err), GRAV_ERROR_INVALID);
    EXPECT_NE(std::string(err.message).find("1048577"), std::string::npos) << err.message;
    EXPECT_EQ(thresholds.values, nullptr);
    EXPECT_EQ(grav_law_probability(support::MakeLaw(wide.Make()).get(), 5000000).value,
              252 / 1024.);
    EXPECT_EQ(grav_scores_check(wide.Make().get(), GRAV_ENGINE_PHILOX, &err), GRAV_ERROR_INVALID);
}

// ---- The table ----------------------------------------------------------------------------------

class Table {
  public:
    Table(Values values, uint32_t base, uint32_t last) : values_(std::move(values))
    {
        grav_thresholds thresholds = {values_.data(), values_.size(), base, last};
        grav_error err;
        if (grav_scores_create(&thresholds, &table_, &err) != GRAV_OK)
            throw std::runtime_error(err.message);
    }
    ~Table()
    {
        grav_scores_destroy(table_);
    }
    Table(const Table &) = delete;
    Table &operator=(const Table &) = delete;

    uint32_t SlotByCounting(uint64_t u) const
    {
        return static_cast<uint32_t>(
            std::count_if(values_.begin(), values_.end(), [u](uint64_t t) { return t <= u; }));
    }

    // The slot as players find it, and whether they ask for the low word exactly where it matters.
    void Check(uint64_t u) const
    {
        auto high = static_cast<uint32_t>(u >> 32);
        uint32_t slot = 0, lowest = SlotByCounting(u & ~uint64_t{UINT32_MAX});
        bool decided = grav_scores_by_high(table_, high, &slot);
        ASSERT_EQ(slot, lowest) << u;
        ASSERT_EQ(decided, lowest == SlotByCounting(u | UINT32_MAX)) << u;
        slot = grav_scores_by_both(table_, slot, high, static_cast<uint32_t>(u));
        ASSERT_EQ(slot, SlotByCounting(u)) << u;
        // The comparison that finds records lets no better draw pass.
        for (uint32_t record : {0u, slot / 2, slot ? slot - 1 : 0u})
            if (slot > record) {
                ASSERT_GE(high, grav_scores_to_beat(table_, record)) << u;
            }
        EXPECT_EQ(grav_scores_score(table_, slot),
                  slot < table_->count ? table_->base + slot : table_->last);
    }

    void CheckAround(Random &random) const
    {
        std::vector<uint64_t> places(values_);
        for (uint64_t bucket = 0; bucket < 64; bucket++)
            places.push_back(Below(random, GRAV_SCORES_BUCKETS) << (64 - GRAV_SCORES_GUIDE_BITS));
        places.insert(places.end(), {0, UINT64_MAX, random(), random()});
        for (uint64_t place : places)
            for (uint64_t off : {uint64_t{0}, uint64_t{1}, UINT64_MAX, uint64_t{1} << 32,
                                 ~(uint64_t{1} << 32), random() >> 33})
                Check(place + off);
    }

  private:
    Values values_;
    grav_scores *table_ = nullptr;
};

TEST(ScoresTable, FindsEverySlot)
{
    Random random(31);
    const uint64_t bucket = uint64_t{1} << (64 - GRAV_SCORES_GUIDE_BITS);
    std::vector<Values> tables = {
        {},
        {1},
        {UINT64_MAX},
        {bucket},
        {bucket - 1, bucket, bucket + 1},
        {5 * bucket, 5 * bucket, 5 * bucket + 7, 6 * bucket},
        {uint64_t{1} << 32, (uint64_t{1} << 32) + 1, (uint64_t{2} << 32) - 1, uint64_t{2} << 32}};
    for (size_t count : {3, 60, 254, 255, 256, 1023, 1024, 3000}) {
        Values any, close; // spread evenly, and all with a few high words
        for (size_t i = 0; i < count; i++) {
            any.push_back(random() | 1);
            close.push_back((uint64_t{0x12345678} << 32) + Below(random, uint64_t{3} << 32) + 1);
        }
        tables.push_back(any);
        tables.push_back(close);
    }
    for (Values &values : tables) {
        std::sort(values.begin(), values.end());
        Table table(values, 3, static_cast<uint32_t>(values.size()) + 10);
        table.CheckAround(random);
        if (HasFatalFailure())
            return;
    }
}

// More slots than the guide can name.
TEST(ScoresTable, FindsEverySlotOfManyThresholds)
{
    Random random(32);
    Values values(200000);
    for (uint64_t &value : values)
        value = random() >> Below(random, 8) | 1;
    std::sort(values.begin(), values.end());
    Table table(values, 0, 200000);
    for (int i = 0; i < 300; i++) {
        table.Check(random());
        table.Check(values[Below(random, values.size())] - Below(random, 2));
    }
}

} // namespace
