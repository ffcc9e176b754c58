#include "measure.h"

#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

enum { ROUNDS_MIN = 3, ROUNDS_QUIET_MIN = 6, GROWTH_MAX = 16, DOUBTS_MAX = 4 };

/* How well every median is to be known, as a part of it. */
static const double quiet_error = 0.005;
static const double slice_min_s = 0.05, slice_max_s = 0.2;
/* What takes so many slices was not merely kept from the processor. */
static const double certain_slices = 10;

static volatile sig_atomic_t interrupted;

static void on_signal(int number)
{
    interrupted = 1;
    signal(number, SIG_DFL);
}

void bench_catch_signals(void)
{
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
}

bool bench_interrupted(void)
{
    return interrupted;
}

bench_limits bench_limits_make(double seconds, size_t subjects)
{
    double slice_s = seconds / (15 * (double)(subjects ? subjects : 1));
    double least_s = seconds < 100 * slice_min_s ? seconds / 100 : slice_min_s;
    slice_s = slice_s < least_s ? least_s : slice_s;
    slice_s = slice_s > slice_max_s ? slice_max_s : slice_s;
    return (bench_limits){.seconds = seconds, .slice_s = slice_s};
}

const char *bench_stop_name(bench_stop stop)
{
    static const char *const names[] = {
        [BENCH_QUIET] = "quiet", [BENCH_TIME] = "time", [BENCH_INTERRUPTED] = "interrupted"};
    return names[stop];
}

/* ---- Statistics ------------------------------------------------------------------------------ */

static int compare(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* The quantile between neighbours, of sorted numbers. */
static double quantile(const double *sorted, size_t count, double share)
{
    double at = share * (double)(count - 1);
    size_t below = (size_t)at;
    double above = below + 1 < count ? sorted[below + 1] : sorted[below];
    return sorted[below] + (at - (double)below) * (above - sorted[below]);
}

bench_statistics bench_statistics_of(const double *samples, size_t count)
{
    double sorted[BENCH_ROUNDS_MAX];
    bench_statistics out;
    memcpy(sorted, samples, count * sizeof *sorted);
    qsort(sorted, count, sizeof *sorted, compare);
    out.median = quantile(sorted, count, 0.5);
    out.min = sorted[0];
    out.q1 = quantile(sorted, count, 0.25);
    out.q3 = quantile(sorted, count, 0.75);
    out.spread = out.median > 0 ? (out.q3 - out.q1) / out.median : 0;
    return out;
}

const double *bench_samples(const bench_subject *subject)
{
    return subject->samples && subject->kernel_ns[0] > 0 ? subject->kernel_ns : subject->ns;
}

double bench_ratio(const bench_subjects *subjects, const bench_subject *subject)
{
    if (subject->yardstick == BENCH_NONE)
        return 0;
    const bench_subject *yardstick = &subjects->items[subject->yardstick];
    const double *own = bench_samples(subject), *others = bench_samples(yardstick);
    double ratios[BENCH_ROUNDS_MAX];
    size_t count = subject->samples < yardstick->samples ? subject->samples : yardstick->samples;
    for (size_t i = 0; i < count; i++)
        ratios[i] = others[i] / own[i];
    return count ? bench_statistics_of(ratios, count).median : 0;
}

/* The standard error of a median, as a part of it: that of normal noise, from its quartiles. */
static double median_error(const bench_subject *subject)
{
    double spread = bench_statistics_of(bench_samples(subject), subject->samples).spread;
    return 1.253 * spread / 1.349 / sqrt((double)subject->samples);
}

static bool is_quiet(const bench_subjects *subjects)
{
    for (size_t i = 0; i < subjects->count; i++)
        if (subjects->items[i].samples < ROUNDS_QUIET_MIN ||
            median_error(&subjects->items[i]) > quiet_error)
            return false;
    return true;
}

/* ---- Rounds ---------------------------------------------------------------------------------- */

static grav_status play(bench_subject *subject, bench_slice *slice, grav_error *err)
{
    *slice = (bench_slice){.done = subject->per_slice};
    grav_status status = subject->play(subject, subject->per_slice, slice, err);
    subject->played += slice->done;
    return status;
}

/* The better of two tries: one alone may have been kept from the processor. */
static grav_status try_twice(bench_subject *subject, double *seconds, grav_error *err)
{
    bench_slice first, second;
    grav_status status = play(subject, &first, err);
    if (status == GRAV_OK)
        status = play(subject, &second, err);
    if (status == GRAV_OK)
        *seconds = first.seconds < second.seconds ? first.seconds : second.seconds;
    return status;
}

static void grow(bench_subject *subject, double growth)
{
    growth = growth < GROWTH_MAX ? growth : GROWTH_MAX;
    subject->per_slice = (uint64_t)ceil((double)subject->per_slice * growth);
}

/* Whether twice as much takes clearly longer than `seconds`: else they were not its own. */
static grav_status is_steady(bench_subject *subject, double seconds, bool *steady, grav_error *err)
{
    bench_slice slice;
    subject->per_slice *= 2;
    grav_status status = play(subject, &slice, err);
    subject->per_slice /= 2;
    *steady = slice.seconds > 1.5 * seconds;
    return status;
}

/* Finds how much of it fills a slice. Warms up caches, clocks and threads on the way. */
static grav_status warm_up(bench_subject *subject, double slice_s, grav_error *err)
{
    double certain_s = certain_slices * slice_s;
    subject->per_slice = 1;
    for (int doubts = 0; doubts < DOUBTS_MAX && !interrupted;) {
        double seconds = 0;
        bool steady = false;
        grav_status status = try_twice(subject, &seconds, err);
        if (status == GRAV_OK && seconds >= slice_s / 4 && seconds < certain_s)
            status = is_steady(subject, seconds, &steady, err);
        if (status != GRAV_OK)
            return status;
        if (seconds < slice_s)
            grow(subject, seconds > 1e-6 ? 1.05 * slice_s / seconds : GROWTH_MAX);
        if (steady || seconds >= certain_s)
            return GRAV_OK;
        if (seconds >= slice_s)
            grow(subject, 2);
        doubts += seconds >= slice_s / 4;
    }
    return GRAV_OK;
}

static grav_status play_round(bench_subjects *subjects, double slice_s, grav_error *err)
{
    for (size_t i = 0; i < subjects->count && !interrupted; i++) {
        bench_subject *subject = &subjects->items[i];
        bench_slice slice;
        grav_status status = play(subject, &slice, err);
        while (status == GRAV_OK && slice.seconds < slice_s / 2 && !interrupted) {
            grow(subject, 1.05 * slice_s / slice.seconds); /* warm-up was disturbed */
            status = play(subject, &slice, err);
        }
        if (status != GRAV_OK)
            return status;
        subject->ns[subject->samples] = 1e9 * slice.seconds / (double)slice.done;
        subject->kernel_ns[subject->samples] = 1e9 * slice.kernel_s / (double)slice.done;
        subject->samples++;
    }
    return GRAV_OK;
}

static void tell(const bench_limits *limits, const char *what, size_t round, double elapsed_s)
{
    if (limits->progress)
        fprintf(stderr, "\r%s %zu, %.0f s of at most %.0f \033[K", what, round, elapsed_s,
                limits->seconds);
}

grav_status bench_measure(bench_subjects *subjects, const bench_limits *limits, bench_stop *stop,
                          grav_error *err)
{
    double start_s = grav_now_s();
    grav_status status = GRAV_OK;
    for (size_t i = 0; status == GRAV_OK && i < subjects->count && !interrupted; i++) {
        tell(limits, "warm-up", i + 1, grav_now_s() - start_s);
        status = warm_up(&subjects->items[i], limits->slice_s, err);
    }
    *stop = BENCH_TIME;
    for (size_t round = 0; status == GRAV_OK && round < BENCH_ROUNDS_MAX && !interrupted; round++) {
        double round_s = grav_now_s();
        tell(limits, "round", round + 1, round_s - start_s);
        status = play_round(subjects, limits->slice_s, err);
        double now_s = grav_now_s();
        if (is_quiet(subjects)) {
            *stop = BENCH_QUIET;
            break;
        }
        /* Another round of the same length would be over time. */
        if (round + 1 >= ROUNDS_MIN && 2 * now_s - round_s - start_s > limits->seconds)
            break;
    }
    if (interrupted) {
        *stop = BENCH_INTERRUPTED;
        status = GRAV_OK; /* what failed was interrupted with us */
    }
    if (limits->progress)
        fputs("\r\033[K", stderr);
    return status;
}
