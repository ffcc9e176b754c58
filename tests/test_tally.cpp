// Numbers, experiments, ranges, tallies and files: the parts that no backend is needed for.
#include <cmath>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <sys/stat.h>

#include "experiment.h"
#include "support.h"

extern "C" {
#include "ranges.h"
#include "tally.h"
}

namespace {

// ---- Numbers ------------------------------------------------------------------------------------

TEST(Number, ReadsEveryForm)
{
    const std::pair<const char *, uint64_t> forms[] = {
        {"0", 0},
        {"7", 7},
        {"1_000_000", 1000000},
        {"1e9", 1000000000},
        {"1E+9", 1000000000},
        {"2.5e3", 2500},
        {"1000e-3", 1},
        {"2^30", UINT64_C(1) << 30},
        {"10^18", UINT64_C(1000000000000000000)},
        {"0x2a", 42},
        {"0xfedcba9876543210", UINT64_C(0xfedcba9876543210)},
        {"18446744073709551615", UINT64_MAX},
        {"+5", 5},
        {"5.0", 5},
        {"0e99999999999999999999", 0},
        {"1^99999999999", 1},
    };
    for (auto [text, value] : forms) {
        uint64_t out = 12345;
        grav_error err = {};
        EXPECT_EQ(grav_parse_count(text, 0, UINT64_MAX, &out, &err), GRAV_OK) << err.message;
        EXPECT_EQ(out, value) << text;
    }
}

TEST(Number, ReadsTimes)
{
    const std::pair<const char *, double> forms[] = {
        {"0", 0},    {"90", 90},   {"50ns", 5e-8}, {"2us", 2e-6},  {"500ms", 0.5},  {"0.1s", 0.1},
        {"30s", 30}, {"10m", 600}, {"1.5h", 5400}, {"2d", 172800}, {"0.5us", 5e-7},
    };
    for (auto [text, value] : forms) {
        double seconds = -1;
        EXPECT_EQ(grav_parse_duration(text, 0, &seconds, nullptr), GRAV_OK) << text;
        EXPECT_DOUBLE_EQ(seconds, value) << text;
    }
    double tenth = -1;
    EXPECT_EQ(grav_parse_duration("0.1s", 0.1, &tenth, nullptr), GRAV_OK);
    for (const char *text : {"", "us", "1 us", "1u", "-1us", "1xs", "1e9d"}) {
        double seconds = -1;
        EXPECT_EQ(grav_parse_duration(text, 0, &seconds, nullptr), GRAV_ERROR_INVALID) << text;
        EXPECT_EQ(seconds, -1) << text;
    }
}

TEST(Number, RefusesEverythingElse)
{
    for (const char *text : {"",        " ",
                             "-",       "+",
                             "e9",      "1e",
                             "1e+",     ".",
                             "1.5",     "1..2",
                             "1,000",   "_1",
                             "1_",      "1__0",
                             "0x",      "0xg",
                             "1 ",      " 1",
                             "2^",      "2^-1",
                             "2^1.5",   "1.5^2",
                             "^3",      "-1",
                             "2^64",    "18446744073709551616",
                             "1e20",    "1e99999999999999999999",
                             "9^99999", "1/2",
                             "50%",     "nan",
                             "inf",     "1e9x",
                             "--1",     "0x1_",
                             "1e-1"}) {
        uint64_t out = 12345;
        grav_error err = {};
        EXPECT_EQ(grav_parse_count(text, 0, UINT64_MAX, &out, &err), GRAV_ERROR_INVALID) << text;
        EXPECT_EQ(out, 12345u) << "touched by '" << text << "'";
        EXPECT_NE(std::string(err.message).find(std::string("'") + text + "'"), std::string::npos)
            << err.message;
    }
    std::string endless(100000, '9');
    uint64_t out;
    EXPECT_EQ(grav_parse_count(endless.c_str(), 0, UINT64_MAX, &out, nullptr), GRAV_ERROR_INVALID);
}

TEST(Number, KeepsToItsRange)
{
    uint64_t out;
    EXPECT_EQ(grav_parse_count("3", 3, 5, &out, nullptr), GRAV_OK);
    EXPECT_EQ(grav_parse_count("5", 3, 5, &out, nullptr), GRAV_OK);
    EXPECT_EQ(grav_parse_count("2", 3, 5, &out, nullptr), GRAV_ERROR_INVALID);
    grav_error err;
    EXPECT_EQ(grav_parse_count("6", 3, 5, &out, &err), GRAV_ERROR_INVALID);
    EXPECT_STREQ(err.message, "'6' is not a whole number from 3 to 5");
}

// ---- Experiments --------------------------------------------------------------------------------

TEST(Experiment, ReadsChancesExactly)
{
    const std::pair<const char *, const char *> chances[] = {
        {"1/4", "1/4"},     {"0.25", "1/4"},
        {"25%", "1/4"},     {"2.5e-1", "1/4"},
        {"100/400", "1/4"}, {"0.5/2", "1/4"},
        {".25", "1/4"},     {"4.73%", "473/10000"},
        {"0", "0"},         {"1", "1"},
        {"100%", "1"},      {"1e-6", "1/1000000"},
        {"1_0/4_0", "1/4"}, {"0.0_1", "1/100"},
        {"+1/4", "1/4"},    {"1/2^64", "1/18446744073709551616"},
    };
    for (auto [text, exact] : chances)
        EXPECT_STREQ(grav_experiment_chance(support::MakeExperiment(1, text).get()), exact) << text;
}

grav_status Create(uint32_t rolls, const char *chance, grav_error *err)
{
    grav_experiment_spec spec;
    grav_experiment_spec_init(&spec);
    spec.rolls = rolls;
    spec.chance = chance;
    grav_experiment *experiment = nullptr;
    grav_status status = grav_experiment_create(&spec, &experiment, err);
    EXPECT_EQ(experiment != nullptr, status == GRAV_OK);
    grav_experiment_destroy(experiment);
    return status;
}

TEST(Experiment, RefusesBadChances)
{
    for (const char *chance :
         {"", "x", "1/0", "1/", "/2", "1/2/3", "1.01", "-0.1", "2", "101%", "1e-20", "1/4%%", "%",
          "1/18446744073709551617", "1e-99999999", "1/4 ", "0.5.5", "-1/-4x"}) {
        grav_error err = {};
        EXPECT_EQ(Create(231, chance, &err), GRAV_ERROR_INVALID) << chance;
        EXPECT_NE(std::string(err.message).find(chance), std::string::npos) << err.message;
    }
    EXPECT_EQ(Create(231, nullptr, nullptr), GRAV_ERROR_INVALID);
    EXPECT_EQ(Create(231, "1/18446744073709551616", nullptr), GRAV_OK);
    EXPECT_EQ(Create(231, "18446744073709551615/18446744073709551616", nullptr), GRAV_OK);
}

TEST(Experiment, IsPlayedWithDigitsRoundedDown)
{
    struct {
        const char *chance;
        uint64_t digits;
        uint32_t planes;
    } plans[] = {{"1/4", UINT64_C(1) << 62, 2},
                 {"1/3", UINT64_C(0x5555555555555555), 64},
                 {"2/3", UINT64_C(0xaaaaaaaaaaaaaaaa), 63},
                 {"36893488147419103231/36893488147419103232", UINT64_MAX, 64},
                 {"0", 0, 0}};
    for (auto [chance, digits, planes] : plans) {
        auto experiment = support::MakeExperiment(5, chance);
        grav_plan plan = grav_plan_make(experiment.get(), GRAV_ENGINE_PHILOX, 1, 1);
        EXPECT_EQ(plan.digits, digits) << chance;
        EXPECT_EQ(plan.planes, planes) << chance;
        EXPECT_EQ(plan.sure_score, 0u) << chance;
    }
    grav_plan sure =
        grav_plan_make(support::MakeExperiment(5, "1").get(), GRAV_ENGINE_PHILOX, 1, 1);
    EXPECT_EQ(sure.sure_score, 5u);
    EXPECT_EQ(sure.planes, 0u);
}

TEST(Experiment, RefusesBadRolls)
{
    EXPECT_EQ(Create(0, "1/4", nullptr), GRAV_ERROR_INVALID);
    EXPECT_EQ(Create(1, "1/4", nullptr), GRAV_OK);
    EXPECT_EQ(Create(GRAV_ROLLS_MAX, "1/4", nullptr), GRAV_OK);
    EXPECT_EQ(Create(GRAV_ROLLS_MAX + 1, "1/4", nullptr), GRAV_ERROR_INVALID);
}

// A value that the enumeration does not have, as a C caller may pass it.
template <class Enumeration> void MakeUnknown(Enumeration &value)
{
    int unknown = 99;
    static_assert(sizeof value == sizeof unknown);
    std::memcpy(&value, &unknown, sizeof value);
}

TEST(Run, ChecksBeforePlaying)
{
    auto experiment = support::MakeExperiment(231, "1/4", 177);
    grav_run_spec good;
    grav_run_spec_init(&good);
    EXPECT_EQ(grav_run_check(experiment.get(), &good, nullptr), GRAV_OK);
    auto refuses = [&](auto change, const char *named) {
        grav_run_spec spec = good;
        grav_error err = {};
        change(spec);
        EXPECT_EQ(grav_run_check(experiment.get(), &spec, &err), GRAV_ERROR_INVALID) << named;
        EXPECT_NE(std::string(err.message).find(named), std::string::npos) << err.message;
    };
    refuses([](grav_run_spec &s) { s.sessions = 0; }, "sessions");
    refuses([](grav_run_spec &s) { s.first = GRAV_SESSIONS_END, s.sessions = 1; }, "2^63");
    refuses([](grav_run_spec &s) { s.first = UINT64_MAX; }, "first");
    refuses([](grav_run_spec &s) { s.threads = GRAV_THREADS_MAX + 1; }, "threads");
    refuses([](grav_run_spec &s) { MakeUnknown(s.engine); }, "engine");
    refuses([](grav_run_spec &s) { MakeUnknown(s.method); }, "method");
    refuses([](grav_run_spec &s) { MakeUnknown(s.keep); }, "keep");
    refuses([](grav_run_spec &s) { MakeUnknown(s.backend); }, "backend");
    refuses([](grav_run_spec &s) { MakeUnknown(s.isa); }, "isa");
    refuses([](grav_run_spec &s) { s.backend = GRAV_BACKEND_CUDA, s.threads = 2; }, "threads");
    static const int twice[] = {0, 0};
    refuses([](grav_run_spec &s) { s.devices = twice, s.device_count = 2; }, "device 0");
    refuses(
        [](grav_run_spec &s) {
            s.devices = twice, s.device_count = 1, s.backend = GRAV_BACKEND_CPU;
        },
        "devices");
    good.first = GRAV_SESSIONS_END - 5;
    good.sessions = 5;
    EXPECT_EQ(grav_run_check(experiment.get(), &good, nullptr), GRAV_OK);
}

// ---- Ranges -------------------------------------------------------------------------------------

class RangesTest : public testing::Test {
  protected:
    ~RangesTest() override
    {
        grav_ranges_free(&ranges_);
    }
    grav_status Add(uint64_t first, uint64_t end)
    {
        return grav_ranges_add(&ranges_, first, end, &err_);
    }
    std::string Text() const
    {
        std::ostringstream out;
        for (size_t i = 0; i < ranges_.count; i++)
            out << "[" << ranges_.items[i].first << "," << ranges_.items[i].end << ")";
        return out.str();
    }
    grav_ranges ranges_ = {};
    grav_error err_ = {};
};

TEST_F(RangesTest, JoinNeighboursAndStaySorted)
{
    EXPECT_EQ(Add(10, 20), GRAV_OK);
    EXPECT_EQ(Add(30, 40), GRAV_OK);
    EXPECT_EQ(Add(0, 5), GRAV_OK);
    EXPECT_EQ(Add(7, 7), GRAV_OK);
    EXPECT_EQ(Text(), "[0,5)[10,20)[30,40)");
    EXPECT_EQ(Add(20, 30), GRAV_OK); // closes a gap
    EXPECT_EQ(Text(), "[0,5)[10,40)");
    EXPECT_EQ(Add(5, 6), GRAV_OK);  // joins the one before
    EXPECT_EQ(Add(9, 10), GRAV_OK); // joins the one after
    EXPECT_EQ(Text(), "[0,6)[9,40)");
    EXPECT_EQ(grav_ranges_length(&ranges_), 37u);
}

TEST_F(RangesTest, RefuseOverlapsAndStayAsTheyWere)
{
    ASSERT_EQ(Add(10, 20), GRAV_OK);
    for (auto [first, end] : {std::pair{10, 20}, {9, 11}, {19, 21}, {12, 13}, {0, 100}})
        EXPECT_EQ(Add(static_cast<uint64_t>(first), static_cast<uint64_t>(end)), GRAV_ERROR_INVALID)
            << first;
    EXPECT_EQ(Text(), "[10,20)");
    EXPECT_NE(std::string(err_.message).find("[10, 20)"), std::string::npos) << err_.message;
}

TEST_F(RangesTest, HoldManyPieces)
{
    for (uint64_t i = 0; i < 1000; i++) // every second one, in an order that jumps about
        ASSERT_EQ(Add(2 * (i * 619 % 1000), 2 * (i * 619 % 1000) + 1), GRAV_OK);
    EXPECT_EQ(ranges_.count, 1000u);
    for (uint64_t i = 0; i < 1000; i++)
        ASSERT_EQ(Add(2 * (i * 371 % 1000) + 1, 2 * (i * 371 % 1000) + 2), GRAV_OK);
    EXPECT_EQ(Text(), "[0,2000)");
    EXPECT_EQ(Add(GRAV_SESSIONS_END - 1, GRAV_SESSIONS_END), GRAV_OK);
    EXPECT_EQ(grav_ranges_length(&ranges_), 2001u);
}

// ---- Tallies ------------------------------------------------------------------------------------

class TallyTest : public testing::Test {
  protected:
    ~TallyTest() override
    {
        grav_tally_free(&tally_);
    }
    void Fill(const std::vector<uint64_t> &counts)
    {
        grav_tally_free(&tally_);
        ASSERT_EQ(grav_tally_init(&tally_, counts.size(), nullptr), GRAV_OK);
        for (size_t score = 0; score < counts.size(); score++) {
            tally_.part.counts[score] = counts[score];
            tally_.sessions += counts[score];
            if (counts[score])
                grav_part_offer(&tally_.part, score, 5);
        }
    }
    grav_summary Summary() const
    {
        grav_summary summary;
        grav_tally_summarise(&tally_, &summary);
        return summary;
    }
    grav_tally tally_ = {};
};

TEST_F(TallyTest, SummarisesSmallHistograms)
{
    Fill({0, 3, 0, 1}); // scores 1, 1, 1, 3
    grav_summary summary = Summary();
    EXPECT_EQ(summary.sessions, 4u);
    EXPECT_EQ(summary.min_score, 1u);
    EXPECT_EQ(summary.max_score, 3u);
    EXPECT_EQ(summary.mean, 1.5);
    EXPECT_EQ(summary.sd, std::sqrt(0.75));
    EXPECT_EQ(summary.quartiles[0], 1u);
    EXPECT_EQ(summary.quartiles[1], 1u);
    EXPECT_EQ(summary.quartiles[2], 1u);
    EXPECT_EQ(grav_tally_at_least(&tally_, 2), 1u);
    EXPECT_EQ(grav_tally_at_least(&tally_, 0), 4u);
    EXPECT_EQ(grav_tally_at_least(&tally_, 99), 0u);
    Fill({1, 1, 1, 1});
    EXPECT_EQ(Summary().quartiles[0], 0u);
    EXPECT_EQ(Summary().quartiles[1], 1u);
    EXPECT_EQ(Summary().quartiles[2], 2u);
}

// Sums that leave 64 bits: 2^62 sessions each of two neighbouring high scores.
TEST_F(TallyTest, StaysExactForHugeCounts)
{
    std::vector<uint64_t> counts(1 << 20);
    counts[(1 << 20) - 1] = UINT64_C(1) << 62;
    counts[(1 << 20) - 2] = UINT64_C(1) << 62;
    Fill(counts);
    EXPECT_EQ(Summary().sessions, GRAV_SESSIONS_END);
    EXPECT_EQ(Summary().mean, (1 << 20) - 1.5);
    EXPECT_EQ(Summary().sd, 0.5);
    EXPECT_EQ(Summary().quartiles[1], (1u << 20) - 2);
    EXPECT_EQ(Summary().quartiles[2], (1u << 20) - 1);
}

TEST_F(TallyTest, ChecksWhatMustHold)
{
    grav_error err;
    Fill({1, 2, 3});
    EXPECT_EQ(grav_tally_check(&tally_, 6, &err), GRAV_OK);
    EXPECT_NE(grav_tally_check(&tally_, 5, &err), GRAV_OK);
    tally_.part.counts[0]++; // a session too many
    EXPECT_NE(grav_tally_check(&tally_, 6, &err), GRAV_OK);
    tally_.part.counts[0]--;
    tally_.part.max_score = 1; // a record that is not the highest
    EXPECT_NE(grav_tally_check(&tally_, 6, &err), GRAV_OK);
    Fill({1, 2, 3});
    tally_.part.max_session = GRAV_NO_SESSION;
    EXPECT_NE(grav_tally_check(&tally_, 6, &err), GRAV_OK);
}

TEST(Part, TheHigherScoreWinsThenTheLowerSession)
{
    grav_part part = {};
    part.max_session = GRAV_NO_SESSION;
    grav_part_offer(&part, 0, 7); // a score of 0 is a record too
    EXPECT_EQ(part.max_session, 7u);
    grav_part_offer(&part, 0, 3);
    EXPECT_EQ(part.max_session, 3u);
    grav_part_offer(&part, 0, 9);
    EXPECT_EQ(part.max_session, 3u);
    grav_part_offer(&part, 2, 9);
    grav_part_offer(&part, 1, 0);
    EXPECT_EQ(part.max_score, 2u);
    EXPECT_EQ(part.max_session, 9u);
    grav_part_offer(&part, 0, GRAV_NO_SESSION); // an empty part changes nothing
    EXPECT_EQ(part.max_session, 9u);
}

// ---- Files --------------------------------------------------------------------------------------

class FileTest : public testing::Test {
  protected:
    void SetUp() override
    {
        std::string name = testing::TempDir() + "graveler-XXXXXX";
        ASSERT_NE(mkdtemp(name.data()), nullptr);
        folder_ = name;
    }
    void TearDown() override
    {
        std::filesystem::remove_all(folder_);
    }
    std::string Path(const std::string &name) const
    {
        return folder_ / name;
    }
    static std::string Read(const std::string &path)
    {
        std::ifstream file(path);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    size_t Count() const
    {
        auto files = std::filesystem::directory_iterator(folder_);
        return static_cast<size_t>(std::distance(begin(files), end(files)));
    }
    std::filesystem::path folder_;
};

TEST_F(FileTest, AreWrittenWholeAndReplaced)
{
    grav_error err;
    EXPECT_EQ(grav_file_write(Path("a").c_str(), "one\n", &err), GRAV_OK) << err.message;
    EXPECT_EQ(grav_file_write(Path("a").c_str(), "two\n", &err), GRAV_OK) << err.message;
    EXPECT_EQ(Read(Path("a")), "two\n");
    EXPECT_EQ(Count(), 1u); // no temporary is left
    struct stat info;
    ASSERT_EQ(stat(Path("a").c_str(), &info), 0);
    mode_t mask = umask(0);
    umask(mask);
    EXPECT_EQ(info.st_mode & 0777, 0666 & ~mask);
}

TEST_F(FileTest, FollowLinks)
{
    std::ofstream(Path("real")) << "old";
    std::filesystem::create_symlink("real", Path("link"));
    EXPECT_EQ(grav_file_write(Path("link").c_str(), "new", nullptr), GRAV_OK);
    EXPECT_TRUE(std::filesystem::is_symlink(Path("link")));
    EXPECT_EQ(Read(Path("real")), "new");
}

TEST_F(FileTest, CheckLeavesNoTrace)
{
    EXPECT_EQ(grav_file_check(Path("new").c_str(), nullptr), GRAV_OK);
    EXPECT_EQ(Count(), 0u);
    std::ofstream(Path("old")) << "kept";
    EXPECT_EQ(grav_file_check(Path("old").c_str(), nullptr), GRAV_OK);
    EXPECT_EQ(Read(Path("old")), "kept");
    EXPECT_EQ(Count(), 1u);
}

TEST_F(FileTest, RefuseWhatCannotBeWritten)
{
    for (const std::string &path : {Path("missing/a"), folder_.string(), std::string(""),
                                    std::string(10000, 'x'), Path("")}) {
        grav_error err = {};
        EXPECT_EQ(grav_file_check(path.c_str(), &err), GRAV_ERROR_FILE) << path;
        EXPECT_EQ(grav_file_write(path.c_str(), "x", &err), GRAV_ERROR_FILE) << path;
    }
    grav_error err = {};
    EXPECT_EQ(grav_file_write("/dev/full", "x", &err), GRAV_ERROR_FILE);
    EXPECT_NE(std::string(err.message).find("/dev/full"), std::string::npos) << err.message;
    EXPECT_TRUE(std::filesystem::is_character_file("/dev/full"));
}

} // namespace
