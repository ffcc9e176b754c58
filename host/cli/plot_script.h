/* gnuplot's script for a picture, on its way. */
#ifndef GRAV_CLI_PLOT_SCRIPT_H
#define GRAV_CLI_PLOT_SCRIPT_H

#include <stdio.h>

#include "plot.h"

enum { SCRIPT_FONT_PIXELS = 13 };
#define SCRIPT_RECORD_COLOUR "#0072b2"
#define SCRIPT_TARGET_COLOUR "#d55e00"

typedef struct script {
    FILE *out;
    plot *p;
    const plot_canvas *canvas;
    bool failed; /* no memory for a text */
} script;

bool script_in_terminal(const script *s);

/* How the i-th series looks. */
const char *script_colour(const script *s, size_t i);
int script_shape(size_t i);

/* Writes a text as plot_quoted() has it; NULL is a failure. */
void script_quote(script *s, const char *text, size_t characters_max);

/* Lines of text above and below the frame. */
double script_lines_above(const script *s);
double script_lines_below(const script *s);

/* ---- Targets and records (plot_labels.c) */

/* A target with the law of its experiment. */
typedef struct script_target {
    uint64_t score;
    const grav_law *law; /* NULL: none, or there are several */
    bool fair;
} script_target;

/* The different targets. Returns how many. */
size_t script_find_targets(const plot *p, script_target out[PLOT_RESULTS_MAX]);

/* A line up to a flag above the frame, in a row of its own; an arrow where it is far away. */
void script_target_label(script *s, const script_target *target, size_t row);

/* The record of a series, and where its label is: at the upper end of a line over its score, the
 * text to the right of it. */
typedef struct script_record {
    size_t series;
    double x, from, height; /* of the line's ends; height as plot_height() has it */
    char text[2][128];      /* lines; the second may be empty */
} script_record;

/* The records from the highest down, with their labels where nothing runs through them; the view
 * gets the room for that. */
void script_find_records(const script *s, script_record out[PLOT_RESULTS_MAX]);
void script_record_label(script *s, const script_record *record);

#endif
