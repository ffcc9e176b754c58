/* Words that the tables of known answers are written in. */
#ifndef GRAV_HOST_ANSWER_WORDS_H
#define GRAV_HOST_ANSWER_WORDS_H

#include "selftest.h"

#define FOUNDING                                                                                   \
    {                                                                                              \
        .rolls = 231, .chance = "1/4", .has_target = true, .target = 177                           \
    }

#define ROLLS(engine, keep) GRAV_METHOD_ROLLS, GRAV_ENGINE_##engine, 1, GRAV_KEEP_##keep
#define SCORES(engine, keep) GRAV_METHOD_SCORES, GRAV_ENGINE_##engine, 1, GRAV_KEEP_##keep
#define GEN3(calls, keep) GRAV_METHOD_ROLLS, GRAV_ENGINE_GEN3, calls, GRAV_KEEP_##keep

#define TWO_32 (UINT64_C(1) << 32)

#endif
