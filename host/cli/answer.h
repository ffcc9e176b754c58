/* Answers of a batch: a line of JSON, or a row of CSV, for each job. */
#ifndef GRAV_CLI_ANSWER_H
#define GRAV_CLI_ANSWER_H

#include "csv_rows.h"
#include "job.h"

#define CSV_ANSWER_HEADER                                                                          \
    "id,ok,sessions,max_score,max_session,mean,sd,min,q25,median,q75,hits,digest,seed,error_code," \
    "error,file,line,key\n"

/* Whose answer it is. */
typedef struct cli_asker {
    const char *id; /* as cli_job has it */
    const char *key;
    const char *file; /* told where there are several; else NULL */
    uint64_t line;    /* told where there is no id */
    bool csv;
} cli_asker;

/* The text with its newline, for free(); NULL: no memory. */
char *cli_answer_result(const cli_asker *asker, const grav_result *result);
char *cli_answer_error(const cli_asker *asker, const char *code, const char *message);

/* What an answer in an output file says of itself. False: it is none. */
bool cli_answer_of_line(const char *line, size_t length, char key[JOB_KEY_SIZE], bool *ok);
bool cli_answer_of_row(const cli_csv *row, char key[JOB_KEY_SIZE], bool *ok);

#endif
