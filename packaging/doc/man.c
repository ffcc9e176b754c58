/* Man pages, in the macros of man(7). */
#include <ctype.h>
#include <string.h>

#include "cli/text.h"
#include "doc.h"

/* Words of a line of text, which roff shall take as they are. */
static void put_text(FILE *out, const char *text)
{
    if (*text == '.' || *text == '\'')
        fputs("\\&", out);
    for (; *text; text++) {
        if (*text == '\\')
            fputs("\\e", out);
        else if (*text == '-')
            fputs("\\-", out);
        else
            putc(*text, out);
    }
}

static void put_line(FILE *out, const char *text)
{
    put_text(out, text);
    putc('\n', out);
}

/* The title line and the name; command: NULL for the program's own page. */
static void put_name(FILE *out, const char *program, const char *command, const char *summary)
{
    fputs(".\\\" Written by graveler-doc from the tables of options.\n.TH ", out);
    for (const char *at = program; *at; at++)
        putc(toupper((unsigned char)*at), out);
    for (const char *at = command ? command : ""; *at; at++)
        fprintf(out, "%s%c", at == command ? "-" : "", toupper((unsigned char)*at));
    fprintf(out, " 1 %s \"graveler %s\" \"Graveler\"\n.SH NAME\n", DOC_DATE, GRAV_VERSION);
    put_text(out, program);
    put_text(out, command ? "-" : "");
    put_text(out, command ? command : "");
    fputs(" \\- ", out);
    put_line(out, summary);
}

static void put_example(FILE *out, const char *before, const char *after)
{
    fputs(".SH EXAMPLES\n.nf\n", out);
    put_text(out, before);
    put_line(out, after);
    fputs(".fi\n", out);
}

static void put_exit_status(FILE *out)
{
    static const struct {
        int code;
        const char *meaning;
    } codes[] = {
        {CLI_DONE, "Done."},
        {CLI_FAILED, "It failed."},
        {CLI_WRONG, "The command line, a file or a value is wrong."},
        {CLI_INTERRUPTED, "Interrupted; what was done until then is told or kept."},
        {CLI_MISMATCH, "A check found an answer that is not what it should be."},
    };
    fputs(".SH EXIT STATUS\n", out);
    for (size_t i = 0; i < sizeof codes / sizeof *codes; i++)
        fprintf(out, ".TP\n.B %d\n%s\n", codes[i].code, codes[i].meaning);
}

/* A limit as people write it: 2^24 and 2^64 - 1, not their digits. */
static void put_limit(FILE *out, uint64_t limit)
{
    uint64_t next = limit + 1; /* 0 after the last */
    int bits = 0;
    for (uint64_t left = limit; left; left >>= 1)
        bits++;
    if (bits >= 20 && (limit & next) == 0)
        fprintf(out, "2^%d \\- 1", bits);
    else if (bits > 20 && (limit & (limit - 1)) == 0)
        fprintf(out, "2^%d", bits - 1);
    else
        fputs(text_count(limit).text, out);
}

static void put_option(FILE *out, const cli_option *row)
{
    fputs(".TP\n.B ", out);
    if (doc_letter(row))
        fprintf(out, "\\-%s\\fR, \\fB", doc_letter(row));
    put_text(out, "--");
    put_text(out, row->name);
    if (row->argument)
        fprintf(out, row->kind == CLI_FILE ? " \\fR[\\fI%s\\fR]" : " \\fI%s", row->argument);
    putc('\n', out);
    put_text(out, row->help);
    if (row->kind == CLI_COUNT || row->kind == CLI_COUNT_OR_ALL) {
        fputs("; from ", out);
        put_limit(out, row->min);
        fputs(" to ", out);
        put_limit(out, row->max);
    }
    fputs(".\n", out);
    if (doc_argument_of(row) == DOC_NAMES) {
        fputs("One of: ", out);
        put_text(out, doc_names(row, ", "));
        fputs(".\n", out);
    }
}

static void put_options(FILE *out, const cli_command *command)
{
    const cli_option *rows[DOC_OPTIONS_MAX];
    size_t count = doc_rows(command, rows);
    fputs(".SH OPTIONS\n", out);
    for (size_t i = 0; i < count; i++) {
        if (rows[i]->name)
            put_option(out, rows[i]);
        else
            fprintf(out, ".SS %.*s\n", (int)strcspn(rows[i]->argument, ":"), rows[i]->argument);
    }
    fputs(".SS Help\n.TP\n.BR \\-h \", \" \\-\\-help\nshow a help of one screen.\n", out);
}

void doc_man_command(FILE *out, const cli_listing *listing, const cli_command *command)
{
    put_name(out, listing->program, command->name, command->summary);
    fputs(".SH SYNOPSIS\n.B ", out);
    put_text(out, listing->program);
    fprintf(out, " %s\n[\\fIoption\\fR...]\n", command->name);
    if (command->operands)
        put_line(out, command->operands);
    fputs(".SH DESCRIPTION\n", out);
    put_line(out, command->help);
    put_options(out, command);
    put_example(out, command->example, "");
    put_exit_status(out);
    fputs(".SH SEE ALSO\n.BR ", out);
    put_text(out, listing->program);
    fputs(" (1)\n", out);
}

void doc_man_program(FILE *out, const cli_listing *listing, const char *pages)
{
    put_name(out, listing->program, NULL, listing->summary);
    fputs(".SH SYNOPSIS\n.B ", out);
    put_line(out, listing->program);
    fprintf(out, listing->unnamed ? "[\\fIcommand\\fR]" : "\\fIcommand\\fR");
    fputs(" [\\fIoption\\fR...]\n.br\n.B ", out);
    put_text(out, listing->program);
    fputs("\n\\fB\\-\\-help\\fR | \\fB\\-\\-version\\fR\n.SH DESCRIPTION\n", out);
    put_text(out, listing->about);
    if (listing->unnamed) {
        fputs("Without a command: ", out);
        put_text(out, listing->unnamed_help);
        fputs(".\n", out);
    }
    fputs(".PP\nNumbers may be written 1000000000, 1e9, 2^30 or 1_000_000, chances 1/4, 0.25 or "
          "25%.\n",
          out);
    fputs(".SH COMMANDS\n", out);
    for (const cli_command *const *command = listing->commands; *command; command++) {
        fputs(".TP\n.BR ", out);
        put_text(out, pages);
        put_text(out, "-");
        put_text(out, (*command)->name);
        fputs(" (1)\n", out);
        put_text(out, (*command)->summary);
        fputs(".\n", out);
    }
    char before[64];
    snprintf(before, sizeof before, "%s ", listing->program);
    put_example(out, before, listing->example);
    put_exit_status(out);
}
