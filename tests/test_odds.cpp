// graveler odds, where what it tells is no fixed text: the numbers of its JSON against exact
// fractions, and what it costs.
#include "laws.h"
#include "program.h"

#include <chrono>
#include <cmath>

namespace {

using namespace program;
using laws::Game;
using laws::Real;
using laws::ToReal;

double Log10(const Real &x)
{
    return log10(x).convert_to<double>();
}

void ExpectChance(const Json &json, const std::string &key, const Real &p)
{
    EXPECT_NEAR(json["log10_" + key].Number(), Log10(p), 1e-12 * (1 + std::abs(Log10(p)))) << key;
    if (p > Real("1e-300")) {
        EXPECT_NEAR((Real(json[key].Number()) / p).convert_to<double>(), 1, 1e-15) << key;
    }
}

TEST(CliOdds, AreTheLaws)
{
    const Game games[] = {{{{1, 1}, {2, 1}, {3, 1}, {4, 1}, {5, 1}, {6, 1}}, 10},
                          {{{0, 2}, {5, 1}}, 8},
                          laws::Streak(60, 1, 4)};
    for (const Game &game : games) {
        SCOPED_TRACE(testing::Message() << game);
        const laws::Law law = laws::Of(game);
        const uint64_t score = law.ways.rbegin()->first - (game.rolls == 8 ? 5 : 3);
        Json json = RunJson({"odds", "--rolls", std::to_string(game.rolls), "--die", game.List(),
                             "--statistic", grav_statistic_name(static_cast<int>(game.statistic)),
                             "--at-least", std::to_string(score), "--sessions", "1000", "--tries",
                             "7", "--rate", "1e6", "--json"});
        const Real p = ToReal(law.AtLeast(score)), none = 1 - p;
        ExpectChance(json["at_least"], "p", p);
        EXPECT_EQ(json["at_least"]["score"].Integer(), score);
        ExpectChance(json["at_least"]["best_of"], "p", 1 - pow(none, 7));
        ExpectChance(json["highest"], "p_at_least", 1 - pow(none, 1000));
        const Real sessions = ceil(log(Real(0.5)) / log(none));
        ExpectChance(json["at_least"]["even_chance"], "sessions", sessions);
        ExpectChance(json["at_least"]["even_chance"], "seconds", sessions / 1000000);
        Json scores = json["law"]["scores"];
        const uint64_t first = scores["first"].Integer(), step = scores["step"].Integer();
        for (size_t i = 0; i < scores["p"].Size(); i++)
            EXPECT_NEAR(scores["p"][i].Number(),
                        ToReal(law.Equal(first + step * i)).convert_to<double>(), 1e-16);
        EXPECT_EQ(first + step * (scores["p"].Size() - 1), law.ways.rbegin()->first);
        for (auto [sessions_of, quantiles] :
             {std::pair{1, json["law"]["quantiles"]}, {1000, json["highest"]["quantiles"]}})
            for (const char *share : {"0.001", "0.05", "0.25", "0.75", "0.999"}) {
                const uint64_t q = quantiles[share].Integer();
                EXPECT_GE(pow(ToReal(law.AtMost(q)), sessions_of), Real(share) - Real("1e-16"));
                if (q > first) {
                    EXPECT_LT(pow(ToReal(law.AtMost(q - 1)), sessions_of), Real(share));
                }
            }
    }
}

TEST(CliOdds, SayWhoseRateItIs)
{
    Json given = RunJson({"odds", "--rate", "2e6", "--json"});
    EXPECT_EQ(given["rate"]["sessions_per_s"].Number(), 2e6);
    EXPECT_FALSE(given["rate"]["measured"].Boolean());
    Json measured = RunJson({"odds", "--measure", "--json"});
    EXPECT_GT(measured["rate"]["sessions_per_s"].Number(), 1e4);
    EXPECT_TRUE(measured["rate"]["measured"].Boolean());
    Json even = measured["at_least"]["even_chance"];
    EXPECT_NEAR(even["log10_seconds"].Number(),
                even["log10_sessions"].Number() -
                    std::log10(measured["rate"]["sessions_per_s"].Number()),
                1e-9);
}

TEST(CliOdds, LeaveOutWhatIsNotAsked)
{
    std::set<std::string> keys = RunJson({"odds", "--die", "1..6", "--json"}).Keys();
    EXPECT_FALSE(keys.count("at_least"));
    EXPECT_FALSE(keys.count("highest.p_at_least"));
    EXPECT_TRUE(keys.count("highest.quantiles.0.5"));
    keys = RunJson({"odds", "--rolls", "5", "--at-least", "6", "--json"}).Keys();
    EXPECT_TRUE(keys.count("at_least.p"));
    EXPECT_FALSE(keys.count("at_least.log10_p"));
    EXPECT_FALSE(keys.count("at_least.even_chance"));
    EXPECT_FALSE(keys.count("at_least.best_of"));
}

// However wide the numbers get, a line fits the terminal.
TEST(CliOdds, FitEightyColumns)
{
    for (const Words &arguments :
         {Words{"--measure"}, Words{"--tries", "1e6", "--rate", "1"},
          Words{"--rolls", "1000", "--chance", "1e-6", "--at-least", "1000"},
          Words{"--rolls", "3", "--die", "0,1e9,1.4e9", "--at-least", "4.2e9"},
          Words{"--rolls", "1e6", "--at-least", "3e5", "--sessions", "2^63"}}) {
        Outcome outcome = RunProgram(Joined({"odds"}, arguments));
        EXPECT_EQ(outcome.code, 0) << Describe(outcome);
        std::istringstream lines(outcome.out);
        for (std::string line; std::getline(lines, line);) {
            EXPECT_LE(line.size(), 80u) << line;
            EXPECT_TRUE(line.empty() || line.back() != ' ') << line;
        }
    }
}

} // namespace
