#include "bars.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <unistd.h>

#include "text.h"

uint64_t bars_scores_per_row(uint64_t first, uint64_t last, uint64_t step)
{
    return ((last - first) / step / BARS_ROWS_MAX + 1) * step;
}

int bars_width(int others)
{
    enum { WIDTH_MIN = 10, WIDTH_MAX = 50 };
    int width = text_columns(STDOUT_FILENO) - others;
    width = width > WIDTH_MAX ? WIDTH_MAX : width;
    return width < WIDTH_MIN ? WIDTH_MIN : width;
}

void bars_print_scores(uint64_t first, uint64_t last)
{
    char scores[48];
    if (first == last)
        snprintf(scores, sizeof scores, "%" PRIu64, first);
    else
        snprintf(scores, sizeof scores, "%" PRIu64 "-%" PRIu64, first, last);
    printf("%15s", scores);
}

void bars_print(double share, double mark, int width)
{
    bool unicode = text_unicode();
    int filled = (int)lround(share * width), at = mark < 0 ? -1 : (int)lround(mark * width);
    if (filled > 0 || at >= 0)
        fputs("  ", stdout);
    for (int i = 0; i <= width && (i < filled || i <= at); i++) {
        if (i == at)
            fputs(unicode ? "┃" : "|", stdout);
        else if (i < filled)
            fputs(unicode ? "█" : "#", stdout);
        else
            fputc(' ', stdout);
    }
}
