/* The progress bar on stderr. */
#ifndef GRAV_CLI_PROGRESS_H
#define GRAV_CLI_PROGRESS_H

#include <graveler.h>

/* Draws the bar over the one before. */
void progress_draw(const grav_progress *progress);

/* The same with other figures, of less than 512 characters. */
void progress_bar(double share, const char *figures);

/* Takes the bar away. */
void progress_clear(void);

#endif
