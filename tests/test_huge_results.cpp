// Counts up to 2^63: what follows from a result, and how people are told.
#include "huge.h"
#include "program.h"
#include "sealed.h"
#include "temporary_folder.h"

extern "C" {
#include "cli/progress.h"
#include "cli/report.h"
#include "cli/text.h"
}

#include <boost/multiprecision/cpp_bin_float.hpp>
#include <cmath>
#include <sstream>

namespace {

using namespace huge;

using Real = boost::multiprecision::cpp_bin_float_100;
using support::Experiment;
using support::Law;
using support::Result;
using support::Summary;

// Workers told as one that played more than there is, as files may say and runs until a target
// may do.
TEST(HugeResult, CountsNoMoreOfAWorkerThanThereIs)
{
    InPlace fake;
    const std::string text = Text(Played(0, kEnd));
    const size_t start = text.find('{', text.find("\"workers\"")), end = text.find('}', start) + 1;
    const std::string worker = text.substr(start, end - start);
    for (const std::string &more : {worker, worker + "," + worker}) {
        const Result result =
            Parse(sealed::Sealed(text.substr(0, end) + "," + more + text.substr(end)));
        ASSERT_TRUE(result);
        const program::Json workers = program::Json(Text(result))["timing"]["workers"];
        EXPECT_EQ(workers.Size(), 1u);
        EXPECT_EQ(workers[0]["sessions"].Number(), 0x1p63);
    }
    grav_worker_info info = WorkerOf(&fake).info;
    const Result result = Played(0, kOdd);
    info.threads = 2; // another
    info.sessions = kEnd + 5;
    grav_worker_tell(&info);
    ASSERT_EQ(grav_result_add_worker(result.get(), &info, nullptr), GRAV_OK);
    EXPECT_TRUE(Parse(Text(result)));
}

class HugeVerify : public testing::Test {
  protected:
    grav_status CheckFile(const Result &result, const std::string &text)
    {
        program::Write(file_, text);
        return grav_verify_file(file_.c_str(), result.get(), support::MakeLaw(Die()).get(), &err_);
    }

    // The file of a result is right, and is not with another number of hits.
    void ExpectHits(const Result &result, const std::string &hits, const std::string &wrong)
    {
        const std::string text = Text(result, support::MakeLaw(Die()));
        EXPECT_EQ(CheckFile(result, text), GRAV_OK) << err_.message;
        const std::string key = "\"hits\": ";
        const std::string forged = sealed::Replaced(text, key + hits, key + wrong);
        EXPECT_EQ(CheckFile(result, sealed::Sealed(forged)), GRAV_ERROR_MISMATCH) << wrong;
        EXPECT_TRUE(program::Contains(err_.message, "'result.hits'")) << err_.message;
    }

    InPlace fake_;
    TemporaryFolder folder_;
    std::string file_ = folder_ / "result.json";
    grav_error err_ = {};
};

TEST_F(HugeVerify, TellsCountsApartToTheLastDigit)
{
    for (uint64_t sessions : {UINT64_C(100000000000), kOdd, kEnd}) {
        const Result result = Played(0, sessions);
        const uint64_t hits = Summary(result).hits;
        for (uint64_t wrong : {hits - 1, hits + 1})
            ExpectHits(result, std::to_string(hits), std::to_string(wrong));
        ExpectHits(result, std::to_string(hits), std::to_string(hits) + ".0");
    }
    const Result all = support::Run(Die(1), Spec(0, kEnd)); // whose sessions all reach it
    ASSERT_EQ(Summary(all).hits, kEnd);
    for (const char *wrong : {"9223372036854775807", "9.2233720368547748e18"})
        ExpectHits(all, InJson(kEnd), wrong);
}

TEST_F(HugeVerify, PlaysAgain)
{
    const Result result = Played(0, kEnd);
    const grav_run_spec where = Spec(0, 1);
    bool stopped = true;
    uint64_t sessions = 0;
    EXPECT_EQ(grav_verify_law(result.get(), support::MakeLaw(Die()).get(), &err_), GRAV_OK)
        << err_.message;
    EXPECT_EQ(grav_verify_full(result.get(), &where, &stopped, &err_), GRAV_OK) << err_.message;
    EXPECT_FALSE(stopped);
    EXPECT_EQ(grav_verify_sample(result.get(), &where, 100, 7, &sessions, &stopped, &err_), GRAV_OK)
        << err_.message;
    EXPECT_EQ(sessions, 100 * ((UINT64_C(1) << 28) + 1));
    fake_.zeros = 7; // one session scores less than it did
    fake_.chunks = 0;
    EXPECT_EQ(grav_verify_full(result.get(), &where, &stopped, &err_), GRAV_ERROR_MISMATCH);
}

// So many sessions off that chi-square sees it: 2^63 differ from what is expected by 1e9 as a rule.
TEST(HugeResult, FitsItsLawAsFarAsItDoes)
{
    InPlace fake;
    const Law law = support::MakeLaw(Die());
    for (uint64_t sessions : kCounts)
        for (double share : {0.0, 1.0, 3.0}) {
            fake.zeros = static_cast<uint64_t>(share * std::sqrt(static_cast<double>(sessions)));
            fake.chunks = 0;
            const Result result = Played(0, sessions);
            grav_chi2 chi2;
            ASSERT_TRUE(grav_result_chi2(result.get(), law.get(), &chi2));
            Real value = 0, expected = Real(sessions) / kScores;
            for (uint64_t score = 0; score < kScores; score++) {
                const Real off = fake.Count(0, sessions, score) - expected;
                value += off * off / expected;
            }
            EXPECT_NEAR(chi2.value, value.convert_to<double>(), 1e-12 * chi2.value + 1e-15);
            EXPECT_NEAR(chi2.value, 6 * share * share, 1e-6) << "by hand";
            EXPECT_EQ(chi2.dof, 6u);
            EXPECT_EQ(chi2.p > 0.001, share < 2) << chi2.p;
        }
}

// 1 - (1 - p)^sessions, of chances that no double of 1 - p could hold.
TEST(HugeResult, IsAsLuckyAsTheLawSays)
{
    const Law law = support::MakeLaw(support::MakeExperiment(100, "1/2"));
    const Real half = Real(1) / 2;
    for (uint64_t sessions : kCounts)
        for (uint64_t score : {94, 96, 98, 100}) {
            Real ways = 0, term = 1; // of 100 - score or fewer rolls that do not score
            for (uint64_t misses = 0; misses <= 100 - score; misses++) {
                ways += term;
                term = term * (100 - misses) / (misses + 1);
            }
            const Real p = ways * pow(half, 100);
            const Real lucky = -expm1(Real(sessions) * log1p(-p));
            EXPECT_NEAR(grav_law_max_at_least(law.get(), score, sessions) /
                            lucky.convert_to<double>(),
                        1, 1e-15);
        }
}

TEST(HugeResult, WeighsEveryHit)
{
    InPlace fake;
    const Experiment experiment = support::MakeExperiment(6, "1/10");
    grav_tilt *made = nullptr;
    ASSERT_EQ(grav_tilt_create(experiment.get(), 4, &made, nullptr), GRAV_OK);
    const std::unique_ptr<grav_tilt, support::Destroyer<grav_tilt_destroy>> tilt(made);
    for (uint64_t sessions : kCounts) {
        grav_result *played = nullptr;
        const grav_run_spec spec = Spec(0, sessions);
        fake.chunks = 0;
        ASSERT_EQ(grav_run(grav_tilt_experiment(made), &spec, &played, nullptr), GRAV_OK);
        const Result result(played);
        grav_rare rare;
        ASSERT_EQ(grav_tilt_estimate(made, played, &rare, nullptr), GRAV_OK);
        Real sum = 0;
        uint64_t hits = 0;
        for (uint64_t score = 4; score < kScores; score++) {
            sum += Real(grav_tilt_ratio(made, score).value) * fake.Count(0, sessions, score);
            hits += fake.Count(0, sessions, score);
        }
        EXPECT_EQ(rare.sessions, sessions);
        EXPECT_EQ(rare.hits, hits);
        EXPECT_NEAR(rare.estimate.value / Real(sum / sessions).convert_to<double>(), 1, 1e-14);
    }
}

// ---- For people ---------------------------------------------------------------------------------

TEST(HugeText, HasEveryDigit)
{
    EXPECT_STREQ(text_count(kEnd).text, "9,223,372,036,854,775,808");
    EXPECT_STREQ(text_count(kOdd).text, "9,007,199,254,740,993");
    EXPECT_STREQ(text_counted(kEnd, "session").text, "9,223,372,036,854,775,808 sessions");
    EXPECT_STREQ(text_quantity(1e15).text, "1,000,000,000,000,000");
    EXPECT_STREQ(text_quantity(0x1p63).text, "9,223,372,036,854,775,808");
    EXPECT_STREQ(text_quantity(0x1p64).text, "18446744073709551616.0");
    EXPECT_STREQ(text_rate(0x1p63).text, "9.223e+06 trillion sessions/s");
}

TEST(HugeText, ShowsProgress)
{
    auto drawn = [](uint64_t played, double elapsed_s) {
        const grav_progress progress = {kEnd, played, 0, elapsed_s, true, 99, kEnd - 1};
        testing::internal::CaptureStderr();
        progress_draw(&progress);
        return testing::internal::GetCapturedStderr();
    };
    std::string line = drawn(kEnd / 4, 1e6);
    EXPECT_NE(line.find("####......"), std::string::npos) << line;
    EXPECT_NE(line.find(" 25.0 %  2.306 trillion sessions/s  34.7 days left  best 99"),
              std::string::npos)
        << line;
    line = drawn(1000000000, 1);
    EXPECT_NE(line.find("  0.0 %  1 billion sessions/s  106,752 days left  best 99"),
              std::string::npos)
        << line;
    line = drawn(kEnd, 1e6);
    EXPECT_NE(line.find("100.0 %"), std::string::npos) << line;
}

std::string Report(const Experiment &experiment, const grav_run_spec &spec)
{
    const Result result = support::Run(experiment, spec);
    const Law law = support::MakeLaw(experiment);
    const cli_report report = {experiment.get(), &spec, result.get(), law.get(), ""};
    testing::internal::CaptureStdout();
    report_print(&report);
    fflush(stdout);
    return testing::internal::GetCapturedStdout();
}

TEST(HugeText, ReportsARunOfAllSessionsThereAre)
{
    InPlace fake;
    const std::string report = Report(Die(), Spec(0, kEnd));
    EXPECT_FALSE(program::Contains(report, "starting states")) << "those of gen3\n" << report;
    EXPECT_EQ(program::Line(report, "Played"), "");
    EXPECT_TRUE(program::Contains(program::Line(report, "Target 7"),
                                  "reached by 1,317,624,576,693,539,401 sessions"))
        << report;
    // The table's columns have room for its numbers.
    std::istringstream table(report.substr(report.find("          score")));
    std::string line;
    std::getline(table, line);
    const size_t sessions = line.find("sessions") + 8, expected = line.find("expected") + 8;
    while (std::getline(table, line)) {
        EXPECT_EQ(line.find(' ', line.find("1,317,")), sessions) << report;
        EXPECT_EQ(line.find(' ', line.rfind("1,317,")), expected) << report;
        EXPECT_LE(line.find_last_of('#') + 1, 80u) << report;
    }
    grav_run_spec states = Spec(0, GRAV_GEN3_SESSIONS);
    states.seed = 0;
    states.engine = GRAV_ENGINE_GEN3;
    EXPECT_EQ(program::Line(Report(support::MakeExperiment(6, "1/2"), states), "Played"),
              "all 2^32 starting states: not a sample");
}

TEST(HugeText, SplitsAndAsksInJson)
{
    char *text = nullptr;
    ASSERT_EQ(grav_split_json(0, kEnd, 2, &text, nullptr), GRAV_OK);
    const program::Json split{std::string(text)};
    free(text);
    EXPECT_EQ(split["sessions"].Number(), 0x1p63);
    EXPECT_EQ(split["parts"][0]["end"].Integer(), UINT64_C(1) << 62);
    EXPECT_EQ(split["parts"][1]["end"].Number(), 0x1p63);
    EXPECT_EQ(split["parts"][1]["sessions"].Integer(), UINT64_C(1) << 62);
    grav_odds_spec spec;
    grav_odds_spec_init(&spec);
    spec.sessions = kOdd;
    ASSERT_EQ(grav_odds_json(Die().get(), support::MakeLaw(Die()).get(), &spec, &text, nullptr),
              GRAV_OK);
    const program::Json odds{std::string(text)};
    free(text);
    EXPECT_EQ(odds["highest"]["sessions"].Integer(), kOdd);
}

} // namespace
