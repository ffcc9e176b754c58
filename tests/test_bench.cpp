// The parts of the benchmark harness: its statistics, its tables, and that it measures what it
// says.
#include "support.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <functional>

extern "C" {
#include "ceilings_cpu.h"
#include "measure.h"
#include "paths.h"
#include "table.h"
}

namespace {

// ---- Statistics ---------------------------------------------------------------------------------

TEST(BenchStatistics, AreThoseOfTheSamples)
{
    const double samples[] = {5, 1, 4, 2, 3};
    bench_statistics all = bench_statistics_of(samples, 5);
    EXPECT_EQ(all.min, 1);
    EXPECT_EQ(all.q1, 2);
    EXPECT_EQ(all.median, 3);
    EXPECT_EQ(all.q3, 4);
    EXPECT_DOUBLE_EQ(all.spread, 2.0 / 3);
    EXPECT_EQ(bench_statistics_of(samples, 4).median, 3); // of 1 2 4 5
    bench_statistics one = bench_statistics_of(samples, 1);
    EXPECT_EQ(one.min, 5);
    EXPECT_EQ(one.median, 5);
    EXPECT_EQ(one.spread, 0);
}

struct Subjects {
    bench_subjects all = {};
    ~Subjects()
    {
        bench_subjects_free(&all);
    }
    bench_subject &Add(const std::vector<double> &ns)
    {
        bench_subject subject = bench_subject_make("speed", "run", nullptr);
        std::copy(ns.begin(), ns.end(), subject.ns);
        subject.samples = ns.size();
        int index = bench_subjects_add(&all, &subject);
        return all.items[index];
    }
};

TEST(BenchStatistics, RatiosAreTakenWithinRounds)
{
    Subjects subjects;
    subjects.Add({2, 20, 200}); // each round ten times as noisy
    subjects.Add({1, 10, 25}).yardstick = 0;
    EXPECT_DOUBLE_EQ(bench_ratio(&subjects.all, &subjects.all.items[1]), 2);
    EXPECT_EQ(bench_ratio(&subjects.all, &subjects.all.items[0]), 0);
}

TEST(BenchStatistics, KernelTimeComesFirst)
{
    Subjects subjects;
    bench_subject &gpu = subjects.Add({4, 4});
    EXPECT_EQ(bench_samples(&gpu), gpu.ns);
    gpu.kernel_ns[0] = gpu.kernel_ns[1] = 1;
    EXPECT_EQ(bench_samples(&gpu), gpu.kernel_ns);
}

// ---- Measuring ----------------------------------------------------------------------------------

// Pretends that each time takes this long.
double pretended_s;
uint64_t times_done;

grav_status Pretend(bench_subject *, uint64_t count, bench_slice *slice, grav_error *)
{
    slice->seconds = pretended_s * static_cast<double>(count);
    times_done += count;
    return GRAV_OK;
}

TEST(BenchMeasure, SizesSlicesAndStopsWhereItIsQuiet)
{
    for (double each_s : {1e-9, 1e-4, 0.3}) {
        Subjects subjects;
        bench_subject subject = bench_subject_make("speed", "run", Pretend);
        bench_subjects_add(&subjects.all, &subject);
        bench_limits limits = bench_limits_make(10, 1);
        bench_stop stop = BENCH_INTERRUPTED;
        grav_error err;
        pretended_s = each_s;
        times_done = 0;
        ASSERT_EQ(bench_measure(&subjects.all, &limits, &stop, &err), GRAV_OK);
        const bench_subject &measured = subjects.all.items[0];
        EXPECT_EQ(stop, BENCH_QUIET);
        EXPECT_GE(measured.samples, 3u);
        EXPECT_EQ(measured.played, times_done);
        double slice_s = each_s * static_cast<double>(measured.per_slice);
        EXPECT_GE(slice_s, limits.slice_s);
        EXPECT_LE(slice_s, std::max(each_s, 2 * limits.slice_s));
        EXPECT_NEAR(bench_statistics_of(measured.ns, measured.samples).median, 1e9 * each_s,
                    1e-6 * 1e9 * each_s);
    }
}

grav_status Fail(bench_subject *, uint64_t, bench_slice *, grav_error *err)
{
    err->status = GRAV_ERROR_DEVICE;
    return GRAV_ERROR_DEVICE;
}

TEST(BenchMeasure, PassesFailuresOn)
{
    Subjects subjects;
    bench_subject subject = bench_subject_make("speed", "run", Fail);
    bench_subjects_add(&subjects.all, &subject);
    bench_limits limits = bench_limits_make(1, 1);
    bench_stop stop;
    grav_error err = {};
    EXPECT_EQ(bench_measure(&subjects.all, &limits, &stop, &err), GRAV_ERROR_DEVICE);
    EXPECT_EQ(err.status, GRAV_ERROR_DEVICE);
}

// ---- Paths --------------------------------------------------------------------------------------

class BenchPaths : public testing::Test {
  protected:
    // How many of a path and another with this seed have not the digest they should.
    size_t Mismatches(uint64_t seed)
    {
        support::Experiment experiment = support::MakeExperiment(231, "1/4", 177);
        bench_job job = {experiment.get(), 42};
        bench_settings settings = {};
        settings.common.engine.given = settings.common.keep.given = true;
        settings.common.backend = {true, GRAV_BACKEND_CPU};
        settings.common.threads = {true, 1};
        settings.common.isa = {true, GRAV_ISA_AUTO};
        settings.common.method.given = true;
        Subjects subjects;
        grav_error err;
        size_t mismatches = 99;
        EXPECT_EQ(bench_paths_add(&subjects.all, &job, &settings, &err), GRAV_OK);
        EXPECT_EQ(subjects.all.count, 1u);
        bench_subject other = subjects.all.items[0];
        other.seed = seed;
        bench_subjects_add(&subjects.all, &other);
        EXPECT_EQ(bench_paths_verify(&subjects.all, &mismatches, &err), GRAV_OK);
        return mismatches;
    }
};

TEST_F(BenchPaths, AreVerifiedByTheirDigests)
{
    EXPECT_EQ(Mismatches(42), 0u);
    testing::internal::CaptureStderr();
    EXPECT_EQ(Mismatches(43), 1u);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("MISMATCH"), std::string::npos);
}

// ---- Ceilings -----------------------------------------------------------------------------------

struct Ceiling {
    grav_isa isa;
    bool popcnt;
    ceilings_words_fn *words;
    ceilings_count_fn *count;
};

std::vector<Ceiling> Ceilings()
{
    std::vector<Ceiling> all = {
        {GRAV_ISA_PORTABLE, false, ceilings_words_portable, ceilings_count_portable}};
#ifdef __x86_64__
    all.push_back({GRAV_ISA_AVX2, false, ceilings_words_avx2, ceilings_count_avx2});
    all.push_back({GRAV_ISA_AVX512, false, ceilings_words_avx512, ceilings_count_avx512});
    if (__builtin_cpu_supports("avx512vpopcntdq"))
        all.push_back(
            {GRAV_ISA_AVX512, true, ceilings_words_avx512_popcnt, ceilings_count_avx512_popcnt});
#endif
    all.erase(std::remove_if(all.begin(), all.end(),
                             [](const Ceiling &ceiling) { return !grav_cpu_has(ceiling.isa); }),
              all.end());
    return all;
}

TEST(BenchCeilings, MakeTheWordsOfTheSessions)
{
    const uint64_t first = 4096, sessions = 8192; // two of engine fast's blocks
    std::vector<uint32_t> words(12 * sessions);
    for (int engine = 0; grav_engine_name(engine); engine++) {
        if (!grav_engine_has_seed(static_cast<grav_engine>(engine)))
            continue; // its states are the words
        grav_words_of_sessions(static_cast<grav_engine>(engine), 42, first, first + sessions, 12,
                               words.data());
        uint64_t expected = 0;
        for (uint32_t word : words)
            expected ^= word;
        for (const Ceiling &ceiling : Ceilings())
            EXPECT_EQ(ceiling.words(static_cast<grav_engine>(engine), 42, first, sessions),
                      expected)
                << grav_isa_name(ceiling.isa) << " " << grav_engine_name(engine);
    }
}

TEST(BenchCeilings, CountRollsOfTheFoundingJob)
{
    for (const Ceiling &ceiling : Ceilings()) {
        const uint64_t sessions = 16 * 16; // the table once, or several times over
        double mean = static_cast<double>(ceiling.count(sessions)) / static_cast<double>(sessions);
        EXPECT_NEAR(231 - mean, 57.75, 5 * 6.5812 / std::sqrt(16)) << grav_isa_name(ceiling.isa);
        EXPECT_EQ(ceiling.count(2 * sessions), 2 * ceiling.count(sessions));
    }
}

// ---- Tables -------------------------------------------------------------------------------------

std::string Table(table_format format)
{
    static const char *const headings[] = {"what", "empty", ">number", nullptr};
    char *text = nullptr;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    bench_table table;
    EXPECT_TRUE(table_start(&table, headings));
    for (int i : {1, 10000000}) {
        table_add(&table, "row");
        table_add(&table, "%s", "");
        table_add(&table, "%d", i);
    }
    table_end(&table, format, out);
    fclose(out);
    std::string all(text);
    free(text);
    return all;
}

TEST(BenchTables, AlignColumnsAndLeaveEmptyOnesOut)
{
    EXPECT_EQ(Table(TABLE_TEXT), "what    number\n"
                                 "row          1\n"
                                 "row   10000000\n");
    EXPECT_EQ(Table(TABLE_MARKDOWN), "| what |   number |\n"
                                     "|---|---:|\n"
                                     "| row  |        1 |\n"
                                     "| row  | 10000000 |\n");
}

} // namespace
