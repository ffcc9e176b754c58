/* The law's insides: what is asked of which integers, exactly or with many bits, and the table that
 * comes out. law.c answers questions from the table; each kind of law has a file that fills it. */
#ifndef GRAV_HOST_LAW_H
#define GRAV_HOST_LAW_H

#include "experiment.h"
#include "wide.h"

/* ---- What there is to work out --------------------------------------------------------------- */

/* Faces of one value: `at` steps above the lowest possible, by a whole weight above 0. */
typedef struct grav_law_term {
    uint64_t at;
    mpz_t weight;
} grav_law_term;

/* An experiment's law in whole numbers. Its possible scores are first + step * i, i < count; of one
 * only, it is certain. */
typedef struct grav_law_shape {
    grav_statistic statistic;
    uint32_t rolls;
    uint64_t first, step, count;
    grav_law_term *terms; /* ascending from 0 on, without a common factor in `at` or weight */
    size_t term_count;
    mpz_t total; /* the weights' sum */
} grav_law_shape;

/* Refuses (GRAV_ERROR_INVALID) what grav_law_create() does. */
grav_status grav_law_shape_make(const grav_experiment *experiment, grav_law_shape *out,
                                grav_error *err);
void grav_law_shape_free(grav_law_shape *shape);

/* Whether exact integers are to be used; else it is a binomial law with more digits than that pays
 * for. */
bool grav_law_shape_is_exact(const grav_law_shape *shape);

/* ---- Exactly --------------------------------------------------------------------------------- */

/* Told of one possible score after the other, for i from 0 to count - 1: P(score <= first + step *
 * i) is at_most / all. */
typedef void grav_law_visit(void *data, uint64_t i, const mpz_t at_most, const mpz_t all);

/* Visits all scores of an exact shape. */
grav_status grav_law_exactly(const grav_law_shape *shape, grav_law_visit *visit, void *data,
                             grav_error *err);

/* Whether a weight of a sum times a factor i (n + 1) - k of law_sum.c fits a word: i n and k are
 * below count, which is below 2^21. */
bool grav_law_has_short_weights(const grav_law_shape *shape);

/* Those of each kind; count > 1. */
grav_status grav_law_sum_exactly(const grav_law_shape *shape, grav_law_visit *visit, void *data,
                                 grav_error *err);
void grav_law_streak_exactly(const grav_law_shape *shape, grav_law_visit *visit, void *data);

/* ---- The table ------------------------------------------------------------------------------- */

struct grav_law {
    uint64_t first, step, count; /* the possible scores, as in the shape */
    double mean, sd;
    grav_wide *equal; /* P(score = first + step * i) */
    /* The smaller of P(score < first + step * i) and its complement: to any depth on both sides.
     * The former for i below upper. */
    grav_wide *side;
    uint64_t upper;
};

/* out = P(score = score), rounded to out's precision; 0 for impossible scores. */
void grav_law_equal_wide(const grav_law *law, uint64_t score, mpfr_t out);

/* Fills equal, side and upper of a binomial law that is not certain. */
void grav_law_fill_binomial(const grav_law_shape *shape, grav_law *law);

#endif
