#include "answered.h"

#include <stdlib.h>
#include <string.h>

/* Small, for there may be millions. */
struct cli_answered_key {
    uint64_t high, low;
};

typedef struct cli_answered_key key128;

static key128 key_of(const char text[JOB_KEY_SIZE])
{
    char half[17] = "";
    key128 key = {0};
    memcpy(half, text, 16);
    key.high = strtoull(half, NULL, 16);
    key.low = strtoull(text + 16, NULL, 16);
    return key;
}

static int compare(const void *a, const void *b)
{
    const key128 *x = a, *y = b;
    if (x->high != y->high)
        return x->high < y->high ? -1 : 1;
    return (x->low > y->low) - (x->low < y->low);
}

bool cli_answered_add(cli_answered *answered, const char key[JOB_KEY_SIZE], bool ok)
{
    if (answered->count == answered->room) {
        size_t room = answered->room ? 2 * answered->room : 1024;
        key128 *keys = realloc(answered->keys, room * sizeof *keys);
        if (!keys)
            return false;
        answered->keys = keys;
        answered->room = room;
    }
    answered->keys[answered->count++] = key_of(key);
    answered->failed += !ok;
    return true;
}

/* The first place from `from` on whose key is not below, or with `above` is above, key. */
static size_t bound(const cli_answered *answered, size_t from, const key128 *key, bool above)
{
    size_t end = answered->count;
    while (from < end) {
        size_t middle = from + (end - from) / 2;
        int order = compare(&answered->keys[middle], key);
        if (order < 0 || (above && order == 0))
            from = middle + 1;
        else
            end = middle;
    }
    return from;
}

bool cli_answered_sort(cli_answered *answered)
{
    if (answered->count)
        qsort(answered->keys, answered->count, sizeof *answered->keys, compare);
    answered->used = calloc(answered->count + 1, sizeof *answered->used);
    return answered->used;
}

bool cli_answered_take(cli_answered *answered, const char key[JOB_KEY_SIZE])
{
    key128 wanted = key_of(key);
    size_t first = bound(answered, 0, &wanted, false);
    size_t equal = bound(answered, first, &wanted, true) - first;
    if (!equal || answered->used[first] == equal)
        return false;
    answered->used[first]++;
    return true;
}

void cli_answered_free(cli_answered *answered)
{
    free(answered->keys);
    free(answered->used);
}
