/* graveler devices */
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "../json.h"
#include "commands.h"
#include "play.h"
#include "text.h"

static const char *const name = "devices";

/* The isas this CPU has, the best first. Calls use() for each. */
static void for_each_isa(void (*use)(grav_isa isa, void *data), void *data)
{
    for (int isa = GRAV_ISA_AVX512; isa >= GRAV_ISA_PORTABLE; isa--)
        if (grav_cpu_has((grav_isa)isa))
            use((grav_isa)isa, data);
}

static void print_isa(grav_isa isa, void *data)
{
    (void)data;
    printf(" %s", grav_isa_name((int)isa));
}

static void append_isa(grav_isa isa, void *data)
{
    grav_json_append(data, json_string(grav_isa_name((int)isa)));
}

static void print_gpu(int device, const grav_gpu_info *gpu)
{
    printf("GPU %-3d %s\n", device, gpu->name);
    printf("        compute capability %d.%d, %d multiprocessors, %.1f GiB, driver CUDA %d.%d, "
           "runtime %d.%d\n",
           gpu->compute_major, gpu->compute_minor, gpu->multiprocessors,
           (double)gpu->memory_bytes / (1 << 30), gpu->driver_version / 1000,
           gpu->driver_version % 1000 / 10, gpu->runtime_version / 1000,
           gpu->runtime_version % 1000 / 10);
}

static int print_text(void)
{
    grav_cpu_info cpu;
    grav_gpu_info gpu;
    grav_error err;
    int gpus = 0;
    grav_cpu(&cpu);
    printf("CPU     %s\n        %s, isa", cpu.model, text_counted(cpu.threads, "thread").text);
    for_each_isa(print_isa, NULL);
    printf("\n");
    if (grav_gpu_count(&gpus, &err) != GRAV_OK)
        printf("GPU     none: %s\n", err.message);
    for (int device = 0; device < gpus; device++) {
        if (grav_gpu(device, &gpu, &err) != GRAV_OK)
            return cli_fail(name, &err);
        print_gpu(device, &gpu);
    }
    return CLI_DONE;
}

static json_t *gpu_json(int device, const grav_gpu_info *gpu)
{
    return json_pack("{s:i, s:s, s:[i, i], s:i, s:I, s:i, s:i}", "device", device, "name",
                     gpu->name, "compute_capability", gpu->compute_major, gpu->compute_minor,
                     "multiprocessors", gpu->multiprocessors, "memory_bytes",
                     (json_int_t)gpu->memory_bytes, "driver_version", gpu->driver_version,
                     "runtime_version", gpu->runtime_version);
}

/* All GPUs, for json_decref(): empty where there are none, and *why says why. */
static grav_status gpus_json(json_t **out, grav_error *why, grav_error *err)
{
    grav_gpu_info gpu;
    grav_status status = GRAV_OK;
    int gpus = 0;
    why->message[0] = 0;
    *out = json_array();
    grav_gpu_count(&gpus, why);
    for (int device = 0; status == GRAV_OK && device < gpus; device++) {
        status = grav_gpu(device, &gpu, err);
        if (status == GRAV_OK)
            grav_json_append(out, gpu_json(device, &gpu));
    }
    return status;
}

/* The list as JSON text, for free(). */
static grav_status devices_json(char **out, grav_error *err)
{
    grav_cpu_info cpu;
    grav_error no_gpus;
    json_t *gpus, *isas = json_array();
    grav_status status = gpus_json(&gpus, &no_gpus, err);
    if (status != GRAV_OK) {
        json_decref(gpus);
        json_decref(isas);
        return status;
    }
    grav_cpu(&cpu);
    for_each_isa(append_isa, &isas);
    json_t *json =
        json_pack("{s:s, s:i, s:{s:s, s:i, s:s, s:o}, s:o}", "format", "graveler-devices",
                  "version", 1, "cpu", "model", cpu.model, "threads", (int)cpu.threads, "isa",
                  grav_isa_name((int)cpu.isa), "isas", isas, "gpus", gpus);
    if (*no_gpus.message)
        grav_json_set(&json, "no_gpus_because", json_string(no_gpus.message));
    return grav_json_text(json, out, err);
}

static int print_json(const cli_settings *settings)
{
    grav_error err;
    char *text = NULL;
    grav_status status = cli_check_json_file(settings, &err);
    if (status == GRAV_OK)
        status = devices_json(&text, &err);
    if (status == GRAV_OK)
        status = cli_write_json(settings, text, &err);
    free(text);
    return status == GRAV_OK ? CLI_DONE : cli_fail(name, &err);
}

static int run(const cli_settings *settings)
{
    int code = settings->json.given ? print_json(settings) : print_text();
    return cli_finish_output(name, code);
}

static const cli_option devices_options[] = {
    {.argument = "Output:"},
    {"json", "FILE", "write the list as JSON (to stdout)", CLI_FILE, offsetof(cli_settings, json),
     0, 0, NULL},
    {0},
};

const cli_command cli_devices_command = {
    .name = "devices",
    .summary = "list the CPU and the GPUs sessions can be played on",
    .example = "graveler devices",
    .help = "Lists the CPU and the GPUs that sessions can be played on.",
    .tables = (const cli_option *const[]){devices_options, NULL},
    .run = run,
};
