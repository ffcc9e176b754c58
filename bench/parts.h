/* The parts of a result. Each measures, adds to the document, tells on stderr what went wrong, and
 * returns an exit code. name is the command's, for messages. */
#ifndef BENCH_PARTS_H
#define BENCH_PARTS_H

#include <jansson.h>

#include "paths.h"
#include "settings.h"

typedef int bench_part(json_t *document, const bench_job *job, const bench_settings *settings,
                       const char *name);

bench_part bench_speed, bench_ceilings, bench_overhead, bench_process;

#endif
