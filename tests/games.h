// What the tests of dice and streaks share: experiments of any kind, and what a run of one should
// find.
#ifndef GRAV_TESTS_GAMES_H
#define GRAV_TESTS_GAMES_H

#include "playing.h"
#include "reference_die.h"

#include <map>

namespace games {

// A die, so many rolls of it, and what they score.
struct Game {
    uint32_t rolls;
    std::string chance; // that a roll scores, or, where this is empty,
    std::string die;    // a list of faces
    grav_statistic statistic = GRAV_STATISTIC_SUM;
};
Game Dice(uint32_t rolls, const std::string &die);
Game Chance(uint32_t rolls, const std::string &chance);
Game Streak(uint32_t rolls, const std::string &chance);
std::ostream &operator<<(std::ostream &out, const Game &game);

support::Experiment Make(const Game &game, std::optional<uint64_t> target = std::nullopt);

// Whether the reference accepts a list of faces.
bool IsDie(const std::string &list);

// How many scores the game tells apart.
uint64_t Scores(const Game &game);

// Plays sessions of a game by the reference.
class Oracle {
  public:
    explicit Oracle(const Game &game);
    reference::Session Play(const playing::Engine &engine, uint64_t seed, uint64_t session) const;

  private:
    uint32_t rolls_;
    reference::Die die_;
    reference::Statistic statistic_;
};

// What a run of [first, first + sessions) should find.
struct Found {
    std::map<uint64_t, uint64_t> counts; // sessions by score
    uint64_t max_score, max_session;
};
Found FindByReference(const Game &game, const playing::Engine &engine, uint64_t seed,
                      uint64_t first, uint64_t sessions);

// Runs the game on the backend, and holds all that the result tells against the reference. Keeps a
// histogram where the game has few enough scores for one.
void ExpectReference(const support::Backend &backend, const Game &game,
                     const playing::Engine &engine, uint64_t seed, uint64_t first,
                     uint64_t sessions);

// How many sessions of a game the reference plays in about so many microseconds, at least 1.
uint64_t SessionsIn(const Game &game, double microseconds);

// Somewhere in the range of sessions: at odd offsets, across 2^32, or at the very end.
uint64_t AnyFirst(playing::Random &random, uint64_t sessions);

// A die of any kind, of at most so many faces, with values for which `rolls` of them are a score.
std::string AnyDie(playing::Random &random, uint32_t rolls, uint32_t faces_max);

// A chance of any kind: of few or many digits, and close to 0 and 1.
std::string AnyChance(playing::Random &random);

} // namespace games

#endif
