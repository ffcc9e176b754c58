// Pools on GPUs that are none (fake_cuda.h): whatever CUDA call fails, every task ends, with the
// digest of a run by itself, played by whoever is left, or with an error where nobody is.
#include "fake_runs.h"
#include "pools.h"

namespace {

using namespace pools;
using fake_cuda::Call;
using fake_cuda::Fault;
using fake_runs::Job;
using fake_runs::JobNamed;
using support::Digest;
using support::Result;

constexpr cudaError_t kCode = cudaErrorMemoryAllocation;
const std::string kLaunch = "__cudaLaunchKernel";

struct Ended {
    size_t right = 0, failed = 0;
    std::string messages;
    bool refused = false; // the pool was not made
    std::vector<Call> calls;
};

// What to play, and what must come of it.
struct Tasks {
    Tasks(const std::vector<std::string> &names, uint64_t sessions)
    {
        for (const std::string &name : names) {
            jobs.push_back(JobNamed(name));
            jobs.back().spec.sessions = sessions;
            digests.push_back(fake_runs::CpuDigest(jobs.back()));
        }
        fake_runs::Play(jobs[0], fake_runs::On(GRAV_BACKEND_CUDA, jobs[0]), 2); // self-tests, too
    }

    // Plays all in a pool; fails the test where one is missing or wrong, or something is left.
    Ended Play(grav_backend backend, int gpus, const Fault &fault = {}) const
    {
        Ended ended;
        grav_pool_spec spec;
        grav_pool *pool = nullptr;
        grav_error err = {};
        grav_pool_spec_init(&spec);
        spec.backend = backend;
        if (backend != GRAV_BACKEND_CUDA) { // slow enough for a GPU to come in time
            spec.threads = 1;
            spec.isa = GRAV_ISA_PORTABLE;
        }
        fake_cuda::Begin(gpus, fault);
        ended.refused = grav_pool_create(&spec, &pool, &err) != GRAV_OK;
        if (ended.refused) {
            EXPECT_EQ(err.status, GRAV_ERROR_DEVICE) << err.message;
        } else {
            PlayIn(Pool(pool), &ended);
        }
        ended.calls = fake_cuda::Calls();
        EXPECT_EQ(fake_cuda::Owned(), 0u);
        EXPECT_EQ(fake_cuda::Misuse(), "");
        return ended;
    }

    void PlayIn(const Pool &pool, Ended *ended) const
    {
        Batch batch = MakeBatch(pool);
        for (const Job &job : jobs) {
            grav_task_spec task = {};
            task.experiment = job.experiment.get();
            task.run = job.spec;
            Submit(batch, task);
        }
        for (size_t i = 0; i < jobs.size(); i++) {
            grav_done done;
            ASSERT_EQ(grav_batch_take(batch.get(), 60, &done), GRAV_TAKEN);
            Result result(done.result);
            const grav_error *failure = result ? grav_result_failure(done.result) : &done.error;
            if (failure) {
                EXPECT_EQ(failure->status, GRAV_ERROR_DEVICE) << failure->message;
                ended->failed++;
                ended->messages += std::string(failure->message) + "\n";
            } else {
                EXPECT_EQ(Digest(result), digests[done.task - 1]) << jobs[done.task - 1].name;
                ended->right++;
            }
        }
    }

    std::vector<Job> jobs;
    std::vector<std::string> digests;
};

// Has the tasks meet every fault of that device: each call once or for good, and each launch late.
// Gives how many were met: a device whose tasks others were quicker to take meets none.
size_t MeetEveryFault(const Tasks &tasks, grav_backend backend, int gpus, int device,
                      const std::function<void(const Ended &)> &check)
{
    size_t at = 0, met = 0;
    for (const Call &call : tasks.Play(backend, gpus).calls) {
        if (device != fake_cuda::kAnyDevice && call.device != device)
            continue;
        at++;
        for (bool late : {false, true})
            for (bool lost : {false, true}) {
                if (late && call.name != kLaunch)
                    continue;
                SCOPED_TRACE("call " + std::to_string(at) + " " + call.name +
                             (lost ? ", lost" : "") + (late ? ", late" : ""));
                Ended ended = tasks.Play(backend, gpus, {at, device, kCode, lost, late});
                check(ended);
                met += fake_runs::FirstFailure(ended.calls) < ended.calls.size();
                if (testing::Test::HasFailure())
                    return met; // the rest would say it over and over
            }
    }
    return met;
}

void ForEveryFault(const Tasks &tasks, grav_backend backend, int gpus, int device,
                   const std::function<void(const Ended &)> &check)
{
    constexpr size_t kEnough = 10;
    size_t met = 0;
    for (int round = 0; met <= kEnough && round < 100 && !testing::Test::HasFailure(); round++)
        met += MeetEveryFault(tasks, backend, gpus, device, check);
    EXPECT_TRUE(met > kEnough || testing::Test::HasFailure());
}

const std::vector<std::string> kPlain = {"histogram", "max", "scores", "die", "fast"};

TEST(PoolGpus, PlayEverything)
{
    Tasks tasks({"histogram", "max", "founding", "philox7", "fast", "gen3", "scores", "scores_max",
                 "die", "streak", "until_target"},
                20000);
    for (int gpus : {1, 2}) {
        Ended ended = tasks.Play(GRAV_BACKEND_CUDA, gpus);
        EXPECT_EQ(ended.right, tasks.jobs.size()) << ended.messages;
        size_t launches = 0;
        for (const Call &call : ended.calls)
            launches += call.name == kLaunch;
        EXPECT_GE(launches, tasks.jobs.size());
    }
}

TEST(PoolGpus, LeaveTheRestToEachOther)
{
    Tasks tasks(kPlain, 3000);
    ForEveryFault(tasks, GRAV_BACKEND_CUDA, 2, 1, [&](const Ended &ended) {
        EXPECT_EQ(ended.right, tasks.jobs.size()) << ended.messages;
    });
}

TEST(PoolGpus, FailTheirTasksWhereNobodyIsLeft)
{
    Tasks tasks(kPlain, 3000);
    ForEveryFault(tasks, GRAV_BACKEND_CUDA, 1, fake_cuda::kAnyDevice, [&](const Ended &ended) {
        EXPECT_TRUE(ended.refused || ended.right + ended.failed == tasks.jobs.size());
        if (ended.failed) {
            EXPECT_NE(ended.messages.find("cuda"), std::string::npos) << ended.messages;
        }
    });
    Ended ended = tasks.Play(GRAV_BACKEND_CUDA, 0);
    EXPECT_TRUE(ended.refused);
}

TEST(PoolGpus, FailRunsAsAWhole)
{
    Tasks tasks({"until_target", "until_target"}, 3000);
    ForEveryFault(tasks, GRAV_BACKEND_CUDA, 1, fake_cuda::kAnyDevice, [&](const Ended &ended) {
        EXPECT_TRUE(ended.refused || ended.right + ended.failed == tasks.jobs.size());
    });
}

// Large enough for a GPU to be asked.
TEST(PoolGpus, LeaveTheRestToThreads)
{
    Tasks tasks({"histogram"}, 300000);
    ForEveryFault(tasks, GRAV_BACKEND_ALL, 1, fake_cuda::kAnyDevice, [&](const Ended &ended) {
        EXPECT_FALSE(ended.refused);
        EXPECT_EQ(ended.right, tasks.jobs.size()) << ended.messages;
    });
}

// A task's signal once could wake the GPU, which had no use for it, and no thread.
TEST(PoolGpus, SmallTasksAreTheThreads)
{
    Tasks tasks({"histogram"}, 500000);
    grav_pool_spec spec;
    grav_pool_spec_init(&spec);
    spec.threads = 1;
    fake_cuda::Begin(2);
    {
        Pool pool = MakePool(spec);
        Ended ended;
        tasks.PlayIn(pool, &ended);
        EXPECT_EQ(ended.right, 1u);
        Batch batch = MakeBatch(pool);
        for (int i = 0; i < 500; i++) {
            grav_done done;
            grav_task number = Submit(batch, Task(tasks.jobs[0].experiment, 10));
            ASSERT_EQ(grav_batch_wait(batch.get(), number, 60, &done), GRAV_TAKEN) << i;
            grav_result_destroy(done.result);
        }
    }
    EXPECT_EQ(fake_cuda::Owned(), 0u);
}

// The GPU is set up for one task at a time, and knows it from the first of another batch that lies
// where that one's did.
TEST(PoolGpus, TasksOfSuchBatchesAreNotMistaken)
{
    Tasks tasks({"histogram"}, 2000);
    const Job &job = tasks.jobs[0];
    grav_pool_spec spec;
    grav_pool_spec_init(&spec);
    spec.backend = GRAV_BACKEND_CUDA;
    fake_cuda::Begin(1);
    Pool pool = MakePool(spec);
    for (uint64_t seed = 0; seed < 10; seed++) {
        Batch batch = MakeBatch(pool);
        grav_task_spec task = Task(job.experiment, 2000, seed);
        grav_done done;
        Submit(batch, task);
        ASSERT_EQ(grav_batch_take(batch.get(), 60, &done), GRAV_TAKEN);
        Result result(done.result);
        task.run.backend = GRAV_BACKEND_CPU;
        EXPECT_EQ(Digest(result), Digest(support::Run(job.experiment, task.run)));
    }
}

} // namespace
