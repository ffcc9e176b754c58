/* The lines of a file or a pipe, as they come. */
#ifndef GRAV_CLI_LINES_H
#define GRAV_CLI_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef struct cli_lines {
    int file;
    size_t length_max;        /* bytes of a line; longer ones are passed over */
    bool (*stop)(void *data); /* asked while waiting, ten times a second; NULL: never */
    void *data;
    uint64_t number; /* of the line read last, from 1 */
    uint64_t read;   /* bytes of all lines up to it */
    bool whole;      /* whether that ended with a newline */
    char *buffer;
    size_t start, end, size; /* what is in it and has not been handed out */
    bool over, too_long;
} cli_lines;

typedef enum cli_line {
    LINES_ONE,      /* a line, without its newline; the last one may have had none */
    LINES_TOO_LONG, /* one that was passed over */
    LINES_END,
    LINES_STOPPED,
    LINES_FAILED, /* errno says why */
} cli_line;

/* The next line; it lives until the next call. A line that is not whole yet is waited for. */
cli_line cli_lines_next(cli_lines *lines, char **text, size_t *length);
void cli_lines_free(cli_lines *lines);

#endif
