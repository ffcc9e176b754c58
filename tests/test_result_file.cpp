// Reading result files: what was written comes back, and what was changed on the way is refused.
#include "playing.h"
#include "program.h"
#include "sealed.h"
#include "temporary_folder.h"

#include <algorithm>
#include <cstring>
#include <fstream>
#include <functional>

namespace {

using playing::Portable;
using support::Digest;
using support::Experiment;
using support::MakeExperiment;
using support::Ranges;
using support::Result;

std::string Text(const Result &result)
{
    char *text = nullptr;
    EXPECT_EQ(grav_result_json(result.get(), nullptr, &text, nullptr), GRAV_OK);
    std::string copy = text;
    free(text);
    return copy;
}

grav_status Parse(const std::string &text, Result *out, grav_error *err)
{
    grav_result *result = nullptr;
    grav_status status = grav_result_parse(text.data(), text.size(), &result, err);
    out->reset(result);
    return status;
}

Result Play(const Experiment &experiment, const std::function<void(grav_run_spec *)> &change)
{
    grav_run_spec spec = support::Spec(Portable(), 42, 0, 300);
    change(&spec);
    return support::Run(experiment, spec);
}

Experiment Die(const char *die, uint32_t rolls)
{
    grav_experiment_spec spec;
    grav_experiment_spec_init(&spec);
    spec.rolls = rolls;
    spec.die = die;
    spec.has_target = false;
    return MakeExperiment(spec);
}

bool StopAtOnce(const grav_progress *, void *)
{
    return true;
}

// Results of all kinds.
std::vector<Result> Kinds()
{
    std::vector<Result> all;
    Experiment founding = MakeExperiment(231, "1/4", 60);
    all.push_back(Play(founding, [](grav_run_spec *) {}));
    all.push_back(Play(founding, [](grav_run_spec *s) { s->keep = GRAV_KEEP_MAX; }));
    all.push_back(Play(founding, [](grav_run_spec *s) { s->method = GRAV_METHOD_SCORES; }));
    all.push_back(Play(founding, [](grav_run_spec *s) { s->until_target = true; }));
    all.push_back(Play(founding, [](grav_run_spec *s) { s->first = (uint64_t{1} << 63) - 300; }));
    all.push_back(Play(founding, [](grav_run_spec *s) { s->seed = UINT64_MAX; }));
    all.push_back(Play(Die("3x1/3,0x5,7x2.5,3x1", 10), [](grav_run_spec *) {}));
    all.push_back(Play(MakeExperiment(20, "1"), [](grav_run_spec *) {}));
    all.push_back(Play(MakeExperiment(231, "1/4"), [](grav_run_spec *s) {
        s->seed = 0;
        s->engine = GRAV_ENGINE_GEN3;
        s->calls_per_roll = 2;
    }));
    all.push_back(Play(founding, [](grav_run_spec *s) {
        s->sessions = uint64_t{1} << 62;
        s->progress = StopAtOnce;
    }));
    all.push_back(support::Merge(Play(founding, [](grav_run_spec *) {}),
                                 Play(founding, [](grav_run_spec *s) { s->first = 1000; })));
    return all;
}

TEST(ResultFile, ComesBackAsItWas)
{
    for (const Result &result : Kinds()) {
        Result again;
        grav_error err = {};
        const std::string text = Text(result);
        ASSERT_EQ(Parse(text, &again, &err), GRAV_OK) << err.message << "\n" << text;
        EXPECT_EQ(Digest(again), Digest(result));
        EXPECT_EQ(Ranges(again), Ranges(result));
        EXPECT_EQ(support::Summary(again).complete, support::Summary(result).complete);
        EXPECT_EQ(Text(again), text) << "times and workers, too";
    }
}

// As `xxhsum -H128` prints it, of everything before the last two lines.
TEST(ResultFile, EndsInTheChecksumThatIsDocumented)
{
    std::string text = Text(Kinds()[0]);
    size_t at = text.find(" \"checksum\"");
    ASSERT_EQ(std::count(text.begin() + static_cast<long>(at), text.end(), '\n'), 2);
    EXPECT_EQ(text.substr(at),
              " \"checksum\": \"" + sealed::Checksum(text.substr(0, at)) + "\"\n}\n");
}

TEST(ResultFile, IsRefusedWithAnyByteChanged)
{
    const std::string text = Text(Kinds()[0]);
    playing::Random random(7);
    for (size_t i = 0; i < text.size(); i++)
        for (int change : {1 << playing::Below(random, 8), 0xff}) {
            std::string changed = text;
            changed[i] = static_cast<char>(changed[i] ^ change);
            Result out;
            grav_error err = {};
            grav_status status = Parse(changed, &out, &err);
            EXPECT_TRUE(status == GRAV_ERROR_MISMATCH || status == GRAV_ERROR_INVALID) << i;
            EXPECT_FALSE(out) << i;
            EXPECT_NE(err.message[0], 0) << i;
        }
}

TEST(ResultFile, IsRefusedCutShort)
{
    const std::string text = Text(Kinds()[0]);
    for (size_t length = 0; length < text.size(); length++) {
        Result out;
        grav_error err = {};
        EXPECT_EQ(Parse(text.substr(0, length), &out, &err), GRAV_ERROR_INVALID) << length;
    }
    Result out;
    EXPECT_NE(Parse(text + "\n", &out, nullptr), GRAV_OK);
    EXPECT_NE(Parse(text + text, &out, nullptr), GRAV_OK);
}

// ---- Wrong on purpose, with the right checksum
// ---------------------------------------------------

using sealed::Replaced;
using sealed::Sealed;
using sealed::WithWorkers;

struct Change {
    const char *from, *to;
    grav_status status;
    const char *message; // contains
};

const Change kChanges[] = {
    {"graveler-result", "graveler-rarity", GRAV_ERROR_INVALID, "its format is 'graveler-rarity'"},
    {"\"version\": 1", "\"version\": 2", GRAV_ERROR_INVALID, "version 2"},
    {"\"0x2a\"", "\"0x2b\"", GRAV_ERROR_MISMATCH, "its digest is"},
    {"\"0x2a\"", "\"-1\"", GRAV_ERROR_INVALID, "'seed'"},
    {"\"philox\"", "\"philox7\"", GRAV_ERROR_MISMATCH, "its digest is"},
    {"\"philox\"", "\"xorwow\"", GRAV_ERROR_INVALID, "'engine'"},
    {"\"rolls\": 231", "\"rolls\": 0", GRAV_ERROR_INVALID, "'rolls'"},
    {"\"rolls\": 231", "\"rolls\": 100", GRAV_ERROR_MISMATCH, "digest"},
    {"\"rolls\": 231", "\"rolls\": 60", GRAV_ERROR_INVALID, "'max'"},
    {"\"rolls\": 231", "\"rolls\": 99999999999999999999", GRAV_ERROR_INVALID, "no JSON"},
    {"\"sum\"", "\"median\"", GRAV_ERROR_INVALID, "'statistic'"},
    {"\"sum\"", "7", GRAV_ERROR_INVALID, ""},
    {"\"1/4\"", "\"1/0\"", GRAV_ERROR_INVALID, ""},
    {"\"1/4\"", "\"1e99999999\"", GRAV_ERROR_INVALID, "'die'"},
    {"\"1/4\"", "\"1/5\"", GRAV_ERROR_MISMATCH, "digest"},
    {"\"target\": 60", "\"target\": -5", GRAV_ERROR_INVALID, "'target'"},
    {"\"target\": 60", "\"target\": -1", GRAV_ERROR_INVALID, "'target'"},
    {"\"target\": 60", "\"target\": 4294967296", GRAV_ERROR_INVALID, "target 4294967296"},
    {"\"keep\"", "\"until_target\": true, \"keep\"", GRAV_OK, ""},
    {"\"wall_s\": ", "\"wall_s\": -", GRAV_ERROR_INVALID, "'timing'"},
    {"\"wall_s\": ", "\"wall_s\": 1e300, \"was\": ", GRAV_ERROR_INVALID, "'timing'"},
    {"\"sessions\": 300", "\"sessions\": 299", GRAV_ERROR_MISMATCH, "299 sessions tallied"},
    {"\"sessions\": 300", "\"sessions\": -1", GRAV_ERROR_INVALID, "'sessions'"},
    {"\"complete\"", "\"incomplete\"", GRAV_OK, ""},
    {"\"digest\"", "\"digits\"", GRAV_ERROR_INVALID, "digest"},
    {"    300\n", "    -300\n", GRAV_ERROR_INVALID, "'ranges'"},
    {"    300\n", "    301\n", GRAV_ERROR_MISMATCH, "300 sessions tallied, 301 played"},
    {"\"threads\": ", "\"threads\": 99999999", GRAV_ERROR_INVALID, "'workers'"},
    {"\"portable\"", "\"mmx\"", GRAV_ERROR_INVALID, "'workers'"},
    {"\"busy_s\": ", "\"busy_s\": -", GRAV_ERROR_INVALID, "'workers'"},
    {"\"busy_s\": ", "\"busy_s\": 1e300, \"was\": ", GRAV_ERROR_INVALID, "'workers'"},
    {"\"busy_s\": ", "\"busy_s\": \"1\", \"was\": ", GRAV_ERROR_INVALID, "'workers'"},
    {"\"busy_s\": ", "\"was\": ", GRAV_OK, ""},
    {"{\n \"format\"", "[\n \"format\"", GRAV_ERROR_INVALID, "no JSON"},
};

TEST(ResultFile, IsRefusedWhereItIsWrong)
{
    const std::string text = Text(Kinds()[0]);
    for (const Change &change : kChanges) {
        SCOPED_TRACE(std::string(change.from) + " -> " + change.to);
        Result out;
        grav_error err = {};
        EXPECT_EQ(Parse(Sealed(Replaced(text, change.from, change.to)), &out, &err), change.status)
            << err.message;
        EXPECT_NE(std::string(err.message).find(change.message), std::string::npos) << err.message;
    }
}

// Counts whose sum comes out right only because it went past 2^64.
TEST(ResultFile, IsRefusedWhereCountsWrap)
{
    std::string text = Text(Kinds()[0]);
    const size_t at = text.find("\"counts\": [") + strlen("\"counts\": [");
    text.insert(at, "9.2233720368547758e18, 9.2233720368547758e18,");
    const size_t first = text.find("\"first\": ") + strlen("\"first\": ");
    const int score = std::stoi(text.substr(first));
    text.replace(first, text.find(',', first) - first, std::to_string(score - 2));
    Result out;
    grav_error err = {};
    EXPECT_EQ(Parse(Sealed(text), &out, &err), GRAV_ERROR_MISMATCH) << err.message;
    EXPECT_NE(std::string(err.message).find("the histogram holds"), std::string::npos)
        << err.message;
}

// It would stand in what is printed, and be cut in the middle of a letter in what is written.
TEST(ResultFile, IsRefusedWithANameThatIsNoGpus)
{
    const std::string text = Text(Kinds()[0]);
    auto parse = [&](const std::string &name, Result *out) {
        grav_error err = {};
        return Parse(WithWorkers(text, "{\"backend\": \"cuda\", \"device\": 0, \"name\": \"" +
                                           name + "\", \"sessions\": 300}"),
                     out, &err);
    };
    Result out;
    EXPECT_EQ(parse(std::string(61, 'x') + "é", &out), GRAV_OK);
    EXPECT_NE(Text(out).find("xé\""), std::string::npos) << Text(out);
    for (const std::string &name :
         {std::string(62, 'x') + "é", std::string(64, 'x'), std::string("\\u001b[2J")})
        EXPECT_EQ(parse(name, &out), GRAV_ERROR_INVALID) << name;
}

// Workers told as one that count more sessions, and were busy for longer, than there is, and a time
// so short that the rate is endless.
TEST(ResultFile, WithAbsurdFiguresCanBeWrittenAgain)
{
    const std::string worker = "{\"backend\": \"cuda\", \"device\": 0, \"name\": \"x\", "
                               "\"sessions\": 9.2233720368547758e18, \"busy_s\": 1e15}";
    std::string text = WithWorkers(Text(Kinds()[0]), worker + "," + worker);
    text = Sealed(Replaced(text, "\"play_s\": ", "\"play_s\": 1e-320, \"was\": "));
    Result out, again;
    grav_error err = {};
    ASSERT_EQ(Parse(text, &out, &err), GRAV_OK) << err.message;
    EXPECT_EQ(Parse(Text(out), &again, &err), GRAV_OK) << err.message;
    Result more = Play(MakeExperiment(231, "1/4", 60), [](grav_run_spec *s) { s->first = 300; });
    EXPECT_EQ(Parse(Text(support::Merge(out, more)), &again, &err), GRAV_OK) << err.message;
}

std::string Cpu(const std::string &more)
{
    return "{\"backend\": \"cpu\", \"isa\": \"avx2\", \"threads\": 2, " + more + "}";
}

// The result of 300 sessions whose file tells of these workers.
Result PlayedBy(const std::string &workers)
{
    Result out;
    grav_error err = {};
    EXPECT_EQ(Parse(WithWorkers(Text(Kinds()[0]), workers), &out, &err), GRAV_OK) << err.message;
    return out;
}

struct Worker {
    std::string text;
    uint64_t sessions;
    double sessions_per_s;

    bool operator==(const Worker &other) const
    {
        return text == other.text && sessions == other.sessions &&
               sessions_per_s == other.sessions_per_s;
    }
};

void PrintTo(const Worker &worker, std::ostream *out)
{
    *out << worker.text << ": " << worker.sessions << " at " << worker.sessions_per_s
         << " a second";
}

std::vector<Worker> Workers(const Result &result)
{
    std::vector<Worker> workers;
    grav_worker_summary worker;
    while (grav_result_worker(result.get(), workers.size(), &worker))
        workers.push_back({worker.text, worker.sessions, worker.sessions_per_s});
    return workers;
}

TEST(ResultFile, TellsOfEveryWorkerHowFastItWasAndWhere)
{
    const Result result =
        PlayedBy(Cpu("\"rank\": 3, \"host\": \"nodeA\", \"sessions\": 200, \"busy_s\": 4") + "," +
                 Cpu("\"rank\": 0, \"host\": \"nodeA\", \"sessions\": 0, \"busy_s\": 0") + "," +
                 Cpu("\"sessions\": 60, \"busy_s\": 0.5") + "," +
                 "{\"backend\": \"cuda\", \"device\": 1, \"name\": \"x\", \"sessions\": 40}");
    const std::vector<Worker> workers = {{"rank 3 on nodeA: CPU, avx2, 2 threads", 200, 50},
                                         {"rank 0 on nodeA: CPU, avx2, 2 threads", 0, 0},
                                         {"CPU, avx2, 2 threads", 60, 120},
                                         {"GPU 1, x", 40, 0}};
    EXPECT_EQ(Workers(result), workers);
    Result again;
    ASSERT_EQ(Parse(Text(result), &again, nullptr), GRAV_OK);
    EXPECT_EQ(Workers(again), workers);
    const program::Json json(Text(result));
    const program::Json told = json["timing"]["workers"];
    EXPECT_EQ(told[0]["rank"].Integer(), 3u);
    EXPECT_EQ(told[0]["host"].String(), "nodeA");
    EXPECT_EQ(told[0]["busy_s"].Number(), 4);
    EXPECT_EQ(told[1]["rank"].Integer(), 0u);
    EXPECT_EQ(told[2].Keys(),
              (std::set<std::string>{"backend", "isa", "threads", "sessions", "busy_s"}));
    EXPECT_EQ(told[3].Keys(), (std::set<std::string>{"backend", "device", "name", "sessions"}))
        << "what the file did not tell is not made up";
}

TEST(ResultFile, IsRefusedWithAProcessThatIsNone)
{
    const std::string text = Text(Kinds()[0]);
    auto parse = [&](const std::string &process) {
        Result out;
        grav_error err = {};
        return Parse(WithWorkers(text, Cpu(process + ", \"sessions\": 300")), &out, &err);
    };
    const std::string longest(63, 'x');
    EXPECT_EQ(parse("\"rank\": 2147483647, \"host\": \"" + longest + "\""), GRAV_OK);
    for (const std::string &process :
         {std::string("\"rank\": 0"), std::string("\"host\": \"a\""), std::string("\"rank\": -1"),
          std::string("\"host\": \"\""), std::string("\"rank\": 0, \"host\": \"\""),
          std::string("\"rank\": -1, \"host\": \"a\""),
          std::string("\"rank\": 2147483648, \"host\": \"a\""),
          std::string("\"rank\": 1.0, \"host\": \"a\""),
          std::string("\"rank\": null, \"host\": \"a\""), std::string("\"rank\": 0, \"host\": 7"),
          std::string("\"rank\": 0, \"host\": \"a\\u001bb\""),
          "\"rank\": 0, \"host\": \"x" + longest + "\""})
        EXPECT_EQ(parse(process), GRAV_ERROR_INVALID) << process;
}

// One of each kind, whose sessions and times are added up: the rate stays that of a worker.
TEST(ResultFile, AddsUpWorkersOfAKind)
{
    const std::string here = Cpu("\"rank\": 1, \"host\": \"a\", \"sessions\": 100, \"busy_s\": 1");
    const std::string there = Cpu("\"rank\": 1, \"host\": \"b\", \"sessions\": 200, \"busy_s\": 1");
    const std::string fourth = Cpu("\"rank\": 2, \"host\": \"a\", \"sessions\": 10, \"busy_s\": 1");
    const std::string idle = Cpu("\"rank\": 1, \"host\": \"b\", \"sessions\": 0, \"busy_s\": 0");
    const std::string old = Cpu("\"rank\": 2, \"host\": \"a\", \"sessions\": 10");
    Result more = Play(MakeExperiment(231, "1/4", 60), [](grav_run_spec *s) { s->first = 300; });
    Result other;
    ASSERT_EQ(Parse(WithWorkers(Text(more), here + "," + idle + "," + old), &other, nullptr),
              GRAV_OK);
    const Result one = PlayedBy(here + "," + there + "," + fourth + "," + here);
    EXPECT_EQ(Workers(support::Merge(one, other)),
              (std::vector<Worker>{{"rank 1 on a: CPU, avx2, 2 threads", 300, 100},
                                   {"rank 1 on b: CPU, avx2, 2 threads", 200, 200},
                                   {"rank 2 on a: CPU, avx2, 2 threads", 20, 0}}))
        << "the time of half the sessions would make twice the rate";
}

// Workers are told apart by their text, whose end may be all in which they differ.
TEST(ResultFile, TellsTheLongestWorkerWhole)
{
    const std::string host(63, 'h'), name(63, 'n'), checked_by(46, 'c');
    auto worker = [&](const std::string &last) {
        return "{\"backend\": \"cuda\", \"device\": 2147483647, \"name\": \"" + name +
               "\", \"checked_by\": \"" + checked_by + last +
               "\", \"rank\": 2147483647, \"host\": \"" + host + "\", \"sessions\": 1}";
    };
    const std::vector<Worker> workers = Workers(PlayedBy(worker("1") + "," + worker("2")));
    ASSERT_EQ(workers.size(), 2u);
    EXPECT_EQ(workers[0].text, "rank 2147483647 on " + host + ": GPU 2147483647, " + name +
                                   ", checked by " + checked_by + "1");
}

TEST(ResultFile, IsNamedInMessages)
{
    TemporaryFolder folder;
    grav_result *out = nullptr;
    grav_error err = {};
    std::string path = folder / "no.json";
    EXPECT_EQ(grav_result_load(path.c_str(), &out, &err), GRAV_ERROR_INVALID);
    EXPECT_NE(std::string(err.message).find(path), std::string::npos) << err.message;
    std::ofstream(path) << "{}\n";
    EXPECT_EQ(grav_result_load(path.c_str(), &out, &err), GRAV_ERROR_INVALID);
    EXPECT_NE(std::string(err.message).find(path), std::string::npos) << err.message;
    EXPECT_EQ(grav_result_load(folder.Path().c_str(), &out, &err), GRAV_ERROR_INVALID);
    EXPECT_EQ(grav_result_load("/dev/zero", &out, &err), GRAV_ERROR_INVALID);
}

} // namespace
