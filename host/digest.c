/* The digest: XXH3-128 of a text that a stranger can write down again (docs/formats.md). */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#define XXH_INLINE_ALL /* the hash's state lives on the stack: no allocation that could fail */
#include <xxhash.h>

#include "digest.h"
#include "result.h"

/* Adds formatted text; each piece is short. */
static void add(XXH3_state_t *state, const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(XXH3_state_t *state, const char *format, ...)
{
    char text[256];
    va_list arguments;
    va_start(arguments, format);
    int length = vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    XXH3_128bits_update(state, text, (size_t)length);
}

static void add_text(XXH3_state_t *state, const char *text)
{
    XXH3_128bits_update(state, text, strlen(text));
}

static void add_experiment(XXH3_state_t *state, const grav_experiment *experiment)
{
    add(state, "rolls %" PRIu32 "\ndie ", experiment->rolls);
    for (size_t i = 0; i < experiment->faces.count; i++) {
        add(state, "%s%" PRIu32 "x", i ? "," : "", experiment->faces.items[i].value);
        add_text(state, experiment->faces.items[i].text);
    }
    add(state, "\nstatistic %s\n", grav_statistic_name((int)experiment->statistic));
    if (experiment->has_target)
        add(state, "target %" PRIu64 "\n", experiment->target);
}

static void add_run(XXH3_state_t *state, const grav_result *result)
{
    add(state, "seed 0x%" PRIx64 "\nmethod %s\nengine %s\n", result->seed,
        grav_method_name((int)result->method), grav_engine_name((int)result->engine));
    if (result->engine == GRAV_ENGINE_GEN3)
        add(state, "calls-per-roll %" PRIu32 "\n", result->calls_per_roll);
    add(state, "keep %s\n", grav_keep_name((int)result->keep));
    for (size_t i = 0; i < result->ranges.count; i++)
        add(state, "range %" PRIu64 " %" PRIu64 "\n", result->ranges.items[i].first,
            result->ranges.items[i].end);
}

static void add_tally(XXH3_state_t *state, const grav_tally *tally)
{
    add(state, "sessions %" PRIu64 "\n", tally->sessions);
    if (tally->sessions)
        add(state, "max %" PRIu64 " %" PRIu64 "\n", tally->base + tally->part.max_score,
            tally->part.max_session);
    for (size_t i = 0; i < tally->length; i++)
        if (tally->part.counts[i])
            add(state, "count %" PRIu64 " %" PRIu64 "\n", tally->base + i, tally->part.counts[i]);
}

static void print_hash(XXH128_hash_t hash, char hex[GRAV_DIGEST_SIZE])
{
    XXH128_canonical_t canonical;
    XXH128_canonicalFromHash(&canonical, hash);
    for (size_t i = 0; i < sizeof canonical.digest; i++)
        snprintf(hex + 2 * i, 3, "%02x", canonical.digest[i]);
}

void grav_checksum(const char *text, size_t length, char checksum[GRAV_DIGEST_SIZE])
{
    print_hash(XXH3_128bits(text, length), checksum);
}

void grav_result_digest(const grav_result *result, char digest[GRAV_DIGEST_SIZE])
{
    XXH3_state_t state;
    XXH3_INITSTATE(&state);
    XXH3_128bits_reset(&state);
    add_text(&state, "graveler-digest 1\n");
    add_experiment(&state, result->experiment);
    add_run(&state, result);
    add_tally(&state, &result->tally);
    print_hash(XXH3_128bits_digest(&state), digest);
}
