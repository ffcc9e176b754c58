// The examples, run as they are.
#include "places.h"
#include "program.h"

#include <signal.h>

namespace {

using namespace program;

Command Example(const std::string &name, const Words &arguments = {})
{
    return Command{Joined({places::Examples() + "/example-" + name}, arguments)};
}

// The same run by the program itself.
Json Founding(const std::string &sessions, const Words &more = {})
{
    return RunJson(program::Founding(sessions, Joined({"--json"}, more)));
}

std::string Best(const Json &run, const std::string &between)
{
    Json best = run["result"]["max"];
    return std::to_string(best["score"].Integer()) + between +
           std::to_string(best["session"].Integer());
}

TEST(Examples, FirstRun)
{
    Outcome outcome = process::Run(Example("first_run"));
    EXPECT_EQ(outcome.code, 0) << Describe(outcome);
    EXPECT_EQ(outcome.out, "highest score " + Best(Founding("1e6"), ", of session ") + "\n");
}

TEST(Examples, PairwiseSumsAreTheRun)
{
    Outcome outcome = process::Run(Example("pairwise_sums"));
    EXPECT_EQ(outcome.code, 0) << Describe(outcome);
    std::string digest = DigestOf(Founding("1e6"));
    EXPECT_EQ(outcome.out, "100 parts: " + digest + "\none run:   " + digest + "\n");
}

TEST(Examples, ProgressBarIsDrawnToItsEnd)
{
    Outcome outcome = process::Run(Example("progress_bar", {"2e6"}));
    EXPECT_EQ(outcome.code, 0) << Describe(outcome);
    EXPECT_EQ(outcome.out, "done: 2000000 sessions, highest score " +
                               Best(Founding("2e6"), " of session ") + "\n");
    EXPECT_TRUE(Contains(outcome.err, "[########################################] 100.0 %"))
        << outcome.err;
    outcome = process::Run(Example("progress_bar", {"none"}));
    EXPECT_EQ(outcome.code, 2) << Describe(outcome);
    EXPECT_TRUE(Contains(outcome.err, "none")) << outcome.err;
}

TEST(Examples, ProgressBarStopsWhenInterrupted)
{
    Process process(Example("progress_bar", {kEndless}));
    ASSERT_TRUE(process.WaitUntil([](const Outcome &so_far) { return Contains(so_far.err, "%"); }));
    process.Send(SIGINT);
    Outcome outcome = process.Wait();
    EXPECT_EQ(outcome.code, 3) << Describe(outcome);
    EXPECT_EQ(outcome.out.find("interrupted: "), 0u) << outcome.out;
}

TEST(Examples, SweepTellsEveryChanceInOrder)
{
    Outcome outcome = process::Run(Example("sweep"));
    EXPECT_EQ(outcome.code, 0) << Describe(outcome);
    ASSERT_EQ(CountLines(outcome.out), 8u);
    size_t at = 0;
    for (const char *chance : {"1/100", "5%", "0.1", "1/4", "1/3", "1/2", "3/2", "0.99"}) {
        size_t found = outcome.out.find(std::string(chance) + " ", at);
        ASSERT_NE(found, std::string::npos) << chance << "\n" << outcome.out;
        std::string line = outcome.out.substr(found, outcome.out.find('\n', found) - found);
        at = found;
        SCOPED_TRACE(line);
        if (std::string(chance) == "3/2") {
            EXPECT_TRUE(Contains(line, "chance"));
            continue;
        }
        std::string best = Best(Founding("1e5", {"--chance", chance}), " of session ");
        EXPECT_TRUE(Contains(line + "\n", best + "\n")) << best;
    }
}

} // namespace
