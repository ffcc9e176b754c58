// Pools whose memory or threads are missing at any moment: every task that was submitted ends all
// the same, with its own result or with an error that says what was missing, and nothing leaks.
#include "faults.h"
#include "pools.h"

#include <cerrno>

namespace {

using faults::How;
using pools::Batch;
using pools::Pool;
using support::Digest;
using support::Experiment;
using support::MakeExperiment;
using support::Result;

struct Kind {
    Experiment experiment;
    grav_run_spec run;
    std::string digest;
};

// Played by one, by draws, by all, and by grav_run().
std::vector<Kind> MakeKinds()
{
    const support::Backend cpu = {"auto", GRAV_BACKEND_CPU, GRAV_ISA_AUTO};
    std::vector<Kind> kinds;
    kinds.push_back({MakeExperiment(231, "1/4"), support::Spec(cpu, 1, 7, 100), ""});
    kinds.push_back({MakeExperiment(20, "1/3"), support::Spec(cpu, 2, 0, 100), ""});
    kinds.back().run.method = GRAV_METHOD_SCORES;
    kinds.push_back({MakeExperiment(231, "1/4"), support::Spec(cpu, 3, 0, 200000), ""});
    kinds.push_back({MakeExperiment(231, "1/4", 70), support::Spec(cpu, 4, 0, 500), ""});
    kinds.back().run.until_target = true;
    for (Kind &kind : kinds)
        kind.digest = Digest(support::Run(kind.experiment, kind.run));
    return kinds;
}

class PoolFaults : public testing::TestWithParam<unsigned> { // threads
  protected:
    // What a caller does, and goes on where something is refused.
    void Play()
    {
        grav_pool_spec spec;
        grav_pool *made = nullptr;
        grav_batch *batch = nullptr;
        grav_error err = {};
        grav_pool_spec_init(&spec);
        spec.backend = GRAV_BACKEND_CPU;
        spec.threads = GetParam();
        if (Fails(grav_pool_create(&spec, &made, &err), err))
            return;
        Pool pool(made);
        if (Fails(grav_batch_create(made, &batch, &err), err))
            return;
        for (int i = 0; i < 14; i++) // more than a batch has room for at first
            for (const Kind &kind : kinds_) {
                if (i > 0 && &kind != &kinds_[0])
                    continue; // the others take their time
                grav_task_spec task = {};
                grav_task number = 0;
                task.experiment = kind.experiment.get();
                task.run = kind.run;
                if (!Fails(grav_batch_submit(batch, &task, &number, &err), err))
                    submitted_[number] = &kind;
            }
        TakeAll(batch);
    }

    void TakeAll(grav_batch *batch)
    {
        grav_done done;
        while (grav_batch_take(batch, -1, &done) == GRAV_TAKEN) {
            Result result(done.result);
            ASSERT_EQ(submitted_.count(done.task), 1u);
            const grav_error *failure = result ? grav_result_failure(result.get()) : nullptr;
            bool fails = Fails(done.error.status, done.error) ||
                         (failure && Fails(failure->status, *failure));
            if (!fails) {
                EXPECT_EQ(Digest(result), submitted_[done.task]->digest);
            }
            submitted_.erase(done.task);
        }
        EXPECT_EQ(submitted_.size(), 0u);
        grav_batch_progress progress;
        grav_batch_look(batch, &progress);
        EXPECT_EQ(progress.open, 0u);
    }

    // Whether it has failed: then for want of memory, or of threads.
    bool Fails(grav_status status, const grav_error &err)
    {
        if (status == GRAV_OK)
            return false;
        failures_++;
        EXPECT_EQ(status, GRAV_ERROR_MEMORY) << err.message;
        EXPECT_STRNE(err.message, "");
        return true;
    }

    void AtEvery(unsigned kinds, int code)
    {
        Play(); // what is allocated once and for all
        ASSERT_EQ(failures_, 0u);
        for (How how : {How::kOnce, How::kFromThenOn}) {
            SCOPED_TRACE(how == How::kOnce ? "once" : "from then on");
            faults::Allocations allocations;
            faults::AtEveryCall(
                {kinds, code, how}, [&] { submitted_.clear(); }, [&] { Play(); },
                [&](bool struck, uint64_t at) {
                    SCOPED_TRACE(at);
                    EXPECT_EQ(allocations.Left(), 0u);
                    EXPECT_TRUE(struck || submitted_.empty());
                });
        }
        EXPECT_GT(failures_, 0u);
    }

    const std::vector<Kind> kinds_ = MakeKinds();
    std::map<grav_task, const Kind *> submitted_;
    uint64_t failures_ = 0;
};

TEST_P(PoolFaults, OfMemoryAreErrorsOfTheirTasks)
{
    AtEvery(faults::kMemory, ENOMEM);
}

TEST_P(PoolFaults, OfThreadsAreErrorsWhereNoneIsLeft)
{
    AtEvery(faults::kThread, EAGAIN);
}

INSTANTIATE_TEST_SUITE_P(Threads, PoolFaults, testing::Values(1u, 2u));

} // namespace
