/* The GPU side of a build without the CUDA toolkit: there are no GPUs, and this is why. */
#include "error.h"
#include "yardstick_cuda.h"

static grav_status absent(grav_error *err)
{
    return grav_fail(err, GRAV_ERROR_DEVICE, "this build has no CUDA (no nvcc when it was built)");
}

grav_status bench_yardstick_cuda(int device, uint64_t seed, uint64_t sessions, double *kernel_ms,
                                 unsigned *best, grav_error *err)
{
    (void)device, (void)seed, (void)sessions, (void)kernel_ms, (void)best;
    return absent(err);
}

grav_status bench_cuda_context(int device, double *seconds, grav_error *err)
{
    (void)device, (void)seconds;
    return absent(err);
}

grav_status bench_gpu_card_get(int device, bench_gpu_card *out, grav_error *err)
{
    (void)device, (void)out;
    return absent(err);
}
