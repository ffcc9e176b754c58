#include "cpu.h"

/* Each function tells whether the CPU has what the variant's file is compiled for
 * (CMakeLists.txt). */
static bool runs_portable(void)
{
#ifdef __x86_64__
    return __builtin_cpu_supports("popcnt");
#else
    return true;
#endif
}

#ifdef __x86_64__
static bool runs_avx2(void)
{
    return runs_portable() && __builtin_cpu_supports("avx2");
}

static bool runs_avx512(void)
{
    return runs_avx2() && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw");
}

static bool runs_avx512_popcnt(void)
{
    return runs_avx512() && __builtin_cpu_supports("avx512vpopcntdq");
}
#endif

static const grav_variant variants[] = {
#ifdef __x86_64__
    {GRAV_ISA_AVX512, "avx512_popcnt", grav_play_avx512_popcnt, grav_play_scores_avx512,
     grav_play_gen3_avx512, runs_avx512_popcnt},
    {GRAV_ISA_AVX512, "avx512", grav_play_avx512, grav_play_scores_avx512, grav_play_gen3_avx512,
     runs_avx512},
    {GRAV_ISA_AVX2, "avx2", grav_play_avx2, grav_play_scores_avx2, grav_play_gen3_avx2, runs_avx2},
#endif
    {GRAV_ISA_PORTABLE, "portable", grav_play_portable, grav_play_scores_portable,
     grav_play_gen3_portable, runs_portable},
};

grav_play_fn *grav_variant_play(const grav_variant *variant, const grav_plan *plan)
{
    if (plan->gen3.on)
        return variant->play_gen3;
    return plan->scores ? variant->play_scores : variant->play;
}

const grav_variant *grav_variant_at(size_t i)
{
    return i < sizeof variants / sizeof *variants ? &variants[i] : NULL;
}

const grav_variant *grav_variant_for(grav_isa isa)
{
    const grav_variant *variant;
    for (size_t i = 0; (variant = grav_variant_at(i)); i++)
        if ((isa == GRAV_ISA_AUTO || isa == variant->isa) && variant->runs_here())
            return variant;
    return NULL;
}
