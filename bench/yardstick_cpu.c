#include "yardstick_cpu.h"

#include <omp.h>

#include "clock.h"

#define DECLARE(isa)                                                                               \
    yardstick_best_fn yardstick_best_published_##isa, yardstick_best_tuned_##isa;                  \
    yardstick_scores_fn yardstick_scores_published_##isa, yardstick_scores_tuned_##isa;
DECLARE(portable)
DECLARE(avx2)
DECLARE(avx512)
DECLARE(avx512_popcnt)

/* Each function tells whether the CPU has what the variant's file is compiled for
 * (CMakeLists.txt). */
static bool runs_portable(void)
{
    return grav_cpu_has(GRAV_ISA_PORTABLE);
}

#ifdef __x86_64__
static bool runs_avx2(void)
{
    return grav_cpu_has(GRAV_ISA_AVX2);
}

static bool runs_avx512(void)
{
    return grav_cpu_has(GRAV_ISA_AVX512);
}

static bool runs_avx512_popcnt(void)
{
    return runs_avx512() && __builtin_cpu_supports("avx512vpopcntdq");
}
#endif

#define VARIANT(isa, name)                                                                         \
    {                                                                                              \
        isa, #name, {yardstick_best_published_##name, yardstick_best_tuned_##name},                \
            {yardstick_scores_published_##name, yardstick_scores_tuned_##name}, runs_##name        \
    }

static const yardstick_variant variants[] = {
#ifdef __x86_64__
    VARIANT(GRAV_ISA_AVX512, avx512_popcnt),
    VARIANT(GRAV_ISA_AVX512, avx512),
    VARIANT(GRAV_ISA_AVX2, avx2),
#endif
    VARIANT(GRAV_ISA_PORTABLE, portable),
};

const yardstick_variant *yardstick_variant_at(size_t i)
{
    return i < sizeof variants / sizeof *variants ? &variants[i] : NULL;
}

const yardstick_variant *yardstick_variant_for(grav_isa isa)
{
    const yardstick_variant *variant;
    for (size_t i = 0; (variant = yardstick_variant_at(i)); i++)
        if ((isa == GRAV_ISA_AUTO || isa == variant->isa) && variant->runs_here())
            return variant;
    return NULL;
}

/* splitmix64, as the authors of xoshiro advise for seeding it. */
static uint64_t next_splitmix(uint64_t *x)
{
    uint64_t z = *x += 0x9E3779B97F4A7C15u;
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9u;
    z = (z ^ z >> 27) * 0x94D049BB133111EBu;
    return z ^ z >> 31;
}

void yardstick_seed(yardstick_state *state, uint64_t seed)
{
    for (int i = 0; i < 4; i++)
        for (int lane = 0; lane < YARDSTICK_LANES; lane++)
            state->s[i][lane] = next_splitmix(&seed);
}

/* One thread's sessions; the highest score. */
static unsigned play_share(const yardstick_variant *variant, yardstick_layout layout, uint64_t seed,
                           uint64_t sessions)
{
    yardstick_state state;
    uint8_t scores[YARDSTICK_LANES];
    yardstick_seed(&state, seed);
    unsigned best = variant->best[layout](&state, sessions / YARDSTICK_LANES);
    variant->scores[layout](&state, 1, scores);
    for (unsigned i = 0; i < sessions % YARDSTICK_LANES; i++)
        best = scores[i] > best ? scores[i] : best;
    return best;
}

void yardstick_cpu_play(const yardstick_variant *variant, yardstick_layout layout, uint64_t seed,
                        unsigned threads, uint64_t sessions, double *seconds, unsigned *best)
{
    unsigned highest = 0;
    double start_s = grav_now_s();
#pragma omp parallel for num_threads(threads) schedule(static, 1) reduction(max : highest)
    for (unsigned i = 0; i < threads; i++) {
        uint64_t share = sessions / threads + (i < sessions % threads);
        /* Far apart: splitmix64 gives each thread other words from here on. */
        uint64_t thread_seed = seed + ((uint64_t)i << 32);
        unsigned found = play_share(variant, layout, thread_seed, share);
        highest = found > highest ? found : highest;
    }
    *seconds = grav_now_s() - start_s;
    *best = highest;
}
