// What the program takes and prints, where that is no fixed text (see test_golden.cpp).
#include "program.h"
#include "reference.h"
#include "support.h"
#include "temporary_folder.h"

#include <algorithm>
#include <fcntl.h>
#include <iterator>
#include <regex>
#include <unistd.h>

namespace {

using namespace program;

// ---- Output -------------------------------------------------------------------------------------

TEST(CliOutput, QuietIsTheBareNumber)
{
    Outcome outcome = RunProgram(Founding("3000", {"--quiet"}));
    EXPECT_EQ(outcome.out, "81\n");
    EXPECT_EQ(outcome.err, "");
}

const std::vector<Words> kPrinting = {
    Founding("3000"),
    Founding("3000", {"--quiet"}),
    Founding("3000", {"--json"}),
    {"replay", "--seed", "42", "--session", "413"},
    {"replay", "--seed", "42", "--session", "413", "--rolls", "1e5"},
    {"odds"},
    {"odds", "--json"},
    {"devices"},
    {"devices", "--json"},
    {"presets"},
    {"stream", "--seed", "42"},
    {"run", "--help"},
    {"--help"},
    {"--version"}};

void ExpectFailure(const Command &command)
{
    Outcome outcome = process::Run(command);
    EXPECT_EQ(outcome.code, 1) << command.arguments[1] << "\n" << Describe(outcome);
    // JSON that cannot be written is on stderr instead: it must not be lost.
    std::string message = outcome.err;
    if (command.arguments.back() == "--json") {
        size_t end = message.rfind("}\n") + 2;
        Json json(message.substr(0, end));
        EXPECT_TRUE(Contains(json["format"].String(), "graveler-"));
        if (json["format"].String() == "graveler-result") {
            EXPECT_EQ(json["result"]["sessions"].Integer(), 3000u);
        }
        message.erase(0, end);
    }
    EXPECT_EQ(CountLines(message), 1u) << outcome.err;
    EXPECT_TRUE(Contains(outcome.err, "cannot be written")) << outcome.err;
}

TEST(CliOutput, ThatIsFullOrClosedIsAFailure)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    ASSERT_GE(full, 0);
    for (const Words &arguments : kPrinting) {
        Command command = Graveler(arguments);
        command.out = full;
        ExpectFailure(command);
        command.out = process::kClosed;
        ExpectFailure(command);
    }
    close(full);
}

// Nothing that the program opens may take the place of a standard stream that is closed.
TEST(CliOutput, ClosedDoesNotMixWithFiles)
{
    TemporaryFolder folder;
    std::string file = folder / "result.json";
    for (int closed = 0; closed < 8; closed++) {
        Command command = Graveler(Founding("2e6", {"--progress", "always", "--json", file}));
        if (closed & 1)
            command.in = process::kClosed;
        if (closed & 2)
            command.out = process::kClosed;
        if (closed & 4)
            command.err = process::kClosed;
        Outcome outcome = process::Run(command);
        EXPECT_EQ(outcome.code, closed & 2 ? 1 : 0) << closed << Describe(outcome);
        EXPECT_EQ(Json(Read(file))["result"]["sessions"].Integer(), 2000000u) << closed;
        EXPECT_EQ(Listing(folder.Path()), std::set<std::string>{"result.json"}) << closed;
        std::filesystem::remove(file);
    }
}

TEST(CliOutput, IsOneLineWhateverTheValue)
{
    for (const Words &arguments :
         {Words{"run", "--engine", "a\nb"}, Words{"run", "--sessions", "1\n"},
          Words{"run", "--chance", "1/4\n"}, Words{"run", "--devices", "0\n"},
          Words{"run", "--json", "/a\nb/c"}, Words{"a\nb"}, Words{"run", "a\nb"},
          Words{"run", "--a\nb"}, Words{"run", "--engine", "\033[31mred"}}) {
        Outcome outcome = RunProgram(arguments);
        EXPECT_EQ(outcome.code, 2) << Describe(outcome);
        EXPECT_EQ(CountLines(outcome.err), 1u) << outcome.err;
        EXPECT_FALSE(Contains(outcome.err, "\033")) << outcome.err;
    }
    std::string huge(100000, '1');
    for (const Words &arguments : {Words{"run", "--engine", huge}, Words{"run", "--sessions", huge},
                                   Words{"run", "--chance", huge}, Words{"run", "--devices", huge},
                                   Words{"run", "--json", huge}, Words{huge}, Words{"run", huge},
                                   Words{"run", "--" + huge}}) {
        Outcome outcome = RunProgram(arguments);
        EXPECT_EQ(outcome.code, 2) << Describe(outcome);
        EXPECT_EQ(CountLines(outcome.err), 1u) << outcome.err;
        EXPECT_LT(outcome.err.size(), 600u);
    }
}

TEST(CliOutput, IsAsciiUnlessTheLocaleIsMore)
{
    auto is_ascii = [](const std::string &text) {
        return std::all_of(text.begin(), text.end(), [](char c) { return c > 0; });
    };
    Command command = Graveler(Founding("3000"));
    for (const char *locale : {"C", "POSIX", "xx_XX.nonsense"}) {
        command.environment["LC_ALL"] = locale;
        EXPECT_TRUE(is_ascii(process::Run(command).out)) << locale;
    }
    command.environment["LC_ALL"] = "C.UTF-8";
    std::string report = process::Run(command).out;
    EXPECT_TRUE(Contains(report, "\u2588")) << report;
    EXPECT_EQ(Line(report, "Digest"), "4f49b58591fc595ccb1b86eebe29b929");
}

// ---- Help ---------------------------------------------------------------------------------------

TEST(CliHelp, FitsOneScreenAndStartsWithAnExample)
{
    for (const char *command : {"", "run", "replay", "odds", "presets", "devices", "stream"}) {
        Words arguments = {command, "--help"};
        if (!*command)
            arguments.erase(arguments.begin());
        // However wide or narrow the terminal is said to be.
        Command help = Graveler(arguments);
        help.environment["COLUMNS"] = "200";
        Outcome outcome = process::Run(help);
        EXPECT_EQ(outcome.code, 0) << command;
        EXPECT_EQ(outcome.err, "") << command;
        EXPECT_EQ(outcome.out.find(std::string("Example: graveler ") + command), 0u) << outcome.out;
        EXPECT_LE(CountLines(outcome.out), 45u) << command;
        std::istringstream lines(outcome.out);
        for (std::string line; std::getline(lines, line);) {
            EXPECT_LE(line.size(), 80u) << line;
            EXPECT_TRUE(line.empty() || line.back() != ' ') << line;
        }
    }
}

TEST(CliHelp, ExamplesWork)
{
    for (const char *name : {"", "run", "replay", "odds", "presets", "devices"}) {
        std::string help = RunProgram(*name ? Words{name, "--help"} : Words{"--help"}).out;
        std::istringstream words(help.substr(0, help.find('\n')));
        Words example{std::istream_iterator<std::string>(words), {}};
        example.erase(example.begin(), example.begin() + 2); // Example: graveler
        Outcome outcome = RunProgram(example);
        EXPECT_EQ(outcome.code, 0) << help << Describe(outcome);
    }
}

// ---- Values -------------------------------------------------------------------------------------

TEST(CliValues, NumbersHaveManyForms)
{
    struct Forms {
        std::string plain;
        Words forms;
    };
    for (const Forms &row :
         {Forms{"1000", {"1e3", "1E3", "1_000", "0x3e8", "10^3", "1.0e3", "0x3E8", "01000"}},
          Forms{"1500", {"1.5e3", "1_500", "0x5dc", "15e2"}}, Forms{"1024", {"2^10", "0x400"}}}) {
        Json plain = RunJson(Founding(row.plain));
        EXPECT_EQ(std::to_string(plain["result"]["sessions"].Integer()), row.plain);
        for (const std::string &form : row.forms) {
            Json json = RunJson(Founding(form));
            EXPECT_EQ(json["result"]["sessions"].Integer(), plain["result"]["sessions"].Integer())
                << form;
            EXPECT_EQ(DigestOf(json), DigestOf(plain)) << form;
        }
    }
}

TEST(CliValues, ChancesHaveManyForms)
{
    Json plain = RunJson(Founding("1000"));
    for (const char *form : {"0.25", ".25", "25%", "2.5e-1", "2/8", "0.250", "25.0%"}) {
        Json json = RunJson(Founding("1000", {"--chance", form}));
        EXPECT_EQ(json["experiment"]["die"][0]["weight"].String(), "1/4") << form;
        EXPECT_EQ(DigestOf(json), DigestOf(plain)) << form;
    }
}

// As many digits as a number may have are taken, or refused with the reason.
TEST(CliValues, ChancesHaveManyDigits)
{
    for (size_t digits : {100, 400, 700, 990, 2000}) {
        Outcome outcome =
            RunProgram(Founding("10", {"--chance", "0." + std::string(digits, '3'), "--quiet"}));
        EXPECT_TRUE(outcome.code == 0 || (outcome.code == 2 && Contains(outcome.err, "chance")))
            << digits << " digits: " << Describe(outcome);
    }
}

// A number is read whole, or refused: not cut off.
TEST(CliValues, DevicesAreReadWhole)
{
    for (const std::string &one : {std::string("1"), std::string(40, '0') + "1"}) {
        Outcome outcome =
            RunProgram({"run", "--sessions", "10", "--devices", "0," + one + "," + one});
        EXPECT_EQ(outcome.code, 2);
        EXPECT_FALSE(Contains(outcome.err, "device 0 is given twice")) << outcome.err;
    }
}

TEST(CliValues, SeedIsDrawnAndTold)
{
    std::set<std::string> seeds;
    for (int i = 0; i < 2; i++) {
        TemporaryFolder folder;
        std::string file = folder / "result.json";
        Outcome outcome =
            RunProgram({"run", "--backend", "cpu", "--sessions", "3000", "--json", file});
        ASSERT_EQ(outcome.code, 0) << Describe(outcome);
        Json json(Read(file));
        std::smatch found;
        ASSERT_TRUE(std::regex_search(outcome.out, found, std::regex("seed ([0-9]+),")));
        uint64_t seed = std::stoull(found[1]);
        EXPECT_EQ(std::stoull(json["run"]["seed"].String(), nullptr, 16), seed);
        seeds.insert(found[1]);

        Json again = RunJson(
            {"run", "--backend", "cpu", "--sessions", "3000", "--seed", std::to_string(seed)});
        EXPECT_EQ(DigestOf(again), DigestOf(json));
        EXPECT_TRUE(Contains(Line(outcome.out, "Replay it"), "--seed " + std::to_string(seed)));
    }
    EXPECT_EQ(seeds.size(), 2u) << "the same seed was drawn twice";
}

// The report says how to replay the record; that gives the same score.
TEST(CliValues, RecordIsReplayed)
{
    for (const char *method : {"rolls", "scores"}) {
        Outcome run =
            RunProgram(Founding("3000", {"--rolls", "100", "--chance", "0.3", "--target", "40",
                                         "--engine", "philox7", "--method", method}));
        std::istringstream line(Line(run.out, "Replay it"));
        Words words{std::istream_iterator<std::string>(line), {}};
        ASSERT_GT(words.size(), 1u) << run.out;
        Outcome replay = RunProgram(Words(words.begin() + 1, words.end()));
        std::string record = Line(run.out, "Highest score"), score = Line(replay.out, "Score");
        EXPECT_EQ(record.substr(0, record.find(',')), score.substr(0, score.find(" (")))
            << replay.out;
        EXPECT_EQ(Line(replay.out, "Target 40"), "reached");
        EXPECT_TRUE(Contains(replay.out, std::string("method ") + method)) << replay.out;
    }
}

// ---- Other commands -----------------------------------------------------------------------------

TEST(CliReplay, ShowsEveryRollAsItWasRolled)
{
    for (uint32_t rolls : {1u, 59u, 60u, 61u, 231u, 1000u}) {
        Outcome outcome = RunProgram({"replay", "--seed", "42", "--session", "413", "--rolls",
                                      std::to_string(rolls), "--chance", "0.3"});
        std::string expected, shown;
        reference::Chance chance = reference::ParseChance("0.3");
        for (bool scored : reference::Rolls(reference::Engine::kPhilox, 42, 413, rolls, chance))
            expected += scored ? '1' : '.';
        std::regex line("\n +[0-9]+((?: [.1]+)+)");
        for (std::sregex_iterator i(outcome.out.begin(), outcome.out.end(), line), end; i != end;
             ++i)
            shown += (*i)[1];
        shown.erase(std::remove(shown.begin(), shown.end(), ' '), shown.end());
        EXPECT_EQ(shown, expected) << outcome.out;
        std::string score = std::to_string(std::count(expected.begin(), expected.end(), '1'));
        EXPECT_EQ(Line(outcome.out, "Score").find(score + " of "), 0u) << outcome.out;
    }
}

TEST(CliReplay, FitsTheTerminal)
{
    for (unsigned columns : {40, 80, 200}) {
        Command command = Graveler({"replay", "--seed", "42", "--session", "413"});
        command.columns = columns;
        std::istringstream lines(process::Run(command).out);
        for (std::string line; std::getline(lines, line);)
            if (line.find_first_not_of(" 0123456789.\r") == std::string::npos) {
                EXPECT_LE(line.size(), columns + 1) << line; // + 1: the \r
            }
    }
}

// Reads so many bytes of a stream, and closes the pipe.
std::string ReadStream(const Words &arguments, size_t length)
{
    int ends[2];
    EXPECT_EQ(pipe2(ends, O_CLOEXEC), 0);
    Command command = Graveler(Joined({"stream"}, arguments));
    command.out = ends[1];
    Process program(command);
    close(ends[1]);
    std::string bytes;
    char buffer[4096];
    while (bytes.size() < length) {
        ssize_t got = read(ends[0], buffer, std::min(sizeof buffer, length - bytes.size()));
        if (got <= 0)
            break;
        bytes.append(buffer, static_cast<size_t>(got));
    }
    close(ends[0]);
    Outcome outcome = program.Wait();
    EXPECT_EQ(outcome.code, 0) << Describe(outcome);
    EXPECT_EQ(outcome.err, "");
    return bytes;
}

TEST(CliStream, IsTheWordsOfOneSessionAfterTheOther)
{
    struct Stream {
        Words options;
        reference::Engine engine;
        uint64_t seed, first, words;
    };
    const uint64_t huge = 0xfedcba9876543210;
    for (const Stream &stream :
         {Stream{{"--seed", "42"}, reference::Engine::kPhilox, 42, 0, 12},
          Stream{{"--seed", "0xfedcba9876543210", "--first", "1e12", "--words", "5"},
                 reference::Engine::kPhilox,
                 huge,
                 1000000000000,
                 5},
          Stream{{"--seed", "42", "--engine", "philox7", "--words", "1"},
                 reference::Engine::kPhilox7,
                 42,
                 0,
                 1},
          Stream{{"--seed", "42", "--first", "4000", "--words", "14", "--engine", "fast"},
                 reference::Engine::kFast,
                 42,
                 4000,
                 14},
          // More than the program holds at a time.
          Stream{{"--seed", "42", "--words", "20000"}, reference::Engine::kPhilox, 42, 0, 20000}}) {
        size_t length = 4 * 45000;
        std::string bytes = ReadStream(stream.options, length);
        ASSERT_EQ(bytes.size(), length);
        for (size_t i = 0; i < length / 4; i++) {
            uint32_t word = 0;
            for (size_t j = 4; j-- > 0;)
                word = word << 8 | static_cast<unsigned char>(bytes[4 * i + j]);
            ASSERT_EQ(word, reference::Word(stream.engine, stream.seed,
                                            stream.first + i / stream.words, i % stream.words))
                << i;
        }
    }
}

TEST(CliStream, EndsInOrderWhenNobodyReads)
{
    EXPECT_EQ(ReadStream({"--seed", "42"}, 0), "");
    EXPECT_EQ(ReadStream({"--seed", "42"}, 1).size(), 1u);
    EXPECT_EQ(ReadStream({"--seed", "42"}, 1 << 20).size(), 1u << 20);
}

TEST(CliStream, IsNotForTerminals)
{
    Command command = Graveler({"stream", "--seed", "42"});
    command.columns = 80;
    Outcome outcome = process::Run(command);
    EXPECT_EQ(outcome.code, 2);
    EXPECT_EQ(CountLines(outcome.out), 1u) << outcome.out;
    EXPECT_TRUE(Contains(outcome.out, "pipe")) << outcome.out;
}

TEST(CliDevices, JsonIsWhatTheLibrarySays)
{
    Json json(RunProgram({"devices", "--json"}).out);
    grav_cpu_info cpu;
    grav_error err;
    int gpus = 0;
    grav_cpu(&cpu);
    EXPECT_EQ(json["format"].String(), "graveler-devices");
    EXPECT_EQ(json["cpu"]["model"].String(), cpu.model);
    EXPECT_EQ(json["cpu"]["threads"].Integer(), cpu.threads);
    EXPECT_EQ(json["cpu"]["isa"].String(), grav_isa_name(cpu.isa));
    if (grav_gpu_count(&gpus, &err) != GRAV_OK) {
        EXPECT_EQ(json["no_gpus_because"].String(), err.message);
    }
    EXPECT_EQ(json["gpus"].Size(), static_cast<size_t>(gpus));
}

// ---- Memory -------------------------------------------------------------------------------------

TEST(CliMemory, DoesNotDependOnTheSessions)
{
    if (kSanitized)
        GTEST_SKIP() << "sanitizers take memory of their own";
    Outcome outcome = RunProgram(Founding("3e7", {"--quiet"}));
    EXPECT_EQ(outcome.code, 0) << Describe(outcome);
    EXPECT_GT(outcome.peak_kib, 0);
    EXPECT_LT(outcome.peak_kib, 32 * 1024);
}

} // namespace
