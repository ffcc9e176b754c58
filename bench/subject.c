#include "subject.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int bench_subjects_add(bench_subjects *subjects, const bench_subject *subject)
{
    if (subjects->count == subjects->capacity) {
        size_t capacity = subjects->capacity ? 2 * subjects->capacity : 16;
        bench_subject *items = realloc(subjects->items, capacity * sizeof *items);
        if (!items)
            return BENCH_NONE;
        subjects->items = items;
        subjects->capacity = capacity;
    }
    subjects->items[subjects->count] = *subject;
    return (int)subjects->count++;
}

void bench_subjects_free(bench_subjects *subjects)
{
    free(subjects->items);
    *subjects = (bench_subjects){0};
}

bench_subject bench_subject_make(const char *part, const char *what, bench_play_fn *play)
{
    return (bench_subject){
        .part = part,
        .what = what,
        .unit = "session",
        .method = BENCH_NONE,
        .engine = BENCH_NONE,
        .keep = BENCH_NONE,
        .backend = GRAV_BACKEND_CPU,
        .isa = BENCH_NONE,
        .device = BENCH_NONE,
        .threads = 1,
        .yardstick = BENCH_NONE,
        .play = play,
    };
}

__attribute__((format(printf, 2, 3))) static void append(bench_words *words, const char *format,
                                                         ...)
{
    size_t used = strlen(words->text);
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(words->text + used, sizeof words->text - used, format, arguments);
    va_end(arguments);
}

bench_words bench_subject_text(const bench_subject *subject)
{
    bench_words words;
    snprintf(words.text, sizeof words.text, "%s", subject->what);
    if (subject->method != BENCH_NONE)
        append(&words, " %s", grav_method_name(subject->method));
    if (subject->engine != BENCH_NONE)
        append(&words, " %s", grav_engine_name(subject->engine));
    if (subject->keep != BENCH_NONE)
        append(&words, " %s", grav_keep_name(subject->keep));
    append(&words, ", %s", grav_backend_name((int)subject->backend));
    if (subject->isa != BENCH_NONE)
        append(&words, " %s", grav_isa_name(subject->isa));
    if (subject->device != BENCH_NONE)
        append(&words, " %d", subject->device);
    if (subject->threads)
        append(&words, ", %u thread%s", subject->threads, subject->threads == 1 ? "" : "s");
    return words;
}
