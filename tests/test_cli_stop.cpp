// Ctrl-C and the progress bar.
#include "program.h"
#include "temporary_folder.h"

#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <regex>
#include <unistd.h>

namespace {

using namespace program;

// ---- Ctrl-C -------------------------------------------------------------------------------------

// Lets the program come as far as having played something.
void WaitUntilPlaying(Process *program)
{
    ASSERT_TRUE(program->WaitUntil([](const Outcome &so_far) {
        return Contains(so_far.err + so_far.out, "best");
    })) << Describe(program->Wait());
}

// What is on stderr once the last progress bar is gone.
std::string AfterTheBar(const std::string &text)
{
    size_t last = text.rfind("\r\033[K");
    return last == std::string::npos ? text : text.substr(last + 4);
}

class CliSignal : public testing::TestWithParam<int> {};

TEST_P(CliSignal, EndsTheRunInOrder)
{
    for (const Words &more : {Words{}, Words{"--keep", "max"}, Words{"--until-target"}}) {
        TemporaryFolder folder;
        std::string file = folder / "result.json";
        Words job = Joined({"run", "--backend", "cpu", "--seed", "42", "--first", "1e12"}, more);
        Process program(Graveler(
            Joined(job, {"--sessions", kEndless, "--progress", "always", "--json", file})));
        WaitUntilPlaying(&program);
        program.Send(GetParam());
        Outcome outcome = program.Wait();
        ASSERT_EQ(outcome.code, 3) << Describe(outcome);

        Json json(Read(file));
        ASSERT_EQ(json["run"]["ranges"].Size(), 1u);
        uint64_t first = json["run"]["ranges"][0][0].Integer();
        uint64_t end = json["run"]["ranges"][0][1].Integer();
        ASSERT_EQ(first, 1000000000000u);
        ASSERT_GT(end, first);
        std::string sessions = std::to_string(end - first);
        EXPECT_FALSE(json["complete"].Boolean());
        EXPECT_EQ(json["result"]["sessions"].Integer(), end - first);
        EXPECT_EQ(AfterTheBar(outcome.err), "graveler run: interrupted after " + sessions +
                                                " of 1000000000000000 sessions\n");
        EXPECT_TRUE(Contains(Line(outcome.out, "Interrupted"),
                             ": [1000000000000, " + std::to_string(end) + ")"))
            << outcome.out;

        Json again = RunJson(Joined(job, {"--sessions", sessions}));
        EXPECT_TRUE(again["complete"].Boolean());
        EXPECT_EQ(DigestOf(again), DigestOf(json));
    }
}

INSTANTIATE_TEST_SUITE_P(By, CliSignal, testing::Values(SIGINT, SIGTERM),
                         [](const testing::TestParamInfo<int> &parameter) {
                             return parameter.param == SIGINT ? "SIGINT" : "SIGTERM";
                         });

TEST(CliInterrupt, TellsTheHighestScoreSoFar)
{
    Process program(Graveler(Founding(kEndless, {"--quiet", "--progress", "always"})));
    WaitUntilPlaying(&program);
    program.Send(SIGINT);
    Outcome outcome = program.Wait();
    EXPECT_EQ(outcome.code, 3);
    EXPECT_TRUE(std::regex_match(outcome.out, std::regex("[0-9]+\n"))) << outcome.out;
    EXPECT_EQ(CountLines(AfterTheBar(outcome.err)), 1u) << outcome.err;
}

TEST(CliInterrupt, IsTypedOnATerminal)
{
    Command command = Graveler(Founding(kEndless, {"--quiet"}));
    command.columns = 80;
    Process program(command);
    WaitUntilPlaying(&program);
    program.Type("\003");
    Outcome outcome = program.Wait();
    EXPECT_EQ(outcome.code, 3) << Describe(outcome);
    EXPECT_TRUE(Contains(outcome.out, "interrupted after")) << Describe(outcome);
}

// A pipe that is full, and that nobody reads: the program that writes to it stands still.
class FullPipe {
  public:
    FullPipe()
    {
        if (pipe2(ends_, O_CLOEXEC | O_NONBLOCK) != 0)
            throw std::runtime_error("no pipe");
        while (write(ends_[1], "x", 1) == 1) {
        }
        fcntl(ends_[1], F_SETFL, 0); // the flag is the program's, too
    }
    ~FullPipe()
    {
        close(ends_[0]);
        close(ends_[1]);
    }
    int WriteEnd() const
    {
        return ends_[1];
    }

  private:
    int ends_[2];
};

TEST(CliInterrupt, TheSecondKills)
{
    FullPipe full;
    Command command = Graveler(Founding(kEndless, {"--progress", "always"}));
    command.out = full.WriteEnd();
    Process program(command);
    WaitUntilPlaying(&program);
    EXPECT_TRUE(program.Catches(SIGINT));
    program.Send(SIGINT);
    program.WaitUntil([&](const Outcome &) { return !program.Catches(SIGINT); });
    program.Send(SIGINT);
    EXPECT_EQ(program.Wait().signal, SIGINT);
}

// ---- The progress bar ---------------------------------------------------------------------------

// The lines that were drawn over one another.
Words Bars(const std::string &text)
{
    Words bars;
    std::regex bar("\r([^\r\n]*)\033\\[K");
    for (std::sregex_iterator i(text.begin(), text.end(), bar), end; i != end; ++i)
        bars.push_back((*i)[1]);
    return bars;
}

// Lets a run go on for a while, and interrupts it.
Outcome RunForAWhile(Command command, double seconds)
{
    command.arguments.insert(command.arguments.end(), {"--backend", "cpu", "--sessions", kEndless});
    Process program(command);
    auto start = std::chrono::steady_clock::now();
    program.WaitUntil([&](const Outcome &) {
        return std::chrono::steady_clock::now() - start > std::chrono::duration<double>(seconds) &&
               program.Catches(SIGINT);
    });
    program.Send(SIGINT);
    Outcome outcome = program.Wait();
    EXPECT_EQ(outcome.code, 3) << Describe(outcome);
    return outcome;
}

TEST(CliProgress, IsNotDrawnWhereNobodyLooks)
{
    Outcome outcome = RunForAWhile(Graveler({"run", "--seed", "42"}), 0.5);
    EXPECT_TRUE(Bars(outcome.err + outcome.out).empty()) << Describe(outcome);
    Command command = Graveler({"run", "--seed", "42", "--progress", "never"});
    command.columns = 80;
    outcome = RunForAWhile(command, 0.5);
    EXPECT_TRUE(Bars(outcome.out).empty()) << outcome.out;
}

TEST(CliProgress, IsDrawnOnATerminal)
{
    Command command = Graveler({"run", "--seed", "42", "--progress", "auto"});
    command.columns = 80;
    Outcome outcome = RunForAWhile(command, 1.5);
    Words bars = Bars(outcome.out);
    ASSERT_GE(bars.size(), 3u) << outcome.out;
    EXPECT_LE(static_cast<double>(bars.size()), 10 * outcome.seconds + 2);
    EXPECT_EQ(bars.back(), "") << "it is cleared at the end";
    for (size_t i = 0; i + 1 < bars.size(); i++) {
        EXPECT_LE(bars[i].size(), 80u) << bars[i];
        EXPECT_TRUE(std::regex_search(bars[i], std::regex("[0-9.]+ %"))) << bars[i];
    }
    EXPECT_TRUE(Contains(bars[bars.size() - 2], " sessions/s ")) << bars[bars.size() - 2];
    EXPECT_TRUE(Contains(bars[bars.size() - 2], " best ")) << bars[bars.size() - 2];
}

TEST(CliProgress, IsDrawnWhereverItIsWanted)
{
    Outcome outcome = RunForAWhile(Graveler({"run", "--seed", "42", "--progress", "always"}), 0.7);
    Words bars = Bars(outcome.err);
    ASSERT_GE(bars.size(), 2u) << outcome.err;
    EXPECT_EQ(bars.back(), "");
    EXPECT_FALSE(Contains(outcome.out, "\r"));
}

// A line that wraps is not drawn over but added to, ten times a second.
TEST(CliProgress, FitsTheTerminal)
{
    for (unsigned columns : {20, 40, 64, 132}) {
        Command command = Graveler({"run", "--seed", "42"});
        command.columns = columns;
        for (const std::string &bar : Bars(RunForAWhile(command, 0.4).out))
            EXPECT_LE(bar.size(), columns) << bar;
    }
}

} // namespace
