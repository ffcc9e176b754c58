/* The ceilings of isa `avx2`. */
#include "lane_avx2.h"
#include "pack_avx2.h"

#define CEILINGS_NAME(function) ceilings_##function##_avx2
#include "ceilings.h"
