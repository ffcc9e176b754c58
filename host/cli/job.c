#include "job.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <xxhash.h>

#include "play.h"

/* All that a job can say, from the option tables of run. */
static const cli_option *const *tables(void)
{
    static const cli_option *const all[] = {cli_experiment_options,
                                            cli_run_options,
                                            cli_sessions_options,
                                            cli_method_options,
                                            cli_engine_options,
                                            cli_calls_options,
                                            NULL};
    return all;
}

const char *cli_job_code(grav_status status)
{
    static const char *const codes[] = {[GRAV_OK] = "none",
                                        [GRAV_ERROR_INVALID] = "invalid",
                                        [GRAV_ERROR_MEMORY] = "memory",
                                        [GRAV_ERROR_FILE] = "file",
                                        [GRAV_ERROR_DEVICE] = "device",
                                        [GRAV_ERROR_MISMATCH] = "mismatch"};
    return codes[status];
}

/* ---- Errors ---------------------------------------------------------------------------------- */

__attribute__((format(printf, 3, 4))) static void refuse(cli_job *job, const char *code,
                                                         const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(job->error.message, sizeof job->error.message, format, arguments);
    va_end(arguments);
    job->error.status = GRAV_ERROR_INVALID;
    job->code = code;
}

static void refuse_unknown(cli_job *job, const char *key)
{
    char allowed[384] = "id";
    for (const cli_option *const *table = tables(); *table; table++)
        for (const cli_option *row = *table; row->name || row->argument; row++) {
            size_t used = strlen(allowed);
            if (row->name)
                snprintf(allowed + used, sizeof allowed - used, ", %s", row->name);
        }
    refuse(job, "invalid", "key '%.40s' is unknown; there is: %s", key, allowed);
}

/* ---- Keys and values ------------------------------------------------------------------------- */

/* Whether key names the option: `_` stands for `-`, too. */
static bool names(const char *key, const char *name)
{
    for (; *key && *name; key++, name++)
        if (*key != *name && !(*key == '_' && *name == '-'))
            return false;
    return *key == *name;
}

static const cli_option *find_row(const char *key)
{
    for (const cli_option *const *table = tables(); *table; table++)
        for (const cli_option *row = *table; row->name || row->argument; row++)
            if (row->name && names(key, row->name))
                return row;
    return NULL;
}

/* The next number that stands in JSON text outside of strings, as it is written: numbers are read
 * exactly, which a double would not. */
static const char *next_number(const char **at, const char *end, size_t *length)
{
    static const char digits[] = "+-.0123456789Ee";
    bool quoted = false;
    for (; *at < end; (*at)++) {
        if (quoted && **at == '\\')
            (*at)++;
        else if (**at == '"')
            quoted = !quoted;
        else if (!quoted && (**at == '-' || (**at >= '0' && **at <= '9'))) {
            const char *start = *at;
            *length = strspn(start, digits);
            *at += *length;
            return start;
        }
    }
    return NULL;
}

/* Steps over the numbers in a value that nobody reads. */
static void skip_numbers(const json_t *value, const char **at, const char *end)
{
    size_t length, i;
    const char *key;
    json_t *inner;
    if (json_is_number(value))
        next_number(at, end, &length);
    json_array_foreach(value, i, inner) skip_numbers(inner, at, end);
    json_object_foreach((json_t *)(uintptr_t)value, key, inner) skip_numbers(inner, at, end);
}

/* A flag is true or false. False: it is neither. */
static bool read_flag(const json_t *value, bool *out)
{
    const char *text = json_string_value(value);
    *out = json_is_true(value) || (text && strcmp(text, "true") == 0);
    return *out || json_is_false(value) || (text && strcmp(text, "false") == 0);
}

/* Reads one value into settings; number is its text if it is one. */
static void read_member(cli_job *job, cli_settings *settings, const char *key, const json_t *value,
                        const char *number)
{
    grav_error err;
    bool on = true;
    const cli_option *row = find_row(key);
    const char *text = number ? number : json_string_value(value);
    if (!row)
        refuse_unknown(job, key);
    else if (((cli_flag *)((char *)settings + row->offset))->given)
        refuse(job, "invalid", "%s: is given twice", row->name);
    else if (row->kind == CLI_FLAG && !read_flag(value, &on))
        refuse(job, "invalid", "%s: wants true or false", row->name);
    else if (row->kind != CLI_FLAG && !text)
        refuse(job, "invalid", "%s: wants a text or a number", row->name);
    else if (on && cli_read_value(row, text, settings, &err) != GRAV_OK)
        refuse(job, "invalid", "%s: %.480s", row->name, err.message);
}

static void read_id(cli_job *job, const json_t *value, const char *number)
{
    if (json_is_null(value))
        return;
    if (!number && !json_is_string(value)) {
        refuse(job, "invalid", "id: wants a text or a number");
        return;
    }
    job->id = number ? strdup(number) : json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);
    if (!job->id)
        refuse(job, "memory", "no memory for a job");
}

/* ---- Meaning --------------------------------------------------------------------------------- */

static void print_key(const char *text, size_t length, char key[JOB_KEY_SIZE])
{
    XXH128_hash_t hash = XXH3_128bits(text, length);
    snprintf(key, JOB_KEY_SIZE, "%016" PRIx64 "%016" PRIx64, (uint64_t)hash.high64,
             (uint64_t)hash.low64);
}

/* The key of a job that can be played: what is played, however it was written. */
static void set_meaning(cli_job *job, bool drawn)
{
    const grav_run_spec *run = &job->run;
    uint64_t target = 0;
    bool has_target = grav_experiment_target(job->experiment, &target);
    char *text;
    int length =
        asprintf(&text,
                 "job %" PRIu32 " %s %d %d %" PRIu64 " %d %d %" PRIu32 " %d %" PRIu64 " %" PRIu64
                 " %d %d %.17g %d %" PRIu64 " id %s",
                 grav_experiment_rolls(job->experiment), grav_experiment_die(job->experiment),
                 (int)grav_experiment_statistic(job->experiment), has_target, target,
                 (int)run->method, (int)run->engine, run->calls_per_roll, (int)run->keep,
                 run->first, run->sessions, run->until_target, run->double_check, run->max_s, drawn,
                 drawn ? 0 : run->seed, job->id ? job->id : "");
    if (length < 0) {
        refuse(job, "memory", "no memory for a job");
        return;
    }
    print_key(text, (size_t)length, job->key);
    free(text);
}

static void make(cli_job *job, const cli_settings *settings)
{
    grav_status status = cli_experiment(settings, &job->experiment, &job->error);
    if (status == GRAV_OK)
        status = cli_run_spec(settings, &job->run, &job->error);
    job->run.team = NULL;
    job->run.devices = NULL;
    if (status == GRAV_OK)
        status = grav_run_check(job->experiment, &job->run, &job->error);
    if (status != GRAV_OK)
        job->code = cli_job_code(status);
    else
        set_meaning(job, !settings->seed.given && grav_engine_has_seed(job->run.engine));
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* The text of a number among members, copied to *room and ended; NULL: value is none. */
static const char *number_text(const json_t *value, const char **at, const char *end, char **room)
{
    size_t length;
    if (!json_is_number(value) || !end) {
        skip_numbers(value, at, end);
        return NULL;
    }
    const char *found = next_number(at, end, &length);
    if (!found)
        return NULL;
    char *number = *room;
    memcpy(number, found, length);
    number[length] = 0;
    *room += length + 1;
    return number;
}

/* Reads the members of an object. text is what it was read from; NULL: it has no numbers. */
static void read_object(cli_job *job, json_t *object, const char *text, size_t length)
{
    const char *key, *at = text, *end = text ? text + length : NULL;
    json_t *value;
    cli_settings settings = {0};
    char *numbers = malloc(length + 1), *room = numbers;
    if (!numbers) {
        refuse(job, "memory", "no memory for a job");
        return;
    }
    json_object_foreach(object, key, value)
    {
        const char *number = number_text(value, &at, end, &room);
        if (strcmp(key, "id") == 0)
            read_id(job, value, number);
        else if (!job->code) /* the id is told all the same */
            read_member(job, &settings, key, value, number);
    }
    if (!job->code)
        make(job, &settings);
    free(numbers);
}

/* A job of which only the text is known yet. */
static void start(cli_job *job, const char *text, size_t length)
{
    *job = (cli_job){0};
    print_key(text, length, job->text_key);
    memcpy(job->key, job->text_key, sizeof job->key);
}

void cli_job_read(const char *line, size_t length, cli_job *out)
{
    json_error_t why = {0};
    json_t *object =
        json_loadb(line, length, JSON_REJECT_DUPLICATES | JSON_DECODE_INT_AS_REAL, &why);
    if (json_is_object(object)) {
        start(out, line, length);
        read_object(out, object, line, length);
    } else {
        cli_job_unreadable(line, length, object ? "it is no object" : why.text, out);
    }
    json_decref(object);
}

void cli_job_read_fields(json_t *fields, const char *text, size_t length, cli_job *out)
{
    start(out, text, length);
    read_object(out, fields, NULL, 0);
    json_decref(fields);
}

void cli_job_unreadable(const char *text, size_t length, const char *why, cli_job *out)
{
    start(out, text, length);
    refuse(out, "unreadable", "the job cannot be read: %.400s", why);
}

void cli_job_free(cli_job *job)
{
    free(job->id);
    grav_experiment_destroy(job->experiment);
}
