#include "text.h"

#include <float.h>
#include <inttypes.h>
#include <langinfo.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

cli_words text_count(uint64_t count)
{
    char digits[32];
    cli_words out;
    int length = snprintf(digits, sizeof digits, "%" PRIu64, count), at = 0;
    for (int i = 0; i < length; i++) {
        if (i && (length - i) % 3 == 0)
            out.text[at++] = ',';
        out.text[at++] = digits[i];
    }
    out.text[at] = 0;
    return out;
}

cli_words text_counted(uint64_t count, const char *noun)
{
    cli_words out;
    snprintf(out.text, sizeof out.text, "%.40s %.40s%s", text_count(count).text, noun,
             count == 1 ? "" : "s");
    return out;
}

/* The fewest digits that still say which double x is. */
static cli_words shortest(double x)
{
    cli_words out;
    for (int digits = 1; digits <= 17; digits++) {
        snprintf(out.text, sizeof out.text, "%.*g", digits, x);
        if (strtod(out.text, NULL) == x)
            break;
    }
    return out;
}

cli_words text_decimal(grav_decimal x)
{
    cli_words out;
    if (x.mantissa == 0 || x.value >= DBL_MIN)
        return shortest(x.value);
    snprintf(out.text, sizeof out.text, "%.14fe%" PRId64, x.mantissa, x.exponent);
    return out;
}

cli_words text_estimate(grav_decimal x, double relative_error)
{
    cli_words out;
    double digits = ceil(-log10(relative_error)) + 1;
    if (!(digits < DBL_DIG)) /* without an error, too */
        return text_decimal(x);
    int significant = digits < 2 ? 2 : (int)digits;
    if (x.mantissa == 0 || x.value >= 1e-4)
        snprintf(out.text, sizeof out.text, "%.*g", significant, x.value);
    else
        snprintf(out.text, sizeof out.text, "%.*fe%" PRId64, significant - 1, x.mantissa,
                 x.exponent);
    return out;
}

cli_words text_percent(double p)
{
    cli_words out;
    double percent = 100 * p;
    if (percent > 99.9 && percent < 100)
        snprintf(out.text, sizeof out.text, "over 99.9 %%");
    else if (percent >= 0.1 || percent == 0)
        snprintf(out.text, sizeof out.text, "%.1f %%", percent);
    else
        snprintf(out.text, sizeof out.text, "%.2g %%", percent);
    return out;
}

/* mantissa * 10^exponent with three digits. */
static cli_words scientific(double mantissa, int64_t exponent)
{
    cli_words out;
    if (mantissa >= 9.995) { /* rounds up to 10.00 */
        mantissa /= 10;
        exponent++;
    }
    snprintf(out.text, sizeof out.text, "%.2fe%" PRId64, mantissa, exponent);
    return out;
}

cli_words text_one_in(grav_decimal x)
{
    cli_words out;
    double mantissa = 10 / x.mantissa;
    int64_t exponent = -x.exponent - 1 + (mantissa >= 9.995); /* rounded to three digits */
    if (x.mantissa == 0)
        snprintf(out.text, sizeof out.text, "never");
    else if (exponent < 9)
        snprintf(out.text, sizeof out.text, "1 in %.80s", text_quantity(1 / x.value).text);
    else
        snprintf(out.text, sizeof out.text, "1 in %.80s",
                 scientific(mantissa, -x.exponent - 1).text);
    return out;
}

cli_words text_whole(grav_decimal x)
{
    return x.exponent < 12 ? text_count((uint64_t)llround(x.value))
                           : scientific(x.mantissa, x.exponent);
}

cli_words text_seconds(double seconds)
{
    cli_words out;
    if (seconds < 0.01)
        snprintf(out.text, sizeof out.text, "%.2g ms", 1e3 * seconds);
    else if (seconds < 60)
        snprintf(out.text, sizeof out.text, "%.3g s", seconds);
    else if (seconds < 3600)
        snprintf(out.text, sizeof out.text, "%d min %02d s", (int)seconds / 60, (int)seconds % 60);
    else if (seconds < 1e6)
        snprintf(out.text, sizeof out.text, "%d h %02d min", (int)seconds / 3600,
                 (int)seconds / 60 % 60);
    else
        snprintf(out.text, sizeof out.text, "%.80s days", text_quantity(seconds / 86400).text);
    return out;
}

cli_words text_duration(grav_decimal seconds)
{
    static const double year_s = 365.25 * 86400;
    cli_words out;
    if (seconds.value < 1e-5)
        snprintf(out.text, sizeof out.text, "under 0.01 ms");
    else if (seconds.value < 2 * year_s)
        return text_seconds(seconds.value);
    else
        snprintf(out.text, sizeof out.text, "%.80s years",
                 text_whole(grav_decimal_over(seconds, year_s)).text);
    return out;
}

cli_words text_rate(double per_second)
{
    static const struct {
        double unit;
        const char *name;
    } units[] = {{1e12, " trillion"}, {1e9, " billion"}, {1e6, " million"}, {1, ""}};
    size_t i = 0;
    while (units[i].unit > 1 && per_second < units[i].unit)
        i++;
    cli_words out;
    snprintf(out.text, sizeof out.text, "%.4g%s sessions/s", per_second / units[i].unit,
             units[i].name);
    return out;
}

cli_words text_quantity(double x)
{
    if (x >= 1000 && x < 0x1p64)
        return text_count((uint64_t)round(x));
    cli_words out;
    snprintf(out.text, sizeof out.text, x >= 100 ? "%.1f" : "%.3g", x);
    return out;
}

int text_columns(int file)
{
    struct winsize size;
    if (isatty(file) && ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
        return size.ws_col;
    return 80;
}

int text_rows(int file)
{
    struct winsize size;
    if (isatty(file) && ioctl(file, TIOCGWINSZ, &size) == 0 && size.ws_row > 0)
        return size.ws_row;
    return 24;
}

bool text_unicode(void)
{
    return strcmp(nl_langinfo(CODESET), "UTF-8") == 0;
}
