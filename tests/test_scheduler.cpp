// The scheduler with workers that fail: nothing is lost, and nothing is played twice.
#include <atomic>
#include <gtest/gtest.h>
#include <regex>
#include <string>
#include <vector>

#include "experiment.h"

extern "C" {
#include "chunks.h"
#include "scheduler.h"
}

namespace {

// ---- Chunks
// --------------------------------------------------------------------------------------

TEST(ChunkSize, HalvesWhatIsLeftDownToAMoment)
{
    grav_pace pace = {1000, 10000, 1000, 1000000};
    EXPECT_EQ(grav_chunk_size(&pace, 0.1, 1, 1000000), 100u); // there is much left
    pace.left = 1000;                                         // 0.1 s, of all
    EXPECT_EQ(grav_chunk_size(&pace, 0.1, 1, 1000000), 50u);
    pace.left = 10; // 1 ms: half of that is not worth handing out
    EXPECT_EQ(grav_chunk_size(&pace, 0.1, 1, 1000000), 5u);
    pace.left = 3;
    EXPECT_EQ(grav_chunk_size(&pace, 0.1, 1, 1000000), 3u);
}

TEST(ChunkSpeed, RisesEightfoldAndFallsOnlyByLongChunks)
{
    EXPECT_EQ(grav_chunk_speed(1000, 2000, 1, 0.1), 2000);
    EXPECT_EQ(grav_chunk_speed(1000, 9000, 1, 0.1), 8000);
    EXPECT_EQ(grav_chunk_speed(1000, 500, 1, 0.1), 500);
    EXPECT_EQ(grav_chunk_speed(1000, 5, 0.01, 0.1), 1000); // too short to tell
    EXPECT_EQ(grav_chunk_speed(1000, 20, 0.01, 0.1), 2000);
    EXPECT_EQ(grav_chunk_speed(1e9, 1000, 0, 0.1), 1e9);
}

// Scores session s with s mod 7. Fails at its chunk number `fails_at`, from 0; or never.
struct Fake {
    int fails_at = -1;
    grav_status status = GRAV_ERROR_DEVICE;
    bool spoils = false; // instead of failing it returns a wrong tally
    std::atomic<int> chunks{0};
};

grav_status Play(grav_worker *worker, uint64_t first, uint64_t end, grav_tally *tally,
                 grav_error *err)
{
    Fake *fake = static_cast<Fake *>(worker->state);
    bool fails = fake->chunks++ == fake->fails_at;
    if (fails && !fake->spoils) {
        tally->sessions = 12345; // anything
        *err = {fake->status, "it broke"};
        return fake->status;
    }
    for (uint64_t s = first; s < end; s++) {
        uint64_t score = s % 7;
        tally->part.counts[score]++;
        if (tally->part.max_session == GRAV_NO_SESSION || score > tally->part.max_score) {
            tally->part.max_score = score;
            tally->part.max_session = s;
        }
    }
    tally->sessions += end - first - (fails ? 1 : 0);
    return GRAV_OK;
}

struct Outcome {
    grav_status status;
    grav_error err = {};
    grav_ranges ranges = {};
    grav_tally tally;
    int told = 0; // of failures

    ~Outcome()
    {
        grav_ranges_free(&ranges);
        grav_tally_free(&tally);
    }
};

void PlayOn(std::vector<Fake> *fakes, uint64_t first, uint64_t end, Outcome *out)
{
    std::vector<grav_worker> workers(fakes->size());
    for (size_t i = 0; i < workers.size(); i++) {
        workers[i] = {};
        workers[i].play = Play;
        workers[i].chunk_min = 100;
        workers[i].chunk_max = 1000;
        workers[i].sessions_per_s = 1e4;
        workers[i].state = &(*fakes)[i];
        snprintf(workers[i].info.text, sizeof workers[i].info.text, "worker %zu", i);
    }
    grav_schedule schedule = {};
    schedule.workers = workers.data();
    schedule.worker_count = workers.size();
    schedule.length = 7;
    schedule.failed = [](const grav_worker *worker, const grav_error *why, void *data) {
        EXPECT_TRUE(worker->failed);
        EXPECT_NE(why->message[0], 0);
        ++*static_cast<int *>(data);
    };
    schedule.data = &out->told;
    grav_ranges todo = {};
    ASSERT_EQ(grav_ranges_add(&todo, first, end, nullptr), GRAV_OK);
    ASSERT_EQ(grav_tally_init(&out->tally, 7, nullptr), GRAV_OK);
    out->status = grav_schedule_play(&schedule, &todo, &out->ranges, &out->tally, &out->err);
    grav_ranges_free(&todo);
}

// Every session of the ranges was counted, once.
void ExpectCounted(const Outcome &outcome)
{
    uint64_t counts[7] = {};
    for (size_t i = 0; i < outcome.ranges.count; i++)
        for (uint64_t s = outcome.ranges.items[i].first; s < outcome.ranges.items[i].end; s++)
            counts[s % 7]++;
    for (int score = 0; score < 7; score++)
        EXPECT_EQ(outcome.tally.part.counts[score], counts[score]) << score;
    EXPECT_EQ(outcome.tally.sessions, grav_ranges_length(&outcome.ranges));
}

TEST(Scheduler, LetsOthersPlayWhatAFailingWorkerCouldNot)
{
    for (bool spoils : {false, true})
        for (int fails_at : {0, 1, 2, 5, 20})
            for (size_t count : {2, 3, 5}) {
                std::vector<Fake> fakes(count);
                fakes[count / 2].fails_at = fails_at;
                fakes[count / 2].spoils = spoils;
                Outcome outcome;
                PlayOn(&fakes, 1000, 101000, &outcome);
                EXPECT_EQ(outcome.status, GRAV_OK) << outcome.err.message;
                EXPECT_EQ(grav_ranges_length(&outcome.ranges), 100000u);
                EXPECT_EQ(outcome.ranges.count, 1u);
                EXPECT_EQ(outcome.told, fakes[count / 2].chunks > fails_at ? 1 : 0);
                ExpectCounted(outcome);
            }
}

TEST(Scheduler, KeepsWhatWasPlayedWhereAllFail)
{
    for (size_t count : {1, 2, 3}) {
        std::vector<Fake> fakes(count);
        for (size_t i = 0; i < count; i++)
            fakes[i].fails_at = static_cast<int>(i) + 2;
        Outcome outcome;
        PlayOn(&fakes, 0, 1000000, &outcome);
        EXPECT_EQ(outcome.status, GRAV_ERROR_DEVICE);
        EXPECT_TRUE(std::regex_match(outcome.err.message, std::regex("worker [012]: it broke")))
            << outcome.err.message;
        EXPECT_EQ(outcome.told, static_cast<int>(count) - 1);
        EXPECT_GT(outcome.tally.sessions, 0u);
        EXPECT_LT(outcome.tally.sessions, 1000000u);
        ExpectCounted(outcome);
    }
}

// A mismatch is no worker's bad luck: nothing that is played afterwards could be trusted.
TEST(Scheduler, EndsWithAMismatch)
{
    std::vector<Fake> fakes(2);
    fakes[0].fails_at = fakes[1].fails_at = 1;
    fakes[0].status = fakes[1].status = GRAV_ERROR_MISMATCH;
    Outcome outcome;
    PlayOn(&fakes, 0, 1000000, &outcome);
    EXPECT_EQ(outcome.status, GRAV_ERROR_MISMATCH);
    EXPECT_EQ(outcome.told, 0);
    ExpectCounted(outcome);
}

} // namespace
