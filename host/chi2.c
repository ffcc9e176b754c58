/* Pearson's chi-square test of a histogram against the law. */
#include <math.h>
#include <mpfr.h>

#include "law.h"
#include "result.h"

/* Cells that expect fewer sessions than this are pooled with the next (Cochran 1954). */
static const double cell_sessions_min = 5;

/* Upper tail of the chi-square distribution, Q(dof / 2, value / 2). */
static double chi2_upper_tail(double value, uint64_t dof)
{
    /* Far out, where MPFR takes minutes, Chernoff's bound tells that no double is that small. */
    double half_dof = (double)dof / 2, half_value = value / 2;
    static const double log_smallest = -750;
    if (half_value > half_dof &&
        half_dof - half_value + half_dof * log(half_value / half_dof) < log_smallest)
        return 0;
    mpfr_t a, x, gamma;
    mpfr_inits2(128, a, x, gamma, (mpfr_ptr)NULL);
    mpfr_set_ui(a, dof, MPFR_RNDN);
    mpfr_div_2ui(a, a, 1, MPFR_RNDN);
    mpfr_set_d(x, value, MPFR_RNDN);
    mpfr_div_2ui(x, x, 1, MPFR_RNDN);
    mpfr_gamma_inc(x, a, x, MPFR_RNDN);
    mpfr_gamma(gamma, a, MPFR_RNDN);
    mpfr_div(x, x, gamma, MPFR_RNDN);
    double p = mpfr_get_d(x, MPFR_RNDN);
    mpfr_clears(a, x, gamma, (mpfr_ptr)NULL);
    return p;
}

/* excess += count - sessions * p: from doubles of huge counts little of it would be left. */
static void add_excess(mpfr_t excess, uint64_t count, uint64_t sessions, mpfr_t p)
{
    mpfr_mul_ui(p, p, sessions, MPFR_RNDN);
    mpfr_sub(excess, excess, p, MPFR_RNDN);
    mpfr_add_ui(excess, excess, count, MPFR_RNDN);
}

static double cell_value(const mpfr_t excess, double expected)
{
    double x = mpfr_get_d(excess, MPFR_RNDN);
    return x * x / expected;
}

bool grav_result_chi2(const grav_result *result, const grav_law *law, grav_chi2 *out)
{
    const grav_tally *tally = &result->tally;
    if (result->engine == GRAV_ENGINE_GEN3)
        return false;
    double sessions = (double)tally->sessions;
    double value = 0, expected = 0;
    /* The last cell is all of the upper tail that is needed to expect enough. */
    size_t last = tally->length;
    for (double tail = 0; last > 0 && tail < cell_sessions_min;)
        tail += sessions * grav_law_equal(law, tally->base + --last);
    uint64_t cells_before = 0;
    mpfr_t excess, p; /* of the cell: observed less expected */
    mpfr_inits2(GRAV_WORK_BITS, excess, p, (mpfr_ptr)NULL);
    mpfr_set_zero(excess, 1);
    for (size_t i = 0; i < tally->length; i++) {
        grav_law_equal_wide(law, tally->base + i, p);
        expected += sessions * mpfr_get_d(p, MPFR_RNDN);
        add_excess(excess, tally->part.counts[i], tally->sessions, p);
        if (i < last && expected >= cell_sessions_min) {
            value += cell_value(excess, expected);
            cells_before++;
            expected = 0;
            mpfr_set_zero(excess, 1);
        }
    }
    if (cells_before > 0) {
        value += cell_value(excess, expected);
        *out = (grav_chi2){value, cells_before, chi2_upper_tail(value, cells_before)};
    }
    mpfr_clears(excess, p, (mpfr_ptr)NULL);
    return cells_before > 0;
}
