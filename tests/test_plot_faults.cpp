// graveler plot: wrong files, hostile names, and a gnuplot that fails.
extern "C" {
#include "cli/gnuplot.h"
}
#include "program.h"
#include "svg.h"
#include "temporary_folder.h"

#include <algorithm>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <unistd.h>

namespace {

using namespace program;

class PlotFaults : public testing::Test {
  protected:
    void SetUp() override
    {
        Outcome played = RunProgram(program::Founding("1000", {"--json", result_, "--quiet"}));
        ASSERT_EQ(played.code, 0) << Describe(played);
    }

    // A gnuplot of ours, alone on the PATH but for the usual programs behind it.
    Command WithGnuplot(const std::string &script, const Words &words)
    {
        std::filesystem::create_directory(folder_ / "bin");
        Write(folder_ / "bin/gnuplot", "#!/bin/sh\n" + script + "\n");
        std::filesystem::permissions(folder_ / "bin/gnuplot", std::filesystem::perms::owner_all);
        Command command = Graveler(Joined({"plot", result_}, words));
        command.environment["PATH"] = folder_ / "bin:/usr/bin:/bin";
        return command;
    }

    // Fails with one line that has all of these.
    void ExpectFails(const Command &command, int code, const Words &parts)
    {
        Outcome outcome = process::Run(command);
        EXPECT_EQ(outcome.code, code) << Describe(outcome);
        EXPECT_EQ(CountLines(outcome.err), 1u) << outcome.err;
        for (const std::string &part : parts)
            EXPECT_TRUE(Contains(outcome.err, part)) << part << "\n" << outcome.err;
        EXPECT_EQ(outcome.out, "");
    }

    void ExpectRefused(const Words &words, const Words &parts)
    {
        ExpectFails(Graveler(Joined({"plot"}, words)), 2, parts);
    }

    TemporaryFolder folder_;
    std::string result_ = folder_ / "result.json";
    std::string picture_ = folder_ / "picture.svg";
};

TEST_F(PlotFaults, RefusesWrongCommandLines)
{
    ExpectRefused({"-o", picture_}, {"name the result files"});
    ExpectRefused({result_}, {"-o result.svg", "--show"});
    ExpectRefused({result_, "-o"}, {"--output: wants an argument: FILE"});
    ExpectRefused({result_, "-o", folder_ / "a.pdf"}, {"a.pdf' ends neither in .svg nor in .png"});
    ExpectRefused({result_, "-o", "-"}, {"--format svg"});
    ExpectRefused({result_, "-o", picture_, "--format", "pdf"}, {"--format", "'pdf'", "svg, png"});
    for (const char *size : {"", "x", "640", "640x", "x480", "640x480x3", "299x480", "640x8001",
                             "-640x480", "640x4e1", "999999999999999999999999999999999999999x480"})
        ExpectRefused({result_, "-o", picture_, std::string("--size=") + size},
                      {"--size", "WIDTHxHEIGHT"});
    ExpectRefused({result_, "-o", folder_ / "missing/a.svg"}, {"missing/a.svg' cannot be written"});
    EXPECT_EQ(Listing(folder_.Path()), std::set<std::string>({"result.json"}));
}

TEST_F(PlotFaults, NamesMissingAndDamagedFiles)
{
    std::string text = Read(result_);
    ExpectRefused({result_, folder_ / "missing.json", "-o", picture_}, {"missing.json'"});
    Write(folder_ / "empty.json", "");
    ExpectRefused({folder_ / "empty.json", "-o", picture_}, {"empty.json'"});
    text[text.find("\"counts\"") + 20] ^= 1;
    Write(folder_ / "damaged.json", text);
    ExpectFails(Graveler({"plot", result_, folder_ / "damaged.json", "-o", picture_}), 4,
                {"damaged.json'"});
    EXPECT_FALSE(std::filesystem::exists(picture_));
}

// By whatever name.
TEST_F(PlotFaults, NeverWritesOverAResult)
{
    const std::string before = Read(result_);
    std::filesystem::create_symlink(result_, folder_ / "link.svg");
    ExpectRefused({result_, "-o", result_, "--format", "svg"}, {"is one of the results"});
    ExpectRefused({result_, "-o", folder_ / "link.svg"}, {"is one of the results"});
    EXPECT_EQ(Read(result_), before);
}

// Names and titles are shown as they are, and nothing in them is a command.
TEST_F(PlotFaults, ShowsHostileTextsAsTheyAre)
{
    const std::string victim = folder_ / "victim";
    const Words texts = {"'; system('touch " + victim + "'); '",
                         "`touch " + victim + "`",
                         "\" . system(\"touch " + victim + "\") . \"",
                         "''",
                         "it's",
                         "@title $HOME ${x} \\n \\' %d %s",
                         "a_b^c{d}&~e",
                         "<b>&amp;</b>",
                         "# ! no comment",
                         "EOD",
                         "Übung 骰子"};
    for (const std::string &text : texts) {
        Outcome outcome = RunProgram(
            {"plot", result_, "--title", text, "--size", "4000x600", "-o", "-", "--format", "svg"});
        ASSERT_EQ(outcome.code, 0) << Describe(outcome);
        EXPECT_TRUE(svg::Shows(svg::Read(outcome.out), text)) << text;

        std::string name = text;
        std::replace(name.begin(), name.end(), '/', '|');
        std::filesystem::copy_file(result_, folder_ / name);
        outcome = RunProgram(
            {"plot", result_, folder_ / name, "--size", "4000x600", "-o", "-", "--format", "svg"});
        ASSERT_EQ(outcome.code, 0) << Describe(outcome);
        svg::Picture picture = svg::Read(outcome.out);
        ASSERT_EQ(picture.plots.size(), 3u);
        EXPECT_EQ(picture.plots[2].title.rfind(name + ": highest ", 0), 0u)
            << picture.plots[2].title;
        EXPECT_FALSE(std::filesystem::exists(victim)) << text;
    }
}

// What no XML may hold becomes question marks; what is long gets shorter.
TEST_F(PlotFaults, ReplacesWhatIsNoText)
{
    const std::vector<std::pair<std::string, std::string>> texts = {
        {"a\nsystem('x')\r\x01\x7f", "a?system('x')???"},
        {"\xff\xfe latin \xe9", "?? latin ?"},
        {"cut \xe2\x82", "cut ??"},
        {"<![CDATA[x]]>]]>", "<![CDATA[x]] >]] >"},
        {"\xed\xa0\x80 \xef\xbf\xbe \xef\xbf\xbf.", "??? ??? ???."},
        {std::string(5000, 'x'), ""}};
    for (const auto &[text, shown] : texts) {
        Outcome outcome =
            RunProgram({"plot", result_, "--title", text, "-o", "-", "--format", "svg"});
        ASSERT_EQ(outcome.code, 0) << Describe(outcome);
        svg::Picture picture = svg::Read(outcome.out);
        EXPECT_TRUE(shown.empty() || svg::Shows(picture, shown))
            << testing::PrintToString(picture.texts);
        for (const std::string &any : picture.texts)
            EXPECT_LT(any.size(), 200u);
    }
}

TEST_F(PlotFaults, SaysWhereGnuplotIsNot)
{
    Command command = Graveler({"plot", result_, "-o", picture_});
    command.environment["PATH"] = folder_.Path();
    ExpectFails(command, 1, {"gnuplot", "PATH", "apt install gnuplot-nox"});
    EXPECT_FALSE(std::filesystem::exists(picture_));
}

// Whatever it does, the picture that was there stays, and nothing else is left.
TEST_F(PlotFaults, KeepsTheOldPictureWhenGnuplotFails)
{
    const std::vector<std::pair<std::string, std::string>> failures = {
        {"cat >/dev/null; echo '<?xml half'; echo >&2; echo '   ^' >&2; "
         "echo '         line 5: warning: never mind' >&2; "
         "echo '         line 7: first trouble' >&2; echo 'line 8: second' >&2; exit 1",
         "gnuplot failed: line 7: first trouble"},
        {"echo no display >&2; exit 3", "gnuplot failed: no display"},
        {"exit 3", "it ended with code 3"},
        {"kill -9 $$", "it was ended by signal 9"},
        {"exec <&-; exit 1", "it ended with code 1"},
        {"exec >&- 2>&-; exit 0", "its picture is not whole"},
        {"exit 0", "its picture is not whole"},
        {"echo '<?xml version=\"1.0\"?><svg>'", "its picture is not whole"},
        {"head -c 300000 /dev/zero >&2; exit 1", "gnuplot failed: "},
    };
    for (const auto &[script, message] : failures) {
        Write(picture_, "the old picture");
        ExpectFails(WithGnuplot(script, {"-o", picture_}), 1, {message});
        EXPECT_EQ(Read(picture_), "the old picture") << script;
        EXPECT_EQ(Listing(folder_.Path()),
                  std::set<std::string>({"bin", "picture.svg", "result.json"}));
    }
}

TEST_F(PlotFaults, PassesOverWarnings)
{
    Outcome outcome = process::Run(WithGnuplot(
        "echo warning: no fonts >&2; PATH=/usr/bin exec gnuplot \"$@\"", {"-o", picture_}));
    EXPECT_EQ(outcome.code, 0) << Describe(outcome);
    EXPECT_EQ(outcome.err, "");
    svg::Read(Read(picture_));
}

// Nobody's start-up file changes a picture.
TEST_F(PlotFaults, ReadsNoStartUpFiles)
{
    Command command = Graveler({"plot", result_, "-o", picture_});
    Write(folder_ / ".gnuplot", "set label 99 'from a start-up file' at graph 0.5,0.5\n");
    command.environment["HOME"] = folder_.Path();
    ASSERT_EQ(process::Run(command).code, 0);
    EXPECT_FALSE(svg::Shows(svg::Read(Read(picture_)), "from a start-up file"));
}

TEST_F(PlotFaults, TellsOfAFullDisk)
{
    ExpectFails(Graveler({"plot", result_, "-o", "/dev/full", "--format", "png"}), 1,
                {"/dev/full' cannot be written: No space left on device"});
    Command command = Graveler({"plot", result_, "-o", "-", "--format", "svg"});
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    ASSERT_GE(full, 0);
    command.out = full;
    ExpectFails(command, 1, {"standard output cannot be written: No space left on device"});
    close(full);
}

TEST_F(PlotFaults, WorksWithoutStandardFiles)
{
    Command command = Graveler({"plot", result_, "-o", picture_});
    command.in = command.out = command.err = process::kClosed;
    EXPECT_EQ(process::Run(command).code, 0);
    EXPECT_EQ(svg::Read(Read(picture_)).plots.size(), 3u);
}

// One that never ends is ended, whether it has hung up or not.
TEST(Gnuplot, IsEndedWhereItDoesNotEnd)
{
    TemporaryFolder folder;
    const std::string path = std::getenv("PATH");
    for (const char *script : {"exec sleep 1000", "exec sleep 1000 >&- 2>&-"}) {
        char *out = nullptr;
        size_t length = 0;
        grav_error err = {};
        Write(folder / "gnuplot", std::string("#!/bin/sh\n") + script + "\n");
        std::filesystem::permissions(folder / "gnuplot", std::filesystem::perms::owner_all);
        setenv("PATH", (folder.Path() + ":" + path).c_str(), 1);
        grav_status status = gnuplot_run("plot x\n", 0.2, &out, &length, &err);
        setenv("PATH", path.c_str(), 1);
        EXPECT_EQ(status, GRAV_ERROR_FILE);
        EXPECT_STREQ(err.message, "gnuplot did not end in time");
        EXPECT_EQ(out, nullptr);
    }
}

} // namespace
