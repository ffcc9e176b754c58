#include "report.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "bars.h"
#include "play.h"
#include "speed.h"
#include "text.h"

enum {
    DIE_TEXT_MAX = 40,   /* longer dice are told by their faces */
    RANGES_TOLD_MAX = 5, /* of more the number is told */
};

void report_print_options(const grav_experiment *experiment, const grav_run_spec *spec)
{
    grav_experiment_spec founding;
    grav_experiment_spec_init(&founding);
    uint64_t target;
    if (grav_experiment_rolls(experiment) != founding.rolls)
        printf(" --rolls %" PRIu32, grav_experiment_rolls(experiment));
    const char *chance = grav_experiment_chance(experiment);
    if (!chance)
        printf(" --die %s", grav_experiment_die(experiment));
    else if (strcmp(chance, founding.chance) != 0)
        printf(" --chance %s", chance);
    if (grav_experiment_statistic(experiment) != founding.statistic)
        printf(" --statistic %s", grav_statistic_name((int)grav_experiment_statistic(experiment)));
    if (grav_experiment_target(experiment, &target) && (!chance || target != founding.target))
        printf(" --target %" PRIu64, target);
    if (spec->method != GRAV_METHOD_ROLLS)
        printf(" --method %s", grav_method_name((int)spec->method));
    if (spec->engine != GRAV_ENGINE_PHILOX)
        printf(" --engine %s", grav_engine_name((int)spec->engine));
    if (spec->calls_per_roll != 1)
        printf(" --calls-per-roll %" PRIu32, spec->calls_per_roll);
}

static uint64_t count_faces(const grav_experiment *experiment)
{
    uint32_t value;
    uint64_t count = 0;
    const char *chance;
    while (grav_experiment_face(experiment, count, &value, &chance))
        count++;
    return count;
}

void report_print_experiment(FILE *out, const grav_experiment *experiment)
{
    const char *chance = grav_experiment_chance(experiment);
    if (grav_experiment_statistic(experiment) == GRAV_STATISTIC_STREAK)
        fprintf(out, "the longest streak of ");
    fprintf(out, "%s ", text_counted(grav_experiment_rolls(experiment), "roll").text);
    if (chance)
        fprintf(out, "at chance %s", chance);
    else if (strlen(grav_experiment_die(experiment)) <= DIE_TEXT_MAX)
        fprintf(out, "of the die %s", grav_experiment_die(experiment));
    else
        fprintf(out, "of a die of %s", text_counted(count_faces(experiment), "face").text);
}

void report_print_way(FILE *out, grav_method method, grav_engine engine, uint32_t calls_per_roll)
{
    fprintf(out, ", method %s, engine %s", grav_method_name((int)method),
            grav_engine_name((int)engine));
    if (engine == GRAV_ENGINE_GEN3)
        fprintf(out, ", %s per roll", text_counted(calls_per_roll, "call").text);
}

/* What a game's own generator plays is not drawn from the law, which is there to compare. */
const char *report_of_fair_rolls(grav_engine engine)
{
    return engine == GRAV_ENGINE_GEN3 ? " of fair rolls" : "";
}

void report_print_job(const grav_experiment *experiment, const grav_run_spec *spec)
{
    printf("%s of ", text_counted(spec->sessions, "session").text);
    report_print_experiment(stdout, experiment);
    if (grav_engine_has_seed(spec->engine))
        printf(", seed %" PRIu64, spec->seed);
    report_print_way(stdout, spec->method, spec->engine, spec->calls_per_roll);
    if (spec->first)
        printf(", from session %s", text_count(spec->first).text);
    printf("\n\n");
}

void report_print_played(const cli_report *report)
{
    grav_summary summary;
    uint64_t first, end;
    grav_result_summary(report->result, &summary);
    if (report->spec->engine == GRAV_ENGINE_GEN3 && summary.sessions == GRAV_GEN3_SESSIONS)
        printf("%-16sall 2^32 starting states: not a sample\n", "Played");
    if (summary.complete && summary.sessions == report->spec->sessions)
        return;
    printf("%-16s%s", summary.complete ? "Played" : "Interrupted",
           text_counted(summary.sessions, "session").text);
    size_t i = 0;
    for (; grav_result_range(report->result, i, &first, &end); i++)
        if (i < RANGES_TOLD_MAX)
            printf("%s [%" PRIu64 ", %" PRIu64 ")", i ? "," : ":", first, end);
    if (i > RANGES_TOLD_MAX)
        printf(" and %zu more ranges", i - RANGES_TOLD_MAX);
    printf("\n");
}

static void print_record(const cli_report *report, const grav_summary *summary)
{
    printf("%-16s%s of %s, first in session %s\n", "Highest score",
           text_count(summary->max_score).text,
           text_count(grav_experiment_score_max(report->experiment)).text,
           text_count(summary->max_session).text);
    printf("%-16sgraveler replay", "Replay it");
    if (grav_engine_has_seed(report->spec->engine))
        printf(" --seed %" PRIu64, report->spec->seed);
    printf(" --session %" PRIu64, summary->max_session);
    report_print_options(report->experiment, report->spec);
    printf("\n");
    if (report->law)
        printf(
            "%-16s%s of runs this long%s get that high or higher\n", "How lucky",
            text_percent(grav_law_max_at_least(report->law, summary->max_score, summary->sessions))
                .text,
            report_of_fair_rolls(report->spec->engine));
}

bool report_print_target(const grav_experiment *experiment)
{
    uint64_t target;
    char label[32];
    if (!grav_experiment_target(experiment, &target))
        return false;
    snprintf(label, sizeof label, "Target %" PRIu64, target);
    printf("%-16s", label);
    if (target <= grav_experiment_score_max(experiment))
        return true;
    printf("out of reach of %s\n", text_counted(grav_experiment_rolls(experiment), "roll").text);
    return false;
}

static void print_target(const cli_report *report, const grav_summary *summary)
{
    uint64_t target;
    if (!report_print_target(report->experiment) ||
        !grav_experiment_target(report->experiment, &target))
        return;
    if (summary->max_score < target)
        printf("not reached");
    else if (summary->has_histogram)
        printf("reached by %s", text_counted(summary->hits, "session").text);
    else
        printf("reached");
    if (report->law) {
        grav_decimal p = grav_law_at_least(report->law, target);
        printf("; chance per session%s %s, %s", report_of_fair_rolls(report->spec->engine),
               text_decimal(p).text, text_one_in(p).text);
    }
    printf("\n");
}

/* What the law's figures are called. */
static const char *law_name(const cli_report *report)
{
    return report->spec->engine == GRAV_ENGINE_GEN3 ? "fair rolls" : "law";
}

static void print_distribution(const cli_report *report, const grav_summary *summary)
{
    if (!summary->has_histogram)
        return;
    printf("%-16s%.8g", "Mean", summary->mean);
    if (report->law)
        printf(" (%s %.8g)", law_name(report), grav_law_mean(report->law));
    printf(", sd %.8g", summary->sd);
    if (report->law)
        printf(" (%s %.8g)", law_name(report), grav_law_sd(report->law));
    printf("\n%-16s%s; quartiles %s, %s, %s\n", "Lowest score", text_count(summary->min_score).text,
           text_count(summary->quartiles[0]).text, text_count(summary->quartiles[1]).text,
           text_count(summary->quartiles[2]).text);
}

static const char *chi2_verdict(double p)
{
    if (p >= 0.001)
        return "fits the law";
    return p >= 1e-6 ? "an odd run: try another seed" : "DOES NOT FIT THE LAW";
}

static void print_law(const cli_report *report, const grav_summary *summary)
{
    grav_chi2 chi2;
    if (!report->law)
        printf("%-16sleft out: %s\n", "Law", report->no_law);
    else if (report->spec->engine == GRAV_ENGINE_GEN3 && summary->has_histogram)
        printf("%-16sleft out: sessions of one cycle overlap, so that it is no test\n",
               "Chi-square");
    else if (grav_result_chi2(report->result, report->law, &chi2))
        printf("%-16s%.2f on %" PRIu64 " degree%s of freedom, p = %.3g: %s\n", "Chi-square",
               chi2.value, chi2.dof, chi2.dof == 1 ? "" : "s", chi2.p, chi2_verdict(chi2.p));
}

void report_print_speed(const cli_report *report)
{
    char digest[GRAV_DIGEST_SIZE];
    speed_print(report->result);
    grav_result_digest(report->result, digest);
    printf("%-16s%s\n", "Digest", digest);
}

/* One row of the histogram: scores [first, end). */
typedef struct bin {
    uint64_t first, end;
    uint64_t sessions;
    double expected;
} bin;

/* Cuts the scores that occurred into bins of one width. Returns how many. */
static size_t make_bins(const cli_report *report, const grav_summary *summary,
                        bin bins[BARS_ROWS_MAX])
{
    uint64_t base;
    size_t length, count = 0;
    const uint64_t *counts = grav_result_histogram(report->result, &base, &length);
    uint64_t width = bars_scores_per_row(summary->min_score, summary->max_score, 1);
    for (uint64_t first = summary->min_score; first <= summary->max_score; first += width) {
        bin *row = &bins[count++];
        *row = (bin){.first = first, .end = first + width};
        for (uint64_t score = first; score < row->end && score < base + length; score++) {
            row->sessions += counts[score - base];
            if (report->law)
                row->expected += (double)summary->sessions * grav_law_equal(report->law, score);
        }
    }
    return count;
}

/* The columns' width: more than usual where numbers want it. */
static int column_width(const bin *bins, size_t count)
{
    size_t width = 15;
    for (size_t i = 0; i < count; i++) {
        size_t sessions = strlen(text_count(bins[i].sessions).text);
        size_t expected = strlen(text_quantity(bins[i].expected).text);
        width = sessions > width ? sessions : width;
        width = expected > width ? expected : width;
    }
    return (int)width;
}

static void print_row(const bin *row, double most, int width, int bar_width, bool law)
{
    bars_print_scores(row->first, row->end - 1);
    printf(" %*s", width, text_count(row->sessions).text);
    if (law)
        printf(" %*s", width, text_quantity(row->expected).text);
    bars_print((double)row->sessions / most, law ? row->expected / most : -1, bar_width);
    printf("\n");
}

static void print_histogram(const cli_report *report, const grav_summary *summary)
{
    bin bins[BARS_ROWS_MAX];
    double most = 1;
    size_t count = make_bins(report, summary, bins);
    for (size_t i = 0; i < count; i++) {
        most = fmax(most, (double)bins[i].sessions);
        most = fmax(most, bins[i].expected);
    }
    int width = column_width(bins, count);
    printf("\n%15s %*s", "score", width, "sessions");
    if (report->law)
        printf(" %*s  (%s marks the law%s)", width, "expected", text_unicode() ? "┃" : "|",
               report_of_fair_rolls(report->spec->engine));
    printf("\n");
    int bar_width = bars_width(report->law ? 21 + 2 * width : 20 + width);
    for (size_t i = 0; i < count; i++)
        print_row(&bins[i], most, width, bar_width, report->law != NULL);
}

void report_print(const cli_report *report)
{
    grav_summary summary;
    grav_result_summary(report->result, &summary);
    report_print_played(report);
    if (summary.sessions == 0)
        return;
    print_record(report, &summary);
    print_target(report, &summary);
    print_distribution(report, &summary);
    print_law(report, &summary);
    report_print_speed(report);
    if (summary.has_histogram)
        print_histogram(report, &summary);
}

grav_status report_write_json(const cli_settings *settings, const cli_report *report,
                              grav_error *err)
{
    char *text;
    grav_status status = grav_result_json(report->result, report->law, &text, err);
    if (status != GRAV_OK)
        return status;
    status = cli_write_json(settings, text, err);
    free(text);
    return status;
}
