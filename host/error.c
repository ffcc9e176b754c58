#include "error.h"

#include <stdarg.h>
#include <stdio.h>

void grav_make_printable(char *text)
{
    for (; *text; text++)
        if ((unsigned char)*text < ' ' || *text == '\x7f')
            *text = '?';
}

grav_status grav_fail(grav_error *err, grav_status status, const char *format, ...)
{
    if (err) {
        va_list arguments;
        va_start(arguments, format);
        err->status = status;
        vsnprintf(err->message, sizeof err->message, format, arguments);
        va_end(arguments);
        grav_make_printable(err->message);
    }
    return status;
}

grav_status grav_fail_in(grav_error *err, grav_status status, const char *context)
{
    if (!err)
        return status;
    grav_error inner = *err;
    return grav_fail(err, status, "%s: %s", context, inner.message);
}

grav_status grav_no_memory(grav_error *err, const char *what)
{
    return grav_fail(err, GRAV_ERROR_MEMORY, "no memory for %s", what);
}
