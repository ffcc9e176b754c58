// graveler-bench as a user runs it. What it measures here is small; no test looks at a time.
#include "places.h"
#include "program.h"
#include "temporary_folder.h"

#include <graveler.h>
#include <signal.h>
#include <sstream>

namespace {

using namespace program;

Command Bench(const Words &arguments)
{
    return Command{Joined({places::Bench()}, arguments)};
}

Outcome RunBench(const Words &arguments)
{
    return process::Run(Bench(arguments));
}

// The quickest that is measured at all.
const Words kQuick = {
    "--seconds", "1",        "--threads", "1",        "--backend", "cpu",      "--isa",
    "auto",      "--engine", "philox",    "--method", "rolls",     "--python", "/no/such/python"};

void ExpectStatistics(const Json &times)
{
    EXPECT_GT(times["min"].Number(), 0);
    EXPECT_LE(times["min"].Number(), times["q1"].Number());
    EXPECT_LE(times["q1"].Number(), times["median"].Number());
    EXPECT_LE(times["median"].Number(), times["q3"].Number());
}

class BenchFiles : public testing::Test {
  protected:
    TemporaryFolder folder_;
    std::string json_ = folder_ / "result.json", csv_ = folder_ / "result.csv",
                markdown_ = folder_ / "result.md";
};

TEST_F(BenchFiles, HoldWhatWasMeasured)
{
    Outcome outcome = RunBench(
        Joined(kQuick, {"--json", json_, "--csv", csv_, "--markdown", markdown_, "--seed", "7"}));
    ASSERT_EQ(outcome.code, 0) << Describe(outcome);
    EXPECT_TRUE(Contains(outcome.out, "yardstick xoshiro256+")) << outcome.out;
    EXPECT_TRUE(Contains(outcome.err, "left out: yardstick scipy")) << outcome.err;

    Json json(Read(json_));
    EXPECT_EQ(json["format"].String(), "graveler-bench");
    EXPECT_EQ(json["version"].Integer(), 1u);
    EXPECT_EQ(json["program"]["commit"].String(), grav_commit());
    EXPECT_EQ(json["machine"]["cpu"]["threads"].Integer() > 0, true);
    EXPECT_EQ(json["left_out"].Size(), 1u);
    ASSERT_EQ(json["parts"].Size(), 1u);
    EXPECT_EQ(json["parts"][0]["part"].String(), "speed");
    std::string ended = json["parts"][0]["ended_by"].String();
    EXPECT_TRUE(ended == "quiet" || ended == "time") << ended;

    // Two paths, keep histogram and max, their yardstick, and its tuned form.
    Json measured = json["measured"];
    ASSERT_EQ(measured.Size(), 4u);
    for (size_t i = 0; i < 4; i++) {
        ExpectStatistics(measured[i]["ns"]);
        EXPECT_GE(measured[i]["samples"].Integer(), 3u);
        EXPECT_EQ(measured[i]["isa"].String(), json["machine"]["cpu"]["isa"].String());
        EXPECT_NEAR(measured[i]["per_s"].Number() * measured[i]["ns"]["median"].Number(), 1e9, 1e5);
        bool compared = measured[i]["what"].String() != "yardstick xoshiro256+";
        EXPECT_EQ(compared, measured[i].Keys().count("ratio") == 1);
        if (compared) {
            EXPECT_GT(measured[i]["ratio"].Number(), 0);
        }
    }

    EXPECT_EQ(CountLines(Read(csv_)), 1 + measured.Size());
    EXPECT_EQ(Read(csv_).find("part,what,method,engine,keep,backend,isa,"), 0u);
    // A file shows what the run showed.
    Outcome report = RunBench({"report", json_});
    EXPECT_EQ(report.code, 0) << Describe(report);
    EXPECT_EQ(report.out, Read(markdown_));
}

// As many as the names of the library make, but for those it refuses.
TEST(BenchCli, MeasuresEveryPath)
{
    Outcome outcome = RunBench({"--seconds", "1", "--backend", "cpu", "--keep", "max", "--isa",
                                "auto", "--python", "/no/such/python", "--json"});
    ASSERT_EQ(outcome.code, 0) << Describe(outcome);
    Json measured = Json(outcome.out)["measured"];
    std::set<std::string> paths;
    for (size_t i = 0; i < measured.Size(); i++)
        if (measured[i]["what"].String() == "run")
            paths.insert(measured[i]["method"].String() + " " + measured[i]["engine"].String() +
                         " " + std::to_string(measured[i]["threads"].Integer()));
    grav_experiment_spec founding;
    grav_experiment *experiment;
    grav_run_spec spec;
    grav_cpu_info cpu;
    grav_cpu(&cpu);
    grav_run_spec_init(&spec);
    spec.keep = GRAV_KEEP_MAX;
    grav_experiment_spec_init(&founding);
    ASSERT_EQ(grav_experiment_create(&founding, &experiment, nullptr), GRAV_OK);
    std::set<std::string> expected;
    for (int method = 0; grav_method_name(method); method++)
        for (int engine = 0; grav_engine_name(engine); engine++) {
            spec.method = static_cast<grav_method>(method);
            spec.engine = static_cast<grav_engine>(engine);
            for (unsigned threads : {1u, cpu.threads})
                if (grav_run_check(experiment, &spec, nullptr) == GRAV_OK)
                    expected.insert(std::string(grav_method_name(method)) + " " +
                                    grav_engine_name(engine) + " " + std::to_string(threads));
        }
    grav_experiment_destroy(experiment);
    EXPECT_EQ(paths, expected);
}

class BenchPart : public testing::TestWithParam<const char *> {};

TEST_P(BenchPart, IsMeasured)
{
    Outcome outcome = RunBench({GetParam(), "--seconds", "1", "--json"});
    ASSERT_EQ(outcome.code, 0) << Describe(outcome);
    Json measured = Json(outcome.out)["measured"];
    EXPECT_GE(measured.Size(), 1u);
    for (size_t i = 0; i < measured.Size(); i++) {
        EXPECT_EQ(measured[i]["part"].String(), GetParam());
        ExpectStatistics(measured[i]["ns"]);
    }
}

INSTANTIATE_TEST_SUITE_P(Cli, BenchPart, testing::Values("ceilings", "overhead"));

TEST(BenchCli, MeasuresTasks)
{
    Outcome outcome = RunBench({"tasks", "--seconds", "1", "--sessions", "1e6", "--json"});
    ASSERT_EQ(outcome.code, 0) << Describe(outcome);
    Json measured = Json(outcome.out)["measured"];
    ASSERT_EQ(measured.Size(), 5u);
    for (size_t i = 0; i < 5; i++) {
        EXPECT_EQ(measured[i]["unit"].String(), "task");
        ExpectStatistics(measured[i]["ns"]);
    }
    EXPECT_EQ(measured[1]["threads"].Integer(), 1u);
    EXPECT_EQ(measured[4]["yardstick"].String(), measured[3]["what"].String());
    EXPECT_GT(measured[4]["ratio"].Number(), 0);
}

TEST(BenchCli, MeasuresWholeProcesses)
{
    Outcome outcome = RunBench({"process", "--seconds", "1", "--backend", "cpu", "--sessions",
                                "1000", "--program", places::Program(), "--json"});
    ASSERT_EQ(outcome.code, 0) << Describe(outcome);
    Json measured = Json(outcome.out)["measured"];
    ASSERT_EQ(measured.Size(), 2u);
    EXPECT_EQ(measured[1]["what"].String(), "graveler run --sessions 1e+03");
    EXPECT_EQ(measured[1]["yardstick"].String(), measured[0]["what"].String());
    EXPECT_GT(measured[1]["ratio"].Number(), 0);

    outcome =
        RunBench({"process", "--backend", "cpu", "--sessions", "9", "--program", "/bin/false"});
    EXPECT_EQ(outcome.code, 1) << Describe(outcome);
    EXPECT_TRUE(Contains(outcome.err, "/bin/false")) << outcome.err;
}

TEST_F(BenchFiles, HoldTheScalingSweep)
{
    Outcome outcome = RunBench({"scaling", "--threads", "1", "--backend", "cpu", "--method",
                                "rolls", "--engine", "philox", "--max-sessions", "1e4", "--json",
                                json_, "--csv", csv_, "--program", GRAV_PROGRAM});
    ASSERT_EQ(outcome.code, 0) << Describe(outcome);
    Json rows = Json(Read(json_))["scaling"];
    const uint64_t sessions[] = {1000, 10000, 10, 100}; // fewer of the million rolls' sum
    ASSERT_EQ(rows.Size(), std::size(sessions));
    for (size_t i = 0; i < std::size(sessions); i++) {
        EXPECT_EQ(rows[i]["sessions"].Integer(), sessions[i]);
        EXPECT_EQ(rows[i]["keep"].String(), i < 2 ? "histogram" : "max");
        EXPECT_EQ(rows[i]["engine"].String(), "philox");
        EXPECT_GT(rows[i]["seconds"].Number(), 0);
        EXPECT_GT(rows[i]["peak_kib"].Integer(), 0u);
    }
    std::istringstream csv(Read(csv_));
    std::string line;
    std::getline(csv, line);
    EXPECT_EQ(line, "experiment,place,method,engine,keep,sessions,seconds,cpu_percent,peak_kib");
    std::getline(csv, line);
    EXPECT_EQ(line.find("231 rolls at 1/4,CPU "), 0u) << line;
    EXPECT_TRUE(Contains(line, ",rolls,philox,histogram,1000,")) << line;
}

TEST(BenchCli, StopsWhenInterrupted)
{
    Process bench(Bench({"ceilings", "--seconds", "600"}));
    bench.WaitUntil([&](const Outcome &) { return bench.Catches(SIGINT); });
    bench.Send(SIGINT);
    Outcome outcome = bench.Wait();
    EXPECT_EQ(outcome.code, 3) << Describe(outcome);
}

TEST(BenchCli, RefusesWhatIsWrong)
{
    const std::vector<Words> wrong = {
        {"frobnicate"},
        {"--frobnicate"},
        {"speed", "--second", "1"},
        {"speed", "word"},
        {"--seconds", "0"},
        {"--method", "guess"},
        {"--engine", "guess"},
        {"--isa", "guess"},
        {"--keep", "guess"},
        {"--backend", "guess"},
        {"--threads", "0"},
        {"--isa", "avx2", "--backend", "cuda"},
        {"--threads", "1", "--backend", "cuda"},
        {"--json", "--csv"},
        {"--json", "/no/such/folder/file"},
        {"--csv", "/no/such/folder/file"},
        {"--markdown=/no/such/folder/file"},
        {"scaling", "--max-sessions", "1"},
        {"report"},
        {"report", "/no/such/file"},
        {"report", "/dev/null"},
        {"report", GRAV_TESTS_FOLDER "/CMakeLists.txt"},
    };
    for (const Words &arguments : wrong) {
        Outcome outcome = RunBench(arguments);
        EXPECT_EQ(outcome.code, 2) << Describe(outcome);
        EXPECT_EQ(outcome.out, "");
        EXPECT_EQ(CountLines(outcome.err), 1u) << outcome.err;
        EXPECT_EQ(outcome.err.find("graveler-bench"), 0u) << outcome.err;
    }
}

TEST_F(BenchFiles, OfOtherProgramsAreRefused)
{
    for (const char *text : {"{}", "[]", "{\"format\": \"graveler-bench\", \"version\": 2}"}) {
        Write(json_, text);
        Outcome outcome = RunBench({"report", json_});
        EXPECT_EQ(outcome.code, 2) << text << Describe(outcome);
        EXPECT_TRUE(Contains(outcome.err, json_)) << outcome.err;
    }
}

TEST(BenchCli, FailsWithoutAGpu)
{
    int gpus = 0;
    if (grav_gpu_count(&gpus, nullptr) == GRAV_OK)
        GTEST_SKIP() << "there is one";
    Outcome outcome = RunBench({"--backend", "cuda"});
    EXPECT_EQ(outcome.code, 1) << Describe(outcome);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(RunBench({"context"}).code, 1);
}

TEST(BenchCli, HelpFitsOneScreenAndStartsWithAnExample)
{
    for (const char *command : {"", "speed", "ceilings", "overhead", "process", "all", "scaling",
                                "plan", "context", "report"}) {
        Outcome outcome = RunBench(*command ? Words{command, "--help"} : Words{"--help"});
        EXPECT_EQ(outcome.code, 0) << command;
        EXPECT_EQ(outcome.err, "") << command;
        EXPECT_EQ(outcome.out.find(std::string("Example: graveler-bench ") + command), 0u)
            << outcome.out;
        EXPECT_LE(CountLines(outcome.out), 45u) << command;
        std::istringstream lines(outcome.out);
        for (std::string line; std::getline(lines, line);)
            EXPECT_LE(line.size(), 80u) << line;
    }
}

} // namespace
