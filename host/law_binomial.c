/* The binomial law of many rolls, by floating point: from the most likely score outwards each term
 * follows from the one before. All terms are positive, so that every step loses at most two units
 * in the last of LAW_BITS, and 2^20 steps leave over 160 bits. */
#include "law.h"

enum {
    LAW_BITS = 192,
    LAW_TERM_BITS = 256, /* of a term's logarithm, which is large: leaves LAW_BITS after exp() */
};

typedef struct binomial {
    uint64_t rolls;
    mpfr_t p, q;       /* the chance of a roll to take the higher value, and not to */
    mpfr_t odds, anti; /* p / q and q / p */
} binomial;

static void binomial_init(const grav_law_shape *shape, binomial *b)
{
    mpq_t chance;
    mpq_init(chance);
    mpz_set(mpq_numref(chance), shape->terms[1].weight);
    mpz_set(mpq_denref(chance), shape->total);
    mpq_canonicalize(chance);
    b->rolls = shape->rolls;
    mpfr_inits2(LAW_TERM_BITS, b->p, b->q, b->odds, b->anti, (mpfr_ptr)NULL);
    mpfr_set_q(b->p, chance, MPFR_RNDN);
    mpz_set(mpq_numref(chance), shape->terms[0].weight);
    mpz_set(mpq_denref(chance), shape->total);
    mpq_canonicalize(chance);
    mpfr_set_q(b->q, chance, MPFR_RNDN);
    mpfr_div(b->odds, b->p, b->q, MPFR_RNDN);
    mpfr_div(b->anti, b->q, b->p, MPFR_RNDN);
    mpq_clear(chance);
}

/* out = P(k) = rolls! / (k! (rolls - k)!) p^k q^(rolls - k), by logarithms. */
static void term_of(const binomial *b, uint64_t k, mpfr_t out)
{
    mpfr_t log_term, x;
    mpfr_init2(log_term, LAW_TERM_BITS);
    mpfr_init2(x, LAW_TERM_BITS);
    mpfr_set_ui(x, b->rolls + 1, MPFR_RNDN);
    mpfr_lngamma(log_term, x, MPFR_RNDN);
    mpfr_set_ui(x, k + 1, MPFR_RNDN);
    mpfr_lngamma(x, x, MPFR_RNDN);
    mpfr_sub(log_term, log_term, x, MPFR_RNDN);
    mpfr_set_ui(x, b->rolls - k + 1, MPFR_RNDN);
    mpfr_lngamma(x, x, MPFR_RNDN);
    mpfr_sub(log_term, log_term, x, MPFR_RNDN);
    mpfr_log(x, b->p, MPFR_RNDN);
    mpfr_mul_ui(x, x, k, MPFR_RNDN);
    mpfr_add(log_term, log_term, x, MPFR_RNDN);
    mpfr_log(x, b->q, MPFR_RNDN);
    mpfr_mul_ui(x, x, b->rolls - k, MPFR_RNDN);
    mpfr_add(log_term, log_term, x, MPFR_RNDN);
    mpfr_exp(out, log_term, MPFR_RNDN);
    mpfr_clears(log_term, x, (mpfr_ptr)NULL);
}

/* Turns P(k) into P(k + 1); to 0 after the last. */
static void step_up(const binomial *b, uint64_t k, mpfr_t term)
{
    mpfr_mul_ui(term, term, b->rolls - k, MPFR_RNDN);
    mpfr_div_ui(term, term, k + 1, MPFR_RNDN);
    mpfr_mul(term, term, b->odds, MPFR_RNDN);
}

/* Turns P(k) into P(k - 1); to 0 before the first. */
static void step_down(const binomial *b, uint64_t k, mpfr_t term)
{
    mpfr_mul_ui(term, term, k, MPFR_RNDN);
    mpfr_div_ui(term, term, b->rolls - k + 1, MPFR_RNDN);
    mpfr_mul(term, term, b->anti, MPFR_RNDN);
}

/* Fills equal outwards from the mode, a most likely score. */
static void fill_equal(const binomial *b, uint64_t mode, grav_law *law)
{
    mpfr_t peak, term;
    mpfr_init2(peak, LAW_BITS);
    mpfr_init2(term, LAW_BITS);
    term_of(b, mode, peak);
    mpfr_set(term, peak, MPFR_RNDN);
    for (uint64_t k = mode; k <= b->rolls; k++) {
        grav_wide_set(&law->equal[k], term);
        step_up(b, k, term);
    }
    mpfr_set(term, peak, MPFR_RNDN);
    for (uint64_t k = mode; k > 0; k--) {
        step_down(b, k, term);
        grav_wide_set(&law->equal[k - 1], term);
    }
    mpfr_clears(peak, term, (mpfr_ptr)NULL);
}

/* Adds equal up from both ends, up to where the sum passes a half. */
static void fill_sides(uint64_t rolls, grav_law *law)
{
    mpfr_t sum, term;
    mpfr_init2(sum, LAW_BITS);
    mpfr_init2(term, LAW_BITS);
    mpfr_set_zero(sum, 1);
    for (law->upper = 0; law->upper <= rolls && mpfr_cmp_d(sum, 0.5) <= 0; law->upper++) {
        grav_wide_set(&law->side[law->upper], sum);
        grav_wide_get(&law->equal[law->upper], term);
        mpfr_add(sum, sum, term, MPFR_RNDN);
    }
    mpfr_set_zero(sum, 1);
    for (uint64_t k = rolls + 1; k > law->upper; k--) {
        grav_wide_get(&law->equal[k - 1], term);
        mpfr_add(sum, sum, term, MPFR_RNDN);
        grav_wide_set(&law->side[k - 1], sum);
    }
    mpfr_clears(sum, term, (mpfr_ptr)NULL);
}

void grav_law_fill_binomial(const grav_law_shape *shape, grav_law *law)
{
    binomial b;
    binomial_init(shape, &b);
    fill_equal(&b, (uint64_t)(mpfr_get_d(b.p, MPFR_RNDN) * shape->rolls), law);
    fill_sides(shape->rolls, law);
    mpfr_clears(b.p, b.q, b.odds, b.anti, (mpfr_ptr)NULL);
}
