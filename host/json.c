#include "json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "error.h"

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

grav_status grav_json_text(json_t *json, char **out, grav_error *err)
{
    char *text = json ? json_dumps(json, JSON_INDENT(1) | JSON_REAL_PRECISION(17)) : NULL;
    json_decref(json);
    int printed = text ? asprintf(out, "%s\n", text) : -1;
    free(text);
    return printed < 0 ? grav_no_memory(err, "JSON text") : GRAV_OK;
}
