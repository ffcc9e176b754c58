// Who plays: only those with right answers, and where it is asked for two of them every session.
#include "pools.h"
#include "program.h"
#include "support.h"
#include "temporary_folder.h"

#include "experiment.h"
#include "selftest.h"

extern "C" {
#include "worker.h"
}

#include <functional>

// The linker puts this in the place of grav_selftest_once() (--wrap).
extern "C" {
grav_status __real_grav_selftest_once(const grav_selftest_who *who, grav_error *err);
grav_status __wrap_grav_selftest_once(const grav_selftest_who *who, grav_error *err);
}

namespace {

using support::Result;

// ---- Self-tests that fail -----------------------------------------------------------------------

std::set<grav_isa> untrusted;

// Makes the self-test of these isas fail, while it lives.
struct Untrusted {
    explicit Untrusted(std::set<grav_isa> isas)
    {
        untrusted = std::move(isas);
    }
    ~Untrusted()
    {
        untrusted.clear();
    }
};

std::vector<grav_isa> IsasHere()
{
    std::vector<grav_isa> isas;
    for (int isa = GRAV_ISA_AVX512; isa >= GRAV_ISA_PORTABLE; isa--)
        if (grav_cpu_has(static_cast<grav_isa>(isa)))
            isas.push_back(static_cast<grav_isa>(isa));
    return isas;
}

struct Played {
    grav_status status;
    grav_error err = {};
    Result result;
    std::vector<std::string> notices;
};

Played Play(const std::function<void(grav_run_spec *)> &change = {})
{
    Played played;
    grav_result *result = nullptr;
    support::Experiment experiment = support::MakeExperiment(231, "1/4", 177);
    grav_run_spec spec = support::Spec({"cpu", GRAV_BACKEND_CPU, GRAV_ISA_AUTO}, 42, 0, 3000);
    spec.notice = [](const char *message, void *data) {
        static_cast<std::vector<std::string> *>(data)->push_back(message);
    };
    spec.data = &played.notices;
    if (change)
        change(&spec);
    played.status = grav_run(experiment.get(), &spec, &result, &played.err);
    played.result.reset(result);
    return played;
}

std::string WorkerOf(const Played &played)
{
    grav_worker_summary worker;
    EXPECT_TRUE(grav_result_worker(played.result.get(), 0, &worker));
    return worker.text;
}

TEST(Trust, IsaAutoDoesWithoutOnesWithWrongAnswers)
{
    const std::vector<grav_isa> isas = IsasHere();
    const Played trusted = Play();
    EXPECT_TRUE(program::Contains(WorkerOf(trusted), grav_isa_name(isas[0])));
    EXPECT_TRUE(trusted.notices.empty());
    std::set<grav_isa> bad;
    for (size_t i = 0; i + 1 < isas.size(); i++) {
        bad.insert(isas[i]);
        Untrusted fault(bad);
        Played played = Play();
        ASSERT_EQ(played.status, GRAV_OK) << played.err.message;
        EXPECT_TRUE(program::Contains(WorkerOf(played), grav_isa_name(isas[i + 1])));
        EXPECT_EQ(support::Digest(played.result), support::Digest(trusted.result));
        ASSERT_EQ(played.notices.size(), i + 1);
        EXPECT_EQ(played.notices[0],
                  std::string(grav_isa_name(isas[0])) + " is wrong; playing without that isa");
    }
}

TEST(Trust, NothingIsPlayedByWhoHasWrongAnswers)
{
    const std::vector<grav_isa> isas = IsasHere();
    Untrusted fault({isas.begin(), isas.end()});
    Played played = Play();
    EXPECT_EQ(played.status, GRAV_ERROR_MISMATCH);
    EXPECT_EQ(played.notices.size(), isas.size());
    for (grav_isa isa : isas) { // asked for by name
        played = Play([isa](grav_run_spec *spec) { spec->isa = isa; });
        EXPECT_EQ(played.status, GRAV_ERROR_MISMATCH);
        EXPECT_EQ(played.err.message, std::string(grav_isa_name(isa)) + " is wrong");
        EXPECT_TRUE(played.notices.empty());
    }
}

// Tasks of a pool end as errors, too, and none of them stays.
TEST(Trust, NoTaskIsPlayedByWhoHasWrongAnswers)
{
    std::vector<grav_isa> isas = IsasHere();
    Untrusted untrusted_now({isas.begin(), isas.end()});
    pools::Pool pool = pools::MakePool(2);
    pools::Batch batch = pools::MakeBatch(pool);
    support::Experiment experiment = support::MakeExperiment(231, "1/4");
    for (uint64_t i = 0; i < 50; i++)
        pools::Submit(batch, pools::Task(experiment, 1 + 100000 * (i % 2)));
    for (uint64_t i = 0; i < 50; i++) {
        grav_done done;
        ASSERT_EQ(grav_batch_take(batch.get(), -1, &done), GRAV_TAKEN);
        EXPECT_EQ(done.result, nullptr);
        EXPECT_EQ(done.error.status, GRAV_ERROR_MISMATCH);
        EXPECT_TRUE(program::Contains(done.error.message, "wrong")) << done.error.message;
    }
    EXPECT_EQ(pools::Look(batch).failed, 50u);
}

// ---- Two that play the same ---------------------------------------------------------------------

// Scores session s with s mod 7, and `odd` with 6.
struct Fake {
    uint64_t odd = GRAV_NO_SESSION;
    grav_status status = GRAV_OK;
    uint64_t played = 0;
    bool closed = false;
};

grav_status PlayFake(grav_worker *worker, uint64_t first, uint64_t end, grav_tally *tally,
                     grav_error *err)
{
    Fake *fake = static_cast<Fake *>(worker->state);
    if (fake->status != GRAV_OK) {
        *err = {fake->status, "it broke"};
        return fake->status;
    }
    for (uint64_t s = first; s < end; s++) {
        uint64_t score = s == fake->odd ? 6 : s % 7;
        if (tally->length)
            tally->part.counts[score]++;
        grav_part_offer(&tally->part, score, s);
    }
    tally->sessions += end - first;
    fake->played += end - first;
    return GRAV_OK;
}

grav_worker WorkerOf(Fake *fake, grav_isa isa)
{
    grav_worker worker = {};
    worker.play = PlayFake;
    worker.close = [](grav_worker *self) { static_cast<Fake *>(self->state)->closed = true; };
    worker.chunk_min = 1;
    worker.chunk_max = 1000;
    worker.info.backend = GRAV_BACKEND_CPU;
    worker.info.isa = isa;
    worker.info.threads = 2;
    worker.state = fake;
    grav_worker_tell(&worker.info);
    return worker;
}

class Pair : public testing::TestWithParam<size_t> { // length of the histogram, 0 for none
  protected:
    grav_status PlayBoth(uint64_t first, uint64_t end)
    {
        grav_worker a = WorkerOf(&first_, GRAV_ISA_AVX2);
        grav_worker b = WorkerOf(&second_, GRAV_ISA_PORTABLE), pair;
        b.chunk_min = 10;
        b.chunk_max = 500;
        EXPECT_EQ(grav_worker_pair(&a, &b, GetParam(), 100, &pair, nullptr), GRAV_OK);
        EXPECT_EQ(pair.chunk_min, 10u);
        EXPECT_EQ(pair.chunk_max, 500u);
        EXPECT_STREQ(pair.info.text, "CPU, avx2, 2 threads, checked by CPU, portable, 2 threads");
        grav_tally tally;
        EXPECT_EQ(grav_tally_init(&tally, GetParam(), nullptr), GRAV_OK);
        grav_status status = pair.play(&pair, first, end, &tally, &err_);
        if (status == GRAV_OK) {
            EXPECT_EQ(tally.sessions, end - first);
        }
        grav_tally_free(&tally);
        pair.close(&pair);
        EXPECT_TRUE(first_.closed && second_.closed);
        return status;
    }

    Fake first_, second_;
    grav_error err_ = {};
};

TEST_P(Pair, AgreesWhereBothFindTheSame)
{
    EXPECT_EQ(PlayBoth(0, 500), GRAV_OK);
    EXPECT_EQ(first_.played, 500u);
    EXPECT_EQ(second_.played, 500u);
    first_.odd = second_.odd = 3;
    EXPECT_EQ(PlayBoth(0, 500), GRAV_OK);
}

TEST_P(Pair, TellsWhatDiffersAndWhoPlayed)
{
    for (Fake *wrong : {&first_, &second_}) {
        wrong->odd = 3; // the first to score 6: another record
        EXPECT_EQ(PlayBoth(0, 500), GRAV_ERROR_MISMATCH);
        EXPECT_EQ(
            err_.message,
            std::string("sessions 0 to 499, played by CPU, avx2, 2 threads and by CPU, "
                        "portable, 2 threads: the record is 106 in session ") +
                (wrong == &first_ ? "3 against 106 in session 6" : "6 against 106 in session 3"));
        wrong->odd = 8; // the second to score 6: only a histogram tells
        EXPECT_EQ(PlayBoth(0, 500), GetParam() ? GRAV_ERROR_MISMATCH : GRAV_OK);
        if (GetParam()) {
            EXPECT_TRUE(program::Contains(err_.message, wrong == &first_
                                                            ? "71 sessions score 101 against 72"
                                                            : "72 sessions score 101 against 71"))
                << err_.message;
        }
        wrong->odd = GRAV_NO_SESSION;
    }
}

TEST_P(Pair, PassesFailuresOn)
{
    for (Fake *failing : {&first_, &second_}) {
        failing->status = GRAV_ERROR_DEVICE;
        EXPECT_EQ(PlayBoth(0, 500), GRAV_ERROR_DEVICE);
        EXPECT_STREQ(err_.message, "it broke");
        failing->status = GRAV_OK;
    }
}

INSTANTIATE_TEST_SUITE_P(Of, Pair, testing::Values(0, 7));

// ---- Whole runs ---------------------------------------------------------------------------------

TEST(DoubleCheck, FindsWhatARunFinds)
{
    const std::vector<grav_isa> isas = IsasHere();
    const Played once = Play();
    for (grav_isa isa : isas) {
        Played twice = Play([isa](grav_run_spec *spec) {
            spec->double_check = true;
            spec->isa = isa;
        });
        ASSERT_EQ(twice.status, GRAV_OK) << twice.err.message;
        EXPECT_EQ(support::Digest(twice.result), support::Digest(once.result));
        const grav_isa other = isas.size() == 1 ? isa : isa == isas[0] ? isas[1] : isas[0];
        EXPECT_TRUE(program::Contains(WorkerOf(twice), std::string("CPU, ") + grav_isa_name(isa)));
        EXPECT_TRUE(program::Contains(WorkerOf(twice),
                                      std::string("checked by CPU, ") + grav_isa_name(other)));
        EXPECT_EQ(twice.notices.size(), isas.size() == 1 ? 1u : 0u);
    }
}

TEST(DoubleCheck, SaysSoWhereThereIsOneIsaOnly)
{
    std::vector<grav_isa> isas = IsasHere();
    isas.pop_back();
    Untrusted fault({isas.begin(), isas.end()});
    Played played = Play([](grav_run_spec *spec) {
        spec->double_check = true;
        spec->isa = GRAV_ISA_PORTABLE;
    });
    ASSERT_EQ(played.status, GRAV_OK) << played.err.message;
    ASSERT_EQ(played.notices.size(), isas.size() + 1);
    EXPECT_TRUE(program::Contains(played.notices.back(), "there is no second backend or isa here"));
}

// All that is in its result has been found twice.
TEST(DoubleCheck, DoesNotGoOnFromWhatWasPlayedOnce)
{
    TemporaryFolder folder;
    const std::string file = folder / "run.checkpoint";
    auto play = [&](bool twice) {
        return Play([&](grav_run_spec *spec) {
            spec->checkpoint = file.c_str();
            spec->double_check = twice;
        });
    };
    ASSERT_EQ(play(true).status, GRAV_OK);
    EXPECT_EQ(play(true).status, GRAV_OK);
    std::filesystem::remove(file);
    std::filesystem::remove(file + ".prev");
    ASSERT_EQ(play(false).status, GRAV_OK);
    EXPECT_EQ(play(true).status, GRAV_ERROR_INVALID);
}

TEST(DoubleCheck, IsToldInTheResult)
{
    const program::Words words = {"run", "--backend", "cpu", "--sessions", "1e4", "--seed", "42"};
    program::Json once = program::RunJson(words);
    program::Json twice = program::RunJson(program::Joined(words, {"--double-check"}));
    EXPECT_EQ(program::DigestOf(once), program::DigestOf(twice));
    EXPECT_EQ(once["timing"]["workers"][0].Keys().count("checked_by"), 0u);
    EXPECT_TRUE(program::Contains(twice["timing"]["workers"][0]["checked_by"].String(), "CPU, "));
}

} // namespace

grav_status __wrap_grav_selftest_once(const grav_selftest_who *who, grav_error *err)
{
    if (who->backend != GRAV_BACKEND_CPU || !untrusted.count(who->isa))
        return __real_grav_selftest_once(who, err);
    if (err) {
        err->status = GRAV_ERROR_MISMATCH;
        snprintf(err->message, sizeof err->message, "%s is wrong", grav_isa_name(who->isa));
    }
    return GRAV_ERROR_MISMATCH;
}
