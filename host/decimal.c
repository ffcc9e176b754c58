#include "decimal.h"

#include <stdio.h>
#include <stdlib.h>

grav_decimal grav_decimal_from(const mpfr_t x)
{
    if (mpfr_zero_p(x))
        return (grav_decimal){0};
    enum { DIGITS = 20 };
    mpfr_exp_t exponent;
    char digits[DIGITS + 2], text[DIGITS + 4];
    mpfr_get_str(digits, &exponent, 10, DIGITS, x, MPFR_RNDN);
    snprintf(text, sizeof text, "%c.%s", digits[0], digits + 1);
    grav_decimal out = {mpfr_get_d(x, MPFR_RNDN), strtod(text, NULL), exponent - 1};
    if (out.mantissa >= 10) { /* 9.99…9 rounded up */
        out.mantissa /= 10;
        out.exponent++;
    }
    return out;
}
