#include "fake_runs.h"
#include "selftest.h"

#include <stdexcept>

namespace fake_runs {

using support::MakeExperiment;

namespace {

grav_run_spec OnCpu(uint64_t sessions)
{
    grav_run_spec spec = support::Spec(support::Backends()[0], 42, 1000, sessions);
    spec.threads = 1;
    return spec;
}

Job Make(const std::string &name, support::Experiment experiment, uint64_t sessions)
{
    return {name, std::move(experiment), OnCpu(sessions)};
}

support::Experiment MakeDie(uint32_t rolls, const char *die)
{
    grav_experiment_spec spec;
    grav_experiment_spec_init(&spec);
    spec.rolls = rolls;
    spec.die = die;
    spec.has_target = false;
    return MakeExperiment(spec);
}

support::Experiment MakeStreak()
{
    grav_experiment_spec spec;
    grav_experiment_spec_init(&spec);
    spec.rolls = 100;
    spec.statistic = GRAV_STATISTIC_STREAK;
    spec.has_target = false;
    return MakeExperiment(spec);
}

bool GivesBack(const std::string &call)
{
    return call == "cudaFree" || call == "cudaEventDestroy" || call == "cudaStreamDestroy";
}

// Whether a call that is followed by `next` on the same thread is of no consequence.
bool MayFail(const std::string &call, const std::string &next)
{
    return GivesBack(call) || (call == "cudaSetDevice" && GivesBack(next)) ||
           (call == "cudaGetLastError" && next == "__cudaPushCallConfiguration");
}

} // namespace

std::vector<Job> Jobs()
{
    std::vector<Job> jobs;
    jobs.push_back(Make("histogram", MakeExperiment(1000, "1/2"), 60000));
    jobs.push_back(Make("max", MakeExperiment(1000, "1/2"), 60000));
    jobs.back().spec.keep = GRAV_KEEP_MAX;
    jobs.push_back(Make("founding", MakeExperiment(231, "1/4", 177), 60000));
    jobs.push_back(Make("philox7", MakeExperiment(231, "1/4"), 20000));
    jobs.back().spec.engine = GRAV_ENGINE_PHILOX7;
    jobs.push_back(Make("fast", MakeExperiment(1000, "1/2"), 60000));
    jobs.back().spec.engine = GRAV_ENGINE_FAST;
    jobs.push_back(Make("gen3", MakeExperiment(231, "1/4"), 20000));
    jobs.back().spec.engine = GRAV_ENGINE_GEN3;
    jobs.back().spec.seed = 0;
    jobs.push_back(Make("scores", MakeExperiment(231, "1/4"), 60000));
    jobs.back().spec.method = GRAV_METHOD_SCORES;
    jobs.push_back(Make("scores_max", MakeExperiment(231, "1/4"), 60000));
    jobs.back().spec.method = GRAV_METHOD_SCORES;
    jobs.back().spec.keep = GRAV_KEEP_MAX;
    jobs.push_back(Make("die", MakeDie(60, "1..6"), 30000));
    jobs.push_back(Make("streak", MakeStreak(), 60000));
    jobs.push_back(Make("until_target", MakeExperiment(231, "1/4", 90), 100000));
    jobs.back().spec.until_target = true;
    return jobs;
}

Job JobNamed(const std::string &name)
{
    for (Job &job : Jobs())
        if (job.name == name)
            return std::move(job);
    throw std::runtime_error("no such job: " + name);
}

grav_run_spec On(grav_backend backend, const Job &job)
{
    grav_run_spec spec = job.spec;
    spec.backend = backend;
    if (backend == GRAV_BACKEND_CUDA) { // which takes neither
        spec.threads = 0;
        spec.isa = GRAV_ISA_AUTO;
    }
    return spec;
}

std::string CpuDigest(const Job &job)
{
    return support::Digest(support::Run(job.experiment, job.spec));
}

namespace {

// Runs hold a GPU against known answers once in a process: done before, so that all are alike.
void PassSelftests()
{
    static const bool passed = [] {
        fake_cuda::Begin(2);
        for (int device : {0, 1}) {
            const grav_selftest_who who = {GRAV_BACKEND_CUDA, device, GRAV_ISA_AUTO, 0};
            if (grav_selftest_once(&who, nullptr) != GRAV_OK)
                return false;
        }
        return true;
    }();
    ASSERT_TRUE(passed);
}

} // namespace

Played Play(const Job &job, const grav_run_spec &spec, int gpus, const fake_cuda::Fault &fault)
{
    PassSelftests();
    Played played;
    grav_result *result = nullptr;
    grav_run_spec told = spec;
    told.notice = [](const char *message, void *data) {
        *static_cast<std::string *>(data) += std::string(message) + "\n";
    };
    told.data = &played.notices;
    fake_cuda::Begin(gpus, fault);
    played.status = grav_run(job.experiment.get(), &told, &result, &played.err);
    played.result.reset(result);
    played.calls = fake_cuda::Calls();
    EXPECT_EQ(fake_cuda::Owned(), 0u);
    EXPECT_EQ(fake_cuda::Misuse(), "");
    return played;
}

size_t FirstFailure(const std::vector<fake_cuda::Call> &calls)
{
    size_t i = 0;
    for (; i < calls.size(); i++) {
        size_t next = i + 1;
        while (next < calls.size() && calls[next].thread != calls[i].thread)
            next++;
        if (calls[i].failed && !MayFail(calls[i].name, next < calls.size() ? calls[next].name : ""))
            break;
    }
    return i;
}

} // namespace fake_runs
