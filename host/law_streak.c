/* The law of the longest streak, exactly. A roll scores by weight a and does not by weight b, m = a
 * + b; of all m^n ways those without r in a row number N(n).
 *
 * Short streaks by de Moivre's recurrence (Feller, An Introduction to Probability Theory and Its
 * Applications 1, XIII.7): N(i) = m^i for i < r, N(r) = m^r - a^r and, the first streak ending in
 * roll i,
 *
 *     N(i) = m N(i-1) - a^r b N(i-r-1).
 *
 * Long ones by the sum that solves it (Uspensky, Introduction to Mathematical Probability, chapter
 * V): N(n) = B(n) - a^r B(n-r) with
 *
 *     B(n) = sum over l from 0 to n / (r + 1) of (-1)^l C(n - l r, l) (a^r b)^l m^(n - l (r + 1)),
 *
 * which has few terms then: beyond n / 2, P(streak >= r) = p^r (1 + (n - r) q). */
#include <stdlib.h>

#include "law.h"

/* Up to here the recurrence is as fast as the sum, which has many long binomial coefficients. */
enum { RECURRENCE_MAX = 32 };

typedef struct streaks {
    uint32_t rolls;
    const mpz_t *a, *b, *m;
    mpz_t ends;                   /* a^r b */
    mpz_t a_r, m_r1;              /* a^r and m^(r + 1) */
    mpz_t power, ways, term, sum; /* for passing use */
    mpz_t window[RECURRENCE_MAX + 1];
} streaks;

/* out = N(rolls) of streaks of r <= RECURRENCE_MAX. N(i) is kept at i mod (r + 1). */
static void by_recurrence(streaks *s, uint32_t r, mpz_t out)
{
    mpz_set_ui(s->window[0], 1);
    for (uint32_t i = 1; i <= s->rolls; i++) {
        mpz_t *now = &s->window[i % (r + 1)];
        if (i > r) /* what is in place is N(i - r - 1) */
            mpz_mul(s->term, s->ends, *now);
        else
            mpz_set(s->term, s->a_r);
        mpz_mul(*now, *s->m, s->window[(i - 1) % (r + 1)]);
        if (i >= r)
            mpz_sub(*now, *now, s->term);
    }
    mpz_set(out, s->window[s->rolls % (r + 1)]);
}

/* out = B(n), from the highest power of m^(r + 1) down. */
static void sum_solution(streaks *s, uint32_t n, uint32_t r, mpz_t out)
{
    uint32_t last = n / (r + 1);
    mpz_set_ui(out, 1);
    mpz_set_ui(s->power, 1);
    for (uint32_t l = 1; l <= last; l++) {
        mpz_mul(s->power, s->power, s->ends);
        mpz_bin_uiui(s->ways, n - l * r, l);
        mpz_mul(s->term, s->ways, s->power);
        mpz_mul(out, out, s->m_r1);
        if (l % 2)
            mpz_sub(out, out, s->term);
        else
            mpz_add(out, out, s->term);
    }
    mpz_pow_ui(s->power, *s->m, n - last * (r + 1));
    mpz_mul(out, out, s->power);
}

static void by_sum(streaks *s, uint32_t r, mpz_t out)
{
    sum_solution(s, s->rolls, r, out);
    sum_solution(s, s->rolls - r, r, s->sum);
    mpz_submul(out, s->a_r, s->sum);
}

void grav_law_streak_exactly(const grav_law_shape *shape, grav_law_visit *visit, void *data)
{
    streaks s = {.rolls = shape->rolls, .b = &shape->terms[0].weight, .a = &shape->terms[1].weight};
    mpz_t all, fewer;
    s.m = &shape->total;
    mpz_inits(all, fewer, s.ends, s.a_r, s.m_r1, s.power, s.ways, s.term, s.sum, NULL);
    for (size_t i = 0; i <= RECURRENCE_MAX; i++)
        mpz_init(s.window[i]);
    mpz_pow_ui(all, shape->total, shape->rolls);
    mpz_set_ui(s.a_r, 1);
    mpz_set(s.m_r1, *s.m);
    for (uint32_t r = 1; r <= s.rolls; r++) {
        mpz_mul(s.a_r, s.a_r, *s.a);
        mpz_mul(s.m_r1, s.m_r1, *s.m);
        mpz_mul(s.ends, s.a_r, *s.b);
        if (r <= RECURRENCE_MAX)
            by_recurrence(&s, r, fewer);
        else
            by_sum(&s, r, fewer);
        visit(data, r - 1, fewer, all);
    }
    visit(data, s.rolls, all, all);
    for (size_t i = 0; i <= RECURRENCE_MAX; i++)
        mpz_clear(s.window[i]);
    mpz_clears(all, fewer, s.ends, s.a_r, s.m_r1, s.power, s.ways, s.term, s.sum, NULL);
}
