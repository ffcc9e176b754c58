/* Choosing how much to tilt a die. */
#ifndef GRAV_HOST_TILT_H
#define GRAV_HOST_TILT_H

#include "die.h"

/* The faces of chance above 0, as the tilt sees them: in steps above the lowest. */
typedef struct grav_tilt_shape {
    uint32_t value_min, step; /* the lowest value, and what all differences are multiples of */
    uint32_t steps_max;       /* of the highest value above the lowest */
    uint32_t gap;             /* from the second highest value to it; 0: one value only */
    size_t count;
    double steps[GRAV_FACES_MAX];
    double log_chance[GRAV_FACES_MAX];
} grav_tilt_shape;

void grav_tilt_shape_make(const grav_faces *faces, grav_tilt_shape *out);

/* How many steps a face is above the lowest. */
uint32_t grav_tilt_steps(const grav_tilt_shape *shape, uint32_t value);

/* Mean and variance, in steps, of a roll whose chances are multiplied by exp(theta * steps). */
void grav_tilt_moments(const grav_tilt_shape *shape, double theta, double *mean, double *variance);

/* The shortest fraction, at least 1, under which the mean of so many rolls is near `steps`. */
void grav_tilt_choose(const grav_tilt_shape *shape, uint32_t rolls, double steps, mpq_t lambda);

#endif
