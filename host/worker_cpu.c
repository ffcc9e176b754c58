#include <omp.h>
#include <stdlib.h>

#include "cpu.h"
#include "error.h"
#include "fast_format.h"
#include "lane_scalar.h"
#include "worker.h"

#include "gen3.h"

enum {
    /* Longer histograms are shared by the threads instead of kept by each: their sessions are so
     * long that an atomic addition costs nothing, and memory stays small. */
    PRIVATE_LENGTH_MAX = 1 << 14,
    /* Pieces a thread's share is cut into, so that threads end together. */
    PIECES_PER_THREAD = 64,
    /* Less is played before another thread is awake. */
    THREAD_ROLLS_MIN = 1 << 16,
};

typedef struct cpu_state {
    grav_plan plan;
    grav_play_fn *play;
    unsigned threads;
    grav_tally *tallies; /* one a thread */
    grav_tally shared;   /* its histogram is everyone's, where it is too long for one a thread */
} cpu_state;

static void cpu_close(grav_worker *worker)
{
    cpu_state *cpu = worker->state;
    for (unsigned i = 0; cpu->tallies && i < cpu->threads; i++)
        grav_tally_free(&cpu->tallies[i]);
    free(cpu->tallies);
    grav_tally_free(&cpu->shared);
    free(cpu);
}

uint64_t grav_cpu_grain(const grav_plan *plan)
{
    if (plan->gen3.on)
        return GRAV_GEN3_GROUP;
    return plan->fast ? GRAV_FAST_BLOCK : 1;
}

/* One thread's part of [first, end): takes pieces, from *next on, until there are none. */
static void cpu_play_pieces(const cpu_state *cpu, grav_tally *own, uint64_t *next, uint64_t first,
                            uint64_t end, uint64_t piece)
{
    grav_part part = {
        .max_session = GRAV_NO_SESSION,
        .counts = cpu->shared.length ? cpu->shared.part.counts : own->part.counts,
        .counts_shared = cpu->shared.length > 0,
    };
    for (;;) {
        uint64_t from;
#pragma omp atomic capture
        {
            from = *next;
            *next += piece;
        }
        if (from >= end)
            break;
        uint64_t to = end - from < piece ? end : from + piece;
        from = from > first ? from : first;
        cpu->play(&cpu->plan, from, to, &part);
        own->sessions += to - from;
    }
    grav_part_offer(&own->part, part.max_score, part.max_session);
}

/* How many threads so many sessions are worth. */
static unsigned useful_threads(const cpu_state *cpu, uint64_t sessions)
{
    uint64_t sessions_min = THREAD_ROLLS_MIN / grav_plan_rolls(&cpu->plan) + 1;
    sessions_min =
        sessions_min > grav_cpu_grain(&cpu->plan) ? sessions_min : grav_cpu_grain(&cpu->plan);
    uint64_t useful = sessions / sessions_min + 1;
    return useful < cpu->threads ? (unsigned)useful : cpu->threads;
}

static grav_status cpu_play(grav_worker *worker, uint64_t first, uint64_t end, grav_tally *tally,
                            grav_error *err)
{
    cpu_state *cpu = worker->state;
    unsigned threads = useful_threads(cpu, end - first);
    uint64_t grain = grav_cpu_grain(&cpu->plan), next = first - first % grain;
    uint64_t pieces = threads == 1 ? 1 : (uint64_t)threads * PIECES_PER_THREAD;
    uint64_t piece = (end - first) / (pieces * grain) * grain + grain;
    (void)err;
    grav_tally_clear(&cpu->shared);
    for (unsigned i = 0; i < cpu->threads; i++)
        grav_tally_clear(&cpu->tallies[i]);
#pragma omp parallel num_threads(threads) default(none) shared(cpu, next)                          \
    firstprivate(first, end, piece)
    cpu_play_pieces(cpu, &cpu->tallies[omp_get_thread_num()], &next, first, end, piece);
    grav_tally_merge(tally, &cpu->shared);
    for (unsigned i = 0; i < cpu->threads; i++)
        grav_tally_merge(tally, &cpu->tallies[i]);
    return GRAV_OK;
}

static grav_status cpu_allocate(cpu_state *cpu, size_t length, grav_error *err)
{
    bool share = length > PRIVATE_LENGTH_MAX && cpu->threads > 1;
    cpu->tallies = calloc(cpu->threads, sizeof *cpu->tallies);
    if (!cpu->tallies)
        return grav_no_memory(err, "the CPU's threads");
    grav_status status = grav_tally_init(&cpu->shared, share ? length : 0, err);
    for (unsigned i = 0; status == GRAV_OK && i < cpu->threads; i++)
        status = grav_tally_init(&cpu->tallies[i], share ? 0 : length, err);
    return status;
}

grav_status grav_worker_open_cpu(const grav_plan *plan, size_t length, unsigned threads,
                                 grav_isa isa, grav_worker *out, grav_error *err)
{
    const grav_variant *variant = grav_variant_for(isa);
    if (!variant)
        return grav_fail(err, GRAV_ERROR_INVALID, "this CPU has no isa %s; auto finds the best",
                         grav_isa_name((int)isa));
    cpu_state *cpu = calloc(1, sizeof *cpu);
    if (!cpu)
        return grav_no_memory(err, "the CPU's state");
    *out = (grav_worker){
        .play = cpu_play,
        .close = cpu_close,
        .chunk_min = 1,
        .chunk_max = GRAV_SESSIONS_END,
        .info = {.backend = GRAV_BACKEND_CPU, .isa = variant->isa},
        .state = cpu,
    };
    cpu->plan = *plan;
    cpu->play = grav_variant_play(variant, plan);
    cpu->threads = threads ? threads : (unsigned)omp_get_num_procs();
    if (plan->gen3.on) /* fewer cost as much, and very long sessions never look any faster */
        out->chunk_min = (uint64_t)cpu->threads * GRAV_GEN3_GROUP;
    out->info.threads = cpu->threads;
    grav_worker_tell(&out->info);
    grav_status status = cpu_allocate(cpu, length, err);
    if (status != GRAV_OK)
        cpu_close(out);
    return status;
}
