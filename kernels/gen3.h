/* Engine `gen3`: the generator of the third generation of Pokemon games, x' = A x + C mod 2^32.
 * Include a lane_*.h first, for GRAV_LANE_FN. Shared by the host, the CPU's variants and CUDA.
 *
 * A session's index is the state it starts from. So many steps make a roll, and the high half h of
 * the state after them decides it: at chance a/m, in lowest terms, it scores when h mod m < a.
 *
 * Steps compose into one x -> factor x + addend, so that a roll of many calls costs what one does.
 * Nothing is divided either. For m = 2^k only k bits of the state matter: x << (16 - k), they on
 * top, is compared with a << (32 - k). For other m, up to 2^16, the fraction of h / m in 32 bits is
 * h * ceil(2^32 / m) mod 2^32, and h mod m < a where that is below ceil(a 2^32 / m) (D. Lemire,
 * O. Kaser, N. Kurz, Faster remainder by direct computation, Software: Practice and Experience 49,
 * 2019): the fraction exceeds (h mod m) 2^32 / m by h e / m with e = m ceil(2^32 / m) - 2^32 < m,
 * which is less than 2^32 / m. */
#ifndef GRAV_GEN3_H
#define GRAV_GEN3_H

#include <stdint.h>

#include "plan.h"

#define GRAV_GEN3_FACTOR 0x41C64E6Du
#define GRAV_GEN3_ADDEND 0x6073u
#define GRAV_GEN3_MODULUS_MAX 65536u /* m of a chance a/m */

/* Sessions that the CPU plays together. */
#define GRAV_GEN3_GROUP 256u

/* So many steps as one. */
GRAV_LANE_FN grav_gen3_step gen3_steps(uint64_t count)
{
    grav_gen3_step all = {1, 0}, power = {GRAV_GEN3_FACTOR, GRAV_GEN3_ADDEND};
    for (; count; count /= 2) {
        if (count % 2) {
            all.addend = all.addend * power.factor + power.addend;
            all.factor *= power.factor;
        }
        power.addend += power.addend * power.factor;
        power.factor *= power.factor;
    }
    return all;
}

GRAV_LANE_FN uint32_t gen3_after(grav_gen3_step step, uint32_t state)
{
    return step.factor * state + step.addend;
}

/* What rolls at chance a/m, in lowest terms and m at most GRAV_GEN3_MODULUS_MAX, have in common. */
GRAV_LANE_FN grav_gen3 gen3_make(uint32_t calls_per_roll, uint32_t a, uint32_t m)
{
    grav_gen3 gen3 = {1, gen3_steps(calls_per_roll), 0, 0, 0};
    uint64_t limit = (((uint64_t)a << 32) + m - 1) / m;
    if (a == m) { /* always: 0 < 1 */
        gen3.limit = 1;
    } else if ((m & (m - 1)) == 0) {
        gen3.multiplier = 65536 / m;
        gen3.limit = (uint32_t)limit;
    } else {
        gen3.of_half = 1;
        gen3.multiplier = 0xFFFFFFFFu / m + 1;
        gen3.limit = (uint32_t)limit;
    }
    return gen3;
}

/* Whether a roll scores that ends in this state. */
GRAV_LANE_FN int gen3_scores(const grav_gen3 *gen3, uint32_t state)
{
    return (gen3->of_half ? state >> 16 : state) * gen3->multiplier < gen3->limit;
}

/* The score of the session that starts from `state`; game and of_half are the plan's, as
 * constants. Where no high half is taken, the multiplied state is what goes on: one operation less
 * a roll. */
GRAV_LANE_FN uint32_t gen3_score(const grav_gen3 *gen3, grav_game game, int of_half, uint32_t rolls,
                                 uint32_t state)
{
    const uint32_t factor = gen3->roll.factor, multiplier = gen3->multiplier;
    const uint32_t addend = of_half ? gen3->roll.addend : gen3->roll.addend * multiplier;
    uint32_t best = 0, run = 0, count = 0;
    state = of_half ? state : state * multiplier;
    for (uint32_t roll = 0; roll < rolls; roll++) {
        state = factor * state + addend;
        int scores = (of_half ? (state >> 16) * multiplier : state) < gen3->limit;
        if (game == GRAV_GAME_STREAK) {
            run = scores ? run + 1 : 0;
            best = run > best ? run : best;
        } else {
            count += (uint32_t)scores;
        }
    }
    return game == GRAV_GAME_STREAK ? best : count;
}

#endif
