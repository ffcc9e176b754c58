// Counts up to 2^63: runs, their files, and their parts.
#include "huge.h"
#include "program.h"
#include "sealed.h"
#include "temporary_folder.h"

extern "C" {
#include "scheduler.h"
}

#include <algorithm>

namespace {

using namespace huge;

using support::Digest;
using support::Ranges;
using support::Result;
using support::Summary;

TEST(HugeRun, CountsEverySession)
{
    InPlace fake;
    for (uint64_t sessions : kCounts)
        for (uint64_t first : {UINT64_C(0), kEnd - sessions}) {
            SCOPED_TRACE(testing::Message() << sessions << " from " << first);
            const Result result = Played(first, sessions);
            ASSERT_EQ(grav_result_failure(result.get()), nullptr);
            EXPECT_TRUE(Summary(result).complete);
            ExpectPlayed(result, fake, first, first + sessions);
            grav_run_spec spec = Spec(first, sessions);
            spec.keep = GRAV_KEEP_MAX;
            const grav_summary highest = Summary(support::Run(Die(), spec));
            EXPECT_EQ(highest.sessions, sessions);
            EXPECT_EQ(highest.max_session, fake.Next(first, 6));
            fake.chunks = 0;
        }
}

// A speed at which the next chunk would have more sessions than 64 bits can count.
TEST(HugeRun, TakesFewChunksHoweverFastItIs)
{
    for (size_t count : {1, 2, 3, 5})
        for (double speed : {1.0, 1e6, 9.3e19, 1.9e20, 1e30, 1e300}) {
            SCOPED_TRACE(testing::Message() << count << " workers of " << speed << " a second");
            std::vector<Fake> fakes(count);
            std::vector<grav_worker> workers;
            for (Fake &fake : fakes) {
                workers.push_back(WorkerOf(&fake));
                workers.back().sessions_per_s = speed;
            }
            grav_schedule schedule = {};
            schedule.workers = workers.data();
            schedule.worker_count = count;
            schedule.length = kScores;
            grav_ranges todo = {}, ranges = {};
            grav_tally tally;
            grav_error err = {};
            ASSERT_EQ(grav_ranges_add(&todo, 0, kEnd, nullptr), GRAV_OK);
            ASSERT_EQ(grav_tally_init(&tally, kScores, nullptr), GRAV_OK);
            EXPECT_EQ(grav_schedule_play(&schedule, &todo, &ranges, &tally, &err), GRAV_OK)
                << err.message;
            EXPECT_EQ(tally.sessions, kEnd);
            EXPECT_EQ(grav_tally_check(&tally, kEnd, nullptr), GRAV_OK);
            for (const Fake &fake : fakes)
                EXPECT_LE(fake.chunks, 500);
            grav_ranges_free(&todo);
            grav_ranges_free(&ranges);
            grav_tally_free(&tally);
        }
}

// The digest of [first, kEnd) as docs/formats.md has it.
std::string DigestByHand(const Fake &fake, uint64_t first)
{
    const std::string end = std::to_string(kEnd);
    std::string text = "graveler-digest 1\nrolls 1\n"
                       "die 1x1/7,2x1/7,3x1/7,4x1/7,5x1/7,6x1/7,7x1/7\nstatistic sum\ntarget 7\n"
                       "seed 0x2a\nmethod rolls\nengine philox\nkeep histogram\n";
    text += "range " + std::to_string(first) + " " + end + "\n";
    text += "sessions " + std::to_string(kEnd - first) + "\n";
    text += "max 7 " + std::to_string(fake.Next(first, 6)) + "\n";
    for (uint64_t score = 0; score < kScores; score++)
        text += "count " + std::to_string(score + 1) + " " +
                std::to_string(fake.Count(first, kEnd, score)) + "\n";
    return sealed::Checksum(text);
}

TEST(HugeRun, ComesBackFromItsFile)
{
    InPlace fake;
    for (uint64_t sessions : kCounts) {
        SCOPED_TRACE(sessions);
        const uint64_t first = kEnd - sessions;
        const Result result = Played(first, sessions);
        const std::string text = Text(result, support::MakeLaw(Die()));
        std::string dense = text;
        dense.erase(std::remove_if(dense.begin(), dense.end(), isspace), dense.end());
        for (const std::string &part : {"\"ranges\":[[" + InJson(first) + "," + InJson(kEnd) + "]]",
                                        "\"result\":{\"sessions\":" + InJson(sessions) + ",",
                                        "\"session\":" + InJson(fake.Next(first, 6)) + "}",
                                        "\"hits\":" + InJson(fake.Count(first, kEnd, 6)) + ",",
                                        "\"counts\":[" + InJson(fake.Count(first, kEnd, 0)) + ",",
                                        "\"threads\":1,\"sessions\":" + InJson(sessions) + ","})
            EXPECT_NE(dense.find(part), std::string::npos) << part << "\n" << text;
        const Result again = Parse(text);
        ASSERT_TRUE(again);
        EXPECT_EQ(Digest(again), DigestByHand(fake, first));
        EXPECT_EQ(Text(again, support::MakeLaw(Die())), text);
        ExpectPlayed(again, fake, first, kEnd);
        fake.chunks = 0;
    }
}

// Nobody has scored, and a count is 2^63 itself.
TEST(HugeRun, MayHaveAllSessionsInOneCount)
{
    InPlace fake;
    fake.zeros = kEnd;
    const Result result = Played(0, kEnd), again = Parse(Text(result));
    ASSERT_TRUE(again);
    EXPECT_EQ(Digest(again), Digest(result));
    const grav_summary summary = Summary(again);
    EXPECT_EQ(support::Counts(again), (std::map<uint64_t, uint64_t>{{1, kEnd}}));
    EXPECT_EQ(summary.mean, 1);
    EXPECT_EQ(summary.sd, 0);
    EXPECT_EQ(summary.hits, 0u);
    for (uint64_t quartile : summary.quartiles)
        EXPECT_EQ(quartile, 1u);
}

// ---- Parts of a run -----------------------------------------------------------------------------

class HugeParts : public testing::Test {
  protected:
    // Plays the sessions between the cuts into one file each, and merges these.
    Result Merge(const std::vector<uint64_t> &cuts, bool backwards)
    {
        std::vector<std::string> files;
        for (size_t i = 0; i + 1 < cuts.size(); i++) {
            files.push_back(folder_ / std::to_string(i));
            program::Write(files.back(), Text(Played(cuts[i], cuts[i + 1] - cuts[i])));
            fake_.chunks = 0;
        }
        if (backwards)
            std::reverse(files.begin(), files.end());
        std::vector<const char *> paths;
        for (const std::string &file : files)
            paths.push_back(file.c_str());
        grav_result *merged = nullptr;
        grav_error err = {};
        EXPECT_EQ(grav_result_merge_files(paths.data(), paths.size(), &merged, &err), GRAV_OK)
            << err.message;
        return Result(merged);
    }

    InPlace fake_;
    TemporaryFolder folder_;
};

TEST_F(HugeParts, MergeToTheWhole)
{
    const Result whole = Played(0, kEnd);
    std::vector<std::vector<uint64_t>> all = {{0, UINT64_C(1) << 62, kEnd},
                                              {0, kOdd, kEnd},
                                              {0, (UINT64_C(1) << 62) + 3, kEnd},
                                              {0, 1, kEnd - 1, kEnd}};
    for (uint64_t parts : {3, 7, 100}) {
        all.push_back({0});
        for (uint64_t part = 0; part < parts; part++) {
            uint64_t first, sessions;
            ASSERT_EQ(grav_split(0, kEnd, parts, part, &first, &sessions, nullptr), GRAV_OK);
            EXPECT_EQ(first, all.back().back());
            all.back().push_back(first + sessions);
        }
        EXPECT_EQ(all.back().back(), kEnd);
    }
    for (const std::vector<uint64_t> &cuts : all)
        for (bool backwards : {false, true}) {
            const Result merged = Merge(cuts, backwards);
            ASSERT_TRUE(merged);
            EXPECT_TRUE(Summary(merged).complete);
            EXPECT_EQ(Digest(merged), Digest(whole)) << cuts[1];
            ExpectPlayed(merged, fake_, 0, kEnd);
            ASSERT_TRUE(Parse(Text(merged)));
        }
}

TEST_F(HugeParts, LeaveGapsThatAreTold)
{
    const Result merged = support::Merge(Played(kOdd, kOdd), Played(kEnd - kOdd, kOdd));
    EXPECT_FALSE(Summary(merged).complete);
    EXPECT_EQ(Summary(merged).sessions, 2 * kOdd);
    const Result again = Parse(Text(merged));
    ASSERT_TRUE(again);
    EXPECT_EQ(Ranges(again), Ranges(merged));
    EXPECT_EQ(Text(again), Text(merged));
}

// Wherever it was interrupted.
TEST_F(HugeParts, AreOneRunByACheckpoint)
{
    const std::string file = folder_ / "run.checkpoint";
    const Result whole = Played(0, kEnd);
    for (int fails_at : {1, 5, 10, 16}) { // at most eightfold each time, it takes 18 chunks or more
        SCOPED_TRACE(fails_at);
        grav_run_spec spec = Spec(0, kEnd);
        spec.checkpoint = file.c_str();
        fake_.chunks = 0;
        fake_.fails_at = fails_at;
        const Result begun = support::Run(Die(), spec);
        ASSERT_NE(grav_result_failure(begun.get()), nullptr);
        const uint64_t played = Summary(begun).sessions;
        ExpectPlayed(begun, fake_, 0, played);
        EXPECT_EQ(Digest(Parse(program::Read(file))), Digest(begun));
        fake_.chunks = 0;
        fake_.fails_at = -1;
        const Result result = support::Run(Die(), spec);
        EXPECT_EQ(Digest(result), Digest(whole));
        EXPECT_TRUE(Summary(result).complete);
        ExpectPlayed(result, fake_, 0, kEnd);
        const program::Json json(program::Read(file));
        EXPECT_EQ(json["timing"]["workers"].Size(), 1u);
        EXPECT_EQ(json["timing"]["workers"][0]["sessions"].Number(), 0x1p63);
        std::filesystem::remove(file);
        std::filesystem::remove(file + ".prev");
    }
}

TEST_F(HugeParts, AreToldWhilePlayed)
{
    const std::string file = folder_ / "run.checkpoint";
    std::vector<grav_progress> told;
    grav_run_spec spec = Spec(0, kEnd);
    spec.checkpoint = file.c_str();
    fake_.fails_at = 10;
    const uint64_t resumed = Summary(support::Run(Die(), spec)).sessions;
    fake_.chunks = 0;
    fake_.fails_at = -1;
    fake_.naps_at = 4;
    spec.progress = [](const grav_progress *progress, void *data) {
        static_cast<std::vector<grav_progress> *>(data)->push_back(*progress);
        return progress->played > progress->resumed;
    };
    spec.data = &told;
    const Result result = support::Run(Die(), spec);
    ASSERT_FALSE(told.empty());
    const grav_progress &last = told.back();
    EXPECT_EQ(last.sessions, kEnd);
    EXPECT_EQ(last.resumed, resumed);
    EXPECT_GT(last.played, resumed);
    EXPECT_LE(last.played, Summary(result).sessions);
    EXPECT_LT(Summary(result).sessions, kEnd);
    EXPECT_EQ(last.max_session, 6u);
    ExpectPlayed(result, fake_, 0, Summary(result).sessions);
}

TEST(HugeRun, EndsAtItsTarget)
{
    InPlace fake;
    for (uint64_t zeros : {kOdd, (UINT64_C(1) << 62) + 3, kEnd - 7, kEnd}) {
        grav_run_spec spec = Spec(0, kEnd);
        spec.until_target = true;
        fake.zeros = zeros;
        fake.chunks = 0;
        const Result result = support::Run(Die(), spec);
        const uint64_t end = zeros == kEnd ? kEnd : fake.Next(0, 6) + 1;
        EXPECT_TRUE(Summary(result).complete);
        EXPECT_EQ(Summary(result).sessions, end);
        EXPECT_EQ(Summary(result).hits, zeros == kEnd ? 0u : 1u);
        EXPECT_EQ(support::Counts(result).at(1), fake.Count(0, end, 0));
        const Result again = Parse(Text(result));
        ASSERT_TRUE(again) << Text(result);
        EXPECT_EQ(Digest(again), Digest(result));
        EXPECT_LT(fake.chunks, 500);
    }
}

} // namespace
