#include "tally.h"

#include <inttypes.h>
#include <mpfr.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "number.h"

__extension__ typedef unsigned __int128 uint128;

grav_status grav_tally_init(grav_tally *tally, size_t length, grav_error *err)
{
    *tally = (grav_tally){.length = length, .part.max_session = GRAV_NO_SESSION};
    if (length) {
        tally->part.counts = calloc(length, sizeof *tally->part.counts);
        if (!tally->part.counts)
            return grav_no_memory(err, "a histogram");
    }
    return GRAV_OK;
}

void grav_tally_free(grav_tally *tally)
{
    free(tally->part.counts);
    *tally = (grav_tally){0};
}

void grav_tally_clear(grav_tally *tally)
{
    tally->sessions = 0;
    tally->part.max_score = 0;
    tally->part.max_session = GRAV_NO_SESSION;
    if (tally->length)
        memset(tally->part.counts, 0, tally->length * sizeof *tally->part.counts);
}

void grav_tally_merge(grav_tally *into, const grav_tally *from)
{
    into->sessions += from->sessions;
    grav_part_offer(&into->part, from->part.max_score, from->part.max_session);
    for (size_t i = 0; i < from->length; i++)
        into->part.counts[i] += from->part.counts[i];
}

grav_status grav_tally_check(const grav_tally *tally, uint64_t sessions, grav_error *err)
{
    if (tally->sessions != sessions)
        return grav_fail(err, GRAV_ERROR_DEVICE, "%" PRIu64 " sessions tallied, %" PRIu64 " played",
                         tally->sessions, sessions);
    if ((tally->part.max_session == GRAV_NO_SESSION) != (sessions == 0))
        return grav_fail(err, GRAV_ERROR_DEVICE, "a record without sessions, or none with some");
    if (!tally->length)
        return GRAV_OK;
    uint64_t sum = 0, highest = 0;
    for (size_t i = 0; i < tally->length; i++) {
        /* Sessions are far fewer than a sum that stays at the end. */
        if (__builtin_add_overflow(sum, tally->part.counts[i], &sum))
            sum = UINT64_MAX;
        if (tally->part.counts[i])
            highest = i;
    }
    if (sum != sessions)
        return grav_fail(err, GRAV_ERROR_DEVICE,
                         "the histogram holds %" PRIu64 " sessions, %" PRIu64 " were played", sum,
                         sessions);
    if (highest != tally->part.max_score)
        return grav_fail(err, GRAV_ERROR_DEVICE,
                         "the histogram ends at score %" PRIu64 ", the record is %" PRIu64, highest,
                         tally->part.max_score);
    return GRAV_OK;
}

grav_status grav_tally_compare(const grav_tally *a, const grav_tally *b, grav_error *err)
{
    if (a->part.max_score != b->part.max_score || a->part.max_session != b->part.max_session)
        return grav_fail(err, GRAV_ERROR_MISMATCH,
                         "the record is %" PRIu64 " in session %" PRIu64 " against %" PRIu64
                         " in session %" PRIu64,
                         a->base + a->part.max_score, a->part.max_session,
                         b->base + b->part.max_score, b->part.max_session);
    for (size_t i = 0; i < a->length; i++)
        if (a->part.counts[i] != b->part.counts[i])
            return grav_fail(err, GRAV_ERROR_MISMATCH,
                             "%" PRIu64 " sessions score %" PRIu64 " against %" PRIu64,
                             a->part.counts[i], a->base + i, b->part.counts[i]);
    if (a->sessions != b->sessions)
        return grav_fail(err, GRAV_ERROR_MISMATCH, "%" PRIu64 " sessions against %" PRIu64,
                         a->sessions, b->sessions);
    return GRAV_OK;
}

/* sum of score^power * count over the histogram. */
static void power_sum(const grav_tally *tally, int power, mpz_t out)
{
    /* Scores are below 2^32 and there are at most 2^63 sessions, so even the squares' sum stays
     * below 2^127. */
    uint128 sum = 0;
    for (size_t i = 0; i < tally->length; i++) {
        uint128 score = tally->base + i;
        sum += (power == 2 ? score * score : score) * tally->part.counts[i];
    }
    uint64_t words[2] = {(uint64_t)sum, (uint64_t)(sum >> 64)};
    mpz_import(out, 2, -1, sizeof *words, 0, 0, words);
}

/* numerator / denominator to the nearest double. */
static double ratio(const mpz_t numerator, const mpz_t denominator, bool root)
{
    mpq_t exact;
    mpfr_t rounded;
    mpq_init(exact);
    mpfr_init2(rounded, 256);
    mpz_set(mpq_numref(exact), numerator);
    mpz_set(mpq_denref(exact), denominator);
    mpq_canonicalize(exact);
    mpfr_set_q(rounded, exact, MPFR_RNDN);
    if (root)
        mpfr_sqrt(rounded, rounded, MPFR_RNDN);
    double out = mpfr_get_d(rounded, MPFR_RNDN);
    mpq_clear(exact);
    mpfr_clear(rounded);
    return out;
}

/* Mean S1 / N, and standard deviation sqrt(N S2 - S1^2) / N of the population. */
static void mean_and_sd(const grav_tally *tally, grav_summary *out)
{
    mpz_t n, s1, s2, spread;
    mpz_inits(n, s1, s2, spread, NULL);
    grav_mpz_set_u64(n, tally->sessions);
    power_sum(tally, 1, s1);
    power_sum(tally, 2, s2);
    out->mean = ratio(s1, n, false);
    mpz_mul(spread, n, s2);
    mpz_submul(spread, s1, s1);
    mpz_mul(n, n, n);
    out->sd = ratio(spread, n, true);
    mpz_clears(n, s1, s2, spread, NULL);
}

/* The lowest score that at least quarters / 4 of the sessions do not exceed. */
static uint64_t quartile(const grav_tally *tally, unsigned quarters)
{
    uint64_t below = 0;
    for (size_t i = 0; i < tally->length; i++) {
        below += tally->part.counts[i];
        if ((uint128)below * 4 >= (uint128)tally->sessions * quarters)
            return i;
    }
    return tally->part.max_score;
}

void grav_tally_summarise(const grav_tally *tally, grav_summary *out)
{
    *out = (grav_summary){
        .sessions = tally->sessions,
        .has_histogram = tally->length > 0,
        .max_score = tally->base + tally->part.max_score,
        .max_session = tally->part.max_session,
    };
    if (tally->sessions == 0 || !tally->length)
        return;
    while (tally->part.counts[out->min_score] == 0)
        out->min_score++;
    out->min_score += tally->base;
    mean_and_sd(tally, out);
    for (unsigned i = 0; i < 3; i++)
        out->quartiles[i] = tally->base + quartile(tally, i + 1);
}

bool grav_tally_reached(const grav_tally *tally, uint64_t target)
{
    return tally->sessions > 0 && tally->base + tally->part.max_score >= target;
}

uint64_t grav_tally_at_least(const grav_tally *tally, uint64_t target)
{
    uint64_t sessions = 0;
    for (uint64_t i = target > tally->base ? target - tally->base : 0; i < tally->length; i++)
        sessions += tally->part.counts[i];
    return sessions;
}
