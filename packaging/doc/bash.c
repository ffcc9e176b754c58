/* Completion for bash, which needs nothing but bash itself. */
#include <string.h>

#include "doc.h"

/* The name of the shell's function for a program: `-` may not be in it everywhere. */
static void put_function(FILE *out, const char *program)
{
    putc('_', out);
    for (; *program; program++)
        putc(*program == '-' ? '_' : *program, out);
}

static void put_command_names(FILE *out, const cli_listing *listing)
{
    for (const cli_command *const *command = listing->commands; *command; command++)
        fprintf(out, "%s ", (*command)->name);
    fputs("help --help --version", out);
}

/* A line for each option with an argument: what that may be. */
static void put_arguments(FILE *out, const cli_option *const *rows, size_t count)
{
    fputs("        case $option in\n", out);
    for (size_t i = 0; i < count; i++) {
        if (!rows[i]->name || doc_argument_of(rows[i]) == DOC_NO_ARGUMENT)
            continue;
        const char *letter = doc_letter(rows[i]);
        fprintf(out, "        --%s%s%s) ", rows[i]->name, letter ? " | -" : "",
                letter ? letter : "");
        if (doc_argument_of(rows[i]) == DOC_NAMES)
            fprintf(out, "names='%s' ;;\n", doc_names(rows[i], " "));
        else if (rows[i]->kind == CLI_FILE)
            fputs("[[ $word == -* ]] || files=yes ;;\n", out); /* its argument may be left out */
        else
            fputs(doc_argument_of(rows[i]) == DOC_FILES ? "files=yes ;;\n" : "return ;;\n", out);
    }
    fputs("        esac\n", out);
}

static void put_command(FILE *out, const cli_command *command)
{
    const cli_option *rows[DOC_OPTIONS_MAX];
    size_t count = doc_rows(command, rows);
    fprintf(out, "    %s)\n        options='", command->name);
    for (size_t i = 0; i < count; i++)
        if (rows[i]->name)
            fprintf(out, "--%s ", rows[i]->name);
    fputs("--help'\n", out);
    if (command->operands)
        fputs("        [[ $word == -* ]] || files=yes\n", out);
    put_arguments(out, rows, count);
    fputs("        ;;\n", out);
}

void doc_bash(FILE *out, const cli_listing *listing)
{
    fprintf(out,
            "# bash completion for %s, written by graveler-doc from the tables of options.\n"
            "# shellcheck shell=bash\n\n",
            listing->program);
    put_function(out, listing->program);
    fputs("() {\n"
          "    local word=${COMP_WORDS[COMP_CWORD]} option=${COMP_WORDS[COMP_CWORD - 1]}\n"
          "    local command=${COMP_WORDS[1]} options='' names='' files=''\n"
          "    COMPREPLY=()\n"
          "    # --option=value comes as three words\n"
          "    if [[ $word == '=' ]]; then\n"
          "        word=''\n"
          "    elif [[ $option == '=' ]]; then\n"
          "        option=${COMP_WORDS[COMP_CWORD - 2]}\n"
          "    fi\n",
          out);
    if (listing->unnamed)
        fprintf(out, "    [[ $command != -* ]] || command=%s\n", listing->unnamed);
    fputs("    if ((COMP_CWORD == 1)) || [[ $command == help ]]; then\n        names='", out);
    put_command_names(out, listing);
    fputs("'\n        command=''\n    fi\n    case $command in\n", out);
    for (const cli_command *const *command = listing->commands; *command; command++)
        put_command(out, *command);
    fputs("    esac\n"
          "    if [[ $names ]]; then\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$names\" -- \"$word\")\n"
          "    elif [[ $files ]]; then\n"
          "        compopt -o filenames 2>/dev/null\n"
          "        mapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
          "    else\n"
          "        mapfile -t COMPREPLY < <(compgen -W \"$options\" -- \"$word\")\n"
          "    fi\n"
          "}\ncomplete -F ",
          out);
    put_function(out, listing->program);
    fprintf(out, " %s\n", listing->program);
}
