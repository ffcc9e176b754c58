/* graveler-doc FOLDER PROGRAM...   writes man pages and completions of the programs into folders
 * there graveler-doc commands|options    prints a table of the README */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "cli/program.h"
#include "commands.h"
#include "doc.h"

static const cli_listing *const programs[] = {&cli_graveler, &cli_graveler_mpi, &bench_listing};

static void fail(const char *what, const char *name)
{
    fprintf(stderr, "graveler-doc: %s %s\n", what, name);
    exit(EXIT_FAILURE);
}

static FILE *open_file(const char *path)
{
    FILE *out = fopen(path, "w");
    if (!out)
        fail("cannot write", path);
    return out;
}

static void close_file(FILE *out, const char *path)
{
    bool wrong = ferror(out);
    if (fclose(out) != 0 || wrong)
        fail("cannot write", path);
}

static void make_folder(const char *folder, const char *name)
{
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    struct stat status;
    if (mkdir(path, 0777) != 0 && (stat(path, &status) != 0 || !S_ISDIR(status.st_mode)))
        fail("cannot make the folder", path);
}

static void write_pages(const char *folder, const cli_listing *listing)
{
    char path[4096];
    bool own = listing->commands != cli_graveler.commands || listing == &cli_graveler;
    snprintf(path, sizeof path, "%s/man/%s.1", folder, listing->program);
    FILE *out = open_file(path);
    doc_man_program(out, listing, own ? listing->program : cli_graveler.program);
    close_file(out, path);
    for (const cli_command *const *command = listing->commands; own && *command; command++) {
        snprintf(path, sizeof path, "%s/man/%s-%s.1", folder, listing->program, (*command)->name);
        out = open_file(path);
        doc_man_command(out, listing, *command);
        close_file(out, path);
    }
}

static void write_completions(const char *folder, const cli_listing *listing)
{
    static const struct {
        const char *format;
        void (*write)(FILE *out, const cli_listing *listing);
    } shells[] = {
        {"%s/bash/%s", doc_bash},
        {"%s/zsh/_%s", doc_zsh},
        {"%s/fish/%s.fish", doc_fish},
    };
    for (size_t i = 0; i < sizeof shells / sizeof *shells; i++) {
        char path[4096];
        snprintf(path, sizeof path, shells[i].format, folder, listing->program);
        FILE *out = open_file(path);
        shells[i].write(out, listing);
        close_file(out, path);
    }
}

static const cli_listing *find_program(const char *name)
{
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        if (strcmp(programs[i]->program, name) == 0)
            return programs[i];
    fail("knows no program", name);
    return NULL;
}

int main(int argc, char **argv)
{
    static const char *const folders[] = {"man", "bash", "zsh", "fish"};
    if (argc < 2)
        fail("wants", "a folder and programs, or commands, or options");
    if (argc == 2 && strcmp(argv[1], "commands") == 0)
        doc_markdown_commands(stdout, &cli_graveler);
    else if (argc == 2 && strcmp(argv[1], "options") == 0)
        doc_markdown_options(stdout, &cli_graveler);
    for (size_t i = 0; argc > 2 && i < sizeof folders / sizeof *folders; i++)
        make_folder(argv[1], folders[i]);
    for (int i = 2; i < argc; i++) {
        write_pages(argv[1], find_program(argv[i]));
        write_completions(argv[1], find_program(argv[i]));
    }
    return EXIT_SUCCESS;
}
