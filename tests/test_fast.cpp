// Engine `fast`: its words, and sessions that share streams, whatever part of a block is played.
#include "playing.h"

namespace {

using playing::Below;
using playing::ExpectFound;
using playing::FindByReference;
using playing::kKeeps;
using playing::Random;
using support::Experiment;
using support::MakeExperiment;
using support::Result;

constexpr playing::Engine kFast = playing::kEngines[2];
constexpr uint64_t kBlock = 4096, kStreams = 32; // sessions, as the format has it

TEST(Fast, HasTheKnownWords)
{
    const std::vector<std::vector<std::string>> rows = support::Vectors("fast.txt");
    EXPECT_GE(rows.size(), 70u);
    for (const std::vector<std::string> &row : rows) {
        const uint64_t seed = std::stoull(row.at(0), nullptr, 0), session = std::stoull(row.at(1));
        std::vector<uint32_t> known, ours(row.size() - 2);
        for (size_t i = 2; i < row.size(); i++)
            known.push_back(static_cast<uint32_t>(std::stoul(row[i], nullptr, 0)));
        ASSERT_EQ(known.size(), 13u);
        for (uint64_t word = 0; word < known.size(); word++)
            EXPECT_EQ(reference::Word(kFast.reference, seed, session, word), known[word])
                << "word " << word << " of session " << session << ", seed " << seed;
        grav_words(GRAV_ENGINE_FAST, seed, session, 0, ours.size(), ours.data());
        EXPECT_EQ(ours, known) << "session " << session << ", seed " << seed;
    }
}

// Words from 12 on are those of engine `philox`, and no earlier one is.
TEST(Fast, LeavesLaterWordsToPhilox)
{
    Random random(61);
    for (int i = 0; i < 200; i++) {
        const uint64_t seed = random(), session = random() >> 1;
        std::vector<uint32_t> fast(40), philox(40);
        grav_words(GRAV_ENGINE_FAST, seed, session, 0, fast.size(), fast.data());
        grav_words(GRAV_ENGINE_PHILOX, seed, session, 0, philox.size(), philox.data());
        for (size_t word = 0; word < fast.size(); word++)
            EXPECT_EQ(fast[word] == philox[word], word >= 12) << "word " << word;
    }
}

TEST(Fast, DrawsNoScores)
{
    Experiment experiment = MakeExperiment(231, "1/4");
    grav_run_spec spec = support::Spec(playing::Portable(), 42, 0, 10);
    spec.method = GRAV_METHOD_SCORES;
    spec.engine = GRAV_ENGINE_FAST;
    grav_result *result = nullptr;
    grav_error err = {};
    EXPECT_EQ(grav_run(experiment.get(), &spec, &result, &err), GRAV_ERROR_INVALID);
    EXPECT_NE(std::string(err.message).find("fast"), std::string::npos) << err.message;
    EXPECT_EQ(result, nullptr);
    Result owner(result);
    grav_draw draw;
    EXPECT_EQ(grav_replay_scores(experiment.get(), GRAV_ENGINE_FAST, 42, 0, &draw, &err),
              GRAV_ERROR_INVALID);
}

// ---- Parts of blocks ----------------------------------------------------------------------------

struct Job {
    uint32_t rolls;
    std::string chance;
};

// The founding job, jobs that end before and behind word 11, and one with a long histogram.
const Job kJobs[] = {{231, "1/4"}, {1, "1/2"}, {192, "1/2"}, {200, "1/3"}, {1000, "3/4"}};

// Where blocks begin, at the halves of a block's number and of a session's.
const uint64_t kEdges[] = {kBlock, uint64_t{1} << 32, uint64_t{5} << 32, uint64_t{1} << 44,
                           GRAV_SESSIONS_END - kBlock};

class FastBlocks : public support::OnBackend {
  protected:
    static void Check(const Job &job, uint64_t first, uint64_t sessions, unsigned threads = 1)
    {
        SCOPED_TRACE(testing::Message() << job.rolls << " rolls at " << job.chance << ", "
                                        << sessions << " sessions from " << first);
        Experiment experiment = MakeExperiment(job.rolls, job.chance);
        const playing::Found found =
            FindByReference(kFast, 43, first, sessions, job.rolls, job.chance);
        for (grav_keep keep : kKeeps) {
            grav_run_spec spec = support::Spec(GetParam(), 43, first, sessions);
            spec.engine = GRAV_ENGINE_FAST;
            spec.keep = keep;
            if (GetParam().backend == GRAV_BACKEND_CPU)
                spec.threads = threads; // one: pieces are longer, and reach over blocks
            ExpectFound(support::Run(experiment, spec), found, first, sessions);
        }
    }
};
GRAV_ON_EVERY_BACKEND(FastBlocks);

// Around steps of the streams: shorter than one, and starting and ending within.
TEST_P(FastBlocks, AFewSessionsAnywhere)
{
    for (const Job &job : kJobs)
        for (uint64_t edge : kEdges)
            for (uint64_t middle : {edge, edge + kStreams, edge + kBlock - kStreams})
                for (uint64_t before : {0, 1, 16, 31, 33})
                    for (uint64_t sessions : {1, 2, 31, 33, 65})
                        if (middle - before + sessions <= GRAV_SESSIONS_END)
                            Check(job, middle - before, sessions);
}

TEST_P(FastBlocks, ToTheLastSession)
{
    for (const Job &job : kJobs)
        for (uint64_t sessions : {uint64_t{1}, uint64_t{2}, kStreams - 1, kStreams, kStreams + 1,
                                  kBlock - 1, kBlock, kBlock + 1})
            Check(job, GRAV_SESSIONS_END - sessions, sessions);
}

TEST_P(FastBlocks, AnyPart)
{
    Random random(62);
    for (int i = 0; i < 60; i++) {
        const uint64_t edge = kEdges[Below(random, 4)];
        const uint64_t first = edge - kBlock + Below(random, 2 * kBlock);
        Check(kJobs[i % 2 ? 0 : Below(random, 5)], first, 1 + Below(random, i % 4 ? 600 : 9000),
              i % 5 ? 1 : 3);
    }
}

// What a run finds is what a replay shows.
TEST_P(FastBlocks, RecordsAreReplayed)
{
    for (const Job &job : kJobs) {
        Experiment experiment = MakeExperiment(job.rolls, job.chance);
        grav_run_spec spec = support::Spec(GetParam(), 44, (uint64_t{1} << 32) - 50001, 100003);
        spec.engine = GRAV_ENGINE_FAST;
        const grav_summary summary = support::Summary(support::Run(experiment, spec));
        uint64_t score = 0, words = 0;
        ASSERT_EQ(grav_replay(experiment.get(), GRAV_METHOD_ROLLS, GRAV_ENGINE_FAST, 1, 44,
                              summary.max_session, nullptr, &score, &words, nullptr),
                  GRAV_OK);
        EXPECT_EQ(score, summary.max_score) << job.rolls << " rolls at " << job.chance;
    }
}

} // namespace
