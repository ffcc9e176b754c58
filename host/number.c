#include "number.h"

#include <ctype.h>
#include <inttypes.h>
#include <mpfr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"

enum {
    NUMBER_TEXT_MAX = 1000, /* characters */
    /* Above any limit's number of digits or bits, low enough to compute with at once. */
    NUMBER_EXPONENT_MAX = 5000,
};

uint64_t grav_mpz_u64(const mpz_t x)
{
    uint64_t out = 0;
    mpz_export(&out, NULL, -1, sizeof out, 0, 0, x);
    return out;
}

void grav_mpz_set_u64(mpz_t out, uint64_t x)
{
    mpz_import(out, 1, -1, sizeof x, 0, 0, &x);
}

/* Copies the digits at *text without their underscores, and steps over them. An underscore must
 * stand between two digits. Returns how many digits there were, -1 for a stray underscore. */
static int read_digits(const char **text, char *out, int (*is_digit)(int))
{
    int length = 0;
    const char *c = *text;
    for (; is_digit((unsigned char)*c) || *c == '_'; c++) {
        if (*c != '_')
            out[length++] = *c;
        else if (length == 0 || c[-1] == '_' || !is_digit((unsigned char)c[1]))
            return -1;
    }
    out[length] = 0;
    *text = c;
    return length;
}

/* Reads a signed decimal exponent, cut to NUMBER_EXPONENT_MAX. */
static bool read_exponent(const char **text, long *out)
{
    char digits[NUMBER_TEXT_MAX + 1];
    bool negative = **text == '-';
    if (**text == '-' || **text == '+')
        (*text)++;
    if (read_digits(text, digits, isdigit) < 1)
        return false;
    const char *significant = digits + strspn(digits, "0");
    long exponent = strlen(significant) > 4 ? NUMBER_EXPONENT_MAX : atol(digits);
    if (exponent > NUMBER_EXPONENT_MAX)
        exponent = NUMBER_EXPONENT_MAX;
    *out = negative ? -exponent : exponent;
    return true;
}

static void multiply_by_power_of_ten(mpq_t number, long exponent)
{
    mpq_t power;
    mpq_init(power);
    mpz_ui_pow_ui(mpq_numref(power), 10, (unsigned long)labs(exponent));
    if (exponent < 0)
        mpq_div(number, number, power);
    else
        mpq_mul(number, number, power);
    mpq_clear(power);
}

/* Digits, a fraction and an exponent: `7`, `.5`, `2.5e-1`. */
static bool read_decimal(const char **text, mpq_t out)
{
    char digits[NUMBER_TEXT_MAX + 1];
    int whole = read_digits(text, digits, isdigit), fraction = 0;
    if (whole < 0)
        return false;
    if (**text == '.') {
        (*text)++;
        fraction = read_digits(text, digits + whole, isdigit);
    }
    if (fraction < 0 || whole + fraction == 0)
        return false;
    mpq_set_str(out, digits, 10);
    long exponent = 0;
    if (**text == 'e' || **text == 'E') {
        (*text)++;
        if (!read_exponent(text, &exponent))
            return false;
    }
    multiply_by_power_of_ten(out, exponent - fraction);
    return true;
}

static bool read_hexadecimal(const char **text, mpq_t out)
{
    char digits[NUMBER_TEXT_MAX + 1];
    *text += 2;
    if (read_digits(text, digits, isxdigit) < 1)
        return false;
    return mpq_set_str(out, digits, 16) == 0;
}

/* `BASE^EXPONENT` of whole numbers, whose base has been read. */
static bool read_power(const char **text, mpq_t base)
{
    long exponent;
    (*text)++;
    if (mpz_cmp_ui(mpq_denref(base), 1) != 0 || **text == '-' || **text == '+')
        return false;
    if (mpz_sizeinbase(mpq_numref(base), 2) > 64 || !read_exponent(text, &exponent))
        return false;
    mpz_pow_ui(mpq_numref(base), mpq_numref(base), (unsigned long)exponent);
    return true;
}

/* Reads one number at *text and steps over it. */
static bool read_number(const char **text, mpq_t out)
{
    bool negative = **text == '-';
    if (**text == '-' || **text == '+')
        (*text)++;
    bool read = (*text)[0] == '0' && ((*text)[1] == 'x' || (*text)[1] == 'X')
                    ? read_hexadecimal(text, out)
                    : read_decimal(text, out);
    if (read && **text == '^')
        read = read_power(text, out);
    if (negative)
        mpq_neg(out, out);
    return read;
}

bool grav_parse_number(const char *text, mpq_t out)
{
    return strlen(text) <= NUMBER_TEXT_MAX && read_number(&text, out) && *text == 0;
}

bool grav_parse_fraction(const char *text, mpq_t out)
{
    if (strlen(text) > NUMBER_TEXT_MAX || !read_number(&text, out))
        return false;
    if (*text == '%') {
        text++;
        multiply_by_power_of_ten(out, -2);
    } else if (*text == '/') {
        mpq_t divisor;
        mpq_init(divisor);
        text++;
        bool read = read_number(&text, divisor) && mpq_sgn(divisor) != 0;
        if (read)
            mpq_div(out, out, divisor);
        mpq_clear(divisor);
        if (!read)
            return false;
    }
    return *text == 0;
}

grav_status grav_parse_count(const char *text, uint64_t min, uint64_t max, uint64_t *out,
                             grav_error *err)
{
    mpq_t number;
    mpz_t low, high;
    mpq_init(number);
    mpz_inits(low, high, NULL);
    grav_mpz_set_u64(low, min);
    grav_mpz_set_u64(high, max);
    bool good = grav_parse_number(text, number) && mpz_cmp_ui(mpq_denref(number), 1) == 0 &&
                mpz_cmp(mpq_numref(number), low) >= 0 && mpz_cmp(mpq_numref(number), high) <= 0;
    if (good)
        *out = grav_mpz_u64(mpq_numref(number));
    mpz_clears(low, high, NULL);
    mpq_clear(number);
    if (good)
        return GRAV_OK;
    return grav_fail(err, GRAV_ERROR_INVALID,
                     "'%.64s' is not a whole number from %" PRIu64 " to %" PRIu64, text, min, max);
}

/* Takes the unit from the end of a time; gives its seconds. Without one: 1. */
static double take_unit(const char *text, size_t *length)
{
    static const struct {
        const char *name;
        double seconds;
    } units[] = {{"ns", 1e-9}, {"us", 1e-6}, {"ms", 1e-3}, {"s", 1},
                 {"m", 60},    {"h", 3600},  {"d", 86400}};
    for (size_t i = 0; i < sizeof units / sizeof *units; i++) {
        size_t name = strlen(units[i].name);
        if (*length > name && strcmp(text + *length - name, units[i].name) == 0) {
            *length -= name;
            return units[i].seconds;
        }
    }
    return 1;
}

/* The double nearest to it, where mpq_get_d() rounds towards 0. */
static double nearest(const mpq_t exact)
{
    mpfr_t rounded;
    mpfr_init2(rounded, 53);
    mpfr_set_q(rounded, exact, MPFR_RNDN);
    double x = mpfr_get_d(rounded, MPFR_RNDN);
    mpfr_clear(rounded);
    return x;
}

grav_status grav_parse_duration(const char *text, double min, double *seconds, grav_error *err)
{
    const double max = 1000 * 365.25 * 86400;
    char number[64];
    size_t length = strlen(text);
    double unit = take_unit(text, &length), value = -1;
    mpq_t exact;
    mpq_init(exact);
    if (length < sizeof number) {
        snprintf(number, sizeof number, "%.*s", (int)length, text);
        if (grav_parse_number(number, exact))
            value = nearest(exact) * unit;
    }
    mpq_clear(exact);
    if (!(value >= min && value <= max))
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "'%.64s' is not a time of %g s or more, such as 30s, 10m or 1.5h", text,
                         min);
    *seconds = value;
    return GRAV_OK;
}
