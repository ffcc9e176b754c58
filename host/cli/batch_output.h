/* The file that a batch's answers are kept in, and gone on from. */
#ifndef GRAV_CLI_BATCH_OUTPUT_H
#define GRAV_CLI_BATCH_OUTPUT_H

#include "answered.h"

typedef struct cli_output_spec {
    const char *path; /* NULL or `-`: standard output */
    bool csv, resume;
    bool retry_failed; /* answers that are errors are taken out */
} cli_output_spec;

typedef struct cli_output {
    int file;
    int replaced; /* what it has taken the place of, which stays locked; below 0: nothing */
    bool cut;     /* an answer at its end was cut short, and cut off */
} cli_output;

/* Opens where answers go. A file must be new, or with `resume` hold answers alone, which are put
 * into *answered. Nobody else can open it until it is closed. Refused (GRAV_ERROR_INVALID) is all
 * else, and the file is as it was. */
grav_status cli_output_open(const cli_output_spec *spec, cli_output *out, cli_answered *answered,
                            grav_error *err);

/* Brings it to the disk and closes it, whether it was opened or not. Gives 0, or errno. */
int cli_output_close(cli_output *output);

/* Writes all of a text, waiting where it must. Gives 0, or errno. */
int cli_output_write(int file, const char *text, size_t length);

#endif
