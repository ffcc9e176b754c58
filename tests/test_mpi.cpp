// graveler-mpi, by each MPI that there is: it plays what graveler plays, and no rank that is lost
// takes anything with it.
#include "mpi.h"
#include "places.h"
#include "temporary_folder.h"

#include <algorithm>
#include <csignal>
#include <filesystem>
#include <unistd.h>

namespace {

using namespace program;
using mpi::Mpi;
using mpi::Ranks;

class MpiRun : public testing::TestWithParam<Mpi> {
  protected:
    // Plays with so many ranks and gives the result.
    Json Play(int ranks, const Words &arguments)
    {
        Outcome outcome = process::Run(Ranks(GetParam(), ranks, Joined(arguments, {"--json"})));
        EXPECT_EQ(outcome.code, 0) << Describe(outcome);
        return Json(outcome.out);
    }

    // Waits until a checkpoint has more sessions than that; gives the end of the last of them.
    uint64_t AwaitCheckpoint(Process *job, const std::string &file, uint64_t more_than)
    {
        uint64_t end = 0;
        EXPECT_TRUE(job->WaitUntil([&](const Outcome &) {
            if (!std::filesystem::exists(file))
                return false;
            const Json json(Read(file));
            const Json ranges = json["run"]["ranges"];
            if (!ranges.Size() || json["result"]["sessions"].Integer() <= more_than)
                return false;
            end = ranges[ranges.Size() - 1][1].Integer();
            return true;
        }));
        return end;
    }

    // The digest of the first `sessions` sessions, played without MPI.
    std::string DigestOfFirst(uint64_t sessions)
    {
        return DigestOf(RunJson(Founding(std::to_string(sessions))));
    }
};

const std::vector<Words> kRuns = {
    Founding("1e7"),
    Founding("1e7", {"--keep", "max"}),
    Founding("1e9", {"--until-target", "--target", "92"}),
    Founding("1e6", {"--until-target", "--target", "50"}),
    Founding("1e7", {"--first", "1e15", "--until-target"}),
    Founding("1e7", {"--method", "scores"}),
    Founding("1e6", {"--die", "1..6", "--rolls", "50"}),
    Founding("1e6", {"--statistic", "streak"}),
    Founding("3000", {"--rolls", "100000", "--chance", "1/3"}),
    Founding("1e7", {"--engine", "fast"}),
};

TEST_P(MpiRun, FindsWhatOneProcessFinds)
{
    for (const Words &run : kRuns) {
        const Json alone = RunJson(run);
        for (int ranks : {2, 4}) {
            SCOPED_TRACE(testing::PrintToString(run) + " by " + std::to_string(ranks));
            const Json together = Play(ranks, run);
            EXPECT_EQ(DigestOf(together), DigestOf(alone));
            EXPECT_TRUE(together["complete"].Boolean());
        }
    }
}

TEST_P(MpiRun, OneRankIsEnough)
{
    EXPECT_EQ(DigestOf(Play(1, Founding("1e6"))), DigestOf(RunJson(Founding("1e6"))));
}

TEST_P(MpiRun, HasMoreRanksThanChunks)
{
    for (const char *sessions : {"1", "3", "5000"})
        EXPECT_EQ(DigestOf(Play(6, Founding(sessions))), DigestOf(RunJson(Founding(sessions))));
}

// One rank of more threads than the others have; ranks 1 and 2 are slowed down besides.
TEST_P(MpiRun, HasUnevenRanks)
{
    const Words run = Joined(Founding("5e7"), {"--json"});
    const Words own = {GetParam().program};
    Words words = Joined(Joined(GetParam().start, {"-n", "1"}), Joined(own, run));
    words = Joined(words, Joined({":", "-n", "2", "nice", "-n", "19"}, Joined(own, run)));
    words = Joined(words, Joined({":", "-n", "1", "taskset", "-c", "0"}, Joined(own, run)));
    Outcome outcome = process::Run(mpi::Command(words));
    ASSERT_EQ(outcome.code, 0) << Describe(outcome);
    EXPECT_EQ(DigestOf(Json(outcome.out)), DigestOf(RunJson(Founding("5e7"))));
}

TEST_P(MpiRun, TellsWhichRankPlaysOnWhat)
{
    Outcome outcome = process::Run(Ranks(GetParam(), 3, Founding("2e8", {"--json"})));
    ASSERT_EQ(outcome.code, 0) << Describe(outcome);
    const Json json(outcome.out);
    const Json workers = json["timing"]["workers"];
    uint64_t sessions = 0;
    ASSERT_EQ(workers.Size(), 3u);
    for (size_t i = 0; i < workers.Size(); i++) {
        const std::string name =
            "rank " + std::to_string(i) + " on " + workers[i]["host"].String() + ": CPU, ";
        EXPECT_EQ(workers[i]["rank"].Integer(), i);
        EXPECT_TRUE(Contains(outcome.err, name)) << name << outcome.err;
        EXPECT_GT(workers[i]["sessions"].Integer(), 0u);
        sessions += workers[i]["sessions"].Integer();
    }
    EXPECT_EQ(sessions, 200000000u);
}

// ---- Everything that goes wrong -----------------------------------------------------------------

TEST_P(MpiRun, SaysOnceWhatIsWrong)
{
    Outcome outcome = process::Run(Ranks(GetParam(), 3, {"run", "--sessions", "none"}));
    EXPECT_EQ(outcome.code, 2) << Describe(outcome);
    const std::string line = "graveler-mpi run: --sessions: 'none' is not a whole number";
    const size_t first = outcome.err.find(line);
    ASSERT_NE(first, std::string::npos) << outcome.err;
    EXPECT_EQ(outcome.err.find(line, first + 1), std::string::npos) << outcome.err;

    outcome = process::Run(Ranks(GetParam(), 3, {"--help"}));
    EXPECT_EQ(outcome.code, 0) << Describe(outcome);
    EXPECT_TRUE(Contains(outcome.out, "Usage: graveler-mpi COMMAND")) << outcome.out;
    EXPECT_EQ(outcome.out.find("Usage"), outcome.out.rfind("Usage"));
}

TEST_P(MpiRun, EndsWhereARankHasNobodyToPlay)
{
    Outcome outcome =
        process::Run(Ranks(GetParam(), 2, {"run", "--seed", "1", "--backend", "cuda"}));
    EXPECT_NE(outcome.code, 0) << Describe(outcome);
    EXPECT_TRUE(Contains(outcome.err, "graveler-mpi run: ")) << outcome.err;
    EXPECT_FALSE(outcome.timed_out);
}

// A rank that is killed ends the job within seconds, and its checkpoint is gone on with by any
// number of ranks, or without MPI.
TEST_P(MpiRun, LosesLittleWithARank)
{
    for (bool rank_0 : {false, true})
        for (int ranks : {0, 2, 3}) {
            SCOPED_TRACE(rank_0 ? "rank 0 is killed" : "another rank is killed");
            TemporaryFolder folder;
            const std::string file = folder / "run.checkpoint";
            const Words keep = {"--checkpoint", file, "--every", "200ms"};
            Process job(Ranks(GetParam(), 4, Founding(kEndless, keep)));
            const uint64_t end = AwaitCheckpoint(&job, file, 1000);
            std::vector<pid_t> processes = mpi::AwaitProcesses(GetParam().program, 4);
            ASSERT_EQ(processes.size(), 4u);
            kill(*(rank_0 ? std::min_element(processes.begin(), processes.end())
                          : std::max_element(processes.begin(), processes.end())),
                 SIGKILL);
            Outcome outcome = job.Wait();
            EXPECT_FALSE(outcome.timed_out);
            EXPECT_NE(outcome.code, 0) << Describe(outcome);
            EXPECT_EQ(mpi::AwaitProcesses(GetParam().program, 0).size(), 0u);

            /* Written once more, perhaps, between the look and the end. */
            const Json left(Read(file));
            const Json ranges = left["run"]["ranges"];
            const uint64_t asked = ranges[ranges.Size() - 1][1].Integer();
            EXPECT_GE(asked, end);
            const Words again = Joined(Founding(std::to_string(asked)), keep);
            const Json resumed = ranks ? Play(ranks, again) : RunJson(again);
            EXPECT_EQ(DigestOf(resumed), DigestOfFirst(asked));
        }
}

// mpiexec hands Ctrl-C on, and rank 0 ends the run in order: it knows all that was played.
TEST_P(MpiRun, EndsInOrderWhenInterrupted)
{
    TemporaryFolder folder;
    const std::string file = folder / "run.checkpoint";
    const Words keep = {"--checkpoint", file, "--every", "1h"};
    Process job(Ranks(GetParam(), 3, Founding(kEndless, Joined(keep, {"--progress", "always"}))));
    ASSERT_TRUE(job.WaitUntil([](const Outcome &so_far) { return Contains(so_far.err, "best"); }));
    job.Send(SIGINT);
    Outcome outcome = job.Wait(); // with a code of mpiexec's own, perhaps
    EXPECT_TRUE(Contains(outcome.err, "graveler-mpi run: interrupted after ")) << outcome.err;
    EXPECT_TRUE(Contains(outcome.err, "go on with: graveler-mpi run --backend cpu")) << outcome.err;
    const Json left(Read(file));
    const Json ranges = left["run"]["ranges"];
    const uint64_t end = ranges[ranges.Size() - 1][1].Integer();
    const Words again = Joined(Founding(std::to_string(end)), keep);
    EXPECT_EQ(DigestOf(RunJson(again)), DigestOfFirst(end));
}

// ---- Other commands -----------------------------------------------------------------------------

TEST_P(MpiRun, VerifiesAndEstimates)
{
    TemporaryFolder folder;
    const std::string file = folder / "result.json";
    Outcome outcome = process::Run(Ranks(GetParam(), 2, Founding("1e6", {"--json", file})));
    ASSERT_EQ(outcome.code, 0) << Describe(outcome);
    outcome = process::Run(Ranks(GetParam(), 3, {"verify", file, "--full", "--backend", "cpu"}));
    EXPECT_EQ(outcome.code, 0) << Describe(outcome);
    EXPECT_TRUE(Contains(outcome.out, "all 1,000,000 sessions, played again, are the same"));

    const Words rare = {"rare",   "--at-least", "177",       "--sessions", "1e6",
                        "--seed", "42",         "--backend", "cpu"};
    outcome = process::Run(Ranks(GetParam(), 3, rare));
    ASSERT_EQ(outcome.code, 0) << Describe(outcome);
    EXPECT_EQ(Line(outcome.out, "Digest"), Line(RunProgram(rare).out, "Digest"));
}

// ---- Hosts apart --------------------------------------------------------------------------------

// Two hosts of one machine: network namespaces with addresses and names of their own, joined by a
// bridge. Wants root, and ip.
class Hosts {
  public:
    Hosts()
    {
        made_ = Shell("ip link add " + bridge_ + " type bridge && ip addr add 10.97.0.254/24 dev " +
                      bridge_ + " && ip link set " + bridge_ + " up");
        for (const std::string number : {"1", "2"})
            made_ = made_ && Make(name_ + number, link_ + number, "10.97.0." + number);
        /* What mpiexec takes for ssh: AGENT [option...] HOST COMMAND... */
        Write(Agent(), "#!/bin/sh\n"
                       "while case $1 in -*) true ;; *) false ;; esac; do shift; done\n"
                       "host=" +
                           name_ +
                           "${1##*.}\nshift\n"
                           "exec ip netns exec $host unshare --uts sh -c \"hostname $host; $*\"\n");
        std::filesystem::permissions(Agent(), std::filesystem::perms::owner_all);
    }
    ~Hosts()
    {
        Shell("ip netns del " + name_ + "1; ip netns del " + name_ + "2; ip link del " + bridge_);
    }

    bool Made() const
    {
        return made_;
    }

    std::set<std::string> Names() const
    {
        return {name_ + "1", name_ + "2"};
    }

    // The start of a command for two ranks on each host.
    Words Start(const Mpi &mpi) const
    {
        const Words open = {"--mca", "plm_rsh_agent", Agent(), "--host", "10.97.0.1:2,10.97.0.2:2"};
        const Words hydra = {"-localhost",     "10.97.0.254", "-launcher", "ssh",
                             "-launcher-exec", Agent(),       "-hosts",    "10.97.0.1,10.97.0.2"};
        return Joined(Joined(mpi.start, mpi.is_open ? open : hydra), {"-n", "4", mpi.program});
    }

  private:
    static bool Shell(const std::string &command)
    {
        return process::Run({{"/bin/sh", "-c", command}}).code == 0;
    }

    bool Make(const std::string &name, const std::string &link, const std::string &address) const
    {
        return Shell("ip netns add " + name + " && ip link add " + link +
                     " type veth peer name eth0 netns " + name + " && ip link set " + link +
                     " master " + bridge_ + " up && ip -n " + name + " addr add " + address +
                     "/24 dev eth0 && ip -n " + name + " link set eth0 up && ip -n " + name +
                     " link set lo up");
    }

    std::string Agent() const
    {
        return folder_ / "agent";
    }

    /* Names are free again a while after they are given back. */
    static int Next()
    {
        static int count = 0;
        return count++;
    }

    TemporaryFolder folder_;
    const std::string id_ = std::to_string(getpid()) + std::string(1, char('a' + Next()));
    const std::string name_ = "grav" + id_, bridge_ = "gb" + id_, link_ = "gl" + id_;
    bool made_ = false;
};

TEST_P(MpiRun, PlaysOnHostsApart)
{
    const Hosts hosts;
    if (!hosts.Made())
        GTEST_SKIP() << "no network namespaces here: they want root, ip and a kernel that has them";
    const Words run = Founding("1e8", {"--json"});
    Outcome outcome = process::Run(mpi::Command(Joined(hosts.Start(GetParam()), run)));
    ASSERT_EQ(outcome.code, 0) << Describe(outcome);
    const Json json(outcome.out);
    EXPECT_EQ(DigestOf(json), DigestOf(RunJson(Founding("1e8"))));
    std::set<std::string> names;
    const Json workers = json["timing"]["workers"];
    for (size_t i = 0; i < workers.Size(); i++)
        names.insert(workers[i]["host"].String());
    EXPECT_EQ(names, hosts.Names());
}

// ---- scripts/slurm-mpi.sh -----------------------------------------------------------------------

// A folder in which the job runs, with a scontrol that notes what it is told, and an srun that has
// two ranks, and ends at its time limit where a file `limit` is.
class SlurmJob {
  public:
    explicit SlurmJob(const Mpi &mpi)
    {
        std::string start;
        for (const std::string &word : mpi.start)
            start += word + " ";
        MakeTool("scontrol", "echo \"$*\" >>requeued");
        MakeTool("srun", "if [ -e limit ]; then rm limit; exit 3; fi\nshift\nexec " + start +
                             "-n 2 " + mpi.program + " \"$@\"");
    }

    Outcome Run(const Words &arguments) const
    {
        const std::string script =
            std::filesystem::absolute(places::TestsFolder()).parent_path() / "scripts/slurm-mpi.sh";
        Command command = mpi::Command(Joined({"/bin/bash", script}, arguments));
        command.folder = folder_.Path();
        command.environment["PATH"] = folder_.Path() + ":" + std::getenv("PATH");
        command.environment["SLURM_JOB_ID"] = "99";
        return process::Run(command);
    }

    std::string operator/(const std::string &name) const
    {
        return folder_ / name;
    }

  private:
    void MakeTool(const std::string &name, const std::string &commands) const
    {
        Write(folder_ / name, "#!/bin/sh\n" + commands + "\n");
        std::filesystem::permissions(folder_ / name, std::filesystem::perms::owner_all);
    }

    TemporaryFolder folder_;
};

TEST_P(MpiRun, IsAJobOfSlurm)
{
    const SlurmJob job(GetParam());
    const Words words = {"--seed", "42", "--backend", "cpu", "--sessions", "1e6"};
    EXPECT_EQ(job.Run({"--sessions", "1e6"}).code, 2); // of no seed, and then of another

    Write(job / "limit", "");
    Outcome outcome = job.Run(words);
    EXPECT_EQ(outcome.code, 0) << Describe(outcome);
    EXPECT_EQ(Read(job / "requeued"), "requeue 99\n");
    EXPECT_FALSE(std::filesystem::exists(job / "result.json"));

    outcome = job.Run(words);
    EXPECT_EQ(outcome.code, 0) << Describe(outcome);
    EXPECT_EQ(DigestOf(Json(Read(job / "result.json"))), DigestOfFirst(1000000));

    outcome = job.Run(words);
    EXPECT_EQ(outcome.code, 0) << Describe(outcome);
    EXPECT_TRUE(Contains(outcome.err, "the run is played")) << outcome.err;
}

INSTANTIATE_TEST_SUITE_P(By, MpiRun, testing::ValuesIn(mpi::All()),
                         [](const auto &param) { return param.param.name; });

} // namespace
