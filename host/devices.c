/* What this machine can play on. */
#include <omp.h>
#include <stdio.h>
#include <string.h>

#include "cpu.h"
#include "cuda.h"

/* The processor's name as Linux tells it; left alone where it does not. */
static void read_cpu_model(char *model, size_t size)
{
    FILE *file = fopen("/proc/cpuinfo", "r");
    char line[512];
    if (!file)
        return;
    while (fgets(line, sizeof line, file)) {
        char *colon = strchr(line, ':');
        if (strncmp(line, "model name", strlen("model name")) != 0 || !colon)
            continue;
        char *name = colon + 1 + strspn(colon + 1, " \t");
        name[strcspn(name, "\n")] = 0;
        snprintf(model, size, "%s", name);
        break;
    }
    fclose(file);
}

void grav_cpu(grav_cpu_info *out)
{
    const grav_variant *variant = grav_variant_for(GRAV_ISA_AUTO);
    *out = (grav_cpu_info){.threads = (unsigned)omp_get_num_procs()};
    snprintf(out->model, sizeof out->model, "unknown");
    read_cpu_model(out->model, sizeof out->model);
    out->isa = variant ? variant->isa : GRAV_ISA_AUTO;
}

bool grav_cpu_has(grav_isa isa)
{
    return grav_variant_for(isa) != NULL;
}

grav_status grav_gpu_count(int *count, grav_error *err)
{
    return grav_cuda_count(count, err);
}

grav_status grav_gpu(int device, grav_gpu_info *out, grav_error *err)
{
    return grav_cuda_info(device, out, err);
}

const char *grav_version(void)
{
    return GRAV_VERSION;
}

const char *grav_commit(void)
{
    return GRAV_COMMIT;
}
