/* The table of known answers. tests/test_selftest.cpp works each out from the session format alone:
 * where that changes on purpose, its test tells what the digests must be. Together they play every
 * kernel, on a few thousand sessions each, so that one thread is through in milliseconds. */
#include "selftest.h"

#define FOUNDING                                                                                   \
    {                                                                                              \
        .rolls = 231, .chance = "1/4", .has_target = true, .target = 177                           \
    }

#define ROLLS(engine, keep) GRAV_METHOD_ROLLS, GRAV_ENGINE_##engine, 1, GRAV_KEEP_##keep
#define SCORES(engine, keep) GRAV_METHOD_SCORES, GRAV_ENGINE_##engine, 1, GRAV_KEEP_##keep
#define GEN3(calls, keep) GRAV_METHOD_ROLLS, GRAV_ENGINE_GEN3, calls, GRAV_KEEP_##keep

#define TWO_32 (UINT64_C(1) << 32)

/* Experiment, run, seed, first session, sessions, digest. */
static const grav_answer answers[] = {
    /* The founding job, with session 413. */
    {FOUNDING, ROLLS(PHILOX, HISTOGRAM), 42, 0, 2000, "63e05eb9dcb7c71c6b9d60709b9bf720"},
    {FOUNDING, ROLLS(PHILOX, MAX), 42, 1, 2000, "3ff3295b220b92d878ebeff7ab783cc1"},
    /* Sessions 4147098, 4029974 and 1189804 read a 13th word. */
    {FOUNDING, ROLLS(PHILOX, HISTOGRAM), 42, 4146401, 1000, "db366a1dbf5be2b5496a0062b8a6c92f"},
    {FOUNDING, ROLLS(PHILOX7, HISTOGRAM), 42, 4029003, 1500, "0a829c1bb7f421a183bd5209145eef48"},
    {FOUNDING, ROLLS(FAST, HISTOGRAM), 42, 1189003, 1500, "9ea2c83e6711cf6e46d62778d3e789b0"},
    /* Across 2^32, where the high halves of counters change. */
    {FOUNDING, ROLLS(PHILOX, HISTOGRAM), 7, TWO_32 - 1001, 2000,
     "604a215db0eb385cfa7d6945a14ac97d"},
    {FOUNDING, ROLLS(PHILOX7, MAX), 7, 3 * TWO_32 - 999, 2000, "2e665cc0f1fd8a071d8731b7c8d11abb"},
    {FOUNDING, ROLLS(FAST, MAX), 7, TWO_32 - 1001, 2000, "c32efc8ba92021357966bf6a1c8e12de"},
    /* The last sessions there are. */
    {FOUNDING, ROLLS(PHILOX, HISTOGRAM), UINT64_C(0xfedcba9876543210), GRAV_SESSIONS_END - 1501,
     1501, "7406b2f680cfcf2e1532af90189dbbeb"},
    {FOUNDING, ROLLS(FAST, HISTOGRAM), UINT64_C(0xfedcba9876543210), GRAV_SESSIONS_END - 1501, 1501,
     "d5b98e5547df31a4fba8ac9a03c50f76"},
    /* Chances of many digits. */
    {{.rolls = 100, .chance = "1/3"},
     ROLLS(PHILOX, HISTOGRAM),
     42,
     0,
     1000,
     "6efbe201d1c6a06bb94fa8d5db276f5c"},
    {{.rolls = 65, .chance = "0.7310585786300049"},
     ROLLS(PHILOX7, HISTOGRAM),
     42,
     TWO_32 - 501,
     1000,
     "2ffb4cec03116f349972d97e82b4fae9"},
    {{.rolls = 100, .chance = "1/3"},
     ROLLS(FAST, HISTOGRAM),
     42,
     5,
     1000,
     "5599220d3d6f65a7255960a76ce32b6e"},
    /* Dice. */
    {{.rolls = 10, .die = "1..6"},
     ROLLS(PHILOX, HISTOGRAM),
     42,
     0,
     1500,
     "78009702ac408c7eb756605242ef9e62"},
    {{.rolls = 10, .die = "1..6"},
     ROLLS(PHILOX7, MAX),
     42,
     TWO_32 - 501,
     1500,
     "f793177dcf352de399a5134b52736bef"},
    {{.rolls = 10, .die = "1..6"},
     ROLLS(FAST, HISTOGRAM),
     42,
     3,
     1500,
     "df7d58cf8ca3ab961aa295cedc23661a"},
    /* Streaks. */
    {{.rolls = 231, .chance = "1/4", .statistic = GRAV_STATISTIC_STREAK},
     ROLLS(PHILOX, HISTOGRAM),
     42,
     0,
     1000,
     "958978f8cbab8908941c35a8fc313360"},
    {{.rolls = 231, .chance = "1/4", .statistic = GRAV_STATISTIC_STREAK},
     ROLLS(PHILOX7, MAX),
     42,
     GRAV_SESSIONS_END - 1000,
     1000,
     "cd10ea3575d5f34924662e9500d674fb"},
    {{.rolls = 100, .chance = "1/3", .statistic = GRAV_STATISTIC_STREAK},
     ROLLS(FAST, HISTOGRAM),
     42,
     77,
     1000,
     "e2e185d0a293adcd31a339d2ac1f8870"},
    /* Draws from the law. */
    {{.rolls = 20, .chance = "3/10"},
     SCORES(PHILOX, HISTOGRAM),
     42,
     1,
     3000,
     "b916c7ce65c6296c88f452054c67f936"},
    {{.rolls = 20, .chance = "3/10"},
     SCORES(PHILOX, MAX),
     42,
     4 * TWO_32 - 1501,
     3000,
     "5b7a64ce8304f0b2697acd1de07cec5c"},
    {{.rolls = 20, .chance = "3/10"},
     SCORES(PHILOX7, HISTOGRAM),
     42,
     GRAV_SESSIONS_END - 3001,
     3001,
     "b3ac50861600d841850adb010c19156b"},
    {{.rolls = 20, .chance = "3/10"},
     SCORES(PHILOX7, MAX),
     42,
     2,
     3000,
     "206e8626d66fbeec2f2feaac90b583ea"},
    /* A game's own generator. */
    {{.rolls = 231, .chance = "1/4"},
     GEN3(1, HISTOGRAM),
     0,
     199001,
     2000,
     "b2fc0cb499f20acc4c793ff09435e955"},
    {{.rolls = 231, .chance = "1/4"},
     GEN3(256, MAX),
     0,
     TWO_32 - 2000,
     2000,
     "b131c2949218522a1a6b64ce7d7d7ba4"},
    {{.rolls = 100, .chance = "3/10"},
     GEN3(3, HISTOGRAM),
     0,
     5,
     2000,
     "557c9ef14ed93cf0d1f945b4bb23248c"},
    {{.rolls = 231, .chance = "1/4", .statistic = GRAV_STATISTIC_STREAK},
     GEN3(1, HISTOGRAM),
     0,
     0,
     2000,
     "d9b3d20d67934a9dee1918815ce6c182"},
    {{.rolls = 100, .chance = "1/3", .statistic = GRAV_STATISTIC_STREAK},
     GEN3(2, MAX),
     0,
     TWO_32 - 2000,
     2000,
     "16f1480d72810b03046fcc7a12505f36"},
};

const grav_answer *grav_answer_at(size_t i)
{
    return i < sizeof answers / sizeof *answers ? &answers[i] : NULL;
}
