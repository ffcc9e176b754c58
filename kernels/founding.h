/* The founding job, 231 rolls at chance 1/4, over any pack type: what session.h does, for the
 * experiment that matters most. Include a lane_*.h, its pack_*.h and philox.h first.
 *
 * Plane 0 is the first 231 bits. Its zeros leave U rolls undecided, and plane 1 is the U bits that
 * follow: a zero there scores. So the score is 231 minus the ones among the first 231 + U bits. U
 * is 115.5 on average, with a standard deviation of 7.6. */
#ifndef GRAV_FOUNDING_H
#define GRAV_FOUNDING_H

#include "plan.h"

/* A pack of sessions, read word by word. */
typedef struct founding_pack {
    pack_t head[GRAV_HEAD_WORDS]; /* as far as it has been read */
    ones_t counted;               /* ones, in the words that count whatever U is */
    pack_t unread;                /* bits of the head that are not read: 384 - (231 + U) */
    pack_t ones;                  /* among the bits read: 231 less the score */
} founding_pack;

/* The most unread bits for which `ones` is right: those of words 10 and 11. More of them, or less
 * than none, are rare (one session in 4000). */
#define FOUNDING_UNREAD_MAX 64u

/* Bits of word 7 that belong to plane 0. */
#define FOUNDING_WORD_7 ((UINT32_C(1) << (GRAV_FOUNDING_ROLLS % 32)) - 1)

/* unread, once plane 0 has been counted. */
GRAV_LANE_FN pack_t founding_unread(pack_t plane0_ones)
{
    return plane0_ones - pack_set(2 * GRAV_FOUNDING_ROLLS - 32 * GRAV_HEAD_WORDS);
}

#ifdef GRAV_CARRY_SAVE

/* Carry-save adders (Harley and Seal; Warren, "Hacker's Delight", section 5-1): three words are to
 * be counted instead of seven, or of five. */
GRAV_LANE_FN ones_t founding_add_seven(const pack_t word[7])
{
    pack_t low_a = pack_sum_low(word[0], word[1], word[2]);
    pack_t two_a = pack_sum_high(word[0], word[1], word[2]);
    pack_t low_b = pack_sum_low(low_a, word[3], word[4]);
    pack_t two_b = pack_sum_high(low_a, word[3], word[4]);
    pack_t low = pack_sum_low(low_b, word[5], word[6]);
    pack_t two_c = pack_sum_high(low_b, word[5], word[6]);
    pack_t two = pack_sum_low(two_a, two_b, two_c);
    pack_t four = pack_sum_high(two_a, two_b, two_c);
    ones_t fours = ones_add(ones_none(), four);
    ones_t twos = ones_add(ones_sum(fours, fours), two);
    return ones_add(ones_sum(twos, twos), low);
}

GRAV_LANE_FN ones_t founding_add_five(ones_t ones, const pack_t word[5])
{
    pack_t low_a = pack_sum_low(word[0], word[1], word[2]);
    pack_t two_a = pack_sum_high(word[0], word[1], word[2]);
    pack_t low = pack_sum_low(low_a, word[3], word[4]);
    pack_t two_b = pack_sum_high(low_a, word[3], word[4]);
    ones_t twos = ones_add(ones_add(ones_none(), two_a), two_b);
    return ones_add(ones_sum(ones, ones_sum(twos, twos)), low);
}

/* Reads word number i; they come in order. */
GRAV_LANE_FN void founding_read(founding_pack *pack, uint32_t i, pack_t word)
{
    pack->head[i] = word;
    if (i == 6)
        pack->counted = founding_add_seven(pack->head);
    if (i == 7)
        pack->unread =
            founding_unread(ones_total(ones_add(pack->counted, word & pack_set(FOUNDING_WORD_7))));
    if (i == 11) {
        const pack_t *head = pack->head;
        const pack_t others[5] = {
            head[7],
            head[8],
            head[9],
            pack_shift_left(head[10], pack_sub_sat(pack->unread, 32)),
            pack_shift_left(head[11], pack->unread),
        };
        pack->ones = ones_total(founding_add_five(pack->counted, others));
    }
}

#else

/* Reads word number i; they come in order. */
GRAV_LANE_FN void founding_read(founding_pack *pack, uint32_t i, pack_t word)
{
    pack->head[i] = word;
    if (i == 0)
        pack->counted = ones_none();
    if (i == 7)
        pack->unread =
            founding_unread(ones_total(ones_add(pack->counted, word & pack_set(FOUNDING_WORD_7))));
    if (i == 10)
        word = pack_shift_left(word, pack_sub_sat(pack->unread, 32));
    if (i == 11)
        word = pack_shift_left(word, pack->unread);
    pack->counted = ones_add(pack->counted, word);
    if (i == 11)
        pack->ones = ones_total(pack->counted);
}

#endif

#endif
