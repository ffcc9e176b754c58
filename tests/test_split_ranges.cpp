// Splitting a run into parts: none is lost, none is played twice, and together they are the run.
#include "places.h"
#include "program.h"
#include "support.h"
#include "temporary_folder.h"

#include <boost/multiprecision/cpp_int.hpp>
#include <filesystem>
#include <iterator>
#include <map>
#include <random>
#include <sstream>
#include <sys/stat.h>

namespace {

using namespace program;
using boost::multiprecision::cpp_int;

struct Part {
    uint64_t first, sessions;
};

bool operator==(const Part &a, const Part &b)
{
    return a.first == b.first && a.sessions == b.sessions;
}

std::ostream &operator<<(std::ostream &out, const Part &part)
{
    return out << part.sessions << " from " << part.first;
}

Part Split(uint64_t first, uint64_t sessions, uint64_t parts, uint64_t part)
{
    Part out = {};
    grav_error err = {};
    EXPECT_EQ(grav_split(first, sessions, parts, part, &out.first, &out.sessions, &err), GRAV_OK)
        << err.message;
    return out;
}

// ---- The ranges ---------------------------------------------------------------------------------

// Deals sessions out one by one, as cards are, and then lays the hands in a row.
std::vector<Part> Dealt(uint64_t first, uint64_t sessions, uint64_t parts)
{
    std::vector<Part> hands(parts, Part{});
    for (uint64_t i = 0; i < sessions; i++)
        hands[i % parts].sessions++;
    for (Part &hand : hands) {
        hand.first = first;
        first += hand.sessions;
    }
    return hands;
}

TEST(SplitRanges, AreThoseThatDealingGives)
{
    for (uint64_t first : {uint64_t{0}, uint64_t{17}, GRAV_SESSIONS_END - 40})
        for (uint64_t sessions = 1; sessions <= 40; sessions++)
            for (uint64_t parts = 1; parts <= 50; parts++) {
                std::vector<Part> dealt = Dealt(first, sessions, parts);
                for (uint64_t part = 0; part < parts; part++)
                    ASSERT_EQ(Split(first, sessions, parts, part), dealt[part])
                        << sessions << " sessions from " << first << ", part " << part << " of "
                        << parts;
            }
}

// In order, one after the other, to the end.
TEST(SplitRanges, CoverAllSessionsOnce)
{
    std::mt19937_64 random(1);
    for (int i = 0; i < 300; i++) {
        uint64_t sessions = (random() >> (1 + random() % 63)) + 1, parts = random() % 2000 + 1;
        uint64_t next = random() % (GRAV_SESSIONS_END - sessions + 1), end = next + sessions;
        uint64_t first = next, previous = UINT64_MAX, longest = 0, shortest = UINT64_MAX;
        for (uint64_t part = 0; part < parts; part++) {
            Part got = Split(first, sessions, parts, part);
            ASSERT_EQ(got.first, next);
            ASSERT_LE(got.sessions, previous); // the longer ones come first
            next += got.sessions;
            previous = got.sessions;
            longest = std::max(longest, got.sessions);
            shortest = std::min(shortest, got.sessions);
        }
        EXPECT_EQ(next, end);
        EXPECT_LE(longest - shortest, 1u);
    }
}

// With numbers that do not end at 64 bits: the sessions before part i of P are ceil(N / P) for each
// of the first N mod P parts, and floor(N / P) for each of the others.
TEST(SplitRanges, DoNotOverflow)
{
    const uint64_t end = GRAV_SESSIONS_END;
    for (uint64_t sessions : {uint64_t{1}, uint64_t{3}, end / 3, end - 1, end})
        for (uint64_t first : {uint64_t{0}, end - sessions})
            for (uint64_t parts : {uint64_t{1}, uint64_t{2}, uint64_t{3}, uint64_t{1} << 32,
                                   end / 2 + 1, end - 1, end, end + 1, UINT64_MAX})
                for (uint64_t part : {uint64_t{0}, parts / 2, sessions % parts, parts - 1}) {
                    cpp_int n = sessions, p = parts, i = part, before = 0;
                    cpp_int longer = n % p < i ? cpp_int(n % p) : i;
                    before = longer * ((n + p - 1) / p) + (i - longer) * (n / p);
                    cpp_int size = i < n % p ? cpp_int((n + p - 1) / p) : cpp_int(n / p);
                    Part got = Split(first, sessions, parts, part);
                    EXPECT_EQ(cpp_int(got.first), first + before);
                    EXPECT_EQ(cpp_int(got.sessions), size);
                }
}

TEST(SplitRanges, RefuseWhatThereIsNot)
{
    const struct {
        uint64_t first, sessions, parts, part;
        const char *named;
    } rows[] = {{0, 0, 1, 0, "sessions"},
                {0, 1, 0, 0, "parts"},
                {0, 5, 3, 3, "part 3"},
                {0, 5, 3, UINT64_MAX, "part 18446744073709551615"},
                {1, GRAV_SESSIONS_END, 1, 0, "2^63"},
                {GRAV_SESSIONS_END, 1, 1, 0, "2^63"},
                {UINT64_MAX, 2, 1, 0, "2^63"},
                {2, UINT64_MAX, 1, 0, "2^63"}};
    for (const auto &row : rows) {
        grav_error err = {};
        Part out = {77, 78};
        EXPECT_EQ(grav_split(row.first, row.sessions, row.parts, row.part, &out.first,
                             &out.sessions, &err),
                  GRAV_ERROR_INVALID);
        EXPECT_TRUE(Contains(err.message, row.named)) << err.message;
        EXPECT_EQ(out, (Part{77, 78}));
        EXPECT_EQ(grav_split(row.first, row.sessions, row.parts, row.part, &out.first,
                             &out.sessions, nullptr),
                  GRAV_ERROR_INVALID);
    }
    char *text = nullptr;
    grav_error err = {};
    EXPECT_EQ(grav_split_json(0, 5, GRAV_SPLIT_LIST_MAX + 1, &text, &err), GRAV_ERROR_INVALID);
    EXPECT_TRUE(Contains(err.message, "1000000")) << err.message;
    EXPECT_EQ(grav_split_json(0, 0, 5, &text, &err), GRAV_ERROR_INVALID);
    EXPECT_EQ(text, nullptr);
}

// ---- The program --------------------------------------------------------------------------------

Words OptionsOf(const std::string &line)
{
    std::istringstream in(line);
    return {std::istream_iterator<std::string>(in), {}};
}

TEST(SplitCli, TellsTheSameInAllThreeWays)
{
    Words what = {"split", "--sessions", "10", "--first", "2^40", "--parts", "12"};
    Json json(RunProgram(Joined(what, {"--json"})).out); // stderr tells of the empty ones
    std::istringstream lines(RunProgram(what).out);
    ASSERT_EQ(json["parts"].Size(), 12u);
    for (size_t i = 0; i < 12; i++) {
        Json part = json["parts"][i];
        uint64_t first = part["first"].Integer(), sessions = part["sessions"].Integer();
        EXPECT_EQ(part["part"].Integer(), i);
        EXPECT_EQ(part["end"].Integer(), first + sessions);
        std::string options =
            "--first " + std::to_string(first) + " --sessions " + std::to_string(sessions);
        EXPECT_EQ(RunProgram(Joined(what, {"--part", std::to_string(i)})).out, options + "\n");
        std::string line;
        std::getline(lines, line);
        EXPECT_EQ(line, "part " + std::to_string(i) + ": " + (sessions ? options : "empty"));
    }
}

support::Result PlayPart(const Json &part)
{
    grav_run_spec spec;
    grav_run_spec_init(&spec);
    spec.seed = 42;
    spec.backend = GRAV_BACKEND_CPU;
    spec.first = part["first"].Integer();
    spec.sessions = part["sessions"].Integer();
    return support::Run(support::MakeExperiment(231, "1/4", 177), spec);
}

TEST(SplitCli, PartsMergeToTheWholeRun)
{
    Json whole = RunJson(Founding("100003", {"--first", "77"}));
    Json parts =
        RunJson({"split", "--sessions", "100003", "--first", "77", "--parts", "7"})["parts"];
    support::Result merged = PlayPart(parts[0]);
    for (size_t i = 1; i < parts.Size(); i++)
        merged = support::Merge(merged, PlayPart(parts[i]));
    EXPECT_EQ(support::Digest(merged), DigestOf(whole));
}

void AddHistogram(const Json &result, std::map<uint64_t, uint64_t> *counts)
{
    Json histogram = result["result"]["histogram"];
    for (size_t i = 0; i < histogram["counts"].Size(); i++)
        if (uint64_t count = histogram["counts"][i].Integer())
            (*counts)[histogram["first"].Integer() + i] += count;
}

TEST(SplitCli, PartsPlayedByRunAddUpToTheWholeRun)
{
    std::map<uint64_t, uint64_t> summed, whole;
    AddHistogram(RunJson(Founding("50021")), &whole);
    for (int part = 0; part < 6; part++) {
        std::string options = RunProgram({"split", "--sessions", "50021", "--parts", "6", "--part",
                                          std::to_string(part)})
                                  .out;
        AddHistogram(
            RunJson(Joined({"run", "--seed", "42", "--backend", "cpu"}, OptionsOf(options))),
            &summed);
    }
    EXPECT_EQ(summed, whole);
}

// ---- scripts/slurm-array.sh ---------------------------------------------------------------------

// A folder in which the script's tasks run, with a scontrol that notes what it is told, and a
// graveler whose run takes no checkpoints: it ends at its time limit where a file `limit` is.
class SlurmArray : public testing::Test {
  protected:
    void SetUp() override
    {
        script_ = std::filesystem::absolute(places::TestsFolder()).parent_path() /
                  "scripts/slurm-array.sh";
        if (!std::filesystem::exists(script_))
            GTEST_SKIP() << "the scripts are not here: " << script_;
        MakeTool("scontrol", "echo \"$*\" >>requeued");
        MakeTool("graveler", "echo \"$*\" >>called\n"
                             "if [ \"$1\" = run ] && [ -e limit ]; then rm limit; exit 3; fi\n"
                             "for word; do\n"
                             "    shift\n"
                             "    case $word in\n"
                             "    --checkpoint | --every | --max-time) skip=yes ;;\n"
                             "    *) [ \"${skip-}\" ] && skip= || set -- \"$@\" \"$word\" ;;\n"
                             "    esac\n"
                             "done\n"
                             "exec '" +
                                 places::Program() + "' \"$@\"");
    }

    void MakeTool(const std::string &name, const std::string &commands)
    {
        Write(folder_ / name, "#!/bin/sh\n" + commands + "\n");
        chmod((folder_ / name).c_str(), 0755);
    }

    Outcome Task(const std::string &task, const Words &arguments)
    {
        Command command{Joined({"/bin/bash", script_}, arguments)};
        command.folder = folder_.Path();
        command.environment = {{"PATH", folder_.Path() + ":" + std::getenv("PATH")},
                               {"SLURM_ARRAY_TASK_ID", task},
                               {"SLURM_ARRAY_JOB_ID", "99"}};
        return process::Run(command);
    }

    TemporaryFolder folder_;
    std::string script_;
};

const Words kJob = {"3000", "3", "--seed", "42", "--backend", "cpu"};

TEST_F(SlurmArray, PlaysAllPartsOfTheRun)
{
    std::map<uint64_t, uint64_t> summed, whole;
    AddHistogram(RunJson(Founding("3000")), &whole);
    for (std::string part : {"0", "1", "2"}) {
        Outcome outcome = Task(part, kJob);
        ASSERT_EQ(outcome.code, 0) << Describe(outcome);
        AddHistogram(Json(Read(folder_ / ("part-" + part + ".json"))), &summed);
    }
    EXPECT_EQ(summed, whole);
    EXPECT_FALSE(Listing(folder_.Path()).count("requeued"));
}

TEST_F(SlurmArray, LeavesWhatIsPlayedOrEmptyAlone)
{
    ASSERT_EQ(Task("0", kJob).code, 0);
    Write(folder_ / "called", "");
    EXPECT_EQ(Task("0", kJob).code, 0);
    Outcome empty = Task("3", {"3", "5", "--seed", "42"});
    EXPECT_EQ(empty.code, 0) << Describe(empty);
    EXPECT_TRUE(Contains(empty.err, "part 3 is empty"));
    EXPECT_FALSE(Contains(Read(folder_ / "called"), "run"));
    EXPECT_FALSE(Listing(folder_.Path()).count("part-3.json"));
}

TEST_F(SlurmArray, RequeuesATaskThatReachedItsLimit)
{
    Write(folder_ / "limit", "");
    Outcome stopped = Task("1", kJob);
    EXPECT_EQ(stopped.code, 0) << Describe(stopped);
    EXPECT_EQ(Read(folder_ / "requeued"), "requeue 99_1\n");
    EXPECT_FALSE(Listing(folder_.Path()).count("part-1.json"));
    ASSERT_EQ(Task("1", kJob).code, 0);
    EXPECT_EQ(Json(Read(folder_ / "part-1.json"))["result"]["sessions"].Integer(), 1000u);
    EXPECT_TRUE(Contains(Read(folder_ / "called"), "--checkpoint part-1.checkpoint"));
}

// A failed split must not become a run of what run plays when it is not told.
TEST_F(SlurmArray, PlaysNothingWhereSomethingIsWrong)
{
    EXPECT_NE(Task("3", kJob).code, 0); // no such part
    EXPECT_NE(Task("0", {"x", "3", "--seed", "42"}).code, 0);
    EXPECT_NE(Task("0", {"3000", "3"}).code, 0); // each task would draw a seed of its own
    EXPECT_NE(Task("0", {"3000"}).code, 0);
    EXPECT_NE(Task("0", {}).code, 0);
    EXPECT_NE(Task("0", {"3000", "3", "--seed", "42", "--frobnicate"}).code, 0);
    for (const std::string &file : Listing(folder_.Path()))
        EXPECT_FALSE(Contains(file, "json")) << file;
}

} // namespace
