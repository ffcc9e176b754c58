#include "targets.h"

#include <stdio.h>

#include "play.h"

static bool wants_gpus(const cli_settings *settings)
{
    return settings->backend.value != GRAV_BACKEND_CPU;
}

static bool wants_cpu(const cli_settings *settings)
{
    if (settings->backend.value == GRAV_BACKEND_AUTO)
        return !settings->devices.given;
    return settings->backend.value != GRAV_BACKEND_CUDA;
}

/* Refuses what contradicts itself, as a run does. */
static grav_status check_settings(const cli_settings *settings, grav_error *err)
{
    grav_run_spec spec;
    grav_experiment *founding = NULL;
    cli_where(settings, &spec);
    grav_status status = cli_experiment(settings, &founding, err);
    if (status == GRAV_OK)
        status = grav_run_check(founding, &spec, err);
    if (status == GRAV_OK)
        status = cli_check_json_file(settings, err);
    grav_experiment_destroy(founding);
    return status;
}

static void add_cpu(const cli_settings *settings, bool every_isa, cli_target *targets,
                    size_t *count)
{
    grav_isa asked = (grav_isa)settings->isa.value;
    if (asked != GRAV_ISA_AUTO)
        targets[(*count)++] = (cli_target){.backend = GRAV_BACKEND_CPU, .isa = asked};
    for (int isa = GRAV_ISA_AVX512; asked == GRAV_ISA_AUTO && isa >= GRAV_ISA_PORTABLE; isa--)
        if (grav_cpu_has((grav_isa)isa) && (every_isa || !*count))
            targets[(*count)++] = (cli_target){.backend = GRAV_BACKEND_CPU, .isa = (grav_isa)isa};
}

bool targets_need_gpus(const cli_settings *settings)
{
    return settings->devices.given || settings->backend.value == GRAV_BACKEND_CUDA;
}

static void add_gpus(const cli_settings *settings, cli_target *targets, size_t *count,
                     grav_error *no_gpus)
{
    int gpus = 0;
    const cli_list *devices = &settings->devices;
    if (grav_gpu_count(&gpus, no_gpus) != GRAV_OK)
        return;
    size_t wanted = devices->given ? devices->count : (size_t)gpus;
    for (size_t i = 0; i < wanted && *count < TARGETS_MAX; i++)
        targets[(*count)++] = (cli_target){
            .backend = GRAV_BACKEND_CUDA,
            .device = devices->given ? devices->values[i] : (int)i,
        };
}

grav_status targets_find(const cli_settings *settings, bool every_isa,
                         cli_target targets[TARGETS_MAX], size_t *count, grav_error *no_gpus,
                         grav_error *err)
{
    *count = 0;
    *no_gpus = (grav_error){0};
    grav_status status = check_settings(settings, err);
    if (status == GRAV_OK && wants_cpu(settings))
        add_cpu(settings, every_isa, targets, count);
    if (status == GRAV_OK && wants_gpus(settings))
        add_gpus(settings, targets, count, no_gpus);
    return status;
}

void targets_name(const cli_target *target, char *out, size_t size)
{
    if (target->backend == GRAV_BACKEND_CPU) {
        snprintf(out, size, "CPU %s", grav_isa_name((int)target->isa));
        return;
    }
    grav_gpu_info gpu = {0};
    grav_gpu(target->device, &gpu, NULL); /* one that fails at this, too, has no name */
    snprintf(out, size, "GPU %d%s%s", target->device, *gpu.name ? ", " : "", gpu.name);
}
