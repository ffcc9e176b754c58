/* The ceilings of isa `avx512`, without an instruction that counts ones. */
#include "lane_avx512.h"
#include "pack_avx512.h"

#define CEILINGS_NAME(function) ceilings_##function##_avx512
#include "ceilings.h"
