// The scheduler with workers that fail, or are slow, and with others who play elsewhere: nothing is
// lost, nothing is played twice, and nobody waits for what does not come.
#include <atomic>
#include <chrono>
#include <cmath>
#include <functional>
#include <gtest/gtest.h>
#include <random>
#include <regex>
#include <string>
#include <thread>
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
    bool spoils = false;                 // instead of failing it returns a wrong tally
    double speed = 0;                    // sessions per second; 0: as fast as it can
    std::function<void()> at_chunk = {}; // called before it plays one
    std::atomic<int> chunks{0};
    std::atomic<double> ended_s{0}; // when it had played its last one
};

double Now()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

void Sleep(double seconds)
{
    std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
}

// Waits, but not for ever.
void WaitFor(const std::function<bool()> &done)
{
    for (double start_s = Now(); !done() && Now() - start_s < 10;)
        Sleep(1e-3);
}

// Adds what [first, end) scores.
void Count(uint64_t first, uint64_t end, grav_tally *tally)
{
    for (uint64_t s = first; s < end; s++) {
        tally->part.counts[s % 7]++;
        grav_part_offer(&tally->part, s % 7, s);
    }
    tally->sessions += end - first;
}

grav_status Play(grav_worker *worker, uint64_t first, uint64_t end, grav_tally *tally,
                 grav_error *err)
{
    Fake *fake = static_cast<Fake *>(worker->state);
    bool fails = fake->chunks++ == fake->fails_at;
    if (fake->at_chunk)
        fake->at_chunk();
    if (fails && !fake->spoils) {
        tally->sessions = 12345; // anything
        *err = {fake->status, "it broke"};
        return fake->status;
    }
    Count(first, end, tally);
    tally->sessions -= fails ? 1 : 0;
    if (fake->speed > 0)
        Sleep(static_cast<double>(end - first) / fake->speed);
    fake->ended_s = Now();
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

// Workers that are fakes, with room for another.
class Workers {
  public:
    explicit Workers(std::vector<Fake> *fakes, uint64_t min = 100, uint64_t max = 1000)
        : workers_(fakes->size() + 1)
    {
        for (size_t i = 0; i < fakes->size(); i++) {
            grav_worker &worker = workers_[i];
            worker.play = Play;
            worker.chunk_min = min;
            worker.chunk_max = max;
            worker.sessions_per_s = 1e4;
            worker.state = &(*fakes)[i];
            snprintf(worker.info.text, sizeof worker.info.text, "worker %zu", i);
        }
        schedule_.workers = workers_.data();
        schedule_.worker_count = fakes->size();
        schedule_.length = 7;
    }

    grav_schedule *Schedule()
    {
        return &schedule_;
    }
    grav_worker &operator[](size_t i)
    {
        return workers_[i];
    }

  private:
    std::vector<grav_worker> workers_;
    grav_schedule schedule_ = {};
};

// Plays the sessions of [first, end).
void PlayOn(Workers *workers, uint64_t first, uint64_t end, Outcome *out)
{
    grav_schedule *schedule = workers->Schedule();
    if (!schedule->data) {
        schedule->failed = [](const grav_worker *worker, const grav_error *why, void *data) {
            EXPECT_TRUE(worker->failed);
            EXPECT_NE(why->message[0], 0);
            ++*static_cast<int *>(data);
        };
        schedule->data = &out->told;
    }
    grav_ranges todo = {};
    ASSERT_EQ(grav_ranges_add(&todo, first, end, nullptr), GRAV_OK);
    ASSERT_EQ(grav_tally_init(&out->tally, 7, nullptr), GRAV_OK);
    out->status = grav_schedule_play(schedule, &todo, &out->ranges, &out->tally, &out->err);
    grav_ranges_free(&todo);
}

void PlayOn(std::vector<Fake> *fakes, uint64_t first, uint64_t end, Outcome *out)
{
    Workers workers(fakes);
    PlayOn(&workers, first, end, out);
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

// Those that wait for what is under way elsewhere are woken to play it.
TEST(Scheduler, LetsWhoWaitsPlayWhatFailsAtTheEnd)
{
    for (bool added : {false, true}) {
        std::vector<Fake> fakes(added ? 2 : 4);
        fakes[0].fails_at = 0;
        fakes[0].at_chunk = [] { Sleep(0.1); }; // the others have long played the rest by then
        if (added)                              // nobody is there but who comes when it fails
            fakes[1].speed = 1e5;
        Workers workers(&fakes);
        grav_schedule *schedule = workers.Schedule();
        std::function<bool()> rescue = [&] {
            schedule->worker_count = added ? 2 : schedule->worker_count;
            return added;
        };
        schedule->worker_count = added ? 1 : 4;
        schedule->rescue = [](const grav_error *why, void *data) {
            EXPECT_STREQ(why->message, "worker 0: it broke");
            return (*static_cast<std::function<bool()> *>(data))();
        };
        schedule->data = &rescue;
        Outcome outcome;
        PlayOn(&workers, 500, 20500, &outcome);
        EXPECT_EQ(outcome.status, GRAV_OK) << outcome.err.message;
        EXPECT_EQ(grav_ranges_length(&outcome.ranges), 20000u);
        ExpectCounted(outcome);
        EXPECT_EQ(workers[0].info.sessions, 0u);
        uint64_t played = 0;
        for (size_t i = 0; i < fakes.size(); i++)
            played += workers[i].info.sessions;
        EXPECT_EQ(played, 20000u);
    }
}

TEST(Scheduler, FailsWhereNobodyComesToTheRescue)
{
    std::vector<Fake> fakes(1);
    fakes[0].fails_at = 3;
    Workers workers(&fakes);
    int asked = 0;
    workers.Schedule()->data = &asked;
    workers.Schedule()->rescue = [](const grav_error *, void *data) {
        ++*static_cast<int *>(data);
        return false;
    };
    Outcome outcome;
    PlayOn(&workers, 0, 100000, &outcome);
    EXPECT_EQ(outcome.status, GRAV_ERROR_DEVICE);
    EXPECT_STREQ(outcome.err.message, "worker 0: it broke");
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(workers[0].info.sessions, outcome.tally.sessions);
    ExpectCounted(outcome);
}

// ---- Speed --------------------------------------------------------------------------------------

// Whether a run of about so long was shared by speed, and nobody waited long at its end.
testing::AssertionResult IsShared(const std::vector<double> &speeds, double seconds)
{
    double sum = 0;
    std::vector<Fake> fakes(speeds.size());
    for (size_t i = 0; i < speeds.size(); i++) {
        fakes[i].speed = speeds[i];
        sum += speeds[i];
    }
    Workers workers(&fakes, 1, uint64_t{1} << 40);
    Outcome outcome;
    const uint64_t sessions = static_cast<uint64_t>(sum * seconds);
    const double start_s = Now();
    PlayOn(&workers, 0, sessions, &outcome);
    const double took_s = Now() - start_s;
    EXPECT_EQ(outcome.tally.sessions, sessions);
    for (size_t i = 0; i < speeds.size(); i++) {
        const double share = static_cast<double>(workers[i].info.sessions) / (speeds[i] * seconds);
        if (std::abs(share - 1) > 0.05)
            return testing::AssertionFailure() << "worker " << i << " of speed " << speeds[i]
                                               << " played " << share << " of its share";
        const double tail_s = start_s + took_s - fakes[i].ended_s;
        if (tail_s > 0.02 * took_s)
            return testing::AssertionFailure()
                   << "worker " << i << " had nothing to do for the last " << tail_s << " of "
                   << took_s << " s";
    }
    return testing::AssertionSuccess();
}

// Whatever else the machine does takes some time of all of it: once in a few times must be quiet.
TEST(Scheduler, SharesARunInProportionToSpeed)
{
    for (const std::vector<double> &speeds :
         std::vector<std::vector<double>>{{1e6, 1e6}, {1e5, 1e6}, {1e6, 1e4}, {3e5, 1e6, 1e5}}) {
        testing::AssertionResult shared = IsShared(speeds, 1);
        for (int i = 0; i < 5 && !shared; i++)
            shared = IsShared(speeds, 1);
        EXPECT_TRUE(shared);
    }
}

// What takes one worker half a second a session takes the other half a millisecond.
TEST(Scheduler, LeavesTheLastSessionsToWhoIsFast)
{
    uint64_t by_slow = 900;
    // Once in a few times the machine must be quiet, or both are slow.
    for (int i = 0; i < 5 && by_slow; i++) {
        std::vector<Fake> fakes(2);
        fakes[0].speed = 2;
        fakes[1].speed = 2000;
        Workers workers(&fakes, 1, uint64_t{1} << 40);
        workers[0].sessions_per_s = 2;
        workers[1].sessions_per_s = 2000;
        Outcome outcome;
        PlayOn(&workers, 0, 900, &outcome);
        ExpectCounted(outcome);
        EXPECT_EQ(outcome.tally.sessions, 900u);
        by_slow = workers[0].info.sessions;
    }
    EXPECT_EQ(by_slow, 0u);
}

// Any speeds, whatever they are taken for at first, and any sizes.
TEST(Scheduler, ComesToAnEndWithAnyWorkers)
{
    std::mt19937_64 random(42);
    for (int i = 0; i < 200; i++) {
        std::vector<Fake> fakes(1 + random() % 4);
        uint64_t sessions = 1 + random() % 5000;
        for (Fake &fake : fakes) {
            fake.speed = random() % 3 ? std::exp2(static_cast<double>(random() % 10) + 16) : 0;
            fake.fails_at = random() % 4 ? -1 : static_cast<int>(random() % 3);
        }
        fakes[random() % fakes.size()].fails_at = -1;
        const uint64_t min = uint64_t{1} << (random() % 12);
        Workers workers(&fakes, min, min << (random() % 4));
        for (size_t worker = 0; worker < fakes.size(); worker++)
            workers[worker].sessions_per_s = std::exp2(static_cast<double>(random() % 30));
        Outcome outcome;
        PlayOn(&workers, 0, sessions, &outcome);
        ASSERT_EQ(outcome.status, GRAV_OK) << outcome.err.message;
        ASSERT_EQ(grav_ranges_length(&outcome.ranges), sessions) << "configuration " << i;
        ExpectCounted(outcome);
    }
}

// ---- Others who play elsewhere ------------------------------------------------------------------

// What is done at the desk of a schedule, step by step, until it is closed.
class Elsewhere {
  public:
    using Step = std::function<grav_status(grav_desk *, grav_error *)>;

    Elsewhere(grav_schedule *schedule, Step step) : step_(std::move(step))
    {
        schedule->exchange = Exchange;
        schedule->partner = this;
    }

    // Closes the desk: nothing may be asked afterwards.
    void Close(grav_desk *desk)
    {
        closed_ = true;
        grav_desk_close(desk);
    }

    int Steps() const
    {
        return steps_;
    }

  private:
    static grav_status Exchange(grav_desk *desk, void *partner, grav_error *err)
    {
        Elsewhere *self = static_cast<Elsewhere *>(partner);
        EXPECT_FALSE(self->closed_);
        self->steps_++;
        if (Now() - self->start_s_ < 20)
            return self->step_(desk, err);
        *err = {GRAV_ERROR_DEVICE, "the test waits for what does not come"};
        return err->status;
    }

    Step step_;
    bool closed_ = false;
    int steps_ = 0;
    double start_s_ = Now();
};

grav_desk_view Look(grav_desk *desk)
{
    grav_desk_view view;
    grav_desk_look(desk, &view);
    return view;
}

// Plays what was handed out, elsewhere, and merges it; `sessions` of it are said to be in the
// tally.
grav_status MergeAll(grav_desk *desk, const grav_range &range, uint64_t sessions, grav_error *err)
{
    grav_tally tally;
    EXPECT_EQ(grav_tally_init(&tally, 7, nullptr), GRAV_OK);
    Count(range.first, range.end, &tally);
    tally.sessions = sessions;
    grav_range copy = range;
    const grav_ranges played = {&copy, 1, 1};
    grav_status status = grav_desk_merge(desk, &played, &tally, err);
    grav_tally_free(&tally);
    return status;
}

grav_status MergeAll(grav_desk *desk, const grav_range &range, grav_error *err)
{
    return MergeAll(desk, range, range.end - range.first, err);
}

TEST(Desk, HandsOutAndMerges)
{
    std::vector<Fake> fakes(2);
    fakes[0].speed = fakes[1].speed = 1e5;
    Workers workers(&fakes);
    std::atomic<uint64_t> elsewhere{0};
    fakes[0].at_chunk = fakes[1].at_chunk = [&] { WaitFor([&] { return elsewhere > 0; }); };
    Elsewhere others(workers.Schedule(), [&](grav_desk *desk, grav_error *err) {
        const grav_elsewhere all = {1, 1e6, 1e6, {0, 0, GRAV_NO_SESSION}};
        grav_range range;
        grav_desk_note_elsewhere(desk, &all);
        if (grav_desk_hand_out(desk, 1e6, 0.02, &range)) {
            EXPECT_LE(range.end - range.first, 20000u);
            elsewhere += range.end - range.first;
            return MergeAll(desk, range, err);
        }
        if (Look(desk).idle && !grav_desk_recall(desk))
            others.Close(desk);
        return GRAV_OK;
    });
    Outcome outcome;
    PlayOn(&workers, 77, 200077, &outcome);
    EXPECT_EQ(outcome.status, GRAV_OK) << outcome.err.message;
    EXPECT_EQ(outcome.ranges.count, 1u);
    EXPECT_EQ(outcome.tally.sessions, 200000u);
    ExpectCounted(outcome);
    EXPECT_GT(elsewhere, 0u);
    EXPECT_EQ(workers[0].info.sessions + workers[1].info.sessions + elsewhere, 200000u);
}

// Also where it was in pieces, and where nobody is left but those who have waited all the time.
TEST(Desk, RecallsWhatDoesNotComeBack)
{
    std::vector<Fake> fakes(2);
    fakes[0].speed = fakes[1].speed = 2e5;
    Workers workers(&fakes);
    std::vector<grav_range> out;
    std::atomic<bool> all_out{false};
    fakes[0].at_chunk = fakes[1].at_chunk = [&] { WaitFor([&] { return all_out.load(); }); };
    int recalled = 0;
    Elsewhere others(workers.Schedule(), [&](grav_desk *desk, grav_error *err) {
        grav_range range;
        const grav_elsewhere all = {1, 5e4, 5e4, {0, 0, GRAV_NO_SESSION}};
        grav_desk_note_elsewhere(desk, &all);
        if (out.size() < 8 && grav_desk_hand_out(desk, 5e4, 0.02, &range)) {
            out.push_back(range);
            return out.size() % 2 ? GRAV_OK : MergeAll(desk, range, err);
        }
        all_out = true;
        if (!Look(desk).idle)
            return GRAV_OK;
        if (grav_desk_recall(desk))
            recalled++;
        else
            others.Close(desk);
        return GRAV_OK;
    });
    Outcome outcome;
    PlayOn(&workers, 0, 100000, &outcome);
    EXPECT_EQ(outcome.status, GRAV_OK) << outcome.err.message;
    EXPECT_EQ(out.size(), 8u);
    EXPECT_EQ(recalled, 1);
    EXPECT_EQ(outcome.tally.sessions, 100000u);
    ExpectCounted(outcome);
}

// What is brought is played, and carried off as often as is wanted: nothing stays behind, and
// nothing goes twice.
TEST(Desk, PlaysWhatIsBroughtAndLetsItBeCarriedOff)
{
    std::vector<Fake> fakes(2);
    fakes[0].speed = 1e5;
    Workers workers(&fakes, 1, 1000);
    Outcome all;
    ASSERT_EQ(grav_tally_init(&all.tally, 7, nullptr), GRAV_OK);
    uint64_t brought = 0, by_workers = 0;
    int hauls = 0;
    Elsewhere others(workers.Schedule(), [&](grav_desk *desk, grav_error *err) {
        grav_haul haul = {};
        const grav_range range = {brought * 2, brought * 2 + 5000}; // not side by side
        if (brought < 50000) {
            brought += 5000;
            EXPECT_EQ(grav_desk_bring(desk, &range, err), GRAV_OK);
        }
        const grav_desk_view view = Look(desk);
        EXPECT_FALSE(view.stopped);
        EXPECT_EQ(grav_desk_carry_off(desk, &haul, err), GRAV_OK);
        hauls += haul.ranges.count > 0;
        EXPECT_GE(haul.tally.sessions, view.found.sessions);
        EXPECT_EQ(haul.worker_count, 2u);
        by_workers = haul.workers[0].sessions + haul.workers[1].sessions;
        grav_tally_merge(&all.tally, &haul.tally);
        for (size_t i = 0; i < haul.ranges.count; i++)
            EXPECT_EQ(grav_ranges_add(&all.ranges, haul.ranges.items[i].first,
                                      haul.ranges.items[i].end, nullptr),
                      GRAV_OK);
        grav_haul_free(&haul);
        if (view.idle && brought >= 50000)
            others.Close(desk);
        return GRAV_OK;
    });
    Outcome left;
    PlayOn(&workers, 0, 0, &left);
    EXPECT_EQ(left.status, GRAV_OK) << left.err.message;
    EXPECT_EQ(left.tally.sessions, 0u);
    EXPECT_EQ(left.ranges.count, 0u);
    EXPECT_GT(hauls, 1);
    EXPECT_EQ(all.tally.sessions, 50000u);
    EXPECT_EQ(by_workers, 50000u);
    EXPECT_EQ(all.ranges.count, 10u);
    ExpectCounted(all);
}

TEST(Desk, RefusesWhatContradictsItself)
{
    std::vector<Fake> fakes(1);
    fakes[0].speed = 2e4;
    Workers workers(&fakes);
    std::atomic<int> step{0};
    fakes[0].at_chunk = [&] { WaitFor([&] { return step > 0; }); };
    Elsewhere others(workers.Schedule(), [&](grav_desk *desk, grav_error *) {
        grav_range range;
        grav_error why;
        if (!step && grav_desk_hand_out(desk, 1e5, 0.02, &range)) {
            const uint64_t sessions = range.end - range.first;
            EXPECT_EQ(MergeAll(desk, range, sessions + 1, &why), GRAV_ERROR_DEVICE);
            EXPECT_EQ(MergeAll(desk, range, &why), GRAV_OK);
            EXPECT_EQ(MergeAll(desk, range, &why), GRAV_ERROR_INVALID); // it is there
        }
        step++;
        if (Look(desk).idle)
            others.Close(desk);
        return GRAV_OK;
    });
    Outcome outcome;
    PlayOn(&workers, 0, 5000, &outcome);
    EXPECT_EQ(outcome.status, GRAV_OK) << outcome.err.message;
    EXPECT_LT(workers[0].info.sessions, 5000u);
    EXPECT_EQ(outcome.tally.sessions, 5000u);
    ExpectCounted(outcome);
}

// A worker that leaves the last sessions to somebody faster elsewhere plays them where that one is
// gone, or is found to be slower.
TEST(Desk, WakesWhoHasLeftSessionsToOthers)
{
    for (bool gone : {false, true}) {
        std::vector<Fake> fakes(1);
        Workers workers(&fakes, 1, 1000);
        workers[0].sessions_per_s = 1;
        std::atomic<int> step{0};
        Elsewhere others(workers.Schedule(), [&](grav_desk *desk, grav_error *) {
            grav_elsewhere all = {1, 1e6, 1e6, {0, 0, GRAV_NO_SESSION}};
            step++;
            if (step == 50)
                all.speed = all.fastest = 1e-3;
            if (step >= 50 && gone)
                all = {0, 0, 0, {0, 0, GRAV_NO_SESSION}};
            if (step <= 50)
                grav_desk_note_elsewhere(desk, &all);
            if (Look(desk).idle)
                others.Close(desk);
            return GRAV_OK;
        });
        // The first session is played before anybody else is known.
        fakes[0].at_chunk = [&] {
            while (step < 5)
                std::this_thread::yield();
        };
        Outcome outcome;
        PlayOn(&workers, 0, 30, &outcome);
        EXPECT_EQ(outcome.status, GRAV_OK) << outcome.err.message;
        EXPECT_EQ(outcome.tally.sessions, 30u);
        ExpectCounted(outcome);
    }
}

// What is left is soon played here: nobody else is to be waited for.
TEST(Desk, HandsOutNothingThatIsSoonPlayed)
{
    std::vector<Fake> fakes(1);
    std::atomic<bool> asked{false}, stopped{false};
    fakes[0].at_chunk = [&] { WaitFor([&] { return stopped.load(); }); };
    Workers workers(&fakes, 1, 10);
    workers[0].sessions_per_s = 1e6;
    grav_range range;
    Elsewhere others(workers.Schedule(), [&](grav_desk *desk, grav_error *) {
        const grav_desk_view view = Look(desk);
        if (view.left == 4010) { // the worker has not begun yet
            return GRAV_OK;
        } else if (!asked) {
            asked = true;
            EXPECT_EQ(view.left, 4000u);
            EXPECT_FALSE(grav_desk_hand_out(desk, 1e7, 0.2, &range));
        } else {
            grav_desk_stop(desk);
            stopped = true;
            EXPECT_TRUE(Look(desk).stopped);
            EXPECT_FALSE(grav_desk_hand_out(desk, 1e-3, 0.2, &range));
            if (Look(desk).idle)
                others.Close(desk);
        }
        return GRAV_OK;
    });
    Outcome outcome;
    PlayOn(&workers, 0, 4010, &outcome);
    EXPECT_EQ(outcome.status, GRAV_OK) << outcome.err.message;
    EXPECT_LT(outcome.tally.sessions, 4010u);
    ExpectCounted(outcome);
}

// What watch is told, and wants.
struct Watcher {
    std::vector<grav_found> found;
    int merged = 0;
    static unsigned Watch(const grav_found *found, bool merged, void *data)
    {
        Watcher *watcher = static_cast<Watcher *>(data);
        watcher->found.push_back(*found);
        watcher->merged += merged;
        if (watcher->merged == 2)
            return GRAV_WATCH_STOP;
        return watcher->found.size() == 1 ? GRAV_WATCH_MERGE : 0;
    }
};

TEST(Desk, TellsWhatIsFoundElsewhereAndMergesWhatIsWanted)
{
    std::vector<Fake> fakes(1);
    fakes[0].speed = 1e3;
    Workers workers(&fakes, 1, 10);
    Watcher watcher;
    bool wanted = false;
    workers.Schedule()->watch = Watcher::Watch;
    workers.Schedule()->data = &watcher;
    Elsewhere others(workers.Schedule(), [&](grav_desk *desk, grav_error *err) {
        const grav_elsewhere all = {1, 1e3, 1e3, {1000000000, 99, 5}};
        const grav_desk_view view = Look(desk);
        grav_desk_note_elsewhere(desk, &all);
        if (view.wants_merge && watcher.found.size() > 2) {
            grav_range range;
            wanted = true;
            EXPECT_EQ(watcher.merged, 0);
            EXPECT_TRUE(grav_desk_hand_out(desk, 1e3, 0.01, &range));
            EXPECT_EQ(MergeAll(desk, range, err), GRAV_OK);
            EXPECT_FALSE(Look(desk).wants_merge);
        } else if (wanted && watcher.found.size() > 4 && watcher.merged == 1) {
            grav_ranges nothing = {};
            grav_tally empty;
            EXPECT_EQ(grav_tally_init(&empty, 7, nullptr), GRAV_OK);
            EXPECT_EQ(grav_desk_merge(desk, &nothing, &empty, err), GRAV_OK);
            grav_tally_free(&empty);
        }
        if (view.stopped && view.idle)
            others.Close(desk);
        return GRAV_OK;
    });
    Outcome outcome;
    PlayOn(&workers, 0, 1000000, &outcome);
    EXPECT_EQ(outcome.status, GRAV_OK) << outcome.err.message;
    EXPECT_TRUE(wanted);
    EXPECT_EQ(watcher.merged, 2); // each merge is told once
    for (size_t i = 0; i < watcher.found.size(); i++) {
        EXPECT_GE(watcher.found[i].sessions, i ? watcher.found[i - 1].sessions : 1000000000);
        EXPECT_EQ(watcher.found[i].max_score, 99u);
        EXPECT_EQ(watcher.found[i].max_session, 5u);
    }
    ExpectCounted(outcome);
}

TEST(Desk, EndsWhereTheOthersFail)
{
    std::vector<Fake> fakes(3);
    fakes[0].speed = 1e3;
    Workers workers(&fakes, 1, 10);
    Elsewhere others(workers.Schedule(), [&](grav_desk *, grav_error *err) {
        if (others.Steps() < 10)
            return GRAV_OK;
        EXPECT_EQ(others.Steps(), 10); // those who have failed are not asked again
        *err = {GRAV_ERROR_FILE, "no answer"};
        return GRAV_ERROR_FILE;
    });
    Outcome outcome;
    PlayOn(&workers, 0, uint64_t{1} << 40, &outcome);
    EXPECT_EQ(outcome.status, GRAV_ERROR_FILE);
    EXPECT_STREQ(outcome.err.message, "no answer");
    ExpectCounted(outcome);
}

// A worker's failure ends nothing while others play, or may, elsewhere.
TEST(Desk, LetsOthersPlayWhereNoWorkerIsLeft)
{
    std::vector<Fake> fakes(1);
    fakes[0].fails_at = 0;
    std::atomic<bool> noted{false};
    fakes[0].at_chunk = [&] { WaitFor([&] { return noted.load(); }); };
    Workers workers(&fakes);
    Elsewhere others(workers.Schedule(), [&](grav_desk *desk, grav_error *err) {
        const grav_elsewhere all = {1, 1e4, 1e4, {0, 0, GRAV_NO_SESSION}};
        grav_range range;
        grav_desk_note_elsewhere(desk, &all);
        noted = true;
        if (Look(desk).workers)
            return GRAV_OK;
        if (grav_desk_hand_out(desk, 1e6, 0.02, &range))
            return MergeAll(desk, range, err);
        if (Look(desk).idle)
            others.Close(desk);
        return GRAV_OK;
    });
    Outcome outcome;
    PlayOn(&workers, 0, 100000, &outcome);
    EXPECT_EQ(outcome.status, GRAV_OK) << outcome.err.message;
    EXPECT_EQ(outcome.told, 1);
    EXPECT_EQ(outcome.tally.sessions, 100000u);
    ExpectCounted(outcome);
}

} // namespace
