/* The two ceilings over any lane type. Included once per isa, after its lane_*.h, by a
 * ceilings_<isa>.c that defines CEILINGS_NAME(function). All that the harness takes from kernels/
 * is in here: the primitives of lanes, and philox_session_block(). */
#include <string.h>

#include "ceilings_cpu.h"
#include "philox.h"

enum {
    SESSION_BLOCKS = 3, /* of four words, two pairs */
    SESSION_PAIRS = 2 * SESSION_BLOCKS,
    TABLE_SESSIONS = 16,
    FIRST_PLANE_REST = 231 - 3 * 64, /* bits of the first plane in the fourth pair */
};

/* ---- Words ----------------------------------------------------------------------------------- */

GRAV_LANE_FN uint64_t xor_lanes(lane_t x)
{
    uint64_t lanes[GRAV_LANES], all = 0;
    lane_store(lanes, x);
    for (unsigned i = 0; i < GRAV_LANES; i++)
        all ^= lanes[i];
    return all;
}

GRAV_LANE_FN uint64_t make_words(uint32_t rounds, uint64_t seed, uint64_t first, uint64_t sessions)
{
    philox_keys keys = philox_keys_make(seed);
    lane_t all = lane_set(0);
    if (GRAV_LANES > 1) /* as in play.h: keys are spread from memory */
        __asm__ volatile("" : : "r"(&keys) : "memory");
    for (uint64_t i = 0; i < sessions; i += GRAV_LANES) {
        word_t low = word_sequence((uint32_t)(first + i));
        GRAV_UNROLL(3)
        for (uint64_t number = 0; number < SESSION_BLOCKS; number++) {
            philox_block block = philox_session_block(rounds, &keys, number, low, 0);
            all ^= block.pair[0] ^ block.pair[1];
        }
    }
    return xor_lanes(all);
}

uint64_t CEILINGS_NAME(words)(uint32_t rounds, uint64_t seed, uint64_t first, uint64_t sessions)
{
    return rounds == 10 ? make_words(10, seed, first, sessions)
                        : make_words(7, seed, first, sessions);
}

/* ---- Counting -------------------------------------------------------------------------------- */

/* Scores of the founding job: 231 less the ones of the first plane are undecided, and of so many
 * bits from bit 231 on the zeros score. Sessions that read a 13th word are cut short. */
GRAV_LANE_FN lane_t count_session(const lane_t pairs[SESSION_PAIRS])
{
    const lane_t rest = lane_set((UINT64_C(1) << FIRST_PLANE_REST) - 1);
    lane_t ones = lane_popcount(pairs[0]) + lane_popcount(pairs[1]) + lane_popcount(pairs[2]) +
                  lane_popcount(pairs[3] & rest);
    lane_t undecided = lane_set(231) - ones;
    lane_t left = undecided + lane_set(FIRST_PLANE_REST);
    ones = lane_popcount(lane_keep_low(pairs[3] & ~rest, left));
    left = lane_sub_sat(left, 64);
    ones += lane_popcount(lane_keep_low(pairs[4], left));
    left = lane_sub_sat(left, 64);
    ones += lane_popcount(lane_keep_low(pairs[5], left));
    return undecided - ones;
}

uint64_t CEILINGS_NAME(count)(uint64_t sessions)
{
    lane_t table[TABLE_SESSIONS][SESSION_PAIRS], sum = lane_set(0);
    unsigned char *bytes = (unsigned char *)table;
    uint64_t x = 1, lanes[GRAV_LANES], all = 0;
    for (size_t i = 0; i < sizeof table; i++) { /* Knuth's generator: any bits will do */
        x = x * 6364136223846793005u + 1442695040888963407u;
        bytes[i] = (unsigned char)(x >> 56);
    }
    for (uint64_t i = 0; i < sessions; i += GRAV_LANES) {
        const lane_t *pairs = table[i / GRAV_LANES % TABLE_SESSIONS];
        __asm__ volatile("" : : "r"(pairs) : "memory"); /* the words are as good as new */
        sum += count_session(pairs);
    }
    lane_store(lanes, sum);
    for (unsigned i = 0; i < GRAV_LANES; i++)
        all += lanes[i];
    return all;
}
