/* Files, beside what graveler.h has. */
#ifndef GRAV_HOST_FILE_H
#define GRAV_HOST_FILE_H

#include <stddef.h>

#include "graveler.h"

/* Reads a file of at most length_max bytes, for free(). GRAV_ERROR_INVALID where it is not there,
 * too long or no file. */
grav_status grav_file_read(const char *path, size_t length_max, char **text, size_t *length,
                           grav_error *err);

/* Writes text to path as grav_file_write() does, and keeps what was there before as PATH.prev.
 * Whatever happens, one of the two is whole. Its temporary name is PATH.new: for one process at a
 * time. */
grav_status grav_file_replace(const char *path, const char *text, grav_error *err);

#endif
