/* The text of `graveler stress --json` (docs/formats.md). */
#include "json.h"

static json_t *reading_json(const grav_reading *reading)
{
    return json_pack("{s:f, s:f}", "last", reading->now, "most", reading->most);
}

static json_t *device_json(const grav_stress_device *device)
{
    json_t *json = grav_json_device(device->backend, device->device, device->isa);
    double rate = device->played_s > 0 ? (double)device->sessions / device->played_s : 0;
    grav_json_set(&json, "ranges_right", grav_json_count(device->right));
    grav_json_set(&json, "ranges_wrong", grav_json_count(device->wrong));
    grav_json_set(&json, "sessions", grav_json_count(device->sessions));
    grav_json_set(&json, "sessions_per_s", json_real(rate));
    if (device->celsius.known)
        grav_json_set(&json, "celsius", reading_json(&device->celsius));
    if (device->watts.known)
        grav_json_set(&json, "watts", reading_json(&device->watts));
    if (device->wrong)
        grav_json_set(&json, "wrong_last", json_string(device->wrong_last.message));
    if (device->failure.status != GRAV_OK)
        grav_json_set(&json, "failure", json_string(device->failure.message));
    return json;
}

grav_status grav_stress_json(const grav_stress_device *devices, size_t count, double seconds,
                             bool complete, char **out, grav_error *err)
{
    bool right = true;
    json_t *list = json_array();
    for (size_t i = 0; i < count; i++) {
        right &= !devices[i].wrong && devices[i].failure.status == GRAV_OK;
        grav_json_append(&list, device_json(&devices[i]));
    }
    json_t *json = json_pack("{s:s, s:i, s:o, s:f, s:b, s:o, s:b}", "format", "graveler-stress",
                             "version", 1, "program", grav_json_program(), "seconds", seconds,
                             "complete", complete, "devices", list, "right", right);
    return grav_json_text(json, out, err);
}
