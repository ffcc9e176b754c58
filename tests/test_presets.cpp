// Presets: known questions, and what other options make of them.
#include "program.h"
#include "support.h"

#include <algorithm>
#include <set>

namespace {

using namespace program;

TEST(Presets, AreAllExperimentsAndRunsThatAreAccepted)
{
    std::set<std::string> names;
    const grav_preset *preset;
    for (size_t i = 0; (preset = grav_preset_at(i)); i++) {
        SCOPED_TRACE(preset->name);
        grav_error err = {};
        grav_experiment *experiment = nullptr;
        ASSERT_EQ(grav_experiment_create(&preset->experiment, &experiment, &err), GRAV_OK)
            << err.message;
        grav_run_spec spec;
        grav_run_spec_init(&spec);
        spec.sessions = preset->sessions;
        spec.keep = preset->keep;
        EXPECT_EQ(grav_run_check(experiment, &spec, &err), GRAV_OK) << err.message;
        uint64_t target;
        if (grav_experiment_target(experiment, &target)) {
            EXPECT_LE(target, grav_experiment_score_max(experiment));
        }
        grav_experiment_destroy(experiment);
        EXPECT_TRUE(names.insert(preset->name).second);
        EXPECT_EQ(grav_preset_named(preset->name), preset);
        for (std::string text : {preset->question, preset->source}) {
            EXPECT_FALSE(text.empty());
            EXPECT_LE(text.size(), 76u) << text;
        }
    }
    EXPECT_GE(names.size(), 7u);
    EXPECT_EQ(grav_preset_named("nonsense"), nullptr);
    EXPECT_EQ(grav_preset_named(""), nullptr);
}

TEST(Presets, TheFoundingOneIsTheDefault)
{
    Words small = {"--seed", "42", "--sessions", "3000", "--backend", "cpu"};
    Json named = RunJson(Joined({"run", "--preset", "founding"}, small));
    EXPECT_EQ(DigestOf(named), DigestOf(RunJson(Joined({"run"}, small))));
    grav_run_spec spec;
    grav_run_spec_init(&spec);
    EXPECT_EQ(grav_preset_named("founding")->sessions, spec.sessions);
}

// What a preset says can be said by options, too.
TEST(Presets, ArePlayedAsTheirOptionsSay)
{
    struct Spelled {
        std::string preset;
        Words options;
    };
    for (const Spelled &row :
         {Spelled{"177-in-a-row", {"--statistic", "streak"}},
          Spelled{"dream-pearls", {"--rolls", "262", "--chance", "20/423", "--target", "42"}},
          Spelled{"dream-rods", {"--rolls", "305", "--chance", "1/2", "--target", "211"}},
          Spelled{"shiny", {"--rolls", "8192", "--chance", "1/8192", "--target", "1"}},
          Spelled{"ten-d6", {"--rolls", "10", "--die", "1,2,3,4,5,6", "--target", "60"}},
          Spelled{"million", {"--rolls", "1e6", "--die", "0..10", "--keep", "max"}}}) {
        Words small = {"run", "--seed", "42", "--sessions", "5", "--backend", "cpu"};
        EXPECT_EQ(DigestOf(RunJson(Joined(small, {"--preset", row.preset}))),
                  DigestOf(RunJson(Joined(small, row.options))))
            << row.preset;
    }
}

TEST(Presets, AreChangedByOtherOptions)
{
    const Words small = {"run", "--seed", "42", "--sessions", "5", "--backend", "cpu"};
    auto run = [&small](const Words &options) { return RunJson(Joined(small, options)); };
    const Json fewer = run({"--preset", "ten-d6", "--rolls", "3"});
    EXPECT_EQ(fewer["experiment"]["rolls"].Integer(), 3u);
    EXPECT_EQ(fewer["experiment"]["die"].Size(), 6u);
    EXPECT_EQ(fewer["experiment"]["target"].Integer(), 60u);
    const Json sixes = run({"--preset", "ten-d6", "--chance", "1/6", "--target", "2"});
    EXPECT_EQ(sixes["experiment"]["die"].Size(), 2u);
    EXPECT_EQ(sixes["experiment"]["target"].Integer(), 2u);
    const Json other = run({"--preset", "dream-rods", "--die", "5,7"});
    EXPECT_EQ(other["experiment"]["rolls"].Integer(), 305u);
    EXPECT_EQ(other["experiment"]["die"][1]["value"].Integer(), 7u);
    EXPECT_EQ(other["experiment"].Keys().count("target"), 0u); // the old one is of another die
    const Json whole = run({"--preset", "million", "--rolls", "100", "--keep", "histogram"});
    EXPECT_EQ(whole["run"]["keep"].String(), "histogram");
    const Json sum = run({"--preset", "177-in-a-row", "--statistic", "sum"});
    EXPECT_EQ(sum["experiment"]["statistic"].String(), "sum");
}

TEST(Presets, AreListedWithTheirSources)
{
    Outcome outcome = RunProgram({"presets"});
    EXPECT_EQ(outcome.code, 0) << Describe(outcome);
    const grav_preset *preset;
    for (size_t i = 0; (preset = grav_preset_at(i)); i++)
        for (const char *text : {preset->name, preset->question, preset->source})
            EXPECT_TRUE(Contains(outcome.out, text)) << text;
    std::istringstream lines(outcome.out);
    for (std::string line; std::getline(lines, line);)
        EXPECT_LE(line.size(), 80u) << line;
}

} // namespace
