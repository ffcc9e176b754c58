// Sessions, one by one and by the range, against known sessions and against the reference.
#include "experiment.h"
#include "playing.h"

namespace {

using playing::Engine;
using playing::ExpectFound;
using playing::FindByReference;
using playing::kEngines;
using support::Experiment;
using support::MakeExperiment;
using support::Result;

// ---- Known sessions and parameters --------------------------------------------------------------

struct Known {
    Engine engine;
    uint64_t seed, session;
    uint32_t rolls;
    std::string chance;
    uint64_t score, words;
};

std::ostream &operator<<(std::ostream &out, const Known &known)
{
    return out << known.engine << ", seed " << known.seed << ", session " << known.session
               << ", rolls " << known.rolls << ", chance " << known.chance;
}

std::vector<Known> KnownSessions()
{
    std::vector<Known> all;
    for (const std::vector<std::string> &row : support::Vectors("sessions.txt"))
        all.push_back({playing::EngineNamed(row.at(0)), std::stoull(row.at(1), nullptr, 0),
                       std::stoull(row.at(2)), static_cast<uint32_t>(std::stoul(row.at(3))),
                       row.at(4), std::stoull(row.at(5)), std::stoull(row.at(6))});
    return all;
}

// Around the sizes of words, pairs of words and blocks.
const uint32_t kRolls[] = {1,   2,   31,  32,  33,  63,  64,  65,  127,
                           128, 129, 192, 231, 255, 256, 257, 384, 1000};
const char *const kChances[] = {"0",
                                "1",
                                "1/2",
                                "1/4",
                                "3/4",
                                "1/3",
                                "2/3",
                                "1e-6",
                                "999999/1000000",
                                "1/18446744073709551616", // 2^-64, the smallest, and neighbours
                                "1/18446744073709551615",
                                "2/18446744073709551616",
                                "3/18446744073709551616",
                                "18446744073709551614/18446744073709551616",
                                "18446744073709551615/18446744073709551616"};
const uint64_t kSeeds[] = {0, 42, 0xffffffff, 0x100000000, 0xfedcba9876543210, UINT64_MAX};

struct Parameters {
    Engine engine;
    uint64_t seed;
    uint32_t rolls;
    std::string chance;
};

std::ostream &operator<<(std::ostream &out, const Parameters &parameters)
{
    return out << parameters.engine << ", seed " << parameters.seed << ", rolls "
               << parameters.rolls << ", chance " << parameters.chance;
}

// Every number of rolls with every chance and every engine.
std::vector<Parameters> AllParameters()
{
    std::vector<Parameters> all;
    for (uint32_t rolls : kRolls)
        for (const char *chance : kChances)
            for (const Engine &engine : kEngines)
                all.push_back({engine, kSeeds[all.size() % std::size(kSeeds)], rolls, chance});
    return all;
}

// All 64 digits: the last ones decide a roll in so many that playing would not tell.
TEST(Plan, HasTheDigitsOfTheChance)
{
    playing::Random random(14);
    std::vector<std::string> chances(std::begin(kChances), std::end(kChances));
    while (chances.size() < 200) {
        uint64_t whole = random() / 2 + 2;
        chances.push_back(std::to_string(1 + random() % whole) + "/" + std::to_string(whole));
    }
    for (const std::string &chance : chances) {
        SCOPED_TRACE(chance);
        Experiment experiment = MakeExperiment(231, chance);
        const reference::BinaryDigits p = reference::ParseChance(chance).digits;
        grav_plan plan = grav_plan_make(experiment.get(), GRAV_ENGINE_PHILOX, 1, 0);
        EXPECT_EQ(plan.digits, p.digits);
        EXPECT_EQ(plan.sure_score, p.always ? 231u : 0u);
        EXPECT_TRUE(p.AllZeroFrom(static_cast<int>(plan.planes) + 1));
        EXPECT_TRUE(plan.planes == 0 || p.Digit(static_cast<int>(plan.planes)));
    }
}

// ---- Replaying ----------------------------------------------------------------------------------

struct Replayed {
    std::vector<bool> scored;
    uint64_t score = 0, words = 0;
};

Replayed Replay(const Parameters &parameters, uint64_t session)
{
    Experiment experiment = MakeExperiment(parameters.rolls, parameters.chance);
    std::vector<uint8_t> faces(parameters.rolls, 2);
    Replayed out;
    grav_error err;
    EXPECT_EQ(grav_replay(experiment.get(), GRAV_METHOD_ROLLS, parameters.engine.id, 1,
                          parameters.seed, session, faces.data(), &out.score, &out.words, &err),
              GRAV_OK);
    for (uint8_t face : faces) {
        EXPECT_LE(face, 1);
        out.scored.push_back(face == 0);
    }
    return out;
}

TEST(Replay, GivesTheKnownSessions)
{
    for (const Known &known : KnownSessions()) {
        SCOPED_TRACE(testing::Message() << known);
        Replayed session =
            Replay({known.engine, known.seed, known.rolls, known.chance}, known.session);
        EXPECT_EQ(session.score, known.score);
        EXPECT_EQ(session.words, known.words);
        EXPECT_EQ(std::count(session.scored.begin(), session.scored.end(), true),
                  static_cast<std::ptrdiff_t>(known.score));
    }
}

TEST(Replay, RollsAsTheReference)
{
    for (const Parameters &parameters : AllParameters()) {
        SCOPED_TRACE(testing::Message() << parameters);
        const auto &[engine, seed, rolls, chance] = parameters;
        const reference::Chance exact = reference::ParseChance(chance);
        for (uint64_t session : {uint64_t{7}, (uint64_t{1} << 32) + 7, GRAV_SESSIONS_END - 1}) {
            Replayed replayed = Replay(parameters, session);
            EXPECT_EQ(replayed.scored,
                      reference::Rolls(engine.reference, seed, session, rolls, exact));
            EXPECT_EQ(replayed.words,
                      reference::WordsUsed(engine.reference, seed, session, rolls, exact));
            EXPECT_EQ(std::count(replayed.scored.begin(), replayed.scored.end(), true),
                      static_cast<std::ptrdiff_t>(replayed.score));
        }
    }
}

TEST(Replay, NeedsNoRoomForTheRolls)
{
    Experiment experiment = MakeExperiment(231, "1/4");
    uint64_t score = 0, words = 0;
    EXPECT_EQ(grav_replay(experiment.get(), GRAV_METHOD_ROLLS, GRAV_ENGINE_PHILOX, 1, 42, 413,
                          nullptr, &score, &words, nullptr),
              GRAV_OK);
    EXPECT_EQ(score, 81u);
    EXPECT_EQ(words, 12u);
}

TEST(Replay, RefusesSessionsThatAreNotThere)
{
    Experiment experiment = MakeExperiment(231, "1/4");
    uint64_t score = 5, words = 6;
    grav_error err = {};
    EXPECT_EQ(grav_replay(experiment.get(), GRAV_METHOD_ROLLS, GRAV_ENGINE_PHILOX, 1, 42,
                          GRAV_SESSIONS_END, nullptr, &score, &words, &err),
              GRAV_ERROR_INVALID);
    EXPECT_STRNE(err.message, "");
    EXPECT_EQ(score, 5u);
    EXPECT_EQ(words, 6u);
}

// ---- Ranges -------------------------------------------------------------------------------------

class Sessions : public support::OnBackend {
  protected:
    Result Play(const Parameters &parameters, uint64_t first, uint64_t sessions,
                grav_keep keep = GRAV_KEEP_HISTOGRAM)
    {
        grav_run_spec spec = support::Spec(GetParam(), parameters.seed, first, sessions);
        spec.engine = parameters.engine.id;
        spec.keep = keep;
        if (GetParam().backend == GRAV_BACKEND_CPU)
            spec.threads = 1; // pieces are longer, and fill vectors sooner
        return support::Run(MakeExperiment(parameters.rolls, parameters.chance), spec);
    }

    // The backend finds in a range what the reference finds.
    void Check(const Parameters &parameters, uint64_t first, uint64_t sessions)
    {
        SCOPED_TRACE(testing::Message()
                     << parameters << ", " << sessions << " sessions from " << first);
        const auto &[engine, seed, rolls, chance] = parameters;
        ExpectFound(Play(parameters, first, sessions),
                    FindByReference(engine, seed, first, sessions, rolls, chance), first, sessions);
    }
};
GRAV_ON_EVERY_BACKEND(Sessions);

TEST_P(Sessions, KnownOnesAlone)
{
    for (const Known &known : KnownSessions()) {
        SCOPED_TRACE(testing::Message() << known);
        std::vector<uint64_t> histogram(known.rolls + 1);
        histogram[known.score] = 1;
        ExpectFound(Play({known.engine, known.seed, known.rolls, known.chance}, known.session, 1),
                    {histogram, known.score, known.session}, known.session, 1);
    }
}

// A lane or thread that needs a fourth block, among others that do not.
TEST_P(Sessions, RareOnesAmongOthers)
{
    int rare = 0;
    for (const Known &known : KnownSessions()) {
        if (known.rolls != 231 || known.words != 13)
            continue;
        Check({known.engine, known.seed, known.rolls, known.chance}, known.session - 70, 141);
        rare++;
    }
    EXPECT_GE(rare, 8);
}

TEST_P(Sessions, FoundingJobAsTheReference)
{
    for (const Engine &engine : kEngines)
        Check({engine, 42, 231, "1/4"}, 0, 3000);
    grav_summary summary = support::Summary(Play({kEngines[0], 42, 231, "1/4"}, 0, 3000));
    EXPECT_EQ(summary.max_score, 81u);
    EXPECT_EQ(summary.max_session, 413u);
}

TEST_P(Sessions, EveryExperimentAsTheReference)
{
    for (const Parameters &parameters : AllParameters())
        Check(parameters, 0, 131);
}

// Indices around the powers of two that numbers wrap at, and up to the last one.
TEST_P(Sessions, EveryIndexAsTheReference)
{
    const uint64_t sessions = 37;
    for (const Parameters &parameters : AllParameters()) {
        for (uint64_t middle : {uint64_t{1} << 31, uint64_t{1} << 32, uint64_t{1} << 62})
            Check(parameters, middle - 18, sessions);
        Check(parameters, GRAV_SESSIONS_END - sessions, sessions);
    }
}

// Enough sessions to fill vectors, and a high half of the index that changes anywhere in one.
TEST_P(Sessions, LongRangesAsTheReference)
{
    const std::vector<Parameters> all = AllParameters();
    for (size_t i = 0; i < all.size(); i += 7) // meets all rolls, chances and engines
        Check(all[i], (uint64_t{1} << 32) - 700 + i % 32, 1300);
}

// ---- Many rolls ---------------------------------------------------------------------------------

// The ones among bits [start, start + count) of a session.
uint64_t CountOnes(const Parameters &parameters, uint64_t session, uint64_t start, uint64_t count)
{
    const uint64_t first = start / 32, end = (start + count + 31) / 32;
    std::vector<uint32_t> words(end - first);
    grav_words(parameters.engine.id, parameters.seed, session, first, words.size(), words.data());
    uint64_t ones = 0;
    for (uint64_t bit = start; bit < start + count; bit++)
        ones += words[bit / 32 - first] >> (bit % 32) & 1;
    return ones;
}

// The score of a session by counting, plane by plane: as the reference, but in seconds where a
// session has millions of rolls.
uint64_t ScoreByCounting(const Parameters &parameters, uint64_t session)
{
    const reference::BinaryDigits p = reference::ParseChance(parameters.chance).digits;
    uint64_t undecided = parameters.rolls, score = 0;
    for (int r = 1; undecided > 0 && !p.AllZeroFrom(r); r++) {
        uint64_t start = static_cast<uint64_t>(r - 1) * parameters.rolls;
        uint64_t ones = CountOnes(parameters, session, start, undecided);
        score += p.Digit(r) ? undecided - ones : 0;
        undecided = p.Digit(r) ? ones : undecided - ones;
    }
    return score;
}

TEST(ScoreByCounting, IsTheReferences)
{
    for (const Parameters &parameters : AllParameters()) {
        if (parameters.chance == "1")
            continue;
        const auto &[engine, seed, rolls, chance] = parameters;
        EXPECT_EQ(
            ScoreByCounting(parameters, 99),
            reference::Score(engine.reference, seed, 99, rolls, reference::ParseChance(chance)))
            << parameters;
    }
}

// Around the sizes at which a backend keeps its histogram somewhere else.
TEST_P(Sessions, LongHistograms)
{
    const uint64_t first = 1000, sessions = 12;
    for (uint32_t rolls : {12031, 12032, 16127, 16128, 16383, 16384, 25087, 25088, 41471, 41472,
                           57855, 57856, 65535, 65536, (1 << 20) - 1}) {
        Parameters parameters = {kEngines[0], 11, rolls, "1/4"};
        playing::Found found = {std::vector<uint64_t>(rolls + 1), 0, first};
        for (uint64_t session = first; session < first + sessions; session++) {
            uint64_t score = ScoreByCounting(parameters, session);
            found.histogram[score]++;
            if (score > found.max_score)
                found.max_score = score, found.max_session = session;
        }
        SCOPED_TRACE(testing::Message() << parameters);
        ExpectFound(Play(parameters, first, sessions), found, first, sessions);
    }
}

TEST_P(Sessions, OfTheMostRolls)
{
    const uint64_t session = (uint64_t{1} << 40) + 5;
    for (const Engine &engine : kEngines)
        for (const char *chance : {"1/4", "1/3", "18446744073709551615/18446744073709551616"}) {
            Parameters parameters = {engine, 0xfedcba9876543210, GRAV_ROLLS_MAX, chance};
            SCOPED_TRACE(testing::Message() << parameters);
            grav_summary summary = support::Summary(Play(parameters, session, 1, GRAV_KEEP_MAX));
            EXPECT_EQ(summary.max_score, ScoreByCounting(parameters, session));
            EXPECT_EQ(summary.max_session, session);
        }
}

} // namespace
