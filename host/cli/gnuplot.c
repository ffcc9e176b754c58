#include "gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern char **environ;

enum {
    OUTPUT_MAX = 1 << 28, /* bytes; pictures have some 100,000 */
    STANDARD_FILES = 3,
};

/* What the child prints to one of its files. */
typedef struct stream {
    int file; /* -1: closed */
    char *bytes;
    size_t length, size;
} stream;

typedef struct child {
    pid_t pid;
    stream out, err;
    double end_s; /* when it is killed */
} child;

__attribute__((format(printf, 2, 0))) static grav_status fail(grav_error *err, const char *format,
                                                              const char *what)
{
    err->status = GRAV_ERROR_FILE;
    snprintf(err->message, sizeof err->message, format, what);
    return err->status;
}

static double now_s(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void close_file(int *file)
{
    if (*file >= 0)
        close(*file);
    *file = -1;
}

/* The same file by a number that is none of the standard ones, which a program may lack. */
static int beyond_standard(int file)
{
    if (file < 0 || file >= STANDARD_FILES)
        return file;
    int moved = fcntl(file, F_DUPFD_CLOEXEC, STANDARD_FILES);
    close(file);
    return moved;
}

/* A file in memory that holds the script: gnuplot may read it or hang up, nobody waits. -1: none.
 */
static int open_script(const char *script)
{
    int file = beyond_standard(memfd_create("gnuplot-script", MFD_CLOEXEC));
    for (size_t left = strlen(script); file >= 0 && left;) {
        ssize_t written = write(file, script, left);
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0) {
            close_file(&file);
            break;
        }
        script += written;
        left -= (size_t)written;
    }
    if (file >= 0 && lseek(file, 0, SEEK_SET) != 0)
        close_file(&file);
    return file;
}

static bool open_pipe(int *read_end, int *write_end)
{
    int ends[2];
    *read_end = *write_end = -1;
    if (pipe2(ends, O_CLOEXEC) != 0)
        return false;
    *read_end = beyond_standard(ends[0]);
    *write_end = beyond_standard(ends[1]);
    return *read_end >= 0 && *write_end >= 0;
}

/* Starts it with these as its standard files. Returns 0 or an error number. */
static int spawn(const int files[STANDARD_FILES], pid_t *pid)
{
    static char program[] = "gnuplot", defaults[] = "-d", standard_input[] = "-";
    char *words[] = {program, defaults, standard_input, NULL};
    posix_spawn_file_actions_t actions;
    int code = posix_spawn_file_actions_init(&actions);
    if (code != 0)
        return code;
    for (int i = 0; i < STANDARD_FILES && code == 0; i++)
        code = posix_spawn_file_actions_adddup2(&actions, files[i], i);
    if (code == 0)
        code = posix_spawnp(pid, program, &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

static grav_status start(const char *script, child *gnuplot, grav_error *err)
{
    int files[STANDARD_FILES] = {open_script(script), -1, -1}, code = 0;
    if (files[0] < 0 || !open_pipe(&gnuplot->out.file, &files[1]) ||
        !open_pipe(&gnuplot->err.file, &files[2]))
        code = errno;
    bool opened = code == 0;
    if (opened)
        code = spawn(files, &gnuplot->pid);
    for (int i = 0; i < STANDARD_FILES; i++)
        close_file(&files[i]);
    if (code == 0)
        return GRAV_OK;
    if (opened && code == ENOENT)
        return fail(err, "gnuplot is not on the PATH: install it, %s",
                    "as with apt install gnuplot-nox");
    return fail(err, "gnuplot cannot be started: %s", strerror(code));
}

/* Room for more bytes. False: there is none. */
static bool grow(stream *s)
{
    enum { FIRST = 1 << 16 };
    if (s->length < s->size)
        return true;
    size_t size = s->size ? 2 * s->size : FIRST;
    char *bytes = size > OUTPUT_MAX ? NULL : realloc(s->bytes, size);
    if (!bytes)
        return false;
    s->bytes = bytes;
    s->size = size;
    return true;
}

/* Reads what is there. False: memory ran out. */
static bool drain(stream *s)
{
    if (!grow(s))
        return false;
    ssize_t length = read(s->file, s->bytes + s->length, s->size - s->length);
    if (length > 0)
        s->length += (size_t)length;
    else if (length == 0 || errno != EINTR)
        close_file(&s->file);
    return true;
}

/* Reads until it has closed both. */
static grav_status read_output(child *gnuplot, grav_error *err)
{
    while (gnuplot->out.file >= 0 || gnuplot->err.file >= 0) {
        struct pollfd files[] = {{gnuplot->out.file, POLLIN, 0}, {gnuplot->err.file, POLLIN, 0}};
        double left = gnuplot->end_s - now_s();
        if (left <= 0)
            return fail(err, "gnuplot %s", "did not end in time");
        if (poll(files, 2, (int)(1000 * left) + 1) < 0)
            continue;
        if ((files[0].revents && !drain(&gnuplot->out)) ||
            (files[1].revents && !drain(&gnuplot->err)))
            return fail(err, "gnuplot's output %s", "is too long for memory");
    }
    return GRAV_OK;
}

/* Waits for its end: *ended is the status of waitpid(). */
static grav_status wait_for_end(child *gnuplot, int *ended, grav_error *err)
{
    static const struct timespec moment = {.tv_nsec = 1000000};
    for (;;) {
        pid_t pid = waitpid(gnuplot->pid, ended, WNOHANG);
        if (pid == 0 && now_s() >= gnuplot->end_s)
            return fail(err, "gnuplot %s", "did not end in time");
        if (pid == 0)
            nanosleep(&moment, NULL);
        else if (pid == gnuplot->pid || errno != EINTR)
            break;
    }
    gnuplot->pid = 0;
    return GRAV_OK;
}

/* What gnuplot complains of first, as in `         line 0: undefined variable: foo`; else its first
 * line that is not blank; "" where it says nothing. Warnings are not what it fails of. */
static void first_message(const stream *s, char *out, size_t size)
{
    static const char mark[] = "line ";
    char text[4096] = "", *rest = text, *best = NULL;
    size_t length = s->length < sizeof text - 1 ? s->length : sizeof text - 1;
    if (length)
        memcpy(text, s->bytes, length);
    for (char *line; (line = strtok_r(rest, "\n", &rest)) != NULL;) {
        line += strspn(line, " \t\r^");
        bool complaint = strncmp(line, mark, strlen(mark)) == 0 && !strstr(line, "warning");
        if (complaint || (!best && *line))
            best = line;
        if (complaint)
            break;
    }
    snprintf(out, size, "%s", best ? best : "");
}

static grav_status judge(const child *gnuplot, int ended, grav_error *err)
{
    char message[300];
    if (WIFEXITED(ended) && WEXITSTATUS(ended) == 0)
        return GRAV_OK;
    first_message(&gnuplot->err, message, sizeof message);
    if (!*message && WIFSIGNALED(ended))
        snprintf(message, sizeof message, "it was ended by signal %d", WTERMSIG(ended));
    else if (!*message)
        snprintf(message, sizeof message, "it ended with code %d", WEXITSTATUS(ended));
    return fail(err, "gnuplot failed: %s", message);
}

grav_status gnuplot_run(const char *script, double limit_s, char **out, size_t *length,
                        grav_error *err)
{
    child gnuplot = {.out = {.file = -1}, .err = {.file = -1}, .end_s = now_s() + limit_s};
    int ended = 0;
    grav_status status = start(script, &gnuplot, err);
    if (status == GRAV_OK)
        status = read_output(&gnuplot, err);
    if (status == GRAV_OK)
        status = wait_for_end(&gnuplot, &ended, err);
    if (gnuplot.pid > 0) {
        kill(gnuplot.pid, SIGKILL);
        waitpid(gnuplot.pid, NULL, 0);
    }
    close_file(&gnuplot.out.file);
    close_file(&gnuplot.err.file);
    if (status == GRAV_OK)
        status = judge(&gnuplot, ended, err);
    if (status == GRAV_OK) {
        *out = gnuplot.out.bytes;
        *length = gnuplot.out.length;
    } else {
        free(gnuplot.out.bytes);
    }
    free(gnuplot.err.bytes);
    return status;
}
