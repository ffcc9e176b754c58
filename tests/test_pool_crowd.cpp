// Many tasks of many kinds at once, submitted, cancelled and taken by many threads: every one is
// told of exactly once, and with its own result.
#include "fake_workers.h"
#include "pools.h"

#include <atomic>
#include <mutex>
#include <random>
#include <thread>

namespace {

using namespace pools;
using support::Digest;
using support::Experiment;
using support::MakeExperiment;
using support::Result;

constexpr uint64_t kBroken = uint64_t{1} << 40; // sessions from here on break who plays them

// A task, and what must come of it.
struct Kind {
    Experiment experiment;
    grav_run_spec run;
    std::string digest; // of a run by itself; empty: it must fail
};

Experiment MakeOther(const char *die, grav_statistic statistic)
{
    grav_experiment_spec spec;
    grav_experiment_spec_init(&spec);
    spec.rolls = 50;
    spec.die = die;
    spec.statistic = statistic;
    spec.has_target = false;
    return MakeExperiment(spec);
}

grav_run_spec Plain(uint64_t first, uint64_t sessions)
{
    return support::Spec({"auto", GRAV_BACKEND_CPU, GRAV_ISA_AUTO}, first + sessions, first,
                         sessions);
}

std::vector<Kind> MakeKinds()
{
    std::vector<Kind> kinds;
    for (uint64_t sessions : {1, 2, 77, 1000, 30011}) {
        kinds.push_back({MakeExperiment(231, "1/4"), Plain(sessions, sessions), ""});
        kinds.push_back({MakeExperiment(100, "1/3"), Plain(0, sessions), ""});
        kinds.back().run.keep = GRAV_KEEP_MAX;
        kinds.push_back({MakeExperiment(231, "1/4"), Plain(9, sessions), ""});
        kinds.back().run.method = GRAV_METHOD_SCORES;
        kinds.push_back({MakeExperiment(231, "1/4"), Plain(1, sessions), ""});
        kinds.back().run.engine = GRAV_ENGINE_FAST;
        kinds.push_back({MakeOther("1..6", GRAV_STATISTIC_SUM), Plain(3, sessions), ""});
        kinds.push_back({MakeOther(nullptr, GRAV_STATISTIC_STREAK), Plain(4, sessions), ""});
    }
    kinds.push_back({MakeExperiment(231, "1/4", 75), Plain(0, 5000), ""});
    kinds.back().run.until_target = true;
    kinds.push_back({MakeExperiment(231, "1/4"), Plain(0, 500), ""});
    kinds.back().run.double_check = true;
    for (Kind &kind : kinds)
        kind.digest = Digest(support::Run(kind.experiment, kind.run));
    kinds.push_back({MakeExperiment(231, "1/4", 230), Plain(kBroken, 500), ""});
    kinds.back().run.until_target = true;
    return kinds;
}

// What came of the tasks of a batch.
class Told {
  public:
    void Expect(grav_task task, const Kind *kind)
    {
        std::lock_guard<std::mutex> lock(mutex_);
        expected_[task] = kind;
    }

    void Note(const grav_done &done)
    {
        Result result(done.result);
        std::lock_guard<std::mutex> lock(mutex_);
        times_[done.task]++;
        if (done.error.status != GRAV_OK)
            failed_[done.task] = done.error.message;
        else if (result && support::Summary(result).complete)
            digests_[done.task] = Digest(result);
        else
            EXPECT_TRUE(done.cancelled) << done.task;
        cancelled_ += done.cancelled && done.error.status == GRAV_OK;
    }

    void Check(const grav_batch_progress &progress)
    {
        EXPECT_EQ(times_.size(), expected_.size());
        for (auto [task, kind] : expected_) {
            EXPECT_EQ(times_[task], 1) << task;
            if (digests_.count(task)) {
                EXPECT_EQ(digests_[task], kind->digest) << task;
            }
            if (failed_.count(task)) {
                EXPECT_EQ(kind->digest, "") << failed_[task];
                EXPECT_NE(failed_[task].find("it broke"), std::string::npos) << failed_[task];
            }
        }
        EXPECT_EQ(progress.submitted, expected_.size());
        EXPECT_EQ(progress.open, 0u);
        EXPECT_EQ(progress.failed, failed_.size());
        EXPECT_EQ(progress.cancelled, cancelled_);
        EXPECT_LE(progress.played, progress.sessions);
        EXPECT_GT(digests_.size(), expected_.size() / 2); // the rest was cancelled, or failed
        EXPECT_GT(failed_.size(), 0u);
        EXPECT_GT(cancelled_, 0u);
    }

  private:
    std::mutex mutex_;
    std::map<grav_task, const Kind *> expected_;
    std::map<grav_task, int> times_;
    std::map<grav_task, std::string> digests_, failed_;
    uint64_t cancelled_ = 0;
};

struct Crowd {
    explicit Crowd(unsigned threads)
        : orders([](const fake_workers::Chunk &chunk) {
              return chunk.first >= kBroken ? chunk.Fail() : chunk.Play();
          }),
          kinds(MakeKinds()), pool(MakePool(threads))
    {
        for (size_t i = 0; i < 3; i++)
            batches.push_back(MakeBatch(pool));
    }

    // Submits so many tasks to all batches in turn, and cancels some of them.
    void SubmitSome(unsigned seed, size_t count)
    {
        std::mt19937 random(seed);
        for (size_t i = 0; i < count; i++) {
            size_t at = random() % batches.size();
            while (grav_batch_open(batches[at].get()) > 100) // so that not all is cancelled
                std::this_thread::yield();
            const Kind &kind = kinds[random() % kinds.size()];
            grav_task_spec task = {};
            task.experiment = kind.experiment.get();
            task.run = kind.run;
            if (random() % 4 == 0) {
                task.done = [](grav_batch *, grav_done *done) {
                    static_cast<Told *>(done->data)->Note(*done);
                };
                task.data = &told[at];
            }
            grav_task number = Submit(batches[at], task);
            told[at].Expect(number, &kind);
            if (random() % 6 == 0)
                grav_batch_cancel(batches[at].get(), number - random() % (number < 9 ? 1 : 9));
            if (random() % 1000 == 0)
                grav_batch_cancel_all(batches[at].get());
            task.run.sessions = 0;
            EXPECT_EQ(grav_batch_submit(batches[at].get(), &task, nullptr, nullptr),
                      GRAV_ERROR_INVALID);
        }
    }

    // Takes what there is of a batch, in every way, until all was submitted and nothing is left.
    void TakeAll(unsigned seed, size_t at)
    {
        std::mt19937 random(seed);
        grav_batch *batch = batches[at].get();
        for (;;) {
            const bool last = submitted; // asked before it is found that there are none
            const double seconds[] = {0, 1e-4, -1};
            grav_done done;
            bool any = random() % 4;
            grav_taken taken =
                any ? grav_batch_take(batch, seconds[random() % 3], &done)
                    : grav_batch_wait(batch, 1 + random() % (Look(batches[at]).submitted + 1),
                                      seconds[random() % 3], &done);
            if (taken == GRAV_TAKEN)
                told[at].Note(done);
            else if (any && last && taken == GRAV_NONE)
                return;
        }
    }

    void Play(size_t each)
    {
        std::vector<std::thread> submitters, takers;
        for (unsigned i = 0; i < 3; i++)
            submitters.emplace_back([this, i, each] { SubmitSome(100 + i, each); });
        for (unsigned i = 0; i < 6; i++)
            takers.emplace_back([this, i] { TakeAll(200 + i, i % 3); });
        for (std::thread &thread : submitters)
            thread.join();
        submitted = true;
        for (std::thread &thread : takers)
            thread.join();
        for (size_t i = 0; i < batches.size(); i++)
            told[i].Check(Look(batches[i]));
    }

    fake_workers::Orders orders;
    std::vector<Kind> kinds;
    Told told[3]; // lives as long as tasks may be told of
    Pool pool;
    std::vector<Batch> batches;
    std::atomic<bool> submitted{false};
};

TEST(PoolCrowd, TellsOfEveryTaskOnce)
{
    Crowd(3).Play(1000);
}

TEST(PoolCrowd, TellsOfEveryTaskOnceOnOneThread)
{
    Crowd(1).Play(500);
}

TEST(SlowPoolCrowd, TellsOfEveryTaskOnceOnManyThreads)
{
    Crowd(16).Play(20000);
}

// Whatever is under way, a batch and a pool can be destroyed.
TEST(PoolCrowd, CanBeDestroyedAtAnyMoment)
{
    Experiment experiment = MakeExperiment(231, "1/4", 230);
    std::atomic<int> told{0};
    for (unsigned seed = 0; seed < 30; seed++) {
        std::mt19937 random(seed);
        Pool pool = MakePool(2);
        Batch kept = MakeBatch(pool);
        grav_task small = Submit(kept, Task(experiment, 1000));
        grav_batch *left = MakeBatch(pool).release(); // the pool's to destroy
        for (int i = 0; i < 3; i++) {
            Batch batch = MakeBatch(pool);
            for (int j = 0; j < 20; j++) {
                grav_task_spec task =
                    Task(experiment, random() % 3 == 0 ? kEndless : 1 + random() % 3000);
                task.run.until_target = random() % 8 == 0;
                task.data = &told;
                if (random() % 2)
                    task.done = [](grav_batch *, grav_done *done) {
                        grav_result_destroy(done->result);
                        ++*static_cast<std::atomic<int> *>(done->data);
                    };
                Submit(batch, task);
                grav_batch_submit(left, &task, nullptr, nullptr);
            }
            if (random() % 2)
                std::this_thread::sleep_for(std::chrono::microseconds(random() % 2000));
        }
        grav_done done;
        ASSERT_EQ(grav_batch_wait(kept.get(), small, -1, &done), GRAV_TAKEN);
        grav_result_destroy(done.result);
        kept.reset();
        pool.reset();
    }
}

} // namespace
