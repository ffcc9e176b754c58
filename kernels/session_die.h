/* Sessions of any die: what session.h does for rolls at a chance, face by face. Include session.h
 * first.
 *
 * Face f takes some of the rolls that the faces before it left, with the chance that it has among
 * them. It has planes 64 f to 64 f + 63 to itself. Only how many rolls it takes matters. */
#ifndef GRAV_SESSION_DIE_H
#define GRAV_SESSION_DIE_H

#include "session.h"

/* Bits [start, start + 64) of each lane's session, of which the first `count` matter, up to 64. */
GRAV_LANE_FN lane_t session_window(session_source *source, uint64_t start, uint32_t count)
{
    uint64_t pair = start / 64;
    uint32_t shift = (uint32_t)(start % 64);
    session_read_block(source, pair / 2);
    lane_t bits = pair % 2 ? source->block.pair[1] : source->block.pair[0];
    if (shift == 0)
        return bits;
    bits = bits >> shift;
    if (shift + count > 64) {
        pair++;
        session_read_block(source, pair / 2);
        bits |= (pair % 2 ? source->block.pair[1] : source->block.pair[0]) << (64 - shift);
    }
    return bits;
}

/* Lets a face take its rolls of those that are undecided, into state->score. `start` is where its
 * planes start and `rolls` how far they lie apart. */
GRAV_LANE_FN void session_play_face(const grav_face *face, uint64_t start, uint32_t rolls,
                                    session_source *source, session_state *state)
{
    for (uint32_t plane = 0; plane < face->planes && lane_any(state->undecided); plane++) {
        int digit = session_digit(face->digits, plane);
        if (rolls <= 64) {
            lane_t bits = session_window(source, start, rolls);
            session_decide(digit, lane_popcount(lane_keep_low(bits, state->undecided)), state);
        } else {
            session_play_plane(digit, start, plane < 32 ? face->usual >> plane : 0, rolls, source,
                               state);
        }
        start += rolls;
    }
}

/* The score of each lane's session of GRAV_GAME_DIE. */
GRAV_LANE_FN lane_t session_score_die(const grav_plan *plan, session_source *source)
{
    const grav_die *die = plan->die;
    lane_t left = lane_set(plan->rolls), score = lane_set(0);
    uint32_t last = die->count - 1;
    for (uint32_t f = 0; f < last && lane_any(left); f++) {
        const grav_face *face = &die->faces[f];
        session_state state = {left, lane_set(0)};
        if (face->sure)
            state.score = left;
        else
            session_play_face(face, (uint64_t)f * GRAV_FACE_PLANES * plan->rolls, plan->rolls,
                              source, &state);
        score += lane_product(word_low(state.score), face->value);
        left -= state.score;
    }
    return score + lane_product(word_low(left), die->faces[last].value);
}

#endif
