// The session format, version 1, written out as dully as possible: one bit at a time, in plain
// integers, following the text of the format sentence by sentence. It shares no code with the
// library, so that the tests can compare the library with it.
//
// Covered here: words and bits of all engines, rolls at a chance, and the draws of method `scores`;
// in reference_die.h any die and the statistic `streak`.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include <boost/multiprecision/cpp_int.hpp>

namespace reference {

enum class Engine { kPhilox, kPhilox7, kFast };

/// Rounds of the engine's Philox. That of `fast` makes the seeds, and the words from 12 on.
int Rounds(Engine engine);

/// The most rolls that a session may have.
constexpr std::uint32_t kMaxRolls = std::uint32_t{1} << 24;

/// Philox4x32 with the given number of rounds: the output block of a counter under a key.
/// Source: Salmon, Moraes, Dror, Shaw, "Parallel random numbers: as easy as 1, 2, 3", SC11 (2011),
/// section 3.3; the constants are those of its Philox4x32.
std::array<std::uint32_t, 4> PhiloxBlock(int rounds, std::array<std::uint32_t, 4> counter,
                                         std::array<std::uint32_t, 2> key);

/// Words 0 to 11 of a session of the engine `fast`, counted off one by one from the start of the
/// session's stream. Source: session format, "Engine `fast`".
std::array<std::uint32_t, 12> FastHead(std::uint64_t seed, std::uint64_t session);

/// Word `word` of a session. Source: session format, "Words" and "Engine `fast`".
std::uint32_t Word(Engine engine, std::uint64_t seed, std::uint64_t session, std::uint64_t word);

/// Bit `bit` of a session. Source: session format, "Bits".
bool Bit(Engine engine, std::uint64_t seed, std::uint64_t session, std::uint64_t bit);

/// Reads bits of one session, and notes how far.
class BitReader {
  public:
    BitReader(Engine engine, std::uint64_t seed, std::uint64_t session);

    bool Read(std::uint64_t bit);

    /// 1 + the index of the last word of which a bit was read; 0 if none was.
    std::uint64_t Words() const
    {
        return words_;
    }

  private:
    Engine engine_;
    std::uint64_t seed_, session_;
    std::array<std::uint32_t, 12> head_ = {}; // of `fast`
    std::array<std::uint32_t, 4> block_ = {}; // Philox's, the one read last
    std::uint64_t block_index_ = 0;           // 1 + its index; 0: none was read
    std::uint64_t words_ = 0;
};

/// A chance as the method `rolls` sees it.
struct BinaryDigits {
    /// p = 1: every roll scores and there are no digits.
    bool always = false;

    /// The first 64 binary digits d1 d2 ... d64 of p, rounded down. d1 is the most significant bit.
    std::uint64_t digits = 0;

    /// Digit d_r, for r = 1 ... 64.
    bool Digit(int r) const;

    /// Whether d_r and every digit after it are 0. True for r = 65.
    bool AllZeroFrom(int r) const;
};

/// The chance that a roll scores.
struct Chance {
    boost::multiprecision::cpp_rational value; // exactly as the user wrote it
    BinaryDigits digits;                       // of value
};

/// Reads a chance: a decimal (`0.25`, `1e-6`), a percentage (`25%`) or a fraction of two whole
/// numbers of any size (`1/4`). Throws std::invalid_argument if the text is none of these, if the
/// chance is above 1, or if it is above 0 but below 2^-64.
Chance ParseChance(const std::string &text);

/// Reads a number as ParseChance does, of any size: also `1_000` and `2^64`. Throws
/// std::invalid_argument if the text is none.
boost::multiprecision::cpp_rational ParseNumber(const std::string &text);

/// The binary digits of a value. Throws std::invalid_argument where ParseChance would.
BinaryDigits Digits(const boost::multiprecision::cpp_rational &value);

/// Which rolls of a session scored, in roll order. Source: session format, "Method `rolls`".
/// Throws std::invalid_argument for 0 rolls or more than kMaxRolls.
std::vector<bool> Rolls(Engine engine, std::uint64_t seed, std::uint64_t session,
                        std::uint32_t rolls, const Chance &chance);

/// The score of a session by the method `rolls` and the statistic `sum`: how many rolls scored.
std::uint32_t Score(Engine engine, std::uint64_t seed, std::uint64_t session, std::uint32_t rolls,
                    const Chance &chance);

/// How many words the session needs: 1 + the index of the last word that holds a bit which some
/// undecided roll reads; 0 if no bit is read.
std::uint64_t WordsUsed(Engine engine, std::uint64_t seed, std::uint64_t session,
                        std::uint32_t rolls, const Chance &chance);

/// The draw of a session by the method `scores`: its high word and its low word.
/// Source: session format, "Method `scores`". Throws std::invalid_argument for the engine `fast`.
struct Draw {
    std::uint32_t high = 0;
    std::uint32_t low = 0;
};
Draw DrawOf(Engine engine, std::uint64_t seed, std::uint64_t session);

/// floor(2^64 * P(score <= v)) for v = 0 ... rolls, the last being 2^64: by exact integers, from
/// the binomial law of the chance as the user wrote it.
std::vector<boost::multiprecision::cpp_int> Thresholds(std::uint32_t rolls, const Chance &chance);

/// The smallest v with u < thresholds[v], looked for one by one.
std::uint32_t ScoreOfDraw(const Draw &draw,
                          const std::vector<boost::multiprecision::cpp_int> &thresholds);

} // namespace reference
