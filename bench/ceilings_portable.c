/* The ceilings of isa `portable`. */
#include "lane_scalar.h"
#include "pack_scalar.h"

#define CEILINGS_NAME(function) ceilings_##function##_portable
#include "ceilings.h"
