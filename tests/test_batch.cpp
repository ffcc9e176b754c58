// graveler batch: every job has one answer, that of a run by itself, whatever else is on the lines.
#include "playing.h"
#include "program.h"
#include "temporary_folder.h"

#include <algorithm>
#include <csignal>
#include <fcntl.h>
#include <filesystem>
#include <map>
#include <memory>
#include <regex>
#include <sstream>
#include <thread>
#include <unistd.h>

namespace {

using namespace program;

// Options of run, without their dashes, and their values; "" is a flag's.
using Job = std::vector<std::pair<std::string, std::string>>;

Words WordsOf(const Job &job)
{
    Words words = {"run", "--backend", "cpu"};
    for (const auto &[name, value] : job) {
        words.push_back("--" + name);
        if (!value.empty())
            words.push_back(value);
    }
    return words;
}

// The job as a line: numbers as numbers where they are some, and as texts every other time.
std::string LineOf(const Job &job, const std::string &id)
{
    std::string line = "{\"id\": \"" + id + "\"";
    size_t place = 0;
    for (const auto &[name, value] : job) {
        const bool number = value.find_first_not_of("0123456789.e") == std::string::npos;
        line += ", \"" + name + "\": ";
        line += value.empty() ? "true" : number && ++place % 2 ? value : "\"" + value + "\"";
    }
    return line + "}\n";
}

std::vector<Json> Answers(const std::string &text)
{
    std::vector<Json> answers;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);)
        answers.emplace_back(line);
    return answers;
}

Words Batch(const Words &more)
{
    return Joined({"batch", "--backend", "cpu", "--quiet"}, more);
}

// Small jobs, each of another seed: ids "0", "1", ...
std::string SmallJobs(int count, const std::string &sessions = "1000", int first = 0)
{
    std::string text;
    for (int i = first; i < first + count; i++)
        text += LineOf({{"sessions", sessions}, {"seed", std::to_string(i)}, {"rolls", "20"}},
                       std::to_string(i));
    return text;
}

const std::vector<Job> kJobs = {
    {{"sessions", "1e6"}, {"rolls", "231"}, {"chance", "1/4"}, {"seed", "1"}},
    {{"sessions", "100000"}, {"seed", "0xffffffffffffffff"}, {"keep", "max"}},
    {{"sessions", "12345"}, {"die", "1..6"}, {"rolls", "50"}, {"seed", "18446744073709551615"}},
    {{"sessions", "1e5"}, {"statistic", "streak"}, {"seed", "7"}},
    {{"sessions", "1e5"}, {"method", "scores"}, {"seed", "7"}, {"first", "4611686018427387905"}},
    {{"sessions", "1e5"}, {"engine", "fast"}, {"seed", "9"}, {"chance", "0.3"}},
    {{"sessions", "1e4"}, {"engine", "gen3"}, {"calls-per-roll", "2"}},
    {{"sessions", "1e9"}, {"seed", "42"}, {"target", "80"}, {"until-target", ""}},
    {{"preset", "dream-pearls"}, {"sessions", "2000"}, {"seed", "5"}},
    {{"sessions", "2e7"}, {"seed", "11"}},
    {{"sessions", "1"}, {"rolls", "1"}, {"seed", "0"}, {"double-check", ""}},
};

class BatchRun : public testing::Test {
  protected:
    Outcome Play(const std::string &jobs, const Words &more = {})
    {
        Write(jobs_, jobs);
        return RunProgram(Batch(Joined({jobs_}, more)));
    }

    Outcome GoOn(const Words &more = {})
    {
        return RunProgram(Batch(Joined({jobs_, "-o", answers_, "--resume"}, more)));
    }

    void AwaitAnswers(Process *process, size_t count)
    {
        ASSERT_TRUE(process->WaitUntil([&](const Outcome &) {
            return std::filesystem::exists(answers_) && CountLines(Read(answers_)) >= count;
        }));
    }

    // One answer to each of ids "0" to count - 1, in that order, all of them good.
    void ExpectAll(const std::string &text, int count)
    {
        const std::vector<Json> answers = Answers(text);
        ASSERT_EQ(answers.size(), static_cast<size_t>(count));
        for (int i = 0; i < count; i++) {
            EXPECT_EQ(answers[i]["id"].String(), std::to_string(i));
            EXPECT_TRUE(answers[i]["ok"].Boolean());
        }
    }

    TemporaryFolder folder_;
    std::string jobs_ = folder_ / "jobs";
    std::string answers_ = folder_ / "answers";
};

// ---- Answers ------------------------------------------------------------------------------------

TEST_F(BatchRun, AnswersWhatRunAnswers)
{
    std::string jobs;
    for (size_t i = 0; i < kJobs.size(); i++)
        jobs += LineOf(kJobs[i], std::to_string(i));
    for (const Words &how : {Words{}, Words{"--threads", "1"}, Words{"--order", "finish"}}) {
        SCOPED_TRACE(testing::PrintToString(how));
        Outcome outcome = Play(jobs, how);
        EXPECT_EQ(outcome.code, 0) << outcome.err;
        std::map<std::string, Json> answers;
        for (const Json &answer : Answers(outcome.out))
            answers.emplace(answer["id"].String(), answer);
        ASSERT_EQ(answers.size(), kJobs.size());
        for (size_t i = 0; i < kJobs.size(); i++) {
            SCOPED_TRACE(testing::PrintToString(kJobs[i]));
            const Json alone = RunJson(WordsOf(kJobs[i]));
            const Json result = answers.at(std::to_string(i))["result"];
            EXPECT_EQ(DigestOf(result), DigestOf(alone));
            EXPECT_EQ(result["run"]["seed"].String(), alone["run"]["seed"].String());
            EXPECT_EQ(result["complete"].Boolean(), alone["complete"].Boolean());
            EXPECT_EQ(result["result"]["max"]["session"].Integer(),
                      alone["result"]["max"]["session"].Integer());
            std::set<std::string> keys = alone.Keys(), found = result.Keys();
            keys.erase("checksum");
            EXPECT_EQ(found, keys);
        }
    }
}

TEST_F(BatchRun, ReadsNumbersExactly)
{
    const std::string line = "{\"seed\": 9007199254740993, \"sessions\": 3, \"first\": "
                             "4611686018427387905, \"chance\": 0.1000000000000000055511151231257}";
    Outcome outcome = Play(line);
    ASSERT_EQ(outcome.code, 0) << outcome.err;
    const Json result = Answers(outcome.out).at(0)["result"];
    EXPECT_EQ(result["run"]["seed"].String(), "0x20000000000001");
    EXPECT_EQ(result["run"]["ranges"][0][0].Integer(), 4611686018427387905u);
    EXPECT_EQ(result["experiment"]["die"][0]["weight"].String(),
              RunJson(Founding(
                  "3", {"--chance",
                        "0.1000000000000000055511151231257"}))["experiment"]["die"][0]["weight"]
                  .String());
}

TEST_F(BatchRun, DrawsASeedForEachJobThatHasNone)
{
    const std::string line = "{\"sessions\": 1}\n";
    std::set<std::string> seeds;
    for (const Json &answer : Answers(Play(line + line + line).out))
        seeds.insert(answer["result"]["run"]["seed"].String());
    EXPECT_EQ(seeds.size(), 3u);
}

TEST_F(BatchRun, KeepsTheOrderOfTheJobs)
{
    // The first takes longer than all others.
    const std::string jobs =
        LineOf({{"sessions", "3e7"}, {"seed", "0"}}, "0") + SmallJobs(300, "10", 1);
    ExpectAll(Play(jobs).out, 301);
    const std::vector<Json> finished = Answers(Play(jobs, {"--order", "finish"}).out);
    ASSERT_EQ(finished.size(), 301u);
    EXPECT_NE(finished[0]["id"].String(), "0");
    EXPECT_TRUE(std::any_of(finished.begin(), finished.end(),
                            [](const Json &answer) { return answer["id"].String() == "0"; }));
}

TEST_F(BatchRun, ReadsManyFilesAndStandardInput)
{
    const std::string second = folder_ / "second";
    Write(jobs_, SmallJobs(2) + "{\"sessions\": 0}"); // without a newline
    Write(second, "\xEF\xBB\xBF" + SmallJobs(2, "10", 3));
    Command command = Graveler(Batch({jobs_, "-", second}));
    command.input = SmallJobs(1, "10", 2);
    const std::vector<Json> answers = Answers(process::Run(command).out);
    ASSERT_EQ(answers.size(), 6u);
    EXPECT_EQ(answers[0]["id"].String(), "0");
    EXPECT_EQ(answers[2]["file"].String(), jobs_);
    EXPECT_EQ(answers[2]["line"].Integer(), 3u);
    EXPECT_EQ(answers[3]["id"].String(), "2");
    EXPECT_EQ(answers[5]["id"].String(), "4");
    for (size_t i = 0; i < answers.size(); i++)
        EXPECT_EQ(answers[i]["ok"].Boolean(), i != 2);
}

// ---- Errors -------------------------------------------------------------------------------------

struct Wrong {
    std::string line, code, message;
};

const std::vector<Wrong> kWrong = {
    {"garbage", "unreadable", "cannot be read"},
    {"{\"id\": 1", "unreadable", "cannot be read"},
    {"[]", "unreadable", "no object"},
    {"7", "unreadable", "cannot be read"},
    {"{\"rolls\": 3, \"rolls\": 4}", "unreadable", "duplicate"},
    {"{\"max-time\": 1, \"max_time\": 2}", "invalid", "max-time: is given twice"},
    {"{\"id\": [1]}", "invalid", "id: wants a text or a number"},
    {"{\"session\": 3}", "invalid", "key 'session' is unknown"},
    {"{\"json\": \"/tmp/x\"}", "invalid", "key 'json' is unknown"},
    {"{\"checkpoint\": \"/tmp/x\"}", "invalid", "key 'checkpoint' is unknown"},
    {"{\"threads\": 1}", "invalid", "key 'threads' is unknown"},
    {"{\"sessions\": 0}", "invalid", "sessions: '0' is not"},
    {"{\"sessions\": 1.5}", "invalid", "sessions: '1.5' is not"},
    {"{\"sessions\": -1}", "invalid", "sessions: '-1' is not"},
    {"{\"sessions\": [1]}", "invalid", "sessions: wants a text or a number"},
    {"{\"sessions\": null}", "invalid", "sessions: wants a text or a number"},
    {"{\"sessions\": true}", "invalid", "sessions: wants a text or a number"},
    {"{\"until-target\": 1}", "invalid", "until-target: wants true or false"},
    {"{\"engine\": \"mt\"}", "invalid", "engine: 'mt' is unknown"},
    {"{\"die\": \"1..\"}", "invalid", "die"},
    {"{\"chance\": \"2\"}", "invalid", "chance"},
    {"{\"preset\": \"x\"}", "invalid", "preset"},
    {"{\"keep\": \"max\", \"rolls\": \"\"}", "invalid", "rolls"},
    {"{\"first\": 9223372036854775808, \"sessions\": 2}", "invalid", ""},
    {"{\"engine\": \"gen3\", \"seed\": 1}", "invalid", "seed"},
    {std::string("{\"a\0\": 1}", 10), "unreadable", "zero byte"},
    {"{\"\\u0000\": 1}", "unreadable", "cannot be read"},
    {"\xff\xfe", "unreadable", "cannot be read"},
    {"{\"id\": \"" + std::string(1 << 20, 'x') + "\"}", "unreadable", "longer than 1 MiB"},
    {std::string(100000, '['), "unreadable", "cannot be read"},
};

TEST_F(BatchRun, AnswersWrongJobsAndGoesOn)
{
    std::string jobs;
    for (const Wrong &wrong : kWrong)
        jobs += wrong.line + "\n" + SmallJobs(1, "10");
    Outcome outcome = Play(jobs);
    EXPECT_EQ(outcome.code, 1);
    EXPECT_EQ(outcome.err, "");
    const std::vector<Json> answers = Answers(outcome.out);
    ASSERT_EQ(answers.size(), 2 * kWrong.size());
    for (size_t i = 0; i < kWrong.size(); i++) {
        SCOPED_TRACE(kWrong[i].line.substr(0, 80));
        const Json error = answers[2 * i]["error"];
        EXPECT_FALSE(answers[2 * i]["ok"].Boolean());
        EXPECT_EQ(answers[2 * i]["line"].Integer(), 2 * i + 1);
        EXPECT_EQ(error["code"].String(), kWrong[i].code);
        EXPECT_TRUE(Contains(error["message"].String(), kWrong[i].message))
            << error["message"].String();
        EXPECT_TRUE(answers[2 * i + 1]["ok"].Boolean());
    }
}

TEST_F(BatchRun, FailsWhereTheTimeIsUp)
{
    const std::string endless = LineOf({{"sessions", kEndless}, {"seed", "1"}}, "a"),
                      own =
                          LineOf({{"sessions", kEndless}, {"seed", "1"}, {"max-time", "1s"}}, "b");
    const std::vector<Json> answers =
        Answers(Play(endless + own + SmallJobs(1), {"--timeout", "2s"}).out);
    ASSERT_EQ(answers.size(), 3u);
    EXPECT_EQ(answers[0]["error"]["code"].String(), "timeout");
    EXPECT_TRUE(answers[1]["ok"].Boolean()); // the job itself has asked for that
    EXPECT_FALSE(answers[1]["result"]["complete"].Boolean());
    EXPECT_TRUE(answers[2]["ok"].Boolean());
}

TEST_F(BatchRun, HaltsOnAnError)
{
    const std::string wrong = "{\"id\": \"wrong\", \"x\": 1}\n";
    const std::string jobs = SmallJobs(3) + wrong;
    Outcome outcome = Play(jobs + LineOf({{"sessions", kEndless}}, "a") + SmallJobs(10),
                           {"--halt-on-error", "-o", answers_});
    EXPECT_EQ(outcome.code, 1);
    EXPECT_TRUE(Contains(outcome.err, "halted by an error after ")) << outcome.err;
    EXPECT_TRUE(Contains(outcome.err, "batch --resume --backend cpu")) << outcome.err;
    const std::vector<Json> answers = Answers(Read(answers_));
    EXPECT_LE(answers.size(), 4u);
    EXPECT_TRUE(std::any_of(answers.begin(), answers.end(),
                            [](const Json &answer) { return !answer["ok"].Boolean(); }));
}

TEST_F(BatchRun, RefusesWrongCommandLines)
{
    Write(jobs_, SmallJobs(1));
    const std::vector<std::pair<Words, std::string>> lines = {
        {{jobs_, "--resume"}, "--resume wants --output FILE"},
        {{jobs_, "--resume", "-o", "-"}, "--resume wants --output FILE"},
        {{jobs_, "-o", answers_, "--retry-failed"}, "--retry-failed wants --resume"},
        {{folder_ / "none"}, "none: cannot be read: No such file"},
        {{folder_.Path()}, "cannot be read: Is a directory"},
        {{jobs_, "-o", jobs_}, "is there already: name a new file, or add --resume"},
        {{jobs_, "-o", jobs_, "--resume"}, "holds other things than answers: see line 1"},
        {{jobs_, "-o", folder_ / "no/such"}, "No such file"},
        {{jobs_, "-o", folder_.Path(), "--resume"}, "Is a directory"},
        {{jobs_, "--timeout", "0"}, "--timeout"},
    };
    for (const auto &[words, message] : lines) {
        Outcome outcome = RunProgram(Batch(words));
        EXPECT_EQ(outcome.code, 2) << Describe(outcome);
        EXPECT_TRUE(Contains(outcome.err, message)) << message << "\n" << outcome.err;
        EXPECT_EQ(CountLines(outcome.err), 1u) << outcome.err;
        EXPECT_EQ(Read(jobs_), SmallJobs(1));
    }
    EXPECT_EQ(Listing(folder_.Path()), std::set<std::string>{"jobs"});
}

// ---- CSV ----------------------------------------------------------------------------------------

TEST_F(BatchRun, ReadsAndWritesCsv)
{
    Outcome outcome = Play("\xEF\xBB\xBFid,sessions,seed,rolls,until_target,target\r\n"
                           "\"a,b\",1000,1,20,,\r\n"
                           "\r\n"
                           "\"two\nlines\",\"1000\",2,20,true,\"19\"\r\n"
                           ",x,1,20,,\r\n"
                           "c,1,1\r\n"
                           "\"say \"\"hi\"\"\",1e3,3,20,false,", // no newline
                           {"--csv"});
    EXPECT_EQ(outcome.code, 1) << Describe(outcome);
    const auto digest = [](const std::string &seed, const Words &more = {}) {
        return DigestOf(RunJson(Joined(
            {"run", "--backend", "cpu", "--sessions", "1000", "--rolls", "20", "--seed", seed},
            more)));
    };
    const std::string end = "[^\n]*,[0-9a-f]{32}\n";
    const std::string wanted =
        "id,ok,sessions,max_score,max_session,mean,sd,min,q25,median,q75,hits,digest,seed,"
        "error_code,error,file,line,key\n"
        "\"a,b\",true,1000,[^\n]*," +
        digest("1") +
        ",0x1,,,,2,[0-9a-f]{32}\n"
        "\"two\nlines\",true,[^\n]*," +
        digest("2", {"--until-target", "--target", "19"}) +
        ",0x2,,,,4,[0-9a-f]{32}\n"
        ",false,,,,,,,,,,,,,invalid,sessions: 'x' is not a whole number[^\n]*,,6" +
        end + ",false,,,,,,,,,,,,,unreadable,\"the job cannot be read: [^\n]* fields [^\n]*\",,7" +
        end + "\"say \"\"hi\"\"\",true,1000,[^\n]*," + digest("3") + ",0x3,,,,8,[0-9a-f]{32}\n";
    EXPECT_TRUE(std::regex_match(outcome.out, std::regex(wanted))) << outcome.out << wanted;
}

TEST_F(BatchRun, ResumesCsv)
{
    std::string jobs = "id,sessions,seed\n";
    for (int i = 0; i < 5; i++)
        jobs += "\"a\n" + std::to_string(i) + "\",10," + std::to_string(i) + "\n";
    ASSERT_EQ(Play(jobs + "wrong,0,1\n", {"--csv", "-o", answers_}).code, 1);
    const std::string whole = Read(answers_);
    for (size_t length = whole.find('\n') + 1; length < whole.size(); length += 7) {
        Write(answers_, whole.substr(0, length));
        EXPECT_EQ(GoOn({"--csv"}).code, 1);
        EXPECT_EQ(Read(answers_), whole) << length;
    }
    EXPECT_EQ(GoOn({"--csv", "--retry-failed"}).code, 1);
    EXPECT_EQ(Read(answers_), whole);
    Write(answers_, whole.substr(10));
    EXPECT_EQ(GoOn({"--csv"}).code, 2);
    EXPECT_EQ(Read(answers_), whole.substr(10));
}

// ---- Going on -----------------------------------------------------------------------------------

TEST_F(BatchRun, GoesOnByWhatJobsMean)
{
    ASSERT_EQ(Play(SmallJobs(5), {"-o", answers_}).code, 0);
    const std::string before = Read(answers_);
    /* Other lines, the same jobs: other places, other spellings, and one that is new. */
    Write(jobs_, "\n{\"rolls\":2e1,\"seed\":\"0x1\",\"id\":\"1\",\"sessions\":\"1e3\"}\n" +
                     SmallJobs(1, "1000", 7) + SmallJobs(1));
    Outcome outcome = GoOn();
    EXPECT_EQ(outcome.code, 0) << outcome.err;
    const std::string after = Read(answers_);
    EXPECT_EQ(after.substr(0, before.size()), before);
    const std::vector<Json> more = Answers(after.substr(before.size()));
    ASSERT_EQ(more.size(), 1u);
    EXPECT_EQ(more[0]["id"].String(), "7");
    /* The same twice wants two answers, and has one. */
    Write(jobs_, SmallJobs(1) + SmallJobs(1) + SmallJobs(1));
    EXPECT_EQ(GoOn().code, 0);
    EXPECT_EQ(Answers(Read(answers_)).size(), 8u);
    EXPECT_EQ(GoOn().code, 0);
    EXPECT_EQ(Answers(Read(answers_)).size(), 8u);
}

TEST_F(BatchRun, PlaysFailedJobsAgainWhenAsked)
{
    const std::string slow = LineOf({{"sessions", kEndless}, {"seed", "1"}}, "3");
    const std::string jobs = SmallJobs(3) + slow + SmallJobs(3, "1000", 4);
    ASSERT_EQ(Play(jobs, {"-o", answers_, "--timeout", "1s"}).code, 1);
    std::filesystem::permissions(answers_, std::filesystem::perms::owner_all);
    const std::string before = Read(answers_);
    EXPECT_EQ(GoOn().code, 1); // all have answers, of which one is an error
    EXPECT_EQ(Read(answers_), before);
    Outcome outcome = GoOn({"--retry-failed", "--timeout", "1s"});
    EXPECT_EQ(outcome.code, 1) << outcome.err;
    const std::vector<Json> answers = Answers(Read(answers_));
    ASSERT_EQ(answers.size(), 7u);
    EXPECT_EQ(answers[6]["id"].String(), "3");
    EXPECT_EQ(answers[6]["error"]["code"].String(), "timeout");
    EXPECT_EQ(std::filesystem::status(answers_).permissions(), std::filesystem::perms::owner_all);
    EXPECT_EQ(Listing(folder_.Path()), (std::set<std::string>{"answers", "jobs"}));
}

// Cut short anywhere, an output file is gone on from to the same answers.
TEST_F(BatchRun, GoesOnWhereverItWasCut)
{
    ASSERT_EQ(Play(SmallJobs(4, "1"), {"-o", answers_}).code, 0);
    const std::string whole = Read(answers_);
    for (size_t length = 0; length < whole.size(); length += 97) {
        SCOPED_TRACE(length);
        Write(answers_, whole.substr(0, length));
        EXPECT_EQ(GoOn().code, 0);
        ExpectAll(Read(answers_), 4);
    }
}

TEST_F(BatchRun, IsAloneWithItsFile)
{
    Write(jobs_, SmallJobs(1) + LineOf({{"sessions", kEndless}}, "endless"));
    Process first(Graveler(Batch({jobs_, "-o", answers_})));
    AwaitAnswers(&first, 1);
    for (const Words &more : {Words{}, Words{"--retry-failed"}}) {
        Outcome second = GoOn(more);
        EXPECT_EQ(second.code, 2) << Describe(second);
        EXPECT_TRUE(Contains(second.err, "is being written by another process")) << second.err;
    }
    first.Send(SIGTERM);
    Outcome outcome = first.Wait();
    EXPECT_EQ(outcome.code, 3) << Describe(outcome);
    EXPECT_EQ(CountLines(Read(answers_)), 1u);
}

// Ctrl-C keeps every answer, and the command that it prints goes on.
TEST_F(BatchRun, EndsInOrderWhenInterrupted)
{
    Write(jobs_, LineOf({{"sessions", kEndless}}, "endless") + SmallJobs(50));
    Process process(Graveler(Batch({jobs_, "-o", answers_, "--order", "finish"})));
    AwaitAnswers(&process, 50);
    process.Send(SIGINT);
    Outcome outcome = process.Wait();
    EXPECT_EQ(outcome.code, 3) << Describe(outcome);
    EXPECT_TRUE(Contains(outcome.err, "interrupted after 50 answers; 1 job under way had none yet"))
        << outcome.err;
    EXPECT_TRUE(Contains(outcome.err, "go on with: graveler batch --resume --backend cpu"))
        << outcome.err;
    /* The same with answers that wait for the first, which never comes. */
    std::filesystem::remove(answers_);
    Process waiting(Graveler(Batch({jobs_, "-o", answers_, "--progress", "always"})));
    ASSERT_TRUE(waiting.WaitUntil(
        [](const Outcome &so_far) { return Contains(so_far.err, " 50 of 51 jobs"); }));
    waiting.Send(SIGINT);
    EXPECT_EQ(waiting.Wait().code, 3);
    ExpectAll(Read(answers_), 50);
}

// Kills a batch again and again until it is through. Returns how often.
int KillAndGoOn(const Words &words, unsigned seed)
{
    playing::Random random(seed);
    for (int kills = 0;; kills++) {
        Process program(Graveler(words));
        std::this_thread::sleep_for(
            std::chrono::microseconds(20000 + playing::Below(random, 150000)));
        program.Send(SIGKILL);
        Outcome outcome = program.Wait();
        if (outcome.signal == 0) {
            EXPECT_EQ(outcome.code, 0) << Describe(outcome);
            return kills;
        }
    }
}

class BatchKilled : public BatchRun {
  protected:
    void ExpectKilledBatchesToEnd(int wanted)
    {
        constexpr int kCount = 300;
        const std::string jobs = SmallJobs(kCount, "1e6");
        std::map<std::string, std::string> digests;
        for (const Json &answer : Answers(Play(jobs).out))
            digests[answer["id"].String()] = DigestOf(answer["result"]);
        ASSERT_EQ(digests.size(), static_cast<size_t>(kCount));
        unsigned round = 0;
        for (int kills = 0; kills < wanted && round < 1000; round++) {
            const char *order = round % 2 ? "input" : "finish";
            kills +=
                KillAndGoOn(Batch({jobs_, "-o", answers_, "--resume", "--order", order}), round);
            std::map<std::string, std::string> found;
            const std::vector<Json> answers = Answers(Read(answers_));
            EXPECT_EQ(answers.size(), static_cast<size_t>(kCount));
            for (const Json &answer : answers)
                found[answer["id"].String()] = DigestOf(answer["result"]);
            EXPECT_EQ(found, digests);
            std::filesystem::remove(answers_);
        }
    }
};

TEST_F(BatchKilled, LosesNoJob)
{
    ExpectKilledBatchesToEnd(3);
}

class SlowBatchKilled : public BatchKilled {};

TEST_F(SlowBatchKilled, LosesNoJobIn50Kills)
{
    ExpectKilledBatchesToEnd(50);
}

// ---- Pipes --------------------------------------------------------------------------------------

// A batch that is fed from here, line by line.
class Feed {
  public:
    explicit Feed(const Words &words)
    {
        int in[2], out[2];
        if (pipe2(in, O_CLOEXEC) != 0 || pipe2(out, O_CLOEXEC) != 0)
            throw std::runtime_error("no pipes");
        Command command = Graveler(words);
        command.in = in[0];
        command.out = out[1];
        process_ = std::make_unique<Process>(command);
        close(in[0]);
        close(out[1]);
        in_ = in[1];
        out_ = fdopen(out[0], "r");
    }
    ~Feed()
    {
        End();
        fclose(out_);
    }

    void Say(const std::string &line)
    {
        ASSERT_EQ(write(in_, line.data(), line.size()), static_cast<ssize_t>(line.size()));
    }

    Json Hear()
    {
        char *line = nullptr;
        size_t size = 0;
        if (getline(&line, &size, out_) < 0)
            throw std::runtime_error("no answer");
        std::string text = line;
        free(line);
        return Json(text);
    }

    void End()
    {
        if (in_ >= 0)
            close(in_);
        in_ = -1;
    }

    Outcome Wait()
    {
        return process_->Wait();
    }

  private:
    std::unique_ptr<Process> process_;
    int in_ = -1;
    FILE *out_ = nullptr;
};

// Each job is made of the answer before.
TEST_F(BatchRun, IsFedBack1000Deep)
{
    Feed feed(Batch({}));
    uint64_t seed = 0;
    for (int i = 0; i < 1000; i++) {
        feed.Say(LineOf({{"sessions", "100"}, {"seed", std::to_string(seed)}}, std::to_string(i)));
        const Json answer = feed.Hear();
        ASSERT_EQ(answer["id"].String(), std::to_string(i));
        seed = answer["result"]["result"]["max"]["session"].Integer() + 1000 * i + 1;
    }
    feed.End();
    EXPECT_EQ(feed.Wait().code, 0);
}

// A line is answered while the next has only begun.
TEST_F(BatchRun, AnswersLinesAsTheyCome)
{
    Feed feed(Batch({"-"}));
    feed.Say(SmallJobs(1) + "{\"id\": \"1\", \"sess");
    EXPECT_EQ(feed.Hear()["id"].String(), "0");
    feed.Say("ions\": 3}\n");
    EXPECT_EQ(feed.Hear()["result"]["result"]["sessions"].Integer(), 3u);
    feed.Say("{\"id\": \"2\", \"sessions\": 4}");
    feed.End();
    EXPECT_EQ(feed.Hear()["result"]["result"]["sessions"].Integer(), 4u);
    EXPECT_EQ(feed.Wait().code, 0);
}

// ---- Size ---------------------------------------------------------------------------------------

TEST_F(BatchRun, IsSmallWithManyJobs)
{
    if (kSanitized)
        GTEST_SKIP() << "sanitizers take memory of their own";
    constexpr int kCount = 20000;
    std::string jobs;
    for (int i = 0; i < kCount; i++)
        jobs += "{\"sessions\":0}\n"; // an error is an answer, too, and quick
    Outcome outcome =
        Play(jobs + LineOf({{"sessions", "1e7"}, {"seed", "1"}}, "0") + jobs, {"-o", answers_});
    EXPECT_EQ(outcome.code, 1);
    EXPECT_EQ(CountLines(Read(answers_)), 2u * kCount + 1);
    EXPECT_LT(outcome.peak_kib, 64 * 1024);
}

} // namespace
