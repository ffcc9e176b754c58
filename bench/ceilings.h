/* The two ceilings over any lane and pack type. Included once per isa, after its lane_*.h and
 * pack_*.h, by a ceilings_<isa>.c that defines CEILINGS_NAME(function). Words and counts are made
 * by what the kernels are made of. */
#include <string.h>

#include "ceilings_cpu.h"
#include "philox.h"

#include "fast.h"
#include "founding.h"

enum {
    TABLE_PACKS = 16,
    VECTORS = GRAV_PACKS_AT_ONCE * GRAV_PACK_HALVES, /* of lanes, at a time */
};

/* ---- Words ----------------------------------------------------------------------------------- */

GRAV_LANE_FN uint64_t xor_lanes(lane_t x)
{
    uint32_t lanes[GRAV_LANES], all = 0;
    lane_store_low(lanes, x);
    for (unsigned i = 0; i < GRAV_LANES; i++)
        all ^= lanes[i];
    return all;
}

/* In a session's words only the low halves of lanes count. */
GRAV_LANE_FN word_t xor_words(const word_t words[GRAV_HEAD_WORDS])
{
    word_t all = words[0];
    GRAV_UNROLL(12)
    for (unsigned i = 1; i < GRAV_HEAD_WORDS; i++)
        all ^= words[i];
    return all;
}

GRAV_LANE_FN uint64_t make_philox(uint32_t rounds, uint64_t seed, uint64_t first, uint64_t sessions)
{
    philox_keys keys = philox_keys_make(seed);
    philox_head head = philox_head_make(&keys, (uint32_t)(first >> 32));
    lane_t all = lane_set(0);
    if (GRAV_LANES > 1) /* as in play.h: numbers are spread from memory */
        __asm__ volatile("" : : "r"(&keys), "r"(&head) : "memory");
    for (uint64_t i = 0; i < sessions; i += GRAV_HALVES_AT_ONCE * GRAV_LANES) {
        philox_start start[GRAV_HALVES_AT_ONCE];
        word_t words[GRAV_HALVES_AT_ONCE][GRAV_HEAD_WORDS];
        for (uint32_t v = 0; v < GRAV_HALVES_AT_ONCE; v++)
            start[v] =
                philox_start_make(&keys, word_sequence((uint32_t)(first + i) + v * GRAV_LANES));
        philox_head_words(rounds, &keys, &head, GRAV_HALVES_AT_ONCE, start, words);
        for (uint32_t v = 0; v < GRAV_HALVES_AT_ONCE; v++)
            all ^= xor_words(words[v]);
    }
    return xor_lanes(all);
}

/* Of a whole block's streams, VECTORS vectors at a time. */
GRAV_LANE_FN lane_t xor_block(const philox_keys *keys, uint64_t block)
{
    lane_t all = lane_set(0);
    for (uint32_t number = 0; number < GRAV_FAST_STREAMS; number += VECTORS * GRAV_LANES) {
        fast_stream streams[VECTORS];
        for (uint32_t v = 0; v < VECTORS; v++)
            streams[v] = fast_stream_make(keys, block, word_sequence(number + v * GRAV_LANES));
        for (uint32_t step = 0; step < GRAV_FAST_STEPS; step++) {
            GRAV_UNROLL(12)
            for (uint32_t word = 0; word < GRAV_HEAD_WORDS; word++)
                for (uint32_t v = 0; v < VECTORS; v++)
                    all ^= fast_next(&streams[v]);
        }
    }
    return all;
}

GRAV_LANE_FN uint64_t make_fast(uint64_t seed, uint64_t first, uint64_t sessions)
{
    philox_keys keys = philox_keys_make(seed);
    lane_t all = lane_set(0);
    for (uint64_t i = 0; i < sessions; i += GRAV_FAST_BLOCK)
        all ^= xor_block(&keys, (first + i) / GRAV_FAST_BLOCK);
    return xor_lanes(all);
}

uint64_t CEILINGS_NAME(words)(grav_engine engine, uint64_t seed, uint64_t first, uint64_t sessions)
{
    switch (engine) {
    case GRAV_ENGINE_PHILOX:
        return make_philox(10, seed, first, sessions);
    case GRAV_ENGINE_PHILOX7:
        return make_philox(7, seed, first, sessions);
    case GRAV_ENGINE_FAST:
        return make_fast(seed, first, sessions);
    case GRAV_ENGINE_GEN3: /* its words are no work of their own */
        break;
    }
    return 0;
}

/* ---- Counting -------------------------------------------------------------------------------- */

uint64_t CEILINGS_NAME(count)(uint64_t sessions)
{
    pack_t table[TABLE_PACKS][GRAV_HEAD_WORDS], sum = pack_set(0);
    unsigned char *bytes = (unsigned char *)table;
    uint32_t sums[GRAV_PACK];
    uint64_t x = 1, all = 0;
    for (size_t i = 0; i < sizeof table; i++) { /* Knuth's generator: any bits will do */
        x = x * 6364136223846793005u + 1442695040888963407u;
        bytes[i] = (unsigned char)(x >> 56);
    }
    for (uint64_t i = 0; i < sessions; i += GRAV_PACK) {
        const pack_t *head = table[i / GRAV_PACK % TABLE_PACKS];
        founding_pack pack;
        __asm__ volatile("" : : "r"(head) : "memory"); /* the words are as good as new */
        GRAV_UNROLL(12)
        for (uint32_t word = 0; word < GRAV_HEAD_WORDS; word++)
            founding_read(&pack, word, head[word]);
        sum += pack.ones;
    }
    pack_store(sums, sum);
    for (unsigned i = 0; i < GRAV_PACK; i++)
        all += sums[i];
    return all;
}
