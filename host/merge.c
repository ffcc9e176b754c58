/* Merging result files. */
#include <inttypes.h>

#include "error.h"
#include "result.h"

/* Whether two results have a session in common: *common gets the first such range. */
static bool overlap(const grav_result *a, const grav_result *b, grav_range *common)
{
    for (size_t i = 0; i < b->ranges.count; i++) {
        grav_range range = b->ranges.items[i];
        for (size_t j = 0; j < a->ranges.count; j++) {
            grav_range other = a->ranges.items[j];
            common->first = range.first > other.first ? range.first : other.first;
            common->end = range.end < other.end ? range.end : other.end;
            if (common->first < common->end)
                return true;
        }
    }
    return false;
}

/* Which of the files before paths[at] has sessions of result, which it is: they are read again, for
 * that is cheaper than to remember what each of them has. */
static grav_status tell_overlap(const char *const *paths, size_t at, const grav_result *result,
                                grav_error *err)
{
    grav_range common;
    for (size_t i = 0; i < at; i++) {
        grav_result *other;
        if (grav_result_load(paths[i], &other, NULL) != GRAV_OK)
            continue;
        bool found = overlap(other, result, &common);
        grav_result_destroy(other);
        if (found)
            return grav_fail(err, GRAV_ERROR_INVALID,
                             "'%.180s' and '%.180s' both have sessions [%" PRIu64 ", %" PRIu64 ")",
                             paths[i], paths[at], common.first, common.end);
    }
    return grav_fail(err, GRAV_ERROR_INVALID, "'%.256s' has sessions that another has, too",
                     paths[at]);
}

static grav_status add_file(grav_result **sum, const char *const *paths, size_t at, grav_error *err)
{
    grav_result *part;
    grav_error why;
    grav_status status = grav_result_load(paths[at], &part, err);
    if (status != GRAV_OK)
        return status;
    if (!*sum) {
        *sum = part;
        return GRAV_OK;
    }
    if (!grav_result_same_run(part, *sum, &why)) {
        status = grav_fail(err, GRAV_ERROR_INVALID,
                           "'%.120s' is of another run than '%.120s': of %.180s", paths[at],
                           paths[0], why.message);
    } else {
        status = grav_result_add(*sum, part, err);
        if (status == GRAV_ERROR_INVALID)
            status = tell_overlap(paths, at, part, err);
    }
    grav_result_destroy(part);
    return status;
}

grav_status grav_result_merge_files(const char *const *paths, size_t count, grav_result **out,
                                    grav_error *err)
{
    grav_result *sum = NULL;
    grav_status status = GRAV_OK;
    if (count == 0)
        return grav_fail(err, GRAV_ERROR_INVALID, "there are no files to merge");
    for (size_t i = 0; status == GRAV_OK && i < count; i++)
        status = add_file(&sum, paths, i, err);
    if (status == GRAV_OK)
        *out = sum;
    else
        grav_result_destroy(sum);
    return status;
}
