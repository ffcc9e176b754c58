#include "cpu.h"

/* The instructions every variant is compiled to rely on (CMakeLists.txt). */
static bool cpu_has_baseline(void)
{
#ifdef __x86_64__
    return __builtin_cpu_supports("popcnt");
#else
    return true;
#endif
}

grav_play_fn *grav_play_for(grav_isa isa, grav_isa *chosen)
{
    if (!cpu_has_baseline())
        return NULL;
    if (isa != GRAV_ISA_AUTO && isa != GRAV_ISA_PORTABLE)
        return NULL;
    if (chosen)
        *chosen = GRAV_ISA_PORTABLE;
    return grav_play_portable;
}
