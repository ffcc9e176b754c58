// graveler rare: its JSON, and what it says when it is interrupted.
#include "program.h"
#include "temporary_folder.h"

#include <cmath>
#include <csignal>

namespace {

using namespace program;

Words Rare(const Words &more)
{
    return Joined({"rare", "--backend", "cpu", "--seed", "42"}, more);
}

// LIST as --die wants it.
std::string DieOf(const Json &experiment)
{
    std::string die;
    for (size_t i = 0; i < experiment["die"].Size(); i++)
        die += (i ? "," : "") + std::to_string(experiment["die"][i]["value"].Integer()) + "x" +
               experiment["die"][i]["weight"].String();
    return die;
}

// A chance, whose mantissa and exponent must say the same.
double Value(const Json &chance, int exponent)
{
    double value = chance["value"].Number();
    EXPECT_NEAR(chance["mantissa"].Number() * std::pow(10, exponent) / value, 1, 1e-12);
    return value;
}

TEST(CliRare, JsonHoldsTheTiltedRun)
{
    for (const Words &experiment :
         {Words{"--at-least", "177"}, Words{"--die", "1..6", "--rolls", "10", "--at-least", "58"},
          Words{"--die", "0..255", "--rolls", "100", "--at-least", "20000"}}) {
        Json rare = RunJson(Joined(Rare({"--sessions", "2000"}), experiment));
        EXPECT_EQ(rare["format"].String(), "graveler-rare");
        EXPECT_EQ(rare["version"].Integer(), 1u);
        EXPECT_EQ(std::to_string(rare["at_least"].Integer()), experiment.back());
        EXPECT_EQ(rare["estimate"]["sessions"].Integer(), 2000u);
        EXPECT_EQ(rare["estimate"]["hits"].Integer(), rare["played"]["result"]["hits"].Integer());
        EXPECT_TRUE(rare["complete"].Boolean());

        // Anybody can play the tilted die.
        Json played = rare["played"];
        Json again = RunJson({"run", "--backend", "cpu", "--seed", "42", "--sessions", "2000",
                              "--rolls", std::to_string(played["experiment"]["rolls"].Integer()),
                              "--die", DieOf(played["experiment"]), "--target",
                              std::to_string(played["experiment"]["target"].Integer())});
        EXPECT_EQ(DigestOf(again), DigestOf(played));
    }
}

TEST(CliRare, JsonTellsTheLawWhereThereIsOne)
{
    Json rare = RunJson(Rare({"--sessions", "20000"}));
    double exact = Value(rare["law"]["chance"], -60);
    double found = Value(rare["estimate"]["chance"], -60);
    double error = Value(rare["estimate"]["standard_error"], -62);
    EXPECT_EQ(exact, 1.2036758201322641e-60);
    EXPECT_NEAR(rare["law"]["errors_apart"].Number(), (found - exact) / error, 1e-9);
    EXPECT_NEAR(rare["estimate"]["relative_error"].Number(), error / found, 1e-12);
}

// Doubles end at 5e-324; estimates do not.
TEST(CliRare, JsonTellsChancesBelowAnyDouble)
{
    Json rare = RunJson(
        Rare({"--rolls", "1000", "--chance", "1e-3", "--at-least", "1000", "--sessions", "20000"}));
    for (const Json &chance : {rare["law"]["chance"], rare["estimate"]["chance"]}) {
        EXPECT_EQ(chance["value"].Number(), 0);
        EXPECT_NEAR(chance["mantissa"].Number(), 1, 0.1);
    }
}

TEST(CliRare, ReportsWhatWasPlayedWhenInterrupted)
{
    TemporaryFolder folder;
    std::string file = folder / "rare.json";
    Process program(
        Graveler(Rare({"--sessions", kEndless, "--progress", "always", "--json", file})));
    ASSERT_TRUE(
        program.WaitUntil([](const Outcome &so_far) { return Contains(so_far.err, "best"); }));
    program.Send(SIGINT);
    Outcome outcome = program.Wait();
    ASSERT_EQ(outcome.code, 3) << Describe(outcome);
    EXPECT_TRUE(Contains(outcome.err, "graveler rare: interrupted after ")) << outcome.err;
    EXPECT_NE(Line(outcome.out, "Interrupted"), "");

    Json rare(Read(file));
    EXPECT_FALSE(rare["complete"].Boolean());
    uint64_t sessions = rare["estimate"]["sessions"].Integer();
    Json again = RunJson(Rare({"--sessions", std::to_string(sessions)}));
    EXPECT_EQ(DigestOf(again["played"]), DigestOf(rare["played"]));
    EXPECT_EQ(again["estimate"]["chance"]["mantissa"].Number(),
              rare["estimate"]["chance"]["mantissa"].Number());
}

} // namespace
