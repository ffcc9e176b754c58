/* Tables of text: gathered cell by cell, then printed with columns as wide as they need. */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

#include <stdio.h>

enum { TABLE_COLUMNS_MAX = 24, TABLE_ROWS_MAX = 512, TABLE_CELL_MAX = 64 };

typedef enum table_format { TABLE_TEXT, TABLE_MARKDOWN } table_format;

typedef struct bench_table {
    const char *const *headings; /* NULL at the end; one that starts with > is aligned right */
    size_t columns, rows;
    char (*cells)[TABLE_COLUMNS_MAX][TABLE_CELL_MAX];
    size_t next; /* cells in the last row */
} bench_table;

/* False without memory. */
int table_start(bench_table *table, const char *const *headings);

/* Adds a cell; cells fill a row after another. */
__attribute__((format(printf, 2, 3))) void table_add(bench_table *table, const char *format, ...);

/* Prints the table, unless it has no rows, and forgets it. Columns that are empty in all rows are
 * left out. */
void table_end(bench_table *table, table_format format, FILE *out);

#endif
