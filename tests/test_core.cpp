// The session core on words made up for it: what real words bring once in a lifetime, such as a
// founding session of 231 ones, must be right as well.
#include "playing.h"

#include <algorithm>

namespace {

// The core, with a source of words of our own in place of Philox.
namespace made_up {

#include "lane_scalar.h"

#define GRAV_PHILOX_BLOCK_BITS 128u
#define GRAV_HEAD_BLOCKS 3u
#define GRAV_HEAD_WORDS 12u
typedef std::vector<bool> philox_keys; // the bits of the session
struct philox_block {
    lane_t pair[2];
};

philox_block philox_session_block(uint32_t, const philox_keys *bits, uint64_t block, word_t,
                                  uint32_t)
{
    philox_block out = {{0, 0}};
    for (uint64_t i = 0; i < 128 && 128 * block + i < bits->size(); i++)
        out.pair[i / 64] |= static_cast<uint64_t>((*bits)[128 * block + i]) << (i % 64);
    return out;
}

#include "session.h"

} // namespace made_up

using playing::Below;
using playing::Random;
using Bits = std::vector<bool>;

bool Digit(uint64_t digits, uint32_t plane)
{
    return digits >> (63 - plane) & 1;
}

uint32_t Planes(uint64_t digits)
{
    uint32_t planes = 64;
    while (planes > 0 && !Digit(digits, planes - 1))
        planes--;
    return planes;
}

// The score, bit by bit: the i-th undecided roll reads bit i of the plane.
uint64_t ScoreByBits(uint32_t rolls, uint64_t digits, const Bits &bits)
{
    uint64_t undecided = rolls, score = 0;
    for (uint32_t plane = 0; plane < Planes(digits); plane++) {
        uint64_t left = 0;
        for (uint64_t i = 0; i < undecided; i++) {
            bool bit = bits.at(static_cast<uint64_t>(plane) * rolls + i);
            left += bit == Digit(digits, plane);
            score += bit < Digit(digits, plane);
        }
        undecided = left;
    }
    return score;
}

uint64_t ScoreByCore(const made_up::grav_plan &plan, const Bits &bits)
{
    made_up::session_source source = made_up::session_source_make(&bits, plan.philox_rounds, 0, 0);
    return made_up::session_score(&plan, &source);
}

made_up::grav_plan Plan(uint32_t rolls, uint64_t digits)
{
    made_up::grav_plan plan = {};
    plan.rolls = rolls;
    plan.digits = digits;
    plan.planes = Planes(digits);
    plan.philox_rounds = 10;
    return plan;
}

// Bits that each leave their roll undecided with the given chance in 1000.
Bits MakeBits(Random &random, uint32_t rolls, uint64_t digits, uint64_t undecided_in_1000)
{
    Bits bits;
    for (uint32_t plane = 0; plane < Planes(digits); plane++)
        for (uint32_t i = 0; i < rolls; i++)
            bits.push_back((Below(random, 1000) < undecided_in_1000) == Digit(digits, plane));
    return bits;
}

TEST(Core, ScoresAnyFoundingSession)
{
    Random random(12);
    const uint32_t rolls = 231;
    const uint64_t quarter = uint64_t{1} << 62;
    const made_up::grav_plan plan = Plan(rolls, quarter);
    const made_up::grav_plan constant = made_up::session_founding_plan(0, 10);
    for (uint32_t undecided = 0; undecided <= rolls; undecided++)
        for (uint64_t scoring_in_1000 : {0, 1, 100, 500, 900, 999, 1000}) {
            Bits bits(2 * rolls);
            std::fill(bits.begin() + undecided, bits.begin() + rolls, true);
            std::shuffle(bits.begin(), bits.begin() + rolls, random);
            for (uint32_t i = rolls; i < 2 * rolls; i++)
                bits[i] = Below(random, 1000) >= scoring_in_1000;
            uint64_t score = ScoreByBits(rolls, quarter, bits);
            ASSERT_EQ(ScoreByCore(plan, bits), score) << undecided << " undecided by plane 0";
            ASSERT_EQ(ScoreByCore(constant, bits), score) << undecided << " undecided by plane 0";
            if (scoring_in_1000 == 1000) {
                EXPECT_EQ(score, undecided);
            }
        }
}

// Down to the 64th digit, and past it.
TEST(Core, ScoresAnySession)
{
    Random random(13);
    std::vector<uint64_t> chances = {0,
                                     1,
                                     2,
                                     3,
                                     UINT64_MAX,
                                     UINT64_MAX - 1,
                                     UINT64_MAX / 3,
                                     UINT64_MAX / 3 * 2,
                                     uint64_t{1} << 63,
                                     uint64_t{3} << 62};
    for (int i = 0; i < 10; i++)
        chances.push_back(random());
    for (uint32_t rolls : {1, 2, 3, 31, 32, 33, 63, 64, 65, 127, 128, 129, 193, 231, 256, 300})
        for (uint64_t digits : chances)
            for (uint64_t undecided_in_1000 : {0, 500, 900, 990, 999, 1000}) {
                Bits bits = MakeBits(random, rolls, digits, undecided_in_1000);
                ASSERT_EQ(ScoreByCore(Plan(rolls, digits), bits), ScoreByBits(rolls, digits, bits))
                    << rolls << " rolls, digits " << digits << ", " << undecided_in_1000
                    << " in 1000 bits leave a roll undecided";
            }
}

} // namespace
