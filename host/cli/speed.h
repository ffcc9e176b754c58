/* How fast a run was played, and by whom. */
#ifndef GRAV_CLI_SPEED_H
#define GRAV_CLI_SPEED_H

#include <graveler.h>

/* The line of a report with the speed and the worker. Of several workers it has the number, and
 * below it comes a line for each: its share of the sessions, its own speed and what it is. */
void speed_print(const grav_result *result);

#endif
