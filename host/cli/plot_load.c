/* Results for pictures, and their laws. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot.h"

bool plot_same_experiment(const grav_experiment *a, const grav_experiment *b)
{
    return grav_experiment_rolls(a) == grav_experiment_rolls(b) &&
           grav_experiment_statistic(a) == grav_experiment_statistic(b) &&
           strcmp(grav_experiment_die(a), grav_experiment_die(b)) == 0;
}

/* Finds the law of a series, or works it out. */
static void add_law(plot *p, plot_series *s)
{
    const grav_experiment *experiment = grav_result_experiment(s->result);
    bool fair = s->spec.engine == GRAV_ENGINE_GEN3;
    for (s->law = 0; s->law < p->law_count; s->law++)
        if (plot_same_experiment(experiment, p->laws[s->law].experiment))
            break;
    plot_law *law = &p->laws[s->law];
    if (s->law == p->law_count) {
        *law = (plot_law){.experiment = experiment, .fair = fair};
        grav_law_create(experiment, &law->law, &law->why);
        p->law_count++;
    }
    law->fair = law->fair && fair;
    if (s->summary.sessions > law->sessions)
        law->sessions = s->summary.sessions;
}

static grav_status load_one(plot *p, const char *file, grav_error *err)
{
    plot_series *s = &p->series[p->count];
    *s = (plot_series){.file = file};
    grav_status status = grav_result_load(file, &s->result, err);
    if (status != GRAV_OK)
        return status;
    p->count++;
    grav_result_spec(s->result, &s->spec);
    grav_result_summary(s->result, &s->summary);
    if (s->summary.sessions == 0) {
        err->status = GRAV_ERROR_INVALID;
        snprintf(err->message, sizeof err->message,
                 "'%.256s' has no sessions: nothing was played yet", file);
        return err->status;
    }
    add_law(p, s);
    return GRAV_OK;
}

/* Tells what the picture lacks; refuses a result of which it would show nothing but the record. */
static grav_status check_one(const plot *p, const plot_series *s,
                             void (*notice)(const char *message), grav_error *err)
{
    char message[512];
    if (s->summary.has_histogram)
        return GRAV_OK;
    if (!p->laws[s->law].law) {
        err->status = GRAV_ERROR_INVALID;
        snprintf(err->message, sizeof err->message,
                 "'%.200s' has no histogram (--keep max), and its law is beyond its limits: there "
                 "is nothing to draw",
                 s->file);
        return err->status;
    }
    snprintf(message, sizeof message,
             "'%.256s' has no histogram (--keep max): its record is drawn beside the law", s->file);
    notice(message);
    return GRAV_OK;
}

grav_status plot_load(plot *out, char *const *files, size_t count,
                      void (*notice)(const char *message), grav_error *err)
{
    grav_status status = GRAV_OK;
    *out = (plot){0};
    if (count > PLOT_RESULTS_MAX) {
        err->status = status = GRAV_ERROR_INVALID;
        snprintf(err->message, sizeof err->message,
                 "%zu results are too many for one picture: at most %d", count, PLOT_RESULTS_MAX);
    }
    for (size_t i = 0; i < count && status == GRAV_OK; i++)
        status = load_one(out, files[i], err);
    for (size_t i = 0; i < out->count && status == GRAV_OK; i++)
        status = check_one(out, &out->series[i], notice, err);
    for (size_t i = 0; i < out->law_count && status == GRAV_OK; i++) {
        char message[600];
        if (out->laws[i].law)
            continue;
        snprintf(message, sizeof message, "law left out: %s", out->laws[i].why.message);
        notice(message);
    }
    return status;
}

void plot_free(plot *p)
{
    for (size_t i = 0; i < p->law_count; i++) {
        grav_law_destroy(p->laws[i].law);
        free(p->laws[i].points.at);
    }
    for (size_t i = 0; i < p->count; i++) {
        grav_result_destroy(p->series[i].result);
        free(p->series[i].points.at);
    }
}
