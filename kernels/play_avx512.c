/* Isa `avx512`, without an instruction that counts ones. */
#include "lane_avx512.h"
#include "pack_avx512.h"

#define GRAV_PLAY_NAME grav_play_avx512
#include "play.h"

#define GRAV_PLAY_SCORES_NAME grav_play_scores_avx512
#include "play_scores.h"

#define GRAV_PLAY_GEN3_NAME grav_play_gen3_avx512
#include "play_gen3.h"
