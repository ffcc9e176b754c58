// Whatever CUDA call fails, once or from then on, nothing that was played is lost and nothing wrong
// is told. The calls are those of a run without faults, one after the other.
#include "fake_runs.h"
#include "temporary_folder.h"

#include <functional>
#include <set>

#include "experiment.h"
#include "team.h"

extern "C" {
#include "result.h"
}

namespace {

using namespace fake_runs;
using fake_cuda::Call;

constexpr cudaError_t kCode = cudaErrorMemoryAllocation;
const std::string kLaunch = "__cudaLaunchKernel";

bool Contains(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

// Has a run meet every fault that there is: each call of `device`, once or for good; and each
// launch, told of late. Where workers share a run, each run is another: some meet none.
void ForEveryFault(const Job &job, const grav_run_spec &spec, int gpus, int device,
                   const std::function<void(const Played &)> &check)
{
    size_t met = 0, at = 0;
    grav_run_spec faultless = spec;
    faultless.checkpoint = nullptr;
    for (const Call &call : Play(job, faultless, gpus).calls) {
        if (device != fake_cuda::kAnyDevice && call.device != device)
            continue;
        at++;
        for (bool late : {false, true})
            for (bool lost : {false, true}) {
                if (late && call.name != kLaunch)
                    continue;
                SCOPED_TRACE(job.name + ", call " + std::to_string(at) + " " + call.name +
                             (lost ? ", lost" : "") + (late ? ", late" : ""));
                // Where the GPU got fewer chunks this time it has not come that far: once more.
                bool meets = false;
                for (int i = 0; i < 10 && !meets; i++) {
                    Played played = Play(job, spec, gpus, {at, device, kCode, lost, late});
                    check(played);
                    meets = FirstFailure(played.calls) < played.calls.size();
                    if (testing::Test::HasFailure())
                        return; // the rest would say it over and over
                    if (gpus == 1)
                        break;
                }
                met += meets;
            }
    }
    EXPECT_GT(met, at / 2);
}

void ExpectWhole(const Played &played, const std::string &digest)
{
    ASSERT_EQ(played.status, GRAV_OK) << played.err.message;
    EXPECT_EQ(grav_result_failure(played.result.get()), nullptr);
    EXPECT_TRUE(support::Summary(played.result).complete);
    EXPECT_EQ(support::Digest(played.result), digest);
}

// Nothing is played on a GPU that has failed.
void ExpectLeftOut(const std::vector<Call> &calls)
{
    size_t failure = FirstFailure(calls);
    for (size_t i = failure + 1; i < calls.size(); i++)
        EXPECT_FALSE(calls[i].device == calls[failure].device && calls[i].name == kLaunch)
            << calls[failure].name << " failed";
}

// What a message should name where this call failed: the kernels' launches are asked about.
std::string NameTold(const std::string &call)
{
    return call.compare(0, 2, "__") == 0 ? "cudaGetLastError" : call;
}

void ExpectTold(const std::string &text, const Played &played)
{
    const Call &call = played.calls[FirstFailure(played.calls)];
    EXPECT_TRUE(Contains(text, NameTold(call.name))) << call.name << "\n" << text;
    EXPECT_TRUE(Contains(text, "cudaErrorMemoryAllocation")) << text;
    if (call.device >= 0) {
        EXPECT_TRUE(Contains(text, "GPU " + std::to_string(call.device))) << text;
    }
}

void ExpectNoticed(const Played &played)
{
    if (FirstFailure(played.calls) < played.calls.size())
        ExpectTold(played.notices, played);
    else
        EXPECT_EQ(played.notices, "");
}

class CudaFaults : public testing::TestWithParam<const char *> {
  protected:
    const Job job_ = JobNamed(GetParam());
    const std::string digest_ = CpuDigest(job_);
};

// ---- Others play on -----------------------------------------------------------------------------

TEST_P(CudaFaults, LeaveTheRestToTheCpu)
{
    ForEveryFault(job_, On(GRAV_BACKEND_AUTO, job_), 1, fake_cuda::kAnyDevice,
                  [&](const Played &played) {
                      ExpectWhole(played, digest_);
                      ExpectNoticed(played);
                      ExpectLeftOut(played.calls);
                  });
}

TEST_P(CudaFaults, LeaveTheRestToTheOtherGpu)
{
    for (grav_backend backend : {GRAV_BACKEND_AUTO, GRAV_BACKEND_ALL})
        ForEveryFault(job_, On(backend, job_), 2, 1, [&](const Played &played) {
            ExpectWhole(played, digest_);
            ExpectNoticed(played);
            ExpectLeftOut(played.calls);
        });
}

// ---- Nobody is left -----------------------------------------------------------------------------

// The digest of a part with what is missing played elsewhere.
std::string DigestMadeUp(const Job &job, const support::Result &part)
{
    uint64_t at = job.spec.first, end = at + job.spec.sessions;
    auto ranges = support::Ranges(part);
    ranges.emplace_back(end, end);
    support::Result all;
    for (const auto &[first, next] : ranges) {
        grav_run_spec spec = job.spec;
        spec.first = at;
        spec.sessions = first - at;
        if (at < first)
            all = support::Merge(all ? all : part, support::Run(job.experiment, spec));
        at = next;
    }
    return support::Digest(all);
}

// The checkpoint holds all that was played, and a run on the CPU goes on from it.
void ExpectToGoOn(const Job &job, const std::string &file, const Played &played,
                  const std::string &digest)
{
    if (played.status == GRAV_OK) {
        grav_result *found = nullptr;
        grav_error err;
        ASSERT_EQ(grav_result_load(file.c_str(), &found, &err), GRAV_OK) << err.message;
        EXPECT_EQ(support::Digest(support::Result(found)), support::Digest(played.result));
    }
    grav_run_spec spec = job.spec;
    spec.checkpoint = file.c_str();
    ExpectWhole(Play(job, spec, 0), digest);
}

// A run that may play on the one GPU only has failed before anything was played, or its result
// holds what was played until then.
void ExpectPartOrError(const Job &job, const Played &played, const std::string &digest)
{
    if (played.status != GRAV_OK) {
        EXPECT_EQ(played.status, GRAV_ERROR_DEVICE);
        EXPECT_EQ(played.err.status, GRAV_ERROR_DEVICE);
        ExpectTold(played.err.message, played);
        return;
    }
    if (FirstFailure(played.calls) == played.calls.size()) {
        ExpectWhole(played, digest);
        return;
    }
    const grav_error *failure = grav_result_failure(played.result.get());
    ASSERT_NE(failure, nullptr);
    EXPECT_EQ(failure->status, GRAV_ERROR_DEVICE);
    ExpectTold(failure->message, played);
    const grav_tally *tally = &played.result->tally;
    grav_error err;
    EXPECT_GT(tally->sessions, 0u);
    EXPECT_FALSE(support::Summary(played.result).complete);
    EXPECT_EQ(grav_tally_check(tally, grav_ranges_length(&played.result->ranges), &err), GRAV_OK)
        << err.message;
    if (!job.spec.until_target) {
        EXPECT_EQ(DigestMadeUp(job, played.result), digest);
    }
}

TEST_P(CudaFaults, EndARunWithWhatWasPlayed)
{
    TemporaryFolder folder;
    const std::string file = folder / "run.checkpoint";
    grav_run_spec spec = On(GRAV_BACKEND_CUDA, job_);
    spec.checkpoint = file.c_str();
    ForEveryFault(job_, spec, 1, fake_cuda::kAnyDevice, [&](const Played &played) {
        ExpectPartOrError(job_, played, digest_);
        ExpectToGoOn(job_, file, played, digest_);
        std::filesystem::remove(file);
        std::filesystem::remove(file + ".prev");
    });
}

// A GPU that computes wrong from some launch on: a second opinion notices, and what it has agreed
// to is the result.
TEST_P(CudaFaults, AreNoticedByADoubleCheck)
{
    grav_run_spec spec = On(GRAV_BACKEND_CUDA, job_);
    spec.double_check = true;
    ExpectWhole(Play(job_, spec, 1), digest_);
    size_t calls = Play(job_, spec, 1).calls.size();
    for (size_t at = 1; at < calls; at += 5) {
        SCOPED_TRACE(job_.name + ", wrong from call " + std::to_string(at));
        fake_cuda::Fault fault;
        fault.at = at;
        fault.wrong = true;
        Played played = Play(job_, spec, 1, fault);
        bool begun = played.status == GRAV_OK;
        const grav_error *why = begun ? grav_result_failure(played.result.get()) : &played.err;
        if (!why) { // there was no launch after that call
            ExpectWhole(played, digest_);
            continue;
        }
        EXPECT_EQ(why->status, GRAV_ERROR_MISMATCH);
        EXPECT_TRUE(Contains(why->message, "GPU 0, ")) << why->message;
        EXPECT_TRUE(Contains(why->message, "CPU, ")) << why->message;
        if (begun && !job_.spec.until_target) {
            EXPECT_EQ(DigestMadeUp(job_, played.result), digest_);
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Of, CudaFaults,
                         testing::Values("histogram", "max", "scores", "die", "gen3",
                                         "until_target"),
                         [](const auto &of) { return std::string(of.param); });

// ---- Processes of one machine -------------------------------------------------------------------

// The GPUs that play for one of so many processes on a machine.
std::set<int> GpusOf(int process, int processes, int gpus, const std::vector<int> &wanted = {})
{
    grav_team team = {};
    team.size = 1; // nobody is to be asked for anything
    snprintf(team.host, sizeof team.host, "here");
    team.local_rank = process;
    team.local_size = processes;
    team.threads = 1;
    const Job job = JobNamed("histogram");
    grav_run_spec spec = On(GRAV_BACKEND_CUDA, job);
    spec.team = &team;
    spec.devices = wanted.data();
    spec.device_count = wanted.size();
    const Played played = Play(job, spec, gpus);
    EXPECT_EQ(played.status, GRAV_OK) << played.err.message;
    std::set<int> devices;
    grav_worker_summary worker;
    for (size_t i = 0; grav_result_worker(played.result.get(), i, &worker); i++) {
        int device = -1;
        EXPECT_EQ(sscanf(worker.text, "rank 0 on here: GPU %d, ", &device), 1) << worker.text;
        devices.insert(device);
    }
    return devices;
}

TEST(CudaTeam, SharesTheGpusOfAMachine)
{
    using Devices = std::set<int>;
    EXPECT_EQ(GpusOf(0, 1, 3), (Devices{0, 1, 2}));
    EXPECT_EQ(GpusOf(0, 2, 4), (Devices{0, 2}));
    EXPECT_EQ(GpusOf(1, 2, 4), (Devices{1, 3}));
    EXPECT_EQ(GpusOf(0, 2, 3), (Devices{0, 2}));
    EXPECT_EQ(GpusOf(1, 2, 3), (Devices{1}));
    // There are too few: some have one that others have, too.
    for (int process : {0, 1, 2, 3, 4})
        EXPECT_EQ(GpusOf(process, 5, 2), (Devices{process % 2}));
    EXPECT_EQ(GpusOf(1, 2, 1), (Devices{0}));
    // Of those that are wanted, in their order.
    EXPECT_EQ(GpusOf(0, 2, 4, {3, 1}), (Devices{3}));
    EXPECT_EQ(GpusOf(1, 2, 4, {3, 1}), (Devices{1}));
    EXPECT_EQ(GpusOf(1, 3, 4, {2}), (Devices{2}));
}

} // namespace
