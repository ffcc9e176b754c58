// Runs on GPUs that are none (fake_cuda.h), for tests of what becomes of them.
#ifndef GRAV_TESTS_FAKE_RUNS_H
#define GRAV_TESTS_FAKE_RUNS_H

#include "fake_cuda.h"
#include "support.h"

namespace fake_runs {

// An experiment and how to play it.
struct Job {
    std::string name;
    support::Experiment experiment;
    grav_run_spec spec; // on the CPU
};

// Of every kind of kernel and of everything that a GPU is handed: a few chunks each.
std::vector<Job> Jobs();
Job JobNamed(const std::string &name);

// The job's spec for another backend.
grav_run_spec On(grav_backend backend, const Job &job);

// The digest of a job that the CPU plays.
std::string CpuDigest(const Job &job);

struct Played {
    grav_status status = GRAV_OK;
    grav_error err = {};
    support::Result result;
    std::string notices; // one a line
    std::vector<fake_cuda::Call> calls;
};

// Plays; and fails the test where something was not given back, or what is no one's was.
Played Play(const Job &job, const grav_run_spec &spec, int gpus,
            const fake_cuda::Fault &fault = {});

// The first call that failed and mattered; calls.size() where there is none. It does not matter
// where a GPU gives back what it has, or clears old errors before it launches.
size_t FirstFailure(const std::vector<fake_cuda::Call> &calls);

} // namespace fake_runs

#endif
