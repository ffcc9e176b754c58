// Stress: known answers, over and over, and what becomes of wrong ones.
#include "nvml.h"
#include "places.h"
#include "program.h"
#include "selftest.h"
#include "support.h"

#include <atomic>
#include <chrono>
#include <cmath>
#include <csignal>
#include <functional>
#include <unistd.h>

// The linker puts this in the place of grav_answer_play() where `stress` calls it (--wrap).
extern "C" {
grav_status __real_grav_answer_play(const grav_answer *answer, const grav_selftest_who *who,
                                    const grav_answer_pace *pace, bool *stopped, grav_error *err);
grav_status __wrap_grav_answer_play(const grav_answer *answer, const grav_selftest_who *who,
                                    const grav_answer_pace *pace, bool *stopped, grav_error *err);
}

namespace {

using namespace program;

// ---- Devices that are not there -----------------------------------------------------------------

// How the n-th range of a device goes, n from 0, instead of being played.
using Fake = std::function<grav_status(const grav_selftest_who &who, int n)>;
Fake fake;
std::atomic<int> ranges_of[GRAV_ISA_AVX512 + 1];

struct Stressed {
    grav_status status;
    grav_error err = {};
    std::vector<grav_stress_device> devices;
    bool stopped = false;
    std::vector<std::string> troubles;
    int looks = 0;
    int stop_at = -1; // look
};

// Two devices: the CPU by portable, and by the best isa.
Stressed Stress(double seconds, Fake how, int stop_at = -1)
{
    Stressed out;
    grav_cpu_info cpu;
    grav_cpu(&cpu);
    out.devices = {{}, {}};
    out.devices[0].backend = out.devices[1].backend = GRAV_BACKEND_CPU;
    out.devices[0].isa = GRAV_ISA_PORTABLE;
    out.devices[1].isa = cpu.isa;
    out.devices[0].threads = out.devices[1].threads = 1;
    out.devices[0].right = 12345; // to be cleared
    out.stop_at = stop_at;
    grav_stress_spec spec = {};
    spec.seconds = seconds;
    spec.progress = [](const grav_stress_device *devices, size_t count, double elapsed_s,
                       void *data) {
        Stressed *stressed = static_cast<Stressed *>(data);
        EXPECT_EQ(devices, stressed->devices.data());
        EXPECT_EQ(count, 2u);
        EXPECT_GT(elapsed_s, 0);
        return stressed->looks++ == stressed->stop_at;
    };
    spec.trouble = [](const grav_stress_device *, const grav_error *what, void *data) {
        static_cast<Stressed *>(data)->troubles.push_back(what->message);
    };
    spec.data = &out;
    for (std::atomic<int> &count : ranges_of)
        count = 0;
    fake = std::move(how);
    out.status = grav_stress(out.devices.data(), out.devices.size(), &spec, &out.stopped, &out.err);
    fake = nullptr;
    return out;
}

bool HasTwoIsas()
{
    grav_cpu_info cpu;
    grav_cpu(&cpu);
    return cpu.isa != GRAV_ISA_PORTABLE;
}

TEST(Stress, CountsWhatIsRightAndWhatIsWrong)
{
    if (!HasTwoIsas())
        GTEST_SKIP() << "this CPU has one isa only";
    const Stressed out = Stress(0.3, [](const grav_selftest_who &who, int n) {
        usleep(1000);
        return who.isa == GRAV_ISA_PORTABLE && n % 3 == 1 ? GRAV_ERROR_MISMATCH : GRAV_OK;
    });
    ASSERT_EQ(out.status, GRAV_OK) << out.err.message;
    EXPECT_FALSE(out.stopped);
    for (const grav_stress_device &device : out.devices) {
        const uint64_t played = static_cast<uint64_t>(ranges_of[device.isa]);
        EXPECT_GT(played, 10u);
        EXPECT_EQ(device.right + device.wrong, played);
        EXPECT_EQ(device.failure.status, GRAV_OK);
        EXPECT_GT(device.played_s, 0.1);
        EXPECT_LT(device.played_s, 60);
        // All answers in turn: whole rounds of them, and the beginning of one.
        uint64_t sessions = 0;
        for (uint64_t n = 0, i = 0; n < played; n++, i++) {
            if (!grav_stress_answer_at(GRAV_BACKEND_CPU, i))
                i = 0;
            sessions += grav_stress_answer_at(GRAV_BACKEND_CPU, i)->sessions;
        }
        EXPECT_EQ(device.sessions, sessions);
    }
    const uint64_t played = static_cast<uint64_t>(ranges_of[GRAV_ISA_PORTABLE]);
    EXPECT_EQ(out.devices[0].wrong, (played + 1) / 3);
    EXPECT_STREQ(out.devices[0].wrong_last.message, "it is wrong");
    EXPECT_EQ(out.troubles.size(), out.devices[0].wrong);
    EXPECT_EQ(out.devices[1].wrong, 0u);
}

TEST(Stress, GoesOnWithoutADeviceThatFails)
{
    if (!HasTwoIsas())
        GTEST_SKIP() << "this CPU has one isa only";
    const Stressed out = Stress(0.3, [](const grav_selftest_who &who, int n) {
        usleep(1000);
        return who.isa == GRAV_ISA_PORTABLE && n == 3 ? GRAV_ERROR_DEVICE : GRAV_OK;
    });
    ASSERT_EQ(out.status, GRAV_OK);
    EXPECT_EQ(out.devices[0].right, 3u);
    EXPECT_EQ(out.devices[0].wrong, 0u);
    EXPECT_EQ(out.devices[0].failure.status, GRAV_ERROR_DEVICE);
    EXPECT_EQ(ranges_of[GRAV_ISA_PORTABLE], 4);
    EXPECT_GT(out.devices[1].right, 10u);
    EXPECT_EQ(out.troubles, std::vector<std::string>{"it is wrong"});
}

TEST(Stress, EndsEarlyWhereAllFail)
{
    const auto start = std::chrono::steady_clock::now();
    const Stressed out =
        Stress(3600, [](const grav_selftest_who &, int) { return GRAV_ERROR_DEVICE; });
    EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(60));
    EXPECT_EQ(out.status, GRAV_OK);
    EXPECT_FALSE(out.stopped);
    EXPECT_EQ(out.troubles.size(), 2u);
}

TEST(Stress, StopsWhenToldTo)
{
    const Stressed out = Stress(
        3600,
        [](const grav_selftest_who &, int) {
            usleep(1000);
            return GRAV_OK;
        },
        2);
    EXPECT_TRUE(out.stopped);
    EXPECT_GE(out.looks, 3);
    EXPECT_GT(out.devices[0].right, 0u);
}

TEST(Stress, RefusesWhatMakesNoSense)
{
    grav_stress_device device = {};
    grav_stress_spec spec = {};
    grav_error err;
    bool stopped;
    device.backend = GRAV_BACKEND_CPU;
    for (double seconds : {0.0, -1.0, static_cast<double>(NAN), static_cast<double>(INFINITY)}) {
        spec.seconds = seconds;
        EXPECT_EQ(grav_stress(&device, 1, &spec, &stopped, &err), GRAV_ERROR_INVALID) << seconds;
    }
    spec.seconds = 1;
    EXPECT_EQ(grav_stress(&device, 0, &spec, &stopped, &err), GRAV_ERROR_INVALID);
    device.backend = GRAV_BACKEND_ALL;
    EXPECT_EQ(grav_stress(&device, 1, &spec, &stopped, &err), GRAV_ERROR_INVALID);
    device.backend = GRAV_BACKEND_CUDA;
    device.device = 12345;
    EXPECT_NE(grav_stress(&device, 1, &spec, &stopped, &err), GRAV_OK);
}

// ---- The answers --------------------------------------------------------------------------------

void ExpectRight(const grav_answer *answer, grav_isa isa)
{
    const grav_selftest_who who = {GRAV_BACKEND_CPU, 0, isa, 0};
    grav_error err = {};
    EXPECT_EQ(grav_selftest_answer(answer, &who, &err), GRAV_OK) << err.message;
}

TEST(SlowStress, AnswersOfTheCpuAreRightByEveryIsa)
{
    const grav_answer *answer;
    for (int isa = GRAV_ISA_PORTABLE; isa <= GRAV_ISA_AVX512; isa++)
        for (size_t i = 0; grav_cpu_has(static_cast<grav_isa>(isa)) &&
                           (answer = grav_stress_answer_at(GRAV_BACKEND_CPU, i));
             i++)
            ExpectRight(answer, static_cast<grav_isa>(isa));
}

TEST(NightlyStress, AnswersOfGpusAreRight)
{
    const grav_answer *answer;
    for (size_t i = 0; (answer = grav_stress_answer_at(GRAV_BACKEND_CUDA, i)); i++)
        ExpectRight(answer, GRAV_ISA_AUTO);
}

// ---- The sensors --------------------------------------------------------------------------------

TEST(Nvml, TellsTemperatureAndPower)
{
    grav_reading celsius = {}, watts = {}, none = {};
    grav_nvml *nvml = grav_nvml_open(places::Place("GRAV_FAKE_NVML", GRAV_FAKE_NVML).c_str());
    ASSERT_NE(nvml, nullptr);
    const char *gpu = "00000000:65:00.0";
    grav_nvml_read(nvml, "00000000:66:00.0", &none, &none);
    EXPECT_FALSE(none.known);
    grav_nvml_read(nvml, gpu, &celsius, &watts);
    EXPECT_TRUE(celsius.known && watts.known);
    EXPECT_EQ(celsius.now, 60);
    EXPECT_EQ(celsius.most, 60);
    EXPECT_EQ(watts.now, 650.5);
    grav_reading before = watts;
    watts.now = 1;
    grav_nvml_read(nvml, gpu, &celsius, &watts); // power fails: the reading stays
    EXPECT_EQ(watts.now, 1);
    watts = before;
    grav_nvml_read(nvml, gpu, &celsius, &watts);
    EXPECT_EQ(celsius.now, 65);
    EXPECT_EQ(celsius.most, 71);
    EXPECT_EQ(watts.most, 650.5);
    grav_nvml_close(nvml);
}

TEST(Nvml, IsDoneWithoutWhereThereIsNone)
{
    grav_reading celsius = {}, watts = {};
    EXPECT_EQ(grav_nvml_open("libgraveler-none.so.1"), nullptr);
    EXPECT_EQ(grav_nvml_open("libm.so.6"), nullptr); // a library, but another
    grav_nvml_read(nullptr, "00000000:65:00.0", &celsius, &watts);
    EXPECT_FALSE(celsius.known || watts.known);
    grav_nvml_close(nullptr);
}

// ---- The command --------------------------------------------------------------------------------

TEST(StressCli, ReportsEachDevice)
{
    const Words job = {"stress", "--backend", "cpu", "--time", "100ms"};
    Outcome outcome = RunProgram(job);
    EXPECT_EQ(outcome.code, 0) << Describe(outcome);
    EXPECT_EQ(outcome.err, "");
    EXPECT_EQ(CountLines(outcome.out), 1u) << outcome.out;
    EXPECT_TRUE(Contains(outcome.out, " right, 0 wrong: ")) << outcome.out;
    EXPECT_TRUE(Contains(outcome.out, " sessions/s")) << outcome.out;
    Json json = RunJson(Joined(job, {"--isa", "portable", "--threads", "2"}));
    EXPECT_EQ(json["format"].String(), "graveler-stress");
    EXPECT_TRUE(json["right"].Boolean() && json["complete"].Boolean());
    ASSERT_EQ(json["devices"].Size(), 1u);
    EXPECT_EQ(json["devices"][0]["isa"].String(), "portable");
    EXPECT_GE(json["devices"][0]["ranges_right"].Integer(), 1u);
    EXPECT_EQ(json["devices"][0]["ranges_wrong"].Integer(), 0u);
    EXPECT_GT(json["devices"][0]["sessions_per_s"].Number(), 0);
}

TEST(StressCli, EndsInOrderWhenInterrupted)
{
    Process program(
        Graveler({"stress", "--backend", "cpu", "--time", "1h", "--progress", "always"}));
    ASSERT_TRUE(
        program.WaitUntil([](const Outcome &so_far) { return Contains(so_far.err, " of 1 h"); }));
    program.Send(SIGINT);
    Outcome outcome = program.Wait();
    EXPECT_EQ(outcome.code, 3) << Describe(outcome);
    EXPECT_TRUE(Contains(outcome.err, "graveler stress: interrupted after ")) << outcome.err;
    EXPECT_TRUE(Contains(outcome.out, " right, 0 wrong")) << outcome.out;
}

} // namespace

grav_status __wrap_grav_answer_play(const grav_answer *answer, const grav_selftest_who *who,
                                    const grav_answer_pace *pace, bool *stopped, grav_error *err)
{
    if (!fake)
        return __real_grav_answer_play(answer, who, pace, stopped, err);
    *stopped = false;
    grav_status status = fake(*who, ranges_of[who->isa]++);
    if (status != GRAV_OK) {
        err->status = status;
        snprintf(err->message, sizeof err->message, "it is wrong");
    }
    return status;
}
