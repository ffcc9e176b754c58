/* Files, beside what graveler.h has. */
#ifndef GRAV_HOST_FILE_H
#define GRAV_HOST_FILE_H

#include <stddef.h>

#include "graveler.h"

/* Reads a file of at most length_max bytes, for free(). GRAV_ERROR_INVALID where it is not there,
 * too long or no file, and errno says which; GRAV_ERROR_FILE where it could not be read, and may be
 * good. */
grav_status grav_file_read(const char *path, size_t length_max, char **text, size_t *length,
                           grav_error *err);

/* What path stands for, its links followed: out has PATH_MAX bytes. */
grav_status grav_file_follow(const char *path, char *out, grav_error *err);

/* Writes text to path as grav_file_write() does; with keep what was there before becomes PATH.prev,
 * else PATH.prev stays as it is. Whatever happens, one of the two is what it was or what it is to
 * be. Its temporary name is PATH.new: for one process at a time. */
grav_status grav_file_replace(const char *path, const char *text, bool keep, grav_error *err);

#endif
