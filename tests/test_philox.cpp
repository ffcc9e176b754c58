// The random words: Philox against its authors' known answers and code, and how sessions read it.
#include "lane_scalar.h"
#include "philox.h"
#include "playing.h"

#include <Random123/philox.h>

namespace {

using playing::AnyWord;
using playing::Below;
using playing::Engine;
using playing::kEngines;
using playing::Random;

using Block = std::array<uint32_t, 4>;
using Key = std::array<uint32_t, 2>;

uint64_t Join(uint32_t low, uint32_t high)
{
    return low | static_cast<uint64_t>(high) << 32;
}

// The library's own, which takes the halves of block, session and seed together.
Block CoreBlock(int rounds, const Block &counter, const Key &key)
{
    philox_keys keys = philox_keys_make(Join(key[0], key[1]));
    philox_block block = philox_session_block(static_cast<uint32_t>(rounds), &keys,
                                              Join(counter[0], counter[1]), counter[2], counter[3]);
    auto low = [](uint64_t pair) { return static_cast<uint32_t>(pair); };
    auto high = [](uint64_t pair) { return static_cast<uint32_t>(pair >> 32); };
    return {low(block.pair[0]), high(block.pair[0]), low(block.pair[1]), high(block.pair[1])};
}

Block Random123Block(int rounds, const Block &counter, const Key &key)
{
    philox4x32_ctr_t c = {{counter[0], counter[1], counter[2], counter[3]}};
    philox4x32_key_t k = {{key[0], key[1]}};
    philox4x32_ctr_t out = philox4x32_R(static_cast<unsigned>(rounds), c, k);
    return {out.v[0], out.v[1], out.v[2], out.v[3]};
}

struct KnownAnswer {
    int rounds;
    Block counter;
    Key key;
    Block answer;
};

std::vector<KnownAnswer> KnownAnswers()
{
    std::vector<KnownAnswer> all;
    for (const std::vector<std::string> &row : support::Vectors("philox.txt")) {
        auto word = [&row](size_t i) {
            return static_cast<uint32_t>(std::stoul(row.at(i), nullptr, 16));
        };
        all.push_back({std::stoi(row.at(0)),
                       {word(1), word(2), word(3), word(4)},
                       {word(5), word(6)},
                       {word(7), word(8), word(9), word(10)}});
    }
    return all;
}

TEST(Philox, GivesTheKnownAnswers)
{
    std::vector<KnownAnswer> all = KnownAnswers();
    ASSERT_EQ(all.size(), 6u);
    for (const KnownAnswer &known : all) {
        EXPECT_EQ(CoreBlock(known.rounds, known.counter, known.key), known.answer);
        EXPECT_EQ(reference::PhiloxBlock(known.rounds, known.counter, known.key), known.answer);
    }
}

TEST(Philox, IsRandom123s)
{
    Random random(1);
    for (int i = 0; i < 20000; i++) {
        Block counter = {AnyWord(random), AnyWord(random), AnyWord(random), AnyWord(random)};
        Key key = {AnyWord(random), AnyWord(random)};
        for (int rounds : {7, 10})
            ASSERT_EQ(CoreBlock(rounds, counter, key), Random123Block(rounds, counter, key))
                << rounds << " rounds, input " << i;
    }
}

TEST(Words, GiveTheKnownAnswersTheyCanReach)
{
    int reached = 0;
    for (const KnownAnswer &known : KnownAnswers()) {
        uint64_t block = Join(known.counter[0], known.counter[1]);
        if (block >= uint64_t{1} << 30) // words end at 2^32
            continue;
        Block words;
        grav_words(known.rounds == 7 ? GRAV_ENGINE_PHILOX7 : GRAV_ENGINE_PHILOX,
                   Join(known.key[0], known.key[1]), Join(known.counter[2], known.counter[3]),
                   4 * block, words.size(), words.data());
        EXPECT_EQ(words, known.answer);
        reached++;
    }
    EXPECT_EQ(reached, 2);
}

// Checks words [first, first + count), and that none is written past them.
void CheckWords(const Engine &engine, uint64_t seed, uint64_t session, uint64_t first, size_t count)
{
    const uint32_t untouched = 0xdeadbeef;
    std::vector<uint32_t> words(count + 1, untouched), expected;
    for (size_t i = 0; i < count; i++)
        expected.push_back(reference::Word(engine.reference, seed, session, first + i));
    expected.push_back(untouched);
    grav_words(engine.id, seed, session, first, count, words.data());
    ASSERT_EQ(words, expected) << count << " words from " << first << " of session " << session
                               << ", seed " << seed << ", engine " << engine;
}

TEST(Words, AreTheReferencesFromAnyFirstOn)
{
    Random random(2);
    const uint64_t words_end = uint64_t{1} << 32;
    for (const Engine &engine : kEngines) {
        for (size_t count = 0; count <= 13; count++) {
            uint64_t seed = Join(AnyWord(random), AnyWord(random));
            uint64_t session = Join(AnyWord(random), AnyWord(random)) >> 1;
            for (uint64_t first = 0; first < 9; first++)
                CheckWords(engine, seed, session, first, count);
            CheckWords(engine, seed, session, words_end - count, count);
            CheckWords(engine, seed, session, Below(random, words_end - count), count);
        }
    }
}

} // namespace
