// The counting core of the founding job, 231 rolls at chance 1/4, on heads made up for it, over
// every pack type: against counting bit by bit.
#include "founding_core.h"
#include "playing.h"

#include <algorithm>

extern "C" {
#include "cpu.h"
}

namespace {

using playing::Below;
using playing::Random;

constexpr uint32_t kRolls = 231, kBits = 384;

using Bits = std::vector<bool>; // of a head

// What the format says of a session's first 12 words.
struct Counted {
    uint32_t undecided; // by plane 0
    uint32_t ones;      // among the bits read, as far as the head goes
    bool rare;          // reads bits behind the head, or not even all of word 9
};

Counted Count(const Bits &head)
{
    uint32_t undecided = 0, ones = 0;
    for (uint32_t i = 0; i < kRolls; i++)
        undecided += !head[i];
    for (uint32_t i = 0; i < std::min(kRolls + undecided, kBits); i++)
        ones += head[i];
    return {undecided, ones, kRolls + undecided > kBits || kRolls + undecided < 320};
}

class Founding : public testing::TestWithParam<const founding_core *> {
  protected:
    void SetUp() override
    {
        const grav_variant *variant = nullptr;
        for (size_t i = 0; (variant = grav_variant_at(i)); i++)
            if (std::string(variant->name) == GetParam()->variant)
                break;
        ASSERT_NE(variant, nullptr) << "no variant " << GetParam()->variant;
        if (!variant->runs_here())
            GTEST_SKIP() << variant->name << " was NOT tested: this CPU does not have it";
    }

    // Reads as many heads as a pack has.
    static founding_core_pack Read(const std::vector<Bits> &heads, uint32_t ones_below)
    {
        uint32_t words[FOUNDING_CORE_PACK_MAX][FOUNDING_CORE_WORDS] = {};
        for (size_t session = 0; session < heads.size(); session++)
            for (uint32_t i = 0; i < kBits; i++)
                words[session][i / 32] |= static_cast<uint32_t>(heads[session][i]) << (i % 32);
        founding_core_pack out = {};
        GetParam()->read(words, ones_below, &out);
        for (size_t session = 0; session < heads.size(); session++)
            for (size_t i = 0; i < FOUNDING_CORE_WORDS; i++)
                EXPECT_EQ(out.head[session][i], words[session][i]);
        return out;
    }

    // A pack counts what is counted bit by bit. Of rare sessions it only has to say that there are
    // some, and how many bits they leave unread.
    static void Check(const std::vector<Bits> &heads)
    {
        bool rare = false;
        uint32_t fewest = kBits;
        for (const Bits &head : heads) {
            const Counted counted = Count(head);
            rare = rare || counted.rare;
            fewest = std::min(fewest, counted.ones);
        }
        const uint32_t ones_below = std::max(fewest, 1u); // nobody has fewer
        const founding_core_pack pack = Read(heads, ones_below);
        EXPECT_EQ(pack.any != 0, rare);
        if (!rare) {
            EXPECT_NE(Read(heads, fewest + 1).any, 0);
        }
        for (size_t session = 0; session < heads.size(); session++) {
            const Counted counted = Count(heads[session]);
            EXPECT_EQ(pack.unread[session], kBits - kRolls - counted.undecided) // modulo 2^32
                << "session " << session << ", " << counted.undecided << " undecided";
            if (!counted.rare) {
                EXPECT_EQ(pack.ones[session], counted.ones)
                    << "session " << session << ", " << counted.undecided << " undecided";
            }
        }
    }

    // Checks the heads pack by pack; the first ones fill up the last.
    static void CheckAll(const std::vector<Bits> &heads)
    {
        const size_t pack = GetParam()->pack;
        for (size_t first = 0; first < heads.size() && !HasFailure(); first += pack) {
            std::vector<Bits> some;
            for (size_t i = first; i < first + pack; i++)
                some.push_back(heads[i % heads.size()]);
            Check(some);
        }
    }
};

// Plane 0 leaves so many undecided, here and there, and of the bits behind it so many in 1000 are
// ones.
Bits MakeHead(Random &random, uint32_t undecided, uint64_t ones_in_1000)
{
    Bits head(kBits);
    std::fill(head.begin() + undecided, head.begin() + kRolls, true);
    std::shuffle(head.begin(), head.begin() + kRolls, random);
    for (uint32_t i = kRolls; i < kBits; i++)
        head[i] = Below(random, 1000) < ones_in_1000;
    return head;
}

TEST_P(Founding, CountsAnyNumberOfUndecided)
{
    Random random(51);
    for (uint64_t ones_in_1000 : {0, 100, 500, 900, 1000}) {
        std::vector<Bits> heads;
        for (uint32_t undecided = 0; undecided <= kRolls; undecided++)
            heads.push_back(MakeHead(random, undecided, ones_in_1000));
        CheckAll(heads);
        std::shuffle(heads.begin(), heads.end(), random);
        CheckAll(heads);
    }
    CheckAll({Bits(kBits, false), Bits(kBits, true)});
}

// Without the rare ones, so that nothing distracts from the others.
TEST_P(Founding, CountsOrdinarySessions)
{
    Random random(52);
    std::vector<Bits> heads;
    for (uint32_t undecided = 89; undecided <= 153; undecided++)
        for (uint64_t ones_in_1000 : {0, 100, 500, 900, 1000})
            heads.push_back(MakeHead(random, undecided, ones_in_1000));
    std::shuffle(heads.begin(), heads.end(), random);
    CheckAll(heads);
}

TEST_P(Founding, CountsRandomHeads)
{
    Random random(53);
    std::vector<Bits> heads;
    for (int i = 0; i < 4000; i++) {
        Bits head;
        while (head.size() < kBits)
            head.push_back(random() & 1);
        heads.push_back(head);
    }
    CheckAll(heads);
}

// Each bit that is read matters, and no other does.
TEST_P(Founding, ReadsEveryBitThatCounts)
{
    Random random(54);
    for (uint32_t undecided : {90, 95, 100, 115, 120, 121, 122, 135, 151, 152}) {
        std::vector<Bits> heads;
        for (uint64_t ones_in_1000 : {0, 500, 1000}) {
            const Bits head = MakeHead(random, undecided, ones_in_1000);
            for (uint32_t i = 0; i < kBits; i++) {
                heads.push_back(head);
                heads.back()[i].flip();
                const Counted was = Count(head), is = Count(heads.back());
                if (i < kRolls) {
                    ASSERT_EQ(is.undecided, was.undecided + (head[i] ? 1 : UINT32_MAX));
                } else {
                    ASSERT_EQ(is.ones != was.ones, i < kRolls + undecided) << "bit " << i;
                }
            }
        }
        CheckAll(heads);
    }
}

// Wherever in the pack they are.
TEST_P(Founding, NoticesRareSessions)
{
    Random random(55);
    const uint32_t pack = GetParam()->pack;
    for (uint32_t place = 0; place < pack; place++)
        for (uint32_t undecided : {0, 1, 87, 88, 89, 153, 154, 155, 230, 231})
            for (uint64_t ones_in_1000 : {0, 500, 1000}) {
                std::vector<Bits> heads;
                for (uint32_t i = 0; i < pack; i++)
                    heads.push_back(MakeHead(random, i == place ? undecided : 115, ones_in_1000));
                const bool rare = undecided < 89 || undecided > 153;
                EXPECT_EQ(Count(heads[place]).rare, rare);
                Check(heads);
            }
}

// A record may be anywhere in the pack, too.
TEST_P(Founding, NoticesRecords)
{
    Random random(56);
    const uint32_t pack = GetParam()->pack;
    for (uint32_t place = 0; place < pack; place++) {
        std::vector<Bits> heads;
        for (uint32_t i = 0; i < pack; i++)
            heads.push_back(MakeHead(random, 115, i == place ? 0 : 1000));
        EXPECT_NE(Read(heads, kRolls - 115 + 1).any, 0);
        EXPECT_EQ(Read(heads, kRolls - 115).any, 0);
        EXPECT_EQ(Read(heads, 1).any, 0);
    }
}

constexpr std::pair<const char *, const founding_core *> kCores[] = {
    {"scalar", &founding_core_scalar},
    {"carry_save", &founding_core_carry_save},
#ifdef __x86_64__
    {"avx2", &founding_core_avx2},
    {"avx512", &founding_core_avx512},
    {"avx512_popcnt", &founding_core_avx512_popcnt},
#endif
};

std::vector<const founding_core *> AllCores()
{
    std::vector<const founding_core *> cores;
    for (const auto &[name, core] : kCores)
        cores.push_back(core);
    return cores;
}

std::string CoreName(const testing::TestParamInfo<const founding_core *> &info)
{
    return kCores[info.index].first;
}

INSTANTIATE_TEST_SUITE_P(On, Founding, testing::ValuesIn(AllCores()), CoreName);

} // namespace
