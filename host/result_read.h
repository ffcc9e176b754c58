/* Reading result files, step by step. */
#ifndef GRAV_HOST_RESULT_READ_H
#define GRAV_HOST_RESULT_READ_H

#include "result.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Bytes that a result file has at most: some 20 for each of the scores that may be told apart. */
#define GRAV_RESULT_FILE_MAX ((size_t)64 << 20)

/* Whether a text ends in the checksum of what comes before it: GRAV_ERROR_INVALID where it does not
 * end in one, GRAV_ERROR_MISMATCH where it is another's. */
grav_status grav_result_check_seal(const char *text, size_t length, grav_error *err);

/* Reads a result whatever checksum it ends in. */
grav_status grav_result_read_unsealed(const char *text, size_t length, grav_result **out,
                                      grav_error *err);

/* Puts the file's name before the message *err (may be NULL) holds; returns its status. */
grav_status grav_result_fail_in_file(const char *path, grav_status status, grav_error *err);

#ifdef __cplusplus
}
#endif

#endif
