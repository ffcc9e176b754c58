// The program with a GPU that is lost in mid-run: how it ends, and that it can go on.
#include "fake_runs.h"
#include "process.h"
#include "temporary_folder.h"

namespace {

using process::Describe;
using process::Outcome;

class CudaFaultsCli : public testing::Test {
  protected:
    Outcome Run(const std::string &backend, size_t fails_at)
    {
        return Run(backend, {{"FAKE_CUDA_FAILS_AT", std::to_string(fails_at)}});
    }

    Outcome Run(const std::string &backend, std::map<std::string, std::string> environment)
    {
        process::Command command;
        command.arguments = {GRAV_PROGRAM_ON_FAKE_GPUS,
                             "run",
                             "--backend",
                             backend,
                             "--seed",
                             "42",
                             "--sessions",
                             kSessions,
                             "--rolls",
                             "1000",
                             "--chance",
                             "1/2",
                             "--checkpoint",
                             file_,
                             "--quiet"};
        command.environment = std::move(environment);
        command.environment["FAKE_CUDA_GPUS"] = "1";
        return process::Process(command).Wait();
    }

    support::Result Load()
    {
        grav_result *result = nullptr;
        grav_error err;
        EXPECT_EQ(grav_result_load(file_.c_str(), &result, &err), GRAV_OK) << err.message;
        return support::Result(result);
    }

    void StartAnew()
    {
        std::filesystem::remove(file_);
        std::filesystem::remove(file_ + ".prev");
    }

    static constexpr const char *kSessions = "100000";
    TemporaryFolder folder_;
    std::string file_ = folder_ / "run.checkpoint";
};

bool Contains(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

TEST_F(CudaFaultsCli, EndsWithACheckpointAndExit1)
{
    ASSERT_EQ(Run("cpu", 0).code, 0);
    const std::string digest = support::Digest(Load());
    size_t begun = 0; // runs that had played something
    for (size_t at = 1;; at += 3) {
        StartAnew();
        Outcome outcome = Run("cuda", at);
        if (outcome.code == 0)
            break; // there are no more calls
        ASSERT_EQ(outcome.code, 1) << Describe(outcome);
        EXPECT_TRUE(Contains(outcome.err, "cudaErrorMemoryAllocation")) << outcome.err;
        if (std::filesystem::exists(file_)) {
            begun++;
            EXPECT_GT(support::Summary(Load()).sessions, 0u);
            EXPECT_TRUE(Contains(outcome.err, "go on with: ")) << outcome.err;
        }
        outcome = Run("cpu", 0);
        ASSERT_EQ(outcome.code, 0) << Describe(outcome);
        EXPECT_EQ(support::Digest(Load()), digest);
    }
    EXPECT_GT(begun, 0u);
    EXPECT_EQ(support::Digest(Load()), digest);
}

TEST_F(CudaFaultsCli, PlaysOnOnTheCpu)
{
    ASSERT_EQ(Run("cpu", 0).code, 0);
    const std::string digest = support::Digest(Load());
    for (size_t at = 1; at < 60; at += 7) {
        StartAnew();
        Outcome outcome = Run("auto", at);
        ASSERT_EQ(outcome.code, 0) << Describe(outcome);
        EXPECT_EQ(support::Digest(Load()), digest);
    }
}

// The self-test before a run: a GPU that computes wrong plays nothing.
TEST_F(CudaFaultsCli, DoWithoutAGpuWithWrongAnswers)
{
    ASSERT_EQ(Run("cpu", 0).code, 0);
    const std::string digest = support::Digest(Load());
    for (const char *at : {"1", "100", "250"}) {
        StartAnew();
        Outcome outcome = Run("auto", {{"FAKE_CUDA_WRONG_AT", at}});
        ASSERT_EQ(outcome.code, 0) << Describe(outcome);
        EXPECT_EQ(support::Digest(Load()), digest);
        EXPECT_TRUE(Contains(outcome.err, "graveler run: GPU 0: ")) << outcome.err;
        EXPECT_TRUE(Contains(outcome.err, "; that GPU is left out\n")) << outcome.err;
        EXPECT_TRUE(Contains(outcome.err, "no GPU is left; playing on the CPU\n")) << outcome.err;
        StartAnew();
        outcome = Run("cuda", {{"FAKE_CUDA_WRONG_AT", at}});
        EXPECT_EQ(outcome.code, 4) << Describe(outcome);
        EXPECT_FALSE(std::filesystem::exists(file_));
    }
}

} // namespace
