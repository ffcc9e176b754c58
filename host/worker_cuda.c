#include <stdio.h>

#include "cuda.h"
#include "error.h"
#include "worker.h"

static void cuda_close(grav_worker *worker)
{
    grav_cuda_close(worker->state);
}

static grav_status cuda_play(grav_worker *worker, uint64_t first, uint64_t end, grav_tally *tally,
                             grav_error *err)
{
    grav_status status =
        grav_cuda_play(worker->state, first, end, &tally->part, &worker->info.kernel_s, err);
    if (status == GRAV_OK)
        tally->sessions += end - first;
    return status;
}

grav_status grav_worker_open_cuda(const grav_plan *plan, size_t length, int device,
                                  grav_worker *out, grav_error *err)
{
    grav_gpu_info gpu;
    grav_cuda *state = NULL;
    char name[32];
    grav_status status = grav_cuda_info(device, &gpu, err);
    if (status == GRAV_OK)
        status = grav_cuda_open(device, plan, length, &state, err);
    snprintf(name, sizeof name, "GPU %d", device);
    if (status != GRAV_OK)
        return grav_fail_in(err, status, name);
    *out = (grav_worker){
        .play = cuda_play,
        .close = cuda_close,
        .chunk_min = GRAV_CUDA_CHUNK_MIN,
        .chunk_max = GRAV_CUDA_CHUNK_MAX,
        .info = {.backend = GRAV_BACKEND_CUDA, .device = device},
        .state = state,
    };
    snprintf(out->info.name, sizeof out->info.name, "%.63s", gpu.name);
    snprintf(out->info.pci_bus_id, sizeof out->info.pci_bus_id, "%s", gpu.pci_bus_id);
    grav_worker_tell(&out->info);
    return GRAV_OK;
}
