/* Verifying results: what a file says of itself, the law, and the record. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>

#include "error.h"
#include "file.h"
#include "json.h"
#include "result_read.h"

/* Chances below this are no luck. */
static const double chance_min = 1e-9;
/* What the law's figures may differ by from one machine's mathematics to another's. */
static const double law_tolerance = 1e-9;

/* ---- The file -------------------------------------------------------------------------------- */

/* Whether two values agree: figures to within the tolerance, counts and all else to the letter.
 * 2^63 is a count that is no integer (grav_json_count()). */
static bool agrees(const json_t *a, const json_t *b)
{
    const char *key;
    json_t *value;
    if (!a || !b) /* what is in neither agrees */
        return a == b;
    if (json_is_real(a) && json_is_real(b)) {
        double x = json_real_value(a), y = json_real_value(b);
        bool counts = x == (double)GRAV_SESSIONS_END || y == (double)GRAV_SESSIONS_END;
        return fabs(x - y) <= (counts ? 0 : law_tolerance * fmax(fabs(x), fabs(y)));
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
