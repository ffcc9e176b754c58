/* A result document as tables and as CSV. What it does not hold is not shown. */
#ifndef BENCH_TABLES_H
#define BENCH_TABLES_H

#include <jansson.h>
#include <stdio.h>

#include "table.h"

void bench_print_tables(const json_t *document, table_format format, FILE *out);

/* One line a figure of "measured", or of "scaling" or "plan" where there is that. */
void bench_print_csv(const json_t *document, FILE *out);

#endif
