/* The faces of a die, exactly and as lanes read them. */
#ifndef GRAV_HOST_DIE_H
#define GRAV_HOST_DIE_H

#include <stdio.h> /* before GMP, which then declares what prints */

#include <gmp.h>

#include "graveler.h"
#include "plan.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct grav_exact_face {
    uint32_t value;
    mpq_t chance; /* in lowest terms; those of all faces add up to 1 */
    char *text;   /* of the chance, "1/4" */
} grav_exact_face;

typedef struct grav_faces {
    size_t count;
    grav_exact_face *items;
    uint32_t value_min, value_max; /* of all faces, also those of chance 0 */
    char *list;                    /* what grav_experiment_die() hands out */
} grav_faces;

/* Of a LIST, and of the faces 1 and 0 at a chance. Refuse (GRAV_ERROR_INVALID) what
 * grav_experiment_create() does. */
grav_status grav_faces_of_list(const char *list, grav_faces *out, grav_error *err);
grav_status grav_faces_of_chance(const char *chance, grav_faces *out, grav_error *err);
void grav_faces_free(grav_faces *faces);

/* False: no memory. */
bool grav_faces_copy(const grav_faces *faces, grav_faces *out);
bool grav_faces_equal(const grav_faces *a, const grav_faces *b);

/* Of the faces of chance above 0, which some have: the lowest and the highest value, and what the
 * differences between values are multiples of, 1 where there is one value only. */
typedef struct grav_faces_span {
    uint32_t low, high, step;
} grav_faces_span;

grav_faces_span grav_faces_span_of(const grav_faces *faces);

/* Whether they are 1 and 0, in this order. */
bool grav_faces_are_of_chance(const grav_faces *faces);

/* What makes the chances the smallest whole weights: their common denominator. */
void grav_faces_denominator(const grav_faces *faces, mpq_t out);

/* Their binary digits. Refuses (GRAV_ERROR_INVALID) a chance above 0 but below 2^-64 among the
 * rolls that are left. `rolls` are those of a session. */
grav_status grav_faces_digits(const grav_faces *faces, uint32_t rolls, grav_die *out,
                              grav_error *err);

#ifdef __cplusplus
}
#endif

#endif
