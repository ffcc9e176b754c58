/* Results as a JSON document (README.md tells its keys), and as what is printed of it: all tables
 * are made from the document, so that a file shows what the run showed. */
#ifndef BENCH_DOCUMENT_H
#define BENCH_DOCUMENT_H

#include <jansson.h>

#include "measure.h"
#include "settings.h"

/* A document without results: the program, the date, the command and the machine. device is the GPU
 * to describe. NULL without memory. */
json_t *bench_document_make(int argc, char **argv, int device);

/* Adds the subjects' samples to "measured", and how their part was measured to "parts". */
void bench_document_add(json_t *document, const bench_subjects *subjects,
                        const bench_limits *limits, bench_stop stop);

/* Adds a line to "left_out": what could not be measured and why. Tells it on stderr, too. */
void bench_document_leave_out(json_t *document, const char *what, const char *why);

/* Whether the output files can be written, found out before anything is measured. */
grav_status bench_output_check(const bench_settings *settings, grav_error *err);

/* Prints the tables, unless something else goes to stdout, and writes the files asked for. */
grav_status bench_output(json_t *document, const bench_settings *settings, grav_error *err);

#endif
