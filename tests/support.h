// What the tests share: backends to run on, and owners for the library's objects.
#ifndef GRAV_TESTS_SUPPORT_H
#define GRAV_TESTS_SUPPORT_H

#include <cstdint>
#include <functional>
#include <graveler.h>
#include <gtest/gtest.h>
#include <map>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <vector>

namespace support {

template <auto destroy> struct Destroyer {
    template <class T> void operator()(T *object) const
    {
        destroy(object);
    }
};
using Experiment = std::unique_ptr<grav_experiment, Destroyer<grav_experiment_destroy>>;
using Result = std::unique_ptr<grav_result, Destroyer<grav_result_destroy>>;
using Law = std::unique_ptr<grav_law, Destroyer<grav_law_destroy>>;

// One way to play. Every test of playing runs on each of them.
struct Backend {
    std::string name; // "portable", "cuda"
    grav_backend backend;
    grav_isa isa;
};
void PrintTo(const Backend &backend, std::ostream *out);

// All there are, whether or not this machine can run them.
std::vector<Backend> Backends();
std::string BackendName(const testing::TestParamInfo<Backend> &info);

// Why this machine cannot play on backend; nothing if it can.
std::optional<std::string> WhyNot(const Backend &backend);

// Each of these fails the test (throws) where the library refuses.
Experiment MakeExperiment(uint32_t rolls, const std::string &chance,
                          std::optional<uint64_t> target = std::nullopt);
Experiment MakeExperiment(const grav_experiment_spec &spec);
grav_run_spec Spec(const Backend &backend, uint64_t seed, uint64_t first, uint64_t sessions);
Result Run(const Experiment &experiment, const grav_run_spec &spec);
Result Merge(const Result &a, const Result &b);
Law MakeLaw(const Experiment &experiment);
grav_summary Summary(const Result &result);
std::string Digest(const Result &result);
std::vector<uint64_t> Histogram(const Result &result); // index: score
// Sessions by score, of scores that occurred.
std::map<uint64_t, uint64_t> Counts(const Result &result);
std::vector<std::pair<uint64_t, uint64_t>> Ranges(const Result &result);

// The lines of tests/vectors/name without comments and blank lines, split at blanks.
std::vector<std::vector<std::string>> Vectors(const std::string &name);

// Runs on every backend. Without what a backend needs its tests are skipped aloud, or fail where
// GRAVELER_REQUIRE_GPU is set.
class OnBackend : public testing::TestWithParam<Backend> {
  protected:
    void SetUp() override;
};
#define GRAV_ON_EVERY_BACKEND(suite)                                                               \
    INSTANTIATE_TEST_SUITE_P(On, suite, testing::ValuesIn(support::Backends()),                    \
                             support::BackendName)

} // namespace support

#endif
