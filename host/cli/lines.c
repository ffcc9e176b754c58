#include "lines.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { READ_AT_ONCE = 1 << 16, LOOK_MS = 100 };

/* Makes room for more; what has been handed out goes. */
static bool make_room(cli_lines *lines)
{
    size_t left = lines->end - lines->start;
    if (left)
        memmove(lines->buffer, lines->buffer + lines->start, left);
    lines->start = 0;
    lines->end = left;
    if (lines->size - left >= READ_AT_ONCE)
        return true;
    size_t size = 2 * lines->size + READ_AT_ONCE;
    char *buffer = realloc(lines->buffer, size + 1); /* a line is ended in place */
    if (!buffer)
        return false;
    lines->buffer = buffer;
    lines->size = size;
    return true;
}

/* Waits for bytes and reads them. LINES_ONE: there are some, or the file is over. */
static cli_line read_more(cli_lines *lines)
{
    struct pollfd look = {.fd = lines->file, .events = POLLIN};
    if (!make_room(lines))
        return LINES_FAILED;
    for (;;) {
        if (lines->stop && lines->stop(lines->data))
            return LINES_STOPPED;
        int ready = poll(&look, 1, LOOK_MS);
        if (ready == 0 || (ready < 0 && errno == EINTR))
            continue;
        ssize_t got = read(lines->file, lines->buffer + lines->end, lines->size - lines->end);
        if (got < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (got < 0)
            return LINES_FAILED;
        lines->end += (size_t)got;
        lines->over = got == 0;
        return LINES_ONE;
    }
}

/* Hands out `length` bytes and steps over them and their newline, if they have one. */
static cli_line hand_out(cli_lines *lines, size_t length, bool newline, char **text, size_t *out)
{
    bool too_long = lines->too_long || length > lines->length_max;
    *text = lines->buffer + lines->start;
    *out = length;
    lines->start += length + newline;
    lines->read += length + newline;
    lines->number++;
    lines->too_long = false;
    lines->whole = newline;
    (*text)[length] = 0;
    return too_long ? LINES_TOO_LONG : LINES_ONE;
}

cli_line cli_lines_next(cli_lines *lines, char **text, size_t *length)
{
    size_t looked = 0;
    for (;;) {
        size_t left = lines->end - lines->start;
        char *start = lines->buffer ? lines->buffer + lines->start : NULL;
        char *newline = left > looked ? memchr(start + looked, '\n', left - looked) : NULL;
        if (newline)
            return hand_out(lines, (size_t)(newline - start), true, text, length);
        if (lines->over)
            return left || lines->too_long ? hand_out(lines, left, false, text, length) : LINES_END;
        looked = left;
        if (left > lines->length_max) { /* its end is still to come */
            lines->too_long = true;
            lines->read += left;
            lines->start = lines->end;
            looked = 0;
        }
        cli_line state = read_more(lines);
        if (state != LINES_ONE)
            return state;
    }
}

void cli_lines_free(cli_lines *lines)
{
    free(lines->buffer);
}
