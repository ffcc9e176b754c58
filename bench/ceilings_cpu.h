/* What bounds the founding job on one thread: making a session's words, and counting its rolls. */
#ifndef BENCH_CEILINGS_CPU_H
#define BENCH_CEILINGS_CPU_H

#include <graveler.h>

/* Makes the 12 words of each of so many sessions and xors them all together; with engine `fast`
 * those of whole blocks. */
typedef uint64_t ceilings_words_fn(grav_engine engine, uint64_t seed, uint64_t first,
                                   uint64_t sessions);

/* Counts the ones that so many sessions read, whose words come from a small table, and adds them
 * up. */
typedef uint64_t ceilings_count_fn(uint64_t sessions);

ceilings_words_fn ceilings_words_portable, ceilings_words_avx2, ceilings_words_avx512,
    ceilings_words_avx512_popcnt;
ceilings_count_fn ceilings_count_portable, ceilings_count_avx2, ceilings_count_avx512,
    ceilings_count_avx512_popcnt;

#endif
