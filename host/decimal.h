/* Handing out numbers of any magnitude. */
#ifndef GRAV_HOST_DECIMAL_H
#define GRAV_HOST_DECIMAL_H

#include <mpfr.h>

#include "graveler.h"

/* x >= 0, rounded to the nearest. */
grav_decimal grav_decimal_from(const mpfr_t x);

#endif
