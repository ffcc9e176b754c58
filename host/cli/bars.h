/* Pictures of distributions: rows of scores with a bar each. */
#ifndef GRAV_CLI_BARS_H
#define GRAV_CLI_BARS_H

#include <stdint.h>

enum { BARS_ROWS_MAX = 24 };

/* How far apart rows are that cut the scores first, first + step … last into at most BARS_ROWS_MAX:
 * a multiple of step. */
uint64_t bars_scores_per_row(uint64_t first, uint64_t last, uint64_t step);

/* Columns for bars beside so many others. */
int bars_width(int others);

/* The scores of a row, in 15 columns. */
void bars_print_scores(uint64_t first, uint64_t last);

/* Two blanks and a bar over a share of the width, with a mark where `mark` of it ends, unless that
 * is below 0. Nothing of an empty bar. */
void bars_print(double share, double mark, int width);

#endif
