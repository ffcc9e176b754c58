/* Isa `portable`: plain C, the measure for all the others. */
#include "lane_scalar.h"
#include "pack_scalar.h"

#define GRAV_PLAY_NAME grav_play_portable
#include "play.h"

#define GRAV_PLAY_SCORES_NAME grav_play_scores_portable
#include "play_scores.h"

#define GRAV_PLAY_GEN3_NAME grav_play_gen3_portable
#include "play_gen3.h"
