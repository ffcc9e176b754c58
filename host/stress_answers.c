/* The table of ranges that `stress` plays. The CPU's take a tenth of a second or so, those of GPUs
 * are what keeps one busy as long. tests/test_stress.cpp plays them again on another isa than the
 * one that their digests are of. */
#include "answer_words.h"

#define TWO_22 (UINT64_C(1) << 22)
#define TWO_24 (UINT64_C(1) << 24)
#define TWO_29 (UINT64_C(1) << 29)
#define DICE                                                                                       \
    {                                                                                              \
        .rolls = 10, .die = "1..6"                                                                 \
    }
#define STREAK                                                                                     \
    {                                                                                              \
        .rolls = 231, .chance = "1/4", .statistic = GRAV_STATISTIC_STREAK                          \
    }
#define THIRDS                                                                                     \
    {                                                                                              \
        .rolls = 100, .chance = "1/3"                                                              \
    }

/* Experiment, run, seed, first session, sessions, digest. */
static const grav_answer cpu_answers[] = {
    {DICE, ROLLS(PHILOX, HISTOGRAM), 42, 0, TWO_22 / 8, "5e662d4cd9481f60b4f218a388d28236"},
    {FOUNDING, ROLLS(PHILOX, HISTOGRAM), 42, 0, TWO_24, "cf3e7cfefa1ebbcd6ef57ab8a8604391"},
    {FOUNDING, ROLLS(FAST, HISTOGRAM), 42, 0, 2 * TWO_24, "126baf2a522164e5e7ca8bd1a3362188"},
    {FOUNDING, SCORES(PHILOX, HISTOGRAM), 42, 0, 4 * TWO_24, "38db39753af86dbbea848e14b9e46b65"},
    {FOUNDING, ROLLS(PHILOX7, MAX), 7, TWO_32 - TWO_22, TWO_24, "5828efa33f328a5af433f0b1e212f215"},
    {STREAK, ROLLS(PHILOX, HISTOGRAM), 42, 0, TWO_22, "2a97c779a3db4ed5a53101824d2c6011"},
    {THIRDS, ROLLS(PHILOX, HISTOGRAM), 42, 0, TWO_22, "de39a469a5ade908517bed2efc99b304"},
    {THIRDS, GEN3(1, HISTOGRAM), 0, 0, TWO_22, "71d90ae22d4bae7224fc4e21fc7d000d"},
};

static const grav_answer gpu_answers[] = {
    {DICE, ROLLS(PHILOX, HISTOGRAM), 42, 0, TWO_29, "b424da7bdaa43dfd7dfd0e3b92e049c5"},
    {FOUNDING, ROLLS(PHILOX, HISTOGRAM), 42, 0, TWO_32, "282801ae7d8e3eaf06a722f2b04f459a"},
    {FOUNDING, ROLLS(FAST, HISTOGRAM), 42, 0, TWO_32, "1b82a914da6d27fdb10c0899e0f264b1"},
    {FOUNDING, SCORES(PHILOX, HISTOGRAM), 42, 0, 2 * TWO_32, "37fc0389edbe4a7212f21cf561775a36"},
    {FOUNDING, ROLLS(PHILOX7, MAX), 7, TWO_32 / 2, TWO_32, "7cb6d5ed9d7fd6ad6bb127a737ccfc24"},
    {STREAK, ROLLS(PHILOX, HISTOGRAM), 42, 0, TWO_29, "538e023e929c708c61d36a453f07fc78"},
    {THIRDS, ROLLS(PHILOX, HISTOGRAM), 42, 0, TWO_29, "67f98fd39516d56d6bf6013f7ffb0a8e"},
    {THIRDS, GEN3(1, HISTOGRAM), 0, 0, TWO_29, "e056e99ba675b62ffe70d27823529992"},
};

const grav_answer *grav_stress_answer_at(grav_backend backend, size_t i)
{
    if (backend == GRAV_BACKEND_CUDA)
        return i < sizeof gpu_answers / sizeof *gpu_answers ? &gpu_answers[i] : NULL;
    return i < sizeof cpu_answers / sizeof *cpu_answers ? &cpu_answers[i] : NULL;
}
