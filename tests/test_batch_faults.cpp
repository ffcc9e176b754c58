// graveler batch where the disk or memory fails, at any call: no answer that was there is lost, no
// job is answered twice, and going on answers the rest.
#include "faults.h"
extern "C" {
#include "cli/commands.h"
}
#include "program.h"
#include "temporary_folder.h"

#include <cerrno>
#include <fcntl.h>
#include <sstream>
#include <unistd.h>

namespace {

using faults::Fault;
using faults::How;
using program::Contains;
using program::Json;
using program::Read;
using program::Words;
using program::Write;

// Standard error, but for what is told while this lives.
class Quiet {
  public:
    Quiet() : kept_(dup(STDERR_FILENO)), none_(open("/dev/null", O_WRONLY | O_CLOEXEC))
    {
        dup2(none_, STDERR_FILENO);
    }
    ~Quiet()
    {
        dup2(kept_, STDERR_FILENO);
        close(kept_);
        close(none_);
    }

  private:
    int kept_, none_;
};

class BatchFaults : public testing::Test {
  protected:
    static constexpr int kJobs = 4; // of which the last is wrong

    void SetUp() override
    {
        std::string jobs;
        for (int i = 0; i + 1 < kJobs; i++)
            jobs += "{\"id\":" + std::to_string(i) +
                    ",\"sessions\":9,\"rolls\":3,\"seed\":" + std::to_string(i) + "}\n";
        Write(jobs_, jobs + "{\"id\":" + std::to_string(kJobs - 1) + "}}\n");
        EXPECT_EQ(Play({}), 1); // what is allocated once and for all
        whole_ = Read(answers_);
        ASSERT_EQ(program::CountLines(whole_), static_cast<size_t>(kJobs));
    }

    // Exit code of the batch, played in this process.
    int Play(const Words &more)
    {
        Words words = program::Joined({"batch", "--backend", "cpu", "--threads", "2", "--quiet",
                                       jobs_, "--output", answers_, "--resume"},
                                      more);
        std::vector<char *> argv;
        for (std::string &word : words)
            argv.push_back(word.data());
        argv.push_back(nullptr);
        cli_settings settings;
        int code = CLI_DONE;
        if (cli_parse(&cli_batch_command, static_cast<int>(words.size()), argv.data(), &settings,
                      &code))
            code = cli_batch_command.run(&settings);
        cli_free(&settings);
        return code;
    }

    // What is in the file is some of the answers, each once; all of them after going on.
    void ExpectGoesOn(const std::string &before)
    {
        const std::string left = Read(answers_);
        EXPECT_EQ(left.substr(0, before.size()), before);
        EXPECT_EQ(Play({}), 1);
        std::set<uint64_t> ids;
        std::istringstream lines(Read(answers_));
        size_t count = 0;
        for (std::string line; std::getline(lines, line); count++) {
            const Json answer(line);
            if (answer.Keys().count("line"))
                continue; // no id: it could not be read
            EXPECT_TRUE(ids.insert(answer["id"].Integer()).second) << line;
            EXPECT_TRUE(answer["ok"].Boolean() || answer["error"]["code"].String() == "memory")
                << line;
        }
        EXPECT_LE(ids.size(), kJobs - 1u);
        EXPECT_EQ(count, static_cast<size_t>(kJobs));
    }

    // Plays from `before` on with each call failing in turn. kept: what of it must stay.
    void ExpectSafe(const Fault &fault, const std::string &before, const std::string &kept,
                    const Words &more)
    {
        SCOPED_TRACE(faults::Name(fault));
        int code = -1, failures = 0;
        faults::AtEveryCall(
            fault, [&] { Write(answers_, before); }, [&] { code = Play(more); },
            [&](bool struck, uint64_t at) {
                SCOPED_TRACE(at);
                EXPECT_TRUE(code == 1 || (struck && code == 2)) << code; // one job is wrong
                failures += Read(answers_) != whole_;
                ExpectGoesOn(kept);
            });
        EXPECT_GT(failures, 0);
    }

    Quiet quiet_;
    TemporaryFolder folder_;
    std::string jobs_ = folder_ / "jobs", answers_ = folder_ / "answers", whole_;
};

const std::vector<Fault> kDiskFaults = {
    {faults::kDisk, EIO, How::kOnce},
    {faults::kDisk, ENOSPC, How::kFromThenOn},
    {faults::kWrite, ENOSPC, How::kShort},
};

TEST_F(BatchFaults, DiskFailsAtTheStart)
{
    for (const Fault &fault : kDiskFaults)
        ExpectSafe(fault, "", "", {});
}

TEST_F(BatchFaults, DiskFailsWhenGoingOn)
{
    const std::string two = whole_.substr(0, whole_.find('\n', whole_.find('\n') + 1) + 1);
    for (const Fault &fault : kDiskFaults)
        ExpectSafe(fault, two + "{\"id\":2,\"key", two, {});
}

TEST_F(BatchFaults, DiskFailsWhenFailedJobsAreTakenOut)
{
    const size_t last = whole_.rfind('\n', whole_.size() - 2) + 1,
                 third = whole_.rfind('\n', last - 2);
    const std::string wrong = whole_.substr(last), good = whole_.substr(0, third + 1);
    for (const Fault &fault : kDiskFaults)
        ExpectSafe(fault, wrong + good, "", {"--retry-failed"});
}

TEST_F(BatchFaults, MemoryFails)
{
    for (How how : {How::kOnce, How::kFromThenOn})
        ExpectSafe({faults::kMemory, ENOMEM, how}, "", "", {});
}

} // namespace
