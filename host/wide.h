/* Chances with a mantissa of 128 bits, of any magnitude, kept compactly. */
#ifndef GRAV_HOST_WIDE_H
#define GRAV_HOST_WIDE_H

#include <mpfr.h>

#include "graveler.h"

enum {
    GRAV_WIDE_BITS = 128,
    GRAV_WIDE_LIMBS = GRAV_WIDE_BITS / GMP_NUMB_BITS,
    /* What chances are computed with before they are rounded to a wide number. */
    GRAV_WORK_BITS = 256,
};

/* A number of at least 0. All 0 is 0. */
typedef struct grav_wide {
    mp_limb_t limbs[GRAV_WIDE_LIMBS]; /* as MPFR keeps them; 0 only for 0 */
    mpfr_exp_t exponent;
} grav_wide;

/* Rounds x >= 0. */
void grav_wide_set(grav_wide *out, const mpfr_t x);

/* Rounds to out's precision. */
void grav_wide_get(const grav_wide *x, mpfr_t out);

/* x >= 0, which may be infinite. */
grav_decimal grav_decimal_of(const mpfr_t x);

#endif
