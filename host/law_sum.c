/* The law of a sum, exactly: the coefficients of a polynomial's power. With the die's polynomial A
 * = a_0 + a_1 x + … + a_d x^d those of A^n follow from A (A^n)' = n A' A^n (Euler; Knuth, The Art
 * of Computer Programming 2, 4.7): c_0 = a_0^n and
 *
 *     c_k = sum over i from 1 to min(k, d) of (i (n + 1) - k) a_i c_{k-i}, divided by k a_0,
 *
 * without a remainder. The last d coefficients are all that is looked at. */
#include <stdlib.h>

#include "error.h"
#include "law.h"

typedef struct power {
    const grav_law_shape *shape;
    bool is_short;  /* grav_law_has_short_weights() */
    uint64_t width; /* of the window: d + 1 */
    mpz_t *window;  /* c_k at k mod width */
    mpz_t factor;
} power;

bool grav_law_has_short_weights(const grav_law_shape *shape)
{
    enum { SHORT_BITS = 42 };
    for (size_t i = 0; i < shape->term_count; i++)
        if (mpz_sizeinbase(shape->terms[i].weight, 2) > SHORT_BITS)
            return false;
    return true;
}

/* sum += factor * weight * coefficient */
static void add_product(power *p, mpz_t sum, int64_t factor, const mpz_t weight,
                        const mpz_t coefficient)
{
    if (!p->is_short) {
        mpz_mul_si(p->factor, weight, factor);
        mpz_addmul(sum, p->factor, coefficient);
    } else if (factor > 0) {
        mpz_addmul_ui(sum, coefficient, (uint64_t)factor * mpz_get_ui(weight));
    } else {
        mpz_submul_ui(sum, coefficient, (uint64_t)-factor * mpz_get_ui(weight));
    }
}

/* c_k for k > 0, into its place. */
static void next_coefficient(power *p, uint64_t k)
{
    const grav_law_term *terms = p->shape->terms;
    mpz_t *sum = &p->window[k % p->width];
    mpz_set_ui(*sum, 0);
    for (size_t i = 1; i < p->shape->term_count && terms[i].at <= k; i++) {
        const mpz_t *before = &p->window[(k - terms[i].at) % p->width];
        int64_t factor = (int64_t)(terms[i].at * ((uint64_t)p->shape->rolls + 1)) - (int64_t)k;
        if (mpz_sgn(*before))
            add_product(p, *sum, factor, terms[i].weight, *before);
    }
    if (p->is_short) {
        mpz_divexact_ui(*sum, *sum, k * mpz_get_ui(terms[0].weight));
    } else {
        mpz_divexact_ui(*sum, *sum, k);
        mpz_divexact(*sum, *sum, terms[0].weight);
    }
}

grav_status grav_law_sum_exactly(const grav_law_shape *shape, grav_law_visit *visit, void *data,
                                 grav_error *err)
{
    power p = {.shape = shape, .is_short = grav_law_has_short_weights(shape)};
    p.width = shape->terms[shape->term_count - 1].at + 1;
    p.window = malloc(p.width * sizeof *p.window);
    if (!p.window)
        return grav_no_memory(err, "a law");
    for (uint64_t i = 0; i < p.width; i++)
        mpz_init(p.window[i]);
    mpz_t at_most, all;
    mpz_inits(at_most, all, p.factor, NULL);
    mpz_pow_ui(all, shape->total, shape->rolls);
    mpz_pow_ui(p.window[0], shape->terms[0].weight, shape->rolls);
    for (uint64_t k = 0; k < shape->count; k++) {
        if (k > 0)
            next_coefficient(&p, k);
        mpz_add(at_most, at_most, p.window[k % p.width]);
        visit(data, k, at_most, all);
    }
    for (uint64_t i = 0; i < p.width; i++)
        mpz_clear(p.window[i]);
    free(p.window);
    mpz_clears(at_most, all, p.factor, NULL);
    return GRAV_OK;
}
