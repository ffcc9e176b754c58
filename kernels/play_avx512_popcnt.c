/* Isa `avx512` where there is an instruction that counts ones (VPOPCNTDQ). */
#include "lane_avx512.h"
#include "pack_avx512.h"

#define GRAV_PLAY_NAME grav_play_avx512_popcnt
#include "play.h"
