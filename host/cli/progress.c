#include "progress.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "text.h"

enum { BAR_MAX = 40, LINE_MAX_BYTES = 640 };

void progress_bar(double share, const char *figures)
{
    char line[LINE_MAX_BYTES];
    int columns = text_columns(STDERR_FILENO);
    int room = columns - (int)strlen(figures) - 4;
    int width = room > BAR_MAX ? BAR_MAX : room;
    int filled = (int)(share * width);
    int at = snprintf(line, sizeof line, "\r");
    for (int i = 0; i < width; i++)
        line[at++] = i < filled ? '#' : '.';
    /* A line that wraps could not be drawn over: a narrow terminal sees its beginning. */
    snprintf(line + at, sizeof line - (size_t)at, "%s%.*s\033[K", width > 0 ? "  " : "",
             columns - 1 - (width > 0 ? width + 2 : 0), figures + (width > 0 ? 0 : 1));
    fputs(line, stderr);
    fflush(stderr);
}

void progress_draw(const grav_progress *progress)
{
    char figures[512];
    double share = (double)progress->played / (double)progress->sessions;
    double rate = progress->elapsed_s > 0
                      ? (double)(progress->played - progress->resumed) / progress->elapsed_s
                      : 0;
    double left_s = rate > 0 ? (double)(progress->sessions - progress->played) / rate : 0;
    if (progress->any)
        snprintf(figures, sizeof figures, "%5.1f %%  %s  %s left  best %s", 100 * share,
                 text_rate(rate).text, text_seconds(left_s).text,
                 text_count(progress->max_score).text);
    else
        snprintf(figures, sizeof figures, "%5.1f %%", 0.0);
    progress_bar(share, figures);
}

void progress_clear(void)
{
    fputs("\r\033[K", stderr);
    fflush(stderr);
}
