#include "reference.h"

#include "reference_die.h"

#include <cctype>
#include <cstddef>
#include <stdexcept>

namespace reference {

namespace {

using boost::multiprecision::cpp_int;
using boost::multiprecision::cpp_rational;

/// The low and the high half of a 64-bit number.
std::uint32_t Lo(std::uint64_t x)
{
    return static_cast<std::uint32_t>(x & 0xffffffffu);
}
std::uint32_t Hi(std::uint64_t x)
{
    return static_cast<std::uint32_t>(x >> 32);
}

std::invalid_argument NotANumber(const std::string &text)
{
    return std::invalid_argument("not a number: '" + text + "'");
}

/// A text without the underscores that stand between two digits.
std::string WithoutUnderscores(const std::string &text)
{
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool between = i > 0 && i + 1 < text.size() && std::isdigit(text[i - 1]) != 0 &&
                             std::isdigit(text[i + 1]) != 0;
        if (text[i] != '_' || !between)
            out += text[i];
    }
    return out;
}

/// A string of one or more decimal digits, as a number.
cpp_int WholeNumber(const std::string &digits, const std::string &text)
{
    if (digits.empty())
        throw NotANumber(text);
    cpp_int number = 0;
    for (char c : digits) {
        if (c < '0' || c > '9')
            throw NotANumber(text);
        number = number * 10 + (c - '0');
    }
    return number;
}

/// 10^exponent.
cpp_int PowerOfTen(unsigned exponent)
{
    cpp_int power = 1;
    for (unsigned i = 0; i < exponent; ++i)
        power *= 10;
    return power;
}

/// A decimal: digits, perhaps a point and more digits, perhaps `e` and an exponent.
cpp_rational Decimal(const std::string &decimal, const std::string &text)
{
    std::string mantissa = decimal;
    cpp_rational scale = 1;
    const std::size_t e = decimal.find_first_of("eE");
    if (e != std::string::npos) {
        mantissa = decimal.substr(0, e);
        std::string exponent = decimal.substr(e + 1);
        bool negative = false;
        if (!exponent.empty() && (exponent[0] == '-' || exponent[0] == '+')) {
            negative = exponent[0] == '-';
            exponent = exponent.substr(1);
        }
        const cpp_int size = WholeNumber(exponent, text);
        if (size > 1000)
            throw NotANumber(text);
        const cpp_int power = PowerOfTen(size.convert_to<unsigned>());
        scale = negative ? cpp_rational(1, power) : cpp_rational(power, 1);
    }
    const std::size_t point = mantissa.find('.');
    if (point == std::string::npos)
        return cpp_rational(WholeNumber(mantissa, text)) * scale;
    const std::string before = mantissa.substr(0, point);
    const std::string after = mantissa.substr(point + 1);
    const cpp_int all = WholeNumber(before + after, text);
    return cpp_rational(all, PowerOfTen(static_cast<unsigned>(after.size()))) * scale;
}

} // namespace

int Rounds(Engine engine)
{
    return engine == Engine::kPhilox7 ? 7 : 10;
}

std::array<std::uint32_t, 4> PhiloxBlock(int rounds, std::array<std::uint32_t, 4> counter,
                                         std::array<std::uint32_t, 2> key)
{
    for (int round = 0; round < rounds; ++round) {
        // From the second round on, the key moves on by the Weyl constants: the golden ratio and
        // the square root of 3, minus 1.
        if (round > 0) {
            key[0] = Lo(std::uint64_t{key[0]} + 0x9E3779B9u);
            key[1] = Lo(std::uint64_t{key[1]} + 0xBB67AE85u);
        }
        const std::uint64_t product0 = std::uint64_t{0xD2511F53u} * counter[0];
        const std::uint64_t product1 = std::uint64_t{0xCD9E8D57u} * counter[2];
        counter = {Hi(product1) ^ counter[1] ^ key[0], Lo(product1),
                   Hi(product0) ^ counter[3] ^ key[1], Lo(product0)};
    }
    return counter;
}

std::array<std::uint32_t, 12> FastHead(std::uint64_t seed, std::uint64_t session)
{
    // "Session s belongs to block B, and in it to stream l, as that stream's session number t."
    const std::uint64_t B = session / 4096;
    const std::uint64_t l = session % 32;
    const std::uint64_t t = (session % 4096) / 32;

    // "It begins from the four output words w0 ... w3 of Philox4x32-10": x[-3] to x[-1] and c[-1].
    const std::array<std::uint32_t, 4> w =
        PhiloxBlock(10, {Lo(B), 0xffffffffu, Lo(l), Hi(B)}, {Lo(seed), Hi(seed)});
    std::array<std::uint64_t, 3> x = {w[0], w[1], w[2]};
    std::uint64_t c = w[3] / 2;
    if (c % 2 == 0)
        c += 1; // "with its lowest bit set"

    // "x[n] + 2^32 c[n] = 0xCFDBC53D x[n-3] + c[n-1]"; the head is x[12t] to x[12t + 11].
    std::array<std::uint32_t, 12> head = {};
    for (std::uint64_t n = 0; n < 12 * t + 12; ++n) {
        const std::uint64_t sum = 0xCFDBC53Du * x[0] + c;
        x = {x[1], x[2], Lo(sum)};
        c = Hi(sum);
        if (n >= 12 * t)
            head[n - 12 * t] = Lo(sum);
    }
    return head;
}

std::uint32_t Word(Engine engine, std::uint64_t seed, std::uint64_t session, std::uint64_t word)
{
    if (engine == Engine::kFast && word < 12)
        return FastHead(seed, session)[word];
    // "Words from 12 on are those of engine `philox`."
    const std::uint64_t block = word / 4;
    const std::array<std::uint32_t, 4> counter = {Lo(block), Hi(block), Lo(session), Hi(session)};
    const std::array<std::uint32_t, 2> key = {Lo(seed), Hi(seed)};
    return PhiloxBlock(Rounds(engine), counter, key)[word % 4];
}

bool Bit(Engine engine, std::uint64_t seed, std::uint64_t session, std::uint64_t bit)
{
    return ((Word(engine, seed, session, bit / 32) >> (bit % 32)) & 1) != 0;
}

BitReader::BitReader(Engine engine, std::uint64_t seed, std::uint64_t session)
    : engine_(engine), seed_(seed), session_(session)
{
    if (engine == Engine::kFast)
        head_ = FastHead(seed, session);
}

bool BitReader::Read(std::uint64_t bit)
{
    const std::uint64_t word = bit / 32, block = word / 4;
    if (word + 1 > words_)
        words_ = word + 1;
    if (engine_ == Engine::kFast && word < head_.size())
        return ((head_[word] >> (bit % 32)) & 1) != 0;
    if (block_index_ != block + 1) {
        block_ = PhiloxBlock(Rounds(engine_), {Lo(block), Hi(block), Lo(session_), Hi(session_)},
                             {Lo(seed_), Hi(seed_)});
        block_index_ = block + 1;
    }
    return ((block_[word % 4] >> (bit % 32)) & 1) != 0;
}

cpp_rational ParseNumber(const std::string &text)
{
    const std::string plain = WithoutUnderscores(text);
    const std::size_t slash = plain.find('/');
    if (slash != std::string::npos) {
        const cpp_rational divisor = ParseNumber(plain.substr(slash + 1));
        if (divisor == 0)
            throw NotANumber(text);
        return ParseNumber(plain.substr(0, slash)) / divisor;
    }
    const std::size_t power = plain.find('^');
    if (power != std::string::npos) {
        const cpp_int base = WholeNumber(plain.substr(0, power), text);
        const cpp_int exponent = WholeNumber(plain.substr(power + 1), text);
        if (exponent > 1000)
            throw NotANumber(text);
        return cpp_rational(boost::multiprecision::pow(base, exponent.convert_to<unsigned>()));
    }
    if (!plain.empty() && plain.back() == '%')
        return Decimal(plain.substr(0, plain.size() - 1), text) / 100;
    return Decimal(plain, text);
}

Chance ParseChance(const std::string &text)
{
    Chance chance;
    chance.value = ParseNumber(text);
    chance.digits = Digits(chance.value); // refuses what no roll can have
    return chance;
}

bool BinaryDigits::Digit(int r) const
{
    return ((digits >> (64 - r)) & 1) != 0;
}

bool BinaryDigits::AllZeroFrom(int r) const
{
    for (int later = r; later <= 64; ++later) {
        if (Digit(later))
            return false;
    }
    return true;
}

BinaryDigits Digits(const cpp_rational &value)
{
    if (value < 0 || value > 1)
        throw std::invalid_argument("a chance is from 0 to 1");
    BinaryDigits result;
    if (value == 1) {
        result.always = true;
        return result;
    }
    // Long division: each doubling brings one more digit in front of the point.
    cpp_rational rest = value;
    for (int r = 1; r <= 64; ++r) {
        rest *= 2;
        result.digits *= 2;
        if (rest >= 1) {
            result.digits += 1;
            rest -= 1;
        }
    }
    if (value > 0 && result.digits == 0)
        throw std::invalid_argument("a chance above 0 but below 2^-64");
    return result;
}

std::vector<bool> Rolls(Engine engine, std::uint64_t seed, std::uint64_t session,
                        std::uint32_t rolls, const Chance &chance)
{
    std::vector<bool> scored;
    for (std::uint8_t face :
         Play(engine, seed, session, rolls, DieOf(chance), Statistic::kSum).faces)
        scored.push_back(face == 0);
    return scored;
}

std::uint32_t Score(Engine engine, std::uint64_t seed, std::uint64_t session, std::uint32_t rolls,
                    const Chance &chance)
{
    std::uint32_t score = 0;
    for (bool scored : Rolls(engine, seed, session, rolls, chance)) {
        if (scored)
            ++score;
    }
    return score;
}

std::uint64_t WordsUsed(Engine engine, std::uint64_t seed, std::uint64_t session,
                        std::uint32_t rolls, const Chance &chance)
{
    return Play(engine, seed, session, rolls, DieOf(chance), Statistic::kSum).words;
}

Draw DrawOf(Engine engine, std::uint64_t seed, std::uint64_t session)
{
    if (engine == Engine::kFast)
        throw std::invalid_argument("the engine `fast` does not draw scores");
    const std::uint64_t g = session / 4;
    const std::uint64_t i = session % 4;
    const std::array<std::uint32_t, 2> key = {Lo(seed), Hi(seed)};
    Draw draw;
    draw.high = PhiloxBlock(Rounds(engine), {0, 0, Lo(g), Hi(g)}, key)[i];
    draw.low = PhiloxBlock(Rounds(engine), {1, 0, Lo(g), Hi(g)}, key)[i];
    return draw;
}

std::vector<cpp_int> Thresholds(std::uint32_t rolls, const Chance &chance)
{
    // With p = a / m and q = b / m, P(score = v) = C(rolls, v) a^v b^(rolls - v) / m^rolls.
    const cpp_int a = numerator(chance.value);
    const cpp_int m = denominator(chance.value);
    const cpp_int b = m - a;
    const cpp_int all = boost::multiprecision::pow(m, rolls);

    // Powers of b from 0 to rolls.
    std::vector<cpp_int> powers = {1};
    for (std::uint32_t i = 0; i < rolls; ++i)
        powers.push_back(powers.back() * b);

    std::vector<cpp_int> thresholds;
    cpp_int ways = 1;  // C(rolls, v)
    cpp_int power = 1; // a^v
    cpp_int sum = 0;
    for (std::uint32_t v = 0; v <= rolls; ++v) {
        sum += ways * power * powers[rolls - v];
        thresholds.push_back((sum << 64) / all);
        ways = ways * (rolls - v) / (v + 1);
        power *= a;
    }
    return thresholds;
}

std::uint32_t ScoreOfDraw(const Draw &draw, const std::vector<cpp_int> &thresholds)
{
    const cpp_int u = cpp_int(draw.high) * 4294967296u + draw.low;
    std::uint32_t v = 0;
    while (u >= thresholds.at(v))
        ++v;
    return v;
}

} // namespace reference
