/* Targets and records in a picture: marked, and labelled where nothing runs through the labels. */
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "plot_script.h"
#include "text.h"

enum { SHORT_MAX = 32 }; /* characters of a label where there are several */

/* ---- Targets --------------------------------------------------------------------------------- */

size_t script_find_targets(const plot *p, script_target out[PLOT_RESULTS_MAX])
{
    size_t count = 0, at;
    uint64_t score;
    for (size_t i = 0; i < p->count; i++) {
        const plot_law *law = &p->laws[p->series[i].law];
        if (!grav_experiment_target(grav_result_experiment(p->series[i].result), &score))
            continue;
        for (at = 0; at < count && out[at].score != score; at++) {
        }
        if (at == count)
            out[count++] = (script_target){score, law->law, law->fair};
        else if (out[at].law != law->law)
            out[at].law = NULL;
    }
    return count;
}

/* "Target 177, 1 in 8.31e59". */
static cli_words target_text(const script_target *t)
{
    cli_words out;
    if (t->law)
        snprintf(out.text, sizeof out.text, "Target %.20s%s: %.40s", text_count(t->score).text,
                 t->fair ? ", fair rolls" : "",
                 text_one_in(grav_law_at_least(t->law, t->score)).text);
    else
        snprintf(out.text, sizeof out.text, "Target %.20s", text_count(t->score).text);
    return out;
}

void script_target_label(script *s, const script_target *t, size_t row)
{
    const plot_view *view = &s->p->view;
    double x = (double)t->score, share = (x - view->left) / (view->right - view->left);
    bool arrows = !script_in_terminal(s) || text_unicode();
    const char *before = x < view->left ? (arrows ? "◀ " : "< ") : "";
    const char *after = x > view->right ? (arrows ? " ▶" : " >") : "";
    const char *side = share > 0.75 ? "right" : share < 0.25 ? "left" : "center";
    bool inside = x >= view->left && x <= view->right;
    fprintf(s->out, "set label '%s%s%s' at ", before, target_text(t).text, after);
    if (inside)
        fprintf(s->out, "first %.17g", x);
    else
        fprintf(s->out, "graph %d", share > 0.5);
    fprintf(s->out, ", graph 1 %s offset 0,%.1f", side,
            (double)row + (script_in_terminal(s) ? 1 : 0.6));
    if (!script_in_terminal(s))
        fputs(" textcolor rgb '" SCRIPT_TARGET_COLOUR "'", s->out);
    fputs("\n", s->out);
    if (inside)
        fprintf(s->out, "set arrow from first %.17g, graph 0 to first %.17g, graph 1 nohead%s\n", x,
                x,
                script_in_terminal(s) ? "" : " lw 1.5 dt (8,5) lc rgb '" SCRIPT_TARGET_COLOUR "'");
}

/* ---- Records --------------------------------------------------------------------------------- */

static int by_score(const void *a, const void *b)
{
    const script_record *left = a, *right = b;
    if (left->x != right->x)
        return left->x < right->x ? 1 : -1;
    return left->series < right->series ? 1 : -1;
}

/* What the label of a record says: of one result more than of several. */
static void write_text(const script *s, const plot_series *series, script_record *r)
{
    cli_words score = text_count(series->summary.max_score);
    if (s->p->count > 1) {
        snprintf(r->text[0], sizeof r->text[0], "%.30s  %.90s", score.text,
                 plot_base_name(series->file));
        return;
    }
    snprintf(r->text[0], sizeof r->text[0], "Highest score %.40s", score.text);
    snprintf(r->text[1], sizeof r->text[1], "session %.40s",
             text_count(series->summary.max_session).text);
}

static void list_records(const script *s, script_record *records)
{
    const plot *p = s->p;
    for (size_t i = 0; i < p->count; i++) {
        const plot_points *points = &p->series[i].points;
        records[i] = (script_record){.series = i, .x = (double)p->series[i].summary.max_score};
        if (points->count) {
            records[i].x = points->at[points->count - 1].x;
            records[i].from = plot_height(&p->view, points->at[points->count - 1].y);
        }
        write_text(s, &p->series[i], &records[i]);
    }
    qsort(records, p->count, sizeof *records, by_score);
}

/* Pixels or characters of a label at most, with its mark. */
static double text_width(const script *s, const script_record *r)
{
    size_t length = 0;
    for (int line = 0; line < 2; line++)
        length = strlen(r->text[line]) > length ? strlen(r->text[line]) : length;
    length = length > SHORT_MAX ? SHORT_MAX : length;
    return script_in_terminal(s) ? (double)length + 2
                                 : 0.62 * SCRIPT_FONT_PIXELS * (double)length + 15;
}

/* Makes room for the labels to the right of the records. */
static void make_room(const script *s, const script_record *records)
{
    enum { AXIS_CHARACTERS = 16, AXIS_PIXELS = 150 };
    plot_view *view = &s->p->view;
    double frame = (double)s->canvas->width -
                   (script_in_terminal(s) ? (double)AXIS_CHARACTERS : (double)AXIS_PIXELS);
    for (size_t i = 0; i < s->p->count; i++) {
        double share = fmin(0.6, text_width(s, &records[i]) / frame);
        double right = view->left + (records[i].x - view->left) / (1 - share);
        view->right = fmax(view->right, right);
    }
}

/* The share of the picture's height that a line of text takes. */
static double row_height(const script *s)
{
    const double line = 1.3 * SCRIPT_FONT_PIXELS, lines_min = 6;
    double around = script_lines_above(s) + script_lines_below(s), height = s->canvas->height;
    if (script_in_terminal(s))
        return 1 / fmax(height - around, lines_min);
    /* gnuplot's margins are in lines, which it spaces in its own way for each format. */
    double spacing = (s->canvas->format == PLOT_PNG ? 1.17 : 1.5) * SCRIPT_FONT_PIXELS;
    return line / fmax(height - spacing * around, lines_min * line);
}

/* Puts each label above the one of the next higher record, and above all curves from there on: no
 * line or point runs through it. Where that is too high, the picture gets more room at its top. */
static void stack_labels(const script *s, script_record *records)
{
    enum { TRIES = 60 };
    plot *p = s->p;
    const double row = row_height(s), half = 0.5 * row * (p->count > 1 ? 1 : 2);
    for (int i = 0; i < TRIES; i++) {
        double below = 0;
        for (size_t at = 0; at < p->count; at++) {
            script_record *r = &records[at];
            double curve = plot_height_from(p, r->x - (double)p->view.width);
            r->height = fmax(below, curve + row) + half;
            below = r->height + half;
        }
        if (below <= 1)
            return;
        p->view.top *= p->view.linear ? 1.1 : pow(p->view.top / p->view.bottom, 0.05);
    }
}

void script_find_records(const script *s, script_record out[PLOT_RESULTS_MAX])
{
    const plot *p = s->p;
    list_records(s, out);
    make_room(s, out);
    stack_labels(s, out);
    for (size_t i = 0; i < p->count; i++) {
        const plot_points *points = &p->series[out[i].series].points;
        if (points->count) /* in the picture as it is now */
            out[i].from = plot_height(&p->view, points->at[points->count - 1].y);
    }
}

/* A point at the lower end of a record's line, where no histogram shows it, and at the upper. */
static void write_mark(script *s, const script_record *r, double height)
{
    fprintf(s->out,
            "set label '' at first %.17g, graph %.4f point pt %d ps 0.9 lc rgb '%s' front\n", r->x,
            height, script_shape(r->series), script_colour(s, r->series));
}

void script_record_label(script *s, const script_record *r)
{
    bool terminal = script_in_terminal(s);
    fprintf(s->out,
            "set arrow from first %.17g, graph %.4f to first %.17g, graph %.4f nohead front", r->x,
            r->from, r->x, r->height);
    if (!terminal)
        fprintf(s->out, " lw 1.3 dt (3,3) lc rgb '%s'", script_colour(s, r->series));
    fputs("\nset label ", s->out);
    script_quote(s, r->text[0], SHORT_MAX);
    if (*r->text[1]) {
        fputs(".\"\\n\".", s->out);
        script_quote(s, r->text[1], SHORT_MAX);
    }
    fprintf(s->out, " at first %.17g, graph %.4f left offset %d,0 front%s\n", r->x, r->height,
            terminal ? 2 : 1, terminal ? "" : " boxed textcolor rgb '#222222'");
    if (terminal)
        return;
    write_mark(s, r, r->height);
    if (!s->p->series[r->series].points.count)
        write_mark(s, r, r->from);
}
