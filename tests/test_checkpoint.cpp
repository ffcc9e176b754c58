// Checkpoints: a run that was cut off goes on from where it was, whatever happened to the files.
#include "playing.h"
#include "program.h"
#include "sealed.h"
#include "temporary_folder.h"

#include <csignal>
#include <thread>
#include <unistd.h>

namespace {

using namespace program;
using playing::Portable;
using support::Backend;
using support::Digest;
using support::Experiment;
using support::MakeExperiment;
using support::Result;

// Stops a run when told for the second time.
bool StopSoon(const grav_progress *progress, void *data)
{
    (void)progress;
    return ++*static_cast<int *>(data) >= 2;
}

class Checkpoint : public testing::Test {
  protected:
    // Plays a part of the sessions; notices go to notices_.
    Result Begin(grav_run_spec spec, const Experiment &experiment)
    {
        int calls = 0;
        spec.checkpoint = file_.c_str();
        spec.progress = StopSoon;
        spec.data = &calls;
        return support::Run(experiment, spec);
    }

    grav_status GoOn(grav_run_spec spec, const Experiment &experiment, Result *out)
    {
        grav_result *result = nullptr;
        spec.checkpoint = file_.c_str();
        spec.notice = [](const char *message, void *data) {
            *static_cast<std::string *>(data) += std::string(message) + "\n";
        };
        spec.data = &notices_;
        notices_.clear();
        grav_status status = grav_run(experiment.get(), &spec, &result, &err_);
        out->reset(result);
        return status;
    }

    // Two checkpoints of the first sessions, one after the other.
    void WriteTwo(const Experiment &experiment, grav_run_spec spec)
    {
        Result ignored;
        spec.sessions = 50;
        ASSERT_EQ(GoOn(spec, experiment, &ignored), GRAV_OK) << err_.message;
        spec.sessions = 100;
        ASSERT_EQ(GoOn(spec, experiment, &ignored), GRAV_OK) << err_.message;
    }

    TemporaryFolder folder_;
    std::string file_ = folder_ / "run.checkpoint";
    std::string notices_;
    grav_error err_ = {};
};

TEST_F(Checkpoint, IsGoneOnFromOnAnyBackend)
{
    Experiment experiment = MakeExperiment(231, "1/4");
    std::vector<Backend> backends;
    for (const Backend &backend : support::Backends())
        if (!support::WhyNot(backend))
            backends.push_back(backend);
    for (grav_keep keep : playing::kKeeps)
        for (size_t i = 0; i < backends.size(); i++) {
            grav_run_spec spec = support::Spec(backends[i], 42, 1000, uint64_t{1} << 60);
            spec.keep = keep;
            if (spec.backend == GRAV_BACKEND_CPU)
                spec.threads = 2;
            Result begun = Begin(spec, experiment);
            uint64_t played = support::Summary(begun).sessions;
            ASSERT_GT(played, 0u);
            grav_run_spec rest =
                support::Spec(backends[backends.size() - 1 - i], 42, 1000, played + 1234567);
            rest.keep = keep;
            if (rest.backend == GRAV_BACKEND_CPU)
                rest.threads = 1;
            Result all;
            ASSERT_EQ(GoOn(rest, experiment, &all), GRAV_OK) << err_.message;
            EXPECT_TRUE(support::Summary(all).complete);
            EXPECT_EQ(notices_, "");
            EXPECT_EQ(Digest(all), Digest(support::Run(experiment, rest)));
            // What is finished is not played again.
            Result again;
            ASSERT_EQ(GoOn(rest, experiment, &again), GRAV_OK) << err_.message;
            EXPECT_EQ(Digest(again), Digest(all));
            EXPECT_EQ(Listing(folder_.Path()),
                      (std::set<std::string>{"run.checkpoint", "run.checkpoint.prev"}));
            std::filesystem::remove(file_);
            std::filesystem::remove(file_ + ".prev");
        }
}

TEST_F(Checkpoint, OfAHuntForATargetIsGoneOnFrom)
{
    // Far enough to be stopped on the way, and no further.
    grav_run_spec spec = support::Spec(Portable(), 42, 0, uint64_t{1} << 60);
    spec.isa = GRAV_ISA_AUTO;
    grav_run_spec some = spec;
    some.sessions = 1000000;
    grav_timing timing;
    grav_result_timing(support::Run(MakeExperiment(231, "1/4"), some).get(), &timing);
    Experiment experiment = MakeExperiment(231, "1/4", timing.sessions_per_s > 3e7 ? 95 : 91);
    for (grav_keep keep : playing::kKeeps) {
        spec.keep = keep;
        spec.until_target = true;
        Result whole = support::Run(experiment, spec);
        ASSERT_TRUE(support::Summary(whole).complete);
        Result found;
        for (int i = 0; i < 200 && !(found && support::Summary(found).complete); i++)
            found = Begin(spec, experiment);
        EXPECT_EQ(Digest(found), Digest(whole));
        Result again;
        ASSERT_EQ(GoOn(spec, experiment, &again), GRAV_OK) << err_.message;
        EXPECT_EQ(Digest(again), Digest(whole));
        EXPECT_TRUE(support::Summary(again).complete);
        spec.until_target = false;
        EXPECT_EQ(GoOn(spec, experiment, &again), GRAV_ERROR_INVALID);
        EXPECT_TRUE(Contains(err_.message, "ends at the target")) << err_.message;
        std::filesystem::remove(file_);
        std::filesystem::remove(file_ + ".prev");
    }
}

TEST_F(Checkpoint, FillsTheHolesOfOthers)
{
    Experiment experiment = MakeExperiment(231, "1/4");
    grav_run_spec spec = support::Spec(Portable(), 42, 0, 1000);
    auto part = [&](uint64_t first, uint64_t sessions) {
        grav_run_spec of = spec;
        of.first = first;
        of.sessions = sessions;
        return support::Run(experiment, of);
    };
    Result holes = support::Merge(support::Merge(part(10, 1), part(900, 100)), part(500, 37));
    char *text = nullptr;
    ASSERT_EQ(grav_result_json(holes.get(), nullptr, &text, nullptr), GRAV_OK);
    Write(file_, text);
    free(text);
    Result all;
    ASSERT_EQ(GoOn(spec, experiment, &all), GRAV_OK) << err_.message;
    EXPECT_EQ(Digest(all), Digest(support::Run(experiment, spec)));
}

TEST_F(Checkpoint, OfAnotherRunIsRefusedAndKept)
{
    Experiment experiment = MakeExperiment(231, "1/4", 177);
    grav_run_spec spec = support::Spec(Portable(), 42, 0, 100);
    WriteTwo(experiment, spec);
    const std::string before = Read(file_);
    auto refused = [&](const grav_run_spec &other, const Experiment &of, const std::string &why) {
        Result out;
        EXPECT_EQ(GoOn(other, of, &out), GRAV_ERROR_INVALID) << why;
        EXPECT_TRUE(Contains(err_.message, why)) << err_.message;
        EXPECT_TRUE(Contains(err_.message, file_)) << err_.message;
        EXPECT_EQ(Read(file_), before);
    };
    grav_run_spec other = spec;
    other.seed = 43;
    refused(other, experiment, "of seed 42, not 43");
    other = spec;
    other.method = GRAV_METHOD_SCORES;
    refused(other, experiment, "of method rolls, not scores");
    other = spec;
    other.engine = GRAV_ENGINE_FAST;
    refused(other, experiment, "of engine philox, not fast");
    other = spec;
    other.keep = GRAV_KEEP_MAX;
    refused(other, experiment, "of keep histogram, not max");
    refused(spec, MakeExperiment(230, "1/4", 177), "of 231 rolls, not 230");
    refused(spec, MakeExperiment(231, "1/4"), "of target 177, not no target");
    other = spec;
    other.sessions = 99;
    refused(other, experiment, "has sessions [0, 100), beyond this run's [0, 99)");
    other = spec;
    other.first = 1;
    refused(other, experiment, "beyond this run's [1, 101)");
}

TEST_F(Checkpoint, ThatIsDamagedIsMadeUpForByTheOneBefore)
{
    Experiment experiment = MakeExperiment(231, "1/4", 177);
    grav_run_spec spec = support::Spec(Portable(), 42, 0, 100);
    WriteTwo(experiment, spec);
    const std::string whole = Read(file_), previous = Read(file_ + ".prev");
    const std::string digest = Digest(support::Run(experiment, spec));
    std::vector<std::string> damaged = {"", "x"};
    playing::Random random(5);
    for (size_t i = 0; i < whole.size(); i++) {
        damaged.push_back(whole);
        damaged.back()[i] ^= static_cast<char>(1 << playing::Below(random, 8));
        damaged.push_back(whole.substr(0, i));
    }
    Write(file_ + ".prev", previous);
    grav_result *before = nullptr;
    ASSERT_EQ(grav_result_load((file_ + ".prev").c_str(), &before, &err_), GRAV_OK);
    Result held(before);
    for (size_t i = 0; i < damaged.size(); i++) {
        grav_result *loaded = nullptr;
        grav_error told = {};
        Write(file_, damaged[i]);
        ASSERT_EQ(grav_checkpoint_load(file_.c_str(), &loaded, &told, &err_), GRAV_OK)
            << err_.message << "\n"
            << damaged[i];
        Result out(loaded);
        ASSERT_EQ(Digest(out), Digest(held)) << damaged[i];
        ASSERT_TRUE(Contains(told.message, "going on from '" + file_ + ".prev'")) << told.message;
        if (i % 50) // whole runs wait for the disk
            continue;
        ASSERT_EQ(GoOn(spec, experiment, &out), GRAV_OK) << err_.message << "\n" << damaged[i];
        ASSERT_EQ(Digest(out), digest) << damaged[i];
        EXPECT_TRUE(Contains(notices_, "going on from '" + file_ + ".prev'")) << notices_;
        EXPECT_EQ(Read(file_ + ".prev"), previous) << "the damaged one has not taken its place";
    }
}

TEST_F(Checkpoint, ThatIsGoneIsMadeUpForByTheOneBefore)
{
    Experiment experiment = MakeExperiment(231, "1/4", 177);
    grav_run_spec spec = support::Spec(Portable(), 42, 0, 100);
    WriteTwo(experiment, spec);
    std::filesystem::remove(file_);
    Result out;
    ASSERT_EQ(GoOn(spec, experiment, &out), GRAV_OK) << err_.message;
    EXPECT_TRUE(Contains(notices_, ".prev'")) << notices_;
    EXPECT_EQ(Digest(out), Digest(support::Run(experiment, spec)));
}

TEST_F(Checkpoint, IsAnErrorWhereBothAreDamaged)
{
    Experiment experiment = MakeExperiment(231, "1/4", 177);
    grav_run_spec spec = support::Spec(Portable(), 42, 0, 100);
    WriteTwo(experiment, spec);
    Write(file_, Read(file_) + " ");
    Write(file_ + ".prev", "nonsense");
    Result out;
    EXPECT_EQ(GoOn(spec, experiment, &out), GRAV_ERROR_MISMATCH);
    EXPECT_TRUE(Contains(err_.message, ".prev")) << err_.message;
    EXPECT_EQ(Read(file_ + ".prev"), "nonsense");
}

// It is whole: another program may know what to do with it, and the one before must not hide it.
TEST_F(Checkpoint, OfAnUnknownVersionIsRefused)
{
    Experiment experiment = MakeExperiment(231, "1/4", 177);
    grav_run_spec spec = support::Spec(Portable(), 42, 0, 100);
    WriteTwo(experiment, spec);
    const std::string newer =
        sealed::Sealed(sealed::Replaced(Read(file_), "\"version\": 1", "\"version\": 2"));
    Write(file_, newer);
    Result out;
    EXPECT_EQ(GoOn(spec, experiment, &out), GRAV_ERROR_INVALID);
    EXPECT_TRUE(Contains(err_.message, "version 2")) << err_.message;
    EXPECT_TRUE(Contains(err_.message, file_)) << err_.message;
    EXPECT_EQ(Read(file_), newer);
}

// Of a run until the target only what lies before the target is one to go on from.
TEST_F(Checkpoint, WithHolesIsNoneToHuntFrom)
{
    Experiment experiment = MakeExperiment(231, "1/4", 120);
    grav_run_spec spec = support::Spec(Portable(), 42, 0, 100);
    spec.until_target = true;
    grav_run_spec later = spec;
    later.first = 200;
    for (bool hole : {true, false}) {
        Result part = support::Run(experiment, later);
        if (hole)
            part = support::Merge(part, support::Run(experiment, spec));
        char *text = nullptr;
        ASSERT_EQ(grav_result_json(part.get(), nullptr, &text, nullptr), GRAV_OK);
        Write(file_, text);
        free(text);
        grav_run_spec all = spec;
        all.sessions = 1000;
        Result out;
        EXPECT_EQ(GoOn(all, experiment, &out), GRAV_ERROR_INVALID);
        EXPECT_TRUE(Contains(err_.message, "does not hold the sessions from 0")) << err_.message;
    }
}

TEST_F(Checkpoint, ByALinkIsThatOfTheFile)
{
    Experiment experiment = MakeExperiment(231, "1/4", 177);
    grav_run_spec spec = support::Spec(Portable(), 42, 0, 100);
    std::filesystem::create_directory(folder_ / "real");
    std::string real = folder_ / "real/run.checkpoint";
    std::filesystem::create_symlink(real, file_);
    WriteTwo(experiment, spec);
    EXPECT_TRUE(std::filesystem::is_symlink(file_));
    EXPECT_EQ(Listing(folder_ / "real"),
              (std::set<std::string>{"run.checkpoint", "run.checkpoint.prev"}));
    Write(real, "nonsense");
    Result out;
    ASSERT_EQ(GoOn(spec, experiment, &out), GRAV_OK) << err_.message;
    EXPECT_TRUE(Contains(notices_, ".prev")) << notices_;
    EXPECT_EQ(Digest(out), Digest(support::Run(experiment, spec)));
}

TEST_F(Checkpoint, WantsAFile)
{
    Experiment experiment = MakeExperiment(231, "1/4", 177);
    grav_run_spec spec = support::Spec(Portable(), 42, 0, 100);
    for (const char *path : {"/dev/null", "/", "", "/nowhere/run.checkpoint"}) {
        file_ = path;
        Result out;
        EXPECT_NE(GoOn(spec, experiment, &out), GRAV_OK) << path;
        EXPECT_NE(err_.message[0], 0) << path;
    }
}

// ---- The program --------------------------------------------------------------------------------

Words Job(const std::string &file, const std::string &sessions, const Words &more = {})
{
    return Joined({"run", "--backend", "cpu", "--seed", "42", "--sessions", sessions,
                   "--checkpoint", file, "--every", "100ms"},
                  more);
}

TEST_F(Checkpoint, BelongsToOneProcess)
{
    Process first(Graveler(Job(file_, kEndless, {"--progress", "always"})));
    ASSERT_TRUE(first.WaitUntil(
        [](const Outcome &so_far) { return Contains(so_far.err + so_far.out, "best"); }));
    Outcome second = RunProgram(Job(file_, kEndless));
    EXPECT_EQ(second.code, 2);
    EXPECT_TRUE(Contains(second.err, "is in use by process ")) << second.err;
    first.Send(SIGINT);
    Outcome end = first.Wait();
    EXPECT_EQ(end.code, 3) << Describe(end);
    EXPECT_TRUE(
        Contains(end.err, "\ngraveler run: go on with: graveler run --backend cpu --seed 42"))
        << end.err;
    EXPECT_FALSE(std::filesystem::exists(file_ + ".lock"));
}

TEST_F(Checkpoint, EndsInTimeAndKnowsTheSeed)
{
    Outcome begun = RunProgram({"run", "--backend", "cpu", "--sessions", kEndless, "--max-time",
                                "0.3s", "--checkpoint", file_, "--quiet"});
    EXPECT_EQ(begun.code, 3) << Describe(begun);
    EXPECT_LT(begun.seconds, 20);
    Json before(Read(file_));
    Outcome more = RunProgram({"run", "--backend", "cpu", "--sessions", kEndless, "--max-time",
                               "0.3s", "--checkpoint", file_, "--quiet"});
    EXPECT_EQ(more.code, 3) << Describe(more);
    Json after(Read(file_));
    EXPECT_EQ(after["run"]["seed"].String(), before["run"]["seed"].String());
    EXPECT_GT(after["result"]["sessions"].Integer(), before["result"]["sessions"].Integer());
    EXPECT_EQ(after["run"]["asked"][1].Integer(), 1000000000000000u);
}

// A worker that goes on adds to the time that it had taken when the run was killed.
TEST_F(Checkpoint, KeepsHowLongWorkersTook)
{
    Process program(Graveler(Job(file_, kEndless, {"--quiet", "--threads", "1"})));
    ASSERT_TRUE(program.WaitUntil(
        [this](const Outcome &) { return std::filesystem::exists(file_ + ".prev"); }));
    program.Send(SIGKILL);
    program.Wait();
    if (!std::filesystem::exists(file_)) // killed between two names
        std::filesystem::rename(file_ + ".prev", file_);
    const Json before(Read(file_));
    const uint64_t played = before["run"]["ranges"][0][1].Integer();
    const double busy_s = before["timing"]["workers"][0]["busy_s"].Number();
    EXPECT_GT(busy_s, 0);
    EXPECT_LE(busy_s, before["timing"]["play_s"].Number());
    // So little more that it takes far less time.
    Outcome rest = RunProgram(Job(file_, std::to_string(played + 1), {"--threads", "1"}));
    EXPECT_EQ(rest.code, 0) << Describe(rest);
    const Json after(Read(file_));
    ASSERT_EQ(after["timing"]["workers"].Size(), 1u);
    EXPECT_GT(after["timing"]["workers"][0]["busy_s"].Number(), busy_s);
}

// Kills a run again and again, at moments that include those of writing, until it is through.
// Returns how often.
int KillAndGoOn(const std::string &file, const std::string &sessions, unsigned seed)
{
    playing::Random random(seed);
    for (int kills = 0;; kills++) {
        Process program(Graveler(Job(file, sessions, {"--quiet", "--threads", "1"})));
        std::this_thread::sleep_for(
            std::chrono::microseconds(50000 + playing::Below(random, 250000)));
        program.Send(SIGKILL);
        Outcome outcome = program.Wait();
        if (outcome.signal == 0) {
            EXPECT_EQ(outcome.code, 0) << Describe(outcome);
            return kills;
        }
    }
}

void ExpectKilledRunsToEnd(const std::string &file, const std::string &sessions, int wanted)
{
    const std::string digest =
        DigestOf(RunJson({"run", "--backend", "cpu", "--seed", "42", "--sessions", sessions}));
    unsigned round = 0;
    for (int kills = 0; kills < wanted && round < 1000; round++) {
        kills += KillAndGoOn(file, sessions, round);
        EXPECT_EQ(DigestOf(Json(Read(file))), digest);
        std::filesystem::remove(file);
        std::filesystem::remove(file + ".prev");
    }
}

// As many sessions as one thread plays in about so many seconds: far fewer with sanitizers.
std::string SessionsOf(double seconds)
{
    Json json =
        RunJson({"run", "--backend", "cpu", "--seed", "42", "--threads", "1", "--sessions", "1e6"});
    return std::to_string(
        static_cast<uint64_t>(seconds * json["timing"]["sessions_per_s"].Number()));
}

TEST_F(Checkpoint, SurvivesKills)
{
    ExpectKilledRunsToEnd(file_, SessionsOf(0.7), 5);
}

class SlowCheckpoint : public Checkpoint {};

TEST_F(SlowCheckpoint, Survives200Kills)
{
    ExpectKilledRunsToEnd(file_, SessionsOf(1.5), 200);
}

} // namespace
