/* Isa `avx512` where there is an instruction that counts ones (VPOPCNTDQ). */
#include "yardstick_avx512.h"

#define YARDSTICK_NAME(function) yardstick_##function##_avx512_popcnt
#include "yardstick_play.h"
