/* gnuplot, the program, as a child. */
#ifndef GRAV_CLI_GNUPLOT_H
#define GRAV_CLI_GNUPLOT_H

#include <graveler.h>

#define GNUPLOT_LIMIT_S 60.0 /* pictures take it a tenth of a second */

/* Runs the gnuplot on the PATH, without anybody's start-up files, on a script. What it prints to
 * standard output is *out, for free(). Where it fails, the message has its first. One that has not
 * ended after limit_s seconds is killed. */
grav_status gnuplot_run(const char *script, double limit_s, char **out, size_t *length,
                        grav_error *err);

#endif
