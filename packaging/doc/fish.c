/* Completion for fish. */
#include <string.h>

#include "doc.h"

static const char escaped[] = "\\";
static const char quote[] = "\\'";

/* The name of the function that tells which command is being typed. */
static const char *function_of(const cli_listing *listing)
{
    static char name[64];
    snprintf(name, sizeof name, "__%s_command", listing->program);
    for (char *at = name; *at; at++)
        if (*at == '-')
            *at = '_';
    return name;
}

static void put_start(FILE *out, const cli_listing *listing, const char *command)
{
    fprintf(out, "complete -c %s -n 'test (%s) = \"%s\"'", listing->program, function_of(listing),
            command);
}

static void put_option(FILE *out, const cli_listing *listing, const cli_command *command,
                       const cli_option *row)
{
    put_start(out, listing, command->name);
    fprintf(out, " -l %s", row->name);
    if (doc_letter(row))
        fprintf(out, " -s %s", doc_letter(row));
    switch (doc_argument_of(row)) {
    case DOC_NO_ARGUMENT:
        break;
    case DOC_FILES:
        fputs(" -r -F", out);
        break;
    case DOC_NAMES:
        fprintf(out, " -x -a '%s'", doc_names(row, " "));
        break;
    case DOC_ANYTHING:
        fputs(" -x", out);
        break;
    }
    fputs(" -d '", out);
    doc_escape(out, row->help, escaped, quote);
    fputs("'\n", out);
}

static void put_command(FILE *out, const cli_listing *listing, const cli_command *command)
{
    const cli_option *rows[DOC_OPTIONS_MAX];
    size_t count = doc_rows(command, rows);
    put_start(out, listing, "");
    fprintf(out, " -a %s -d '", command->name);
    doc_escape(out, command->summary, escaped, quote);
    fputs("'\n", out);
    for (size_t i = 0; i < count; i++)
        if (rows[i]->name)
            put_option(out, listing, command, rows[i]);
    if (command->operands) {
        put_start(out, listing, command->name);
        fputs(" -F\n", out);
    }
}

void doc_fish(FILE *out, const cli_listing *listing)
{
    fprintf(out,
            "# fish completion for %s, written by graveler-doc from the tables of options.\n\n"
            "function %s\n"
            "    set -l words (commandline -opc)\n"
            "    set -q words[2]; or set words[2] ''\n",
            listing->program, function_of(listing));
    if (listing->unnamed)
        fprintf(out, "    string match -q -- '-*' $words[2]; and set words[2] %s\n",
                listing->unnamed);
    fprintf(out,
            "    echo $words[2]\n"
            "end\n\n"
            "complete -c %s -f\n"
            "complete -c %s -s h -l help -d 'show help'\n",
            listing->program, listing->program);
    put_start(out, listing, "");
    fputs(" -l version -d 'tell which version this is'\n", out);
    for (const cli_command *const *command = listing->commands; *command; command++)
        put_command(out, listing, *command);
}
