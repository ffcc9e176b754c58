/* Making errors. */
#ifndef GRAV_HOST_ERROR_H
#define GRAV_HOST_ERROR_H

#include "graveler.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Fills *err (may be NULL) and returns status, so that callers can `return grav_fail(…)`. */
grav_status grav_fail(grav_error *err, grav_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts `context: ` before the message *err (may be NULL) holds; returns its status. */
grav_status grav_fail_in(grav_error *err, grav_status status, const char *context);

grav_status grav_no_memory(grav_error *err, const char *what);

#ifdef __cplusplus
}
#endif

#endif
