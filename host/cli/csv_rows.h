/* Rows of CSV (RFC 4180), by libcsv, and writing it. */
#ifndef GRAV_CLI_CSV_ROWS_H
#define GRAV_CLI_CSV_ROWS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct cli_csv cli_csv;

/* For rows of so many bytes at most. NULL: no memory. */
cli_csv *cli_csv_create(size_t length_max);
void cli_csv_free(cli_csv *csv);

typedef enum cli_row {
    CSV_ROW,      /* a row is whole: its fields can be looked at until the next line */
    CSV_NOT_YET,  /* a field in quotes goes on in the next line, or the line is empty */
    CSV_TOO_LONG, /* such a field has become too long; reading starts afresh */
    CSV_NO_MEMORY,
} cli_row;

/* Reads a line without its newline, whose last field may go on in the next. */
cli_row cli_csv_line(cli_csv *csv, const char *text, size_t length);
/* Whether a row has begun that is not whole. */
bool cli_csv_begun(const cli_csv *csv);
/* At the end: a row whose quotes were never closed, if there is one. */
cli_row cli_csv_end(cli_csv *csv);
/* The i-th field of the row; NULL: there is none. */
const char *cli_csv_field(const cli_csv *csv, size_t i);
size_t cli_csv_count(const cli_csv *csv);
/* All of them, each with a zero at its end. */
const char *cli_csv_text(const cli_csv *csv, size_t *length);

/* A text that grows. */
typedef struct cli_text_buffer {
    char *text;
    size_t length, size;
    bool failed; /* memory was missing */
} cli_text_buffer;

void cli_buffer_add(cli_text_buffer *buffer, const char *text, size_t length);
/* Adds a field with what stands before it, in quotes where it needs them. */
void cli_csv_add(cli_text_buffer *buffer, const char *before, const char *field);
/* Adds all fields of a row that was read. */
void cli_csv_add_row(cli_text_buffer *buffer, const cli_csv *row);

#endif
