/* The texts of a picture. Those from files and people must say nothing to gnuplot but themselves.
 */
#include <ctype.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plot.h"
#include "report.h"
#include "text.h"

/* ---- Quoting --------------------------------------------------------------------------------- */

/* The length of the character that text starts with; 0 of what is no UTF-8, or not for XML. */
static size_t character_length(const char *text)
{
    enum { LENGTH_MAX = 4 };
    static const char not_xml[] = "\xEF\xBF\xBE"; /* and BF at its end */
    unsigned char first = (unsigned char)*text;
    if (first < 0x80)
        return iscntrl(first) ? 0 : 1;
    if (strncmp(text, not_xml, 2) == 0 && (unsigned char)text[2] >= 0xBE)
        return 0;
    for (size_t length = 2; length <= LENGTH_MAX && text[length - 1]; length++) {
        json_t *string = json_stringn(text, length); /* which takes valid UTF-8 alone */
        json_decref(string);
        if (string)
            return length;
    }
    return 0;
}

static size_t count_characters(const char *text)
{
    size_t count = 0;
    for (; *text; count++) {
        size_t length = character_length(text);
        text += length ? length : 1;
    }
    return count;
}

static void write_character(FILE *out, const char *text, size_t length)
{
    if (length == 0)
        fputs("?", out);
    else if (*text == '\'')
        fputs("'.\"'\".'", out);
    else
        fwrite(text, 1, length, out);
}

static void write_quoted(FILE *out, const char *text, size_t characters_max)
{
    static const char dots[] = "...";
    const char *const start = text;
    size_t left = count_characters(text);
    bool cut = left > characters_max;
    fputc('\'', out);
    for (left = cut ? characters_max - strlen(dots) : left; left; left--) {
        size_t length = character_length(text);
        if (text - start >= 2 && strncmp(text - 2, "]]>", 3) == 0)
            fputc(' ', out); /* gnuplot leaves it as it is, which ends XML's texts */
        write_character(out, text, length);
        text += length ? length : 1;
    }
    fprintf(out, "%s'", cut ? dots : "");
}

char *plot_quoted(const char *text, size_t characters_max)
{
    char *quoted = NULL;
    size_t length;
    FILE *out = open_memstream(&quoted, &length);
    if (!out)
        return NULL;
    write_quoted(out, text, characters_max);
    bool written = !ferror(out);
    if (fclose(out) == 0 && written)
        return quoted;
    free(quoted);
    return NULL;
}

const char *plot_base_name(const char *file)
{
    const char *slash = strrchr(file, '/');
    return slash && slash[1] ? slash + 1 : file;
}

/* ---- What is said of results ----------------------------------------------------------------- */

/* What may be the same for all results of a picture. */
typedef struct common {
    bool experiment, sessions, seed, way;
} common;

static common find_common(const plot *p)
{
    common same = {true, true, true, true};
    const plot_series *first = &p->series[0];
    for (size_t i = 1; i < p->count; i++) {
        const plot_series *s = &p->series[i];
        same.experiment = same.experiment && s->law == first->law;
        same.sessions = same.sessions && s->summary.complete && first->summary.complete &&
                        s->summary.sessions == first->summary.sessions;
        same.seed = same.seed && s->spec.seed == first->spec.seed;
        same.way = same.way && s->spec.method == first->spec.method &&
                   s->spec.engine == first->spec.engine &&
                   s->spec.calls_per_roll == first->spec.calls_per_roll;
    }
    return same;
}

/* Writes what `which` says of a series, with commas between. True: anything. */
static bool write_run(FILE *out, const plot_series *s, common which)
{
    const char *comma = "";
    if (which.experiment) {
        report_print_experiment(out, grav_result_experiment(s->result));
        comma = ", ";
    }
    if (which.sessions) {
        fputs(comma, out);
        if (!s->summary.complete)
            fprintf(out, "%s of ", text_count(s->summary.sessions).text);
        fprintf(
            out, "%s",
            text_counted(s->summary.complete ? s->summary.sessions : s->spec.sessions, "session")
                .text);
        comma = ", ";
    }
    if (which.seed && grav_engine_has_seed(s->spec.engine)) {
        fprintf(out, "%sseed %llu", comma, (unsigned long long)s->spec.seed);
        comma = ", ";
    }
    if (which.way) {
        fprintf(out, "%smethod %s, engine %s", comma, grav_method_name((int)s->spec.method),
                grav_engine_name((int)s->spec.engine));
        comma = ", ";
        if (s->spec.engine == GRAV_ENGINE_GEN3)
            fprintf(out, ", %s per roll", text_counted(s->spec.calls_per_roll, "call").text);
    }
    return *comma;
}

/* The text that write() makes of the plot and the i-th of something. */
static char *text_of(const plot *p, size_t i, void (*write)(FILE *out, const plot *p, size_t i))
{
    char *text = NULL;
    size_t length;
    FILE *out = open_memstream(&text, &length);
    if (!out)
        return NULL;
    write(out, p, i);
    bool written = !ferror(out);
    if (fclose(out) == 0 && written)
        return text;
    free(text);
    return NULL;
}

static void write_title(FILE *out, const plot *p, size_t i)
{
    if (find_common(p).experiment)
        report_print_experiment(out, grav_result_experiment(p->series[i].result));
    else
        fprintf(out, "%zu results of %zu experiments", p->count, p->law_count);
}

char *plot_title(const plot *p)
{
    char *text = text_of(p, 0, write_title);
    if (text)
        *text = (char)toupper((unsigned char)*text);
    return text;
}

static void write_subtitle(FILE *out, const plot *p, size_t i)
{
    common same = find_common(p);
    same.experiment = false;
    bool any = write_run(out, &p->series[i], same);
    if (p->count > 1 && any)
        fputs(same.sessions ? " each" : "", out);
}

char *plot_subtitle(const plot *p)
{
    return text_of(p, 0, write_subtitle);
}

static void write_series(FILE *out, const plot *p, size_t i)
{
    const plot_series *s = &p->series[i];
    common same = find_common(p);
    const common others = {!same.experiment, !same.sessions, !same.seed, !same.way};
    if (p->count == 1)
        fputs("sessions played", out);
    else
        fprintf(out, "%s: ", plot_base_name(s->file));
    if (p->count > 1 && write_run(out, s, others))
        fputs(", ", out);
    if (p->count > 1)
        fprintf(out, "highest %s", text_count(s->summary.max_score).text);
    if (!s->summary.has_histogram)
        fputs(p->count == 1 ? ": no histogram, the record alone" : ", no histogram", out);
}

char *plot_series_text(const plot *p, size_t i)
{
    return text_of(p, i, write_series);
}

static void write_law(FILE *out, const plot *p, size_t i)
{
    const plot_law *law = &p->laws[i];
    fputs(!law->law   ? "law left out: beyond its limits"
          : law->fair ? "exact law of fair rolls"
                      : "exact law",
          out);
    if (p->law_count > 1) {
        fputs(", ", out);
        report_print_experiment(out, law->experiment);
    }
}

char *plot_law_text(const plot *p, size_t i)
{
    return text_of(p, i, write_law);
}
