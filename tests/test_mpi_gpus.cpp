// Ranks and GPUs, on GPUs that are none (fake_cuda.h): who plays on which, and what becomes of a
// rank whose GPU fails.
#include "mpi.h"
#include "temporary_folder.h"

namespace {

using namespace program;

// Long enough for all ranks to be there before it is over.
const Words kRun = {"run",        "--seed", "42",       "--rolls", "1000",
                    "--sessions", "1e7",    "--chance", "1/2",     "--json"};

// The ranks of one machine with so many GPUs.
Outcome Play(int ranks, int gpus, const Words &more = {},
             const std::map<std::string, std::string> &environment = {})
{
    process::Command command = mpi::Ranks(mpi::All()[0], ranks, Joined(kRun, more));
    command.environment["FAKE_CUDA_GPUS"] = std::to_string(gpus);
    for (const auto &[name, value] : environment)
        command.environment[name] = value;
    return process::Run(command);
}

const std::string &DigestAlone()
{
    static const std::string digest =
        DigestOf(Json(RunProgram(Joined(kRun, {"--backend", "cpu"})).out));
    return digest;
}

// What is told of who plays, in ranks' order.
std::string WhoPlays(const Outcome &outcome)
{
    std::string who;
    const Json workers = Json(outcome.out)["timing"]["workers"];
    for (size_t i = 0; i < workers.Size(); i++)
        who += std::to_string(workers[i]["rank"].Integer()) +
               (workers[i]["backend"].String() == "cpu"
                    ? ":cpu "
                    : ":" + std::to_string(workers[i]["device"].Integer()) + " ");
    return who;
}

TEST(MpiGpus, AreSharedOutAmongTheRanksOfAMachine)
{
    const struct {
        int ranks, gpus;
        Words more;
        std::string who;
    } cases[] = {
        {1, 2, {}, "0:0 0:1 "},
        {2, 2, {}, "0:0 1:1 "},
        {2, 5, {}, "0:0 0:2 0:4 1:1 1:3 "},
        {2, 4, {"--devices", "3,1"}, "0:3 1:1 "},
        {2, 2, {"--backend", "all", "--threads", "1"}, "0:0 0:cpu 1:1 1:cpu "},
        {2, 0, {}, "0:cpu 1:cpu "},
    };
    for (const auto &one : cases) {
        SCOPED_TRACE(one.who);
        Outcome outcome = Play(one.ranks, one.gpus, one.more);
        ASSERT_EQ(outcome.code, 0) << Describe(outcome);
        EXPECT_EQ(WhoPlays(outcome), one.who);
        EXPECT_EQ(DigestOf(Json(outcome.out)), DigestAlone());
        EXPECT_FALSE(Contains(outcome.err, "share one GPU")) << outcome.err;
    }
}

TEST(MpiGpus, ThatRanksShareAreWarnedAbout)
{
    Outcome outcome = Play(3, 2);
    ASSERT_EQ(outcome.code, 0) << Describe(outcome);
    EXPECT_EQ(WhoPlays(outcome), "0:0 1:1 2:0 ");
    EXPECT_TRUE(Contains(outcome.err, "ranks 0 and 2 on ")) << outcome.err;
    EXPECT_EQ(outcome.err.find("share one GPU"), outcome.err.rfind("share one GPU")) << outcome.err;
}

// Every rank's GPU fails from a call on: where the choice is ours the CPUs play what they leave.
TEST(MpiGpus, ThatFailAreDoneWithout)
{
    for (const char *at : {"30", "60", "90", "150", "400"}) {
        SCOPED_TRACE(at);
        Outcome outcome = Play(2, 2, {"--backend", "all"}, {{"FAKE_CUDA_FAILS_AT", at}});
        ASSERT_EQ(outcome.code, 0) << Describe(outcome);
        EXPECT_EQ(DigestOf(Json(outcome.out)), DigestAlone());
    }
}

// Two ranks of a GPU each, of which the second fails from its call number `at` on.
Outcome PlayWithFault(int at)
{
    const mpi::Mpi mpi = mpi::All()[0];
    const Words own = {"env", "FAKE_CUDA_GPUS=2"};
    const Words run = Joined(Joined({mpi.program}, kRun), {"--backend", "cuda"});
    Words words = Joined(Joined(mpi.start, {"-n", "1"}), Joined(own, run));
    words = Joined(Joined(words, {":", "-n", "1"}), own);
    words = Joined(words, {"FAKE_CUDA_FAILS_AT=" + std::to_string(at)});
    return process::Run(mpi::Command(Joined(words, run)));
}

// A rank with no other worker is left out, and rank 0 plays the rest; one that could not even begin
// ends the run.
TEST(MpiGpus, ThatFailTakeTheirRankWithThemAlone)
{
    int before = 0, after = 1 << 12; // calls while a GPU is opened, and while it plays
    while (after - before > 8) {
        const int at = (before + after) / 2;
        Outcome outcome = PlayWithFault(at);
        EXPECT_FALSE(outcome.timed_out);
        if (outcome.code != 0) {
            EXPECT_TRUE(Contains(outcome.err, "graveler-mpi run: rank 1 on ")) << outcome.err;
        }
        (outcome.code == 0 ? after : before) = at;
    }
    int left_out = 0;
    for (int at : {after, after + 20, after + 40}) {
        SCOPED_TRACE(at);
        Outcome outcome = PlayWithFault(at);
        ASSERT_EQ(outcome.code, 0) << Describe(outcome);
        left_out += Contains(outcome.err, "it is left out");
        EXPECT_EQ(DigestOf(Json(outcome.out)), DigestAlone());
    }
    EXPECT_GT(left_out, 0);
}

} // namespace
