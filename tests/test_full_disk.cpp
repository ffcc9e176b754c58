// The program on a full disk: what it has found goes to stderr rather than being lost.
#include "program.h"
#include "support.h"
#include "temporary_folder.h"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <sys/mount.h>
#include <unistd.h>

namespace {

using namespace program;

// The JSON object that starts and ends a line, among other lines.
std::string ObjectIn(const std::string &text)
{
    size_t start = text.rfind("{\n", 0) == 0 ? 0 : text.find("\n{\n") + 1;
    size_t end = text.find("\n}\n", start);
    return end == std::string::npos ? "" : text.substr(start, end + 3 - start);
}

// A disk of its own in a folder, so many bytes large.
class Disk {
  public:
    Disk(const std::string &folder, const std::string &bytes) : folder_(folder)
    {
        std::filesystem::create_directory(folder_);
        mounted_ = mount("none", folder_.c_str(), "tmpfs", 0, ("size=" + bytes).c_str()) == 0;
    }
    ~Disk()
    {
        if (mounted_)
            umount2(folder_.c_str(), MNT_DETACH);
    }
    Disk(const Disk &) = delete;
    Disk &operator=(const Disk &) = delete;

    bool Mounted() const
    {
        return mounted_;
    }

  private:
    std::string folder_;
    bool mounted_;
};

class FullDisk : public testing::Test {
  protected:
    void SetUp() override
    {
        for (const char *part : {"0", "50"}) {
            Outcome outcome = RunProgram(
                Joined(kWide, {"--first", part, "--json", folder_ / part, "--sessions", "50"}));
            ASSERT_EQ(outcome.code, 0) << Describe(outcome);
        }
        merge_ = {"merge", folder_ / "0", folder_ / "50"};
    }

    // A histogram whose text is longer than any buffer of standard output.
    const Words kWide = {"run",     "--backend", "cpu",      "--seed", "42",
                         "--rolls", "100000",    "--chance", "1/4",    "--quiet"};

    // Everything that writes JSON, and the format it has.
    std::vector<std::pair<Words, std::string>> Commands()
    {
        Words wide = kWide;
        wide.pop_back();
        return {
            {Founding("3000"), "graveler-result"},
            {Joined(wide, {"--sessions", "1000"}), "graveler-result"},
            {merge_, "graveler-result"},
            {{"rare", "--at-least", "177", "--backend", "cpu", "--sessions", "1000", "--seed", "1"},
             "graveler-rare"},
            {{"odds"}, "graveler-odds"},
            {{"split", "--sessions", "7", "--parts", "2"}, "graveler-split"},
            {{"split", "--sessions", "7", "--parts", "1000"}, "graveler-split"},
            {{"selftest", "--backend", "cpu", "--isa", "portable"}, "graveler-selftest"},
            {{"devices"}, "graveler-devices"},
        };
    }

    void ExpectSaved(const Outcome &outcome, const std::string &format, const std::string &why)
    {
        EXPECT_EQ(outcome.code, 1) << Describe(outcome);
        std::string object = ObjectIn(outcome.err);
        ASSERT_NE(object, "") << Describe(outcome);
        EXPECT_EQ(Json(object)["format"].String(), format);
        EXPECT_TRUE(Contains(outcome.err, why + "No space left on device\n")) << outcome.err;
        if (format == "graveler-result") {
            grav_result *out = nullptr;
            grav_error err;
            EXPECT_EQ(grav_result_parse(object.data(), object.size(), &out, &err), GRAV_OK)
                << err.message;
            grav_result_destroy(out);
        }
    }

    TemporaryFolder folder_;
    Words merge_;
};

TEST_F(FullDisk, OnStdoutLeavesTheResultOnStderr)
{
    int full = open("/dev/full", O_WRONLY | O_CLOEXEC);
    ASSERT_GE(full, 0) << strerror(errno);
    for (const auto &[words, format] : Commands()) {
        SCOPED_TRACE(words[0]);
        Command command = Graveler(Joined(words, {"--json"}));
        command.out = full;
        ExpectSaved(process::Run(command), format, "standard output cannot be written: ");
    }
    close(full);
}

TEST_F(FullDisk, AsADeviceLeavesTheResultOnStderr)
{
    for (const auto &[words, format] : Commands()) {
        SCOPED_TRACE(words[0]);
        if (words[0] == "merge") // wants a file that is not there yet
            continue;
        ExpectSaved(RunProgram(Joined(words, {"--json", "/dev/full"})), format,
                    "'/dev/full' cannot be written: ");
    }
}

// A disk of one page, which a file of nothing fits on, and no text.
TEST_F(FullDisk, LeavesTheResultOnStderrAndTheOldFile)
{
    const std::string disk = folder_ / "disk", file = disk + "/result.json", old = disk + "/old";
    Disk mounted(disk, "4k");
    if (!mounted.Mounted())
        GTEST_SKIP() << "no disk can be mounted here: " << strerror(errno);
    Write(old, "what was there before");
    for (const auto &[words, format] : Commands()) {
        SCOPED_TRACE(words[0]);
        if (words[0] != "merge") {
            ExpectSaved(RunProgram(Joined(words, {"--json", old})), format,
                        "'" + old + "' cannot be written: ");
            EXPECT_EQ(Read(old), "what was there before");
        }
        ExpectSaved(RunProgram(Joined(words, {"--json", file})), format,
                    "'" + file + "' cannot be written: ");
        EXPECT_EQ(Listing(disk), std::set<std::string>{"old"});
    }
}

// A run on a full disk is not stopped by it, and says at its end that the checkpoint is not there.
TEST_F(FullDisk, OfACheckpointIsToldAndStopsNoRun)
{
    const std::string disk = folder_ / "disk";
    Disk mounted(disk, "8k");
    if (!mounted.Mounted())
        GTEST_SKIP() << "no disk can be mounted here: " << strerror(errno);
    Write(disk + "/full", std::string(4096, 'x')); // the other page is for the lock's owner
    Outcome outcome = RunProgram(Founding("3000", {"--checkpoint", disk + "/run", "--quiet"}));
    EXPECT_EQ(outcome.code, 1) << Describe(outcome);
    EXPECT_EQ(outcome.out, "81\n");
    EXPECT_TRUE(Contains(outcome.err, "/run' cannot be written: No space left on device"))
        << outcome.err;
    EXPECT_EQ(Listing(disk), std::set<std::string>{"full"});
}

} // namespace
