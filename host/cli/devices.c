/* graveler devices */
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>

#include "commands.h"
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
    json_array_append_new(data, json_string(grav_isa_name((int)isa)));
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

/* The list as JSON text for free(), or NULL and *err says why. */
static char *devices_json(grav_error *err)
{
    grav_cpu_info cpu;
    grav_gpu_info gpu;
    int gpus = 0;
    char *text = NULL, *line = NULL;
    grav_cpu(&cpu);
    json_t *list = json_array(), *isas = json_array();
    for_each_isa(append_isa, isas);
    json_t *root =
        json_pack("{s:s, s:i, s:{s:s, s:i, s:s, s:o}, s:o}", "format", "graveler-devices",
                  "version", 1, "cpu", "model", cpu.model, "threads", (int)cpu.threads, "isa",
                  grav_isa_name((int)cpu.isa), "isas", isas, "gpus", list);
    if (grav_gpu_count(&gpus, err) != GRAV_OK)
        json_object_set_new(root, "no_gpus_because", json_string(err->message));
    for (int device = 0; device < gpus; device++) {
        if (grav_gpu(device, &gpu, err) != GRAV_OK)
            goto done;
        json_array_append_new(list, gpu_json(device, &gpu));
    }
    *err = (grav_error){.status = GRAV_ERROR_MEMORY, .message = "no memory for the list"};
    text = root ? json_dumps(root, JSON_INDENT(1)) : NULL;
    if (text && asprintf(&line, "%s\n", text) < 0)
        line = NULL;
done:
    free(text);
    json_decref(root);
    return line;
}

static int print_json(const cli_settings *settings)
{
    grav_error err;
    if (cli_check_json_file(settings, &err) != GRAV_OK)
        return cli_fail(name, &err);
    int code = CLI_DONE;
    char *text = devices_json(&err);
    if (!text)
        code = cli_fail(name, &err);
    else if (!cli_json_file(settings))
        fputs(text, stdout);
    else if (grav_file_write(cli_json_file(settings), text, &err) != GRAV_OK)
        code = cli_fail(name, &err);
    free(text);
    return code;
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
