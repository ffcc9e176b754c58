// What the program writes as JSON, to stdout and to files.
#include "program.h"
#include "reference.h"
#include "sealed.h"
#include "support.h"
#include "temporary_folder.h"

#include <cmath>
#include <fcntl.h>
#include <numeric>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>
#define XXH_INLINE_ALL

namespace {

using namespace program;

// ---- Text ---------------------------------------------------------------------------------------

const std::set<std::string> kKeysOfMax = {"format",
                                          "version",
                                          "program",
                                          "program.version",
                                          "program.commit",
                                          "experiment",
                                          "experiment.rolls",
                                          "experiment.die",
                                          "experiment.die.value",
                                          "experiment.die.weight",
                                          "experiment.statistic",
                                          "experiment.target",
                                          "run",
                                          "run.seed",
                                          "run.method",
                                          "run.engine",
                                          "run.keep",
                                          "run.ranges",
                                          "result",
                                          "result.sessions",
                                          "result.max",
                                          "result.max.score",
                                          "result.max.session",
                                          "result.digest",
                                          "law",
                                          "law.mean",
                                          "law.sd",
                                          "law.p_target",
                                          "law.log10_p_target",
                                          "law.p_max_at_least",
                                          "timing",
                                          "timing.wall_s",
                                          "timing.play_s",
                                          "timing.sessions_per_s",
                                          "timing.workers",
                                          "timing.workers.backend",
                                          "timing.workers.isa",
                                          "timing.workers.threads",
                                          "timing.workers.sessions",
                                          "timing.workers.busy_s",
                                          "complete",
                                          "checksum"};

std::set<std::string> KeysOfHistogram()
{
    std::set<std::string> keys = kKeysOfMax;
    keys.insert({"result.min", "result.min.score", "result.hits", "result.mean", "result.sd",
                 "result.quantiles", "result.quantiles.0.25", "result.quantiles.0.5",
                 "result.quantiles.0.75", "result.histogram", "result.histogram.first",
                 "result.histogram.counts", "law.chi2", "law.chi2.value", "law.chi2.dof",
                 "law.chi2.p"});
    return keys;
}

TEST(CliJson, HasTheKeysThatAreDocumented)
{
    EXPECT_EQ(RunJson(Founding("3000")).Keys(), KeysOfHistogram());
    EXPECT_EQ(RunJson(Founding("3000", {"--keep", "max"})).Keys(), kKeysOfMax);

    // Too few sessions for a chi-square, too many rolls for the law.
    std::set<std::string> keys = KeysOfHistogram();
    keys.erase(keys.lower_bound("law.chi2"), keys.upper_bound("law.chi2.value"));
    EXPECT_EQ(RunJson(Founding("3")).Keys(), keys);
    keys = kKeysOfMax;
    keys.erase(keys.find("law"), keys.upper_bound("law.sd"));
    EXPECT_EQ(RunJson(Founding("3", {"--rolls", "1048577", "--keep", "max"})).Keys(), keys);
}

TEST(CliJson, SaysWhatWasAskedFor)
{
    Json json = RunJson({"run", "--backend", "cpu", "--seed", "0xfedcba9876543210", "--first",
                         "1e12", "--rolls", "100", "--sessions", "300", "--chance", "37.5%",
                         "--target", "50", "--threads", "2", "--engine", "philox7"});
    EXPECT_EQ(json["format"].String(), "graveler-result");
    EXPECT_EQ(json["version"].Integer(), 1u);
    EXPECT_EQ(json["program"]["version"].String(), GRAV_VERSION);
    EXPECT_EQ(json["program"]["commit"].String(), grav_commit());
    EXPECT_EQ(json["experiment"]["rolls"].Integer(), 100u);
    Json die = json["experiment"]["die"];
    ASSERT_EQ(die.Size(), 2u);
    EXPECT_EQ(die[0]["value"].Integer(), 1u);
    EXPECT_EQ(die[0]["weight"].String(), "3/8");
    EXPECT_EQ(die[1]["value"].Integer(), 0u);
    EXPECT_EQ(die[1]["weight"].String(), "5/8");
    EXPECT_EQ(json["experiment"]["statistic"].String(), "sum");
    EXPECT_EQ(json["experiment"]["target"].Integer(), 50u);
    EXPECT_EQ(json["run"]["seed"].String(), "0xfedcba9876543210");
    EXPECT_EQ(json["run"]["method"].String(), "rolls");
    EXPECT_EQ(json["run"]["engine"].String(), "philox7");
    EXPECT_EQ(json["run"]["keep"].String(), "histogram");
    ASSERT_EQ(json["run"]["ranges"].Size(), 1u);
    ASSERT_EQ(json["run"]["ranges"][0].Size(), 2u);
    EXPECT_EQ(json["run"]["ranges"][0][0].Integer(), 1000000000000u);
    EXPECT_EQ(json["run"]["ranges"][0][1].Integer(), 1000000000300u);
    EXPECT_TRUE(json["complete"].Boolean());
    ASSERT_EQ(json["timing"]["workers"].Size(), 1u);
    Json worker = json["timing"]["workers"][0];
    EXPECT_EQ(worker["backend"].String(), "cpu");
    EXPECT_EQ(worker["threads"].Integer(), 2u);
    EXPECT_EQ(worker["sessions"].Integer(), 300u);
    double play_s = json["timing"]["play_s"].Number();
    EXPECT_GT(worker["busy_s"].Number(), 0);
    EXPECT_LE(worker["busy_s"].Number(), play_s);
    EXPECT_GT(play_s, 0);
    EXPECT_GE(json["timing"]["wall_s"].Number(), play_s);
    EXPECT_NEAR(json["timing"]["sessions_per_s"].Number() * play_s, 300, 1e-6);
}

// The lowest score that at least this share of the sessions does not exceed.
uint64_t Quantile(const std::vector<uint64_t> &counts, uint64_t first, uint64_t quarters)
{
    uint64_t all = std::accumulate(counts.begin(), counts.end(), uint64_t{0}), below = 0;
    for (size_t i = 0;; i++) {
        below += counts.at(i);
        if (4 * below >= quarters * all)
            return first + i;
    }
}

void ExpectNumbersOfHistogram(uint64_t sessions, uint64_t target)
{
    SCOPED_TRACE(std::to_string(sessions) + " sessions");
    Json json = RunJson(Founding(std::to_string(sessions), {"--target", std::to_string(target)}));
    Json result = json["result"];
    uint64_t first = result["histogram"]["first"].Integer();
    std::vector<uint64_t> counts;
    for (size_t i = 0; i < result["histogram"]["counts"].Size(); i++)
        counts.push_back(result["histogram"]["counts"][i].Integer());
    ASSERT_GT(counts.size(), 0u);
    EXPECT_GT(counts.front(), 0u);
    EXPECT_GT(counts.back(), 0u);

    uint64_t counted = 0, hits = 0;
    double sum = 0, squares = 0, n = static_cast<double>(sessions);
    for (size_t i = 0; i < counts.size(); i++) {
        double score = static_cast<double>(first + i), count = static_cast<double>(counts[i]);
        counted += counts[i];
        hits += first + i >= target ? counts[i] : 0;
        sum += count * score;
        squares += count * score * score;
    }
    EXPECT_EQ(counted, sessions);
    EXPECT_EQ(result["sessions"].Integer(), sessions);
    EXPECT_EQ(json["run"]["ranges"][0][1].Integer(), sessions);
    EXPECT_EQ(result["hits"].Integer(), hits);
    EXPECT_EQ(result["min"]["score"].Integer(), first);
    EXPECT_EQ(result["max"]["score"].Integer(), first + counts.size() - 1);
    EXPECT_NEAR(result["mean"].Number(), sum / n, 1e-12 * sum / n);
    EXPECT_NEAR(result["sd"].Number(), std::sqrt(squares / n - sum / n * sum / n), 1e-9);
    EXPECT_EQ(result["quantiles"]["0.25"].Integer(), Quantile(counts, first, 1));
    EXPECT_EQ(result["quantiles"]["0.5"].Integer(), Quantile(counts, first, 2));
    EXPECT_EQ(result["quantiles"]["0.75"].Integer(), Quantile(counts, first, 3));

    // The record is real.
    uint64_t record = result["max"]["session"].Integer();
    EXPECT_EQ(reference::Score(reference::Engine::kPhilox, 42, record, 231,
                               reference::ParseChance("1/4")),
              result["max"]["score"].Integer());
    EXPECT_EQ(json["law"]["mean"].Number(), 57.75);
    EXPECT_NEAR(json["law"]["sd"].Number(), std::sqrt(43.3125), 1e-14);
}

TEST(CliJson, NumbersFollowFromTheHistogram)
{
    // With 4 and 8 sessions a quarter is a whole number of them.
    for (uint64_t sessions : {1, 4, 8, 100001})
        ExpectNumbersOfHistogram(sessions, 65);
}

TEST(CliJson, TellsTheMethod)
{
    Json rolls = RunJson(Founding("3000")),
         scores = RunJson(Founding("3000", {"--method", "scores"}));
    EXPECT_EQ(scores.Keys(), KeysOfHistogram());
    EXPECT_EQ(rolls["run"]["method"].String(), "rolls");
    EXPECT_EQ(scores["run"]["method"].String(), "scores");
    EXPECT_EQ(scores["result"]["max"]["score"].Integer(), 81u);
    EXPECT_EQ(scores["result"]["max"]["session"].Integer(), 1972u);
    EXPECT_NE(DigestOf(scores), DigestOf(rolls));
    for (const char *figure : {"mean", "sd", "p_target", "log10_p_target", "p_max_at_least"})
        EXPECT_EQ(scores["law"][figure].Number(), rolls["law"][figure].Number()) << figure;
}

TEST(CliJson, IsDigestedAsDocumented)
{
    for (const Words &options : {Words{"--keep", "histogram"}, Words{"--keep", "max"},
                                 Words{"--keep", "histogram", "--method", "scores"}}) {
        Json json = RunJson(Founding("3000", Joined(options, {"--first", "7", "--chance", "0.3"})));
        Json experiment = json["experiment"], run = json["run"], result = json["result"];
        std::ostringstream text;
        text << "graveler-digest 1\nrolls " << experiment["rolls"].Integer() << "\ndie ";
        for (size_t i = 0; i < experiment["die"].Size(); i++)
            text << (i ? "," : "") << experiment["die"][i]["value"].Integer() << "x"
                 << experiment["die"][i]["weight"].String();
        text << "\nstatistic " << experiment["statistic"].String() << "\ntarget "
             << experiment["target"].Integer() << "\nseed " << run["seed"].String() << "\nmethod "
             << run["method"].String() << "\nengine " << run["engine"].String() << "\nkeep "
             << run["keep"].String() << "\n";
        for (size_t i = 0; i < run["ranges"].Size(); i++)
            text << "range " << run["ranges"][i][0].Integer() << " "
                 << run["ranges"][i][1].Integer() << "\n";
        text << "sessions " << result["sessions"].Integer() << "\nmax "
             << result["max"]["score"].Integer() << " " << result["max"]["session"].Integer()
             << "\n";
        if (run["keep"].String() == "histogram") {
            Json counts = result["histogram"]["counts"];
            for (size_t i = 0; i < counts.Size(); i++)
                if (counts[i].Integer())
                    text << "count " << result["histogram"]["first"].Integer() + i << " "
                         << counts[i].Integer() << "\n";
        }
        std::string all = text.str();
        EXPECT_EQ(DigestOf(json), sealed::Checksum(all)) << all;
    }
    // The example of docs/formats.md.
    EXPECT_EQ(DigestOf(RunJson(Founding("3"))), "f3aaf3de985514ac44fb7a123cdc09a8");
}

TEST(CliJson, DigestIsThatOfTheLibraryForAnyNumberOfThreads)
{
    support::Experiment experiment = support::MakeExperiment(231, "1/4", 177);
    grav_run_spec spec =
        support::Spec({"portable", GRAV_BACKEND_CPU, GRAV_ISA_PORTABLE}, 42, 0, 100000);
    std::string digest = support::Digest(support::Run(experiment, spec));
    for (const char *threads : {"1", "2", "3", "300"})
        EXPECT_EQ(DigestOf(RunJson(Founding("100000", {"--threads", threads}))), digest) << threads;
    // What OpenMP is told by the environment changes nothing.
    for (const char *name : {"OMP_NUM_THREADS", "OMP_THREAD_LIMIT"}) {
        Command command = Graveler(Founding("100000", {"--threads", "3", "--json"}));
        command.environment[name] = "1";
        EXPECT_EQ(DigestOf(Json(process::Run(command).out)), digest) << name;
    }
}

// ---- Files --------------------------------------------------------------------------------------

class CliFile : public testing::Test {
  protected:
    // A run that writes to this file; fails the test where the run fails.
    Outcome RunTo(const std::string &path, const Words &more = {})
    {
        Outcome outcome = RunProgram(Joined(Founding("3000", {"--json", path}), more));
        EXPECT_EQ(outcome.code, 0) << Describe(outcome);
        EXPECT_EQ(outcome.err, "");
        return outcome;
    }

    static mode_t Mode(const std::string &path)
    {
        struct stat info;
        EXPECT_EQ(stat(path.c_str(), &info), 0) << path;
        return info.st_mode & 07777;
    }

    TemporaryFolder folder_;
    std::string file_ = folder_ / "result.json";
};

TEST_F(CliFile, AgreesWithTheReport)
{
    Outcome outcome = RunTo(file_);
    Json json(Read(file_));
    EXPECT_EQ(Listing(folder_.Path()), std::set<std::string>{"result.json"});
    EXPECT_EQ(json.Keys(), KeysOfHistogram());
    EXPECT_EQ(DigestOf(json), Line(outcome.out, "Digest"));
    EXPECT_EQ(Line(outcome.out, "Highest score"), "81 of 231, first in session 413");
    EXPECT_EQ(json["result"]["max"]["score"].Integer(), 81u);
    EXPECT_EQ(json["result"]["max"]["session"].Integer(), 413u);
    EXPECT_EQ(Read(file_).back(), '\n');
}

TEST_F(CliFile, IsTheSameAsOnStdout)
{
    Outcome outcome = RunTo(file_, {"--quiet"});
    EXPECT_EQ(outcome.out, "81\n");
    for (const Words &more : {Words{"--json"}, Words{"--json", "-"}, Words{"--json=-"}}) {
        Json json(RunProgram(Joined(Founding("3000"), more)).out);
        EXPECT_EQ(json.Keys(), KeysOfHistogram());
        EXPECT_EQ(DigestOf(json), DigestOf(Json(Read(file_))));
    }
}

TEST_F(CliFile, ReplacesAnOldOneWhole)
{
    Write(file_, std::string(100000, 'x'));
    ASSERT_EQ(chmod(file_.c_str(), 0640), 0);
    RunTo(file_);
    EXPECT_EQ(Json(Read(file_))["result"]["sessions"].Integer(), 3000u);
    EXPECT_EQ(Listing(folder_.Path()), std::set<std::string>{"result.json"});
    EXPECT_EQ(Mode(file_), 0640u) << "what only some may read stays so";
}

TEST_F(CliFile, IsAsReadableAsAnyNewFile)
{
    Write(folder_ / "other", "");
    RunTo(file_);
    EXPECT_EQ(Mode(file_), Mode(folder_ / "other"));
}

TEST_F(CliFile, FollowsLinks)
{
    std::string link = folder_ / "link";
    std::filesystem::create_symlink("result.json", link); // leads nowhere yet
    for (int i = 0; i < 2; i++) {
        RunTo(link);
        EXPECT_TRUE(std::filesystem::is_symlink(link)) << i;
        ASSERT_EQ(Listing(folder_.Path()), (std::set<std::string>{"link", "result.json"})) << i;
        EXPECT_EQ(Json(Read(file_))["result"]["sessions"].Integer(), 3000u) << i;
    }
}

class CliStdoutByName : public CliFile {
  protected:
    // JSON to this name of stdout, which is a file opened with these flags, or a pipe (0).
    void ExpectWhole(const std::string &name, int flags)
    {
        SCOPED_TRACE(name + (flags ? flags == O_APPEND ? " >>" : " >" : " |"));
        Command command = Graveler(Founding("3000", {"--json", name}));
        Write(file_, "what was there before\n");
        int out = open(file_.c_str(), O_WRONLY | O_CLOEXEC | flags);
        if (flags)
            command.out = out;
        Outcome outcome = process::Run(command);
        close(out);
        ASSERT_EQ(outcome.code, 0) << Describe(outcome);

        std::string all = flags ? Read(file_) : outcome.out;
        EXPECT_EQ(Contains(all, "what was there before\n"), flags == O_APPEND) << all;
        size_t start = all.find("{\n"), end = all.find("\n}\n");
        ASSERT_TRUE(start != std::string::npos && end != std::string::npos) << all;
        EXPECT_EQ(Json(all.substr(start, end + 2 - start)).Keys(), KeysOfHistogram());
    }
};

TEST_F(CliStdoutByName, IsWrittenLikeStdout)
{
    // A link of our own stands for /dev/stdout: if this one were replaced, so would be that one.
    std::string link = folder_ / "stdout";
    std::filesystem::create_symlink("/proc/self/fd/1", link);
    for (const std::string &name : {link, std::string("/proc/self/fd/1"), std::string("/dev/fd/1")})
        for (int flags : {0, O_TRUNC, O_APPEND})
            ExpectWhole(name, flags);
    EXPECT_TRUE(std::filesystem::is_symlink(link));
}

TEST_F(CliFile, MayBeAPipe)
{
    ASSERT_EQ(mkfifo(file_.c_str(), 0600), 0);
    std::string text;
    std::thread reader([&] { text = Read(file_); });
    RunTo(file_);
    reader.join();
    EXPECT_EQ(Json(text)["result"]["sessions"].Integer(), 3000u);
    EXPECT_TRUE(std::filesystem::is_fifo(file_));
}

TEST_F(CliFile, IsRefusedInAFolderThatIsNotOurs)
{
    if (geteuid() == 0)
        GTEST_SKIP() << "root may write anywhere";
    ASSERT_EQ(chmod(folder_.Path().c_str(), 0500), 0);
    Outcome outcome = RunProgram(Founding(kEndless, {"--json", file_}));
    chmod(folder_.Path().c_str(), 0700);
    EXPECT_EQ(outcome.code, 2) << Describe(outcome);
    EXPECT_TRUE(Contains(outcome.err, file_)) << outcome.err;
}

TEST_F(CliFile, IsWrittenThoughNobodyReadsTheReport)
{
    int ends[2];
    ASSERT_EQ(pipe2(ends, O_CLOEXEC), 0);
    close(ends[0]);
    Command command = Graveler(Founding("3000", {"--json", file_}));
    command.out = ends[1];
    process::Run(command);
    close(ends[1]);
    EXPECT_EQ(Json(Read(file_))["result"]["sessions"].Integer(), 3000u);
}

// What is found to be wrong with a run leaves the old file alone.
TEST_F(CliFile, StaysWhereARunIsRefused)
{
    Write(file_, "old");
    for (const Words &more :
         {Words{"--chance", "2"}, Words{"--first", "2^63"}, Words{"--frobnicate"}})
        EXPECT_EQ(RunProgram(Joined(Founding("3000", {"--json", file_}), more)).code, 2);
    EXPECT_EQ(Read(file_), "old");
    EXPECT_EQ(Listing(folder_.Path()), std::set<std::string>{"result.json"});
}

} // namespace
