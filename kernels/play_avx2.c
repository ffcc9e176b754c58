/* Isa `avx2`. */
#include "lane_avx2.h"
#include "pack_avx2.h"

#define GRAV_PLAY_NAME grav_play_avx2
#include "play.h"

#define GRAV_PLAY_SCORES_NAME grav_play_scores_avx2
#include "play_scores.h"

#define GRAV_PLAY_GEN3_NAME grav_play_gen3_avx2
#include "play_gen3.h"
