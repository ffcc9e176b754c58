/* graveler-doc: writes man pages, completions and the README's reference from the tables of
 * commands and options that the programs read their command lines with. Needed by the build alone.
 */
#ifndef GRAV_DOC_H
#define GRAV_DOC_H

#include <stdio.h>

#include "cli/listing.h"

enum { DOC_OPTIONS_MAX = 64 };

/* The rows of a command's tables, headings among them, in order, letters not. Gives how many. */
size_t doc_rows(const cli_command *command, const cli_option *rows[DOC_OPTIONS_MAX]);

/* The letter that an option can be given by as well; NULL: none. */
const char *doc_letter(const cli_option *row);

/* What an option's argument can be completed with. */
typedef enum doc_argument {
    DOC_NO_ARGUMENT,
    DOC_FILES,
    DOC_NAMES, /* those that doc_names() gives */
    DOC_ANYTHING,
} doc_argument;

doc_argument doc_argument_of(const cli_option *row);

/* The names an option's argument may be, with `between` between them; lives until the next call. */
const char *doc_names(const cli_option *row, const char *between);

/* Writes text for between single quotes: each of the characters `escaped` after a backslash, and a
 * single quote as `quote`. */
void doc_escape(FILE *out, const char *text, const char *escaped, const char *quote);

/* One page of the manual: the program's, or a command's of it. `pages` is the program whose pages
 * tell of the commands. */
void doc_man_program(FILE *out, const cli_listing *listing, const char *pages);
void doc_man_command(FILE *out, const cli_listing *listing, const cli_command *command);

/* Completion for a program, in the language of a shell. */
void doc_bash(FILE *out, const cli_listing *listing);
void doc_zsh(FILE *out, const cli_listing *listing);
void doc_fish(FILE *out, const cli_listing *listing);

/* Tables in Markdown: the commands, and the options of all of them. */
void doc_markdown_commands(FILE *out, const cli_listing *listing);
void doc_markdown_options(FILE *out, const cli_listing *listing);

#endif
