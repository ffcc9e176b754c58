// Dice as text: how a list is read, how it is written, and what is refused.
#include "games.h"

#include <boost/multiprecision/cpp_int.hpp>
#include <climits>

namespace {

using boost::multiprecision::cpp_rational;
using games::Dice;
using playing::Below;
using playing::Random;
using support::Experiment;

struct ReadFace {
    uint32_t value;
    std::string chance;
};

bool operator==(const ReadFace &a, const ReadFace &b)
{
    return a.value == b.value && a.chance == b.chance;
}

std::ostream &operator<<(std::ostream &out, const ReadFace &face)
{
    return out << face.value << " at " << face.chance;
}

std::vector<ReadFace> FacesOf(const Experiment &experiment)
{
    std::vector<ReadFace> faces;
    uint32_t value;
    const char *chance;
    for (size_t i = 0; grav_experiment_face(experiment.get(), i, &value, &chance); i++)
        faces.push_back({value, chance});
    return faces;
}

// What the library says to a die that it refuses; nothing if it does not.
std::string WhyRefused(const games::Game &game)
{
    grav_experiment_spec spec;
    grav_experiment_spec_init(&spec);
    spec.rolls = game.rolls;
    spec.chance = game.chance.c_str();
    spec.die = game.die.empty() && !game.chance.empty() ? nullptr : game.die.c_str();
    spec.statistic = game.statistic;
    spec.has_target = false;
    grav_experiment *experiment = nullptr;
    grav_error err = {};
    const grav_status status = grav_experiment_create(&spec, &experiment, &err);
    if (status == GRAV_OK) {
        grav_experiment_destroy(experiment);
        return "";
    }
    EXPECT_EQ(status, GRAV_ERROR_INVALID);
    EXPECT_EQ(experiment, nullptr);
    EXPECT_STRNE(err.message, "");
    EXPECT_EQ(std::string(err.message).find('\n'), std::string::npos);
    return err.message;
}

// ---- Reading ------------------------------------------------------------------------------------

TEST(DieText, IsReadInAllItsForms)
{
    const struct {
        std::string list;
        std::vector<ReadFace> faces;
    } all[] = {
        {"1x1,0x3", {{1, "1/4"}, {0, "3/4"}}},
        {"1x0.25,0x0.75", {{1, "1/4"}, {0, "3/4"}}},
        {"0x3,1x1", {{0, "3/4"}, {1, "1/4"}}},
        {"1,2,3", {{1, "1/3"}, {2, "1/3"}, {3, "1/3"}}},
        {"1..3", {{1, "1/3"}, {2, "1/3"}, {3, "1/3"}}},
        {"5..5,7", {{5, "1/2"}, {7, "1/2"}}},
        {"0..1x2,9x4", {{0, "1/4"}, {1, "1/4"}, {9, "1/2"}}},
        {"9,0..1x1/2", {{9, "1/2"}, {0, "1/4"}, {1, "1/4"}}},
        {"1e3,1_000", {{1000, "1/2"}, {1000, "1/2"}}},
        {"2^10x3,1.5e1", {{1024, "3/4"}, {15, "1/4"}}},
        {"2147483647x1,0x1", {{2147483647, "1/2"}, {0, "1/2"}}},
        {"1x10%,2x90%", {{1, "1/10"}, {2, "9/10"}}},
        {"1x1/3,2x2/3", {{1, "1/3"}, {2, "2/3"}}},
        {"1x2/6,2x1e-1,3x.4", {{1, "2/5"}, {2, "3/25"}, {3, "12/25"}}},
        {"1x0,2x5,3x0", {{1, "0"}, {2, "1"}, {3, "0"}}},
        {"1x0.0,2x1e2,3x3e2", {{1, "0"}, {2, "1/4"}, {3, "3/4"}}},
        {"7,7,7,7", {{7, "1/4"}, {7, "1/4"}, {7, "1/4"}, {7, "1/4"}}},
        {"1x340282366920938463463374607431768211456,2x340282366920938463463374607431768211456",
         {{1, "1/2"}, {2, "1/2"}}},
    };
    for (const auto &[list, faces] : all)
        EXPECT_EQ(FacesOf(games::Make(Dice(1, list))), faces) << list;
}

// Any die has the reference's faces, with chances that are its weights divided by their sum.
TEST(DieText, IsReadAsByTheReference)
{
    Random random(120);
    for (int i = 0; i < 400; i++) {
        const std::string list = games::AnyDie(random, 1, i % 4 ? 20 : 256);
        SCOPED_TRACE(list);
        const reference::Die die = reference::ParseDie(list);
        const Experiment experiment = games::Make(Dice(1, list));
        const std::vector<ReadFace> faces = FacesOf(experiment);
        ASSERT_EQ(faces.size(), die.size());
        cpp_rational sum = 0;
        uint32_t low = UINT32_MAX, high = 0;
        for (const reference::Face &face : die) {
            sum += face.weight;
            low = std::min(low, face.value);
            high = std::max(high, face.value);
        }
        for (size_t f = 0; f < die.size(); f++) {
            EXPECT_EQ(faces[f].value, die[f].value);
            EXPECT_EQ(faces[f].chance, cpp_rational(die[f].weight / sum).str());
        }
        EXPECT_EQ(grav_experiment_score_min(experiment.get()), low);
        EXPECT_EQ(grav_experiment_score_max(experiment.get()), high);
    }
}

TEST(DieText, IsWrittenWithTheSmallestWholeWeights)
{
    const std::pair<const char *, const char *> all[] = {
        {"1x1,0x3", "1x1,0x3"},
        {"1x0.25,0x75%", "1x1,0x3"},
        {"1x2,0x2", "1x1,0x1"},
        {"1,2,3,4,5,6", "1..6"},
        {"1,2", "1,2"},
        {"0x2,1x2", "0,1"},
        {"1..3x4,9x8", "1..3,9x2"},
        {"1x1/2,2x1/3,3x1/6", "1x3,2x2,3"},
        {"3,2,1", "3,2,1"},
        {"4x0,5x0,6x0,1x1", "4..6x0,1"},
        {"0..255", "0..255"},
        {"2147483646,2147483647,0", "2147483646,2147483647,0"},
        {"1e3,1_001,1002,5x1", "1000..1002,5"},
        {"1x0.3,1x0.3,0x0.4", "1x3,1x3,0x4"},
    };
    for (const auto &[list, written] : all)
        EXPECT_STREQ(grav_experiment_die(games::Make(Dice(1, list)).get()), written) << list;
    EXPECT_STREQ(grav_experiment_die(games::Make(games::Chance(1, "25%")).get()), "1x1,0x3");
    EXPECT_STREQ(grav_experiment_die(games::Make(games::Chance(1, "1")).get()), "1x1,0x0");
}

TEST(DieText, ReadsBackAsTheSameDie)
{
    Random random(121);
    for (int i = 0; i < 400; i++) {
        const Experiment first = games::Make(Dice(1, games::AnyDie(random, 1, i % 4 ? 20 : 256)));
        const std::string written = grav_experiment_die(first.get());
        const Experiment second = games::Make(Dice(1, written));
        EXPECT_EQ(FacesOf(first), FacesOf(second)) << written;
        EXPECT_EQ(grav_experiment_die(second.get()), written);
    }
    for (int i = 0; i < 100; i++) {
        const Experiment first = games::Make(games::Chance(1, games::AnyChance(random)));
        const Experiment second = games::Make(Dice(1, grav_experiment_die(first.get())));
        EXPECT_EQ(FacesOf(first), FacesOf(second));
        EXPECT_STREQ(grav_experiment_chance(first.get()), grav_experiment_chance(second.get()));
    }
}

TEST(DieText, TellsAChanceOfAChancesDieOnly)
{
    EXPECT_STREQ(grav_experiment_chance(games::Make(Dice(1, "1x1,0x3")).get()), "1/4");
    for (const char *list : {"0x3,1x1", "2x1,0x3", "1x1,0x3,0x0", "1x1,2x3"})
        EXPECT_EQ(grav_experiment_chance(games::Make(Dice(1, list)).get()), nullptr) << list;
}

// ---- Scores -------------------------------------------------------------------------------------

TEST(DieText, ScoresReachFromTheLowestValueToTheHighest)
{
    const struct {
        games::Game game;
        uint64_t min, max;
    } all[] = {{Dice(10, "1..6"), 10, 60},
               {Dice(10, "6,1"), 10, 60},
               {Dice(2, "0,2147483647"), 0, 4294967294},
               {Dice(3, "5,1431655765"), 15, 4294967295},
               {Dice(7, "3x0,4x1,5x0"), 21, 35}, // as if any face could be rolled
               {games::Streak(231, "1/4"), 0, 231},
               {games::Chance(231, "0"), 0, 231}};
    for (const auto &[game, min, max] : all) {
        EXPECT_EQ(grav_experiment_score_min(games::Make(game).get()), min) << game;
        EXPECT_EQ(grav_experiment_score_max(games::Make(game).get()), max) << game;
    }
}

// ---- Refusing -----------------------------------------------------------------------------------

TEST(DieText, SaysWhatIsWrong)
{
    const std::string many = "0x" + std::string(2000, '9') + ",1";
    const struct {
        games::Game game;
        const char *why;
    } bad[] = {
        {Dice(1, ""), "value"},
        {Dice(1, ","), "value"},
        {Dice(1, "1,,2"), "value"},
        {Dice(1, "1,2,"), "value"},
        {Dice(1, ",1,2"), "value"},
        {Dice(1, "-1,2"), "'-1'"},
        {Dice(1, "1,2x-1"), "weight below 0"},
        {Dice(1, "1,2x-1/2"), "weight below 0"},
        {Dice(1, "1,x2"), "'x2'"},
        {Dice(1, "1,2x"), "'2x'"},
        {Dice(1, "1,2x3x4"), "'2x3x4'"},
        {Dice(1, "1,two"), "'two'"},
        {Dice(1, "1,0.5"), "'0.5'"},
        {Dice(1, "1;2"), "'1;2'"},
        {Dice(1, "1 ,2"), "'1 '"},
        {Dice(1, "nan,1"), "'nan'"},
        {Dice(1, "1xnan,2"), "'1xnan'"},
        {Dice(1, "1xinf,2"), "'1xinf'"},
        {Dice(1, "1x1/0,2"), "'1x1/0'"},
        {Dice(1, "1x1/2/3,2"), "'1x1/2/3'"},
        {Dice(1, "1x1e,2"), "'1x1e'"},
        {Dice(1, "1"), "one face"},
        {Dice(1, "7x3"), "one face"},
        {Dice(1, "4..4"), "one face"},
        {Dice(1, "0..256"), "256 faces"},
        {Dice(1, "0..127,0..127,5"), "256 faces"},
        {Dice(1, "0..2147483647"), "256 faces"},
        {Dice(1, "0..10000000000"), "2147483647"},
        {Dice(1, "3..1"), "ascend"},
        {Dice(1, "1..,2"), "'1..'"},
        {Dice(1, "..3"), "'..3'"},
        {Dice(1, "1...3"), "'1...3'"},
        {Dice(1, "1..2..3"), "'1..2..3'"},
        {Dice(1, "2147483648,1"), "2147483647"},
        {Dice(1, "2^31,1"), "2147483647"},
        {Dice(1, "99999999999999999999999999,1"), "2147483647"},
        {Dice(1, "1e9999999999,1"), "2147483647"},
        {Dice(1, "1x0,2x0,3x0.0"), "all weights are 0"},
        {Dice(1, "0..9x0"), "all weights are 0"},
        {Dice(1, "1x1/18446744073709551616,2x1"), "2^-64"},
        {Dice(1, "1x1,2x1/36893488147419103232,3x1"), "face 2"},
        {Dice(1, "1x1,2x1e-400,3x1"), "2^-64"},
        {Dice(1, "1x1,2x1e-4000,3x1"), "499 digits"},
        {Dice(1, many), "no weight"},
        {Dice(1 << 24, "2147483647,0"), "36028797002186752"},
        {Dice(3, "1431655766,0"), "4294967298"},
        {Dice(1 << 24, "256,0"), "4294967296"},
        {games::Chance(1, "1/36893488147419103232"), "2^-64"},
        {games::Chance(1, "5/4"), "0 to 1"},
        {{5, "", "1..6", GRAV_STATISTIC_STREAK}, "1..6"},
        {{5, "", "0,1", GRAV_STATISTIC_STREAK}, "0,1"},
        {{5, "", "2,0", GRAV_STATISTIC_STREAK}, "2,0"},
        {{5, "", "1,0,0x0", GRAV_STATISTIC_STREAK}, "streak"},
    };
    for (const auto &[game, why] : bad) {
        const std::string message = WhyRefused(game);
        EXPECT_NE(message.find(why), std::string::npos) << game << ": " << message;
    }
}

TEST(DieText, TakesWhatIsJustRight)
{
    for (const games::Game &game :
         {Dice(1, "0..255"), Dice(1, "0..127,0..127"), Dice(1, "2147483647,2147483647x0"),
          Dice(3, "1431655765,0"), Dice((1 << 24) - 1, "256,0"), Dice(1, "1x1,2x2^63,3x5"),
          Dice(1, "1x1,2x18446744073709551615"), Dice(1, "2x1,1x18446744073709551615")})
        EXPECT_EQ(WhyRefused(game), "") << game;
    // The chance of the last face is that of what is left, however little that is.
    EXPECT_EQ(WhyRefused(Dice(1, "1x1,2x1/36893488147419103232")), "");
    EXPECT_EQ(WhyRefused(Dice(1, "1x36893488147419103232,0x1")), "");
}

// What is written of a die is read again, so chances are no longer than numbers that are read.
TEST(DieText, WeightsAreNoLongerThanIsReadAgain)
{
    const std::string nines(GRAV_WEIGHT_DIGITS_MAX, '9'), threes(GRAV_WEIGHT_DIGITS_MAX, '3');
    EXPECT_EQ(WhyRefused(games::Chance(1, threes + "/" + nines.substr(1) + "8")), "");
    EXPECT_NE(WhyRefused(games::Chance(1, threes + "/1" + nines)).find("499 digits"),
              std::string::npos);
    EXPECT_EQ(WhyRefused(Dice(1, "2x" + nines.substr(1) + "8,1x1")), "");
    EXPECT_NE(WhyRefused(Dice(1, "2x" + nines + ",1x1")).find("499 digits"), std::string::npos);
}

// Short texts of numbers so long that adding them up took minutes.
TEST(DieText, GiantWeightsAreRefusedAtOnce)
{
    for (const char *power : {"^5000", "^250", "^100"}) {
        std::string list;
        for (uint64_t i = 0; i < GRAV_FACES_MAX; i++)
            list +=
                (i ? "," : "") + std::to_string(i) + "x1/" + std::to_string(UINT64_MAX - i) + power;
        EXPECT_NE(WhyRefused(Dice(1, list)).find("499 digits"), std::string::npos) << power;
    }
}

// The texts that make up lists, put together anyhow: the library accepts what the reference does.
TEST(DieText, RefusesWhatTheReferenceRefuses)
{
    Random random(122);
    const char *const pieces[] = {"0", "1", "2", "7",  "31", "..", ",",   ",", "x",
                                  "x", "/", ".", "1x", "_",  "0.", "255", "x0"};
    int accepted = 0;
    for (int i = 0; i < 30000; i++) {
        std::string list = Below(random, 2) ? "3," : "";
        for (uint64_t count = 1 + Below(random, 7); count > 0; count--)
            list += pieces[Below(random, std::size(pieces))];
        if (list.find("x0x") != std::string::npos)
            continue; // a hexadecimal weight, which the reference does not know
        const bool is_die = games::IsDie(list);
        accepted += is_die;
        EXPECT_EQ(WhyRefused(Dice(1, list)) == "", is_die) << list;
    }
    EXPECT_GE(accepted, 1000);
}

// Any bytes at all: no crash, one line, and a good die is never among them.
TEST(DieText, BadBytesAreRefused)
{
    Random random(123);
    for (int i = 0; i < 3000; i++) {
        std::string list = "1,2";
        const size_t at = Below(random, 4);
        list.insert(at, 1, static_cast<char>(128 + Below(random, 128)));
        list.insert(Below(random, 4), 1, static_cast<char>(1 + Below(random, 31)));
        EXPECT_NE(WhyRefused(Dice(1, list)), "");
    }
    for (size_t length : {100, 1000, 2047, 2048, 2049, 100000}) {
        EXPECT_NE(WhyRefused(Dice(1, "1," + std::string(length, '9'))), "");
        EXPECT_NE(WhyRefused(Dice(1, "1,2x" + std::string(length, 'z'))), "");
        EXPECT_NE(WhyRefused(Dice(1, std::string(length, ','))), "");
    }
}

} // namespace
