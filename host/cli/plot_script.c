/* gnuplot's script for a picture. Numbers go into data blocks, texts through plot_quoted(), and
 * enhanced text, in which characters have meanings, is off. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot_script.h"
#include "text.h"

/* Okabe and Ito's colours, which are told apart by everybody; the yellow is too pale for points.
 * Whatever differs by colour differs by the shape of its points, too. */
static const char *const colours[] = {"#0072b2", "#d55e00", "#009e73",
                                      "#cc79a7", "#e69f00", "#56b4e9"};
enum { COLOURS = sizeof colours / sizeof *colours };

#define LAW_COLOUR "#222222"
#define GREY "#666666"

enum { TITLE_PIXELS = 18 };

const char *plot_format_name(int value)
{
    static const char *const names[] = {[PLOT_SVG] = "svg", [PLOT_PNG] = "png"};
    return value >= 0 && value <= PLOT_PNG ? names[value] : NULL;
}

bool script_in_terminal(const script *s)
{
    return s->canvas->format == PLOT_TERMINAL;
}

const char *script_colour(const script *s, size_t i)
{
    return s->p->count == 1 ? SCRIPT_RECORD_COLOUR : colours[i % COLOURS];
}

/* gnuplot's point types: disc, square, triangles, diamond, pentagon, and the same empty. */
int script_shape(size_t i)
{
    static const int shapes[PLOT_RESULTS_MAX] = {7, 5, 9, 11, 13, 15, 6, 4, 8, 10, 12, 14};
    return shapes[i];
}

void script_quote(script *s, const char *text, size_t characters_max)
{
    char *quoted = text ? plot_quoted(text, characters_max) : NULL;
    if (quoted)
        fputs(quoted, s->out);
    else
        s->failed = true;
    free(quoted);
}

/* The same of a text made for it, which is freed; of as many characters as the picture has room for
 * beside its vertical axis. */
static void quote_made(script *s, char *text, double pixels)
{
    enum { AXIS_PIXELS = 190, CHARACTERS_MIN = 16 };
    const int axis_characters = s->p->view.shares ? 27 : 20;
    double room = script_in_terminal(s)
                      ? (double)s->canvas->width - axis_characters
                      : ((double)s->canvas->width - AXIS_PIXELS) / (0.58 * pixels);
    script_quote(s, text, room < CHARACTERS_MIN ? (size_t)CHARACTERS_MIN : (size_t)room);
    free(text);
}

/* ---- The frame ------------------------------------------------------------------------------- */

static void write_terminal(script *s)
{
    const plot_canvas *canvas = s->canvas;
    if (canvas->format == PLOT_SVG)
        fprintf(s->out,
                "set terminal svg noenhanced size %u,%u font 'DejaVu Sans,%d' background 'white'\n",
                canvas->width, canvas->height, SCRIPT_FONT_PIXELS);
    else if (canvas->format == PLOT_PNG)
        fprintf(s->out,
                "set terminal pngcairo noenhanced size %u,%u font 'DejaVu Sans,%.2f' background "
                "'white'\n",
                canvas->width, canvas->height, 0.75 * SCRIPT_FONT_PIXELS); /* points */
    else
        fprintf(s->out, "set terminal dumb mono noenhanced size %u,%u\n", canvas->width,
                canvas->height);
    if (!script_in_terminal(s) || text_unicode())
        fputs("set encoding utf8\n", s->out);
}

/* A power of ten in words: 1, 1,000, 1 million. */
static cli_words power_of_ten(int exponent)
{
    static const struct {
        int exponent;
        const char *name;
    } units[] = {{18, " quintillion"}, {15, " quadrillion"}, {12, " trillion"},
                 {9, " billion"},      {6, " million"},      {0, ""}};
    cli_words out;
    size_t i = 0;
    uint64_t count = 1;
    while (units[i].exponent > exponent)
        i++;
    for (int n = exponent - units[i].exponent; n > 0; n--)
        count *= 10;
    snprintf(out.text, sizeof out.text, "%.40s%s", text_count(count).text, units[i].name);
    return out;
}

/* Tics at powers of ten, at most so many. */
static void write_log_tics(script *s)
{
    const plot_view *view = &s->p->view;
    int tics_max = script_in_terminal(s) ? 7 : 12;
    int first = (int)ceil(log10(view->bottom) - 1e-9), last = (int)floor(log10(view->top) + 1e-9);
    last = view->shares && last > 0 ? 0 : last;
    int apart = (last - first) / tics_max + 1;
    if (view->shares) /* such that 1 in 1 is one of them */
        first += -first % apart;
    fputs("set logscale y\nset ytics (", s->out);
    const char *comma = "";
    for (int exponent = first; exponent <= last && exponent <= 19; exponent += apart) {
        const char *start = exponent < 0 ? "1 in " : "";
        fprintf(s->out, "%s'%s%s' 1e%d", comma, start,
                power_of_ten(exponent < 0 ? -exponent : exponent).text, exponent);
        comma = ", ";
    }
    fputs(")\n", s->out);
}

/* Tics at multiples of 1, 2 or 5 times a power of ten. */
static void write_linear_tics(script *s)
{
    enum { TICS = 6 };
    const plot_view *view = &s->p->view;
    double power = pow(10, floor(log10(view->top / TICS))), apart = power;
    for (int i = 0; view->top / apart > TICS; i++)
        apart = power * (i == 0 ? 2 : i == 1 ? 5 : 10);
    if (!view->shares && apart < 1)
        apart = 1;
    fputs("set ytics (", s->out);
    for (int i = 0; i * apart <= view->top; i++) {
        if (view->shares)
            fprintf(s->out, "%s'%g' %.9g", i ? ", " : "", i * apart, i * apart);
        else
            fprintf(s->out, "%s'%s' %.9g", i ? ", " : "",
                    text_count((uint64_t)llround(i * apart)).text, i * apart);
    }
    fputs(")\n", s->out);
}

/* What a unit of the vertical axis is. */
static void write_axes(script *s)
{
    const plot_view *view = &s->p->view;
    char scores[64] = "";
    if (view->width > 1)
        snprintf(scores, sizeof scores, " in %.50s", text_counted(view->width, "score").text);
    fprintf(s->out, "set xrange [%.17g:%.17g]\nset yrange [%.17g:%.17g]\n", view->left, view->right,
            view->bottom, view->top);
    fputs("set format x '%.0f'\nset xlabel 'score'\n", s->out);
    fprintf(s->out, "set ylabel '%s%s'\n", view->shares ? "share of sessions" : "sessions", scores);
    if (view->linear)
        write_linear_tics(s);
    else
        write_log_tics(s);
    if (!script_in_terminal(s))
        fputs("set grid x y lt 1 lw 0.5 lc rgb '#dddddd'\n"
              "set border 3 lw 0.8 lc rgb '" GREY "'\n"
              "set tics nomirror out scale 0.6 textcolor rgb '#222222'\n",
              s->out);
    else
        fputs("set tics nomirror out\nset border 3\n", s->out);
}

double script_lines_above(const script *s)
{
    script_target targets[PLOT_RESULTS_MAX];
    return (script_in_terminal(s) ? 3 : 4) + (double)script_find_targets(s->p, targets);
}

double script_lines_below(const script *s)
{
    double key = (double)(s->p->count + s->p->law_count);
    return script_in_terminal(s) ? key + 3 : 1.3 * key + 3.8;
}

static void write_titles(script *s)
{
    char *title = s->canvas->title ? strdup(s->canvas->title) : plot_title(s->p);
    fprintf(s->out, "set tmargin %g\nset bmargin %g\n", script_lines_above(s),
            script_lines_below(s));
    fputs("set label 1 ", s->out);
    quote_made(s, title, TITLE_PIXELS);
    if (script_in_terminal(s)) {
        fputs(" at graph 0, screen 1 offset 0,-1\nset label 2 ", s->out);
        quote_made(s, plot_subtitle(s->p), SCRIPT_FONT_PIXELS);
        fputs(" at graph 0, screen 1 offset 0,-2\n", s->out);
        return;
    }
    fprintf(s->out, " at graph 0, screen 1 offset 0,-1.4 font ',%.2f'\nset label 2 ",
            s->canvas->format == PLOT_PNG ? 0.75 * TITLE_PIXELS : (double)TITLE_PIXELS);
    quote_made(s, plot_subtitle(s->p), SCRIPT_FONT_PIXELS);
    fputs(" at graph 0, screen 1 offset 0,-2.8 textcolor rgb '" GREY "'\n", s->out);
}

/* The key stands below the picture, where it covers nothing. */
static void write_key(script *s)
{
    fputs("set key at graph 0, screen 0 left bottom Left reverse vertical maxcols 1 samplen 2\n",
          s->out);
    if (!script_in_terminal(s))
        fputs("set key spacing 1.25\n"
              "set style textbox opaque noborder margins 0.5,0.3 fillcolor rgb 'white'\n",
              s->out);
}

/* ---- Series and laws ------------------------------------------------------------------------- */

static void write_points(script *s, const char *name, size_t i, const plot_points *points)
{
    if (!points->count)
        return;
    fprintf(s->out, "$%s%zu << EOD\n", name, i);
    for (size_t at = 0; at < points->count; at++)
        fprintf(s->out, "%.17g %.9g\n", points->at[at].x, points->at[at].y);
    fputs("EOD\n", s->out);
}

static void write_data(script *s)
{
    for (size_t i = 0; i < s->p->count; i++)
        write_points(s, "series", i, &s->p->series[i].points);
    for (size_t i = 0; i < s->p->law_count; i++)
        write_points(s, "law", i, &s->p->laws[i].points);
}

/* What is drawn of a series or a law: its data, or its line of the key alone. */
static void write_source(script *s, const char *name, size_t i, const plot_points *points)
{
    if (points->count)
        fprintf(s->out, "$%s%zu using 1:2 ", name, i);
    else
        fputs("keyentry ", s->out);
}

/* Several results are drawn as points, large ones below small ones. */
static void write_series(script *s, size_t i)
{
    const plot *p = s->p;
    write_source(s, "series", i, &p->series[i].points);
    if (script_in_terminal(s))
        fprintf(s->out, "with points pt %zu", i + 1);
    else
        fprintf(s->out, "with points pt %d ps %.2f lc rgb '%s'", script_shape(i),
                1.15 - 0.6 * (double)i / (double)p->count, script_colour(s, i));
    fputs(script_in_terminal(s) ? " title '  '." : " title ", s->out);
    quote_made(s, plot_series_text(p, i), SCRIPT_FONT_PIXELS);
}

/* One result is drawn as columns, that of its record in full colour. */
static void write_columns(script *s)
{
    const plot_series *series = &s->p->series[0];
    const plot_point *record = &series->points.at[series->points.count - 1];
    fputs("$series0 using 1:2 with boxes lc rgb '" SCRIPT_RECORD_COLOUR
          "' fs solid 0.3 noborder title ",
          s->out);
    quote_made(s, plot_series_text(s->p, 0), SCRIPT_FONT_PIXELS);
    fprintf(s->out,
            ", '+' using (%.17g):(%.9g) every ::::0 with boxes lc rgb '" SCRIPT_RECORD_COLOUR
            "' fs solid 1 noborder notitle",
            record->x, record->y);
}

static void write_law(script *s, size_t i)
{
    static const char *const dashes[] = {"1", "(12,4)", "(4,4)", "(12,4,2,4)"};
    const plot_law *law = &s->p->laws[i];
    write_source(s, "law", i, &law->points);
    if (!law->law)
        fputs("with dots lc bgnd", s->out);
    else if (script_in_terminal(s))
        fputs("with lines", s->out);
    else
        fprintf(s->out, "with lines lw 1.5 dt %s lc rgb '" LAW_COLOUR "'", dashes[i % 4]);
    fputs(script_in_terminal(s) ? " title '  '." : " title ", s->out);
    quote_made(s, plot_law_text(s->p, i), SCRIPT_FONT_PIXELS);
}

/* Laws are drawn over columns, but under points. */
static void write_plot(script *s)
{
    const plot *p = s->p;
    bool columns = p->count == 1 && p->series[0].points.count && !script_in_terminal(s);
    fputs("plot ", s->out);
    if (columns)
        write_columns(s);
    for (size_t i = 0; i < p->law_count; i++) {
        fputs(i || columns ? ", " : "", s->out);
        write_law(s, i);
    }
    for (size_t i = 0; i < p->count && !columns; i++) {
        fputs(", ", s->out);
        write_series(s, i);
    }
    fputs("\n", s->out);
}

static void write_script(script *s)
{
    script_target targets[PLOT_RESULTS_MAX];
    script_record records[PLOT_RESULTS_MAX];
    const plot_view *view = &s->p->view;
    size_t target_count = script_find_targets(s->p, targets);
    script_find_records(s, records);
    write_terminal(s);
    write_axes(s);
    write_titles(s);
    write_key(s);
    fprintf(s->out, "set boxwidth %.17g\n",
            0.9 * (double)(view->width > view->step ? view->width : view->step));
    for (size_t i = 0; i < target_count; i++)
        script_target_label(s, &targets[i], i);
    for (size_t i = 0; i < s->p->count; i++)
        script_record_label(s, &records[i]);
    write_data(s);
    write_plot(s);
}

grav_status plot_script(plot *p, const plot_canvas *canvas, char **out, grav_error *err)
{
    char *text = NULL;
    size_t length;
    script s = {.out = open_memstream(&text, &length), .p = p, .canvas = canvas};
    const plot_view before = p->view; /* which labels may have widened */
    if (s.out) {
        write_script(&s);
        s.failed = s.failed || ferror(s.out);
        s.failed = fclose(s.out) != 0 || s.failed;
        p->view = before;
    }
    if (s.out && !s.failed) {
        *out = text;
        return GRAV_OK;
    }
    free(text);
    err->status = GRAV_ERROR_MEMORY;
    snprintf(err->message, sizeof err->message, "no memory for gnuplot's script");
    return err->status;
}
