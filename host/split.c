/* Splitting a run into parts (docs/formats.md has the JSON). */
#include <inttypes.h>

#include "error.h"
#include "json.h"
#include "ranges.h"

static grav_status check_split(uint64_t first, uint64_t sessions, uint64_t parts, grav_error *err)
{
    grav_status status = grav_range_check(first, sessions, err);
    if (status == GRAV_OK && parts < 1)
        return grav_fail(err, GRAV_ERROR_INVALID, "parts must be at least 1");
    return status;
}

grav_status grav_split(uint64_t first, uint64_t sessions, uint64_t parts, uint64_t part,
                       uint64_t *out_first, uint64_t *out_sessions, grav_error *err)
{
    grav_status status = check_split(first, sessions, parts, err);
    if (status != GRAV_OK)
        return status;
    if (part >= parts)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "part %" PRIu64 " is not one of %" PRIu64
                         " parts, which are 0 to %" PRIu64,
                         part, parts, parts - 1);
    uint64_t each = sessions / parts, longer = sessions % parts;
    /* At most sessions: part < parts. */
    *out_first = first + part * each + (part < longer ? part : longer);
    *out_sessions = each + (part < longer);
    return GRAV_OK;
}

static json_t *part_json(uint64_t first, uint64_t sessions, uint64_t parts, uint64_t part)
{
    uint64_t part_first = 0, part_sessions = 0;
    grav_split(first, sessions, parts, part, &part_first, &part_sessions, NULL);
    return json_pack("{s:o, s:o, s:o, s:o}", "part", grav_json_count(part), "first",
                     grav_json_count(part_first), "end",
                     grav_json_count(part_first + part_sessions), "sessions",
                     grav_json_count(part_sessions));
}

grav_status grav_split_json(uint64_t first, uint64_t sessions, uint64_t parts, char **out,
                            grav_error *err)
{
    grav_status status = check_split(first, sessions, parts, err);
    if (status != GRAV_OK)
        return status;
    if (parts > GRAV_SPLIT_LIST_MAX)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "parts %" PRIu64 " are too many to list: at most %" PRIu32, parts,
                         GRAV_SPLIT_LIST_MAX);
    json_t *list = json_array();
    for (uint64_t part = 0; part < parts; part++)
        grav_json_append(&list, part_json(first, sessions, parts, part));
    json_t *json =
        json_pack("{s:s, s:i, s:o, s:o, s:o, s:o}", "format", "graveler-split", "version", 1,
                  "program", grav_json_program(), "sessions", grav_json_count(sessions), "first",
                  grav_json_count(first), "parts", list);
    return grav_json_text(json, out, err);
}
