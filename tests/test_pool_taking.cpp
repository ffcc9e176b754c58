// Waiting for tasks, and feeding results back as new ones.
#include "pools.h"

#include <atomic>
#include <chrono>
#include <thread>

namespace {

using namespace pools;
using support::Experiment;
using support::MakeExperiment;
using support::Result;

double Now()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

class PoolTaking : public testing::Test {
  protected:
    Experiment experiment_ = MakeExperiment(231, "1/4");
    Pool pool_ = MakePool(3);
    Batch batch_ = MakeBatch(pool_);
    grav_done done_ = {};
};

TEST_F(PoolTaking, NothingIsThereUntilSomethingIsSubmitted)
{
    for (double seconds : {0.0, 0.01, -1.0}) {
        EXPECT_EQ(grav_batch_take(batch_.get(), seconds, &done_), GRAV_NONE);
        EXPECT_EQ(grav_batch_wait(batch_.get(), 1, seconds, &done_), GRAV_NONE);
        EXPECT_EQ(grav_batch_wait(batch_.get(), 0, seconds, &done_), GRAV_NONE);
    }
    EXPECT_FALSE(grav_batch_cancel(batch_.get(), 1));
}

TEST_F(PoolTaking, WaitsAsLongAsItIsTold)
{
    grav_task task = Submit(batch_, Task(experiment_, kEndless));
    EXPECT_EQ(grav_batch_take(batch_.get(), 0, &done_), GRAV_NOT_YET);
    EXPECT_EQ(grav_batch_wait(batch_.get(), task, 0, &done_), GRAV_NOT_YET);
    double start_s = Now();
    EXPECT_EQ(grav_batch_take(batch_.get(), 0.05, &done_), GRAV_NOT_YET);
    EXPECT_EQ(grav_batch_wait(batch_.get(), task, 0.05, &done_), GRAV_NOT_YET);
    EXPECT_GE(Now() - start_s, 0.1); // never less
    EXPECT_EQ(grav_batch_open(batch_.get()), 1u);
    // Far off is as good as never.
    std::thread canceller([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
        EXPECT_TRUE(grav_batch_cancel(batch_.get(), task));
    });
    EXPECT_EQ(grav_batch_take(batch_.get(), 1e300, &done_), GRAV_TAKEN);
    canceller.join();
    Result result(done_.result);
    EXPECT_EQ(done_.task, task);
    EXPECT_TRUE(done_.cancelled);
    ASSERT_NE(result, nullptr); // what was played until then
    EXPECT_GT(support::Summary(result).sessions, 0u);
    EXPECT_FALSE(support::Summary(result).complete);
    EXPECT_EQ(grav_batch_open(batch_.get()), 0u);
}

// Large tasks, more than may be begun at a time, keep no small one waiting, nor each other.
TEST_F(PoolTaking, LargeAndSmallTakeTurns)
{
    std::vector<grav_task> endless, small;
    for (uint64_t i = 0; i < 6; i++)
        endless.push_back(Submit(batch_, Task(experiment_, kEndless, i)));
    for (uint64_t i = 0; i < 50; i++)
        small.push_back(Submit(batch_, Task(experiment_, 1000 + i, i)));
    for (grav_task task : small) {
        ASSERT_EQ(grav_batch_wait(batch_.get(), task, 30, &done_), GRAV_TAKEN);
        Result result(done_.result);
        EXPECT_TRUE(support::Summary(result).complete);
    }
    // The first four are under way.
    for (size_t i = 0; i < 4; i++) {
        EXPECT_TRUE(grav_batch_cancel(batch_.get(), endless[i]));
        ASSERT_EQ(grav_batch_wait(batch_.get(), endless[i], 30, &done_), GRAV_TAKEN);
        Result result(done_.result);
        ASSERT_NE(result, nullptr) << i;
        EXPECT_GT(support::Summary(result).sessions, 0u) << i;
    }
    // What took their places is played.
    for (size_t i = 4; i < 6; i++) {
        grav_batch_progress before, now;
        grav_batch_look(batch_.get(), &before);
        do {
            std::this_thread::yield();
            grav_batch_look(batch_.get(), &now);
        } while (now.played == before.played);
        EXPECT_TRUE(grav_batch_cancel(batch_.get(), endless[i]));
        ASSERT_EQ(grav_batch_wait(batch_.get(), endless[i], 30, &done_), GRAV_TAKEN);
        grav_result_destroy(done_.result);
    }
}

TEST_F(PoolTaking, OneOfManyWhoWaitGetsIt)
{
    std::atomic<int> got{0}, none{0};
    grav_task task = Submit(batch_, Task(experiment_, kEndless));
    std::vector<std::thread> takers;
    for (int i = 0; i < 8; i++)
        takers.emplace_back([&, i] {
            grav_done done;
            grav_taken taken = i % 2 ? grav_batch_take(batch_.get(), -1, &done)
                                     : grav_batch_wait(batch_.get(), task, 60, &done);
            EXPECT_NE(taken, GRAV_NOT_YET);
            (taken == GRAV_TAKEN ? got : none)++;
            if (taken == GRAV_TAKEN)
                grav_result_destroy(done.result);
        });
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    grav_batch_cancel_all(batch_.get());
    for (std::thread &taker : takers)
        taker.join();
    EXPECT_EQ(got, 1);
    EXPECT_EQ(none, 7);
}

TEST_F(PoolTaking, WaitsForTasksInAnyOrder)
{
    std::vector<grav_task> tasks;
    for (uint64_t i = 0; i < 200; i++)
        tasks.push_back(Submit(batch_, Task(experiment_, 100 + i, i)));
    for (size_t i = tasks.size(); i-- > 0;) {
        ASSERT_EQ(grav_batch_wait(batch_.get(), tasks[i], -1, &done_), GRAV_TAKEN);
        Result result(done_.result);
        EXPECT_EQ(done_.task, tasks[i]);
        EXPECT_EQ(support::Summary(result).sessions, 100 + i);
    }
    EXPECT_EQ(grav_batch_take(batch_.get(), -1, &done_), GRAV_NONE);
}

// Sessions so long that one thread, if it is slower than another, might leave them to that one,
// which sleeps: such tasks were once never played.
TEST_F(PoolTaking, PlaysSingleLongSessions)
{
    grav_experiment_spec spec;
    grav_experiment_spec_init(&spec);
    spec.rolls = 1 << 19;
    spec.die = "0..100";
    spec.has_target = false;
    Experiment experiment = MakeExperiment(spec);
    for (int i = 0; i < 20; i++) {
        grav_task_spec task = Task(experiment, 1 + i % 2);
        task.run.keep = GRAV_KEEP_MAX;
        grav_task number = Submit(batch_, task);
        ASSERT_EQ(grav_batch_wait(batch_.get(), number, 60, &done_), GRAV_TAKEN) << i;
        grav_result_destroy(done_.result);
    }
}

// A small task of one batch is played while another batch has thousands open.
TEST_F(PoolTaking, BatchesTakeTurns)
{
    Batch other = MakeBatch(pool_);
    for (uint64_t i = 0; i < 2000; i++)
        Submit(batch_, Task(experiment_, 100000, i));
    Submit(other, Task(experiment_, 1));
    ASSERT_EQ(grav_batch_take(other.get(), -1, &done_), GRAV_TAKEN);
    grav_result_destroy(done_.result);
    EXPECT_GT(grav_batch_open(batch_.get()), 1000u);
}

TEST_F(PoolTaking, StopsTasksWhoseTimeIsUp)
{
    grav_task_spec task = Task(experiment_, kEndless);
    task.run.max_s = 0.05;
    Submit(batch_, task);
    ASSERT_EQ(grav_batch_take(batch_.get(), -1, &done_), GRAV_TAKEN);
    Result result(done_.result);
    EXPECT_FALSE(done_.cancelled);
    EXPECT_EQ(done_.error.status, GRAV_OK);
    ASSERT_NE(result, nullptr);
    EXPECT_FALSE(support::Summary(result).complete);
}

// ---- From within `done` -------------------------------------------------------------------------

// A task lets the next in, which has one session more, so many times in all.
struct Chain {
    grav_task_spec task;
    uint64_t length;
    std::atomic<uint64_t> told{0};

    static void Next(grav_batch *batch, grav_done *done)
    {
        auto *chain = static_cast<Chain *>(done->data);
        Result result(done->result);
        EXPECT_EQ(support::Summary(result).sessions, chain->task.run.sessions);
        chain->task.run.sessions++;
        if (++chain->told < chain->length) {
            EXPECT_EQ(grav_batch_submit(batch, &chain->task, nullptr, nullptr), GRAV_OK);
        }
    }
};

TEST_F(PoolTaking, ResultsLetNewTasksInAThousandDeep)
{
    Chain chains[4];
    for (Chain &chain : chains) {
        chain.task = Task(experiment_, 1);
        chain.task.done = Chain::Next;
        chain.task.data = &chain;
        chain.length = 1000;
        Submit(batch_, chain.task);
    }
    EXPECT_EQ(grav_batch_take(batch_.get(), -1, &done_), GRAV_NONE); // when all are told
    for (Chain &chain : chains)
        EXPECT_EQ(chain.told, 1000u);
    EXPECT_EQ(Look(batch_).submitted, 4000u);
    EXPECT_EQ(Look(batch_).played, Look(batch_).sessions);
}

// Every task lets in two of half the sessions, one of them for another batch, which has it taken.
struct Tree {
    Tree(const Experiment &experiment, const Batch &batch) : base(experiment), other(batch.get())
    {
    }

    const Experiment &base;
    grav_batch *other;
    std::atomic<uint64_t> sessions{0};

    grav_task_spec Of(uint64_t count)
    {
        grav_task_spec task = Task(base, count);
        task.done = Split;
        task.data = this;
        return task;
    }

    static void Split(grav_batch *, grav_done *done)
    {
        auto *tree = static_cast<Tree *>(done->data);
        Result result(done->result);
        uint64_t half = support::Summary(result).sessions / 2;
        tree->sessions += 2 * half;
        grav_task_spec task = tree->Of(half);
        for (int i = 0; i < 2 && half > 0; i++)
            EXPECT_EQ(grav_batch_submit(tree->other, &task, nullptr, nullptr), GRAV_OK);
    }
};

TEST_F(PoolTaking, TasksBranchIntoAnotherBatch)
{
    Batch other = MakeBatch(pool_);
    Tree tree(experiment_, other);
    Submit(batch_, tree.Of(512));
    EXPECT_EQ(grav_batch_take(batch_.get(), -1, &done_), GRAV_NONE);
    EXPECT_EQ(grav_batch_take(other.get(), -1, &done_), GRAV_NONE);
    EXPECT_EQ(tree.sessions, 512u * 9);
    EXPECT_EQ(Look(other).submitted, 1022u);
}

struct Last {
    grav_task_spec task;
    grav_status refused = GRAV_OK;
    std::atomic<bool> destroying{false};
};

// A batch that is being destroyed takes no more tasks, and waits for `done` under way.
TEST_F(PoolTaking, BatchesUnderDestructionRefuseTasks)
{
    Last last;
    last.task = Task(experiment_, 1);
    last.task.data = &last;
    last.task.done = [](grav_batch *batch, grav_done *done) {
        auto *mine = static_cast<Last *>(done->data);
        grav_result_destroy(done->result);
        mine->destroying = true; // about to: it gets on in the next moments
        do
            mine->refused = grav_batch_submit(batch, &mine->task, nullptr, nullptr);
        while (mine->refused == GRAV_OK);
    };
    Batch batch = MakeBatch(pool_);
    grav_task_spec first = last.task;
    last.task.done = nullptr;
    Submit(batch, first);
    first.done = nullptr;
    while (!last.destroying)
        std::this_thread::yield();
    batch.reset();
    EXPECT_EQ(last.refused, GRAV_ERROR_INVALID);
}

TEST_F(PoolTaking, CancellingFromWithinDoneIsTold)
{
    struct Both {
        grav_batch *batch; // of the endless one
        grav_task endless;
        std::atomic<bool> cancelled{false};
    } both;
    Batch other = MakeBatch(pool_);
    both.batch = batch_.get();
    both.endless = Submit(batch_, Task(experiment_, kEndless));
    grav_task_spec task = Task(experiment_, 10);
    task.data = &both;
    task.done = [](grav_batch *, grav_done *done) {
        auto *mine = static_cast<Both *>(done->data);
        grav_result_destroy(done->result);
        mine->cancelled = grav_batch_cancel(mine->batch, mine->endless);
    };
    Submit(other, task);
    ASSERT_EQ(grav_batch_take(batch_.get(), -1, &done_), GRAV_TAKEN);
    grav_result_destroy(done_.result);
    EXPECT_EQ(done_.task, both.endless);
    EXPECT_TRUE(done_.cancelled);
    EXPECT_EQ(grav_batch_take(other.get(), -1, &done_), GRAV_NONE);
    EXPECT_TRUE(both.cancelled);
}

// ---- Refused pools ------------------------------------------------------------------------------

TEST(Pools, RefuseWhereNothingCanPlay)
{
    grav_pool_spec spec;
    grav_pool *pool = nullptr;
    grav_error err;
    grav_pool_spec_init(&spec);
    spec.threads = GRAV_THREADS_MAX + 1;
    EXPECT_EQ(grav_pool_create(&spec, &pool, &err), GRAV_ERROR_INVALID);
    const int device = 0;
    grav_pool_spec_init(&spec);
    spec.backend = GRAV_BACKEND_CPU;
    spec.devices = &device;
    spec.device_count = 1;
    EXPECT_EQ(grav_pool_create(&spec, &pool, &err), GRAV_ERROR_INVALID);
    int gpus = 0;
    if (grav_gpu_count(&gpus, nullptr) != GRAV_OK) {
        grav_pool_spec_init(&spec);
        spec.backend = GRAV_BACKEND_CUDA;
        EXPECT_EQ(grav_pool_create(&spec, &pool, &err), GRAV_ERROR_DEVICE);
        EXPECT_STRNE(err.message, "");
    }
    EXPECT_EQ(pool, nullptr);
    grav_pool_destroy(nullptr);
    grav_batch_destroy(nullptr);
}

// Without a GPU the best backend is the CPU, and says so once something comes that a GPU could do.
TEST(Pools, FallBackToTheCpu)
{
    int gpus = 0;
    if (grav_gpu_count(&gpus, nullptr) == GRAV_OK)
        GTEST_SKIP() << "there is a GPU";
    std::string notices;
    grav_pool_spec spec;
    grav_pool_spec_init(&spec);
    spec.threads = 2;
    spec.notice = [](const char *message, void *data) {
        *static_cast<std::string *>(data) += std::string(message) + "\n";
    };
    spec.data = &notices;
    Pool pool = MakePool(spec);
    EXPECT_EQ(grav_pool_threads(pool.get()), 2u);
    Batch batch = MakeBatch(pool);
    Experiment experiment = MakeExperiment(231, "1/4");
    grav_done done;
    Submit(batch, Task(experiment, 20000000));
    ASSERT_EQ(grav_batch_take(batch.get(), -1, &done), GRAV_TAKEN);
    EXPECT_NE(done.result, nullptr);
    grav_result_destroy(done.result);
    batch.reset();
    pool.reset();
    EXPECT_NE(notices.find("playing on the CPU"), std::string::npos) << notices;
    EXPECT_EQ(notices.find('\n'), notices.size() - 1) << notices;
}

} // namespace
