// Command lines and all they print, against the files in tests/golden.
//
// A golden file holds cases, each a shell command and what it should do:
//
//   # a comment
//   $ graveler run --sessions 0
//   exit: 2
//   stderr:
//       graveler run: --sessions: '0' is not ...
//
// A section that is not there is empty. {*} stands for any text within a line, a line {...} for any
// number of lines. A last line {no newline} means that the output does not end in one. Commands run
// in an empty folder, in the locale C. With GRAVELER_GOLDEN_UPDATE=1 the sections that do not match
// are written anew, and the test fails all the same.
//
// In files bad-*.txt every command line is wrong: the program must print nothing but one line on
// stderr and exit with code 2. Where a value is what is wrong, it is that of the last option, and
// the line must name both.
#include "places.h"
#include "process.h"
#include "temporary_folder.h"

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <gtest/gtest.h>
#include <regex>
#include <sstream>

namespace {

using Lines = std::vector<std::string>;

const char *const kNoNewline = "{no newline}";
const char *const kAnyLines = "{...}";
const char *const kAnyText = "{*}";
const char *const kIndent = "    ";

struct Case {
    Lines before; // blank lines and comments
    std::string command;
    int exit_code = 0;
    Lines out, err;
};

struct GoldenFile {
    std::vector<Case> cases;
    Lines after;
};

// ---- Reading and writing ------------------------------------------------------------------------

Lines SplitLines(const std::string &text)
{
    Lines lines;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);)
        lines.push_back(line);
    if (!text.empty() && text.back() != '\n')
        lines.push_back(kNoNewline);
    return lines;
}

bool StartsWith(const std::string &text, const std::string &start)
{
    return text.compare(0, start.size(), start) == 0;
}

// Blank lines belong to a section if more of it follows.
Lines ReadSection(const Lines &lines, size_t *at)
{
    Lines section;
    size_t end = *at;
    for (size_t i = *at; i < lines.size(); i++) {
        if (!lines[i].empty() && !StartsWith(lines[i], kIndent))
            break;
        if (!lines[i].empty())
            end = i + 1;
    }
    for (; *at < end; ++*at)
        section.push_back(lines[*at].empty() ? "" : lines[*at].substr(4));
    return section;
}

GoldenFile Read(const std::string &path)
{
    std::ifstream in(path);
    std::string text{std::istreambuf_iterator<char>(in), {}};
    Lines lines = SplitLines(text), before;
    GoldenFile file;
    for (size_t at = 0; at < lines.size();) {
        std::string line = lines[at++];
        bool in_case = !file.cases.empty() && before.empty();
        if (StartsWith(line, "$ ")) {
            file.cases.push_back({before, line.substr(2), 0, {}, {}});
            before.clear();
        } else if (in_case && StartsWith(line, "exit: "))
            file.cases.back().exit_code = std::stoi(line.substr(6));
        else if (in_case && line == "stdout:")
            file.cases.back().out = ReadSection(lines, &at);
        else if (in_case && line == "stderr:")
            file.cases.back().err = ReadSection(lines, &at);
        else if (line.empty() || line[0] == '#')
            before.push_back(line);
        else
            throw std::runtime_error(path + ": what is this line? " + line);
    }
    file.after = before;
    return file;
}

void WriteSection(const char *name, const Lines &lines, std::ostream &out)
{
    if (!lines.empty())
        out << name << ":\n";
    for (const std::string &line : lines)
        out << (line.empty() ? "" : kIndent) << line << "\n";
}

std::string Text(const GoldenFile &file)
{
    std::ostringstream out;
    for (const Case &c : file.cases) {
        for (const std::string &line : c.before)
            out << line << "\n";
        out << "$ " << c.command << "\nexit: " << c.exit_code << "\n";
        WriteSection("stdout", c.out, out);
        WriteSection("stderr", c.err, out);
    }
    for (const std::string &line : file.after)
        out << line << "\n";
    return out.str();
}

// ---- Matching -----------------------------------------------------------------------------------

// {*} matches as little as the rest allows; `at` characters of text are matched already.
bool MatchesLine(const std::string &pattern, const std::string &text, size_t at = 0)
{
    size_t star = pattern.find(kAnyText);
    if (text.compare(at, std::min(star, text.size()), pattern, 0, star) != 0)
        return false;
    if (star == std::string::npos)
        return true;
    std::string rest = pattern.substr(star + 3);
    for (at += star; at <= text.size(); at++)
        if (MatchesLine(rest, text, at))
            return true;
    return false;
}

bool MatchesLines(const Lines &pattern, size_t i, const Lines &lines, size_t at)
{
    if (i == pattern.size())
        return at == lines.size();
    if (pattern[i] != kAnyLines)
        return at < lines.size() && MatchesLine(pattern[i], lines[at]) &&
               MatchesLines(pattern, i + 1, lines, at + 1);
    for (; at <= lines.size(); at++)
        if (MatchesLines(pattern, i + 1, lines, at))
            return true;
    return false;
}

// The lines, with a mark at the first that does not fit the other side.
std::string Marked(const Lines &lines, size_t mark)
{
    std::string text;
    for (size_t i = 0; i < lines.size(); i++)
        text += (i == mark ? "! " : "  ") + lines[i] + "\n";
    return text;
}

// Compares a section, and puts the lines that came in place of a section that does not match; of
// that, lines with wildcards that still match stay.
void Compare(const std::string &command, const std::string &name, const std::string &text,
             Lines *section)
{
    Lines lines = SplitLines(text);
    if (MatchesLines(*section, 0, lines, 0))
        return;
    size_t mark = 0;
    while (mark < lines.size() && mark < section->size() &&
           MatchesLine((*section)[mark], lines[mark]))
        mark++;
    ADD_FAILURE() << "$ " << command << "\n--- " << name << " should be\n"
                  << Marked(*section, mark) << "--- but is\n"
                  << Marked(lines, mark) << "---";
    for (std::string &line : lines)
        for (const std::string &old : *section)
            if (old.find(kAnyText) != std::string::npos && MatchesLine(old, line)) {
                line = old;
                break;
            }
    *section = lines;
}

// ---- Running ------------------------------------------------------------------------------------

process::Outcome RunShell(const std::string &command)
{
    TemporaryFolder folder;
    std::string program_folder = std::filesystem::path(places::Program()).parent_path();
    process::Command shell{{"/bin/sh", "-c", command}};
    shell.folder = folder.Path();
    shell.environment["PATH"] = program_folder + ":" + std::getenv("PATH");
    shell.limit_s = 30;
    return process::Run(shell);
}

void CheckOneLineOnly(const std::string &command, const process::Outcome &outcome)
{
    EXPECT_EQ(outcome.code, 2) << "$ " << command;
    EXPECT_EQ(outcome.out, "") << "$ " << command;
    EXPECT_TRUE(std::regex_match(outcome.err, std::regex("graveler[^\n]*[^\n.]\n")))
        << "$ " << command << "\nis not answered with one line:\n"
        << outcome.err;
}

void CheckNamesLastOption(const std::string &command, const process::Outcome &outcome)
{
    std::smatch found;
    static const std::regex last_option(".* --([a-z-]+)[ =]'?([^']*)'?");
    ASSERT_TRUE(std::regex_match(command, found, last_option)) << "$ " << command;
    EXPECT_NE(outcome.err.find(found[1].str()), std::string::npos)
        << "$ " << command << "\nshould name the option " << found[1] << ":\n"
        << outcome.err;
    EXPECT_NE(outcome.err.find(found[2].str()), std::string::npos)
        << "$ " << command << "\nshould name the value " << found[2] << ":\n"
        << outcome.err;
}

const std::string kFiles[] = {"bad-chances", "bad-commands", "bad-counts", "bad-dice", "bad-files",
                              "bad-names",   "bad-options",  "devices",    "failures", "gen3",
                              "help",        "odds",         "rare",       "replay",   "run",
                              "run-json",    "run-target",   "selftest",   "split",    "stream"};
const std::string kWrongValues[] = {"bad-chances", "bad-counts", "bad-files", "bad-names"};

class Golden : public testing::TestWithParam<std::string> {};

TEST_P(Golden, File)
{
    std::string path = places::TestsFolder() + "/golden/" + GetParam() + ".txt";
    GoldenFile file = Read(path);
    std::string before = Text(file);
    ASSERT_FALSE(file.cases.empty()) << path;
    for (Case &c : file.cases) {
        process::Outcome outcome = RunShell(c.command);
        ASSERT_FALSE(outcome.timed_out || outcome.signal) << "$ " << c.command << "\n"
                                                          << process::Describe(outcome);
        EXPECT_EQ(outcome.code, c.exit_code) << "$ " << c.command << "\n" << outcome.err;
        c.exit_code = outcome.code;
        Compare(c.command, "stdout", outcome.out, &c.out);
        Compare(c.command, "stderr", outcome.err, &c.err);
        if (StartsWith(GetParam(), "bad-"))
            CheckOneLineOnly(c.command, outcome);
        if (std::count(std::begin(kWrongValues), std::end(kWrongValues), GetParam()))
            CheckNamesLastOption(c.command, outcome);
    }
    if (std::getenv("GRAVELER_GOLDEN_UPDATE") && Text(file) != before) {
        std::ofstream(path) << Text(file);
        ADD_FAILURE() << path << " is updated: look at what changed";
    }
}

std::string Name(const testing::TestParamInfo<std::string> &info)
{
    std::string name = info.param;
    std::replace(name.begin(), name.end(), '-', '_');
    return name;
}

INSTANTIATE_TEST_SUITE_P(Cli, Golden, testing::ValuesIn(kFiles), Name);

TEST(GoldenFiles, AreAllRun)
{
    size_t count = 0;
    for (const auto &entry :
         std::filesystem::directory_iterator(places::TestsFolder() + "/golden")) {
        std::string name = entry.path().stem();
        EXPECT_NE(std::find(std::begin(kFiles), std::end(kFiles), name), std::end(kFiles)) << name;
        count++;
    }
    EXPECT_EQ(count, std::size(kFiles));
}

TEST(GoldenFiles, AreReadWhole)
{
    for (const std::string &name : kFiles) {
        std::string path = places::TestsFolder() + "/golden/" + name + ".txt";
        std::ifstream in(path);
        std::string text{std::istreambuf_iterator<char>(in), {}};
        EXPECT_EQ(Text(Read(path)), text) << path;
    }
}

TEST(GoldenMatching, TellsLinesApart)
{
    EXPECT_TRUE(MatchesLine("a b", "a b"));
    EXPECT_FALSE(MatchesLine("a b", "a bc"));
    EXPECT_FALSE(MatchesLine("a bc", "a b"));
    EXPECT_TRUE(MatchesLine("a{*}c", "abbc"));
    EXPECT_TRUE(MatchesLine("a{*}c", "ac"));
    EXPECT_TRUE(MatchesLine("{*}a{*}a", "xaya"));
    EXPECT_FALSE(MatchesLine("a{*}c", "abcd"));
    EXPECT_FALSE(MatchesLine("a{*}b{*}", "ac"));
    EXPECT_FALSE(MatchesLine("a{*}", ""));
    EXPECT_TRUE(MatchesLines({"a", "{...}", "b"}, 0, {"a", "b"}, 0));
    EXPECT_TRUE(MatchesLines({"{...}", "b"}, 0, {"a", "b", "b"}, 0));
    EXPECT_FALSE(MatchesLines({"a", "{...}"}, 0, {}, 0));
    EXPECT_FALSE(MatchesLines({}, 0, {"a"}, 0));
    EXPECT_FALSE(MatchesLines({"a"}, 0, {"a", ""}, 0));
    EXPECT_FALSE(MatchesLines(SplitLines("a\n"), 0, SplitLines("a"), 0));
}

} // namespace
