/* Plays a range of method `scores` on one CPU thread. Included once per isa, after play.h, by a
 * play_<isa>.c that defines GRAV_PLAY_SCORES_NAME. */
#include <string.h>

#include "cpu.h"
#include "philox.h"
#include "scores.h"

enum {
    /* Vectors of blocks computed side by side: their rounds wait for each other less. */
    SCORES_VECTORS = 2,
    SCORES_BLOCKS = SCORES_VECTORS * GRAV_LANES, /* in a group */
    SCORES_GROUP = SCORES_BLOCKS * GRAV_SCORES_PER_BLOCK,
    /* Equal scores that follow each other count in different copies: none waits for the other. */
    SCORES_COPIES = 4,
    /* Tables of more slots are counted where the histogram is: long ones would leave the cache. */
    SCORES_SLOTS_MAX = 1024,
    /* A copy's counters; the spare ones keep a counter and its like in another copy from lying a
     * multiple of 4 KiB apart, which CPUs take for the same address at first. */
    SCORES_STRIDE = SCORES_SLOTS_MAX + 256,
};

/* The copies' counters have 32 bits. */
#define SCORES_WINDOW (UINT64_C(1) << 31)

/* What the first rounds of block 0 make of a uniform high half of the block's index: counter words
 * 0 and 1 are 0, so round 1 has one product and round 2 another, uniform one. */
typedef struct scores_keys {
    philox_keys keys;             /* even[1] and even[2] hold the uniform product's words too */
    uint64_t last_even, last_odd; /* of the last round, in the high half */
} scores_keys;

/* The high words of a group's sessions. A pair holds those of sessions 1 and 0 of a block, or 3 and
 * 2, the first one named in its low half. */
typedef struct scores_words {
    uint64_t pairs[SCORES_VECTORS][2][GRAV_LANES];
} scores_words;

/* The state of a range being played: the range, the record so far and where scores are counted. */
typedef struct scores_player {
    const grav_scores *table;
    const philox_keys *keys;
    uint32_t rounds;
    uint64_t first, end; /* the sessions that count */
    uint64_t session;    /* the record, GRAV_NO_SESSION before there is one, and its slot */
    uint32_t slot;
    uint32_t to_beat; /* no high word below it is a new record */
    grav_part *part;
    uint32_t (*copies)[SCORES_STRIDE]; /* counters by slot; NULL: count in part */
} scores_player;

static inline scores_keys scores_keys_make(const philox_keys *keys, uint32_t rounds, uint32_t high)
{
    scores_keys out = {*keys, keys->even[rounds - 1] << 32, keys->odd[rounds - 1] << 32};
    uint64_t uniform = (uint64_t)GRAV_PHILOX_M1 * (high ^ (uint32_t)keys->odd[0]);
    out.keys.even[1] ^= uniform >> 32;
    out.keys.even[2] ^= (uint32_t)uniform;
    return out;
}

/* Blocks 0 whose lanes' first products (of the low half of the block's index and M1) are given, as
 * pairs of words: 1 and 0, and 3 and 2, the first one named in the low half. */
GRAV_LANE_FN void scores_blocks(uint32_t rounds, const scores_keys *folded, lane_t product,
                                lane_t pairs[2])
{
    const philox_keys *keys = &folded->keys;
    word_t high0, low1, high1, c[4];
    lane_words(product, &low1, &high1); /* round 1 */
    word_multiply(high1 ^ word_from_key(keys->even[0]), GRAV_PHILOX_M0, &c[3], &high0);
    c[0] = low1 ^ word_from_key(keys->even[1]); /* round 2 */
    c[2] = high0 ^ word_from_key(keys->odd[1]);
    philox_round(c, word_from_key(keys->even[2]), word_from_key(keys->odd[2]));
    philox_rounds(c, keys, 3, rounds - 1);
    /* The last products' low halves are words 1 and 3 already. */
    pairs[0] =
        lane_product(c[2], GRAV_PHILOX_M1) ^ lane_from_high(c[1]) ^ lane_set(folded->last_even);
    pairs[1] =
        lane_product(c[0], GRAV_PHILOX_M0) ^ lane_from_high(c[3]) ^ lane_set(folded->last_odd);
}

/* The session's low word: as all lanes compute the same, any of them has it. */
static __attribute__((noinline, cold)) uint32_t scores_low_word(const scores_player *player,
                                                                uint64_t session)
{
    uint64_t block = session / GRAV_SCORES_PER_BLOCK, lanes[GRAV_LANES];
    unsigned word = session % GRAV_SCORES_PER_BLOCK;
    philox_block words = philox_session_block(player->rounds, player->keys, 1,
                                              word_set((uint32_t)block), (uint32_t)(block >> 32));
    lane_store(lanes, words.pair[word / 2]);
    return (uint32_t)(lanes[0] >> 32 * (word % 2));
}

/* The slot of a session, from its high word and, only where that does not decide, the low one. */
static inline uint32_t scores_slot(const scores_player *player, uint64_t session, uint32_t high)
{
    uint32_t slot;
    if (grav_scores_by_high(player->table, high, &slot))
        return slot;
    return grav_scores_by_both(player->table, slot, high, scores_low_word(player, session));
}

static __attribute__((noinline, cold)) uint32_t scores_look_closer(const scores_player *player,
                                                                   uint64_t session, uint32_t high)
{
    return scores_slot(player, session, high);
}

/* The high word of the i-th session of a group. */
static inline uint32_t scores_high_word(const scores_words *words, uint64_t i)
{
    uint64_t block = i / GRAV_SCORES_PER_BLOCK, word = i % GRAV_SCORES_PER_BLOCK;
    uint64_t pair = words->pairs[block / GRAV_LANES][word / 2][block % GRAV_LANES];
    return (uint32_t)(word % 2 ? pair : pair >> 32);
}

/* Finds the records among a group's sessions, in ascending order: of equal ones the first stays.
 * `session` is the group's first. */
static __attribute__((noinline, cold)) void
scores_note_records(scores_player *player, const scores_words *words, uint64_t session)
{
    for (uint64_t i = 0; i < SCORES_GROUP; i++) {
        uint32_t high = scores_high_word(words, i);
        if (high < player->to_beat || session + i < player->first || session + i >= player->end)
            continue;
        uint32_t slot = scores_slot(player, session + i, high);
        if (player->session == GRAV_NO_SESSION || slot > player->slot) {
            player->session = session + i;
            player->slot = slot;
            player->to_beat = grav_scores_to_beat(player->table, slot);
        }
    }
}

static inline void scores_add(const scores_player *player, uint32_t slot, uint64_t sessions)
{
    uint64_t *count = &player->part->counts[grav_scores_score(player->table, slot)];
    if (player->part->counts_shared)
        __atomic_fetch_add(count, sessions, __ATOMIC_RELAXED);
    else
        *count += sessions;
}

/* Counts those of a group's sessions that are of the range, in no hurry. */
static __attribute__((noinline)) void scores_count_some(const scores_player *player,
                                                        const scores_words *words, uint64_t session)
{
    for (uint64_t i = 0; i < SCORES_GROUP; i++)
        if (session + i >= player->first && session + i < player->end)
            scores_add(player, scores_slot(player, session + i, scores_high_word(words, i)), 1);
}

/* Counts all of a group's sessions in the copies. */
GRAV_LANE_FN void scores_count_all(const scores_player *player, const scores_words *words,
                                   uint64_t session)
{
    const uint16_t *guide = player->table->guide;
    uint32_t(*copies)[SCORES_STRIDE] = player->copies;
    for (uint64_t v = 0; v < SCORES_VECTORS; v++)
        for (uint64_t lane = 0; lane < GRAV_LANES; lane++) {
            uint64_t four = session + (v * GRAV_LANES + lane) * GRAV_SCORES_PER_BLOCK;
            GRAV_UNROLL(2)
            for (uint64_t pair = 0; pair < 2; pair++) {
                uint64_t both = words->pairs[v][pair][lane];
                uint32_t odd = guide[grav_scores_bucket((uint32_t)both)];
                uint32_t even = guide[both >> (64 - GRAV_SCORES_GUIDE_BITS)];
                if (__builtin_expect(odd == GRAV_SCORES_CLOSER, 0))
                    odd = scores_look_closer(player, four + 2 * pair + 1, (uint32_t)both);
                if (__builtin_expect(even == GRAV_SCORES_CLOSER, 0))
                    even = scores_look_closer(player, four + 2 * pair, (uint32_t)(both >> 32));
                copies[2 * pair][even]++;
                copies[2 * pair + 1][odd]++;
            }
        }
}

/* Plays the player's range, in which the blocks' indices have the same high half. */
GRAV_LANE_FN void scores_play_window(scores_player *player, uint32_t rounds, int keep)
{
    uint64_t block = player->first / GRAV_SCORES_PER_BLOCK;
    uint64_t blocks_end = (player->end - 1) / GRAV_SCORES_PER_BLOCK + 1;
    scores_keys keys = scores_keys_make(player->keys, rounds, (uint32_t)(block >> 32));
    PLAY_KEEP_IN_MEMORY(&keys);
    lane_t products[SCORES_VECTORS];
    GRAV_UNROLL(8)
    for (uint32_t v = 0; v < SCORES_VECTORS; v++)
        products[v] = lane_product(word_sequence((uint32_t)block + v * GRAV_LANES), GRAV_PHILOX_M1);
    /* Lanes past the window's last block hold anything: their sessions are past `end`. */
    const lane_t step = lane_set((uint64_t)GRAV_PHILOX_M1 * SCORES_BLOCKS);
    for (; block < blocks_end; block += SCORES_BLOCKS) {
        uint64_t session = block * GRAV_SCORES_PER_BLOCK;
        lane_t pairs[SCORES_VECTORS][2];
        lane_t most = lane_set(0);
        scores_words words;
        GRAV_UNROLL(8)
        for (uint32_t v = 0; v < SCORES_VECTORS; v++) {
            scores_blocks(rounds, &keys, products[v], pairs[v]);
            products[v] += step;
            most = lane_max_halves(most, lane_max_halves(pairs[v][0], pairs[v][1]));
        }
        int candidates = lane_any_half_at_least(most, player->to_beat);
        if (keep || __builtin_expect(candidates, 0)) {
            GRAV_UNROLL(8)
            for (uint32_t v = 0; v < SCORES_VECTORS; v++) {
                lane_store(words.pairs[v][0], pairs[v][0]);
                lane_store(words.pairs[v][1], pairs[v][1]);
            }
        }
        if (__builtin_expect(candidates, 0))
            scores_note_records(player, &words, session);
        if (keep && player->copies && session >= player->first &&
            player->end - session >= SCORES_GROUP)
            scores_count_all(player, &words, session);
        else if (keep)
            scores_count_some(player, &words, session);
    }
}

/* Moves what the copies counted to the part. */
static inline void scores_flush(const scores_player *player)
{
    const uint32_t slots = player->table->count + 1;
    for (uint32_t slot = 0; player->copies && slot < slots; slot++) {
        uint64_t sessions = 0;
        for (uint32_t copy = 0; copy < SCORES_COPIES; copy++)
            sessions += player->copies[copy][slot];
        if (sessions)
            scores_add(player, slot, sessions);
    }
}

GRAV_LANE_FN void scores_play_range(const grav_plan *plan, uint32_t rounds, uint64_t first,
                                    uint64_t end, grav_part *part)
{
    uint32_t copies[SCORES_COPIES][SCORES_STRIDE];
    philox_keys keys = philox_keys_make(plan->seed);
    scores_player player = {
        .table = plan->scores,
        .keys = &keys,
        .rounds = rounds,
        .session = GRAV_NO_SESSION,
        .part = part,
    };
    if (part->counts && plan->scores->count < SCORES_SLOTS_MAX)
        player.copies = copies;
    while (first < end) {
        /* SCORES_WINDOW divides 2^34, the sessions of 2^32 blocks. */
        uint64_t window_end = (first | (SCORES_WINDOW - 1)) + 1;
        player.first = first;
        player.end = window_end < end ? window_end : end;
        if (player.copies)
            memset(copies, 0, sizeof copies);
        if (part->counts)
            scores_play_window(&player, rounds, 1);
        else
            scores_play_window(&player, rounds, 0);
        scores_flush(&player);
        first = player.end;
    }
    if (player.session != GRAV_NO_SESSION)
        grav_part_offer(part, grav_scores_score(plan->scores, player.slot), player.session);
}

void GRAV_PLAY_SCORES_NAME(const grav_plan *plan, uint64_t first, uint64_t end, grav_part *part)
{
    if (plan->philox_rounds == 10)
        scores_play_range(plan, 10, first, end, part);
    else
        scores_play_range(plan, 7, first, end, part);
}
