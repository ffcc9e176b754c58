// The pool: many tasks at once, each with the result of a run by itself.
#include "support.h"

#include <atomic>
#include <map>

namespace {

using namespace support;

class Pool : public testing::Test {
  protected:
    void SetUp() override
    {
        grav_pool_spec spec;
        grav_error err;
        grav_pool_spec_init(&spec);
        spec.backend = GRAV_BACKEND_CPU;
        spec.threads = 3;
        ASSERT_EQ(grav_pool_create(&spec, &pool_, &err), GRAV_OK) << err.message;
        ASSERT_EQ(grav_batch_create(pool_, &batch_, &err), GRAV_OK) << err.message;
    }
    void TearDown() override
    {
        grav_pool_destroy(pool_);
    }

    grav_task_spec Task(uint64_t seed, uint64_t sessions)
    {
        grav_task_spec task = {};
        task.experiment = experiment_.get();
        grav_run_spec_init(&task.run);
        task.run.seed = seed;
        task.run.sessions = sessions;
        return task;
    }

    Experiment experiment_ = MakeExperiment(231, "1/4");
    grav_pool *pool_ = nullptr;
    grav_batch *batch_ = nullptr;
};

TEST_F(Pool, PlaysTasksOfAnySizeAsRunsByThemselves)
{
    std::map<grav_task, grav_run_spec> runs;
    for (uint64_t sessions : {1, 2, 1000, 100003, 20000003, 7})
        for (grav_method method : {GRAV_METHOD_ROLLS, GRAV_METHOD_SCORES}) {
            grav_task_spec task = Task(sessions, sessions);
            task.run.first = 12345;
            task.run.method = method;
            grav_error err;
            grav_task number = 0;
            ASSERT_EQ(grav_batch_submit(batch_, &task, &number, &err), GRAV_OK) << err.message;
            runs[number] = task.run;
        }
    grav_done done;
    while (grav_batch_take(batch_, -1, &done) == GRAV_TAKEN) {
        Result result(done.result);
        ASSERT_NE(done.result, nullptr) << done.error.message;
        grav_run_spec run = runs.at(done.task);
        run.backend = GRAV_BACKEND_CPU;
        EXPECT_EQ(Digest(result), Digest(support::Run(experiment_, run)));
        EXPECT_TRUE(Summary(result).complete);
        runs.erase(done.task);
    }
    EXPECT_TRUE(runs.empty());
    EXPECT_EQ(grav_batch_take(batch_, -1, &done), GRAV_NONE);
}

TEST_F(Pool, RefusesWhatARunRefuses)
{
    grav_error err;
    grav_task_spec task = Task(1, 0);
    EXPECT_EQ(grav_batch_submit(batch_, &task, nullptr, &err), GRAV_ERROR_INVALID);
    task = Task(1, 10);
    task.run.checkpoint = "file";
    EXPECT_EQ(grav_batch_submit(batch_, &task, nullptr, &err), GRAV_ERROR_INVALID);
    EXPECT_EQ(grav_batch_open(batch_), 0u);
}

// Where to play is the pool's, whatever a task says of it.
TEST_F(Pool, LooksAtNoPlaceOfATask)
{
    const int device = 63;
    for (bool whole : {false, true}) {
        grav_error err;
        grav_task_spec task = Task(1, 1000);
        grav_done done = {};
        task.run.double_check = whole;
        task.run.backend = GRAV_BACKEND_CUDA;
        task.run.devices = &device;
        task.run.device_count = 1;
        task.run.threads = GRAV_THREADS_MAX + 1;
        ASSERT_EQ(grav_batch_submit(batch_, &task, nullptr, &err), GRAV_OK) << err.message;
        ASSERT_EQ(grav_batch_take(batch_, -1, &done), GRAV_TAKEN);
        Result result(done.result);
        EXPECT_NE(done.result, nullptr) << done.error.message;
    }
}

TEST_F(Pool, CancelsAndGoesOn)
{
    grav_error err;
    grav_task large = 0, small = 0;
    grav_task_spec task = Task(1, uint64_t{1} << 60);
    ASSERT_EQ(grav_batch_submit(batch_, &task, &large, &err), GRAV_OK);
    grav_done done;
    EXPECT_EQ(grav_batch_wait(batch_, large, 0, &done), GRAV_NOT_YET);
    EXPECT_TRUE(grav_batch_cancel(batch_, large));
    ASSERT_EQ(grav_batch_wait(batch_, large, -1, &done), GRAV_TAKEN);
    EXPECT_TRUE(done.cancelled);
    grav_result_destroy(done.result);
    EXPECT_FALSE(grav_batch_cancel(batch_, large));
    task = Task(1, 10);
    ASSERT_EQ(grav_batch_submit(batch_, &task, &small, &err), GRAV_OK);
    ASSERT_EQ(grav_batch_wait(batch_, small, -1, &done), GRAV_TAKEN);
    EXPECT_FALSE(done.cancelled);
    EXPECT_NE(done.result, nullptr);
    grav_result_destroy(done.result);
    EXPECT_EQ(grav_batch_wait(batch_, small, -1, &done), GRAV_NONE);
}

struct Chain {
    grav_task_spec task;
    std::atomic<int> told{0};
};

void SubmitNext(grav_batch *batch, grav_done *done)
{
    auto *chain = static_cast<Chain *>(done->data);
    grav_result_destroy(done->result);
    if (++chain->told < 500)
        grav_batch_submit(batch, &chain->task, nullptr, nullptr);
}

TEST_F(Pool, TakesTasksFromWithinDone)
{
    Chain chain;
    chain.task = Task(5, 100);
    chain.task.done = SubmitNext;
    chain.task.data = &chain;
    ASSERT_EQ(grav_batch_submit(batch_, &chain.task, nullptr, nullptr), GRAV_OK);
    grav_done done;
    EXPECT_EQ(grav_batch_take(batch_, -1, &done), GRAV_NONE);
    EXPECT_EQ(chain.told, 500);
}

} // namespace
