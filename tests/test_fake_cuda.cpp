// The GPUs that are none play as real ones do: what the tests of faults stand on.
#include "fake_runs.h"

#include "experiment.h"

extern "C" {
#include "cuda.h"
}

namespace {

using namespace fake_runs;

TEST(FakeCuda, PlaysAsTheCpuDoes)
{
    for (const Job &job : Jobs())
        for (int gpus : {1, 2}) {
            SCOPED_TRACE(job.name + " on " + std::to_string(gpus));
            grav_run_spec spec = On(GRAV_BACKEND_CUDA, job);
            Played played = Play(job, spec, gpus);
            ASSERT_EQ(played.status, GRAV_OK) << played.err.message;
            EXPECT_EQ(grav_result_failure(played.result.get()), nullptr);
            EXPECT_EQ(support::Digest(played.result), CpuDigest(job));
            EXPECT_EQ(played.notices, "");
            EXPECT_EQ(FirstFailure(played.calls), played.calls.size());
        }
}

// A fault has to meet runs that have merged something and have something left.
TEST(FakeCuda, PlaysInSeveralChunks)
{
    for (const char *name : {"histogram", "die", "until_target"}) {
        Job job = JobNamed(name);
        grav_run_spec spec = On(GRAV_BACKEND_CUDA, job);
        int launches = 0;
        for (const fake_cuda::Call &call : Play(job, spec, 1).calls)
            launches += call.name == "__cudaLaunchKernel";
        EXPECT_GE(launches, 2) << name;
    }
}

TEST(FakeCuda, IsNotThereWhereThereAreNone)
{
    grav_error err;
    int gpus;
    fake_cuda::Begin(0);
    EXPECT_EQ(grav_gpu_count(&gpus, &err), GRAV_ERROR_DEVICE);
    EXPECT_STREQ(err.message, "the NVIDIA driver sees no GPU");
    fake_cuda::Begin(0, {1, fake_cuda::kAnyDevice, cudaErrorInsufficientDriver, true, false});
    EXPECT_EQ(grav_gpu_count(&gpus, &err), GRAV_ERROR_DEVICE);
    EXPECT_STREQ(err.message, "no NVIDIA driver is installed");
}

TEST(FakeCuda, TellsOfMisuse)
{
    void *memory;
    char bytes[16] = {};
    cudaStream_t stream;
    fake_cuda::Begin(1);
    ASSERT_EQ(cudaMalloc(&memory, 8), cudaSuccess);
    ASSERT_EQ(cudaStreamCreateWithFlags(&stream, cudaStreamNonBlocking), cudaSuccess);
    EXPECT_EQ(cudaMemcpyAsync(memory, bytes, 8, cudaMemcpyHostToDevice, stream), cudaSuccess);
    EXPECT_EQ(cudaStreamSynchronize(stream), cudaSuccess);
    EXPECT_EQ(fake_cuda::Misuse(), "");
    EXPECT_EQ(fake_cuda::Owned(), 2u);
    EXPECT_EQ(cudaMemcpy(memory, bytes, 8, cudaMemcpyHostToDevice), cudaSuccess);
    EXPECT_NE(fake_cuda::Misuse().find("cudaMemcpy may return before"), std::string::npos);
    EXPECT_EQ(cudaMemcpy(memory, bytes, 9, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
    EXPECT_NE(fake_cuda::Misuse().find("a copy beyond device memory"), std::string::npos);
    EXPECT_EQ(cudaStreamDestroy(stream), cudaSuccess);
    EXPECT_EQ(cudaFree(memory), cudaSuccess);
    EXPECT_EQ(fake_cuda::Owned(), 0u);
}

// A call that failed long ago, and that somebody was told of, is not the next launch's failure.
TEST(Cuda, LaunchesAfterAFailureOnTheSameThread)
{
    Job job = JobNamed("max");
    grav_plan plan = grav_plan_make(job.experiment.get(), GRAV_ENGINE_PHILOX, 1, 42);
    fake_cuda::Begin(1);
    void *memory;
    ASSERT_EQ(cudaMalloc(&memory, 1), cudaSuccess);
    ASSERT_EQ(cudaMemcpy(memory, "123", 3, cudaMemcpyHostToDevice), cudaErrorInvalidValue);
    ASSERT_EQ(cudaFree(memory), cudaSuccess);
    grav_error err = {};
    grav_cuda *gpu = nullptr;
    grav_part part = {0, GRAV_NO_SESSION, nullptr, 0};
    double kernel_s = 0;
    ASSERT_EQ(grav_cuda_open(0, &plan, 0, &gpu, &err), GRAV_OK) << err.message;
    EXPECT_EQ(grav_cuda_play(gpu, 0, 1000, &part, &kernel_s, &err), GRAV_OK) << err.message;
    grav_cuda_close(gpu);
    EXPECT_LT(part.max_session, 1000u);
    EXPECT_GT(kernel_s, 0);
}

} // namespace
