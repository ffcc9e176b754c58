#include "table.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

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

static void print_row(const bench_table *table, const size_t *widths, table_format format,
                      size_t row, bool heading, FILE *out)
{
    const char *before = format == TABLE_MARKDOWN ? "| " : "";
    for (size_t column = 0; column < table->columns; column++) {
        if (!widths[column])
            continue;
        bool right = table->headings[column][0] == '>';
        const char *text = heading ? table->headings[column] + right : table->cells[row][column];
        fprintf(out, "%s%*s", before, right ? (int)widths[column] : -(int)widths[column], text);
        before = format == TABLE_MARKDOWN ? " | " : "  ";
    }
    fputs(format == TABLE_MARKDOWN ? " |\n" : "\n", out);
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
        print_row(table, widths, format, 0, true, out);
        if (format == TABLE_MARKDOWN)
            print_rule(table, widths, out);
        for (size_t row = 0; row < table->rows; row++)
            print_row(table, widths, format, row, false, out);
    }
    free(table->cells);
    table->cells = NULL;
}
