// Dice and streaks on every backend, against known sessions and against the reference.
#include "experiment.h"
#include "games.h"

#include <algorithm>

namespace {

using games::Dice;
using games::ExpectReference;
using games::Game;
using playing::Below;
using playing::Engine;
using playing::kEngines;
using playing::Random;
using support::Result;

// Around the sizes of words, pairs of words, blocks and rows.
const uint32_t kRolls[] = {1,   2,   3,   5,   10,  31,  32,  33,  63,  64,  65,   100,
                           127, 128, 129, 192, 231, 255, 256, 257, 300, 512, 1000, 1025};

// ---- Known sessions -----------------------------------------------------------------------------

struct Known {
    Game game;
    Engine engine;
    uint64_t seed, session, score, words;
};

std::ostream &operator<<(std::ostream &out, const Known &known)
{
    return out << known.game << ", " << known.engine << ", seed " << known.seed << ", session "
               << known.session;
}

std::vector<Known> KnownSessions()
{
    std::vector<Known> all;
    for (const std::vector<std::string> &row : support::Vectors("dice.txt")) {
        Game game = Dice(static_cast<uint32_t>(std::stoul(row.at(3))), row.at(4));
        if (row.at(5) == "streak")
            game.statistic = GRAV_STATISTIC_STREAK;
        all.push_back({game, playing::EngineNamed(row.at(0)), std::stoull(row.at(1), nullptr, 0),
                       std::stoull(row.at(2)), std::stoull(row.at(6)), std::stoull(row.at(7))});
    }
    return all;
}

TEST(DiceReference, PlaysTheKnownSessions)
{
    const std::vector<Known> all = KnownSessions();
    EXPECT_GE(all.size(), 100u);
    for (const Known &known : all) {
        const reference::Session session =
            games::Oracle(known.game).Play(known.engine, known.seed, known.session);
        EXPECT_EQ(session.score, known.score) << known;
        EXPECT_EQ(session.words, known.words) << known;
    }
}

// All 64 digits of every face: the last ones decide a roll in so many that playing would not tell.
TEST(DicePlan, HasTheDigitsOfEveryFace)
{
    Random random(100);
    for (int i = 0; i < 150; i++) {
        const std::string list = games::AnyDie(random, 10, i % 25 ? 12 : 256);
        SCOPED_TRACE(list);
        const reference::Die die = reference::ParseDie(list);
        const support::Experiment experiment = Make(Dice(10, list));
        ASSERT_EQ(experiment->die.count, die.size());
        for (size_t f = 0; f + 1 < die.size(); f++) {
            const grav_face &face = experiment->die.faces[f];
            const reference::BinaryDigits &p = die[f].digits;
            EXPECT_EQ(face.digits, p.digits);
            EXPECT_EQ(face.sure != 0, p.always);
            EXPECT_TRUE(p.AllZeroFrom(static_cast<int>(face.planes) + 1));
            EXPECT_TRUE(face.planes == 0 || p.Digit(static_cast<int>(face.planes)));
        }
    }
}

// ---- Replaying ----------------------------------------------------------------------------------

void ExpectReplay(const Game &game, const Engine &engine, uint64_t seed, uint64_t session)
{
    SCOPED_TRACE(testing::Message()
                 << game << ", " << engine << ", seed " << seed << ", session " << session);
    const reference::Session expected = games::Oracle(game).Play(engine, seed, session);
    std::vector<uint8_t> faces(game.rolls, 77);
    uint64_t score = 0, words = 0;
    EXPECT_EQ(grav_replay(games::Make(game).get(), GRAV_METHOD_ROLLS, engine.id, 1, seed, session,
                          faces.data(), &score, &words, nullptr),
              GRAV_OK);
    EXPECT_EQ(faces, expected.faces);
    EXPECT_EQ(score, expected.score);
    EXPECT_EQ(words, expected.words);
}

TEST(DiceReplay, GivesTheKnownSessions)
{
    for (const Known &known : KnownSessions()) {
        uint64_t score = 0, words = 0;
        EXPECT_EQ(grav_replay(games::Make(known.game).get(), GRAV_METHOD_ROLLS, known.engine.id, 1,
                              known.seed, known.session, nullptr, &score, &words, nullptr),
                  GRAV_OK);
        EXPECT_EQ(score, known.score) << known;
        EXPECT_EQ(words, known.words) << known;
    }
}

TEST(DiceReplay, RollsAsTheReference)
{
    Random random(101);
    for (int i = 0; i < 300; i++) {
        const uint32_t rolls = kRolls[Below(random, std::size(kRolls))];
        const Game game = Dice(rolls, games::AnyDie(random, rolls, i % 10 ? 12 : 256));
        ExpectReplay(game, kEngines[i % 3], random(), random() >> 1);
    }
}

TEST(DiceReplay, RollsStreaksAsTheReference)
{
    Random random(102);
    for (int i = 0; i < 300; i++) {
        const uint32_t rolls = kRolls[Below(random, std::size(kRolls))];
        const Game game = games::Streak(rolls, games::AnyChance(random));
        ExpectReplay(game, kEngines[i % 3], random(), random() >> 1);
    }
}

// ---- Ranges -------------------------------------------------------------------------------------

class DiceSessions : public support::OnBackend {
  protected:
    // A game somewhere, for about so many microseconds of the reference.
    void Check(Random &random, const Game &game, double microseconds, uint64_t sessions_max)
    {
        const uint64_t sessions =
            std::min(games::SessionsIn(game, microseconds), 1 + Below(random, sessions_max));
        ExpectReference(GetParam(), game, kEngines[Below(random, 3)], random(),
                        games::AnyFirst(random, sessions), sessions);
    }
};
GRAV_ON_EVERY_BACKEND(DiceSessions);

TEST_P(DiceSessions, KnownOnesAlone)
{
    for (const Known &known : KnownSessions()) {
        SCOPED_TRACE(testing::Message() << known);
        grav_run_spec spec = support::Spec(GetParam(), known.seed, known.session, 1);
        spec.engine = known.engine.id;
        spec.keep = GRAV_KEEP_MAX;
        const grav_summary summary = support::Summary(support::Run(games::Make(known.game), spec));
        EXPECT_EQ(summary.max_score, known.score);
        EXPECT_EQ(summary.max_session, known.session);
    }
}

TEST_P(DiceSessions, AnyDieAsTheReference)
{
    Random random(103);
    for (int i = 0; i < 300; i++) {
        const uint32_t rolls = kRolls[Below(random, std::size(kRolls))];
        Check(random, Dice(rolls, games::AnyDie(random, rolls, 12)), 1500, 150);
    }
}

TEST_P(DiceSessions, DiceOfManyFacesAsTheReference)
{
    Random random(104);
    for (int i = 0; i < 40; i++) {
        const uint32_t rolls = kRolls[Below(random, std::size(kRolls))];
        Check(random, Dice(rolls, games::AnyDie(random, rolls, 256)), 2000, 70);
    }
    std::string ascending = "0..255", descending;
    for (int value = 255; value >= 0; value--)
        descending += std::to_string(value) + (value ? "," : "");
    for (const std::string &die : {ascending, descending})
        Check(random, Dice(100, die), 10000, 100);
}

// Every number of faces from which a backend may do something else.
TEST_P(DiceSessions, EveryNumberOfFacesAsTheReference)
{
    Random random(105);
    for (uint32_t faces = 2; faces <= 256; faces += faces < 20 ? 1 : 11) {
        const Game game = Dice(10, "1.." + std::to_string(faces));
        Check(random, game, 3000, 300);
    }
}

// Zero weights and sure faces at every place of a die of three and of four.
TEST_P(DiceSessions, FacesThatAreNeverRolledAsTheReference)
{
    Random random(106);
    const char *const weights[] = {"0", "1", "1/3"};
    for (uint32_t faces : {2, 3, 4})
        for (uint32_t which = 0; which < (faces == 2 ? 9u : faces == 3 ? 27u : 81u); which++) {
            std::string die;
            uint32_t rest = which;
            for (uint32_t face = 0; face < faces; face++, rest /= 3)
                die +=
                    (face ? "," : "") + std::to_string(face * face + 1) + "x" + weights[rest % 3];
            if (!games::IsDie(die))
                continue; // all weights are 0
            for (uint32_t rolls : {7u, 64u, 65u, 200u})
                Check(random, Dice(rolls, die), 300, 40);
        }
}

// Long enough to fill vectors and what else a backend gathers, with a rest.
TEST_P(DiceSessions, LongRangesAsTheReference)
{
    Random random(107);
    for (const auto &[rolls, die] : {std::pair{10u, "1..6"},
                                     {1u, "1..6"},
                                     {100u, "1..6"},
                                     {10u, "3x1/3,2x0,1x5,9x0.25"},
                                     {64u, "5,6,7"},
                                     {65u, "5,6,7"},
                                     {231u, "2x1,1x3"},
                                     {300u, "0x3,1x1,2x0"}})
        for (const Engine &engine : kEngines) {
            const uint64_t first = ((1 + Below(random, 9)) << 32) - 900 + Below(random, 300);
            ExpectReference(GetParam(), Dice(rolls, die), engine, random(), first, 1500);
        }
}

// A die of faces 1 and 0 is a chance, and one of 0 and 1 is not, nor one of 2 and 1.
TEST_P(DiceSessions, TwoFacesAsTheReference)
{
    Random random(108);
    for (const char *die : {"1x1,0x3", "0x3,1x1", "2x1,1x3", "1x1,1x3", "0x1,0x2", "7x2,0x1"})
        for (uint32_t rolls : {1u, 64u, 65u, 231u, 513u})
            Check(random, Dice(rolls, die), 3000, 700);
}

// ---- Scores at their limits ---------------------------------------------------------------------

TEST_P(DiceSessions, HighestScoresAsTheReference)
{
    const Game all[] = {Dice(2, "0,2147483647"),
                        Dice(2, "2147483647,0"),
                        Dice(2, "2147483647x9,2147483646"),
                        Dice(1, "2147483647,1"),
                        Dice(1, "0..254,2147483647"),
                        Dice(4, "1073741823x3,0,1"),
                        Dice(3, "1431655765x20,0"),
                        Dice(255, "16843009x200,0"),
                        Dice(65, "66076419x99,5,0"),
                        Dice(1000, "4294967x999,4294960"),
                        Dice(10, "0,429496729x40")};
    for (const Game &game : all)
        for (const Engine &engine : kEngines)
            ExpectReference(GetParam(), game, engine, 7, (uint64_t{1} << 33) - 60, 300);
}

// All rolls of the highest value, which is also what the first face or the last one takes.
TEST_P(DiceSessions, ScoresUpToTheLastOne)
{
    const struct {
        uint32_t rolls;
        const char *die;
        uint64_t score;
    } sure[] = {{1, "5x0,2147483647x1", 2147483647},   {2, "0x0,2147483647x1", 4294967294},
                {2, "2147483647x1,0x0", 4294967294},   {3, "1x0,1431655765x1,0x0", 4294967295},
                {1 << 24, "255x1,0x0", 4278190080},    {1 << 24, "0x0,255x1", 4278190080},
                {65537, "0x0,65535x1,3x0", 4294967295}};
    for (const auto &[rolls, die, score] : sure) {
        grav_run_spec spec = support::Spec(GetParam(), 1, 1000, 700);
        spec.keep = GRAV_KEEP_MAX;
        const grav_summary summary = support::Summary(support::Run(Make(Dice(rolls, die)), spec));
        EXPECT_EQ(summary.max_score, score) << rolls << " rolls of " << die;
        EXPECT_EQ(summary.max_session, 1000u);
        EXPECT_EQ(summary.sessions, 700u);
    }
}

// Around the sizes at which a backend keeps its histogram somewhere else.
TEST_P(DiceSessions, LongHistogramsAsTheReference)
{
    for (uint32_t scores : {5000, 12031, 12032, 16127, 16128, 16383, 16384, 25087, 25088, 41471,
                            41472, 57855, 57856, 65535, 65536, 300000}) {
        const std::string high = std::to_string(scores - 1 + 9);
        ExpectReference(GetParam(), Dice(1, "9x2," + high + ",20"), kEngines[0], scores, 5, 300);
        ExpectReference(GetParam(), games::Streak(scores, "1/3"), kEngines[1], scores, 5, 3);
    }
}

// A histogram of as many scores as there may be, and of one more, which is refused.
TEST_P(DiceSessions, LongestHistogram)
{
    ExpectReference(GetParam(), Dice(15, "7,8,69912"), kEngines[0], 3, 99, 200);
    ExpectReference(GetParam(), Dice(1, "5,1048580"), kEngines[0], 3, 99, 200);
    const support::Experiment longer = Make(Dice(1, "5,1048581"));
    grav_run_spec spec = support::Spec(GetParam(), 3, 0, 10);
    grav_result *result = nullptr;
    grav_error err = {};
    EXPECT_EQ(grav_run(longer.get(), &spec, &result, &err), GRAV_ERROR_INVALID);
    EXPECT_NE(std::string(err.message).find("--keep max"), std::string::npos) << err.message;
    EXPECT_NE(std::string(err.message).find("1048577"), std::string::npos) << err.message;
    spec.keep = GRAV_KEEP_MAX;
    EXPECT_EQ(grav_run(longer.get(), &spec, &result, &err), GRAV_OK);
    grav_result_destroy(result);
}

// ---- Streaks ------------------------------------------------------------------------------------

TEST_P(DiceSessions, AnyStreakAsTheReference)
{
    Random random(109);
    for (int i = 0; i < 300; i++) {
        const uint32_t rolls = kRolls[Below(random, std::size(kRolls))];
        Check(random, games::Streak(rolls, games::AnyChance(random)), 2000, 200);
    }
}

// Around whole rows of rolls, with runs that end in a row, go through one or several, or never end.
TEST_P(DiceSessions, StreaksAcrossRowsAsTheReference)
{
    Random random(110);
    for (uint32_t rolls : {63,  64,  65,  127, 128, 129, 191, 192, 193, 255,  256,
                           257, 319, 320, 511, 512, 513, 767, 768, 769, 1000, 3000})
        for (const char *chance : {"0", "1", "1/2", "1/4", "0.9", "0.99", "0.995", "0.999",
                                   "0.9999999", "1023/1024", "18446744073709551615/2^64"})
            Check(random, games::Streak(rolls, chance), 1200, 60);
}

TEST_P(DiceSessions, LongRangesOfStreaksAsTheReference)
{
    Random random(111);
    for (const auto &[rolls, chance] :
         {std::pair{231u, "1/4"}, {231u, "0.7"}, {64u, "1/2"}, {10u, "1/3"}, {300u, "0.98"}})
        for (const Engine &engine : kEngines) {
            const uint64_t first = ((1 + Below(random, 9)) << 32) - 900 + Below(random, 300);
            ExpectReference(GetParam(), games::Streak(rolls, chance), engine, random(), first,
                            1500);
        }
}

// ---- Chances of many digits ---------------------------------------------------------------------

// Ranges that fill batches of sessions and leave a rest, from anywhere.
TEST_P(DiceSessions, ChancesOfManyDigitsAsTheReference)
{
    Random random(112);
    const char *const chances[] = {"1/3",   "2/3",  "0.3",   "0.1",    "1e-6",
                                   "0.999", "5/16", "11/32", "1/2^64", "18446744073709551615/2^64"};
    for (uint32_t rolls : {1, 5, 10, 63, 64, 65, 100, 127, 128, 129, 192, 231, 256, 300, 512, 1000})
        for (const char *chance : chances) {
            const Game game = games::Chance(rolls, chance);
            const uint64_t sessions = 250 + Below(random, rolls < 300 ? 800 : 400);
            ExpectReference(GetParam(), game, kEngines[Below(random, 3)], random(),
                            games::AnyFirst(random, sessions), sessions);
        }
}

// Every length around one, two and three batches.
TEST_P(DiceSessions, BatchesOfEveryLengthAsTheReference)
{
    Random random(113);
    for (uint64_t batches : {256, 512, 768})
        for (uint64_t sessions = batches - 9; sessions < batches + 20; sessions++) {
            const Game game = games::Chance(sessions % 2 ? 40 : 100, "1/3");
            ExpectReference(GetParam(), game, kEngines[Below(random, 3)], random(),
                            games::AnyFirst(random, sessions), sessions);
        }
}

// The chance of the two dice is the same, and so is every roll.
TEST_P(DiceSessions, AChanceIsItsDie)
{
    for (uint32_t rolls : {10u, 231u}) {
        grav_run_spec spec = support::Spec(GetParam(), 3, 11, 3000);
        EXPECT_EQ(support::Digest(support::Run(Make(Dice(rolls, "1x1,0x2")), spec)),
                  support::Digest(support::Run(Make(games::Chance(rolls, "1/3")), spec)));
    }
}

// ---- Many rolls ---------------------------------------------------------------------------------

// Millions of rolls of a die: planes start beyond bit 2^32.
class SlowDice : public support::OnBackend {};
GRAV_ON_EVERY_BACKEND(SlowDice);

TEST_P(SlowDice, OfTheMostRolls)
{
    ExpectReference(GetParam(), Dice(1 << 20, "1x1/3,0x1/2,2"), kEngines[2], 5, 12345, 2);
    ExpectReference(GetParam(), Dice(GRAV_ROLLS_MAX, "3x1/4,200x3/4,0x1/8,1x1/8"), kEngines[0], 5,
                    (uint64_t{1} << 40) + 1, 1);
    ExpectReference(GetParam(), games::Streak(GRAV_ROLLS_MAX, "0.99"), kEngines[1], 5, 77, 1);
}

} // namespace
