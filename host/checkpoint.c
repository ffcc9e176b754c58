#include "checkpoint.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "clock.h"
#include "error.h"
#include "file.h"
#include "result_read.h"

/* Of all time that may be spent on writing. */
static const double share_max = 0.01;

struct grav_checkpoint {
    char path[PATH_MAX];
    char lock_path[PATH_MAX + 16];
    int lock;
    double every_s;
    double due_s;      /* when to write next */
    bool whole;        /* whether the file is one to keep as the one before */
    grav_result *copy; /* NULL until the first */
    bool pending;      /* whether the copy is still to be written */
};

/* ---- The lock -------------------------------------------------------------------------------- */

/* The process that an open lock file names, for messages. */
static long lock_owner(int file)
{
    char text[32] = "";
    ssize_t length = pread(file, text, sizeof text - 1, 0);
    return length > 0 ? strtol(text, NULL, 10) : 0;
}

/* For messages only: a failure does not matter. */
static void note_owner(int file)
{
    if (ftruncate(file, 0) == 0)
        dprintf(file, "%ld\n", (long)getpid());
}

/* Whether the file that was locked still is the one of that name (1): who held it may have removed
 * it in between (0). -1: it cannot be told, and errno says why. */
static int is_still(int file, const char *path)
{
    struct stat locked, named;
    if (fstat(file, &locked) != 0)
        return -1;
    if (stat(path, &named) != 0)
        return errno == ENOENT ? 0 : -1;
    return locked.st_dev == named.st_dev && locked.st_ino == named.st_ino;
}

static grav_status not_locked(const grav_checkpoint *checkpoint, int code, grav_error *err)
{
    return grav_fail(err, GRAV_ERROR_FILE, "'%.256s' cannot be locked: %s", checkpoint->lock_path,
                     strerror(code));
}

static grav_status take_lock(grav_checkpoint *checkpoint, grav_error *err)
{
    for (;;) {
        int file = open(checkpoint->lock_path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
        if (file < 0)
            return grav_fail(err, GRAV_ERROR_INVALID, "'%.256s' cannot be written: %s",
                             checkpoint->path, strerror(errno));
        int locked = flock(file, LOCK_EX | LOCK_NB) == 0;
        int still = locked ? is_still(file, checkpoint->lock_path) : -1;
        int code = errno;
        if (still == 1) {
            note_owner(file);
            checkpoint->lock = file;
            return GRAV_OK;
        }
        long owner = locked ? 0 : lock_owner(file);
        close(file);
        if (still == 0)
            continue;
        if (locked || code != EWOULDBLOCK)
            return not_locked(checkpoint, code, err);
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "'%.256s' is in use by process %ld: wait for it, or name another file",
                         checkpoint->path, owner);
    }
}

grav_status grav_checkpoint_open(const char *path, double every_s, grav_checkpoint **out,
                                 grav_error *err)
{
    grav_checkpoint *checkpoint = calloc(1, sizeof *checkpoint);
    if (!checkpoint)
        return grav_no_memory(err, "a checkpoint");
    checkpoint->lock = -1;
    grav_status status = grav_file_follow(path, checkpoint->path, err);
    snprintf(checkpoint->lock_path, sizeof checkpoint->lock_path, "%s.lock", checkpoint->path);
    checkpoint->every_s = every_s;
    checkpoint->due_s = grav_now_s() + every_s;
    if (status == GRAV_OK)
        status = take_lock(checkpoint, err);
    if (status == GRAV_OK)
        *out = checkpoint;
    else
        grav_checkpoint_close(checkpoint);
    return status;
}

void grav_checkpoint_close(grav_checkpoint *checkpoint)
{
    if (!checkpoint)
        return;
    if (checkpoint->lock >= 0) {
        unlink(checkpoint->lock_path);
        close(checkpoint->lock);
    }
    grav_result_destroy(checkpoint->copy);
    free(checkpoint);
}

/* ---- Writing --------------------------------------------------------------------------------- */

bool grav_checkpoint_is_due(const grav_checkpoint *checkpoint)
{
    return !checkpoint->pending && grav_now_s() >= checkpoint->due_s;
}

grav_status grav_checkpoint_keep(grav_checkpoint *checkpoint, const grav_result *result,
                                 grav_error *err)
{
    grav_status status = GRAV_OK;
    if (!checkpoint->copy)
        status = grav_result_create_like(result, &checkpoint->copy, err);
    if (status == GRAV_OK)
        status = grav_result_assign(checkpoint->copy, result, err);
    checkpoint->pending = status == GRAV_OK;
    return status;
}

grav_status grav_checkpoint_keep_worker(grav_checkpoint *checkpoint, const grav_worker_info *worker,
                                        grav_error *err)
{
    grav_status status = grav_result_add_worker(checkpoint->copy, worker, err);
    checkpoint->pending = checkpoint->pending && status == GRAV_OK;
    return status;
}

grav_status grav_checkpoint_write(grav_checkpoint *checkpoint, grav_error *err)
{
    char *text;
    if (!checkpoint->pending)
        return GRAV_OK;
    double start_s = grav_now_s();
    grav_status status = grav_result_json(checkpoint->copy, NULL, &text, err);
    if (status == GRAV_OK) {
        status = grav_file_replace(checkpoint->path, text, checkpoint->whole, err);
        checkpoint->whole = checkpoint->whole || status == GRAV_OK;
        free(text);
    }
    double end_s = grav_now_s(), rest_s = (end_s - start_s) / share_max;
    checkpoint->due_s = end_s + (rest_s > checkpoint->every_s ? rest_s : checkpoint->every_s);
    checkpoint->pending = false;
    return status;
}

/* ---- Finding --------------------------------------------------------------------------------- */

/* Reads a file, for free(), whose text ends in its checksum, as only one that was written whole
 * does. GRAV_ERROR_INVALID or GRAV_ERROR_MISMATCH: it is missing or damaged; all else tells nothing
 * about it. */
static grav_status read_whole(const char *path, char **text, size_t *length, bool *missing,
                              grav_error *err)
{
    grav_status status = grav_file_read(path, GRAV_RESULT_FILE_MAX, text, length, err);
    *missing = status == GRAV_ERROR_INVALID && errno == ENOENT;
    if (status != GRAV_OK)
        return status;
    status = grav_result_check_seal(*text, *length, err);
    if (status != GRAV_OK)
        free(*text);
    return status;
}

static bool is_of_no_use(grav_status status)
{
    return status == GRAV_ERROR_INVALID || status == GRAV_ERROR_MISMATCH;
}

/* Reads the result in a text that ends in its checksum, which is given away. */
static grav_status read_result(const char *path, char *text, size_t length, grav_result **out,
                               grav_error *err)
{
    grav_status status = grav_result_read_unsealed(text, length, out, err);
    free(text);
    return status == GRAV_OK ? status : grav_result_fail_in_file(path, status, err);
}

grav_status grav_checkpoint_load(const char *path, grav_result **out, grav_error *notice,
                                 grav_error *err)
{
    char file[PATH_MAX], previous[PATH_MAX + 16], *text;
    size_t length;
    bool missing, missing_previous;
    grav_error why, why_previous;
    notice->message[0] = 0;
    grav_status status = grav_file_follow(path, file, err);
    if (status != GRAV_OK)
        return status;
    snprintf(previous, sizeof previous, "%s.prev", file);
    status = read_whole(file, &text, &length, &missing, &why);
    if (status == GRAV_OK)
        return read_result(file, text, length, out, err);
    if (!is_of_no_use(status))
        return grav_fail(err, status, "%s", why.message);
    status = read_whole(previous, &text, &length, &missing_previous, &why_previous);
    if (missing && missing_previous) {
        *out = NULL;
        return GRAV_OK;
    }
    if (status != GRAV_OK)
        return grav_fail(err, is_of_no_use(status) ? GRAV_ERROR_MISMATCH : status,
                         "'%.100s' is of no use: %.120s; nor is '%.100s.prev': %.100s", file,
                         why.message, file, why_previous.message);
    grav_fail(notice, GRAV_ERROR_MISMATCH,
              "'%.100s' is of no use: %.200s; going on from '%.100s.prev'", file, why.message,
              file);
    return read_result(previous, text, length, out, err);
}

grav_status grav_checkpoint_find(grav_checkpoint *checkpoint, grav_result **out, grav_error *notice,
                                 grav_error *err)
{
    grav_status status = grav_checkpoint_load(checkpoint->path, out, notice, err);
    checkpoint->whole = status == GRAV_OK && *out && !notice->message[0];
    return status;
}
