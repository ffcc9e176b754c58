// graveler plot: what its pictures show.
#include "program.h"
#include "svg.h"
#include "temporary_folder.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <sstream>

namespace {

using namespace program;

class PlotCommand : public testing::Test {
  protected:
    // Plays on the CPU into a file.
    std::string Play(const std::string &name, const Words &options)
    {
        std::string file = folder_ / name;
        Outcome played =
            RunProgram(Joined({"run", "--backend", "cpu", "--quiet", "--json", file}, options));
        EXPECT_EQ(played.code, 0) << Describe(played);
        return file;
    }

    std::string Founding(const std::string &name, const std::string &seed,
                         const std::string &sessions, const Words &more = {})
    {
        return Play(name, Joined({"--seed", seed, "--sessions", sessions}, more));
    }

    // Draws an SVG; err becomes what is said.
    svg::Picture Draw(const Words &words, std::string *err = nullptr)
    {
        Outcome outcome = RunProgram(Joined({"plot", "-o", "-", "--format", "svg"}, words));
        EXPECT_EQ(outcome.code, 0) << Describe(outcome);
        if (err)
            *err = outcome.err;
        else
            EXPECT_EQ(outcome.err, "");
        return svg::Read(outcome.out);
    }

    // Texts of which a label has several lines are one after the other.
    static void ExpectShows(const svg::Picture &picture, const Words &texts)
    {
        for (const std::string &text : texts)
            EXPECT_TRUE(svg::Shows(picture, text)) << text << "\nin:\n"
                                                   << testing::PrintToString(picture.texts);
    }

    TemporaryFolder folder_;
};

std::vector<uint64_t> Counts(const std::string &file)
{
    std::vector<uint64_t> counts;
    Json list = Json(Read(file))["result"]["histogram"]["counts"];
    for (size_t i = 0; i < list.Size(); i++)
        counts.push_back(list[i].Integer());
    return counts;
}

size_t Occurred(const std::string &file)
{
    size_t scores = 0;
    for (uint64_t count : Counts(file))
        scores += count > 0;
    return scores;
}

// One result, its law, and what is said of both.
TEST_F(PlotCommand, DrawsHistogramLawRecordAndTarget)
{
    std::string file = Founding("a.json", "42", "1e6");
    svg::Picture picture = Draw({file});
    uint64_t record = Json(Read(file))["result"]["max"]["score"].Integer();
    ExpectShows(picture,
                {"231 rolls at chance 1/4",
                 "1,000,000 sessions, seed 42, method rolls, engine philox", "score", "sessions",
                 "Target 177: 1 in 8.31e59 ▶", "Highest score " + std::to_string(record)});
    ASSERT_EQ(picture.plots.size(), 3u); // columns, that of the record, the law
    EXPECT_EQ(picture.plots[0].title, "sessions played");
    EXPECT_EQ(picture.plots[0].tops.size(), Occurred(file));
    EXPECT_EQ(picture.plots[1].tops.size(), 1u);
    EXPECT_EQ(picture.plots[2].title, "exact law");
    EXPECT_GT(picture.plots[2].line.size(), 40u);
    EXPECT_EQ(picture.width, 1000);
    EXPECT_EQ(picture.height, 600);
}

// On a linear scale heights are to each other as counts are; on a logarithmic one as their
// logarithms are.
TEST_F(PlotCommand, DrawsColumnsAsHighAsCounts)
{
    std::string file = Founding("a.json", "7", "1e5", {"--rolls", "12", "--chance", "1/2"});
    std::vector<double> counts;
    for (uint64_t count : Counts(file))
        if (count)
            counts.push_back(static_cast<double>(count));
    for (bool linear : {true, false}) {
        svg::Picture picture = Draw(linear ? Words{file, "--linear"} : Words{file});
        const std::vector<double> &heights = picture.plots.at(0).heights;
        ASSERT_EQ(heights.size(), counts.size());
        auto scale = [&](double count) { return linear ? count : std::log(count / 0.5); };
        double highest = *std::max_element(counts.begin(), counts.end());
        double pixels = *std::max_element(heights.begin(), heights.end());
        EXPECT_GT(pixels, 200);
        for (size_t i = 0; i < counts.size(); i++)
            EXPECT_NEAR(heights[i], pixels * scale(counts[i]) / scale(highest), 0.1) << i;
    }
}

// The law of two rolls at 1/2 is 1/4, 1/2, 1/4.
TEST_F(PlotCommand, DrawsTheLaw)
{
    std::string file =
        Founding("a.json", "7", "1000", {"--rolls", "2", "--chance", "1/2", "--target", "2"});
    svg::Picture picture = Draw({file, "--linear"});
    std::vector<svg::Point> line = picture.plots.at(2).line;
    ASSERT_EQ(line.size(), 3u);
    double bottom = picture.plots[0].tops[0].y + picture.plots[0].heights[0];
    EXPECT_NEAR(bottom - line[1].y, 2 * (bottom - line[0].y), 0.1);
    EXPECT_NEAR(line[0].y, line[2].y, 0.1);
    EXPECT_NEAR(line[1].x, picture.plots[0].tops[1].x, 0.1);
    EXPECT_NEAR((bottom - line[1].y) / picture.plots[0].heights[1],
                500.0 / static_cast<double>(Counts(file)[1]), 0.01);
    ExpectShows(picture, {"Target 2: 1 in 4"});
}

// Of different length, so that shares are compared: one session of a short run is higher up.
TEST_F(PlotCommand, LaysSeveralResultsOverEachOther)
{
    Words files = {Founding("long.json", "1", "1e6"), Founding("middle.json", "2", "1e4"),
                   Founding("short.json", "3", "100")};
    svg::Picture picture = Draw(files);
    ASSERT_EQ(picture.plots.size(), 4u);
    EXPECT_EQ(picture.plots[0].title, "exact law");
    for (size_t i = 0; i < 3; i++) {
        const svg::Plot &plot = picture.plots[i + 1];
        Json json(Read(files[i]));
        std::string highest = std::to_string(json["result"]["max"]["score"].Integer());
        EXPECT_EQ(plot.title, Words({"long.json: 1,000,000 sessions, seed 1, highest ",
                                     "middle.json: 10,000 sessions, seed 2, highest ",
                                     "short.json: 100 sessions, seed 3, highest "})[i] +
                                  highest);
        EXPECT_EQ(plot.marks.size(), Occurred(files[i]));
        ExpectShows(picture,
                    {highest + "  " + std::filesystem::path(files[i]).filename().string()});
    }
    EXPECT_GT(picture.plots[1].marks.back().y, picture.plots[2].marks.back().y + 30);
    EXPECT_GT(picture.plots[2].marks.back().y, picture.plots[3].marks.back().y + 30);
    ExpectShows(picture, {"share of sessions", "method rolls, engine philox", "1 in 100"});
}

TEST_F(PlotCommand, CountsSessionsOfResultsOfOneLength)
{
    Words files = {Founding("a.json", "1", "1e4"), Founding("b.json", "2", "1e4")};
    svg::Picture picture = Draw(files);
    ExpectShows(picture, {"sessions", "10,000 sessions, method rolls, engine philox each"});
    EXPECT_FALSE(svg::Shows(picture, "share of sessions"));
    EXPECT_TRUE(svg::Shows(Draw(Joined(files, {"--shares"})), "share of sessions"));
}

TEST_F(PlotCommand, DrawsDiceAndStreaksWithLawsOfTheirOwn)
{
    std::string dice =
        Founding("dice.json", "7", "1e5", {"--rolls", "10", "--die", "1..6", "--target", "58"});
    std::string streak = Founding("streak.json", "7", "1e5", {"--statistic", "streak"});
    svg::Picture picture = Draw({dice});
    ExpectShows(picture, {"10 rolls of the die 1..6", "Target 58: 1 in 916,154"});
    picture = Draw({streak});
    ExpectShows(picture, {"The longest streak of 231 rolls at chance 1/4"});
    EXPECT_EQ(picture.plots[0].tops.size(), Occurred(streak));
    picture = Draw({dice, streak});
    ASSERT_EQ(picture.plots.size(), 4u);
    ExpectShows(picture, {"2 results of 2 experiments", "exact law, 10 rolls of the die 1..6",
                          "exact law, the longest streak of 231 rolls at chance 1/4"});
}

// Scores that a die cannot have are no gaps in the law, and columns are as wide as those it can.
TEST_F(PlotCommand, DrawsDiceWhoseScoresAreFarApart)
{
    std::string file =
        Founding("a.json", "7", "1e4", {"--rolls", "3", "--die", "0,1000", "--target", "3000"});
    svg::Picture picture = Draw({file});
    EXPECT_EQ(picture.plots.at(0).tops.size(), 4u);
    EXPECT_EQ(picture.plots.at(2).line.size(), 4u);
}

// Many scores share columns: the picture stays small, and no session is lost.
TEST_F(PlotCommand, PutsManyScoresIntoColumns)
{
    std::string file = Founding("a.json", "7", "1e4", {"--rolls", "1000000", "--target", "1000"});
    svg::Picture picture = Draw({file, "--linear"});
    EXPECT_LE(picture.plots.at(0).tops.size(), 401u);
    EXPECT_GT(picture.plots.at(0).tops.size(), 100u);
    EXPECT_TRUE(std::any_of(picture.texts.begin(), picture.texts.end(),
                            [](const auto &text) { return text.rfind("sessions in ", 0) == 0; }));
    EXPECT_TRUE(svg::Shows(picture, "◀ Target 1,000: 1 in 1"));
}

TEST_F(PlotCommand, DrawsTheRecordAloneWithoutAHistogram)
{
    std::string file = Founding("max.json", "42", "1e4", {"--keep", "max"}), err;
    svg::Picture picture = Draw({file}, &err);
    EXPECT_TRUE(Contains(err, "max.json' has no histogram (--keep max)")) << err;
    EXPECT_EQ(CountLines(err), 1u);
    ExpectShows(picture, {"sessions played: no histogram, the record alone", "exact law"});
    EXPECT_TRUE(picture.plots.at(0).tops.empty());
    EXPECT_GT(picture.plots.at(0).line.size(), 20u);
}

TEST_F(PlotCommand, LeavesOutALawBeyondItsLimits)
{
    const Words huge = {"--rolls", "20000", "--die", "1..6"};
    std::string err, file = Founding("a.json", "1", "50", huge);
    svg::Picture picture = Draw({file}, &err);
    EXPECT_TRUE(Contains(err, "law left out: ")) << err;
    ExpectShows(picture, {"law left out: beyond its limits"});
    EXPECT_TRUE(picture.plots.at(2).line.empty());
    EXPECT_FALSE(picture.plots.at(0).tops.empty());

    file = Founding("max.json", "1", "50", Joined(huge, {"--keep", "max"}));
    Outcome outcome = RunProgram({"plot", file, "-o", folder_ / "a.svg"});
    EXPECT_EQ(outcome.code, 2) << Describe(outcome);
    EXPECT_TRUE(Contains(outcome.err, "max.json' has no histogram")) << outcome.err;
}

TEST_F(PlotCommand, DrawsAnIncompleteCheckpoint)
{
    std::string file = folder_ / "big.checkpoint";
    Outcome run = RunProgram({"run", "--seed", "42", "--backend", "cpu", "--sessions", kEndless,
                              "--checkpoint", file, "--max-time", "100ms", "--quiet"});
    ASSERT_EQ(run.code, 3) << Describe(run);
    svg::Picture picture = Draw({file});
    EXPECT_TRUE(std::any_of(picture.texts.begin(), picture.texts.end(), [](const auto &text) {
        return Contains(text, " of 1,000,000,000,000,000 sessions, seed 42, ");
    })) << testing::PrintToString(picture.texts);
}

TEST_F(PlotCommand, DrawsEngineGen3AgainstFairRolls)
{
    std::string file = Play("a.json", {"--engine", "gen3", "--sessions", "1e4"});
    ExpectShows(Draw({file}),
                {"10,000 sessions, method rolls, engine gen3, 1 call per roll",
                 "exact law of fair rolls", "Target 177, fair rolls: 1 in 8.31e59 ▶"});
}

TEST_F(PlotCommand, WritesPngOfTheSizeAskedFor)
{
    std::string file = Founding("a.json", "42", "1000"), picture = folder_ / "a.PNG";
    Outcome outcome = RunProgram({"plot", file, "--output", picture, "--size", "640x480"});
    ASSERT_EQ(outcome.code, 0) << Describe(outcome);
    std::string png = Read(picture);
    ASSERT_GT(png.size(), 24u);
    EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
    EXPECT_EQ(png.substr(16, 8), std::string("\0\0\x02\x80\0\0\x01\xe0", 8));
    EXPECT_EQ(png.substr(png.size() - 8, 4), "IEND");
    // The same to standard output.
    outcome = RunProgram({"plot", file, "-o", "-", "--format", "png", "--size", "640x480"});
    EXPECT_EQ(outcome.out, png);
}

TEST_F(PlotCommand, ShowsInTheTerminalAsWideAsItIs)
{
    Command command = Graveler({"plot", Founding("a.json", "42", "1000"), "--show"});
    for (unsigned columns : {60u, 132u}) {
        command.columns = columns;
        Outcome outcome = process::Run(command);
        ASSERT_EQ(outcome.code, 0) << Describe(outcome);
        std::istringstream lines(outcome.out);
        size_t widest = 0, count = 0;
        for (std::string line; std::getline(lines, line); count++)
            widest = std::max(widest, line.find_last_not_of(" \r\f") + 1);
        EXPECT_LE(widest, columns);
        EXPECT_GT(widest, columns / 2);
        EXPECT_LE(count, 24u);
        EXPECT_TRUE(Contains(outcome.out, "231 rolls at chance 1/4"));
        EXPECT_TRUE(Contains(outcome.out, "Highest score ")) << outcome.out;
        EXPECT_TRUE(std::all_of(outcome.out.begin(), outcome.out.end(), [](char c) {
            return static_cast<unsigned char>(c) < 0x80; // the locale is C
        }));
    }
}

// Every label of a record has a place of its own, inside the picture.
TEST_F(PlotCommand, KeepsLabelsApart)
{
    Words files;
    for (int seed = 0; seed < 12; seed++)
        files.push_back(Founding("seed-" + std::to_string(seed) + ".json", std::to_string(seed),
                                 seed % 2 ? "1e4" : "1e3"));
    Outcome outcome = RunProgram(Joined({"plot", "-o", "-", "--format", "svg"}, files));
    ASSERT_EQ(outcome.code, 0) << Describe(outcome);
    svg::Picture picture = svg::Read(outcome.out);
    std::vector<svg::Point> at;
    std::set<std::string> seen; // gnuplot draws texts in boxes twice
    for (const svg::Label &label : picture.labels)
        if (Contains(label.text, "  seed-") && seen.insert(label.text).second)
            at.push_back(label.at);
    ASSERT_EQ(at.size(), files.size());
    for (size_t i = 0; i < at.size(); i++) {
        EXPECT_GT(at[i].y, 50);
        EXPECT_LT(at[i].x + 100, picture.width);
        for (size_t j = 0; j < i; j++)
            EXPECT_GT(std::fabs(at[i].y - at[j].y), 12) << i << " " << j;
    }
    files.push_back(files[0]);
    outcome = RunProgram(Joined({"plot", "-o", "-", "--format", "svg"}, files));
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(outcome.err, "graveler plot: 13 results are too many for one picture: at most 12\n");
}

} // namespace
