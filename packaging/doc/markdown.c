/* The README's reference. */
#include <stdlib.h>
#include <string.h>

#include "doc.h"

/* An option of a command. */
typedef struct use {
    const cli_option *row;
    const char *command;
    size_t place; /* in the order of commands */
} use;

enum { USES_MAX = 1024 };

static int compare_rows(const cli_option *a, const cli_option *b)
{
    int order = strcmp(a->name, b->name);
    if (order == 0)
        order = strcmp(a->argument ? a->argument : "", b->argument ? b->argument : "");
    return order ? order : strcmp(a->help, b->help);
}

/* Rows of one text stand together, in the order of their first command. */
static int compare_uses(const void *a, const void *b)
{
    const use *left = a, *right = b;
    int order = compare_rows(left->row, right->row);
    return order ? order : (left->place > right->place) - (left->place < right->place);
}

static void put_cell(FILE *out, const char *text)
{
    for (; *text; text++)
        fprintf(out, "%s%c", strchr("|*_<", *text) ? "\\" : "", *text);
}

void doc_markdown_commands(FILE *out, const cli_listing *listing)
{
    fputs("| command | purpose |\n|---|---|\n", out);
    for (const cli_command *const *command = listing->commands; *command; command++) {
        fprintf(out, "| `%s` | ", (*command)->name);
        put_cell(out, (*command)->summary);
        fputs(" |\n", out);
    }
}

static size_t collect_uses(const cli_listing *listing, use *uses)
{
    size_t count = 0, place = 0;
    for (const cli_command *const *command = listing->commands; *command; command++, place++) {
        const cli_option *rows[DOC_OPTIONS_MAX];
        size_t row_count = doc_rows(*command, rows);
        for (size_t i = 0; i < row_count && count < USES_MAX; i++)
            if (rows[i]->name)
                uses[count++] = (use){rows[i], (*command)->name, place};
    }
    qsort(uses, count, sizeof *uses, compare_uses);
    return count;
}

static void put_option(FILE *out, const cli_option *row)
{
    const char *argument = row->argument ? row->argument : "";
    bool optional = row->kind == CLI_FILE;
    fputs("| ", out);
    if (doc_letter(row))
        fprintf(out, "`-%s`, ", doc_letter(row));
    fprintf(out, "`--%s%s%s%s%s` | ", row->name, *argument ? " " : "", optional ? "[" : "",
            argument, optional ? "]" : "");
    put_cell(out, row->help);
    fputs(" | ", out);
}

void doc_markdown_options(FILE *out, const cli_listing *listing)
{
    static use uses[USES_MAX];
    size_t count = collect_uses(listing, uses);
    fputs("| option | what it is (what it is if not given) | of |\n|---|---|---|\n", out);
    for (size_t i = 0; i < count; i++) {
        bool more = i > 0 && compare_rows(uses[i - 1].row, uses[i].row) == 0;
        bool last = i + 1 == count || compare_rows(uses[i + 1].row, uses[i].row) != 0;
        if (!more)
            put_option(out, uses[i].row);
        fprintf(out, "%s`%s`%s", more ? ", " : "", uses[i].command, last ? " |\n" : "");
    }
}
