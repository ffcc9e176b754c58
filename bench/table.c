#include "table.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static const size_t HEADING_ROW = SIZE_MAX;

int table_start(bench_table *table, const char *const *headings)
{
    table->headings = headings;
    table->columns = table->rows = table->next = 0;
    while (headings[table->columns])
        table->columns++;
    table->cells = calloc(TABLE_ROWS_MAX, sizeof *table->cells);
    return table->cells != NULL;
}

void table_add(bench_table *table, const char *format, ...)
{
    if (table->next == 0) {
        if (table->rows == TABLE_ROWS_MAX)
            return;
        table->rows++;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(table->cells[table->rows - 1][table->next], TABLE_CELL_MAX, format, arguments);
    va_end(arguments);
    table->next = (table->next + 1) % table->columns;
}

/* How wide a column must be; 0: it is empty. */
static size_t width_of(const bench_table *table, size_t column)
{
    size_t widest = 0, heading = strlen(table->headings[column]);
    for (size_t row = 0; row < table->rows; row++) {
        size_t length = strlen(table->cells[row][column]);
        widest = length > widest ? length : widest;
    }
    heading -= table->headings[column][0] == '>';
    return widest && heading > widest ? heading : widest;
}

/* HEADING_ROW: the headings. Columns of width 0 are left out. */
static void print_row(const bench_table *table, const size_t *widths, table_format format,
                      size_t row, FILE *out)
{
    bool markdown = format == TABLE_MARKDOWN;
    const char *before = markdown ? "| " : "";
    int owed = 0; /* blanks: lines do not end in any */
    for (size_t column = 0; column < table->columns; column++) {
        if (!widths[column])
            continue;
        bool right = table->headings[column][0] == '>';
        const char *text =
            row == HEADING_ROW ? table->headings[column] + right : table->cells[row][column];
        int pad = (int)(widths[column] - strlen(text));
        if (*text || markdown) {
            fprintf(out, "%*s%s%*s%s", owed, "", before, right ? pad : 0, "", text);
            owed = right ? 0 : pad;
        } else {
            owed += pad;
        }
        owed += markdown ? 0 : 2;
        before = markdown ? " | " : "";
    }
    fprintf(out, "%*s\n", markdown ? owed + 2 : 0, markdown ? " |" : "");
}

static void print_rule(const bench_table *table, const size_t *widths, FILE *out)
{
    for (size_t column = 0; column < table->columns; column++)
        if (widths[column])
            fputs(table->headings[column][0] == '>' ? "|---:" : "|---", out);
    fputs("|\n", out);
}

void table_end(bench_table *table, table_format format, FILE *out)
{
    size_t widths[TABLE_COLUMNS_MAX];
    for (size_t column = 0; column < table->columns; column++)
        widths[column] = width_of(table, column);
    if (table->rows) {
        print_row(table, widths, format, HEADING_ROW, out);
        if (format == TABLE_MARKDOWN)
            print_rule(table, widths, out);
        for (size_t row = 0; row < table->rows; row++)
            print_row(table, widths, format, row, out);
    }
    free(table->cells);
    table->cells = NULL;
}
