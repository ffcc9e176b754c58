#include "games.h"

#include <algorithm>
#include <stdexcept>

namespace games {

using playing::Below;
using playing::Engine;
using playing::Random;

Game Dice(uint32_t rolls, const std::string &die)
{
    return {rolls, "", die};
}

Game Chance(uint32_t rolls, const std::string &chance)
{
    return {rolls, chance, ""};
}

Game Streak(uint32_t rolls, const std::string &chance)
{
    return {rolls, chance, "", GRAV_STATISTIC_STREAK};
}

std::ostream &operator<<(std::ostream &out, const Game &game)
{
    return out << game.rolls << " rolls of "
               << (game.die.empty() ? "chance " + game.chance : "die " + game.die) << ", statistic "
               << grav_statistic_name(game.statistic);
}

support::Experiment Make(const Game &game, std::optional<uint64_t> target)
{
    grav_experiment_spec spec;
    grav_experiment_spec_init(&spec);
    spec.rolls = game.rolls;
    spec.chance = game.chance.c_str();
    spec.die = game.die.empty() ? nullptr : game.die.c_str();
    spec.statistic = game.statistic;
    spec.has_target = target.has_value();
    spec.target = target.value_or(0);
    return support::MakeExperiment(spec);
}

// ---- By the reference ---------------------------------------------------------------------------

namespace {

reference::Die DieOf(const Game &game)
{
    return game.die.empty() ? reference::DieOf(reference::ParseChance(game.chance))
                            : reference::ParseDie(game.die);
}

} // namespace

bool IsDie(const std::string &list)
{
    try {
        reference::ParseDie(list);
        return true;
    } catch (const std::invalid_argument &) {
        return false;
    }
}

uint64_t Scores(const Game &game)
{
    uint32_t low = UINT32_MAX, high = 0;
    for (const reference::Face &face : DieOf(game)) {
        low = std::min(low, face.value);
        high = std::max(high, face.value);
    }
    return uint64_t{game.rolls} * (high - low) + 1;
}

Oracle::Oracle(const Game &game)
    : rolls_(game.rolls), die_(DieOf(game)),
      statistic_(game.statistic == GRAV_STATISTIC_STREAK ? reference::Statistic::kStreak
                                                         : reference::Statistic::kSum)
{
}

reference::Session Oracle::Play(const Engine &engine, uint64_t seed, uint64_t session) const
{
    return reference::Play(engine.reference, seed, session, rolls_, die_, statistic_);
}

Found FindByReference(const Game &game, const Engine &engine, uint64_t seed, uint64_t first,
                      uint64_t sessions)
{
    const Oracle oracle(game);
    Found found = {{}, 0, first};
    for (uint64_t session = first; session < first + sessions; session++) {
        const uint64_t score = oracle.Play(engine, seed, session).score;
        found.counts[score]++;
        if (score > found.max_score) {
            found.max_score = score;
            found.max_session = session;
        }
    }
    return found;
}

void ExpectReference(const support::Backend &backend, const Game &game, const Engine &engine,
                     uint64_t seed, uint64_t first, uint64_t sessions)
{
    SCOPED_TRACE(testing::Message() << game << ", " << engine << ", seed " << seed << ", "
                                    << sessions << " sessions from " << first);
    const std::vector<std::pair<uint64_t, uint64_t>> range = {{first, first + sessions}};
    const Found found = FindByReference(game, engine, seed, first, sessions);
    grav_run_spec spec = support::Spec(backend, seed, first, sessions);
    spec.engine = engine.id;
    spec.keep = Scores(game) > GRAV_HISTOGRAM_MAX ? GRAV_KEEP_MAX : GRAV_KEEP_HISTOGRAM;
    if (backend.backend == GRAV_BACKEND_CPU)
        spec.threads = 1; // pieces are longer, and fill vectors sooner
    const support::Result result = support::Run(Make(game), spec);
    const grav_summary summary = support::Summary(result);
    EXPECT_TRUE(summary.complete);
    EXPECT_EQ(summary.sessions, sessions);
    EXPECT_EQ(support::Ranges(result), range);
    EXPECT_EQ(summary.max_score, found.max_score);
    EXPECT_EQ(summary.max_session, found.max_session);
    if (spec.keep == GRAV_KEEP_HISTOGRAM) {
        EXPECT_EQ(support::Counts(result), found.counts);
        EXPECT_EQ(summary.min_score, found.counts.begin()->first);
    }
}

uint64_t SessionsIn(const Game &game, double microseconds)
{
    // Every face looks at about two bits of each roll that is left, and of the first all are left.
    const auto faces = static_cast<double>(DieOf(game).size());
    const double each = 5 + 0.01 * faces * game.rolls;
    return 1 + static_cast<uint64_t>(microseconds / each);
}

// ---- Anything -----------------------------------------------------------------------------------

uint64_t AnyFirst(Random &random, uint64_t sessions)
{
    switch (Below(random, 4)) {
    case 0:
        return Below(random, 5000);
    case 1: // the high half of the index changes within
        return ((1 + Below(random, 1000)) << 32) - Below(random, sessions + 1);
    case 2:
        return GRAV_SESSIONS_END - sessions - Below(random, 3);
    default:
        return random() >> 2;
    }
}

namespace {

std::string Decimal(Random &random)
{
    return "0." + std::to_string(1 + Below(random, 999999));
}

// The weights of one of many kinds of dice.
std::vector<std::string> AnyWeights(Random &random, size_t faces)
{
    std::vector<std::string> weights(faces, "1");
    const uint64_t kind = Below(random, 8);
    const std::string tiny = "1/" + std::to_string(1 + (random() >> (6 + Below(random, 40))));
    for (std::string &weight : weights) {
        if (kind == 1) // wild whole numbers
            weight = std::to_string(random() >> Below(random, 64));
        else if (kind == 2) // one of few digits
            weight = std::to_string(uint64_t{1} << Below(random, 12));
        else if (kind == 3)
            weight = Decimal(random);
        else if (kind == 4) // faces that are never rolled, anywhere
            weight = std::to_string(Below(random, 2) * Below(random, 5));
        else if (kind == 5) // some hardly ever
            weight = Below(random, 3) ? "1" : tiny;
        else if (kind == 6)
            weight = "0";
        else if (kind == 7) // fractions
            weight =
                std::to_string(1 + Below(random, 9)) + "/" + std::to_string(1 + Below(random, 30));
    }
    // One must be above 0, and where all others are 0 it takes all rolls, wherever it is. First
    // faces that leave nothing, and last ones that nothing is left for, are rare without a hand.
    if (kind == 1 || kind == 4 || kind == 6)
        weights[Below(random, faces)] = "3";
    if (kind == 4 && Below(random, 2) == 0)
        weights.front() = "0";
    if (kind == 4 && Below(random, 2) == 0 && faces > 2) {
        weights.back() = "0";
        weights[faces / 2] = "1";
    }
    return weights;
}

// Values as far as the highest score allows.
std::vector<uint32_t> AnyValues(Random &random, uint32_t rolls, size_t faces)
{
    const uint64_t limit = std::min<uint64_t>(GRAV_VALUE_MAX, GRAV_SCORE_MAX / rolls);
    const uint64_t kind = Below(random, 6);
    std::vector<uint32_t> values;
    for (size_t i = 0; i < faces; i++) {
        uint64_t value = i; // ascending
        if (kind == 1)
            value = faces - i; // descending
        else if (kind == 2)
            value = Below(random, 3); // many are the same
        else if (kind == 3)
            value = limit - Below(random, std::min<uint64_t>(limit + 1, 100)); // high all
        else if (kind == 4)
            value = Below(random, limit + 1);
        else if (kind == 5)
            value = limit / 2 + i * 7 % faces;
        values.push_back(static_cast<uint32_t>(std::min(value, limit)));
    }
    return values;
}

} // namespace

namespace {

std::string AnyList(Random &random, uint32_t rolls, uint32_t faces_max)
{
    const size_t faces = 2 + Below(random, faces_max - 1);
    const std::vector<std::string> weights = AnyWeights(random, faces);
    const std::vector<uint32_t> values = AnyValues(random, rolls, faces);
    std::string die;
    for (size_t i = 0; i < faces; i++)
        die += (i ? "," : "") + std::to_string(values[i]) +
               (weights[i] == "1" ? "" : "x" + weights[i]);
    return die;
}

} // namespace

std::string AnyDie(Random &random, uint32_t rolls, uint32_t faces_max)
{
    for (;;) {
        const std::string die = AnyList(random, rolls, faces_max);
        if (IsDie(die))
            return die;
    }
}

std::string AnyChance(Random &random)
{
    const char *const known[] = {"0",    "1",   "1/2",    "1/4",       "3/4",       "0.5",
                                 "1/3",  "2/3", "0.3",    "1e-6",      "1/2^64",    "0.1",
                                 "0.99", "99%", "0.9999", "0.9999999", "1/1024",    "1023/1024",
                                 "5/16", "0.7", "0.9",    "3/2^64",    "1-in-2^64", "0.01"};
    const std::string chance = known[Below(random, std::size(known))];
    if (chance == "1-in-2^64") // the highest below 1
        return "18446744073709551615/2^64";
    if (Below(random, 2) == 0)
        return chance;
    const uint64_t whole = 2 + (random() >> (1 + Below(random, 60)));
    return std::to_string(1 + Below(random, whole)) + "/" + std::to_string(whole);
}

} // namespace games
