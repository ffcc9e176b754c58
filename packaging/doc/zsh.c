/* Completion for zsh, by its _arguments. */
#include "doc.h"

/* Text within a row of _arguments. */
static const char escaped[] = "[]:\\";
static const char quote[] = "'\\''";

static void put_option(FILE *out, const cli_option *row)
{
    doc_argument argument = doc_argument_of(row);
    const char *equals = argument == DOC_NO_ARGUMENT ? "" : "=", *letter = doc_letter(row);
    if (letter) /* either, and none after the other */
        fprintf(out, " \\\n            '(-%s --%s)'{-%s,--%s%s}'[", letter, row->name, letter,
                row->name, equals);
    else
        fprintf(out, " \\\n            '--%s%s[", row->name, equals);
    doc_escape(out, row->help, escaped, quote);
    fputs("]", out);
    if (argument == DOC_FILES)
        fprintf(out, "%s:%s:_files", row->kind == CLI_FILE ? ":" : "", row->argument);
    else if (argument == DOC_NAMES)
        fprintf(out, ":%s:(%s)", row->argument, doc_names(row, " "));
    else if (argument == DOC_ANYTHING)
        fprintf(out, ":%s: ", row->argument);
    fputs("'", out);
}

static void put_command(FILE *out, const cli_command *command)
{
    const cli_option *rows[DOC_OPTIONS_MAX];
    size_t count = doc_rows(command, rows);
    fprintf(out, "    %s)\n        _arguments", command->name);
    for (size_t i = 0; i < count; i++)
        if (rows[i]->name)
            put_option(out, rows[i]);
    fputs(" \\\n            '(- *)'{-h,--help}'[show help]'", out);
    if (command->operands)
        fputs(" \\\n            '*:file:_files'", out);
    fputs("\n        ;;\n", out);
}

static void put_commands(FILE *out, const cli_listing *listing)
{
    fputs("    local -a commands=(\n", out);
    for (const cli_command *const *command = listing->commands; *command; command++) {
        fprintf(out, "        '%s:", (*command)->name);
        doc_escape(out, (*command)->summary, ":\\", quote);
        fputs("'\n", out);
    }
    fputs("        'help:tell the commands, or of one of them'\n    )\n", out);
}

void doc_zsh(FILE *out, const cli_listing *listing)
{
    const char *program = listing->program;
    fprintf(out, "#compdef %s\n# Written by graveler-doc from the tables of options.\n\n_%s() {\n",
            program, program);
    put_commands(out, listing);
    if (listing->unnamed)
        fprintf(out,
                "    [[ $words[2] != -* ]] || words=($words[1] %s $words[2,-1]) CURRENT=$((CURRENT "
                "+ 1))\n",
                listing->unnamed);
    fprintf(out, "    if ((CURRENT == 2)) || [[ $words[2] == help ]]; then\n"
                 "        _describe command commands\n"
                 "        return\n"
                 "    fi\n"
                 "    shift words\n"
                 "    ((CURRENT--))\n"
                 "    case $words[1] in\n");
    for (const cli_command *const *command = listing->commands; *command; command++)
        put_command(out, *command);
    fprintf(out,
            "    esac\n}\n\n"
            "# As a file of $fpath, or sourced.\n"
            "if [[ $funcstack[1] == _%s ]]; then\n    _%s \"$@\"\nelse\n    compdef _%s %s\nfi\n",
            program, program, program, program);
}
