/* Verifying results: what a file says of itself, the law, and the sessions played again. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "file.h"
#include "json.h"
#include "result_read.h"

/* Chances below this are no luck. */
static const double chance_min = 1e-9;
/* What the law's figures may differ by from one machine's mathematics to another's. */
static const double law_tolerance = 1e-9;

/* ---- The file -------------------------------------------------------------------------------- */

/* Whether two values agree: numbers to within the tolerance, all else to the letter. */
static bool agrees(const json_t *a, const json_t *b)
{
    const char *key;
    json_t *value;
    if (!a || !b) /* what is in neither agrees */
        return a == b;
    if (json_is_number(a) && json_is_number(b)) {
        double x = json_number_value(a), y = json_number_value(b);
        return fabs(x - y) <= law_tolerance * fmax(fabs(x), fabs(y));
    }
    if (!json_is_object(a) || !json_is_object(b) || json_object_size(a) != json_object_size(b))
        return json_equal(a, b);
    json_object_foreach((json_t *)a, key,
                        value) if (!agrees(value, json_object_get(b, key))) return false;
    return true;
}

/* Which key of a section is not what it should be. */
static grav_status check_section(const json_t *file, const json_t *made, const char *section,
                                 grav_error *err)
{
    const char *key;
    json_t *value, *should = json_object_get(made, section);
    json_t *is = json_object_get(file, section);
    if (agrees(is, should))
        return GRAV_OK;
    json_object_foreach(
        should, key,
        value) if (!agrees(value,
                           json_object_get(is, key))) return grav_fail(err, GRAV_ERROR_MISMATCH,
                                                                       "its '%s.%s' is not what "
                                                                       "follows from its histogram",
                                                                       section, key);
    return grav_fail(err, GRAV_ERROR_MISMATCH, "its '%s' is not what follows from the rest",
                     section);
}

static grav_status check_sections(const json_t *file, const grav_result *result,
                                  const grav_law *law, grav_error *err)
{
    static const char *const sections[] = {"experiment", "run", "result", "law", "complete"};
    bool has_law = json_object_get(file, "law") != NULL;
    json_t *made = grav_json_result(result, has_law ? law : NULL);
    grav_status status = made ? GRAV_OK : grav_no_memory(err, "JSON");
    for (size_t i = 0; status == GRAV_OK && i < sizeof sections / sizeof *sections; i++)
        status = check_section(file, made, sections[i], err);
    json_decref(made);
    return status;
}

grav_status grav_verify_file(const char *path, const grav_result *result, const grav_law *law,
                             grav_error *err)
{
    char *text;
    size_t length;
    grav_status status = grav_file_read(path, GRAV_RESULT_FILE_MAX, &text, &length, err);
    if (status != GRAV_OK)
        return status;
    json_error_t why = {0};
    json_t *file = json_loadb(text, length, JSON_REJECT_DUPLICATES, &why);
    free(text);
    if (!file && grav_json_no_memory(&why))
        return grav_no_memory(err, "a result's JSON");
    if (!file)
        return grav_fail(err, GRAV_ERROR_INVALID, "'%.256s' is no JSON", path);
    status = check_sections(file, result, law, err);
    json_decref(file);
    return status;
}

/* ---- The law --------------------------------------------------------------------------------- */

grav_status grav_verify_law(const grav_result *result, const grav_law *law, grav_error *err)
{
    grav_summary summary;
    grav_chi2 chi2;
    grav_result_summary(result, &summary);
    if (result->engine == GRAV_ENGINE_GEN3 || !summary.sessions)
        return GRAV_OK;
    double luck = grav_law_max_at_least(law, summary.max_score, summary.sessions);
    if (luck < chance_min)
        return grav_fail(err, GRAV_ERROR_MISMATCH,
                         "a highest score of %" PRIu64 " is too good to be luck: the law gives it "
                         "a chance of %.3g",
                         summary.max_score, luck);
    if (grav_result_chi2(result, law, &chi2) && chi2.p < chance_min)
        return grav_fail(err, GRAV_ERROR_MISMATCH,
                         "the histogram does not fit the law: chi-square %.4g on %" PRIu64
                         " degrees of freedom, p = %.3g",
                         chi2.value, chi2.dof, chi2.p);
    return GRAV_OK;
}

/* ---- Sessions -------------------------------------------------------------------------------- */

/* The score of one session, rolled or drawn by the code that `replay` uses: no kernel. */
static grav_status replay_score(const grav_result *result, uint64_t session, uint64_t *score,
                                grav_error *err)
{
    uint64_t words;
    grav_draw draw;
    if (result->method == GRAV_METHOD_ROLLS)
        return grav_replay(result->experiment, result->method, result->engine,
                           result->calls_per_roll, result->seed, session, NULL, score, &words, err);
    grav_status status =
        grav_replay_scores(result->experiment, result->engine, result->seed, session, &draw, err);
    if (status == GRAV_OK)
        *score = draw.score;
    return status;
}

grav_status grav_verify_record(const grav_result *result, grav_error *err)
{
    grav_summary summary;
    uint64_t score;
    grav_result_summary(result, &summary);
    if (!summary.sessions)
        return GRAV_OK;
    grav_status status = replay_score(result, summary.max_session, &score, err);
    if (status == GRAV_OK && score != summary.max_score)
        return grav_fail(err, GRAV_ERROR_MISMATCH,
                         "session %" PRIu64 " scores %" PRIu64 ", not the %" PRIu64
                         " that is its record",
                         summary.max_session, score, summary.max_score);
    return status;
}

/* What differs between what was stored and what was played now. */
static grav_status compare(const grav_result *stored, const grav_result *played, grav_error *err)
{
    const grav_tally *a = &stored->tally, *b = &played->tally;
    char digest_a[GRAV_DIGEST_SIZE], digest_b[GRAV_DIGEST_SIZE];
    if (a->part.max_score != b->part.max_score || a->part.max_session != b->part.max_session)
        return grav_fail(err, GRAV_ERROR_MISMATCH,
                         "its record is %" PRIu64 " in session %" PRIu64
                         ", played again it is %" PRIu64 " in session %" PRIu64,
                         a->base + a->part.max_score, a->part.max_session,
                         b->base + b->part.max_score, b->part.max_session);
    for (size_t i = 0; i < a->length; i++)
        if (a->part.counts[i] != b->part.counts[i])
            return grav_fail(err, GRAV_ERROR_MISMATCH,
                             "it has %" PRIu64 " sessions of score %" PRIu64
                             ", played again they are %" PRIu64,
                             a->part.counts[i], a->base + i, b->part.counts[i]);
    grav_result_digest(stored, digest_a);
    grav_result_digest(played, digest_b);
    if (strcmp(digest_a, digest_b) != 0)
        return grav_fail(err, GRAV_ERROR_MISMATCH, "its digest is %s, played again it is %s",
                         digest_a, digest_b);
    return GRAV_OK;
}

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
