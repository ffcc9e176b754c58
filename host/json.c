#include "json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "error.h"
#include "experiment.h"

json_t *grav_json_count(uint64_t count)
{
    return count <= INT64_MAX ? json_integer((json_int_t)count) : json_real((double)count);
}

void grav_json_set(json_t **json, const char *key, json_t *value)
{
    if (json_object_set_new(*json, key, value) == 0)
        return;
    json_decref(*json);
    *json = NULL;
}

void grav_json_append(json_t **json, json_t *value)
{
    if (json_array_append_new(*json, value) == 0)
        return;
    json_decref(*json);
    *json = NULL;
}

json_t *grav_json_experiment(const grav_experiment *experiment)
{
    json_t *die = json_array();
    for (size_t i = 0; i < experiment->faces.count; i++)
        grav_json_append(&die, json_pack("{s:I, s:s}", "value",
                                         (json_int_t)experiment->faces.items[i].value, "weight",
                                         experiment->faces.items[i].text));
    json_t *json = json_pack("{s:I, s:o, s:s}", "rolls", (json_int_t)experiment->rolls, "die", die,
                             "statistic", grav_statistic_name((int)experiment->statistic));
    if (experiment->has_target)
        grav_json_set(&json, "target", grav_json_count(experiment->target));
    return json;
}

json_t *grav_json_program(void)
{
    return json_pack("{s:s, s:s}", "version", GRAV_VERSION, "commit", grav_commit());
}

void grav_json_set_decimal(json_t **json, const char *key, grav_decimal x)
{
    char log10_key[64];
    snprintf(log10_key, sizeof log10_key, "log10_%s", key);
    if (isfinite(x.value))
        grav_json_set(json, key, json_real(x.value));
    if (x.mantissa > 0)
        grav_json_set(json, log10_key, json_real(log10(x.mantissa) + (double)x.exponent));
}

/* In some places Jansson says nothing at all: only there. */
bool grav_json_no_memory(const json_error_t *why)
{
    return !*why->text || json_error_code(why) == json_error_out_of_memory;
}

/* A text that grows. Jansson's own goes on without what it had no memory for. */
typedef struct text_sink {
    char *text;
    size_t length, size;
    bool failed;
} text_sink;

static int add_text(const char *piece, size_t length, void *data)
{
    text_sink *sink = data;
    size_t needed = sink->length + length + 1;
    if (!sink->failed && needed > sink->size) {
        size_t size = needed > 2 * sink->size ? needed : 2 * sink->size;
        char *text = realloc(sink->text, size);
        sink->failed = !text;
        sink->text = text ? text : sink->text;
        sink->size = text ? size : sink->size;
    }
    if (sink->failed)
        return -1;
    memcpy(sink->text + sink->length, piece, length);
    sink->length += length;
    sink->text[sink->length] = 0;
    return 0;
}

/* The text in a format of Jansson's, with `end` after it; json is given away. */
static grav_status dump(json_t *json, size_t format, const char *end, char **out, grav_error *err)
{
    text_sink sink = {0};
    bool good =
        json && json_dump_callback(json, add_text, &sink, format | JSON_REAL_PRECISION(17)) == 0;
    good = good && add_text(end, strlen(end), &sink) == 0 && !sink.failed;
    json_decref(json);
    if (good) {
        *out = sink.text;
        return GRAV_OK;
    }
    free(sink.text);
    return grav_no_memory(err, "JSON text");
}

grav_status grav_json_text(json_t *json, char **out, grav_error *err)
{
    return dump(json, JSON_INDENT(1), "\n", out, err);
}

grav_status grav_json_line(json_t *json, char **out, grav_error *err)
{
    return dump(json, JSON_COMPACT, "", out, err);
}

json_t *grav_json_device(grav_backend backend, int device, grav_isa isa)
{
    grav_gpu_info gpu = {0};
    const char *name = grav_backend_name((int)backend);
    if (backend == GRAV_BACKEND_CPU)
        return json_pack("{s:s, s:s}", "backend", name, "isa", grav_isa_name((int)isa));
    grav_gpu(device, &gpu, NULL); /* one that fails at this, too, has no name */
    return json_pack("{s:s, s:i, s:s}", "backend", name, "device", device, "name", gpu.name);
}
