#include "batch_output.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "answer.h"
#include "csv_rows.h"
#include "lines.h"

int cli_output_write(int file, const char *text, size_t length)
{
    while (length) {
        struct pollfd look = {.fd = file, .events = POLLOUT};
        ssize_t written = write(file, text, length);
        if (written < 0 && errno == EAGAIN)
            poll(&look, 1, -1);
        else if (written < 0 && errno != EINTR)
            return errno;
        if (written > 0) {
            text += written;
            length -= (size_t)written;
        }
    }
    return 0;
}

static grav_status refuse(const char *path, const char *what, grav_error *err)
{
    err->status = GRAV_ERROR_INVALID;
    snprintf(err->message, sizeof err->message, "--output: '%.256s' %.200s", path, what);
    return err->status;
}

static grav_status fail(const char *path, int why, grav_error *err)
{
    err->status = why == ENOMEM ? GRAV_ERROR_MEMORY : GRAV_ERROR_FILE;
    snprintf(err->message, sizeof err->message, "--output: '%.256s': %s", path, strerror(why));
    return err->status;
}

/* ---- Reading answers ------------------------------------------------------------------------- */

/* An output file that is read, and where its good answers go. */
typedef struct reading {
    const cli_output_spec *spec;
    cli_lines lines;
    cli_csv *rows;
    uint64_t row; /* that was read last; 1: the header of CSV */
    off_t good;   /* bytes of all whole answers */
    FILE *keep;   /* what is to be kept is written here; NULL: nowhere */
    cli_answered *answered;
} reading;

/* Takes note of an answer, whose text is a line or the row. */
static grav_status note(reading *in, const char *key, bool ok, const char *text, size_t length,
                        grav_error *err)
{
    if (in->spec->retry_failed && !ok)
        return GRAV_OK;
    if (in->keep && (fwrite(text, 1, length, in->keep) != length || putc('\n', in->keep) == EOF))
        return fail(in->spec->path, errno, err);
    return cli_answered_add(in->answered, key, ok) ? GRAV_OK : fail(in->spec->path, ENOMEM, err);
}

static grav_status note_row(reading *in, const char *key, bool ok, grav_error *err)
{
    cli_text_buffer row = {0};
    cli_csv_add_row(&row, in->rows);
    grav_status status = row.failed ? fail(in->spec->path, ENOMEM, err)
                                    : note(in, key, ok, row.text, row.length, err);
    free(row.text);
    return status;
}

static grav_status refuse_line(const reading *in, grav_error *err)
{
    char what[128];
    snprintf(what, sizeof what, "holds other things than answers%s: see line %" PRIu64,
             in->spec->csv ? " as CSV" : "", in->lines.number);
    return refuse(in->spec->path, what, err);
}

static grav_status read_row(reading *in, const char *text, size_t length, grav_error *err)
{
    char key[JOB_KEY_SIZE];
    bool ok;
    cli_row row = cli_csv_line(in->rows, text, length);
    if (row == CSV_NO_MEMORY)
        return fail(in->spec->path, ENOMEM, err);
    if (row != CSV_ROW)
        return GRAV_OK; /* it goes on in the next line */
    in->good = (off_t)in->lines.read;
    if (++in->row > 1)
        return cli_answer_of_row(in->rows, key, &ok) ? note_row(in, key, ok, err)
                                                     : refuse_line(in, err);
    if (length + 1 != strlen(CSV_ANSWER_HEADER) || memcmp(text, CSV_ANSWER_HEADER, length) != 0)
        return refuse_line(in, err);
    if (in->keep && fputs(CSV_ANSWER_HEADER, in->keep) == EOF)
        return fail(in->spec->path, errno, err);
    return GRAV_OK;
}

static grav_status read_answer(reading *in, const char *text, size_t length, grav_error *err)
{
    char key[JOB_KEY_SIZE];
    bool ok;
    if (in->spec->csv)
        return read_row(in, text, length, err);
    if (!cli_answer_of_line(text, length, key, &ok))
        return refuse_line(in, err);
    in->good = (off_t)in->lines.read;
    return note(in, key, ok, text, length, err);
}

static grav_status read_answers(reading *in, grav_error *err)
{
    for (;;) {
        char *text;
        size_t length;
        grav_status status = GRAV_OK;
        switch (cli_lines_next(&in->lines, &text, &length)) {
        case LINES_ONE:
            if (!in->lines.whole) /* cut short */
                return GRAV_OK;
            status = read_answer(in, text, length, err);
            break;
        case LINES_END:
            return GRAV_OK;
        default:
            return fail(in->spec->path, errno, err);
        }
        if (status != GRAV_OK)
            return status;
    }
}

/* Reads the answers in a file, and copies those that are kept; *good: the length of those that are
 * whole. */
static grav_status read_file(const cli_output_spec *spec, int file, FILE *keep,
                             cli_answered *answered, off_t *good, grav_error *err)
{
    reading in = {.spec = spec, .keep = keep, .answered = answered};
    in.lines = (cli_lines){.file = file, .length_max = SIZE_MAX};
    in.rows = spec->csv ? cli_csv_create(SIZE_MAX) : NULL;
    grav_status status = spec->csv && !in.rows           ? fail(spec->path, ENOMEM, err)
                         : lseek(file, 0, SEEK_SET) != 0 ? fail(spec->path, errno, err)
                                                         : read_answers(&in, err);
    *good = in.good;
    cli_csv_free(in.rows);
    cli_lines_free(&in.lines);
    if (status == GRAV_OK && !cli_answered_sort(answered))
        status = fail(spec->path, ENOMEM, err);
    return status;
}

/* ---- Opening --------------------------------------------------------------------------------- */

static grav_status lock(const char *path, int file, grav_error *err)
{
    if (flock(file, LOCK_EX | LOCK_NB) == 0)
        return GRAV_OK;
    return errno == EWOULDBLOCK ? refuse(path, "is being written by another process", err)
                                : fail(path, errno, err);
}

/* Goes on after the answers that are whole. */
static grav_status go_on(const cli_output_spec *spec, cli_output *output, cli_answered *answered,
                         grav_error *err)
{
    off_t good;
    grav_status status = read_file(spec, output->file, NULL, answered, &good, err);
    if (status != GRAV_OK)
        return status;
    output->cut = lseek(output->file, 0, SEEK_END) != good;
    if (output->cut && ftruncate(output->file, good) != 0)
        return fail(spec->path, errno, err);
    return GRAV_OK;
}

/* Writes what is kept to a file of its own. */
static grav_status copy_kept(const cli_output_spec *spec, int from, int to, cli_answered *answered,
                             bool *cut, grav_error *err)
{
    off_t good;
    int copy = dup(to);
    FILE *keep = copy < 0 ? NULL : fdopen(copy, "a");
    if (!keep) {
        fail(spec->path, errno, err);
        if (copy >= 0)
            close(copy);
        return err->status;
    }
    grav_status status = read_file(spec, from, keep, answered, &good, err);
    *cut = lseek(from, 0, SEEK_END) != good;
    bool written = fflush(keep) == 0 && fsync(to) == 0;
    int why = errno;
    fclose(keep);
    return status == GRAV_OK && !written ? fail(spec->path, why, err) : status;
}

/* Goes on in a file that holds what the one at path does, but for its errors, and takes its place.
 * Who has the old one open is refused: it stays locked. */
static grav_status go_on_without_failed(const cli_output_spec *spec, cli_output *output,
                                        cli_answered *answered, grav_error *err)
{
    char real[PATH_MAX], fresh[PATH_MAX + 8];
    struct stat about;
    if (!realpath(spec->path, real) || fstat(output->file, &about) != 0)
        return fail(spec->path, errno, err);
    snprintf(fresh, sizeof fresh, "%s.new", real);
    int to = open(fresh, O_RDWR | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0600);
    if (to < 0)
        return fail(fresh, errno, err);
    grav_status status = lock(fresh, to, err);
    if (status == GRAV_OK && fchmod(to, about.st_mode & 07777) != 0)
        status = fail(fresh, errno, err);
    if (status == GRAV_OK)
        status = copy_kept(spec, output->file, to, answered, &output->cut, err);
    if (status == GRAV_OK && rename(fresh, real) != 0)
        status = fail(spec->path, errno, err);
    if (status != GRAV_OK) {
        unlink(fresh);
        close(to);
        return status;
    }
    output->replaced = output->file;
    output->file = to;
    return GRAV_OK;
}

static grav_status open_new(const cli_output_spec *spec, cli_output *output, grav_error *err)
{
    struct stat about;
    bool special = stat(spec->path, &about) == 0 && !S_ISREG(about.st_mode);
    int how = special ? O_WRONLY : O_RDWR | O_CREAT | O_EXCL | O_APPEND;
    output->file = open(spec->path, how | O_CLOEXEC, 0666);
    if (output->file >= 0)
        return special ? GRAV_OK : lock(spec->path, output->file, err);
    if (errno == EEXIST)
        return refuse(spec->path, "is there already: name a new file, or add --resume to go on",
                      err);
    return refuse(spec->path, strerror(errno), err);
}

static grav_status open_again(const cli_output_spec *spec, cli_output *output,
                              cli_answered *answered, grav_error *err)
{
    struct stat about;
    output->file = open(spec->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
    if (output->file < 0 || fstat(output->file, &about) != 0)
        return refuse(spec->path, strerror(errno), err);
    if (!S_ISREG(about.st_mode))
        return refuse(spec->path, "is no file that could be gone on from", err);
    grav_status status = lock(spec->path, output->file, err);
    if (status != GRAV_OK)
        return status;
    return spec->retry_failed ? go_on_without_failed(spec, output, answered, err)
                              : go_on(spec, output, answered, err);
}

/* The line that CSV begins with, unless it is in the file already. */
static grav_status write_header(const cli_output_spec *spec, const cli_output *output,
                                grav_error *err)
{
    bool own = output->file != STDOUT_FILENO;
    if (!spec->csv || (own && lseek(output->file, 0, SEEK_END) > 0))
        return GRAV_OK;
    int why = cli_output_write(output->file, CSV_ANSWER_HEADER, strlen(CSV_ANSWER_HEADER));
    return why ? fail(spec->path ? spec->path : "-", why, err) : GRAV_OK;
}

grav_status cli_output_open(const cli_output_spec *spec, cli_output *out, cli_answered *answered,
                            grav_error *err)
{
    *out = (cli_output){.file = STDOUT_FILENO, .replaced = -1};
    grav_status status = GRAV_OK;
    if (spec->path && strcmp(spec->path, "-") != 0)
        status = spec->resume ? open_again(spec, out, answered, err) : open_new(spec, out, err);
    return status == GRAV_OK ? write_header(spec, out, err) : status;
}

int cli_output_close(cli_output *output)
{
    int why = 0;
    if (output->file < 0 || output->file == STDOUT_FILENO)
        return 0;
    if (fsync(output->file) != 0 && errno != EINVAL && errno != EROFS) /* what has no disk */
        why = errno;
    if (close(output->file) != 0 && !why)
        why = errno;
    if (output->replaced >= 0)
        close(output->replaced);
    return why;
}
