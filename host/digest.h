/* Hashes as texts. */
#ifndef GRAV_HOST_DIGEST_H
#define GRAV_HOST_DIGEST_H

#include <stddef.h>

#include "graveler.h"

/* The XXH3-128 hash of length bytes as 32 hex digits. */
void grav_checksum(const char *text, size_t length, char checksum[GRAV_DIGEST_SIZE]);

#endif
