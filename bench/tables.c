#include "tables.h"

#include <stdbool.h>
#include <string.h>

#include "cli/text.h"

static const char *text_of(const json_t *object, const char *key)
{
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

static double number_of(const json_t *object, const char *key)
{
    return json_number_value(json_object_get(object, key));
}

static bool has(const json_t *object, const char *key)
{
    return json_object_get(object, key) != NULL;
}

/* Adds a number, or an empty cell where the key is not there. */
static void add_number(bench_table *table, const char *format, const json_t *object,
                       const char *key, double factor)
{
    char cell[TABLE_CELL_MAX] = "";
    if (has(object, key)) {
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
        snprintf(cell, sizeof cell, format, factor * number_of(object, key));
#pragma GCC diagnostic pop
    }
    table_add(table, "%s", cell);
}

static void print_title(const char *title, table_format format, FILE *out)
{
    fprintf(out, format == TABLE_MARKDOWN ? "\n### %s\n\n" : "\n%s\n\n", title);
}

/* ---- Head ------------------------------------------------------------------------------------ */

static void print_gpu(const json_t *gpu, FILE *out)
{
    fprintf(out, "GPU: %s, %.0f multiprocessors", text_of(gpu, "name"),
            number_of(gpu, "multiprocessors"));
    if (has(gpu, "clock_mhz"))
        fprintf(out, ", %.0f MHz (at most %.0f)", number_of(gpu, "clock_mhz"),
                number_of(gpu, "clock_max_mhz"));
    if (has(gpu, "driver"))
        fprintf(out, ", driver %s", text_of(gpu, "driver"));
    fprintf(out, "; creating a context took %s\n", text_seconds(number_of(gpu, "context_s")).text);
}

static void print_head(const json_t *document, table_format format, FILE *out)
{
    const char *end = format == TABLE_MARKDOWN ? "  \n" : "\n"; /* two blanks break a line */
    const json_t *machine = json_object_get(document, "machine");
    const json_t *cpu = json_object_get(machine, "cpu"), *gpu = json_object_get(machine, "gpu");
    const char *code = format == TABLE_MARKDOWN ? "`" : "";
    fprintf(out, "%s%s%s, %s, commit %s%s", code, text_of(document, "command"), code,
            text_of(document, "date"), text_of(json_object_get(document, "program"), "commit"),
            end);
    fprintf(out, "CPU: %s, %s, isa %s, load before %.2f%s", text_of(cpu, "model"),
            text_counted((uint64_t)number_of(cpu, "threads"), "thread").text, text_of(cpu, "isa"),
            number_of(cpu, "load_before"), gpu ? end : "\n");
    if (gpu)
        print_gpu(gpu, out);
}

/* ---- Measured -------------------------------------------------------------------------------- */

static const char *const measured_headings[] = {
    "what", "method",  "engine",  "keep",     "backend",     "isa",          ">threads", ">median",
    ">min", ">kernel", ">spread", ">samples", ">per second", ">x yardstick", NULL};

/* What the table of a part is called, and the unit of its times in ns. */
typedef struct part_title {
    const char *part, *title;
    double unit_ns;
} part_title;

static const part_title part_titles[] = {
    {"speed", "Speed: ns per session of 231 rolls at 1/4", 1},
    {"games", "Games: ns per session; ratios are to the founding job, played the same way", 1},
    {"ceilings", "Ceilings: ns per session for its words alone and for counting alone", 1},
    {"overhead", "Overhead: microseconds of a task with next to nothing to do", 1e3},
    {"process", "Whole processes: seconds from start to exit", 1e9},
    {"tasks", "Tasks: microseconds of a pool's task, or of as many sessions of one run", 1e3},
};

static void add_measured(bench_table *table, const json_t *row, double unit_ns)
{
    const json_t *ns = json_object_get(row, "ns"), *kernel = json_object_get(row, "kernel_ns");
    for (size_t i = 0; i < 6; i++)
        table_add(table, "%s", text_of(row, measured_headings[i]));
    add_number(table, "%.0f", row, "threads", 1);
    add_number(table, "%.4g", ns, "median", 1 / unit_ns);
    add_number(table, "%.4g", ns, "min", 1 / unit_ns);
    add_number(table, "%.4g", kernel, "median", 1 / unit_ns);
    add_number(table, "%.1f %%", kernel ? kernel : ns, "spread", 100);
    add_number(table, "%.0f", row, "samples", 1);
    add_number(table, "%.4g", row, "per_s", 1);
    add_number(table, "%.3f", row, "ratio", 1);
}

/* What is known of how the part was measured; NULL if it was not. */
static const json_t *part_of(const json_t *document, const char *name)
{
    size_t i;
    json_t *part;
    json_array_foreach(json_object_get(document, "parts"), i, part)
    {
        if (strcmp(text_of(part, "part"), name) == 0)
            return part;
    }
    return NULL;
}

static const char *why_ended(const json_t *part)
{
    const char *by = text_of(part, "ended_by");
    if (strcmp(by, "quiet") == 0)
        return "Ended when all figures were quiet";
    return strcmp(by, "time") == 0 ? "Ended because the time was up" : "Interrupted";
}

static void print_measured(const json_t *document, const part_title *title, table_format format,
                           FILE *out)
{
    const json_t *part = part_of(document, title->part);
    bench_table table;
    size_t i;
    json_t *row;
    if (!part || !table_start(&table, measured_headings))
        return;
    print_title(title->title, format, out);
    /* Yardsticks and the like first, then the runs. */
    for (int runs = 0; runs <= 1; runs++) {
        json_array_foreach(json_object_get(document, "measured"), i, row)
        {
            if (strcmp(text_of(row, "part"), title->part) == 0 &&
                runs == (strcmp(text_of(row, "what"), "run") == 0))
                add_measured(&table, row, title->unit_ns);
        }
    }
    table_end(&table, format, out);
    fprintf(out, "\n%s, after %.0f rounds in slices of %.2g s.\n", why_ended(part),
            number_of(part, "rounds"), number_of(part, "slice_s"));
}

/* ---- Scaling --------------------------------------------------------------------------------- */

static const char *const scaling_columns[] = {"experiment", "place",    "method",  "engine",
                                              "keep",       "sessions", "seconds", "cpu_percent",
                                              "peak_kib",   NULL};

static void print_scaling(const json_t *document, table_format format, FILE *out)
{
    static const char *const headings[] = {"experiment", "place",    "method", "engine",    "keep",
                                           ">sessions",  ">seconds", ">CPU %", ">peak MiB", NULL};
    bench_table table;
    size_t i;
    json_t *row;
    if (!has(document, "scaling") || !table_start(&table, headings))
        return;
    print_title("Scaling", format, out);
    json_array_foreach(json_object_get(document, "scaling"), i, row)
    {
        for (size_t j = 0; j < 5; j++)
            table_add(&table, "%s", text_of(row, scaling_columns[j]));
        add_number(&table, "%.4g", row, "sessions", 1);
        add_number(&table, "%.4g", row, "seconds", 1);
        add_number(&table, "%.0f", row, "cpu_percent", 1);
        add_number(&table, "%.1f", row, "peak_kib", 1.0 / 1024);
    }
    table_end(&table, format, out);
}

/* ---- Plans ----------------------------------------------------------------------------------- */

static void print_plan_costs(const json_t *plan, table_format format, FILE *out)
{
    static const char *const headings[] = {"cost", ">value", "unit", "from", NULL};
    bench_table table;
    size_t i;
    json_t *row;
    if (!table_start(&table, headings))
        return;
    print_title("What a team's work costs", format, out);
    json_array_foreach(json_object_get(plan, "costs"), i, row)
    {
        table_add(&table, "%s", text_of(row, "what"));
        add_number(&table, "%.4g", row, "value", 1);
        table_add(&table, "%s", text_of(row, "unit"));
        table_add(&table, "%s", text_of(row, "from"));
    }
    table_end(&table, format, out);
}

static const char *const plan_columns[] = {
    "workers",        "sessions",     "seconds",      "ideal_s",       "efficiency_percent",
    "messages_per_s", "busy_percent", "tail_percent", "merge_percent", NULL};

static void print_plan(const json_t *document, table_format format, FILE *out)
{
    static const char *const headings[] = {
        ">workers",    ">sessions",      ">seconds", ">ideal s", ">efficiency %",
        ">messages/s", ">rank 0 busy %", ">tail %",  ">merge %", NULL};
    static const char *const formats[] = {"%.0f", "%.4g", "%.4g", "%.4g", "%.1f",
                                          "%.0f", "%.1f", "%.2f", "%.2f"};
    const json_t *plan = json_object_get(document, "plan");
    bench_table table;
    size_t i;
    json_t *row;
    if (!plan)
        return;
    print_plan_costs(plan, format, out);
    if (!table_start(&table, headings))
        return;
    print_title("Runs of so many workers, by the model", format, out);
    json_array_foreach(json_object_get(plan, "runs"), i, row)
    {
        for (size_t j = 0; plan_columns[j]; j++)
            add_number(&table, formats[j], row, plan_columns[j], 1);
    }
    table_end(&table, format, out);
}

void bench_print_tables(const json_t *document, table_format format, FILE *out)
{
    size_t i;
    json_t *line;
    print_head(document, format, out);
    for (size_t j = 0; j < sizeof part_titles / sizeof *part_titles; j++)
        print_measured(document, &part_titles[j], format, out);
    print_scaling(document, format, out);
    print_plan(document, format, out);
    json_array_foreach(json_object_get(document, "left_out"), i, line)
        fprintf(out, "\nLeft out: %s\n", json_string_value(line));
}

/* ---- CSV ------------------------------------------------------------------------------------- */

/* A text; ours hold neither commas nor quotes. */
static void print_fields(const json_t *row, const char *const *keys, FILE *out)
{
    for (size_t i = 0; keys[i]; i++) {
        const json_t *value = json_object_get(row, keys[i]);
        fputs(i ? "," : "", out);
        if (json_is_string(value))
            fputs(json_string_value(value), out);
        else if (json_is_integer(value))
            fprintf(out, "%lld", (long long)json_integer_value(value));
        else if (json_is_real(value))
            fprintf(out, "%.6g", json_real_value(value));
    }
}

static void print_headings(const char *const *keys, FILE *out)
{
    for (size_t i = 0; keys[i]; i++)
        fprintf(out, "%s%s", i ? "," : "", keys[i]);
}

/* A list whose rows are lines. */
static void print_rows_csv(const json_t *rows, const char *const *columns, FILE *out)
{
    size_t i;
    json_t *row;
    print_headings(columns, out);
    fputc('\n', out);
    json_array_foreach(rows, i, row)
    {
        print_fields(row, columns, out);
        fputc('\n', out);
    }
}

void bench_print_csv(const json_t *document, FILE *out)
{
    static const char *const keys[] = {"part",    "what",  "method", "engine",  "keep",
                                       "backend", "isa",   "device", "threads", "unit",
                                       "samples", "per_s", "ratio",  NULL};
    static const char *const figures[] = {"median", "min", "q1", "q3", "spread", NULL};
    size_t i;
    json_t *row;
    const json_t *plan = json_object_get(document, "plan");
    if (plan || has(document, "scaling")) {
        print_rows_csv(json_object_get(plan ? plan : document, plan ? "runs" : "scaling"),
                       plan ? plan_columns : scaling_columns, out);
        return;
    }
    print_headings(keys, out);
    for (size_t j = 0; figures[j]; j++)
        fprintf(out, ",ns_%s", figures[j]);
    for (size_t j = 0; figures[j]; j++)
        fprintf(out, ",kernel_ns_%s", figures[j]);
    fputc('\n', out);
    json_array_foreach(json_object_get(document, "measured"), i, row)
    {
        print_fields(row, keys, out);
        fputc(',', out);
        print_fields(json_object_get(row, "ns"), figures, out);
        fputc(',', out);
        print_fields(json_object_get(row, "kernel_ns"), figures, out);
        fputc('\n', out);
    }
}
