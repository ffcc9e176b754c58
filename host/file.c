/* Writing files whole. */
#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "error.h"
#include "file.h"

enum { NEW_FILE = -1 };

/* Where a file is written before it is renamed. */
typedef struct file_target {
    char path[PATH_MAX];           /* what the name stands for: links followed */
    char temporary[PATH_MAX + 16]; /* beside it */
    bool direct;                   /* not a regular file: written to as it is */
    int mode;                      /* of the file that is replaced, or NEW_FILE */
} file_target;

static grav_status file_error(const char *path, const char *what, grav_error *err)
{
    return grav_fail(err, GRAV_ERROR_FILE, "'%.256s' cannot be %s: %s", path, what,
                     strerror(errno));
}

/* Whether path is a name of an open file (what /dev/stdout leads to): whoever opened the file
 * decides what becomes of it. */
static bool is_open_file(const char *path)
{
    return strncmp(path, "/proc/", strlen("/proc/")) == 0 ||
           strncmp(path, "/dev/fd/", strlen("/dev/fd/")) == 0;
}

/* Replaces path, of size PATH_MAX, by what the link at path points to, until it is no link. False:
 * the links lead nowhere. */
static bool follow_links(char *path)
{
    enum { LINKS_MAX = 40 };
    for (int links = 0; links < LINKS_MAX; links++) {
        char link[PATH_MAX], copy[PATH_MAX], joined[2 * PATH_MAX];
        ssize_t length = readlink(path, link, sizeof link - 1);
        if (length < 0 || is_open_file(path))
            return true; /* no link, or not there yet */
        link[length] = 0;
        strcpy(copy, path);
        int needed = link[0] == '/' ? snprintf(joined, sizeof joined, "%s", link)
                                    : snprintf(joined, sizeof joined, "%s/%s", dirname(copy), link);
        if (needed >= PATH_MAX)
            break;
        strcpy(path, joined);
    }
    errno = ELOOP;
    return false;
}

static grav_status find_target(const char *path, file_target *target, grav_error *err)
{
    struct stat info;
    *target = (file_target){.mode = NEW_FILE};
    errno = *path ? ENAMETOOLONG : ENOENT;
    if (!*path || strlen(path) >= sizeof target->path)
        return file_error(path, "written", err);
    strcpy(target->path, path);
    bool exists = stat(path, &info) == 0;
    if (exists && S_ISDIR(info.st_mode)) {
        errno = EISDIR;
        return file_error(path, "written", err);
    }
    if (!follow_links(target->path))
        return file_error(path, "written", err);
    target->direct = exists && (!S_ISREG(info.st_mode) || is_open_file(target->path));
    if (target->direct)
        strcpy(target->path, path);
    if (exists)
        target->mode = (int)(info.st_mode & 07777);
    snprintf(target->temporary, sizeof target->temporary, "%s.XXXXXX", target->path);
    return GRAV_OK;
}

/* What a file is to hold. */
typedef struct file_content {
    const char *bytes;
    size_t length;
} file_content;

static file_content content_of(const char *text)
{
    return (file_content){text, strlen(text)};
}

static bool write_all(int file, file_content content)
{
    while (content.length) {
        ssize_t written = write(file, content.bytes, content.length);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return false;
        if (written == 0) { /* which would go on for ever */
            errno = ENOSPC;
            return false;
        }
        content.bytes += written;
        content.length -= (size_t)written;
    }
    return true;
}

static bool sync_all(int file)
{
    int result;
    do
        result = fsync(file);
    while (result != 0 && errno == EINTR);
    return result == 0;
}

/* Interrupted, it has closed the file all the same. */
static bool close_written(int file)
{
    return close(file) == 0 || errno == EINTR;
}

static grav_status write_direct(const char *path, file_content content, grav_error *err)
{
    int file = open(path, O_WRONLY | O_APPEND | O_CLOEXEC);
    if (file < 0)
        return file_error(path, "opened", err);
    grav_status status = GRAV_OK;
    if (!write_all(file, content))
        status = file_error(path, "written", err);
    if (!close_written(file) && status == GRAV_OK)
        status = file_error(path, "written", err);
    return status;
}

/* The temporary file, with the permissions of the file it replaces or of any new file. */
static int open_temporary(file_target *target)
{
    int file = mkostemp(target->temporary, O_CLOEXEC);
    mode_t mode = (mode_t)target->mode;
    if (target->mode == NEW_FILE) {
        mode_t mask = umask(0);
        umask(mask);
        mode = 0666 & ~mask;
    }
    if (file >= 0 && fchmod(file, mode) != 0) {
        close(file);
        unlink(target->temporary);
        return -1;
    }
    return file;
}

/* Makes the rename itself last. */
static void sync_folder(const char *path)
{
    char copy[PATH_MAX];
    snprintf(copy, sizeof copy, "%s", path);
    int folder = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (folder >= 0) {
        fsync(folder);
        close(folder);
    }
}

grav_status grav_file_check(const char *path, grav_error *err)
{
    file_target target;
    grav_status status = find_target(path, &target, err);
    if (status != GRAV_OK)
        return status;
    if (target.direct) {
        if (access(target.path, W_OK) != 0)
            return file_error(path, "written", err);
        return GRAV_OK;
    }
    int file = open_temporary(&target);
    if (file < 0)
        return file_error(path, "written", err);
    close(file);
    unlink(target.temporary);
    return GRAV_OK;
}

/* Writes all of it to an open file, which is closed. */
static grav_status fill(int file, const char *path, file_content content, grav_error *err)
{
    grav_status status = GRAV_OK;
    if (!write_all(file, content) || !sync_all(file))
        status = file_error(path, "written", err);
    if (!close_written(file) && status == GRAV_OK)
        status = file_error(path, "written", err);
    return status;
}

static grav_status write_content(const char *path, file_content content, grav_error *err)
{
    file_target target;
    grav_status status = find_target(path, &target, err);
    if (status != GRAV_OK || target.direct)
        return status != GRAV_OK ? status : write_direct(target.path, content, err);
    int file = open_temporary(&target);
    if (file < 0)
        return file_error(path, "written", err);
    status = fill(file, path, content, err);
    if (status == GRAV_OK && rename(target.temporary, target.path) != 0)
        status = file_error(path, "written", err);
    if (status == GRAV_OK)
        sync_folder(target.path);
    else
        unlink(target.temporary);
    return status;
}

grav_status grav_file_write(const char *path, const char *text, grav_error *err)
{
    return write_content(path, content_of(text), err);
}

grav_status grav_file_write_bytes(const char *path, const void *bytes, size_t length,
                                  grav_error *err)
{
    return write_content(path, (file_content){bytes, length}, err);
}

/* ---- Files that follow each other ------------------------------------------------------------ */

/* Gives the file at path the name PATH.prev too. Where the file system knows no two names of one
 * file it gets the new one instead. */
static bool keep_previous(const char *path)
{
    char previous[PATH_MAX + 16];
    snprintf(previous, sizeof previous, "%s.prev", path);
    if (access(path, F_OK) != 0)
        return errno == ENOENT;
    if (unlink(previous) != 0 && errno != ENOENT)
        return false;
    return link(path, previous) == 0 || rename(path, previous) == 0;
}

grav_status grav_file_follow(const char *path, char *out, grav_error *err)
{
    file_target target;
    grav_status status = find_target(path, &target, err);
    if (status == GRAV_OK)
        strcpy(out, target.path);
    return status;
}

grav_status grav_file_replace(const char *path, const char *text, bool keep, grav_error *err)
{
    file_target target;
    grav_status status = find_target(path, &target, err);
    if (status == GRAV_OK && target.direct)
        status =
            grav_fail(err, GRAV_ERROR_INVALID, "'%.256s' is not a file that can be replaced", path);
    if (status != GRAV_OK)
        return status;
    snprintf(target.temporary, sizeof target.temporary, "%s.new", target.path);
    int file = open(target.temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (file < 0)
        return file_error(path, "written", err);
    status = fill(file, path, content_of(text), err);
    if (status == GRAV_OK &&
        ((keep && !keep_previous(target.path)) || rename(target.temporary, target.path) != 0))
        status = file_error(path, "written", err);
    if (status == GRAV_OK)
        sync_folder(target.path);
    else
        unlink(target.temporary);
    return status;
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* A name of what is no file is the caller's mistake; else it is a file that may be good. */
static grav_status not_read(const char *path, grav_error *err)
{
    int code = errno;
    bool no_file = code == ENOENT || code == ENOTDIR || code == EISDIR || code == ELOOP ||
                   code == ENAMETOOLONG;
    grav_status status = grav_fail(err, no_file ? GRAV_ERROR_INVALID : GRAV_ERROR_FILE,
                                   "'%.256s' cannot be read: %s", path, strerror(code));
    errno = code;
    return status;
}

/* Reads up to size bytes. */
static ssize_t read_all(int file, char *text, size_t size)
{
    size_t got = 0;
    while (got < size) {
        ssize_t more = read(file, text + got, size - got);
        if (more < 0 && errno == EINTR)
            continue;
        if (more < 0)
            return more;
        if (more == 0)
            break;
        got += (size_t)more;
    }
    return (ssize_t)got;
}

/* The text of an open file that is to be no longer than length_max. */
static grav_status read_open(int file, const char *path, size_t length_max, char **text,
                             size_t *length, grav_error *err)
{
    struct stat info;
    if (fstat(file, &info) != 0)
        return not_read(path, err);
    size_t size = (S_ISREG(info.st_mode) && (size_t)info.st_size < length_max ? (size_t)info.st_size
                                                                              : length_max) +
                  1;
    char *room = malloc(size);
    if (!room)
        return grav_no_memory(err, "a file's text");
    ssize_t got = read_all(file, room, size);
    if (got >= 0 && (size_t)got < size) {
        *text = room;
        *length = (size_t)got;
        return GRAV_OK;
    }
    grav_status status = GRAV_ERROR_INVALID;
    if (got < 0) {
        status = not_read(path, err);
    } else {
        grav_fail(err, status, "'%.256s' is longer than a result gets", path);
        errno = EFBIG;
    }
    free(room);
    return status;
}

grav_status grav_file_read(const char *path, size_t length_max, char **text, size_t *length,
                           grav_error *err)
{
    int file = open(path, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return not_read(path, err);
    grav_status status = read_open(file, path, length_max, text, length, err);
    close(file);
    return status;
}
