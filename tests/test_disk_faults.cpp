// Disks that fail at any call: what was there before is intact, and the message says what is wrong.
#include "faults.h"
#include "program.h"
#include "support.h"
#include "temporary_folder.h"

#include <cerrno>
#include <cstring>

extern "C" {
#include "file.h"
}

namespace {

using faults::AtEveryCall;
using faults::Fault;
using faults::How;
using program::Contains;
using program::Listing;
using program::Read;
using program::Write;
using support::Digest;
using support::Experiment;
using support::Result;

// What writing meets.
const Fault kWriting[] = {
    {faults::kDisk, EIO, How::kOnce},           {faults::kDisk, ENOSPC, How::kFromThenOn},
    {faults::kWrite, ENOSPC, How::kShort},      {faults::kWrite, EDQUOT, How::kOnce},
    {faults::kSync, EIO, How::kOnce},           {faults::kRename, EIO, How::kFromThenOn},
    {faults::kUnlink, EROFS, How::kFromThenOn},
};

// Whether the message names the file and the reason.
void ExpectClear(const grav_error &err, const std::string &path, const Fault &fault)
{
    EXPECT_TRUE(Contains(err.message, path)) << err.message;
    EXPECT_TRUE(Contains(err.message, strerror(fault.code))) << err.message;
    EXPECT_FALSE(Contains(err.message, "\n")) << err.message;
}

// ---- Writing ------------------------------------------------------------------------------------

class DiskFaults : public testing::Test {
  protected:
    // Writes new_ over old_ with every call failing in turn, and looks at what is there then.
    template <class Act> void ExpectOldOrNew(const Fault &fault, const Act &act)
    {
        SCOPED_TRACE(Name(fault));
        grav_status status = GRAV_OK;
        uint64_t failures = 0;
        AtEveryCall(
            fault,
            [&] {
                std::filesystem::remove_all(folder_ / "in");
                std::filesystem::create_directory(folder_ / "in");
                Write(file_, old_);
                err_ = {};
            },
            [&] { status = act(); },
            [&](bool struck, uint64_t at) {
                SCOPED_TRACE(at);
                failures += status != GRAV_OK;
                std::string now = std::filesystem::exists(file_) ? Read(file_) : "";
                if (status == GRAV_OK) {
                    EXPECT_EQ(now, new_);
                } else
                    ExpectFailed(fault, status, now);
                EXPECT_TRUE(struck || status == GRAV_OK) << err_.message;
                if (!(fault.kinds & faults::kUnlink)) {
                    EXPECT_FALSE(Contains(Names(), "result.json.")) << Names();
                }
            });
        EXPECT_TRUE(failures || fault.kinds == faults::kUnlink);
    }

    void ExpectFailed(const Fault &fault, grav_status status, const std::string &now)
    {
        EXPECT_EQ(status, GRAV_ERROR_FILE);
        EXPECT_TRUE(now == old_ || now == new_) << now.size() << " bytes";
        ExpectClear(err_, file_, fault);
    }

    // Of all files but the one that is to be kept.
    std::string Names()
    {
        std::string names;
        for (const std::string &name : Listing(folder_ / "in"))
            if (name != "result.json.prev")
                names += name + "\n";
        return names;
    }

    TemporaryFolder folder_;
    std::string file_ = folder_ / "in/result.json";
    std::string old_ = "old", new_ = std::string(100000, 'n');
    grav_error err_ = {};
};

TEST_F(DiskFaults, LeaveAFileOldOrNew)
{
    for (const Fault &fault : kWriting)
        ExpectOldOrNew(fault, [&] { return grav_file_write(file_.c_str(), new_.c_str(), &err_); });
}

TEST_F(DiskFaults, LeaveAFileThatIsReplacedOrTheOneBefore)
{
    const std::string before = file_ + ".prev";
    for (bool keep : {false, true})
        for (const Fault &fault : kWriting) {
            SCOPED_TRACE(Name(fault) + (keep ? " keep" : ""));
            grav_status status = GRAV_OK;
            uint64_t failures = 0;
            AtEveryCall(
                fault,
                [&] {
                    std::filesystem::remove_all(folder_ / "in");
                    std::filesystem::create_directory(folder_ / "in");
                    Write(file_, old_);
                    Write(before, "older");
                },
                [&] { status = grav_file_replace(file_.c_str(), new_.c_str(), keep, &err_); },
                [&](bool, uint64_t) {
                    failures += status != GRAV_OK;
                    std::string now = std::filesystem::exists(file_) ? Read(file_) : "none";
                    std::string previous = std::filesystem::exists(before) ? Read(before) : "none";
                    if (status != GRAV_OK)
                        ExpectClear(err_, file_, fault);
                    if (status == GRAV_OK) {
                        EXPECT_EQ(now, new_);
                    } else if (now == "none") { // without two names for one file
                        EXPECT_EQ(previous, old_);
                    } else {
                        EXPECT_EQ(now, old_);
                    }
                    if (!keep) {
                        EXPECT_EQ(previous, "older");
                    } else if (status == GRAV_OK) {
                        EXPECT_EQ(previous, old_);
                    }
                });
            EXPECT_TRUE(failures || fault.kinds == faults::kUnlink);
        }
}

TEST_F(DiskFaults, ThatAreInterruptionsAreNone)
{
    for (unsigned kind : {faults::kWrite, faults::kSync, faults::kClose}) {
        grav_status status = GRAV_OK;
        AtEveryCall(
            {kind, EINTR, How::kOnce},
            [&] {
                std::filesystem::create_directory(folder_ / "in");
                Write(file_, old_);
            },
            [&] { status = grav_file_write(file_.c_str(), new_.c_str(), &err_); },
            [&](bool, uint64_t) {
                EXPECT_EQ(status, GRAV_OK) << err_.message;
                EXPECT_EQ(Read(file_), new_);
            });
    }
}

TEST_F(DiskFaults, LeaveNoTraceOfACheck)
{
    std::filesystem::create_directory(folder_ / "in");
    Write(file_, old_);
    for (const Fault &fault : {Fault{faults::kOpen | faults::kLook, EIO, How::kOnce},
                               Fault{faults::kChange | faults::kClose, EIO, How::kFromThenOn}}) {
        grav_status status = GRAV_OK;
        AtEveryCall(
            fault, [] {}, [&] { status = grav_file_check(file_.c_str(), &err_); },
            [&](bool, uint64_t) {
                if (status != GRAV_OK)
                    ExpectClear(err_, file_, fault);
                EXPECT_EQ(Read(file_), old_);
                EXPECT_EQ(Names(), "result.json\n");
            });
    }
}

// ---- Reading ------------------------------------------------------------------------------------

class ReadFaults : public testing::Test {
  protected:
    std::string Save(const Result &result, const std::string &name)
    {
        char *text = nullptr;
        EXPECT_EQ(grav_result_json(result.get(), nullptr, &text, nullptr), GRAV_OK);
        Write(folder_ / name, text);
        free(text);
        return folder_ / name;
    }

    Result Play(uint64_t first, uint64_t sessions)
    {
        return support::Run(experiment_, support::Spec({"auto", GRAV_BACKEND_CPU, GRAV_ISA_AUTO},
                                                       42, first, sessions));
    }

    // Every failing call is an error that says what is wrong, or changes nothing.
    template <class Act> void ExpectClearErrors(const std::string &named, const Act &act)
    {
        for (const Fault &fault :
             {Fault{faults::kDisk, EIO, How::kOnce}, Fault{faults::kDisk, EACCES, How::kFromThenOn},
              Fault{faults::kRead, EIO, How::kShort}, Fault{faults::kRead, EINTR, How::kOnce}}) {
            SCOPED_TRACE(Name(fault));
            bool harmless = fault.how == How::kShort || fault.code == EINTR;
            uint64_t failures = 0;
            grav_status status = GRAV_OK;
            grav_error err = {};
            AtEveryCall(
                fault, [] {}, [&] { status = act(&err); },
                [&](bool, uint64_t) {
                    failures += status != GRAV_OK;
                    if (status == GRAV_OK)
                        return;
                    EXPECT_EQ(status, GRAV_ERROR_FILE) << err.message;
                    ExpectClear(err, named, fault);
                });
            EXPECT_EQ(failures > 0, !harmless);
        }
    }

    TemporaryFolder folder_;
    Experiment experiment_ = support::MakeExperiment(231, "1/4", 90);
};

TEST_F(ReadFaults, AreErrorsOfLoading)
{
    std::string file = Save(Play(0, 100), "a.json");
    const std::string digest = Digest(Play(0, 100));
    ExpectClearErrors(file, [&](grav_error *err) {
        grav_result *out = nullptr;
        grav_status status = grav_result_load(file.c_str(), &out, err);
        Result result(out);
        EXPECT_EQ(result != nullptr, status == GRAV_OK);
        if (result) {
            EXPECT_EQ(Digest(result), digest);
        }
        return status;
    });
}

TEST_F(ReadFaults, AreErrorsOfMerging)
{
    std::string a = Save(Play(0, 100), "a.json"), b = Save(Play(100, 100), "b.json");
    const std::string digest = Digest(Play(0, 200));
    const char *paths[] = {a.c_str(), b.c_str()};
    ExpectClearErrors(folder_.Path(), [&](grav_error *err) {
        grav_result *out = nullptr;
        grav_status status = grav_result_merge_files(paths, 2, &out, err);
        Result result(out);
        EXPECT_EQ(result != nullptr, status == GRAV_OK);
        if (result) {
            EXPECT_EQ(Digest(result), digest);
        }
        return status;
    });
}

TEST_F(ReadFaults, AreErrorsOfVerifying)
{
    Result result = Play(0, 100);
    std::string file = Save(result, "a.json");
    ExpectClearErrors(file, [&](grav_error *err) {
        return grav_verify_file(file.c_str(), result.get(), nullptr, err);
    });
}

} // namespace
