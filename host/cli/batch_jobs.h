/* The jobs in the files of a batch, as they come. */
#ifndef GRAV_CLI_BATCH_JOBS_H
#define GRAV_CLI_BATCH_JOBS_H

#include "csv_rows.h"
#include "job.h"
#include "lines.h"

typedef struct cli_jobs {
    char **files; /* `-`: standard input */
    size_t count; /* of them */
    bool csv;
    bool (*stop)(void *data); /* asked while waiting for more, ten times a second */
    void *data;
    /* The rest is for the functions. */
    size_t opened;
    cli_lines lines; /* of the file opened last */
    bool open;
    cli_csv *rows;
    json_t *header;      /* its columns' names, an array; NULL: not read yet */
    uint64_t first_line; /* of the row that is read */
} cli_jobs;

/* Whether all files can be read, found out before anything is played. */
grav_status cli_jobs_check(const cli_jobs *jobs, grav_error *err);

/* Lines in all files, or 0 where one is no file and cannot be read twice. */
uint64_t cli_jobs_count(const cli_jobs *jobs);

typedef enum cli_jobs_state {
    JOBS_ONE,
    JOBS_END,
    JOBS_STOPPED,
    JOBS_FAILED, /* err says why */
} cli_jobs_state;

/* The next job, with its file and line; for cli_job_free(). */
cli_jobs_state cli_jobs_next(cli_jobs *jobs, cli_job *out, grav_error *err);
void cli_jobs_free(cli_jobs *jobs);

#endif
