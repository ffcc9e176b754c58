// Runs with a checkpoint on disks that fail at any call: the last one that was written is there.
#include "faults.h"
#include "program.h"
#include "support.h"
#include "temporary_folder.h"

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace {

using faults::AtEveryCall;
using faults::Fault;
using faults::How;
using program::Contains;
using program::Read;
using program::Write;
using support::Digest;
using support::Experiment;
using support::Result;

const Fault kFaults[] = {
    {faults::kDisk, EIO, How::kOnce},
    {faults::kDisk, EIO, How::kFromThenOn},
    {faults::kWrite, ENOSPC, How::kShort},
    {faults::kDisk - faults::kLook, EDQUOT, How::kOnce},
};

class CheckpointFaults : public testing::Test {
  protected:
    grav_run_spec Spec(uint64_t sessions)
    {
        grav_run_spec spec =
            support::Spec({"portable", GRAV_BACKEND_CPU, GRAV_ISA_PORTABLE}, 42, 0, sessions);
        spec.threads = 2;
        spec.checkpoint = file_.c_str();
        spec.checkpoint_s = 1e-4;
        spec.notice = [](const char *message, void *data) {
            *static_cast<std::string *>(data) += std::string(message) + "\n";
        };
        spec.data = &told_;
        return spec;
    }

    // Plays with the checkpoint. told_ becomes all that was said of failures.
    void Play(uint64_t sessions)
    {
        grav_result *out = nullptr;
        grav_error err = {};
        grav_run_spec spec = Spec(sessions);
        told_.clear();
        status_ = grav_run(experiment_.get(), &spec, &out, &err);
        result_.reset(out);
        if (status_ != GRAV_OK)
            told_ += err.message;
        else if (grav_result_failure(out))
            told_ += grav_result_failure(out)->message;
    }

    // How many sessions the checkpoint holds.
    uint64_t Stored()
    {
        grav_result *out = nullptr;
        grav_error notice, err = {};
        EXPECT_EQ(grav_checkpoint_load(file_.c_str(), &out, &notice, &err), GRAV_OK) << err.message;
        Result result(out);
        return result ? support::Summary(result).sessions : 0;
    }

    // After a run in which a call may have failed: what it says is true, what was there before is
    // not lost, and the run can be gone on with.
    void ExpectSound(const Fault &fault, uint64_t sessions, uint64_t stored, bool struck)
    {
        if (status_ == GRAV_OK && support::Summary(result_).complete) {
            EXPECT_EQ(Digest(result_), digest_);
        }
        if (struck && Stored() < sessions) {
            EXPECT_TRUE(Contains(told_, strerror(fault.code))) << told_;
        }
        if (!struck) {
            EXPECT_EQ(status_, GRAV_OK) << told_;
            EXPECT_EQ(told_, "");
        }
        EXPECT_GE(Stored(), stored);
        result_.reset();
        Play(sessions);
        ASSERT_EQ(status_, GRAV_OK) << told_;
        EXPECT_EQ(Digest(result_), digest_);
        result_.reset();
    }

    TemporaryFolder folder_;
    std::string file_ = folder_ / "run.checkpoint";
    Experiment experiment_ = support::MakeExperiment(231, "1/4", 177);
    std::string told_, digest_;
    grav_status status_ = GRAV_OK;
    Result result_;
};

// Long enough for several checkpoints: two chunks at least, the first of them of some 10000
// sessions.
TEST_F(CheckpointFaults, LeaveWhatWasPlayed)
{
    const uint64_t sessions = 100000;
    uint64_t before = 0, most = 0;
    digest_ = Digest(support::Run(experiment_, Spec(sessions)));
    for (const Fault &fault : kFaults) {
        SCOPED_TRACE(Name(fault));
        AtEveryCall(
            fault,
            [&] {
                std::filesystem::remove(file_);
                std::filesystem::remove(file_ + ".prev");
                before = faults::Renames();
            },
            [&] { Play(sessions); },
            [&](bool struck, uint64_t at) {
                SCOPED_TRACE(at);
                most = std::max(most, faults::Renames() - before);
                ExpectSound(fault, sessions, 0, struck);
            });
    }
    EXPECT_GE(most, 2u) << "one on the way and one at the end";
}

TEST_F(CheckpointFaults, OfResumedRunsLeaveWhatWasThere)
{
    const uint64_t sessions = 3000;
    Play(100);
    Play(2000);
    const std::string good = Read(file_), previous = Read(file_ + ".prev");
    grav_run_spec spec = Spec(sessions);
    spec.checkpoint = nullptr;
    digest_ = Digest(support::Run(experiment_, spec));
    for (const Fault &fault : kFaults) {
        SCOPED_TRACE(Name(fault));
        AtEveryCall(
            fault,
            [&] {
                Write(file_, good);
                Write(file_ + ".prev", previous);
            },
            [&] { Play(sessions); },
            [&](bool struck, uint64_t at) {
                SCOPED_TRACE(at);
                EXPECT_FALSE(Contains(told_, "is of no use")) << told_;
                ExpectSound(fault, sessions, 2000, struck);
            });
    }
}

// What cannot be read is not what is damaged: the one before does not take its place.
TEST_F(CheckpointFaults, OfReadingAreErrors)
{
    Play(100);
    Play(200);
    const std::string good = Read(file_), previous = Read(file_ + ".prev");
    for (int code : {EIO, EACCES, EMFILE}) {
        const Fault fault = {faults::kOpen | faults::kRead | faults::kLook, code, How::kOnce};
        SCOPED_TRACE(Name(fault));
        grav_result *out = nullptr;
        grav_error notice, err;
        grav_status status = GRAV_OK;
        AtEveryCall(
            fault, [] {},
            [&] { status = grav_checkpoint_load(file_.c_str(), &out, &notice, &err); },
            [&](bool, uint64_t at) {
                SCOPED_TRACE(at);
                Result result(out);
                out = nullptr;
                if (status != GRAV_OK) {
                    EXPECT_EQ(status, GRAV_ERROR_FILE) << err.message;
                    EXPECT_TRUE(Contains(err.message, file_)) << err.message;
                    EXPECT_TRUE(Contains(err.message, strerror(code))) << err.message;
                } else {
                    ASSERT_TRUE(result) << "not: there is none";
                    EXPECT_EQ(support::Summary(result).sessions, 200u);
                    EXPECT_STREQ(notice.message, "");
                }
            });
    }
    EXPECT_EQ(Read(file_), good);
    EXPECT_EQ(Read(file_ + ".prev"), previous);
}

} // namespace
