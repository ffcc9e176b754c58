/* Which scores a picture shows, in columns of how many, and from how few sessions to how many. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "plot.h"

/* ---- How far apart scores are ---------------------------------------------------------------- */

static uint64_t common_divisor(uint64_t a, uint64_t b)
{
    while (b) {
        uint64_t rest = a % b;
        a = b;
        b = rest;
    }
    return a;
}

/* The greatest common divisor of the differences between an experiment's scores. */
static uint64_t score_step(const grav_experiment *experiment)
{
    uint32_t first = 0, value;
    uint64_t step = 0;
    const char *chance;
    for (size_t i = 0; grav_experiment_face(experiment, i, &value, &chance); i++) {
        if (i == 0)
            first = value;
        step = common_divisor(value > first ? value - first : first - value, step);
    }
    return step ? step : 1;
}

/* ---- Points ---------------------------------------------------------------------------------- */

static grav_status add_point(plot_points *points, plot_point point, grav_error *err)
{
    enum { FIRST = 256 };
    if (points->count && points->at[points->count - 1].x == point.x) {
        points->at[points->count - 1].y += point.y;
        return GRAV_OK;
    }
    if (points->count == points->size) {
        size_t size = points->size ? 2 * points->size : FIRST;
        plot_point *at = realloc(points->at, size * sizeof *at);
        if (!at) {
            err->status = GRAV_ERROR_MEMORY;
            snprintf(err->message, sizeof err->message, "no memory for the picture's points");
            return err->status;
        }
        points->at = at;
        points->size = size;
    }
    points->at[points->count++] = point;
    return GRAV_OK;
}

/* Adds y to the column of a score within the view. */
static grav_status add_to_column(const plot_view *view, plot_points *points, uint64_t score,
                                 double y, grav_error *err)
{
    uint64_t column = (score - view->first) / view->width;
    double middle = (double)(view->first + column * view->width) + 0.5 * (double)(view->width - 1);
    return y > 0 ? add_point(points, (plot_point){middle, y}, err) : GRAV_OK;
}

static grav_status find_series_points(const plot_view *view, plot_series *s, grav_error *err)
{
    uint64_t first;
    size_t length = 0;
    grav_status status = GRAV_OK;
    const uint64_t *counts = grav_result_histogram(s->result, &first, &length);
    double unit = view->shares ? 1 / (double)s->summary.sessions : 1;
    s->points.count = 0;
    for (size_t i = 0; counts && i < length && status == GRAV_OK; i++)
        status = add_to_column(view, &s->points, first + i, unit * (double)counts[i], err);
    return status;
}

static grav_status find_law_points(const plot_view *view, plot_law *law, grav_error *err)
{
    uint64_t first, step, last;
    grav_status status = GRAV_OK;
    double unit = view->shares ? 1 : (double)law->sessions;
    law->points.count = 0;
    if (!law->law)
        return GRAV_OK;
    grav_law_scores(law->law, &first, &step, &last);
    if (first < view->first)
        first += (view->first - first + step - 1) / step * step;
    for (uint64_t score = first; score <= last && score <= view->last && status == GRAV_OK;
         score += step)
        status =
            add_to_column(view, &law->points, score, unit * grav_law_equal(law->law, score), err);
    return status;
}

static grav_status find_points(plot *p, grav_error *err)
{
    grav_status status = GRAV_OK;
    for (size_t i = 0; i < p->count && status == GRAV_OK; i++)
        status = find_series_points(&p->view, &p->series[i], err);
    for (size_t i = 0; i < p->law_count && status == GRAV_OK; i++)
        status = find_law_points(&p->view, &p->laws[i], err);
    return status;
}

/* ---- Ranges ---------------------------------------------------------------------------------- */

static void include(plot_view *view, uint64_t first, uint64_t last)
{
    view->first = first < view->first ? first : view->first;
    view->last = last > view->last ? last : view->last;
}

/* The scores at which the law expects half a session or more, where results may be, and the next
 * on both sides, so that its curve leaves the picture at the bottom. */
static void include_law(plot_view *view, const plot_law *law)
{
    uint64_t lowest, step, highest;
    if (!law->law)
        return;
    grav_law_scores(law->law, &lowest, &step, &highest);
    uint64_t first = lowest, last = highest;
    double least = 0.5 / (double)law->sessions;
    while (first < last && grav_law_equal(law->law, first) < least)
        first += step;
    while (last > first && grav_law_equal(law->law, last) < least)
        last -= step;
    if (grav_law_equal(law->law, first) < least)
        return;
    include(view, first > lowest ? first - step : first, last < highest ? last + step : last);
}

/* A target not far from the scores is shown in its place. */
static void include_targets(const plot *p, plot_view *view)
{
    const uint64_t near = (view->last - view->first) / 3;
    const plot_view scores = *view;
    for (size_t i = 0; i < p->count; i++) {
        uint64_t target;
        if (grav_experiment_target(grav_result_experiment(p->series[i].result), &target) &&
            target + near >= scores.first && target <= scores.last + near)
            include(view, target, target);
    }
}

/* Scores share columns where there are too many: so many that each column holds as many that an
 * experiment can have. */
static void find_columns(const plot *p, plot_view *view)
{
    uint64_t span = view->last - view->first + 1, unit = 1;
    view->step = UINT64_MAX;
    for (size_t i = 0; i < p->law_count; i++) {
        uint64_t step = score_step(p->laws[i].experiment);
        view->step = step < view->step ? step : view->step;
        unit = unit / common_divisor(unit, step) * step;
        if (unit > span)
            unit = view->step;
    }
    if (span / view->step > PLOT_COLUMNS_MAX)
        view->width = (span / unit / PLOT_COLUMNS_MAX + 1) * unit;
}

static double highest(const plot_points *points, double from)
{
    double y = 0;
    for (size_t i = 0; i < points->count; i++)
        if (points->at[i].x >= from)
            y = fmax(y, points->at[i].y);
    return y;
}

static double highest_of_all(const plot *p, double from)
{
    double y = 0;
    for (size_t i = 0; i < p->count; i++)
        y = fmax(y, highest(&p->series[i].points, from));
    for (size_t i = 0; i < p->law_count; i++)
        y = fmax(y, highest(&p->laws[i].points, from));
    return y;
}

/* Half of one session is the bottom, so that one is seen. */
static void find_bottom_and_top(plot *p)
{
    uint64_t most = 1;
    double y = highest_of_all(p, -1);
    for (size_t i = 0; i < p->law_count; i++)
        most = p->laws[i].sessions > most ? p->laws[i].sessions : most;
    p->view.bottom = p->view.linear ? 0 : 0.5 / (p->view.shares ? (double)most : 1);
    p->view.top = p->view.linear ? 1.05 * y : fmax(2 * y, 4 * p->view.bottom);
}

static bool same_sessions(const plot *p)
{
    for (size_t i = 1; i < p->count; i++)
        if (p->series[i].summary.sessions != p->series[0].summary.sessions)
            return false;
    return true;
}

grav_status plot_look(plot *p, bool shares, bool linear, grav_error *err)
{
    p->view = (plot_view){
        .shares = shares || !same_sessions(p), .linear = linear, .first = UINT64_MAX, .width = 1};
    for (size_t i = 0; i < p->count; i++) {
        const grav_summary *summary = &p->series[i].summary;
        include(&p->view, summary->has_histogram ? summary->min_score : summary->max_score,
                summary->max_score);
    }
    for (size_t i = 0; i < p->law_count; i++)
        include_law(&p->view, &p->laws[i]);
    find_columns(p, &p->view);
    grav_status status = find_points(p, err);
    if (status != GRAV_OK)
        return status;
    include_targets(p, &p->view);
    double margin =
        fmax(0.5 * (double)(p->view.width > p->view.step ? p->view.width : p->view.step),
             0.015 * (double)(p->view.last - p->view.first));
    p->view.left = (double)p->view.first - margin;
    p->view.right = (double)p->view.last + margin;
    find_bottom_and_top(p);
    return GRAV_OK;
}

double plot_height(const plot_view *view, double y)
{
    if (view->linear)
        return y / view->top;
    return y <= view->bottom ? 0 : log(y / view->bottom) / log(view->top / view->bottom);
}

double plot_height_from(const plot *p, double x)
{
    return plot_height(&p->view, highest_of_all(p, x));
}
