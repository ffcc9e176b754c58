// graveler verify: right results pass, wrong ones do not, whatever is wrong with them.
#include "playing.h"
#include "program.h"
#include "sealed.h"
#include "support.h"
#include "temporary_folder.h"

#include "experiment.h"

extern "C" {
#include "result.h"
}

namespace {

using namespace program;

using sealed::Checksum;
using sealed::Replaced;
using sealed::Sealed;

class Verify : public testing::Test {
  protected:
    std::string Play(const Words &more)
    {
        Outcome played =
            RunProgram(Joined({"run", "--backend", "cpu", "--seed", "42", "--json", file_}, more));
        EXPECT_EQ(played.code, 0) << Describe(played);
        return Read(file_);
    }

    Outcome Check(const Words &more = {})
    {
        return RunProgram(Joined({"verify", file_, "--backend", "cpu"}, more));
    }

    // Changes the text and makes digest and checksum those of what it says now, as only somebody
    // does who means to deceive: the digest's text is that of docs/formats.md.
    void Forge(const std::string &text, const std::string &from, const std::string &to)
    {
        std::string forged = Replaced(text, from, to);
        Json json(forged);
        std::string digest = "graveler-digest 1\nrolls 231\ndie 1x1/4,0x3/4\nstatistic sum\n"
                             "target 177\nseed " +
                             json["run"]["seed"].String() +
                             "\nmethod rolls\nengine philox\nkeep histogram\nrange 0 " +
                             std::to_string(json["run"]["ranges"][0][1].Integer()) + "\nsessions " +
                             std::to_string(json["result"]["sessions"].Integer()) + "\nmax " +
                             std::to_string(json["result"]["max"]["score"].Integer()) + " " +
                             std::to_string(json["result"]["max"]["session"].Integer()) + "\n";
        uint64_t first = json["result"]["histogram"]["first"].Integer();
        Json counts = json["result"]["histogram"]["counts"];
        for (size_t i = 0; i < counts.Size(); i++)
            if (counts[i].Integer())
                digest += "count " + std::to_string(first + i) + " " +
                          std::to_string(counts[i].Integer()) + "\n";
        forged = Replaced(forged, json["result"]["digest"].String(), Checksum(digest));
        Write(file_, Sealed(forged));
    }

    void ExpectMismatch(const Words &more, const std::string &message)
    {
        Outcome outcome = Check(more);
        EXPECT_EQ(outcome.code, 4) << Describe(outcome);
        EXPECT_EQ(CountLines(outcome.err), 1u) << outcome.err;
        EXPECT_TRUE(Contains(outcome.err, message)) << outcome.err;
        EXPECT_TRUE(Contains(outcome.err, file_)) << outcome.err;
    }

    TemporaryFolder folder_;
    std::string file_ = folder_ / "result.json";
};

TEST_F(Verify, PassesWhatWasPlayed)
{
    for (const Words &job :
         {Words{"--sessions", "1e5"}, Words{"--sessions", "1e5", "--keep", "max"},
          Words{"--sessions", "1e5", "--method", "scores"},
          Words{"--sessions", "1e5", "--engine", "fast"},
          Words{"--sessions", "1e4", "--die", "1..6", "--rolls", "10"},
          Words{"--sessions", "1e4", "--statistic", "streak"},
          Words{"--sessions", "1e6", "--target", "85", "--until-target"},
          Words{"--sessions", "1", "--first", "1e18"}}) {
        Play(job);
        for (const Words &more : {Words{}, Words{"--full"}, Words{"--full", "--isa", "portable"},
                                  Words{"--sample", "3"}}) {
            Outcome outcome = Check(more);
            EXPECT_EQ(outcome.code, 0) << job[2] << "\n" << Describe(outcome);
            EXPECT_EQ(outcome.err, "");
            EXPECT_TRUE(Contains(outcome.out, "Record")) << outcome.out;
            EXPECT_EQ(Contains(outcome.out, "Sessions"), !more.empty()) << outcome.out;
        }
    }
}

TEST_F(Verify, PassesGapsAndCheckpoints)
{
    Words parts;
    for (const char *first : {"0", "5000", "20000"}) {
        Play({"--first", first, "--sessions", "5000"});
        parts.push_back(folder_ / first);
        std::filesystem::rename(file_, parts.back());
    }
    ASSERT_EQ(RunProgram(Joined(Joined({"merge"}, parts), {"--json", file_})).code, 0);
    Outcome outcome = Check({"--full"});
    EXPECT_EQ(outcome.code, 0) << Describe(outcome);
    std::filesystem::remove(file_);
    RunProgram({"run", "--backend", "cpu", "--sessions", "1e15", "--checkpoint", file_,
                "--max-time", "100ms", "--quiet"});
    for (const Words &more : {Words{"--full"}, Words{"--sample", "7"}}) {
        outcome = Check(more);
        EXPECT_EQ(outcome.code, 0) << Describe(outcome);
    }
}

// Sessions 0 to 2999 of seed 42: the best is session 413, with 81.
TEST_F(Verify, FindsWhatIsWrong)
{
    const std::string text = Play({"--sessions", "3000"});
    Forge(text, "\"mean\": 57.6", "\"mean\": 57.7");
    ExpectMismatch({}, "'result.mean'");
    Forge(text, "\"0.5\": 58", "\"0.5\": 59");
    ExpectMismatch({}, "'result.quantiles'");
    Forge(text, "\"mean\": 57.75", "\"mean\": 57.76");
    ExpectMismatch({}, "'law.mean'");
    Forge(text, "\"complete\": true", "\"complete\": false");
    ExpectMismatch({}, "'complete'");
    Forge(text, "\"session\": 413", "\"session\": 414");
    ExpectMismatch({}, "session 414 scores ");
    Forge(text, "\"0x2a\"", "\"0x2b\"");
    ExpectMismatch({}, "session 413 scores ");
    Forge(text, "    3000\n", "    3000\n"); // nothing: the forger does its work
    EXPECT_EQ(Check({"--full"}).code, 0);
    // Damage is told as such.
    Write(file_, Replaced(text, "\"0x2a\"", "\"0x2b\""));
    ExpectMismatch({}, "is damaged");
}

// With `--keep max` and the record of another seed there is nothing but playing that could tell.
TEST_F(Verify, FindsByPlayingAgainWhatFiguresDoNotTell)
{
    std::string digest = "graveler-digest 1\nrolls 231\ndie 1x1/4,0x3/4\nstatistic sum\n"
                         "target 177\nseed 0x2a\nmethod rolls\nengine philox\nkeep max\n"
                         "range 0 3000\nsessions 3000\nmax ";
    std::string text = Play({"--sessions", "3000", "--keep", "max"});
    // Session 0 scores 53: it is no record, but it does score that.
    text = Replaced(text, "\"score\": 81", "\"score\": 53");
    text = Replaced(text, "\"session\": 413", "\"session\": 0");
    text = Replaced(text, Json(text)["result"]["digest"].String(), Checksum(digest + "53 0\n"));
    text.erase(text.find(" \"law\""), text.find(" \"timing\"") - text.find(" \"law\""));
    Write(file_, Sealed(text));
    Outcome outcome = Check();
    EXPECT_EQ(outcome.code, 0) << Describe(outcome);
    ExpectMismatch({"--full"}, "the record is 53 in session 0 against 81 in session 413");
}

// ---- Samples ------------------------------------------------------------------------------------

// A result of 3e6 sessions, of which one range of a sample is about a third.
support::Result Million(grav_keep keep = GRAV_KEEP_HISTOGRAM)
{
    support::Experiment experiment = support::MakeExperiment(231, "1/4", 177);
    grav_run_spec spec = support::Spec({"cpu", GRAV_BACKEND_CPU, GRAV_ISA_AUTO}, 42, 1000, 3000000);
    spec.keep = keep;
    return support::Run(experiment, spec);
}

struct Sampled {
    grav_status status;
    uint64_t sessions;
    std::string message;
};

Sampled Sample(const support::Result &result, uint64_t parts, uint64_t seed)
{
    grav_run_spec where = support::Spec({"cpu", GRAV_BACKEND_CPU, GRAV_ISA_AUTO}, 0, 0, 1);
    grav_error err = {};
    bool stopped = true;
    Sampled out = {};
    out.status =
        grav_verify_sample(result.get(), &where, parts, seed, &out.sessions, &stopped, &err);
    EXPECT_FALSE(stopped);
    out.message = err.message;
    return out;
}

TEST(VerifySample, PlaysSomeOrAll)
{
    const support::Result result = Million();
    const uint64_t size = (1u << 28) / 231 + 1;
    for (uint64_t seed : {1, 2, 3}) {
        EXPECT_EQ(Sample(result, 1, seed).sessions, size);
        EXPECT_EQ(Sample(result, 2, seed).sessions, 2 * size);
        EXPECT_EQ(Sample(result, 3, seed).sessions, 3000000u);
        EXPECT_EQ(Sample(result, 1000, seed).sessions, 3000000u);
    }
    EXPECT_EQ(Sample(result, 1, 1).status, GRAV_OK);
    EXPECT_EQ(Sample(result, 0, 1).status, GRAV_ERROR_INVALID);
    EXPECT_EQ(Sample(result, GRAV_SAMPLE_MAX + 1, 1).status, GRAV_ERROR_INVALID);
}

// Which part of the sessions is played depends on the seed: the true record is in some.
TEST(VerifySample, FindsBetterSessionsThanTheRecordWhereItLooks)
{
    const support::Result result = Million(GRAV_KEEP_MAX);
    const grav_summary truth = support::Summary(result);
    result->tally.part.max_score--;
    result->tally.part.max_session = 1000;
    int found = 0;
    for (uint64_t seed = 0; seed < 8; seed++) {
        Sampled sampled = Sample(result, 1, seed);
        if (sampled.status == GRAV_OK)
            continue;
        found++;
        EXPECT_EQ(sampled.status, GRAV_ERROR_MISMATCH);
        EXPECT_TRUE(Contains(sampled.message, "session " + std::to_string(truth.max_session) +
                                                  " scores " + std::to_string(truth.max_score)))
            << sampled.message;
    }
    EXPECT_GT(found, 0);
    EXPECT_LT(found, 8);
    EXPECT_EQ(Sample(result, 3, 0).status, GRAV_ERROR_MISMATCH); // everything
}

TEST(VerifySample, FindsScoresThatAreTooFrequent)
{
    const support::Result result = Million();
    grav_part *part = &result->tally.part;
    ASSERT_GT(part->counts[57], 100000u);
    part->counts[58] += part->counts[57] - 1000;
    part->counts[57] = 1000;
    Sampled sampled = Sample(result, 1, 1);
    EXPECT_EQ(sampled.status, GRAV_ERROR_MISMATCH);
    EXPECT_TRUE(Contains(sampled.message, "it has 1000 sessions of score 57, a sample has "))
        << sampled.message;
}

// One session moved from one frequent score to the next: only playing everything tells.
TEST(VerifySample, OfEverythingIsAFullCheck)
{
    const support::Result result = Million();
    result->tally.part.counts[57]--;
    result->tally.part.counts[58]++;
    EXPECT_EQ(Sample(result, 1, 1).status, GRAV_OK);
    EXPECT_EQ(Sample(result, 3, 1).status, GRAV_ERROR_MISMATCH);
}

TEST(VerifySample, MissesARecordThatIsNone)
{
    const support::Result result = Million(GRAV_KEEP_MAX);
    result->tally.part.max_score += 5; // that session does not score that
    Sampled sampled = Sample(result, 3, 1);
    EXPECT_EQ(sampled.status, GRAV_ERROR_MISMATCH);
}

TEST_F(Verify, TellsOnceWhatEveryRangeSays)
{
    Play({"--sessions", "1e7"});
    Outcome outcome = RunProgram({"verify", file_, "--sample", "5"});
    EXPECT_EQ(outcome.code, 0) << Describe(outcome);
    EXPECT_LE(CountLines(outcome.err), 1u) << outcome.err; // that there is no GPU
}

TEST_F(Verify, WantsOneFile)
{
    EXPECT_EQ(RunProgram({"verify"}).code, 2);
    EXPECT_EQ(RunProgram({"verify", "a", "b"}).code, 2);
    EXPECT_EQ(RunProgram({"verify", folder_ / "none"}).code, 2);
}

} // namespace
