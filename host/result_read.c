/* Reading result files (docs/formats.md). What is read is what was written, or it is refused. */
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "digest.h"
#include "error.h"
#include "file.h"
#include "json.h"
#include "number.h"
#include "result_read.h"
#include "seal.h"

/* The parts of a result file's object; borrowed from it. */
typedef struct result_file {
    json_int_t rolls, calls_per_roll, threads;
    json_t *target, *die, *ranges, *asked, *workers;
    const char *statistic, *seed, *method, *engine, *keep;
    int until_target;
    json_t *sessions, *max_score, *max_session, *histogram_first, *counts;
    const char *digest;
    double wall_s, play_s, sessions_per_s;
} result_file;

/* ---- The seal -------------------------------------------------------------------------------- */

grav_status grav_result_check_seal(const char *text, size_t length, grav_error *err)
{
    const size_t hex = GRAV_DIGEST_SIZE - 1, start = strlen(GRAV_SEAL_START),
                 end = strlen(GRAV_SEAL_END), seal = start + hex + end;
    char checksum[GRAV_DIGEST_SIZE];
    const char *at = text + length - seal;
    if (length < seal || memcmp(at, GRAV_SEAL_START, start) != 0 ||
        memcmp(at + start + hex, GRAV_SEAL_END, end) != 0)
        return grav_fail(
            err, GRAV_ERROR_INVALID,
            "it does not end in the checksum of a result: it is none, was cut short or "
            "was written anew by another program");
    grav_checksum(text, length - seal, checksum);
    if (memcmp(at + start, checksum, hex) != 0)
        return grav_fail(err, GRAV_ERROR_MISMATCH,
                         "it is damaged: its checksum is %.32s, that of what it holds is %s",
                         at + start, checksum);
    return GRAV_OK;
}

/* ---- Values ---------------------------------------------------------------------------------- */

/* A count as grav_json_count() writes it. */
static bool read_count(const json_t *json, uint64_t *out)
{
    if (json_is_integer(json) && json_integer_value(json) >= 0) {
        *out = (uint64_t)json_integer_value(json);
        return true;
    }
    if (!json_is_real(json) || json_real_value(json) != (double)GRAV_SESSIONS_END)
        return false;
    *out = GRAV_SESSIONS_END;
    return true;
}

static bool read_range(const json_t *json, uint64_t *first, uint64_t *end)
{
    return json_array_size(json) == 2 && read_count(json_array_get(json, 0), first) &&
           read_count(json_array_get(json, 1), end) && *first < *end && *end <= GRAV_SESSIONS_END;
}

/* The value that name_of gives that name; -1: none. */
static int value_named(const char *name, const char *(*name_of)(int value))
{
    for (int value = 0; name_of(value); value++)
        if (strcmp(name, name_of(value)) == 0)
            return value;
    return -1;
}

static grav_status wrong(grav_error *err, const char *key)
{
    return grav_fail(err, GRAV_ERROR_INVALID, "its '%s' is not what a result holds", key);
}

/* The same where Jansson says why. */
static grav_status not_unpacked(const json_error_t *why, const char *key, grav_error *err)
{
    return grav_json_no_memory(why) ? grav_no_memory(err, "a result") : wrong(err, key);
}

/* ---- The parts ------------------------------------------------------------------------------- */

static grav_status read_layout(json_t *root, result_file *file, grav_error *err)
{
    json_error_t why = {0};
    const char *format = "";
    int version = 0;
    int found = json_unpack_ex(root, &why, 0, "{s:s, s:i}", "format", &format, "version", &version);
    if (found != 0 && grav_json_no_memory(&why))
        return grav_no_memory(err, "a result");
    if (found != 0 || strcmp(format, "graveler-result") != 0)
        return grav_fail(err, GRAV_ERROR_INVALID, "it is no result: its format is '%.64s'", format);
    if (version != 1)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "it has version %d of the format: this program knows version 1", version);
    *file = (result_file){.calls_per_roll = 1};
    if (json_unpack_ex(
            root, &why, 0,
            "{s:{s:I, s:o, s:s, s?o}, s:{s:s, s:s, s:s, s:s, s?I, s?b, s:o, s?o},"
            " s:{s:o, s?{s:o, s:o}, s?{s:o, s:o}, s:s}, s:{s:F, s:F, s:F, s:o}}",
            "experiment", "rolls", &file->rolls, "die", &file->die, "statistic", &file->statistic,
            "target", &file->target, "run", "seed", &file->seed, "method", &file->method, "engine",
            &file->engine, "keep", &file->keep, "calls_per_roll", &file->calls_per_roll,
            "until_target", &file->until_target, "ranges", &file->ranges, "asked", &file->asked,
            "result", "sessions", &file->sessions, "max", "score", &file->max_score, "session",
            &file->max_session, "histogram", "first", &file->histogram_first, "counts",
            &file->counts, "digest", &file->digest, "timing", "wall_s", &file->wall_s, "play_s",
            &file->play_s, "sessions_per_s", &file->sessions_per_s, "workers", &file->workers) != 0)
        return grav_json_no_memory(&why)
                   ? grav_no_memory(err, "a result")
                   : grav_fail(err, GRAV_ERROR_INVALID, "it is no result: %.200s", why.text);
    return GRAV_OK;
}

/* The faces as grav_experiment_spec has them, for free(). Weights are ratios of whole numbers: of
 * other texts some would take long to read. */
static grav_status read_die(const json_t *die, char **out, grav_error *err)
{
    size_t i, size;
    json_t *face;
    json_error_t why = {0};
    bool unpacked = true;
    char *list = NULL;
    FILE *text = open_memstream(&list, &size);
    bool good = text && json_is_array(die) && json_array_size(die) <= GRAV_FACES_MAX;
    json_array_foreach(die, i, face)
    {
        json_int_t value;
        const char *weight;
        unpacked =
            json_unpack_ex(face, &why, 0, "{s:I, s:s}", "value", &value, "weight", &weight) == 0;
        good = good && unpacked && *weight && weight[strspn(weight, "0123456789/")] == 0;
        if (!good)
            break;
        fprintf(text, "%s%" JSON_INTEGER_FORMAT "x%s", i ? "," : "", value, weight);
    }
    if (text && fclose(text) != 0) {
        free(list);
        return grav_no_memory(err, "a die");
    }
    if (good) {
        *out = list;
        return GRAV_OK;
    }
    free(list);
    if (!unpacked)
        return not_unpacked(&why, "die", err);
    return text ? wrong(err, "die") : grav_no_memory(err, "a die");
}

static grav_status read_experiment(const result_file *file, grav_experiment **out, grav_error *err)
{
    char *die = NULL;
    uint64_t target = 0;
    int statistic = value_named(file->statistic, grav_statistic_name);
    if (file->rolls < 1 || file->rolls > GRAV_ROLLS_MAX)
        return wrong(err, "rolls");
    if (statistic < 0)
        return wrong(err, "statistic");
    if (file->target && !read_count(file->target, &target))
        return wrong(err, "target");
    grav_status status = read_die(file->die, &die, err);
    if (status != GRAV_OK)
        return status;
    grav_experiment_spec spec = {
        .rolls = (uint32_t)file->rolls,
        .die = die,
        .statistic = (grav_statistic)statistic,
        .has_target = file->target != NULL,
        .target = target,
    };
    status = grav_experiment_create(&spec, out, err);
    free(die);
    return status;
}

/* What was to be run, without where. */
static grav_status read_run(const result_file *file, grav_run_spec *spec, grav_error *err)
{
    int method = value_named(file->method, grav_method_name);
    int engine = value_named(file->engine, grav_engine_name);
    int keep = value_named(file->keep, grav_keep_name);
    uint64_t end, last, ranges = json_array_size(file->ranges);
    grav_run_spec_init(spec);
    if (method < 0)
        return wrong(err, "method");
    if (engine < 0)
        return wrong(err, "engine");
    if (keep < 0)
        return wrong(err, "keep");
    if (file->calls_per_roll < 1 || file->calls_per_roll > UINT32_MAX)
        return wrong(err, "calls_per_roll");
    if (grav_parse_count(file->seed, 0, UINT64_MAX, &spec->seed, NULL) != GRAV_OK)
        return wrong(err, "seed");
    if (file->asked ? !read_range(file->asked, &spec->first, &end)
                    : !read_range(json_array_get(file->ranges, 0), &spec->first, &last) ||
                          !read_range(json_array_get(file->ranges, ranges - 1), &last, &end))
        return wrong(err, file->asked ? "asked" : "ranges");
    spec->method = (grav_method)method;
    spec->engine = (grav_engine)engine;
    spec->keep = (grav_keep)keep;
    spec->calls_per_roll = (uint32_t)file->calls_per_roll;
    spec->sessions = end - spec->first;
    spec->until_target = file->until_target != 0;
    return GRAV_OK;
}

static grav_status read_ranges(const result_file *file, grav_result *result, grav_error *err)
{
    size_t i;
    json_t *range;
    uint64_t first, end;
    grav_status status = json_is_array(file->ranges) ? GRAV_OK : wrong(err, "ranges");
    json_array_foreach(file->ranges, i, range)
    {
        if (status == GRAV_OK && (!read_range(range, &first, &end) || first < result->asked_first ||
                                  end > result->asked_end))
            status = wrong(err, "ranges");
        if (status == GRAV_OK)
            status = grav_ranges_add(&result->ranges, first, end, err);
    }
    return status;
}

static grav_status read_histogram(const result_file *file, grav_tally *tally, grav_error *err)
{
    uint64_t first;
    size_t i, count = json_array_size(file->counts);
    json_t *value;
    if (!file->counts || !read_count(file->histogram_first, &first) || first < tally->base ||
        first - tally->base > tally->length || count > tally->length - (first - tally->base))
        return wrong(err, "histogram");
    json_array_foreach(
        file->counts, i,
        value) if (!read_count(value, &tally->part.counts[first - tally->base +
                                                          i])) return wrong(err, "histogram");
    return GRAV_OK;
}

static grav_status read_tally(const result_file *file, grav_result *result, grav_error *err)
{
    grav_tally *tally = &result->tally;
    uint64_t score, session;
    if (!read_count(file->sessions, &tally->sessions))
        return wrong(err, "sessions");
    if (!tally->sessions)
        return GRAV_OK;
    if (!file->max_score || !read_count(file->max_score, &score) ||
        !read_count(file->max_session, &session) || score < tally->base ||
        score > grav_experiment_score_max(result->experiment) ||
        !grav_ranges_has(&result->ranges, session))
        return wrong(err, "max");
    grav_part_offer(&tally->part, score - tally->base, session);
    return tally->length ? read_histogram(file, tally, err) : GRAV_OK;
}

/* Whether a name is one that fits in so many bytes, whole, and that a terminal only prints. */
static bool is_name(const char *name, size_t size)
{
    char printable[sizeof((grav_worker_info *)NULL)->name];
    if (strlen(name) >= size)
        return false;
    strcpy(printable, name);
    grav_make_printable(printable);
    return strcmp(printable, name) == 0;
}

/* A time that many can be added to. */
static bool is_time(double seconds)
{
    return seconds >= 0 && seconds <= GRAV_TIME_MAX_S;
}

/* Which process a worker belonged to: both, or NULL. */
static bool read_process(const char *host, const json_t *rank, grav_worker_info *worker)
{
    if (!host && !rank)
        return true;
    if (!host || !*host || !is_name(host, sizeof worker->host) || !json_is_integer(rank) ||
        json_integer_value(rank) < 0 || json_integer_value(rank) > INT_MAX)
        return false;
    worker->rank = (int)json_integer_value(rank);
    snprintf(worker->host, sizeof worker->host, "%s", host);
    return true;
}

static grav_status read_worker(json_t *json, grav_worker_info *worker, grav_error *err)
{
    json_error_t why = {0};
    const char *backend, *isa = "", *name = "", *checked_by = "", *host = NULL;
    json_int_t threads = 0, device = 0;
    json_t *sessions, *rank = NULL;
    *worker = (grav_worker_info){0};
    if (json_unpack_ex(json, &why, 0, "{s:s, s?s, s?I, s?I, s?s, s?s, s?s, s?o, s:o, s?F}",
                       "backend", &backend, "isa", &isa, "threads", &threads, "device", &device,
                       "name", &name, "checked_by", &checked_by, "host", &host, "rank", &rank,
                       "sessions", &sessions, "busy_s", &worker->busy_s) != 0)
        return not_unpacked(&why, "workers", err);
    if (!read_count(sessions, &worker->sessions) || !is_name(name, sizeof worker->name) ||
        !is_name(checked_by, sizeof worker->checked_by) || threads < 0 ||
        threads > GRAV_THREADS_MAX || device < 0 || device > INT_MAX || !is_time(worker->busy_s) ||
        !read_process(host, rank, worker))
        return wrong(err, "workers");
    int backend_value = value_named(backend, grav_backend_name);
    int isa_value = value_named(isa, grav_isa_name);
    worker->threads = (unsigned)threads;
    worker->device = (int)device;
    snprintf(worker->name, sizeof worker->name, "%s", name);
    snprintf(worker->checked_by, sizeof worker->checked_by, "%s", checked_by);
    if (backend_value == GRAV_BACKEND_CPU && isa_value > GRAV_ISA_AUTO)
        worker->isa = (grav_isa)isa_value;
    else if (backend_value != GRAV_BACKEND_CUDA)
        return wrong(err, "workers");
    worker->backend = (grav_backend)backend_value;
    grav_worker_tell(worker);
    return GRAV_OK;
}

static grav_status read_timing(const result_file *file, grav_result *result, grav_error *err)
{
    size_t i;
    json_t *json;
    grav_worker_info worker;
    grav_status status = json_is_array(file->workers) ? GRAV_OK : wrong(err, "workers");
    if (status == GRAV_OK &&
        (!is_time(file->wall_s) || !is_time(file->play_s) || !(file->sessions_per_s >= 0)))
        status = wrong(err, "timing");
    json_array_foreach(file->workers, i, json)
    {
        if (status == GRAV_OK)
            status = read_worker(json, &worker, err);
        if (status == GRAV_OK)
            status = grav_result_add_worker(result, &worker, err);
    }
    result->timing.wall_s = file->wall_s;
    result->timing.play_s = file->play_s;
    result->timing.sessions_per_s = file->sessions_per_s;
    return status;
}

/* ---- The whole ------------------------------------------------------------------------------- */

/* All that is true of every result, and the digest over it. */
static grav_status check_result(const grav_result *result, const char *written, grav_error *err)
{
    char digest[GRAV_DIGEST_SIZE];
    grav_error why;
    if (grav_tally_check(&result->tally, grav_ranges_length(&result->ranges), &why) != GRAV_OK)
        return grav_fail(err, GRAV_ERROR_MISMATCH, "it contradicts itself: %.300s", why.message);
    grav_result_digest(result, digest);
    if (strcmp(digest, written) != 0)
        return grav_fail(err, GRAV_ERROR_MISMATCH,
                         "its digest is %.32s, that of what it holds is %s", written, digest);
    return GRAV_OK;
}

static grav_status fill_result(const result_file *file, grav_result *result, grav_error *err)
{
    grav_status status = read_ranges(file, result, err);
    if (status == GRAV_OK)
        status = read_tally(file, result, err);
    if (status == GRAV_OK)
        status = read_timing(file, result, err);
    if (status == GRAV_OK)
        status = check_result(result, file->digest, err);
    return status;
}

static grav_status read_object(json_t *root, grav_result **out, grav_error *err)
{
    result_file file;
    grav_run_spec spec;
    grav_experiment *experiment = NULL;
    grav_result *result = NULL;
    grav_status status = read_layout(root, &file, err);
    if (status == GRAV_OK)
        status = read_run(&file, &spec, err);
    if (status == GRAV_OK)
        status = read_experiment(&file, &experiment, err);
    if (status == GRAV_OK)
        status = grav_run_check(experiment, &spec, err);
    if (status == GRAV_OK)
        status = grav_result_create(experiment, &spec, &result, err);
    if (status == GRAV_OK)
        status = fill_result(&file, result, err);
    grav_experiment_destroy(experiment);
    if (status == GRAV_OK)
        *out = result;
    else
        grav_result_destroy(result);
    return status;
}

grav_status grav_result_read_unsealed(const char *text, size_t length, grav_result **out,
                                      grav_error *err)
{
    json_error_t why = {0};
    json_t *root = json_loadb(text, length, JSON_REJECT_DUPLICATES, &why);
    if (!root && grav_json_no_memory(&why))
        return grav_no_memory(err, "a result's JSON");
    if (!root)
        return grav_fail(err, GRAV_ERROR_INVALID, "it is no JSON: line %d: %.200s", why.line,
                         why.text);
    grav_status status = read_object(root, out, err);
    json_decref(root);
    return status;
}

grav_status grav_result_parse(const char *text, size_t length, grav_result **out, grav_error *err)
{
    grav_status status = grav_result_check_seal(text, length, err);
    return status == GRAV_OK ? grav_result_read_unsealed(text, length, out, err) : status;
}

grav_status grav_result_fail_in_file(const char *path, grav_status status, grav_error *err)
{
    char quoted[300];
    snprintf(quoted, sizeof quoted, "'%.256s'", path);
    return grav_fail_in(err, status, quoted);
}

grav_status grav_result_load(const char *path, grav_result **out, grav_error *err)
{
    char *text;
    size_t length;
    grav_status status = grav_file_read(path, GRAV_RESULT_FILE_MAX, &text, &length, err);
    if (status != GRAV_OK)
        return status;
    status = grav_result_parse(text, length, out, err);
    free(text);
    return status == GRAV_OK ? status : grav_result_fail_in_file(path, status, err);
}
