/* graveler plot */
#include "plot.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands.h"
#include "gnuplot.h"
#include "text.h"

static const char *const name = "plot";

enum {
    PIXELS_MIN = 300,
    PIXELS_MAX = 8000,
    WIDTH = 1000,
    HEIGHT = 600,
    KEY_ROWS = 3,       /* that HEIGHT has room for */
    KEY_ROW_PIXELS = 18 /* of each further one */
};

__attribute__((format(printf, 2, 0))) static grav_status refuse(grav_error *err, const char *format,
                                                                const char *what)
{
    err->status = GRAV_ERROR_INVALID;
    snprintf(err->message, sizeof err->message, format, what);
    return err->status;
}

static void tell(const char *message)
{
    grav_error line = {.status = GRAV_OK};
    snprintf(line.message, sizeof line.message, "%s", message);
    cli_fail(name, &line);
}

/* ---- The command line ------------------------------------------------------------------------ */

static bool to_stdout(const cli_settings *settings)
{
    return strcmp(settings->output.value, "-") == 0;
}

/* The format that is asked for, or else that of the file's name. */
static grav_status find_format(const cli_settings *settings, plot_format *out, grav_error *err)
{
    const char *file = settings->output.value, *dot = strrchr(file, '.');
    *out = (plot_format)settings->format.value;
    if (settings->format.given)
        return GRAV_OK;
    if (to_stdout(settings))
        return refuse(err, "-o -: %s", "say which: --format svg or --format png");
    for (int i = 0; dot && plot_format_name(i); i++) {
        *out = (plot_format)i;
        if (strcasecmp(dot + 1, plot_format_name(i)) == 0)
            return GRAV_OK;
    }
    return refuse(err, "-o: '%.256s' ends neither in .svg nor in .png: name it so, or say --format",
                  file);
}

static grav_status read_size(const cli_settings *settings, plot_canvas *canvas, grav_error *err)
{
    char width[32];
    uint64_t w, h;
    if (!settings->size.given)
        return GRAV_OK;
    const char *text = settings->size.value;
    size_t length = strcspn(text, "xX");
    snprintf(width, sizeof width, "%.*s", (int)(length < sizeof width ? length : 0), text);
    if (!text[length] || grav_parse_count(width, PIXELS_MIN, PIXELS_MAX, &w, NULL) != GRAV_OK ||
        grav_parse_count(text + length + 1, PIXELS_MIN, PIXELS_MAX, &h, NULL) != GRAV_OK) {
        err->status = GRAV_ERROR_INVALID;
        snprintf(err->message, sizeof err->message,
                 "--size: '%.64s' is not WIDTHxHEIGHT in pixels, each from %d to %d, such as %dx%d",
                 text, PIXELS_MIN, PIXELS_MAX, WIDTH, HEIGHT);
        return err->status;
    }
    canvas->width = (unsigned)w;
    canvas->height = (unsigned)h;
    return GRAV_OK;
}

/* A picture must never cost a result. */
static grav_status check_output(const cli_settings *settings, grav_error *err)
{
    struct stat out, in;
    grav_error why;
    const char *file = settings->output.value;
    if (stat(file, &out) == 0 && S_ISREG(out.st_mode))
        for (size_t i = 0; i < settings->operand_count; i++)
            if (stat(settings->operands[i], &in) == 0 && in.st_dev == out.st_dev &&
                in.st_ino == out.st_ino)
                return refuse(err, "-o: '%.256s' is one of the results: name another file", file);
    return grav_file_check(file, &why) == GRAV_OK ? GRAV_OK
                                                  : refuse(err, "-o: %.490s", why.message);
}

static grav_status check_settings(const cli_settings *settings, plot_canvas *canvas,
                                  grav_error *err)
{
    if (settings->operand_count == 0)
        return refuse(err, "%s", "name the result files to draw");
    if (!settings->output.given && !settings->show.given)
        return refuse(err, "%s", "name the picture, as in -o result.svg, or say --show");
    grav_status status = read_size(settings, canvas, err);
    if (status == GRAV_OK && settings->output.given)
        status = find_format(settings, &canvas->format, err);
    if (status == GRAV_OK && settings->output.given && !to_stdout(settings))
        status = check_output(settings, err);
    return status;
}

/* ---- Pictures -------------------------------------------------------------------------------- */

/* Whether gnuplot has drawn a picture to its end. */
static bool is_whole(plot_format format, const char *bytes, size_t length)
{
    static const char svg_start[] = "<?xml", svg_end[] = "</svg>\n",
                      png_start[] = "\x89PNG\r\n\x1a\n", png_end[] = "IEND\xae\x42\x60\x82";
    const char *start = format == PLOT_SVG ? svg_start : png_start;
    const char *end = format == PLOT_SVG ? svg_end : png_end;
    while (format == PLOT_SVG && length > 1 && bytes[length - 1] == '\n' &&
           bytes[length - 2] == '\n')
        length--;
    if (format == PLOT_TERMINAL)
        return length > 0;
    return length >= strlen(start) + strlen(end) && memcmp(bytes, start, strlen(start)) == 0 &&
           memcmp(bytes + length - strlen(end), end, strlen(end)) == 0;
}

static grav_status draw(plot *p, const plot_canvas *canvas, char **out, size_t *length,
                        grav_error *err)
{
    char *script;
    grav_status status = plot_script(p, canvas, &script, err);
    if (status != GRAV_OK)
        return status;
    status = gnuplot_run(script, GNUPLOT_LIMIT_S, out, length, err);
    free(script);
    if (status != GRAV_OK || is_whole(canvas->format, *out, *length))
        return status;
    free(*out);
    err->status = GRAV_ERROR_FILE;
    snprintf(err->message, sizeof err->message, "gnuplot failed: its picture is not whole");
    return err->status;
}

/* Writes to stdout; cli_finish_output() tells of failures. */
static void print_bytes(const char *bytes, size_t length)
{
    fwrite(bytes, 1, length, stdout);
}

static grav_status write_picture(const cli_settings *settings, plot *p, const plot_canvas *canvas,
                                 grav_error *err)
{
    char *bytes;
    size_t length;
    grav_status status = draw(p, canvas, &bytes, &length, err);
    if (status != GRAV_OK)
        return status;
    if (to_stdout(settings))
        print_bytes(bytes, length);
    else
        status = grav_file_write_bytes(settings->output.value, bytes, length, err);
    free(bytes);
    return status;
}

static grav_status show_picture(plot *p, const plot_canvas *canvas, grav_error *err)
{
    enum { COLUMNS_MIN = 40, ROWS_MIN = 16 };
    plot_canvas terminal = *canvas;
    char *bytes;
    size_t length;
    int columns = text_columns(STDOUT_FILENO), rows = text_rows(STDOUT_FILENO) - 1;
    terminal.format = PLOT_TERMINAL;
    terminal.width = (unsigned)(columns < COLUMNS_MIN ? COLUMNS_MIN : columns);
    terminal.height = (unsigned)(rows < ROWS_MIN ? ROWS_MIN : rows);
    grav_status status = draw(p, &terminal, &bytes, &length, err);
    if (status != GRAV_OK)
        return status;
    print_bytes(bytes, length);
    free(bytes);
    return GRAV_OK;
}

static grav_status make_pictures(const cli_settings *settings, plot *p, plot_canvas *canvas,
                                 grav_error *err)
{
    grav_status status = plot_look(p, settings->shares.given, settings->linear.given, err);
    size_t key_rows = p->count + p->law_count;
    if (!settings->size.given && key_rows > KEY_ROWS)
        canvas->height += (unsigned)(KEY_ROW_PIXELS * (key_rows - KEY_ROWS));
    if (status == GRAV_OK && settings->output.given)
        status = write_picture(settings, p, canvas, err);
    if (status == GRAV_OK && settings->show.given)
        status = show_picture(p, canvas, err);
    return status;
}

static int run(const cli_settings *settings)
{
    grav_error err;
    plot p;
    plot_canvas canvas = {.width = WIDTH, .height = HEIGHT};
    canvas.title = settings->title.given ? settings->title.value : NULL;
    if (check_settings(settings, &canvas, &err) != GRAV_OK)
        return cli_fail(name, &err);
    grav_status status = plot_load(&p, settings->operands, settings->operand_count, tell, &err);
    if (status == GRAV_OK)
        status = make_pictures(settings, &p, &canvas, &err);
    plot_free(&p);
    return cli_finish_output(name, status == GRAV_OK ? CLI_DONE : cli_fail(name, &err));
}

static const cli_option plot_options[] = {
    {.argument = "Picture:"},
    {"output", "FILE", "the picture: FILE.svg, FILE.png or - for stdout", CLI_TEXT,
     offsetof(cli_settings, output), 0, 0, NULL},
    {"o", NULL, NULL, CLI_LETTER, 0, 0, 0, NULL},
    {"format", "NAME", "svg or png (what FILE ends in)", CLI_CHOICE, offsetof(cli_settings, format),
     0, 0, plot_format_name},
    {"show", NULL, "draw it in the terminal", CLI_FLAG, offsetof(cli_settings, show), 0, 0, NULL},
    {"size", "WxH", "width and height in pixels (1000x600)", CLI_TEXT, offsetof(cli_settings, size),
     0, 0, NULL},
    {"title", "TEXT", "the title (what the sessions are of)", CLI_TEXT,
     offsetof(cli_settings, title), 0, 0, NULL},
    {"linear", NULL, "a linear scale (logarithmic)", CLI_FLAG, offsetof(cli_settings, linear), 0, 0,
     NULL},
    {"shares", NULL, "shares of sessions instead of their number", CLI_FLAG,
     offsetof(cli_settings, shares), 0, 0, NULL},
    {0},
};

const cli_command cli_plot_command = {
    .name = "plot",
    .summary = "draw results beside the law, by gnuplot",
    .example = "graveler plot result.json -o result.svg",
    .help = "Draws the histogram of a result, or of several, beside the exact law, with the "
            "record and the target. Results are files that run --json, merge and checkpoints have "
            "written.",
    .operands = "RESULT...",
    .tables = (const cli_option *const[]){plot_options, NULL},
    .run = run,
};
