/* The GPU backend of a build without the CUDA toolkit: there are no GPUs, and this is why. */
#include "cuda.h"
#include "error.h"

static grav_status absent(grav_error *err)
{
    return grav_fail(err, GRAV_ERROR_DEVICE, "this build has no CUDA (no nvcc when it was built)");
}

grav_status grav_cuda_count(int *count, grav_error *err)
{
    (void)count;
    return absent(err);
}

grav_status grav_cuda_info(int device, grav_gpu_info *out, grav_error *err)
{
    (void)device, (void)out;
    return absent(err);
}

grav_status grav_cuda_open(int device, const grav_plan *plan, size_t length, grav_cuda **out,
                           grav_error *err)
{
    (void)device, (void)plan, (void)length, (void)out;
    return absent(err);
}

void grav_cuda_close(grav_cuda *gpu)
{
    (void)gpu;
}

grav_status grav_cuda_play(grav_cuda *gpu, uint64_t first, uint64_t end, grav_part *part,
                           double *kernel_s, grav_error *err)
{
    (void)gpu, (void)first, (void)end, (void)part, (void)kernel_s;
    return absent(err);
}
