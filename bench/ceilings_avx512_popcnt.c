/* The ceilings of isa `avx512` where there is an instruction that counts ones (VPOPCNTDQ). */
#include "lane_avx512.h"
#include "pack_avx512.h"

#define CEILINGS_NAME(function) ceilings_##function##_avx512_popcnt
#include "ceilings.h"
