#include "csv_rows.h"

#include <csv.h>
#include <stdlib.h>
#include <string.h>

void cli_buffer_add(cli_text_buffer *buffer, const char *text, size_t length)
{
    size_t needed = buffer->length + length + 1;
    if (!buffer->failed && needed > buffer->size) {
        size_t size = needed > 2 * buffer->size ? needed : 2 * buffer->size;
        char *grown = realloc(buffer->text, size);
        buffer->failed = !grown;
        buffer->text = grown ? grown : buffer->text;
        buffer->size = grown ? size : buffer->size;
    }
    if (buffer->failed)
        return;
    memcpy(buffer->text + buffer->length, text, length);
    buffer->length += length;
    buffer->text[buffer->length] = 0;
}

struct cli_csv {
    struct csv_parser parser;
    cli_text_buffer fields; /* each with a zero at its end */
    size_t *starts;
    size_t count, room;
    size_t length, length_max; /* of the lines that are part of the row so far */
    bool whole, fresh, failed;
};

cli_csv *cli_csv_create(size_t length_max)
{
    cli_csv *csv = calloc(1, sizeof *csv);
    if (!csv || csv_init(&csv->parser, 0) != 0) {
        free(csv);
        return NULL;
    }
    csv->length_max = length_max;
    return csv;
}

void cli_csv_free(cli_csv *csv)
{
    if (!csv)
        return;
    csv_free(&csv->parser);
    free(csv->fields.text);
    free(csv->starts);
    free(csv);
}

static void on_field(void *text, size_t length, void *data)
{
    cli_csv *csv = data;
    if (csv->count == csv->room) {
        size_t room = csv->room ? 2 * csv->room : 16;
        size_t *starts = realloc(csv->starts, room * sizeof *starts);
        csv->failed |= !starts;
        if (!starts)
            return;
        csv->starts = starts;
        csv->room = room;
    }
    csv->starts[csv->count++] = csv->fields.length;
    cli_buffer_add(&csv->fields, text ? text : "", text ? length : 0);
    cli_buffer_add(&csv->fields, "", 1);
}

static void on_row(int end, void *data)
{
    (void)end;
    ((cli_csv *)data)->whole = true;
}

/* Forgets the row that was handed out. */
static void start_row(cli_csv *csv)
{
    if (!csv->fresh) {
        csv->count = csv->fields.length = csv->length = 0;
        csv->whole = false;
    }
    csv->fresh = true;
}

static cli_row state(cli_csv *csv)
{
    csv->failed |= csv->fields.failed || csv_error(&csv->parser) != CSV_SUCCESS;
    csv->fresh = !csv->whole;
    if (csv->failed)
        return CSV_NO_MEMORY;
    return csv->whole ? CSV_ROW : CSV_NOT_YET;
}

cli_row cli_csv_line(cli_csv *csv, const char *text, size_t length)
{
    start_row(csv);
    csv->length += length + 1;
    csv_parse(&csv->parser, text, length, on_field, on_row, csv);
    csv_parse(&csv->parser, "\n", 1, on_field, on_row, csv);
    cli_row row = state(csv);
    if (!cli_csv_begun(csv))
        csv->length = 0;
    if (row != CSV_NOT_YET || csv->length <= csv->length_max)
        return row;
    csv_fini(&csv->parser, on_field, on_row, csv);
    csv->fresh = false;
    return CSV_TOO_LONG;
}

bool cli_csv_begun(const cli_csv *csv)
{
    return !csv->whole && (csv->count > 0 || csv->parser.entry_pos > 0);
}

cli_row cli_csv_end(cli_csv *csv)
{
    start_row(csv);
    csv_fini(&csv->parser, on_field, on_row, csv);
    return state(csv);
}

const char *cli_csv_field(const cli_csv *csv, size_t i)
{
    return i < csv->count ? csv->fields.text + csv->starts[i] : NULL;
}

const char *cli_csv_text(const cli_csv *csv, size_t *length)
{
    *length = csv->fields.length;
    return csv->fields.text ? csv->fields.text : "";
}

size_t cli_csv_count(const cli_csv *csv)
{
    return csv->count;
}

void cli_csv_add(cli_text_buffer *buffer, const char *before, const char *field)
{
    cli_buffer_add(buffer, before, strlen(before));
    if (field[strcspn(field, ",\"\r\n")] == 0 && *field != ' ') {
        cli_buffer_add(buffer, field, strlen(field));
        return;
    }
    size_t length = csv_write(NULL, 0, field, strlen(field));
    char *quoted = malloc(length);
    if (!quoted) {
        buffer->failed = true;
        return;
    }
    csv_write(quoted, length, field, strlen(field));
    cli_buffer_add(buffer, quoted, length);
    free(quoted);
}

void cli_csv_add_row(cli_text_buffer *buffer, const cli_csv *row)
{
    for (size_t i = 0; i < row->count; i++)
        cli_csv_add(buffer, i ? "," : "", cli_csv_field(row, i));
}
