// The lines of a report that tell how fast a run was, and who played it.
#include "program.h"
#include "sealed.h"
#include "temporary_folder.h"

namespace {

using namespace program;

std::string Gpu(int device, const std::string &played)
{
    return "{\"backend\": \"cuda\", \"device\": " + std::to_string(device) +
           ", \"name\": \"NVIDIA H100\", " + played + "}";
}

class Speed : public testing::Test {
  protected:
    // The lines from "Speed" on, before "Digest", of the report of a result with these workers.
    std::string Told(const std::string &workers, const std::string &locale = "C")
    {
        Outcome played = RunProgram(Founding("300", {"--json", file_, "--quiet"}));
        EXPECT_EQ(played.code, 0) << Describe(played);
        std::string text = Read(file_);
        text = sealed::Replaced(text, "\"play_s\": ", "\"play_s\": 2.5, \"was\": ");
        text = sealed::Replaced(
            text, "\"sessions_per_s\": ", "\"sessions_per_s\": 1234567.8, \"were\": ");
        Write(file_, sealed::WithWorkers(text, workers));
        Command merge = Graveler({"merge", file_});
        merge.environment["LC_ALL"] = locale;
        Outcome merged = process::Run(merge);
        EXPECT_EQ(merged.code, 0) << Describe(merged);
        const size_t start = merged.out.find("Speed"), end = merged.out.find("Digest");
        return start < end ? merged.out.substr(start, end - start) : merged.out;
    }

    TemporaryFolder folder_;
    std::string file_ = folder_ / "result.json";
};

const char *const kStart = "Speed           1.235 million sessions/s in 2.5 s ";

TEST_F(Speed, OfOneWorkerIsOneLine)
{
    EXPECT_EQ(Told(Gpu(0, "\"sessions\": 300, \"busy_s\": 1")),
              std::string(kStart) + "(GPU 0, NVIDIA H100)\n");
}

TEST_F(Speed, OfSeveralWorkersTellsWhoPlayedHowMuchAndHowFast)
{
    const std::string cpu = "{\"backend\": \"cpu\", \"isa\": \"avx512\", \"threads\": 16, "
                            "\"rank\": 3, \"host\": \"nodeA\", \"sessions\": 1, \"busy_s\": 0.5}";
    EXPECT_EQ(Told(cpu + "," + Gpu(0, "\"sessions\": 0, \"busy_s\": 0") + "," +
                   Gpu(1, "\"sessions\": 1499, \"busy_s\": 2e-6") + "," +
                   Gpu(2, "\"sessions\": 500, \"busy_s\": 1")),
              std::string(kStart) +
                  "(4 workers)\n"
                  "                75.0 %  749.5 million sessions/s  GPU 1, NVIDIA H100\n"
                  "                25.0 %            500 sessions/s  GPU 2, NVIDIA H100\n"
                  "                0.05 %              2 sessions/s  rank 3 on nodeA: CPU, avx512, "
                  "16 threads\n"
                  "                   0 %                            GPU 0, NVIDIA H100\n");
}

TEST_F(Speed, OfWorkersOfWhichNoTimeIsKnownHasNoRates)
{
    EXPECT_EQ(Told(Gpu(0, "\"sessions\": 100") + "," + Gpu(1, "\"sessions\": 200")),
              std::string(kStart) + "(2 workers)\n"
                                    "                66.7 %  GPU 1, NVIDIA H100\n"
                                    "                33.3 %  GPU 0, NVIDIA H100\n");
}

// So many GPUs, of which the i-th played i mod 20 sessions.
std::string Gpus(int count)
{
    std::string all;
    for (int i = 0; i < count; i++)
        all += (i ? "," : "") + Gpu(i, "\"sessions\": " + std::to_string(i % 20));
    return all;
}

TEST_F(Speed, OfManyWorkersTellsOfThoseThatPlayedMost)
{
    std::string most;
    const char *const shares[] = {"10.0", " 9.5", " 8.9", " 8.4", " 7.9", " 7.4", " 6.8", " 6.3",
                                  " 5.8", " 5.3", " 4.7", " 4.2", " 3.7", " 3.2", " 2.6", " 2.1"};
    for (int i = 0; i < 16; i++)
        most += "                " + std::string(shares[i]) + " %  GPU " + std::to_string(19 - i) +
                ", NVIDIA H100\n";
    EXPECT_EQ(Told(Gpus(20)),
              kStart + ("(20 workers)\n" + most) + "                ... and 4 more workers\n");
    // Of equal ones the first come first.
    const std::string thousand = Told(Gpus(1000), "C.UTF-8");
    EXPECT_EQ(CountLines(thousand), 18u) << thousand;
    EXPECT_TRUE(Contains(thousand, "%  GPU 19, NVIDIA H100\n")) << thousand;
    EXPECT_TRUE(Contains(thousand, "%  GPU 319, NVIDIA H100\n")) << thousand;
    EXPECT_LT(thousand.find("GPU 19,"), thousand.find("GPU 39,")) << thousand;
    EXPECT_TRUE(Contains(thousand, "\n                … and 984 more workers\n")) << thousand;
    // Sixteen are told, and one more is told as one.
    EXPECT_FALSE(Contains(Told(Gpus(16)), "more")) << "all are told";
    EXPECT_TRUE(Contains(Told(Gpus(17)), "... and 1 more worker\n"));
}

} // namespace
