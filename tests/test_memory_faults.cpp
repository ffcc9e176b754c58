// Memory that is missing at any allocation: an error that says so, nothing lost and nothing leaked.
#include "faults.h"
#include "program.h"
#include "support.h"
#include "temporary_folder.h"

#include <cerrno>

namespace {

using faults::AtEveryCall;
using faults::How;
using program::Contains;
using program::Read;
using program::Write;
using support::Digest;
using support::Experiment;
using support::Law;
using support::Result;

// What Jansson 2.14 reads while its memory ends may lack a character: then it says that it is no
// JSON, or our checks that it is no result. That is an error all the same, though another one.
enum class Reads { kNothing, kJson };

// Calls act(&err) with every allocation failing in turn; it frees what it makes. Each is an error
// of memory, or no error where the library can do without.
template <class Act> void ExpectMemoryErrors(const Act &act, Reads reads = Reads::kNothing)
{
    for (How how : {How::kOnce, How::kFromThenOn}) {
        SCOPED_TRACE(how == How::kOnce ? "once" : "from then on");
        grav_status status = GRAV_OK;
        grav_error err = {};
        uint64_t failures = 0;
        act(&err); // what is allocated once and for all
        faults::Allocations allocations;
        AtEveryCall(
            {faults::kMemory, ENOMEM, how}, [&] { err = {}; }, [&] { status = act(&err); },
            [&](bool struck, uint64_t at) {
                SCOPED_TRACE(at);
                failures += status != GRAV_OK;
                EXPECT_STRNE(status == GRAV_OK ? "none" : err.message, "");
                if (status != GRAV_OK && reads == Reads::kNothing) {
                    EXPECT_EQ(status, GRAV_ERROR_MEMORY) << err.message;
                    EXPECT_TRUE(Contains(err.message, "no memory")) << err.message;
                }
                EXPECT_TRUE(struck || status == GRAV_OK) << err.message;
                EXPECT_EQ(allocations.Left(), 0u);
            });
        EXPECT_GT(failures, 0u);
    }
}

// A call that hands out an object: untouched where it fails, and else given to look(), freed after.
template <class T, class Make, class Look, class Free>
void ExpectMade(const Make &make, const Look &look, const Free &destroy,
                Reads reads = Reads::kNothing)
{
    T *const untouched = reinterpret_cast<T *>(&destroy);
    ExpectMemoryErrors(
        [&](grav_error *err) {
            T *out = untouched;
            grav_status status = make(&out, err);
            if (status == GRAV_OK) {
                look(out);
                destroy(out);
            } else {
                EXPECT_EQ(out, untouched);
            }
            return status;
        },
        reads);
}

// A text that is always the same.
template <class Make> void ExpectText(const Make &make)
{
    char *text = nullptr;
    ASSERT_EQ(make(&text, nullptr), GRAV_OK);
    const std::string whole = text;
    free(text);
    ExpectMade<char>(
        make, [&](const char *now) { EXPECT_EQ(now, whole); }, free);
}

grav_run_spec Spec(uint64_t first, uint64_t sessions)
{
    return support::Spec({"auto", GRAV_BACKEND_CPU, GRAV_ISA_AUTO}, 42, first, sessions);
}

class MemoryFaults : public testing::Test {
  protected:
    Result Play(uint64_t first, uint64_t sessions)
    {
        return support::Run(experiment_, Spec(first, sessions));
    }

    std::string Text(const Result &result)
    {
        char *text = nullptr;
        EXPECT_EQ(grav_result_json(result.get(), law_.get(), &text, nullptr), GRAV_OK);
        std::string copy = text;
        free(text);
        return copy;
    }

    // A run: its result, if there is one, is right.
    void ExpectRun(const Experiment &experiment, const grav_run_spec &spec)
    {
        grav_run_spec plain = spec;
        plain.checkpoint = nullptr;
        const std::string digest = Digest(support::Run(experiment, plain));
        ExpectMemoryErrors([&](grav_error *err) {
            grav_result *out = nullptr;
            grav_status status = grav_run(experiment.get(), &spec, &out, err);
            Result result(out);
            EXPECT_EQ(result != nullptr, status == GRAV_OK);
            if (!result)
                return status;
            const grav_error *failure = grav_result_failure(out);
            if (failure) {
                EXPECT_EQ(failure->status, GRAV_ERROR_MEMORY) << failure->message;
            }
            if (support::Summary(result).complete) {
                EXPECT_EQ(Digest(result), digest);
            } else {
                EXPECT_TRUE(failure);
            }
            return GRAV_OK;
        });
    }

    TemporaryFolder folder_;
    Experiment experiment_ = support::MakeExperiment(20, "1/4", 9);
    Law law_ = support::MakeLaw(experiment_);
};

TEST_F(MemoryFaults, AreErrorsOfAnExperiment)
{
    for (const char *die : {"1x1/4,0x3/4", "1..6", "3x0.5,1,2x7"}) {
        grav_experiment_spec spec;
        grav_experiment_spec_init(&spec);
        spec.has_target = false;
        spec.rolls = 10;
        spec.die = die;
        auto make = [&](grav_experiment **out, grav_error *err) {
            return grav_experiment_create(&spec, out, err);
        };
        ExpectMade<grav_experiment>(
            make, [](const grav_experiment *) {}, grav_experiment_destroy);
    }
}

TEST_F(MemoryFaults, AreErrorsOfALaw)
{
    for (const char *die : {"1x1/4,0x3/4", "1..6"})
        for (grav_statistic statistic : {GRAV_STATISTIC_SUM, GRAV_STATISTIC_STREAK}) {
            if (statistic == GRAV_STATISTIC_STREAK && die[1] == '.')
                continue;
            grav_experiment_spec spec;
            grav_experiment_spec_init(&spec);
            spec.has_target = false;
            spec.rolls = 20;
            spec.die = die;
            spec.statistic = statistic;
            Experiment experiment = support::MakeExperiment(spec);
            auto make = [&](grav_law **out, grav_error *err) {
                return grav_law_create(experiment.get(), out, err);
            };
            double mean = grav_law_mean(support::MakeLaw(experiment).get());
            auto look = [&](const grav_law *law) { EXPECT_EQ(grav_law_mean(law), mean); };
            ExpectMade<grav_law>(make, look, grav_law_destroy);
        }
}

TEST_F(MemoryFaults, AreErrorsOfARun)
{
    for (unsigned threads : {1u, 2u})
        for (grav_method method : {GRAV_METHOD_ROLLS, GRAV_METHOD_SCORES}) {
            grav_run_spec spec = Spec(0, 1000);
            spec.threads = threads;
            spec.method = method;
            ExpectRun(experiment_, spec);
        }
}

TEST_F(MemoryFaults, AreErrorsOfAHuntForATarget)
{
    grav_run_spec spec = Spec(0, 1000000);
    spec.threads = 2;
    spec.until_target = true;
    ExpectRun(support::MakeExperiment(231, "1/4", 80), spec);
}

// Neither does a run go on from the one before because memory is missing for the last.
TEST_F(MemoryFaults, LeaveACheckpointAsItIs)
{
    const std::string file = folder_ / "run.checkpoint";
    const std::string good = Text(Play(0, 200)), before = Text(Play(0, 100));
    std::string notices;
    grav_run_spec spec = Spec(0, 300);
    spec.checkpoint = file.c_str();
    spec.notice = [](const char *message, void *data) {
        *static_cast<std::string *>(data) += message;
    };
    spec.data = &notices;
    const std::string digest = Digest(Play(0, 300));
    ExpectMemoryErrors(
        [&](grav_error *err) {
            Write(file, good);
            Write(file + ".prev", before);
            notices.clear();
            grav_result *out = nullptr;
            grav_status status = grav_run(experiment_.get(), &spec, &out, err);
            Result result(out);
            EXPECT_FALSE(Contains(notices, "is of no use")) << notices;
            if (status != GRAV_OK) {
                EXPECT_EQ(Read(file), good);
            } else if (!grav_result_failure(out)) {
                EXPECT_EQ(Digest(result), digest);
            }
            return status;
        },
        Reads::kJson);
}

TEST_F(MemoryFaults, AreErrorsOfReadingAndWriting)
{
    Result result = Play(7, 100);
    const std::string text = Text(result), file = folder_ / "a.json";
    Write(file, text);
    ExpectText([&](char **out, grav_error *err) {
        return grav_result_json(result.get(), law_.get(), out, err);
    });
    auto look = [&](grav_result *again) {
        char digest[GRAV_DIGEST_SIZE];
        grav_result_digest(again, digest);
        EXPECT_EQ(digest, Digest(result));
    };
    ExpectMade<grav_result>(
        [&](grav_result **out, grav_error *err) {
            return grav_result_parse(text.data(), text.size(), out, err);
        },
        look, grav_result_destroy, Reads::kJson);
    ExpectMade<grav_result>(
        [&](grav_result **out, grav_error *err) {
            return grav_result_load(file.c_str(), out, err);
        },
        look, grav_result_destroy, Reads::kJson);
}

TEST_F(MemoryFaults, AreErrorsOfMerging)
{
    Result a = Play(0, 100), b = Play(100, 100);
    const std::string file_a = folder_ / "a.json", file_b = folder_ / "b.json";
    const char *paths[] = {file_a.c_str(), file_b.c_str()};
    Write(file_a, Text(a));
    Write(file_b, Text(b));
    const std::string digest = Digest(Play(0, 200));
    auto look = [&](grav_result *merged) {
        char now[GRAV_DIGEST_SIZE];
        grav_result_digest(merged, now);
        EXPECT_EQ(now, digest);
    };
    ExpectMade<grav_result>(
        [&](grav_result **out, grav_error *err) {
            return grav_result_merge(a.get(), b.get(), out, err);
        },
        look, grav_result_destroy);
    ExpectMade<grav_result>(
        [&](grav_result **out, grav_error *err) {
            return grav_result_merge_files(paths, 2, out, err);
        },
        look, grav_result_destroy, Reads::kJson);
}

TEST_F(MemoryFaults, AreErrorsOfVerifying)
{
    const std::string file = folder_ / "a.json";
    Result result = Play(0, 100);
    Write(file, Text(result));
    ExpectMemoryErrors(
        [&](grav_error *err) {
            return grav_verify_file(file.c_str(), result.get(), law_.get(), err);
        },
        Reads::kJson);
    ExpectMemoryErrors([&](grav_error *err) { return grav_verify_record(result.get(), err); });
    ExpectMemoryErrors([&](grav_error *err) {
        bool stopped;
        grav_run_spec where = Spec(0, 1);
        return grav_verify_full(result.get(), &where, &stopped, err);
    });
}

TEST_F(MemoryFaults, AreErrorsOfOtherTexts)
{
    grav_odds_spec spec;
    grav_odds_spec_init(&spec);
    spec.has_score = true;
    spec.score = 9;
    spec.tries = 3;
    ExpectText([&](char **out, grav_error *err) {
        return grav_odds_json(experiment_.get(), law_.get(), &spec, out, err);
    });
    ExpectText([&](char **out, grav_error *err) { return grav_split_json(0, 10, 3, out, err); });
}

TEST_F(MemoryFaults, AreErrorsOfRareEvents)
{
    auto tilted = [&](grav_tilt **out, grav_error *err) {
        return grav_tilt_create(experiment_.get(), 18, out, err);
    };
    ExpectMade<grav_tilt>(
        tilted, [](const grav_tilt *) {}, grav_tilt_destroy);
    grav_tilt *out = nullptr;
    grav_result *played = nullptr;
    grav_rare rare;
    grav_run_spec spec = Spec(0, 1000);
    ASSERT_EQ(tilted(&out, nullptr), GRAV_OK);
    std::unique_ptr<grav_tilt, decltype(&grav_tilt_destroy)> tilt(out, grav_tilt_destroy);
    ASSERT_EQ(grav_run(grav_tilt_experiment(out), &spec, &played, nullptr), GRAV_OK);
    Result result(played);
    ASSERT_EQ(grav_tilt_estimate(out, played, &rare, nullptr), GRAV_OK);
    ExpectText([&](char **text, grav_error *err) {
        return grav_rare_json(experiment_.get(), tilt.get(), &rare, result.get(), law_.get(), text,
                              err);
    });
}

TEST_F(MemoryFaults, AreErrorsOfReplaying)
{
    ExpectMemoryErrors([&](grav_error *err) {
        grav_draw draw;
        return grav_replay_scores(experiment_.get(), GRAV_ENGINE_PHILOX, 42, 7, &draw, err);
    });
    ExpectMemoryErrors(
        [&](grav_error *err) { return grav_selftest(GRAV_BACKEND_CPU, 0, GRAV_ISA_AUTO, 1, err); });
}

} // namespace
