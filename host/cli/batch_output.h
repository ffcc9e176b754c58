/* The file that a batch's answers are kept in, and gone on from. */
#ifndef GRAV_CLI_BATCH_OUTPUT_H
#define GRAV_CLI_BATCH_OUTPUT_H

#include "answered.h"

typedef struct cli_output_spec {
    const char *path; /* NULL or `-`: standard output */
    bool csv, resume;
    bool retry_failed; /* answers that are errors are taken out */
} cli_output_spec;

/* Opens where answers go. A file must be new, or with `resume` hold answers alone, which are put
 * into *answered; an answer at its end that was cut short is cut off, and *cut says so. Nobody else
 * can open it meanwhile. Refused (GRAV_ERROR_INVALID) is all else, and the file is as it was. */
grav_status cli_output_open(const cli_output_spec *spec, int *file, cli_answered *answered,
                            bool *cut, grav_error *err);

/* Writes all of a text, waiting where it must. Gives 0, or errno. */
int cli_output_write(int file, const char *text, size_t length);

#endif
