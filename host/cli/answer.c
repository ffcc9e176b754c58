#include "answer.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "csv_rows.h"
#include "laws.h"

/* ---- JSON ------------------------------------------------------------------------------------ */

/* A text as JSON. What is no UTF-8, such as a character cut in two, becomes `?`. */
static json_t *text_json(const char *text)
{
    json_t *json = json_string(text);
    char *plain = json ? NULL : strdup(text);
    for (char *c = plain; c && *c; c++)
        if ((unsigned char)*c >= 0x80)
            *c = '?';
    json = json ? json : json_string(plain);
    free(plain);
    return json;
}

static void add_json(cli_text_buffer *out, const char *before, json_t *json)
{
    char *text = json ? json_dumps(json, JSON_ENCODE_ANY | JSON_COMPACT) : NULL;
    json_decref(json);
    out->failed |= !text;
    cli_buffer_add(out, before, strlen(before));
    cli_buffer_add(out, text ? text : "", text ? strlen(text) : 0);
    free(text);
}

/* What all answers start with. */
static void add_start(cli_text_buffer *out, const cli_asker *asker, bool ok)
{
    char text[160];
    const char *id = asker->id ? asker->id : "null";
    cli_buffer_add(out, "{\"id\":", strlen("{\"id\":"));
    cli_buffer_add(out, id, strlen(id));
    if (!asker->id) {
        if (asker->file)
            add_json(out, ",\"file\":", text_json(asker->file));
        snprintf(text, sizeof text, ",\"line\":%" PRIu64, asker->line);
        cli_buffer_add(out, text, strlen(text));
    }
    snprintf(text, sizeof text, ",\"key\":\"%s\",\"ok\":%s,", asker->key, ok ? "true" : "false");
    cli_buffer_add(out, text, strlen(text));
}

/* Adds the end, and gives the text. */
static char *finish(cli_text_buffer *out, const char *end)
{
    cli_buffer_add(out, end, strlen(end));
    if (!out->failed)
        return out->text;
    free(out->text);
    return NULL;
}

static char *result_json(const cli_asker *asker, const grav_result *result)
{
    cli_text_buffer out = {0};
    char *text = NULL;
    cli_law *law = cli_law_of(grav_result_experiment(result));
    grav_status status = grav_result_json_line(result, cli_law_get(law), &text, NULL);
    cli_law_give_back(law);
    if (status != GRAV_OK)
        return NULL;
    add_start(&out, asker, true);
    cli_buffer_add(&out, "\"result\":", strlen("\"result\":"));
    cli_buffer_add(&out, text, strlen(text));
    free(text);
    return finish(&out, "}\n");
}

static char *error_json(const cli_asker *asker, const char *code, const char *message)
{
    cli_text_buffer out = {0};
    add_start(&out, asker, false);
    add_json(&out,
             "\"error\":", json_pack("{s:s, s:o}", "code", code, "message", text_json(message)));
    return finish(&out, "}\n");
}

/* ---- CSV ------------------------------------------------------------------------------------- */

static void add_count(cli_text_buffer *out, bool known, uint64_t count)
{
    char text[32] = "";
    if (known)
        snprintf(text, sizeof text, "%" PRIu64, count);
    cli_csv_add(out, ",", text);
}

/* With as few digits as it is read back from. */
static void add_real(cli_text_buffer *out, bool known, double x)
{
    char text[32] = "";
    for (int digits = 15; known && digits <= 17; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, x);
        if (strtod(text, NULL) == x)
            break;
    }
    cli_csv_add(out, ",", text);
}

static void add_id(cli_text_buffer *out, const cli_asker *asker)
{
    json_t *id =
        asker->id ? json_loads(asker->id, JSON_DECODE_ANY | JSON_DECODE_INT_AS_REAL, NULL) : NULL;
    cli_csv_add(out, "", json_is_string(id) ? json_string_value(id) : asker->id ? asker->id : "");
    json_decref(id);
}

static char *finish_csv(cli_text_buffer *out, const cli_asker *asker)
{
    char line[32];
    snprintf(line, sizeof line, "%" PRIu64, asker->line);
    cli_csv_add(out, ",", asker->file ? asker->file : "");
    cli_csv_add(out, ",", line);
    cli_csv_add(out, ",", asker->key);
    return finish(out, "\n");
}

static char *result_csv(const cli_asker *asker, const grav_result *result)
{
    grav_summary s;
    grav_run_spec run;
    char digest[GRAV_DIGEST_SIZE], seed[24];
    cli_text_buffer out = {0};
    grav_result_summary(result, &s);
    grav_result_spec(result, &run);
    grav_result_digest(result, digest);
    bool any = s.sessions > 0, all = any && s.has_histogram;
    bool target = grav_experiment_target(grav_result_experiment(result), NULL);
    add_id(&out, asker);
    cli_csv_add(&out, ",", "true");
    add_count(&out, true, s.sessions);
    add_count(&out, any, s.max_score);
    add_count(&out, any, s.max_session);
    add_real(&out, all, s.mean);
    add_real(&out, all, s.sd);
    add_count(&out, all, s.min_score);
    for (size_t i = 0; i < 3; i++)
        add_count(&out, all, s.quartiles[i]);
    add_count(&out, all && target, s.hits);
    cli_csv_add(&out, ",", digest);
    snprintf(seed, sizeof seed, "0x%" PRIx64, run.seed);
    cli_csv_add(&out, ",", seed);
    cli_buffer_add(&out, ",,", 2);
    return finish_csv(&out, asker);
}

static char *error_csv(const cli_asker *asker, const char *code, const char *message)
{
    cli_text_buffer out = {0};
    add_id(&out, asker);
    cli_csv_add(&out, ",", "false");
    cli_buffer_add(&out, ",,,,,,,,,,,,", 12);
    cli_csv_add(&out, ",", code);
    cli_csv_add(&out, ",", message);
    return finish_csv(&out, asker);
}

/* ---- Both ------------------------------------------------------------------------------------ */

char *cli_answer_result(const cli_asker *asker, const grav_result *result)
{
    return asker->csv ? result_csv(asker, result) : result_json(asker, result);
}

char *cli_answer_error(const cli_asker *asker, const char *code, const char *message)
{
    char printable[sizeof((grav_error *)0)->message];
    snprintf(printable, sizeof printable, "%s", message);
    grav_make_printable(printable);
    return asker->csv ? error_csv(asker, code, printable) : error_json(asker, code, printable);
}

/* ---- Reading --------------------------------------------------------------------------------- */

static bool take_key(const char *text, size_t length, char key[JOB_KEY_SIZE])
{
    if (length < JOB_KEY_SIZE - 1 || strspn(text, "0123456789abcdef") != JOB_KEY_SIZE - 1)
        return false;
    memcpy(key, text, JOB_KEY_SIZE - 1);
    key[JOB_KEY_SIZE - 1] = 0;
    return true;
}

static bool takes(const char **at, const char *word)
{
    bool there = strncmp(*at, word, strlen(word)) == 0;
    *at += there ? strlen(word) : 0;
    return there;
}

/* Answers are long and many: only their beginning is read. No text in it holds `,"key":"`, for
 * quotes within texts follow a backslash. */
bool cli_answer_of_line(const char *line, size_t length, char key[JOB_KEY_SIZE], bool *ok)
{
    static const char start[] = "{\"id\":", mark[] = ",\"key\":\"";
    const char *at = strstr(line, mark);
    if (strncmp(line, start, strlen(start)) != 0 || line[length - 1] != '}' || !at)
        return false;
    at += strlen(mark);
    if (!take_key(at, strlen(at), key))
        return false;
    at += JOB_KEY_SIZE - 1;
    *ok = takes(&at, "\",\"ok\":true,\"result\":{");
    return *ok || takes(&at, "\",\"ok\":false,\"error\":{");
}

bool cli_answer_of_row(const cli_csv *row, char key[JOB_KEY_SIZE], bool *ok)
{
    size_t count = cli_csv_count(row);
    if (count < 3)
        return false;
    const char *flag = cli_csv_field(row, 1), *last = cli_csv_field(row, count - 1);
    *ok = strcmp(flag, "true") == 0;
    return (*ok || strcmp(flag, "false") == 0) && take_key(last, strlen(last), key);
}
