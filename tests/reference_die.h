// The session format, version 1, for any die and for the statistic `streak`: as dull as reference.h
// and as far from the library.
#pragma once

#include "reference.h"

namespace reference {

struct Face {
    std::uint32_t value = 0;
    boost::multiprecision::cpp_rational weight; // exactly as the user wrote it

    /// Of the chance that the face is taken by a roll that no face before it took. Those of the
    /// last face say nothing: it takes the rest.
    BinaryDigits digits;
};

using Die = std::vector<Face>;

/// Reads a list of faces with commas between them: VALUE, VALUExWEIGHT or LOW..HIGH[xWEIGHT].
/// Throws std::invalid_argument for what no die may be: fewer than 2 or more than 256 faces, values
/// above 2^31 - 1, negative weights, no weight above 0, a face whose chance among the rolls left is
/// above 0 but below 2^-64, or what cannot be read.
Die ParseDie(const std::string &list);

/// The die `1` with weight p, `0` with weight 1 - p.
Die DieOf(const Chance &chance);

enum class Statistic { kSum, kStreak };

/// A session of the method `rolls`.
struct Session {
    std::vector<std::uint8_t> faces; // index of the face that each roll took, in roll order
    std::uint64_t score = 0;

    /// 1 + the index of the last word that holds a bit which some undecided roll reads; 0 if no bit
    /// is read.
    std::uint64_t words = 0;
};

/// Plays a session. Source: session format, "Method `rolls`", "For a die of faces", and "Statistic
/// `streak`". Throws std::invalid_argument for 0 rolls or more than kMaxRolls, and for streaks of a
/// die of more than two faces.
Session Play(Engine engine, std::uint64_t seed, std::uint64_t session, std::uint32_t rolls,
             const Die &die, Statistic statistic);

} // namespace reference
