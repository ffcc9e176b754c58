#include "huge.h"

#include "fake_workers.h"
#include "selftest.h"

#include <algorithm>
#include <boost/multiprecision/cpp_bin_float.hpp>
#include <chrono>
#include <cstring>
#include <thread>

namespace huge {

using boost::multiprecision::cpp_int;
using Real = boost::multiprecision::cpp_bin_float_100;
using support::Experiment;
using support::Law;
using support::Ranges;
using support::Result;
using support::Summary;

// ---- The worker ---------------------------------------------------------------------------------

uint64_t Fake::Before(uint64_t end, uint64_t score) const
{
    auto seventh = [score](uint64_t x) { return x / kScores + (x % kScores > score); };
    const uint64_t zero = std::min(zeros, end);
    return seventh(end) - seventh(zero) + (score ? 0 : zero);
}

uint64_t Fake::Count(uint64_t first, uint64_t end, uint64_t score) const
{
    return Before(end, score) - Before(first, score);
}

uint64_t Fake::Next(uint64_t first, uint64_t score) const
{
    const uint64_t from = std::max(first, zeros);
    return from + (score + kScores - from % kScores) % kScores;
}

namespace {

grav_status Play(grav_worker *worker, uint64_t first, uint64_t end, grav_tally *tally,
                 grav_error *err)
{
    Fake *fake = static_cast<Fake *>(worker->state);
    const int chunk = fake->chunks++;
    if (chunk == fake->fails_at || chunk == 5000) { // as many as that are for ever
        *err = {GRAV_ERROR_DEVICE, "it broke"};
        return err->status;
    }
    if (chunk == fake->naps_at)
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
    for (uint64_t score = 0; score < kScores; score++) {
        if (tally->length)
            tally->part.counts[score] += fake->Count(first, end, score);
        if (score && fake->Next(first, score) < end)
            grav_part_offer(&tally->part, score, fake->Next(first, score));
    }
    if (tally->part.max_session == GRAV_NO_SESSION)
        grav_part_offer(&tally->part, 0, first);
    tally->sessions += end - first;
    return GRAV_OK;
}

} // namespace

grav_worker WorkerOf(Fake *fake)
{
    grav_worker worker = {};
    worker.play = Play;
    worker.close = [](grav_worker *) {};
    worker.chunk_min = 1;
    worker.chunk_max = kEnd;
    worker.info.isa = GRAV_ISA_PORTABLE;
    worker.info.backend = GRAV_BACKEND_CPU;
    worker.info.threads = 1;
    worker.state = fake;
    grav_worker_tell(&worker.info);
    return worker;
}

InPlace::InPlace()
{
    const grav_selftest_who who = {GRAV_BACKEND_CPU, 0, GRAV_ISA_PORTABLE, 1};
    EXPECT_EQ(grav_selftest_once(&who, nullptr), GRAV_OK);
    fake_workers::OpenInstead([this] { return WorkerOf(this); });
}

InPlace::~InPlace()
{
    fake_workers::OpenInstead(nullptr);
}

// ---- Runs ---------------------------------------------------------------------------------------

Experiment Die(uint64_t target)
{
    grav_experiment_spec spec;
    grav_experiment_spec_init(&spec);
    spec.rolls = 1;
    spec.die = "1..7";
    spec.target = target;
    return support::MakeExperiment(spec);
}

grav_run_spec Spec(uint64_t first, uint64_t sessions)
{
    return support::Spec({"portable", GRAV_BACKEND_CPU, GRAV_ISA_PORTABLE}, 42, first, sessions);
}

Result Played(uint64_t first, uint64_t sessions)
{
    return support::Run(Die(), Spec(first, sessions));
}

std::string Text(const Result &result, const Law &law)
{
    char *text = nullptr;
    EXPECT_EQ(grav_result_json(result.get(), law.get(), &text, nullptr), GRAV_OK);
    std::string copy = text;
    free(text);
    return copy;
}

Result Parse(const std::string &text)
{
    grav_result *result = nullptr;
    grav_error err = {};
    EXPECT_EQ(grav_result_parse(text.data(), text.size(), &result, &err), GRAV_OK) << err.message;
    return Result(result);
}

std::string InJson(uint64_t count)
{
    return count == kEnd ? "9.2233720368547758e18" : std::to_string(count);
}

void ExpectPlayed(const Result &result, const Fake &fake, uint64_t first, uint64_t end)
{
    const grav_summary summary = Summary(result);
    EXPECT_EQ(Ranges(result), (std::vector<std::pair<uint64_t, uint64_t>>{{first, end}}));
    EXPECT_EQ(summary.sessions, end - first);
    EXPECT_EQ(summary.min_score, 1u);
    EXPECT_EQ(summary.max_score, kScores);
    EXPECT_EQ(summary.max_session, fake.Next(first, 6));
    EXPECT_EQ(summary.hits, fake.Count(first, end, 6));
    const std::vector<uint64_t> histogram = support::Histogram(result);
    cpp_int sum = 0, squares = 0, below = 0;
    uint64_t quartiles[3] = {};
    for (uint64_t score = 1; score <= kScores; score++) {
        const uint64_t count = fake.Count(first, end, score - 1);
        EXPECT_EQ(histogram[score], count) << score;
        below += count;
        sum += cpp_int(count) * score;
        squares += cpp_int(count) * score * score;
        for (int i = 0; i < 3; i++)
            if (!quartiles[i] && below * 4 >= cpp_int(end - first) * (i + 1))
                quartiles[i] = score;
    }
    const Real sessions(end - first), mean = Real(sum) / sessions;
    EXPECT_EQ(summary.mean, mean.convert_to<double>());
    EXPECT_EQ(summary.sd, Real(sqrt(Real(squares) / sessions - mean * mean)).convert_to<double>());
    for (int i = 0; i < 3; i++)
        EXPECT_EQ(summary.quartiles[i], quartiles[i]) << i;
}

} // namespace huge
