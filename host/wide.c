#include "wide.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

void grav_wide_set(grav_wide *out, const mpfr_t x)
{
    mpfr_t view; /* of out's limbs: MPFR's custom interface, without an allocation */
    mpfr_custom_init(out->limbs, GRAV_WIDE_BITS);
    mpfr_custom_init_set(view, MPFR_ZERO_KIND, 0, GRAV_WIDE_BITS, out->limbs);
    mpfr_set(view, x, MPFR_RNDN);
    if (mpfr_zero_p(view))
        *out = (grav_wide){0};
    else
        out->exponent = mpfr_custom_get_exp(view);
}

void grav_wide_get(const grav_wide *x, mpfr_t out)
{
    mpfr_t view;
    grav_wide copy = *x;
    int kind = copy.limbs[GRAV_WIDE_LIMBS - 1] ? MPFR_REGULAR_KIND : MPFR_ZERO_KIND;
    mpfr_custom_init_set(view, kind, copy.exponent, GRAV_WIDE_BITS, copy.limbs);
    mpfr_set(out, view, MPFR_RNDN);
}

grav_decimal grav_decimal_of(const mpfr_t x)
{
    if (mpfr_zero_p(x) || mpfr_inf_p(x))
        return (grav_decimal){.value = mpfr_zero_p(x) ? 0 : INFINITY};
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

grav_decimal grav_decimal_over(grav_decimal x, double divisor)
{
    if (x.mantissa == 0) /* 0 and infinity stay */
        return x;
    mpfr_t quotient, scale;
    mpfr_init2(quotient, GRAV_WORK_BITS);
    mpfr_init2(scale, GRAV_WORK_BITS);
    mpfr_set_ui(scale, 10, MPFR_RNDN);
    mpfr_pow_si(scale, scale, x.exponent, MPFR_RNDN);
    mpfr_mul_d(quotient, scale, x.mantissa, MPFR_RNDN);
    mpfr_div_d(quotient, quotient, divisor, MPFR_RNDN);
    grav_decimal out = grav_decimal_of(quotient);
    mpfr_clears(quotient, scale, (mpfr_ptr)NULL);
    return out;
}
