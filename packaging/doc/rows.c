#include <string.h>

#include "doc.h"

size_t doc_rows(const cli_command *command, const cli_option *rows[DOC_OPTIONS_MAX])
{
    size_t count = 0;
    for (const cli_option *const *table = command->tables; *table; table++)
        for (const cli_option *row = *table; row->name || row->argument; row++)
            if (count < DOC_OPTIONS_MAX && row->kind != CLI_LETTER)
                rows[count++] = row;
    return count;
}

const char *doc_letter(const cli_option *row)
{
    return row[1].kind == CLI_LETTER ? row[1].name : NULL;
}

doc_argument doc_argument_of(const cli_option *row)
{
    if (row->kind == CLI_FLAG)
        return DOC_NO_ARGUMENT;
    if (row->kind == CLI_FILE || (row->argument && strstr(row->argument, "FILE")))
        return DOC_FILES;
    return row->name_of ? DOC_NAMES : DOC_ANYTHING;
}

const char *doc_names(const cli_option *row, const char *between)
{
    static char names[1024];
    *names = 0;
    for (int i = 0; row->name_of(i); i++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", i ? between : "", row->name_of(i));
    }
    return names;
}

void doc_escape(FILE *out, const char *text, const char *escaped, const char *quote)
{
    for (; *text; text++) {
        if (*text == '\'')
            fputs(quote, out);
        else
            fprintf(out, "%s%c", strchr(escaped, *text) ? "\\" : "", *text);
    }
}
