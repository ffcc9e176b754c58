#include "batch_jobs.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LENGTH_MAX = 1 << 20 }; /* bytes of a job */

/* ---- Files ----------------------------------------------------------------------------------- */

static bool is_stdin(const char *file)
{
    return strcmp(file, "-") == 0;
}

static grav_status refuse_file(const char *file, int why, grav_error *err)
{
    bool wrong = why == ENOENT || why == EACCES || why == EISDIR || why == ENOTDIR;
    err->status = why == ENOMEM ? GRAV_ERROR_MEMORY : wrong ? GRAV_ERROR_INVALID : GRAV_ERROR_FILE;
    snprintf(err->message, sizeof err->message, "%.400s: cannot be read: %s",
             is_stdin(file) ? "standard input" : file, strerror(why));
    return err->status;
}

grav_status cli_jobs_check(const cli_jobs *jobs, grav_error *err)
{
    struct stat about;
    for (size_t i = 0; i < jobs->count; i++) {
        const char *file = jobs->files[i];
        if (is_stdin(file))
            continue;
        if (access(file, R_OK) != 0 || stat(file, &about) != 0)
            return refuse_file(file, errno, err);
        if (S_ISDIR(about.st_mode))
            return refuse_file(file, EISDIR, err);
    }
    return GRAV_OK;
}

static bool count_lines(const char *file, uint64_t *lines)
{
    static char piece[1 << 16];
    struct stat about;
    if (is_stdin(file) || stat(file, &about) != 0 || !S_ISREG(about.st_mode))
        return false;
    FILE *in = fopen(file, "re");
    if (!in)
        return false;
    for (size_t got; (got = fread(piece, 1, sizeof piece, in)) > 0;)
        for (const char *at = piece; (at = memchr(at, '\n', (size_t)(piece + got - at))); at++)
            ++*lines;
    bool good = !ferror(in);
    fclose(in);
    return good;
}

uint64_t cli_jobs_count(const cli_jobs *jobs)
{
    uint64_t lines = 0;
    for (size_t i = 0; i < jobs->count; i++)
        if (!count_lines(jobs->files[i], &lines))
            return 0;
    return lines > jobs->count && jobs->csv ? lines - jobs->count : lines;
}

static const char *current_file(const cli_jobs *jobs)
{
    return jobs->files[jobs->opened - 1];
}

static void close_file(cli_jobs *jobs)
{
    if (!jobs->open)
        return;
    if (jobs->lines.file != STDIN_FILENO)
        close(jobs->lines.file);
    cli_lines_free(&jobs->lines);
    cli_csv_free(jobs->rows);
    json_decref(jobs->header);
    jobs->rows = NULL;
    jobs->header = NULL;
    jobs->open = false;
}

static grav_status open_file(cli_jobs *jobs, grav_error *err)
{
    const char *file = jobs->files[jobs->opened++];
    int in = is_stdin(file) ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);
    if (in < 0)
        return refuse_file(file, errno, err);
    jobs->open = true;
    jobs->lines =
        (cli_lines){.file = in, .length_max = LENGTH_MAX, .stop = jobs->stop, .data = jobs->data};
    jobs->rows = jobs->csv ? cli_csv_create(LENGTH_MAX) : NULL;
    return jobs->csv && !jobs->rows ? refuse_file(file, ENOMEM, err) : GRAV_OK;
}

void cli_jobs_free(cli_jobs *jobs)
{
    close_file(jobs);
}

/* ---- Lines ----------------------------------------------------------------------------------- */

/* Passes over the byte order mark that some programs begin a text with. */
static void pass_mark(const cli_jobs *jobs, char **text, size_t *length)
{
    static const char mark[] = "\xEF\xBB\xBF";
    if (jobs->lines.number == 1 && *length >= 3 && memcmp(*text, mark, 3) == 0) {
        *text += 3;
        *length -= 3;
    }
}

static bool is_blank(const char *text, size_t length)
{
    return strspn(text, " \t\r") == length;
}

/* Makes a line that is no job the error of one. */
static bool refuse_line(cli_jobs *jobs, const char *text, size_t length, const char *why,
                        cli_job *out)
{
    cli_job_unreadable(text, length, why, out);
    jobs->first_line = jobs->lines.number;
    if (jobs->csv && !jobs->header)
        jobs->header = json_null(); /* the next line is not the first */
    return true;
}

static bool too_long(cli_jobs *jobs, cli_job *out)
{
    char what[64];
    snprintf(what, sizeof what, "line %llu", (unsigned long long)jobs->lines.number);
    return refuse_line(jobs, what, strlen(what), "it is longer than 1 MiB", out);
}

/* ---- JSON ------------------------------------------------------------------------------------ */

/* True: *out is a job. */
static bool read_json(cli_jobs *jobs, const char *text, size_t length, cli_job *out)
{
    if (is_blank(text, length))
        return false;
    jobs->first_line = jobs->lines.number;
    cli_job_read(text, length, out);
    return true;
}

/* ---- CSV ------------------------------------------------------------------------------------- */

/* The row as an array of texts; NULL: one is no UTF-8, or there is no memory. */
static json_t *header_of(const cli_csv *rows)
{
    json_t *names = json_array();
    for (size_t i = 0; names && i < cli_csv_count(rows); i++)
        if (json_array_append_new(names, json_string(cli_csv_field(rows, i))) != 0) {
            json_decref(names);
            return NULL;
        }
    return names;
}

/* The row as an object: what is empty is not given. NULL: *why says why not. */
static json_t *fields_of(const cli_jobs *jobs, const char **why)
{
    json_t *fields = json_object();
    *why = NULL;
    if (!json_is_array(jobs->header))
        *why = "the first line, which names the columns, could not be read";
    else if (cli_csv_count(jobs->rows) != json_array_size(jobs->header))
        *why = "it has not as many fields as the first line, which names them";
    for (size_t i = 0; fields && !*why && i < json_array_size(jobs->header); i++) {
        const char *name = json_string_value(json_array_get(jobs->header, i));
        const char *field = cli_csv_field(jobs->rows, i);
        if (*field == 0)
            continue;
        if (json_object_get(fields, name))
            *why = "two columns have the same name";
        else if (json_object_set_new(fields, name, json_string(field)) != 0)
            *why = "a field is no UTF-8";
    }
    if (fields && !*why)
        return fields;
    *why = *why ? *why : "there is no memory";
    json_decref(fields);
    return NULL;
}

/* True: *out is a job, or the error of the first line. */
static bool take_row(cli_jobs *jobs, cli_job *out)
{
    size_t length;
    const char *why, *text = cli_csv_text(jobs->rows, &length);
    if (!jobs->header) {
        jobs->header = header_of(jobs->rows);
        return !jobs->header && refuse_line(jobs, text, length, "it is no UTF-8", out);
    }
    json_t *fields = fields_of(jobs, &why);
    if (fields)
        cli_job_read_fields(fields, text, length, out);
    else
        cli_job_unreadable(text, length, why, out);
    return true;
}

/* Reads a line of CSV, or the end of all where text is NULL. True: *out is a job. */
static bool read_csv(cli_jobs *jobs, const char *text, size_t length, cli_job *out)
{
    if (!cli_csv_begun(jobs->rows))
        jobs->first_line = jobs->lines.number;
    cli_row row = text ? cli_csv_line(jobs->rows, text, length) : cli_csv_end(jobs->rows);
    switch (row) {
    case CSV_ROW:
        return take_row(jobs, out);
    case CSV_NOT_YET:
        return false;
    case CSV_TOO_LONG:
        return too_long(jobs, out);
    case CSV_NO_MEMORY:
        break;
    }
    return refuse_line(jobs, text ? text : "", text ? length : 0, "there is no memory", out);
}

/* ---- Both ------------------------------------------------------------------------------------ */

/* Reads a line that is there. True: *out is a job. */
static bool read_line(cli_jobs *jobs, char *text, size_t length, cli_job *out)
{
    pass_mark(jobs, &text, &length);
    if (memchr(text, 0, length))
        return refuse_line(jobs, text, length, "it holds a zero byte", out);
    return jobs->csv ? read_csv(jobs, text, length, out) : read_json(jobs, text, length, out);
}

/* The next job of the file that is open. */
static cli_jobs_state next_of_file(cli_jobs *jobs, cli_job *out, grav_error *err)
{
    for (;;) {
        char *text;
        size_t length;
        switch (cli_lines_next(&jobs->lines, &text, &length)) {
        case LINES_ONE:
            if (read_line(jobs, text, length, out))
                return JOBS_ONE;
            break;
        case LINES_TOO_LONG:
            too_long(jobs, out);
            return JOBS_ONE;
        case LINES_END:
            return jobs->csv && cli_csv_begun(jobs->rows) && read_csv(jobs, NULL, 0, out)
                       ? JOBS_ONE
                       : JOBS_END;
        case LINES_STOPPED:
            return JOBS_STOPPED;
        case LINES_FAILED:
            refuse_file(current_file(jobs), errno, err);
            return JOBS_FAILED;
        }
    }
}

cli_jobs_state cli_jobs_next(cli_jobs *jobs, cli_job *out, grav_error *err)
{
    for (;;) {
        if (!jobs->open && jobs->opened == jobs->count)
            return JOBS_END;
        if (!jobs->open && open_file(jobs, err) != GRAV_OK)
            return JOBS_FAILED;
        cli_jobs_state state = next_of_file(jobs, out, err);
        out->file = jobs->count > 1 ? current_file(jobs) : NULL;
        out->line = jobs->first_line;
        if (state != JOBS_END)
            return state;
        close_file(jobs);
    }
}
