/* Isa `avx512`, without an instruction that counts ones. */
#include "yardstick_avx512.h"

#define YARDSTICK_NAME(function) yardstick_##function##_avx512
#include "yardstick_play.h"
