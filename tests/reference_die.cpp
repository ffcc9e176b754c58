#include "reference_die.h"

#include <cstddef>
#include <stdexcept>

namespace reference {

namespace {

using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;

/// What still has to be decided about one face: which rolls take it.
struct Deciding {
    std::uint32_t rolls;                  // n
    std::uint64_t q;                      // the face's first plane
    bool aligned;                         // statistic `streak`
    std::vector<std::uint32_t> undecided; // in roll order
};

/// Which of the undecided rolls score, that is take the face, in roll order.
std::vector<std::uint32_t> Takers(const BinaryDigits &p, Deciding deciding, BitReader *bits)
{
    // "p = 1 always scores".
    if (p.always)
        return deciding.undecided;
    std::vector<bool> scores(deciding.rolls, false);
    for (int r = 1; r <= 64; ++r) {
        // "stop when nothing is undecided or all later digits are 0: what is undecided then does
        // not score."
        if (deciding.undecided.empty() || p.AllZeroFrom(r))
            break;
        // "round r (from 1) reads plane q + r - 1; plane m starts at bit m * n".
        const std::uint64_t plane = deciding.q + static_cast<std::uint64_t>(r) - 1;
        const std::uint64_t start = plane * deciding.rolls;
        std::vector<std::uint32_t> still_undecided;
        for (std::size_t i = 0; i < deciding.undecided.size(); ++i) {
            const std::uint32_t roll = deciding.undecided[i];
            // "the i-th still undecided roll, in roll order, reads bit i of the plane"; of a streak
            // "roll i reads bit i of plane r - 1 in every round, undecided or not".
            const bool bit = bits->Read(start + (deciding.aligned ? roll : i));
            if (bit == p.Digit(r))
                still_undecided.push_back(roll); // equal: still undecided
            else if (!bit)
                scores[roll] = true; // bit 0 against digit 1: scores
            // Bit 1 against digit 0: does not score, and is decided.
        }
        deciding.undecided = still_undecided;
    }
    std::vector<std::uint32_t> takers;
    for (std::uint32_t roll = 0; roll < deciding.rolls; ++roll) {
        if (scores[roll])
            takers.push_back(roll);
    }
    return takers;
}

/// "The score of `sum` is the sum of face values."
std::uint64_t Sum(const std::vector<std::uint8_t> &faces, const Die &die)
{
    std::uint64_t sum = 0;
    for (std::uint8_t face : faces)
        sum += die[face].value;
    return sum;
}

/// "The longest run of scoring rolls", which take face 0: from every roll on, as far as it goes.
std::uint64_t LongestRun(const std::vector<std::uint8_t> &faces)
{
    std::size_t longest = 0;
    for (std::size_t from = 0; from < faces.size(); ++from) {
        if (from > 0 && faces[from - 1] == 0)
            continue; // within a run that was counted
        std::size_t end = from;
        while (end < faces.size() && faces[end] == 0)
            ++end;
        if (end - from > longest)
            longest = end - from;
    }
    return longest;
}

/// "face 0 is taken with chance w_0 / (w_0 + ... + w_{m-1}), ... then, of the rolls left, face 1
/// with chance w_1 / (w_1 + ... + w_{m-1})".
void SetDigits(Die *die)
{
    cpp_rational rest = 0; // the weights of this face and all after it
    for (const Face &face : *die)
        rest += face.weight;
    for (Face &face : *die) {
        // Where no weight is left, a face before this one took all rolls.
        if (rest > 0)
            face.digits = Digits(face.weight / rest);
        rest -= face.weight;
    }
}

std::uint32_t Value(const std::string &text)
{
    if (text.find_first_of("/%") != std::string::npos)
        throw std::invalid_argument("not a value: '" + text + "'");
    const cpp_rational value = ParseNumber(text);
    if (denominator(value) != 1 || value > 2147483647)
        throw std::invalid_argument("not a value: '" + text + "'");
    return numerator(value).convert_to<std::uint32_t>();
}

/// The faces of one item of a list.
Die ParseItem(const std::string &item)
{
    std::string values = item;
    cpp_rational weight = 1;
    const std::size_t x = item.find('x');
    if (x != std::string::npos) {
        values = item.substr(0, x);
        weight = ParseNumber(item.substr(x + 1));
    }
    const std::size_t dots = values.find("..");
    const std::uint32_t low = Value(values.substr(0, dots));
    const std::uint32_t high = dots == std::string::npos ? low : Value(values.substr(dots + 2));
    if (high < low || high - low >= 256)
        throw std::invalid_argument("not a range: '" + item + "'");
    Die faces;
    for (std::uint64_t value = low; value <= high; ++value)
        faces.push_back({static_cast<std::uint32_t>(value), weight, {}});
    return faces;
}

} // namespace

Die ParseDie(const std::string &list)
{
    Die die;
    cpp_rational sum = 0;
    std::size_t at = 0, comma = 0;
    do {
        comma = list.find(',', at);
        for (const Face &face : ParseItem(list.substr(at, comma - at))) {
            die.push_back(face);
            sum += face.weight;
        }
        at = comma + 1;
    } while (comma != std::string::npos);
    if (die.size() < 2 || die.size() > 256 || sum == 0)
        throw std::invalid_argument("not a die: '" + list + "'");
    SetDigits(&die);
    return die;
}

Die DieOf(const Chance &chance)
{
    // The last face takes the rest, whatever its digits.
    return {{1, chance.value, chance.digits}, {0, 1 - chance.value, {}}};
}

Session Play(Engine engine, std::uint64_t seed, std::uint64_t session, std::uint32_t rolls,
             const Die &die, Statistic statistic)
{
    if (rolls < 1 || rolls > kMaxRolls)
        throw std::invalid_argument("the number of rolls is out of range");
    if (statistic == Statistic::kStreak && die.size() != 2)
        throw std::invalid_argument("a streak is of a die of two faces");
    BitReader bits(engine, seed, session);

    // "the last face takes the rest".
    const std::size_t last = die.size() - 1;
    Session played;
    played.faces.assign(rolls, static_cast<std::uint8_t>(last));
    std::vector<std::uint32_t> left;
    for (std::uint32_t roll = 0; roll < rolls; ++roll)
        left.push_back(roll);

    for (std::size_t f = 0; f < last; ++f) {
        // Face 0 has q = 0, face 1 has q = 64, and so on.
        const std::vector<std::uint32_t> takers =
            Takers(die[f].digits,
                   {rolls, 64 * std::uint64_t{f}, statistic == Statistic::kStreak, left}, &bits);
        for (std::uint32_t roll : takers)
            played.faces[roll] = static_cast<std::uint8_t>(f);
        std::vector<std::uint32_t> still_left;
        for (std::uint32_t roll : left) {
            if (played.faces[roll] == last)
                still_left.push_back(roll);
        }
        left = still_left;
    }
    played.score =
        statistic == Statistic::kStreak ? LongestRun(played.faces) : Sum(played.faces, die);
    played.words = bits.Words();
    return played;
}

} // namespace reference
