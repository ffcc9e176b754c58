/* Verifying results by playing sessions again: all of them, or a sample. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "result.h"

__extension__ typedef unsigned __int128 uint128;

/* A range of a sample plays about so many rolls: some 10 ms for a CPU. */
static const uint64_t sample_rolls = UINT64_C(1) << 28;

/* What differs between what was stored and what was played now. */
static grav_status compare(const grav_result *stored, const grav_result *played, grav_error *err)
{
    char digest_a[GRAV_DIGEST_SIZE], digest_b[GRAV_DIGEST_SIZE];
    grav_status status = grav_tally_compare(&stored->tally, &played->tally, err);
    if (status != GRAV_OK)
        return grav_fail_in(err, status, "it is not what is played now");
    grav_result_digest(stored, digest_a);
    grav_result_digest(played, digest_b);
    if (strcmp(digest_a, digest_b) != 0)
        return grav_fail(err, GRAV_ERROR_MISMATCH, "its digest is %s, played again it is %s",
                         digest_a, digest_b);
    return GRAV_OK;
}

/* ---- All sessions ---------------------------------------------------------------------------- */

/* Plays one range as spec says and adds it to *sum. Sets *stopped where it was not played whole. */
static grav_status play_again(const grav_result *result, const grav_run_spec *where,
                              grav_range range, grav_result *sum, bool *stopped, grav_error *err)
{
    grav_run_spec spec;
    grav_result *part;
    grav_result_spec(result, &spec);
    spec.first = range.first;
    spec.sessions = range.end - range.first;
    spec.until_target = false;
    spec.backend = where->backend;
    spec.devices = where->devices;
    spec.device_count = where->device_count;
    spec.threads = where->threads;
    spec.isa = where->isa;
    spec.team = where->team;
    spec.progress = where->progress;
    spec.notice = where->notice;
    spec.data = where->data;
    grav_status status = grav_run(result->experiment, &spec, &part, err);
    if (status != GRAV_OK)
        return status;
    *stopped = !grav_result_complete(part);
    if (part->failure.status != GRAV_OK) {
        status = part->failure.status;
        if (err)
            *err = part->failure;
    }
    if (status == GRAV_OK)
        status = grav_result_add(sum, part, err);
    grav_result_destroy(part);
    return status;
}

grav_status grav_verify_full(const grav_result *result, const grav_run_spec *where, bool *stopped,
                             grav_error *err)
{
    grav_result *again;
    *stopped = false;
    grav_status status = grav_result_create_like(result, &again, err);
    if (status != GRAV_OK)
        return status;
    for (size_t i = 0; status == GRAV_OK && !*stopped && i < result->ranges.count; i++)
        status = play_again(result, where, result->ranges.items[i], again, stopped, err);
    if (status == GRAV_OK && !*stopped)
        status = compare(result, again, err);
    grav_result_destroy(again);
    return status;
}

/* ---- A sample -------------------------------------------------------------------------------- */

/* Sessions of a result counted from its first range on, whatever lies between the ranges: the
 * ranges that [at, at + sessions) of them are, added to *out. */
static grav_status ranges_at(const grav_ranges *ranges, uint64_t at, uint64_t sessions,
                             grav_ranges *out, grav_error *err)
{
    grav_status status = GRAV_OK;
    for (size_t i = 0; status == GRAV_OK && sessions && i < ranges->count; i++) {
        uint64_t first = ranges->items[i].first, length = ranges->items[i].end - first;
        uint64_t skipped = at < length ? at : length;
        uint64_t taken = length - skipped < sessions ? length - skipped : sessions;
        status = grav_ranges_add(out, first + skipped, first + skipped + taken, err);
        at -= skipped;
        sessions -= taken;
    }
    return status;
}

/* A whole number from 0 to most, by word 0 and 1 of session `number` under seed: each about as
 * likely as the others. */
static uint64_t draw(uint64_t seed, uint64_t number, uint64_t most)
{
    uint32_t words[2];
    grav_words(GRAV_ENGINE_PHILOX, seed, number, 0, 2, words);
    uint128 product = ((uint128)words[1] << 32 | words[0]) * ((uint128)most + 1);
    return (uint64_t)(product >> 64);
}

/* One range in each of so many equal parts of all sessions, at random. */
static grav_status draw_sample(const grav_result *result, uint64_t parts, uint64_t seed,
                               grav_ranges *out, grav_error *err)
{
    uint64_t all = result->tally.sessions;
    uint64_t size = sample_rolls / grav_experiment_rolls(result->experiment) + 1;
    grav_status status = GRAV_OK;
    for (uint64_t i = 0; status == GRAV_OK && i < parts; i++) {
        uint64_t at, length;
        status = grav_split(0, all, parts, i, &at, &length, err);
        if (status != GRAV_OK || !length)
            continue;
        uint64_t taken = length < size ? length : size;
        at += draw(seed, i, length - taken);
        status = ranges_at(&result->ranges, at, taken, out, err);
    }
    return status;
}

/* Whether what was found in some of its sessions can be true of a result. */
static grav_status check_part(const grav_result *whole, const grav_result *part, grav_error *err)
{
    const grav_tally *a = &whole->tally, *b = &part->tally;
    const grav_part *best = &a->part, *found = &b->part;
    if (found->max_score > best->max_score ||
        (found->max_score == best->max_score && found->max_session < best->max_session))
        return grav_fail(err, GRAV_ERROR_MISMATCH,
                         "session %" PRIu64 " scores %" PRIu64 ", its record is %" PRIu64
                         " in session %" PRIu64,
                         found->max_session, b->base + found->max_score, a->base + best->max_score,
                         best->max_session);
    for (size_t i = 0; i < a->length; i++)
        if (found->counts[i] > best->counts[i])
            return grav_fail(err, GRAV_ERROR_MISMATCH,
                             "it has %" PRIu64 " sessions of score %" PRIu64
                             ", a sample has %" PRIu64 " already",
                             best->counts[i], a->base + i, found->counts[i]);
    if (grav_ranges_has(&part->ranges, best->max_session) &&
        found->max_session != best->max_session)
        return grav_fail(err, GRAV_ERROR_MISMATCH,
                         "session %" PRIu64 " does not score %" PRIu64 ", its record",
                         best->max_session, a->base + best->max_score);
    return b->sessions == a->sessions ? compare(whole, part, err) : GRAV_OK;
}

grav_status grav_verify_sample(const grav_result *result, const grav_run_spec *where,
                               uint64_t parts, uint64_t seed, uint64_t *sessions, bool *stopped,
                               grav_error *err)
{
    grav_result *sample;
    grav_ranges ranges = {0};
    *stopped = false;
    if (parts < 1 || parts > GRAV_SAMPLE_MAX)
        return grav_fail(err, GRAV_ERROR_INVALID, "a sample of %" PRIu64 " is not from 1 to %u",
                         parts, GRAV_SAMPLE_MAX);
    grav_status status = grav_result_create_like(result, &sample, err);
    if (status != GRAV_OK)
        return status;
    if (result->tally.sessions)
        status = draw_sample(result, parts, seed, &ranges, err);
    for (size_t i = 0; status == GRAV_OK && !*stopped && i < ranges.count; i++)
        status = play_again(result, where, ranges.items[i], sample, stopped, err);
    if (status == GRAV_OK && !*stopped)
        status = check_part(result, sample, err);
    *sessions = sample->tally.sessions;
    grav_ranges_free(&ranges);
    grav_result_destroy(sample);
    return status;
}
