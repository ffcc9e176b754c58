/* Part `ceilings`: how fast words can be made and rolls be counted, each alone. */
#include "ceilings_cpu.h"
#include "clock.h"
#include "document.h"
#include "error.h"
#include "parts.h"

static const uint64_t seconds_default = 10;

typedef struct ceilings_variant {
    ceilings_words_fn *words;
    ceilings_count_fn *count;
} ceilings_variant;

static const ceilings_variant portable = {ceilings_words_portable, ceilings_count_portable};
#ifdef __x86_64__
static const ceilings_variant avx2 = {ceilings_words_avx2, ceilings_count_avx2};
static const ceilings_variant avx512 = {ceilings_words_avx512, ceilings_count_avx512};
static const ceilings_variant avx512_popcnt = {ceilings_words_avx512_popcnt,
                                               ceilings_count_avx512_popcnt};
#endif

/* The variant that plays with isa on this CPU, which has it. */
static const ceilings_variant *variant_for(int isa)
{
#ifdef __x86_64__
    if (isa == GRAV_ISA_AVX512)
        return __builtin_cpu_supports("avx512vpopcntdq") ? &avx512_popcnt : &avx512;
    if (isa == GRAV_ISA_AVX2)
        return &avx2;
#endif
    (void)isa;
    return &portable;
}

static volatile uint64_t sink; /* what is stored here was worked out */

static grav_status play_words(bench_subject *subject, uint64_t count, bench_slice *slice,
                              grav_error *err)
{
    const ceilings_variant *variant = subject->data;
    double start_s = grav_now_s();
    (void)err;
    sink = variant->words((grav_engine)subject->engine, subject->seed, subject->played, count);
    slice->seconds = grav_now_s() - start_s;
    return GRAV_OK;
}

static grav_status play_count(bench_subject *subject, uint64_t count, bench_slice *slice,
                              grav_error *err)
{
    const ceilings_variant *variant = subject->data;
    double start_s = grav_now_s();
    (void)err;
    sink = variant->count(count);
    slice->seconds = grav_now_s() - start_s;
    return GRAV_OK;
}

static grav_status add_isa(bench_subjects *subjects, int isa, uint64_t seed, grav_error *err)
{
    bench_subject subject = bench_subject_make("ceilings", "counting alone", play_count);
    subject.isa = isa;
    subject.seed = seed;
    subject.data = variant_for(isa);
    int added = bench_subjects_add(subjects, &subject);
    subject.what = "words alone";
    subject.play = play_words;
    for (int engine = 0; added != BENCH_NONE && grav_engine_name(engine); engine++) {
        if (!grav_engine_has_seed((grav_engine)engine))
            continue;
        subject.engine = engine;
        added = bench_subjects_add(subjects, &subject);
    }
    return added == BENCH_NONE ? grav_no_memory(err, "the ceilings") : GRAV_OK;
}

int bench_ceilings(json_t *document, const bench_job *job, const bench_settings *settings,
                   const char *name)
{
    grav_error err;
    grav_status status = GRAV_OK;
    bench_subjects subjects = {0};
    for (int isa = GRAV_ISA_AVX512; status == GRAV_OK && isa >= GRAV_ISA_PORTABLE; isa--)
        if (grav_cpu_has((grav_isa)isa))
            status = add_isa(&subjects, isa, job->seed, &err);
    return bench_part_finish(&subjects, document, settings, seconds_default, status, &err, name);
}
