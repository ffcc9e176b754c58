/* A job of a batch: what stands on a line, read into what to play. */
#ifndef GRAV_CLI_JOB_H
#define GRAV_CLI_JOB_H

#include <graveler.h>
#include <jansson.h>

enum { JOB_KEY_SIZE = 33 };

typedef struct cli_job {
    char *id;                    /* JSON text of a string or a number; NULL: none */
    char key[JOB_KEY_SIZE];      /* 32 hex digits over what it means and its id, or text_key */
    char text_key[JOB_KEY_SIZE]; /* over what was read, and the key of what cannot be played */
    const char *file;            /* where it stands; NULL where there is but one */
    uint64_t line;
    grav_experiment *experiment;
    grav_run_spec run;
    const char
        *code; /* NULL: it can be played; else what kind of error it is, and error says why */
    grav_error error;
} cli_job;

/* Reads a line of JSON. Whatever is wrong with it is the job's error. */
void cli_job_read(const char *line, size_t length, cli_job *out);
/* The same of fields that are texts, as a row of CSV has them; text is what they were read from. */
void cli_job_read_fields(json_t *fields, const char *text, size_t length, cli_job *out);
/* A job that could not be read at all: text is what there is of it. */
void cli_job_unreadable(const char *text, size_t length, const char *why, cli_job *out);
void cli_job_free(cli_job *job);

/* The word for a kind of error in answers. */
const char *cli_job_code(grav_status status);

#endif
