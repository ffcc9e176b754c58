/* Reading numbers exactly. */
#ifndef GRAV_HOST_NUMBER_H
#define GRAV_HOST_NUMBER_H

#include <gmp.h>

#include "graveler.h"

/* Reads `7`, `1_000`, `0.25`, `2.5e-1`, `2^30` or `0x2a`, with a sign or not, into the initialised
 * *out. False: unreadable, and *out is anything. Exponents beyond what any option allows are cut
 * down to a number that is out of every range all the same. */
bool grav_parse_number(const char *text, mpq_t out);

/* A chance: a number, `NUMBER/NUMBER` or `NUMBER%`. Not checked to lie in [0, 1]. */
bool grav_parse_fraction(const char *text, mpq_t out);

/* x >= 0 to the nearest 64-bit integer below; x must fit. */
uint64_t grav_mpz_u64(const mpz_t x);
void grav_mpz_set_u64(mpz_t out, uint64_t x);

#endif
