/* Numbers as people read them. Each comes by value, for use within one printf(). */
#ifndef GRAV_CLI_TEXT_H
#define GRAV_CLI_TEXT_H

#include <graveler.h>

typedef struct cli_words {
    char text[96];
} cli_words;

cli_words text_count(uint64_t count);                     /* 1,000,000 */
cli_words text_counted(uint64_t count, const char *noun); /* 1 roll, 1,000 rolls */
cli_words text_decimal(grav_decimal x);                   /* 1.2036758201322641e-60, 0.25 */
cli_words text_one_in(grav_decimal x);                    /* 1 in 8.31e59, 1 in 4,600 */
cli_words text_percent(double p);                         /* 61.3 %, 0.00021 % */
cli_words text_whole(grav_decimal x);                     /* 1,000,000, 5.76e59 */
cli_words text_seconds(double seconds);                   /* 0.21 s, 2 min 05 s, 3 h 20 min */
cli_words text_duration(grav_decimal seconds);            /* the same, up to 1.8e43 years */
cli_words text_rate(double per_second);                   /* 47.6 million sessions/s */
cli_words text_quantity(double x);                        /* 1,234,567 or 1,234.5 or 0.0123 */
/* x to where an error of this share of it leaves two digits in doubt: 1.2035e-60, 0.2503 */
cli_words text_estimate(grav_decimal x, double relative_error);

/* Width and height of the terminal behind a stream, at least 1; 80 and 24 where there is none. */
int text_columns(int file);
int text_rows(int file);

/* Whether the locale can show characters beyond ASCII. */
bool text_unicode(void);

#endif
