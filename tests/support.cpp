#include "support.h"

#include "places.h"

#include <cstdlib>
#include <fstream>
#include <sstream>
#include <stdexcept>

namespace support {

namespace {

void Check(grav_status status, const grav_error &err)
{
    if (status != GRAV_OK)
        throw std::runtime_error(err.message);
}

} // namespace

void PrintTo(const Backend &backend, std::ostream *out)
{
    *out << backend.name;
}

std::vector<Backend> Backends()
{
    return {{"portable", GRAV_BACKEND_CPU, GRAV_ISA_PORTABLE},
            {"avx2", GRAV_BACKEND_CPU, GRAV_ISA_AVX2},
            {"avx512", GRAV_BACKEND_CPU, GRAV_ISA_AVX512},
            {"cuda", GRAV_BACKEND_CUDA, GRAV_ISA_AUTO}};
}

std::string BackendName(const testing::TestParamInfo<Backend> &info)
{
    return info.param.name;
}

std::optional<std::string> WhyNot(const Backend &backend)
{
    grav_error err;
    int gpus;
    if (backend.backend == GRAV_BACKEND_CUDA && grav_gpu_count(&gpus, &err) != GRAV_OK)
        return err.message;
    if (backend.backend == GRAV_BACKEND_CPU && !grav_cpu_has(backend.isa))
        return "this CPU does not have it";
    return std::nullopt;
}

Experiment MakeExperiment(uint32_t rolls, const std::string &chance, std::optional<uint64_t> target)
{
    grav_experiment_spec spec;
    grav_experiment_spec_init(&spec);
    spec.rolls = rolls;
    spec.chance = chance.c_str();
    spec.has_target = target.has_value();
    spec.target = target.value_or(0);
    return MakeExperiment(spec);
}

Experiment MakeExperiment(const grav_experiment_spec &spec)
{
    grav_experiment *experiment = nullptr;
    grav_error err;
    Check(grav_experiment_create(&spec, &experiment, &err), err);
    return Experiment(experiment);
}

grav_run_spec Spec(const Backend &backend, uint64_t seed, uint64_t first, uint64_t sessions)
{
    grav_run_spec spec;
    grav_run_spec_init(&spec);
    spec.backend = backend.backend;
    spec.isa = backend.isa;
    spec.seed = seed;
    spec.first = first;
    spec.sessions = sessions;
    return spec;
}

Result Run(const Experiment &experiment, const grav_run_spec &spec)
{
    grav_result *result = nullptr;
    grav_error err;
    Check(grav_run(experiment.get(), &spec, &result, &err), err);
    return Result(result);
}

Result Merge(const Result &a, const Result &b)
{
    grav_result *result = nullptr;
    grav_error err;
    Check(grav_result_merge(a.get(), b.get(), &result, &err), err);
    return Result(result);
}

Law MakeLaw(const Experiment &experiment)
{
    grav_law *law = nullptr;
    grav_error err;
    Check(grav_law_create(experiment.get(), &law, &err), err);
    return Law(law);
}

grav_summary Summary(const Result &result)
{
    grav_summary summary;
    grav_result_summary(result.get(), &summary);
    return summary;
}

std::string Digest(const Result &result)
{
    char digest[GRAV_DIGEST_SIZE];
    grav_result_digest(result.get(), digest);
    return digest;
}

std::vector<uint64_t> Histogram(const Result &result)
{
    uint64_t first;
    size_t length;
    const uint64_t *counts = grav_result_histogram(result.get(), &first, &length);
    std::vector<uint64_t> histogram(first);
    histogram.insert(histogram.end(), counts, counts + length);
    return histogram;
}

std::map<uint64_t, uint64_t> Counts(const Result &result)
{
    uint64_t first;
    size_t length;
    const uint64_t *counts = grav_result_histogram(result.get(), &first, &length);
    std::map<uint64_t, uint64_t> occurred;
    for (size_t i = 0; i < length; i++)
        if (counts[i])
            occurred[first + i] = counts[i];
    return occurred;
}

std::vector<std::pair<uint64_t, uint64_t>> Ranges(const Result &result)
{
    std::vector<std::pair<uint64_t, uint64_t>> ranges;
    uint64_t first, end;
    for (size_t i = 0; grav_result_range(result.get(), i, &first, &end); i++)
        ranges.emplace_back(first, end);
    return ranges;
}

std::vector<std::vector<std::string>> Vectors(const std::string &name)
{
    std::ifstream file(places::TestsFolder() + "/vectors/" + name);
    if (!file)
        throw std::runtime_error("no vectors: " + name);
    std::vector<std::vector<std::string>> rows;
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line.substr(0, line.find('#')));
        std::vector<std::string> row;
        for (std::string word; words >> word;)
            row.push_back(word);
        if (!row.empty())
            rows.push_back(row);
    }
    return rows;
}

void OnBackend::SetUp()
{
    std::optional<std::string> reason = WhyNot(GetParam());
    if (!reason)
        return;
    if (std::getenv("GRAVELER_REQUIRE_GPU"))
        FAIL() << GetParam().name << ": " << *reason;
    GTEST_SKIP() << GetParam().name << " was NOT tested: " << *reason;
}

} // namespace support
