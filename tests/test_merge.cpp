// graveler merge: parts of a run, in files.
#include "playing.h"
#include "program.h"
#include "temporary_folder.h"

#include <algorithm>

namespace {

using namespace program;

class MergeCommand : public testing::Test {
  protected:
    // Plays sessions [first, first + sessions) into a file.
    std::string Part(uint64_t first, uint64_t sessions, const Words &more = {})
    {
        std::string file = folder_ / ("part-" + std::to_string(files_++) + ".json");
        Outcome played = RunProgram(
            Joined({"run", "--backend", "cpu", "--seed", "42", "--first", std::to_string(first),
                    "--sessions", std::to_string(sessions), "--json", file},
                   more));
        EXPECT_EQ(played.code, 0) << Describe(played);
        return file;
    }

    Outcome Merge(const Words &files, const Words &more = {})
    {
        return RunProgram(Joined(Joined({"merge"}, files), more));
    }

    // Fails with one line that has all of these, and writes nothing.
    void ExpectRefused(const Words &files, int code, const Words &parts)
    {
        Outcome outcome = Merge(files, {"--json", folder_ / "out.json"});
        EXPECT_EQ(outcome.code, code) << Describe(outcome);
        EXPECT_EQ(CountLines(outcome.err), 1u) << outcome.err;
        for (const std::string &part : parts)
            EXPECT_TRUE(Contains(outcome.err, part)) << part << "\n" << outcome.err;
        EXPECT_EQ(outcome.out, "");
        EXPECT_FALSE(std::filesystem::exists(folder_ / "out.json"));
    }

    TemporaryFolder folder_;
    int files_ = 0;
};

TEST_F(MergeCommand, GivesTheDigestOfTheWholeInAnyOrderAndGrouping)
{
    const Words more = {"--target", "70"};
    Words parts;
    for (uint64_t first : {0, 1, 1000, 1777, 9000})
        parts.push_back(Part(first,
                             (first == 0      ? 1
                              : first == 1    ? 999
                              : first == 1000 ? 777
                              : first == 1777 ? 7223
                                              : 1000),
                             more));
    const std::string whole = DigestOf(Json(Read(Part(0, 10000, more))));
    std::sort(parts.begin(), parts.end());
    playing::Random random(3);
    for (int i = 0; i < 20; i++) {
        std::shuffle(parts.begin(), parts.end(), random);
        Json all(Merge(parts, {"--json", "-"}).out);
        EXPECT_EQ(DigestOf(all), whole);
        EXPECT_TRUE(all["complete"].Boolean());
        // The same by way of a file of some of them.
        std::string some = folder_ / "some.json";
        auto middle = parts.begin() + 2 + static_cast<long>(playing::Below(random, 3));
        Outcome first = Merge(Words(parts.begin(), middle), {"--json", some});
        ASSERT_EQ(first.code, 0) << Describe(first);
        Words rest(middle, parts.end());
        rest.push_back(some);
        EXPECT_EQ(DigestOf(Json(Merge(rest, {"--json"}).out)), whole);
        std::filesystem::remove(some);
    }
}

TEST_F(MergeCommand, TellsOfGaps)
{
    Words parts = {Part(50, 10), Part(0, 10), Part(10, 5)};
    Outcome outcome = Merge(parts, {"--json"});
    EXPECT_EQ(outcome.code, 0) << Describe(outcome);
    EXPECT_EQ(outcome.err, "graveler merge: sessions [15, 50) are missing\n");
    Json json(outcome.out);
    EXPECT_FALSE(json["complete"].Boolean());
    EXPECT_EQ(json["result"]["sessions"].Integer(), 25u);
    EXPECT_EQ(json["run"]["ranges"].Size(), 2u);
}

TEST_F(MergeCommand, CountsManyGaps)
{
    Words parts;
    for (uint64_t first = 0; first < 30; first += 2)
        parts.push_back(Part(first, 1));
    Outcome outcome = Merge(parts);
    EXPECT_EQ(outcome.code, 0) << Describe(outcome);
    EXPECT_EQ(CountLines(outcome.err), 11u) << outcome.err;
    EXPECT_TRUE(Contains(outcome.err, "graveler merge: 14 gaps in all\n")) << outcome.err;
    EXPECT_TRUE(Contains(outcome.out, "[8, 9) and 10 more ranges\n")) << outcome.out;
}

TEST_F(MergeCommand, NamesWhatDoesNotFit)
{
    std::string a = Part(0, 100), b = Part(100, 100), over = Part(150, 100);
    ExpectRefused({a, b, over}, 2, {b, over, "[150, 200)"});
    ExpectRefused({a, b, a}, 2, {a, "[0, 100)"});
    ExpectRefused({a, Part(100, 10, {"--seed", "43"})}, 2, {a, "part-3", "seed 43, not 42"});
    ExpectRefused({a, Part(100, 10, {"--rolls", "9"})}, 2, {a, "part-4", "9 rolls, not 231"});
    ExpectRefused({a, folder_ / "none.json"}, 2, {"none.json", "No such file"});
    std::string damaged = Read(b);
    damaged[damaged.find("\"mean\"") + 9] ^= 1;
    Write(folder_ / "damaged.json", damaged);
    ExpectRefused({a, folder_ / "damaged.json"}, 4, {"damaged.json", "is damaged"});
    Write(folder_ / "short.json", damaged.substr(0, 1000));
    ExpectRefused({folder_ / "short.json"}, 2, {"short.json", "cut short"});
    ExpectRefused({}, 2, {"name the result files"});
}

// `--json a.json b.json` would have been meant for standard output.
TEST_F(MergeCommand, DoesNotWriteOverAPart)
{
    std::string a = Part(0, 10), b = Part(10, 10), before = Read(a);
    Outcome outcome = RunProgram({"merge", "--json", a, b});
    EXPECT_EQ(outcome.code, 2);
    EXPECT_TRUE(Contains(outcome.err, "is there already")) << outcome.err;
    EXPECT_EQ(Read(a), before);
}

TEST_F(MergeCommand, TakesCheckpoints)
{
    std::string file = folder_ / "run.checkpoint";
    Outcome begun = RunProgram({"run", "--backend", "cpu", "--seed", "42", "--sessions", kEndless,
                                "--max-time", "100ms", "--checkpoint", file, "--quiet"});
    ASSERT_EQ(begun.code, 3) << Describe(begun);
    uint64_t end = Json(Read(file))["run"]["ranges"][0][1].Integer();
    Json all(Merge({file, Part(end, 1000)}, {"--json"}).out);
    EXPECT_EQ(DigestOf(all), DigestOf(Json(Read(Part(0, end + 1000)))));
    EXPECT_FALSE(all["complete"].Boolean()) << "what was asked for first is still not played";
}

} // namespace
