/* What the JSON texts share (docs/formats.md). */
#ifndef GRAV_HOST_JSON_H
#define GRAV_HOST_JSON_H

#include <jansson.h>

#include "graveler.h"

/* Jansson's integers end at 2^63 - 1. The one number beyond that a result can hold is 2^63 itself,
 * which a double holds exactly. */
json_t *grav_json_count(uint64_t count);

/* Set a key, or append to a list, values that are given away. *json becomes NULL, and stays it,
 * where memory is missing: nothing is ever left out silently. */
void grav_json_set(json_t **json, const char *key, json_t *value);
void grav_json_append(json_t **json, json_t *value);

/* The objects `experiment` and `program`. */
json_t *grav_json_experiment(const grav_experiment *experiment);
json_t *grav_json_program(void);

/* An object with the keys that tell a device: `backend` with `isa`, or with `device` and `name`. */
json_t *grav_json_device(grav_backend backend, int device, grav_isa isa);

/* A result file's object; law may be NULL: left out. */
json_t *grav_json_result(const grav_result *result, const grav_law *law);

/* Sets `key` to x, unless it is too large for a double, and `log10_key` to its logarithm, unless it
 * is 0 or infinite. */
void grav_json_set_decimal(json_t **json, const char *key, grav_decimal x);

/* Whether reading JSON failed for want of memory; why was zeroed before. (Where Jansson's reader
 * has no memory for a character it goes on without it, and finds that the rest is no JSON.) */
bool grav_json_no_memory(const json_error_t *why);

/* The text of json, which is given away and may be NULL, for free(). */
grav_status grav_json_text(json_t *json, char **out, grav_error *err);
/* The same on one line, without a newline. */
grav_status grav_json_line(json_t *json, char **out, grav_error *err);

#endif
