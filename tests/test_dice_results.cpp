// What results of dice and streaks tell: digests, JSON, merging, targets and progress.
#include "games.h"
#include "program.h"
#include "sealed.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <sstream>
#define XXH_INLINE_ALL

namespace {

using boost::multiprecision::cpp_rational;
using games::Dice;
using games::Found;
using games::Game;
using games::Streak;
using playing::kEngines;
using playing::kKeeps;
using support::Digest;
using support::Experiment;
using support::Merge;
using support::Result;
using support::Summary;

// With a low minimum and a high one, with faces that are never rolled, and streaks.
const Game kGames[] = {Dice(10, "1..6"),
                       Dice(3, "1000000000..1000000050"),
                       Dice(20, "9x0,5x1/3,7x2,6x0.5,2x0"),
                       Dice(2, "2147483647x3,2147483640"),
                       Streak(231, "1/4"),
                       Streak(300, "0.99"),
                       games::Chance(50, "0.3")};

// The exact chances of the faces as the library should write them, in lowest terms.
std::vector<std::pair<uint32_t, std::string>> Chances(const Game &game)
{
    std::vector<std::pair<uint32_t, std::string>> chances;
    if (game.die.empty()) {
        const cpp_rational p = reference::ParseNumber(game.chance);
        return {{1, p.str()}, {0, cpp_rational(1 - p).str()}};
    }
    cpp_rational sum = 0;
    for (const reference::Face &face : reference::ParseDie(game.die))
        sum += face.weight;
    for (const reference::Face &face : reference::ParseDie(game.die))
        chances.emplace_back(face.value, cpp_rational(face.weight / sum).str());
    return chances;
}

// ---- Digests ------------------------------------------------------------------------------------

struct Asked {
    Game game;
    std::optional<uint64_t> target;
    uint64_t seed, first, sessions;
    grav_keep keep;
};

// The digest of docs/formats.md, of what the reference finds.
std::string DigestByReference(const Asked &asked)
{
    const auto &[game, target, seed, first, sessions, keep] = asked;
    const Found found = games::FindByReference(game, kEngines[0], seed, first, sessions);
    std::ostringstream text;
    text << "graveler-digest 1\nrolls " << game.rolls << "\ndie ";
    const char *comma = "";
    for (const auto &[value, chance] : Chances(game)) {
        text << comma << value << "x" << chance;
        comma = ",";
    }
    text << "\nstatistic " << grav_statistic_name(game.statistic) << "\n";
    if (target)
        text << "target " << *target << "\n";
    text << "seed 0x" << std::hex << seed << std::dec << "\nmethod rolls\nengine philox\nkeep "
         << grav_keep_name(keep) << "\nrange " << first << " " << first + sessions << "\nsessions "
         << sessions << "\nmax " << found.max_score << " " << found.max_session << "\n";
    if (keep == GRAV_KEEP_HISTOGRAM)
        for (const auto &[score, count] : found.counts)
            text << "count " << score << " " << count << "\n";
    return sealed::Checksum(text.str());
}

class DiceResults : public support::OnBackend {
  protected:
    Result Play(const Asked &asked)
    {
        grav_run_spec spec = support::Spec(GetParam(), asked.seed, asked.first, asked.sessions);
        spec.keep = asked.keep;
        return support::Run(games::Make(asked.game, asked.target), spec);
    }

    std::string DigestOf(const Game &game)
    {
        return Digest(Play({game, std::nullopt, 4, 10, 500, GRAV_KEEP_HISTOGRAM}));
    }
};
GRAV_ON_EVERY_BACKEND(DiceResults);

TEST_P(DiceResults, AreDigestedAsDocumented)
{
    for (const Game &game : kGames)
        for (grav_keep keep : kKeeps)
            for (std::optional<uint64_t> target : {std::optional<uint64_t>(), {20}}) {
                const Asked asked = {game, target, 0xfedcba9876543210, 77, 400, keep};
                EXPECT_EQ(Digest(Play(asked)), DigestByReference(asked)) << game;
            }
}

TEST_P(DiceResults, OfEqualDiceHaveEqualDigests)
{
    EXPECT_EQ(DigestOf(Dice(231, "1x1,0x3")), DigestOf(games::Chance(231, "1/4")));
    EXPECT_EQ(DigestOf(Dice(231, "1x25%,0x0.75")), DigestOf(games::Chance(231, "1/4")));
    EXPECT_EQ(DigestOf(Dice(10, "1..6")), DigestOf(Dice(10, "1x7,2x7,3x7,4x7,5x7,6x7")));
    EXPECT_EQ(DigestOf({231, "", "1x2,0x6", GRAV_STATISTIC_STREAK}), DigestOf(Streak(231, "1/4")));
}

// Whatever makes another experiment, though the law may be the same.
TEST_P(DiceResults, OfOtherDiceHaveOtherDigests)
{
    const std::vector<Game> others = {
        Dice(10, "1..6"),         Dice(10, "6,5,4,3,2,1"), Dice(10, "1..6,7x0"),
        Dice(10, "0x0,1..6"),     Dice(10, "1..5,6x2"),    Dice(10, "1x2,2..6"),
        Dice(10, "2..7"),         Dice(11, "1..6"),        Dice(10, "0x3,1x1"),
        games::Chance(10, "1/4"), Dice(10, "1x1,0x3,0x0"), Streak(10, "1/4")};
    std::map<std::string, Game> seen;
    for (const Game &game : others) {
        const auto [at, is_new] = seen.emplace(DigestOf(game), game);
        EXPECT_TRUE(is_new) << game << " has the digest of " << at->second;
    }
}

// ---- Figures ------------------------------------------------------------------------------------

// The lowest score that at least `share` of the sessions do not exceed.
uint64_t Quantile(const Found &found, uint64_t sessions, double share)
{
    uint64_t below = 0;
    for (const auto &[score, count] : found.counts) {
        below += count;
        if (static_cast<double>(below) >= share * static_cast<double>(sessions))
            return score;
    }
    return 0;
}

TEST_P(DiceResults, FiguresFollowFromTheScores)
{
    const uint64_t sessions = 1000;
    for (const Game &game : kGames) {
        SCOPED_TRACE(testing::Message() << game);
        const Found found = games::FindByReference(game, kEngines[0], 9, 0, sessions);
        const uint64_t target = std::next(found.counts.begin(), 2)->first;
        const grav_summary summary =
            Summary(Play({game, target, 9, 0, sessions, GRAV_KEEP_HISTOGRAM}));
        long double sum = 0, squares = 0;
        uint64_t hits = 0;
        for (const auto &[score, count] : found.counts) {
            sum += static_cast<long double>(score) * static_cast<long double>(count);
            hits += score >= target ? count : 0;
        }
        const long double mean = sum / sessions;
        for (const auto &[score, count] : found.counts)
            squares += (static_cast<long double>(score) - mean) *
                       (static_cast<long double>(score) - mean) * static_cast<long double>(count);
        EXPECT_EQ(summary.hits, hits);
        EXPECT_NEAR(summary.mean, static_cast<double>(mean), 1e-12 * summary.mean);
        EXPECT_NEAR(summary.sd, static_cast<double>(std::sqrt(squares / sessions)),
                    1e-9 * summary.sd);
        EXPECT_EQ(summary.quartiles[0], Quantile(found, sessions, 0.25));
        EXPECT_EQ(summary.quartiles[1], Quantile(found, sessions, 0.5));
        EXPECT_EQ(summary.quartiles[2], Quantile(found, sessions, 0.75));
        EXPECT_EQ(summary.min_score, found.counts.begin()->first);
        EXPECT_EQ(summary.max_score, found.counts.rbegin()->first);
    }
}

// ---- JSON ---------------------------------------------------------------------------------------

TEST_P(DiceResults, AreWrittenAsJson)
{
    const uint64_t sessions = 500;
    for (const Game &game : kGames)
        for (grav_keep keep : kKeeps) {
            SCOPED_TRACE(testing::Message() << game << ", keep " << grav_keep_name(keep));
            const Found found = games::FindByReference(game, kEngines[0], 3, 8, sessions);
            const Result result = Play({game, std::nullopt, 3, 8, sessions, keep});
            char *text = nullptr;
            ASSERT_EQ(grav_result_json(result.get(), nullptr, &text, nullptr), GRAV_OK);
            const program::Json json{std::string(text)};
            std::free(text);

            const program::Json experiment = json["experiment"], tally = json["result"];
            const auto chances = Chances(game);
            EXPECT_EQ(experiment["rolls"].Integer(), game.rolls);
            EXPECT_EQ(experiment["statistic"].String(), grav_statistic_name(game.statistic));
            ASSERT_EQ(experiment["die"].Size(), chances.size());
            for (size_t i = 0; i < chances.size(); i++) {
                EXPECT_EQ(experiment["die"][i]["value"].Integer(), chances[i].first);
                EXPECT_EQ(experiment["die"][i]["weight"].String(), chances[i].second);
            }
            EXPECT_EQ(experiment.Keys().count("target"), 0u);
            EXPECT_EQ(tally["max"]["score"].Integer(), found.max_score);
            EXPECT_EQ(tally["max"]["session"].Integer(), found.max_session);
            EXPECT_EQ(tally.Keys().count("hits"), 0u);
            EXPECT_EQ(tally.Keys().count("min"), keep == GRAV_KEEP_HISTOGRAM ? 1u : 0u);
            if (keep != GRAV_KEEP_HISTOGRAM)
                continue;
            const uint64_t low = found.counts.begin()->first;
            EXPECT_EQ(tally["min"]["score"].Integer(), low);
            EXPECT_EQ(tally["histogram"]["first"].Integer(), low);
            ASSERT_EQ(tally["histogram"]["counts"].Size(), found.max_score - low + 1);
            for (uint64_t score = low; score <= found.max_score; score++) {
                const auto at = found.counts.find(score);
                EXPECT_EQ(tally["histogram"]["counts"][score - low].Integer(),
                          at == found.counts.end() ? 0 : at->second);
            }
        }
}

// ---- Merging ------------------------------------------------------------------------------------

TEST_P(DiceResults, MergeToTheWhole)
{
    playing::Random random(130);
    for (const Game &game : kGames)
        for (grav_keep keep : kKeeps) {
            const uint64_t first = (uint64_t{1} << 32) - 400, sessions = 3000;
            const uint64_t cut = 1 + playing::Below(random, sessions - 1);
            const Result low = Play({game, 30, 5, first, cut, keep});
            const Result high = Play({game, 30, 5, first + cut, sessions - cut, keep});
            const Result whole = Play({game, 30, 5, first, sessions, keep});
            EXPECT_EQ(Digest(Merge(low, high)), Digest(whole)) << game;
            EXPECT_EQ(Digest(Merge(high, low)), Digest(whole)) << game;
            EXPECT_EQ(Summary(Merge(high, low)).max_score, Summary(whole).max_score) << game;
        }
}

TEST_P(DiceResults, OfOtherDiceDoNotMerge)
{
    const Game dice = Dice(10, "1..6");
    for (const Game &other : {Dice(10, "6,5,4,3,2,1"), Dice(10, "1..6,7x0"), Dice(11, "1..6"),
                              Dice(10, "1..5,6x2"), Dice(10, "2..7")}) {
        const Result a = Play({dice, std::nullopt, 5, 0, 10, GRAV_KEEP_MAX});
        const Result b = Play({other, std::nullopt, 5, 10, 10, GRAV_KEEP_MAX});
        grav_result *merged = nullptr;
        grav_error err = {};
        EXPECT_EQ(grav_result_merge(a.get(), b.get(), &merged, &err), GRAV_ERROR_INVALID) << other;
        EXPECT_NE(std::string(err.message).find("results of different runs"), std::string::npos);
    }
    // The same die, written in another way.
    const Result a = Play({dice, std::nullopt, 5, 0, 10, GRAV_KEEP_MAX});
    const Result b = Play({Dice(10, "1..6x0.5"), std::nullopt, 5, 10, 10, GRAV_KEEP_MAX});
    EXPECT_EQ(Digest(Merge(a, b)), Digest(Play({dice, std::nullopt, 5, 0, 20, GRAV_KEEP_MAX})));
}

// Several threads, and pieces of every length.
TEST_P(DiceResults, AreTheSameForAnyNumberOfThreads)
{
    std::vector<Game> all(std::begin(kGames), std::end(kGames));
    all.push_back(Dice(10, "0,1,30000")); // long enough for a histogram that threads share
    for (const Game &game : all) {
        std::optional<std::string> digest;
        for (unsigned threads : playing::ThreadCounts(GetParam())) {
            grav_run_spec spec = support::Spec(GetParam(), 6, 123, 40001);
            spec.threads = threads;
            const Result result = support::Run(games::Make(game), spec);
            digest = digest.value_or(Digest(result));
            EXPECT_EQ(Digest(result), *digest) << game << ", " << threads << " threads";
        }
    }
}

// ---- Targets ------------------------------------------------------------------------------------

TEST_P(DiceResults, EndAtTheFirstSessionThatReachesTheTarget)
{
    const uint64_t first = 1000, sessions = 700;
    for (const Game &game : kGames) {
        const Found all = games::FindByReference(game, kEngines[0], 8, first, sessions);
        const uint64_t low = all.counts.begin()->first;
        // The lowest score, which all reach, one that few reach, and one that nobody does.
        for (uint64_t target : {low > 0 ? low - 1 : 0, low, all.max_score, all.max_score + 1}) {
            SCOPED_TRACE(testing::Message() << game << ", target " << target);
            if (target > grav_experiment_score_max(games::Make(game).get()))
                continue;
            const games::Oracle oracle(game);
            uint64_t end = first;
            while (end < first + sessions && oracle.Play(kEngines[0], 8, end).score < target)
                end++;
            end += end < first + sessions;
            for (grav_keep keep : kKeeps) {
                grav_run_spec spec = support::Spec(GetParam(), 8, first, sessions);
                spec.keep = keep;
                spec.until_target = true;
                const Result result = support::Run(games::Make(game, target), spec);
                EXPECT_EQ(Digest(result),
                          DigestByReference({game, target, 8, first, end - first, keep}));
                EXPECT_TRUE(Summary(result).complete);
            }
        }
    }
}

// ---- Progress -----------------------------------------------------------------------------------

// Stops a run with the call that `stop` names, and notes how many calls came after: they are about
// ten a second.
struct Listener {
    bool (*stop)(const grav_progress &);
    std::vector<grav_progress> told;
    size_t late = 0; // calls after the one that stopped

    static bool Listen(const grav_progress *progress, void *data)
    {
        auto *listener = static_cast<Listener *>(data);
        listener->late += !listener->told.empty() && listener->stop(listener->told.back());
        listener->told.push_back(*progress);
        return listener->stop(*progress);
    }
};

Result PlayEndlessly(const support::Backend &backend, const Game &game, Listener *listener)
{
    grav_run_spec spec = support::Spec(backend, 2, 5, uint64_t{1} << 50);
    spec.progress = Listener::Listen;
    spec.data = listener;
    return support::Run(games::Make(game), spec);
}

TEST_P(DiceResults, ProgressTellsTrueScores)
{
    for (const Game &game : {kGames[0], kGames[1], kGames[4]}) {
        SCOPED_TRACE(testing::Message() << game);
        Listener listener = {[](const grav_progress &progress) { return progress.any; }, {}};
        const Result result = PlayEndlessly(GetParam(), game, &listener);
        const auto first = std::find_if(listener.told.begin(), listener.told.end(), listener.stop);
        ASSERT_NE(first, listener.told.end());
        EXPECT_EQ(first->max_score,
                  games::Oracle(game).Play(kEngines[0], 2, first->max_session).score);
        const grav_summary summary = Summary(result);
        EXPECT_FALSE(summary.complete);
        EXPECT_EQ(summary.max_score,
                  games::Oracle(game).Play(kEngines[0], 2, summary.max_session).score);
    }
}

// However much a session costs, a run ends soon after it is told to.
TEST_P(DiceResults, StopSoon)
{
    for (const Game &game : {Dice(1, "0..255"), Dice(3, "0..100"), Dice(1000, "0..255"),
                             Dice(20000, "1,1x5,1x7"), Streak(1, "0.3"), Streak(20000, "0.3")}) {
        SCOPED_TRACE(testing::Message() << game);
        Listener listener = {[](const grav_progress &) { return true; }, {}};
        EXPECT_FALSE(Summary(PlayEndlessly(GetParam(), game, &listener)).complete);
        EXPECT_LE(listener.late, 20u);
    }
}

} // namespace
