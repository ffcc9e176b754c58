/* The document's head: what was measured with, where and when. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "document.h"
#include "yardstick_cuda.h"

static json_t *cpu_card(void)
{
    grav_cpu_info cpu;
    double load[1] = {0};
    json_t *isas = json_array();
    grav_cpu(&cpu);
    for (int isa = GRAV_ISA_AVX512; isa >= GRAV_ISA_PORTABLE; isa--)
        if (grav_cpu_has((grav_isa)isa))
            json_array_append_new(isas, json_string(grav_isa_name(isa)));
    json_t *card =
        json_pack("{s:s, s:s, s:i, s:o}", "model", cpu.model, "isa", grav_isa_name((int)cpu.isa),
                  "threads", (int)cpu.threads, "isas", isas);
    if (getloadavg(load, 1) == 1) /* above what the measurement itself adds: others are at work */
        json_object_set_new(card, "load_before", json_real(load[0]));
    return card;
}

/* The context first: it is created once, and whoever asks for it first pays. */
static json_t *gpu_card(int device, grav_error *err)
{
    bench_gpu_card card;
    double context_s = 0;
    int gpus;
    grav_status status = bench_cuda_context(device, &context_s, err);
    if (status == GRAV_OK)
        status = bench_gpu_card_get(device, &card, err);
    else
        grav_gpu_count(&gpus, err); /* says it better where there is none */
    if (status != GRAV_OK)
        return NULL;
    json_t *out = json_pack("{s:i, s:s, s:i, s:f}", "device", device, "name", card.name,
                            "multiprocessors", card.multiprocessors, "context_s", context_s);
    if (card.clock_max_mhz) {
        json_object_set_new(out, "clock_mhz", json_integer(card.clock_mhz));
        json_object_set_new(out, "clock_max_mhz", json_integer(card.clock_max_mhz));
    }
    if (*card.driver)
        json_object_set_new(out, "driver", json_string(card.driver));
    return out;
}

static json_t *machine(int device)
{
    grav_error err = {0};
    json_t *out = json_pack("{s:o}", "cpu", cpu_card());
    json_t *gpu = gpu_card(device, &err);
    if (gpu)
        json_object_set_new(out, "gpu", gpu);
    else
        json_object_set_new(out, "no_gpu_because", json_string(err.message));
    return out;
}

/* The words of the command line, as typed but for the program's folder. */
static json_t *command_line(int argc, char **argv)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    if (!out)
        return NULL;
    fputs(cli_program, out);
    for (int i = 1; i < argc; i++)
        fprintf(out, " %s", argv[i]);
    fclose(out);
    json_t *line = json_string(text);
    free(text);
    return line;
}

json_t *bench_document_make(int argc, char **argv, int device)
{
    char date[32] = "";
    time_t now = time(NULL);
    struct tm local;
    if (localtime_r(&now, &local))
        strftime(date, sizeof date, "%Y-%m-%d", &local);
    return json_pack("{s:s, s:i, s:{s:s, s:s}, s:s, s:o, s:o, s:[], s:[], s:[]}", "format",
                     "graveler-bench", "version", 1, "program", "version", GRAV_VERSION, "commit",
                     grav_commit(), "date", date, "command", command_line(argc, argv), "machine",
                     machine(device), "parts", "measured", "left_out");
}
