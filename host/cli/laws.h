/* Laws of experiments that come again and again. */
#ifndef GRAV_CLI_LAWS_H
#define GRAV_CLI_LAWS_H

#include <graveler.h>

/* The law of an experiment, kept for the next that asks; NULL where it is not worked out. From any
 * thread. To be given back. */
typedef struct cli_law cli_law;

cli_law *cli_law_of(const grav_experiment *experiment);
const grav_law *cli_law_get(const cli_law *law); /* NULL of NULL */
void cli_law_give_back(cli_law *law);
void cli_laws_free(void);

#endif
