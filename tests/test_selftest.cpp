// Known answers: each worked out again from the session format, and what comes of a wrong one.
#include "games.h"
#include "playing_gen3.h"
#include "program.h"
#include "sealed.h"
#include "selftest.h"

extern "C" {
#include "cli/options.h"
}

#include <map>
#include <set>
#include <sstream>

namespace {

using boost::multiprecision::cpp_rational;
using program::Json;
using program::Words;
using support::Backend;

std::vector<grav_answer> Answers()
{
    std::vector<grav_answer> answers;
    while (const grav_answer *answer = grav_answer_at(answers.size()))
        answers.push_back(*answer);
    return answers;
}

bool IsStreak(const grav_answer &answer)
{
    return answer.experiment.statistic == GRAV_STATISTIC_STREAK;
}

reference::Die DieOf(const grav_answer &answer)
{
    if (answer.experiment.die)
        return reference::ParseDie(answer.experiment.die);
    return reference::DieOf(reference::ParseChance(answer.experiment.chance));
}

// ---- Scores by the reference --------------------------------------------------------------------

using Score = std::function<uint64_t(uint64_t session)>;

Score Gen3Score(const grav_answer &answer)
{
    const cpp_rational chance = reference::ParseNumber(answer.experiment.chance);
    const reference::Gen3Experiment what = {
        answer.experiment.rolls, numerator(chance).convert_to<uint32_t>(),
        denominator(chance).convert_to<uint32_t>(), answer.calls_per_roll, IsStreak(answer)};
    return [=](uint64_t session) {
        return reference::Gen3Score(what, static_cast<uint32_t>(session));
    };
}

// Of sums of rolls at a chance.
Score DrawnScore(const grav_answer &answer, reference::Engine engine)
{
    const auto thresholds = reference::Thresholds(answer.experiment.rolls,
                                                  reference::ParseChance(answer.experiment.chance));
    return [=](uint64_t session) {
        return reference::ScoreOfDraw(reference::DrawOf(engine, answer.seed, session), thresholds);
    };
}

Score RolledScore(const grav_answer &answer, reference::Engine engine)
{
    const reference::Die die = DieOf(answer);
    const auto statistic =
        IsStreak(answer) ? reference::Statistic::kStreak : reference::Statistic::kSum;
    return [=](uint64_t session) {
        return reference::Play(engine, answer.seed, session, answer.experiment.rolls, die,
                               statistic)
            .score;
    };
}

Score ScoreOf(const grav_answer &answer)
{
    if (answer.engine == GRAV_ENGINE_GEN3)
        return Gen3Score(answer);
    const reference::Engine engine =
        playing::EngineNamed(grav_engine_name(answer.engine)).reference;
    return answer.method == GRAV_METHOD_SCORES ? DrawnScore(answer, engine)
                                               : RolledScore(answer, engine);
}

// ---- Digests by the reference -------------------------------------------------------------------

// The lines of docs/formats.md, "Digest", on experiment and run.
std::string AskedText(const grav_answer &answer)
{
    std::ostringstream text;
    text << "graveler-digest 1\nrolls " << answer.experiment.rolls << "\ndie ";
    const reference::Die die = DieOf(answer);
    cpp_rational sum = 0;
    for (const reference::Face &face : die)
        sum += face.weight;
    const char *comma = "";
    for (const reference::Face &face : die) {
        text << comma << face.value << "x" << cpp_rational(face.weight / sum).str();
        comma = ",";
    }
    text << "\nstatistic " << (IsStreak(answer) ? "streak" : "sum") << "\n";
    if (answer.experiment.has_target)
        text << "target " << answer.experiment.target << "\n";
    text << "seed 0x" << std::hex << answer.seed << std::dec << "\nmethod "
         << grav_method_name(answer.method) << "\nengine " << grav_engine_name(answer.engine)
         << "\n";
    if (answer.engine == GRAV_ENGINE_GEN3)
        text << "calls-per-roll " << answer.calls_per_roll << "\n";
    text << "keep " << grav_keep_name(answer.keep) << "\nrange " << answer.first << " "
         << answer.first + answer.sessions << "\n";
    return text.str();
}

// Those on what was found.
std::string FoundText(const grav_answer &answer)
{
    const Score score_of = ScoreOf(answer);
    std::map<uint64_t, uint64_t> counts, first_with;
    for (uint64_t session = answer.first; session < answer.first + answer.sessions; session++) {
        const uint64_t score = score_of(session);
        counts[score]++;
        first_with.emplace(score, session);
    }
    std::ostringstream text;
    const auto [score, session] = *first_with.rbegin();
    text << "sessions " << answer.sessions << "\nmax " << score << " " << session << "\n";
    if (answer.keep == GRAV_KEEP_HISTOGRAM)
        for (const auto &[value, count] : counts)
            text << "count " << value << " " << count << "\n";
    return text.str();
}

std::string DigestByReference(const grav_answer &answer)
{
    return sealed::Checksum(AskedText(answer) + FoundText(answer));
}

// ---- The table ----------------------------------------------------------------------------------

TEST(SelftestAnswers, FollowFromTheSessionFormat)
{
    for (const grav_answer &answer : Answers())
        EXPECT_EQ(answer.digest, DigestByReference(answer)) << AskedText(answer);
}

TEST(SelftestAnswers, CoverEveryKindOfRun)
{
    std::set<std::string> kinds;
    for (const grav_answer &answer : Answers()) {
        std::string kind = answer.experiment.die ? "die" : IsStreak(answer) ? "streak" : "chance";
        if (answer.experiment.has_target)
            kind = "founding";
        kinds.insert(kind + " " + grav_method_name(answer.method) + " " +
                     grav_engine_name(answer.engine));
        kinds.insert(std::string(grav_keep_name(answer.keep)) + " " +
                     grav_method_name(answer.method) + " " + grav_engine_name(answer.engine));
    }
    for (const char *engine : {"philox", "philox7", "fast"})
        for (const char *kind : {"founding", "chance", "die", "streak", "max", "histogram"})
            EXPECT_EQ(kinds.count(std::string(kind) + " rolls " + engine), 1u) << kind << engine;
    for (const char *kind : {"chance", "streak", "max", "histogram"})
        EXPECT_EQ(kinds.count(std::string(kind) + " rolls gen3"), 1u) << kind;
    for (const char *engine : {"philox", "philox7"})
        for (const char *kind : {"chance", "max", "histogram"})
            EXPECT_EQ(kinds.count(std::string(kind) + " scores " + engine), 1u) << kind << engine;
}

// Whether any answer of the engine has a session that fits.
bool AnySession(grav_engine engine,
                const std::function<bool(const grav_answer &, uint64_t session)> &fits)
{
    for (const grav_answer &answer : Answers())
        for (uint64_t i = 0; answer.engine == engine && i < answer.sessions; i++)
            if (fits(answer, answer.first + i))
                return true;
    return false;
}

TEST(SelftestAnswers, ReachTheRareSessions)
{
    for (const auto &row : support::Vectors("sessions.txt")) {
        static std::set<std::string> seen;
        if (row[3] != "231" || row[4] != "1/4" || row[6] != "13" || !seen.insert(row[0]).second)
            continue;
        const uint64_t rare = std::stoull(row[2]);
        EXPECT_TRUE(AnySession(playing::EngineNamed(row[0]).id,
                               [&](const grav_answer &answer, uint64_t session) {
                                   return session == rare && answer.experiment.has_target &&
                                          answer.seed == std::stoull(row[1], nullptr, 0);
                               }))
            << row[0] << " " << rare;
    }
    for (grav_engine engine : {GRAV_ENGINE_PHILOX, GRAV_ENGINE_FAST}) {
        EXPECT_TRUE(AnySession(engine, [](const grav_answer &answer, uint64_t session) {
            return session > answer.first && session % (uint64_t{1} << 32) == 0;
        })) << "none across 2^32";
        EXPECT_TRUE(AnySession(engine, [](const grav_answer &, uint64_t session) {
            return session == GRAV_SESSIONS_END - 1;
        })) << "none at the end";
    }
}

// ---- Playing them -------------------------------------------------------------------------------

grav_selftest_who Who(const Backend &backend, unsigned threads = 0)
{
    return {backend.backend, 0, backend.isa, threads};
}

class Selftest : public support::OnBackend {};
GRAV_ON_EVERY_BACKEND(Selftest);

TEST_P(Selftest, FindsAllAnswersRight)
{
    for (unsigned threads : playing::ThreadCounts(GetParam())) {
        grav_error err = {};
        EXPECT_EQ(grav_selftest(GetParam().backend, 0, GetParam().isa, threads, &err), GRAV_OK)
            << err.message;
    }
}

TEST_P(Selftest, TellsAWrongAnswer)
{
    for (grav_answer answer : Answers()) {
        std::string digest = answer.digest;
        digest.back() = digest.back() == '0' ? '1' : '0';
        const std::string right = answer.digest;
        answer.digest = digest.c_str();
        grav_error err = {};
        const grav_selftest_who who = Who(GetParam());
        EXPECT_EQ(grav_selftest_answer(&answer, &who, &err), GRAV_ERROR_MISMATCH);
        EXPECT_EQ(err.status, GRAV_ERROR_MISMATCH);
        for (const std::string &part :
             {digest, right, std::to_string(answer.experiment.rolls) + " rolls",
              std::to_string(answer.first), std::to_string(answer.first + answer.sessions - 1),
              std::string("engine ") + grav_engine_name(answer.engine),
              GetParam().backend == GRAV_BACKEND_CUDA ? "GPU 0" : "CPU " + GetParam().name})
            EXPECT_TRUE(program::Contains(err.message, part)) << part << "\n" << err.message;
    }
}

// One session more or less, another seed or engine: each is another answer.
TEST_P(Selftest, TellsAnotherRun)
{
    const grav_selftest_who who = Who(GetParam());
    grav_answer more = Answers()[0], seed = more, engine = more;
    more.sessions++;
    seed.seed++;
    engine.engine = GRAV_ENGINE_PHILOX7;
    for (const grav_answer *answer : {&more, &seed, &engine})
        EXPECT_EQ(grav_selftest_answer(answer, &who, nullptr), GRAV_ERROR_MISMATCH);
}

TEST(SelftestRefuses, WhatIsNotOneDevice)
{
    grav_error err = {};
    for (grav_backend backend : {GRAV_BACKEND_AUTO, GRAV_BACKEND_ALL})
        EXPECT_EQ(grav_selftest(backend, 0, GRAV_ISA_AUTO, 0, &err), GRAV_ERROR_INVALID);
    EXPECT_EQ(grav_selftest(GRAV_BACKEND_CPU, 0, GRAV_ISA_AUTO, GRAV_THREADS_MAX + 1, &err),
              GRAV_ERROR_INVALID);
    for (int device : {-1, 4096})
        EXPECT_NE(grav_selftest(GRAV_BACKEND_CUDA, device, GRAV_ISA_AUTO, 0, &err), GRAV_OK);
}

// ---- The command --------------------------------------------------------------------------------

TEST(SelftestCli, ChecksEveryIsaOfThisMachine)
{
    const Json json = program::RunJson({"selftest", "--backend", "cpu"});
    std::set<std::string> isas, expected;
    for (const Backend &backend : support::Backends())
        if (backend.backend == GRAV_BACKEND_CPU && !support::WhyNot(backend))
            expected.insert(backend.name);
    for (size_t i = 0; i < json["checked"].Size(); i++) {
        EXPECT_TRUE(json["checked"][i]["right"].Boolean());
        EXPECT_GT(json["checked"][i]["seconds"].Number(), 0);
        isas.insert(json["checked"][i]["isa"].String());
    }
    EXPECT_EQ(isas, expected);
    EXPECT_EQ(json["answers"].Integer(), grav_selftest_answers());
    EXPECT_TRUE(json["right"].Boolean());
}

TEST(SelftestCli, EndsAMismatchWithACodeOfItsOwn)
{
    testing::internal::CaptureStderr();
    const grav_error err = {GRAV_ERROR_MISMATCH, "CPU avx2: wrong"};
    EXPECT_EQ(cli_fail("selftest", &err), CLI_MISMATCH);
    EXPECT_EQ(testing::internal::GetCapturedStderr(), "graveler selftest: CPU avx2: wrong\n");
}

} // namespace
