/* What graveler plot draws: results, their laws, and how they are seen. */
#ifndef GRAV_CLI_PLOT_H
#define GRAV_CLI_PLOT_H

#include "options.h"

enum {
    PLOT_RESULTS_MAX = 12,  /* more cannot be told apart */
    PLOT_COLUMNS_MAX = 400, /* more scores share columns */
};

/* Where something is drawn: a score, or the middle of a column, and how many sessions (or what
 * share of them) are there. In ascending order of x; nothing is drawn of what is 0. */
typedef struct plot_point {
    double x, y;
} plot_point;

typedef struct plot_points {
    plot_point *at;
    size_t count, size;
} plot_points;

typedef struct plot_series {
    const char *file;
    grav_result *result;
    grav_run_spec spec;
    grav_summary summary;
    size_t law;         /* index of its experiment's */
    plot_points points; /* none without a histogram */
} plot_series;

/* The law of one experiment. */
typedef struct plot_law {
    const grav_experiment *experiment; /* of a series */
    grav_law *law;                     /* NULL: not worked out, and why tells the reason */
    grav_error why;
    uint64_t sessions; /* that are expected to follow it: the most of its series */
    bool fair;         /* nobody draws from it: it is that of fair rolls */
    plot_points points;
} plot_law;

/* What a picture shows of it. */
typedef struct plot_view {
    bool shares;          /* of sessions, not their number */
    bool linear;          /* not logarithmic, from the bottom to the top */
    uint64_t first, last; /* scores */
    uint64_t width;       /* scores that share a column */
    uint64_t step;        /* how far apart scores are at least */
    double left, right;   /* of the picture, in scores */
    double bottom, top;   /* in sessions or shares */
} plot_view;

typedef struct plot {
    plot_series series[PLOT_RESULTS_MAX];
    size_t count;
    plot_law laws[PLOT_RESULTS_MAX];
    size_t law_count;
    plot_view view;
} plot;

/* How it is drawn. */
typedef enum plot_format { PLOT_SVG, PLOT_PNG, PLOT_TERMINAL } plot_format;
const char *plot_format_name(int value); /* svg and png; NULL of others */

typedef struct plot_canvas {
    plot_format format;
    unsigned width, height; /* pixels, or characters of a terminal */
    const char *title;      /* NULL: what the sessions are of */
} plot_canvas;

/* ---- Results and laws (plot_load.c) */

/* Loads results from files, and works out their laws. Refuses (GRAV_ERROR_INVALID) files of which
 * nothing can be shown. What a picture will lack is told by notice. plot_free() in any case. */
grav_status plot_load(plot *out, char *const *files, size_t count,
                      void (*notice)(const char *message), grav_error *err);
void plot_free(plot *p);

/* Whether they are of the same die, as often, with the same statistic. */
bool plot_same_experiment(const grav_experiment *a, const grav_experiment *b);

/* ---- What is seen (plot_view.c) */

/* Works out view and points. Sessions are counted where all results have the same number; else, or
 * where shares is asked for, shares of sessions are drawn, which do not depend on it. */
grav_status plot_look(plot *p, bool shares, bool linear, grav_error *err);

/* How high y is, from 0 at the bottom to 1 at the top. */
double plot_height(const plot_view *view, double y);

/* How high the highest point from x on is, of all series and laws. */
double plot_height_from(const plot *p, double x);

/* ---- Texts (plot_text.c) */

/* A text for gnuplot's script, between single quotes, where nothing has a meaning but such a quote:
 * that gets double ones of its own. Control characters and what is no UTF-8 become `?`, and `]]>`
 * becomes `]] >`. At most so
 * many characters, at least 4, are left, the last of them dots where there are more. For free();
 * NULL: no memory. */
char *plot_quoted(const char *text, size_t characters_max);

/* The file's name without its folders. */
const char *plot_base_name(const char *file);

/* What the sessions are of; how all of them were played; what is special of one. For free(); NULL:
 * no memory. */
char *plot_title(const plot *p);
char *plot_subtitle(const plot *p);
char *plot_series_text(const plot *p, size_t i);
char *plot_law_text(const plot *p, size_t i);

/* ---- The picture (plot_script.c) */

/* gnuplot's script that draws it to standard output. For free(). */
grav_status plot_script(plot *p, const plot_canvas *canvas, char **out, grav_error *err);

#endif
