// cuRAND's own headers, compiled as host code, must give the words that sessions are made of:
// whoever has cuRAND can check a record.
#include <cuda_runtime.h>
#define QUALIFIERS static inline
#include <curand_kernel.h>

#include "lane_scalar.h"
#include "philox.h"
#include "playing.h"

namespace {

using playing::AnyWord;
using playing::Below;
using playing::Random;

uint64_t AnyNumber(Random &random)
{
    return AnyWord(random) | static_cast<uint64_t>(AnyWord(random)) << 32;
}

uint32_t Low(uint64_t x)
{
    return static_cast<uint32_t>(x);
}

uint32_t High(uint64_t x)
{
    return static_cast<uint32_t>(x >> 32);
}

TEST(Curand, BlocksAreTheCores)
{
    Random random(3);
    for (int i = 0; i < 20000; i++) {
        uint64_t seed = AnyNumber(random), block = AnyNumber(random), session = AnyNumber(random);
        uint4 stock = curand_Philox4x32_10({Low(block), High(block), Low(session), High(session)},
                                           {Low(seed), High(seed)});
        philox_keys keys = philox_keys_make(seed);
        philox_block ours = philox_session_block(10, &keys, block, Low(session), High(session));
        ASSERT_EQ(lane_from_words(stock.x, stock.y), ours.pair[0]) << "input " << i;
        ASSERT_EQ(lane_from_words(stock.z, stock.w), ours.pair[1]) << "input " << i;
    }
}

// Word j of a session is output j of curand_init(seed, session, 0), and curand_init() with an
// offset starts at that word.
TEST(Curand, StreamsAreTheSessionsWords)
{
    Random random(4);
    for (int i = 0; i < 500; i++) {
        uint64_t seed = AnyNumber(random), session = AnyNumber(random) >> 1;
        uint64_t offset = i % 2 ? Below(random, uint64_t{1} << 31) : 0;
        std::vector<uint32_t> ours(50), stock;
        grav_words(GRAV_ENGINE_PHILOX, seed, session, offset, ours.size(), ours.data());
        curandStatePhilox4_32_10_t state;
        curand_init(seed, session, offset, &state);
        while (stock.size() < ours.size())
            stock.push_back(curand(&state));
        ASSERT_EQ(stock, ours) << "seed " << seed << ", session " << session << ", offset "
                               << offset;
    }
}

// The record of the first sessions that anybody looks at, without any code of ours: seed 42,
// session 413, 231 rolls at chance 1/4.
TEST(Curand, AloneScoresARecord)
{
    curandStatePhilox4_32_10_t state;
    curand_init(42, 413, 0, &state);
    std::vector<bool> bits;
    for (int word = 0; word < 16; word++) {
        uint32_t output = curand(&state);
        for (int i = 0; i < 32; i++)
            bits.push_back(output >> i & 1);
    }
    const size_t rolls = 231;
    size_t undecided = 0, score = 0;
    for (size_t i = 0; i < rolls; i++)
        undecided += !bits[i];
    for (size_t i = 0; i < undecided; i++)
        score += !bits[rolls + i];
    EXPECT_EQ(score, 81u);
}

} // namespace
