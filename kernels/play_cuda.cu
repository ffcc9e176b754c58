/* The CUDA backend: sets a GPU up for a run and launches the kernels. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cuda.h"
#include "play_cuda.h"
#include "scores.h"

#define GRAV_FILE_NAME "play_cuda.cu"
#include "cuda_check.h"

namespace {

using namespace gpu_play;

void unpack_record(unsigned long long packed, uint64_t first, grav_part *part)
{
    if (packed)
        grav_part_offer(part, packed >> 32, first + (uint32_t) ~(uint32_t)packed);
}

Kernel *kernel_for(const grav_plan *plan, Counts counts)
{
    if (plan->gen3.on)
        return gen3_kernel_for(plan, counts);
    return plan->scores ? scores_kernel_for(plan->philox_rounds, counts)
                        : rolls_kernel_for(plan, counts);
}

} // namespace

struct grav_cuda {
    int device;
    grav_plan plan;
    grav_scores *d_scores; /* the plan's table, if it has one */
    grav_die *d_die;       /* the plan's die, likewise */
    uint32_t length;
    Counts counts;
    Kernel *kernel;
    size_t shared_bytes;
    unsigned blocks, threads; /* of a launch, and of a block */
    cudaStream_t stream;
    cudaEvent_t started, ended; /* of the kernel under way */
    unsigned long long *d_counts, *d_records;
    unsigned long long *counts_back, *records_back;
};

/* What CUDA calls an insufficient driver is often none at all. */
static grav_status insufficient_driver(grav_error *err)
{
    int driver = 0, runtime = 0;
    if (cudaDriverGetVersion(&driver) != cudaSuccess || driver == 0)
        return grav_fail(err, GRAV_ERROR_DEVICE, "no NVIDIA driver is installed");
    (void)cudaRuntimeGetVersion(&runtime);
    return grav_fail(err, GRAV_ERROR_DEVICE,
                     "the NVIDIA driver knows CUDA %d.%d, this program needs %d.%d", driver / 1000,
                     driver % 1000 / 10, runtime / 1000, runtime % 1000 / 10);
}

grav_status grav_cuda_count(int *count, grav_error *err)
{
    int found = 0;
    cudaError_t code = cudaGetDeviceCount(&found);
    if (code == cudaErrorInsufficientDriver)
        return insufficient_driver(err);
    if (code == cudaErrorNoDevice || (code == cudaSuccess && found == 0))
        return grav_fail(err, GRAV_ERROR_DEVICE, "the NVIDIA driver sees no GPU");
    grav_status status =
        grav_cuda_check(code, "cudaGetDeviceCount(&found)", GRAV_FILE_NAME, __LINE__, err);
    if (status == GRAV_OK)
        *count = found;
    return status;
}

grav_status grav_cuda_info(int device, grav_gpu_info *out, grav_error *err)
{
    grav_status status;
    cudaDeviceProp properties;
    grav_gpu_info info = {};
    GRAV_CUDA_TRY(cudaGetDeviceProperties(&properties, device));
    GRAV_CUDA_TRY(cudaDriverGetVersion(&info.driver_version));
    GRAV_CUDA_TRY(cudaRuntimeGetVersion(&info.runtime_version));
    memcpy(info.name, properties.name, sizeof info.name);
    info.name[sizeof info.name - 1] = 0;
    snprintf(info.pci_bus_id, sizeof info.pci_bus_id, "%08x:%02x:%02x.0", properties.pciDomainID,
             properties.pciBusID, properties.pciDeviceID);
    info.compute_major = properties.major;
    info.compute_minor = properties.minor;
    info.multiprocessors = properties.multiProcessorCount;
    info.memory_bytes = properties.totalGlobalMem;
    *out = info;
done:
    return status;
}

/* Chooses kernel, grid and where to count, and allocates. */
static grav_status cuda_set_up(grav_cuda *gpu, grav_error *err)
{
    grav_status status;
    int multiprocessors = 0, shared_max = 0, resident = 0;
    size_t counts_bytes = gpu->length * sizeof *gpu->d_counts;
    GRAV_CUDA_TRY(cudaSetDevice(gpu->device));
    GRAV_CUDA_TRY(
        cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, gpu->device));
    GRAV_CUDA_TRY(
        cudaDeviceGetAttribute(&shared_max, cudaDevAttrMaxSharedMemoryPerBlockOptin, gpu->device));
    gpu->threads = gpu->plan.scores ? kScoresThreads : kRollsThreads;
    gpu->shared_bytes = gpu->plan.scores ? scores_shared_bytes(gpu->plan.scores, gpu->length) : 0;
    gpu->counts = gpu->length ? Counts::kGlobal : Counts::kNone;
    if (gpu->length && gpu->shared_bytes + gpu->length * sizeof(unsigned) + kReductionBytes <=
                           (size_t)shared_max) {
        gpu->counts = Counts::kShared;
        gpu->shared_bytes += gpu->length * sizeof(unsigned);
    }
    gpu->kernel = kernel_for(&gpu->plan, gpu->counts);
    /* The limit belongs to the kernel, not to this run: all that there is, so that runs side by
     * side do not take it from each other. */
    if (gpu->shared_bytes)
        GRAV_CUDA_TRY(cudaFuncSetAttribute((const void *)gpu->kernel,
                                           cudaFuncAttributeMaxDynamicSharedMemorySize,
                                           shared_max - (int)kReductionBytes));
    GRAV_CUDA_TRY(cudaOccupancyMaxActiveBlocksPerMultiprocessor(
        &resident, (const void *)gpu->kernel, (int)gpu->threads, gpu->shared_bytes));
    if (resident < 1) {
        status = grav_fail(err, GRAV_ERROR_DEVICE, "GPU %d has no room for a block of %u threads",
                           gpu->device, gpu->threads);
        goto done;
    }
    gpu->blocks = (unsigned)(resident * multiprocessors);
    GRAV_CUDA_TRY(cudaStreamCreateWithFlags(&gpu->stream, cudaStreamNonBlocking));
    /* In the stream: cudaMemcpy() may return before the bytes have arrived, and such a stream would
     * not wait for them. */
    if (gpu->plan.scores) {
        status = scores_upload(gpu->plan.scores, gpu->stream, &gpu->d_scores, err);
        if (status != GRAV_OK)
            goto done;
        gpu->plan.scores = gpu->d_scores;
    }
    if (gpu->plan.die) {
        GRAV_CUDA_TRY(cudaMalloc(&gpu->d_die, sizeof *gpu->d_die));
        GRAV_CUDA_TRY(cudaMemcpyAsync(gpu->d_die, gpu->plan.die, sizeof *gpu->d_die,
                                      cudaMemcpyHostToDevice, gpu->stream));
        gpu->plan.die = gpu->d_die;
    }
    GRAV_CUDA_TRY(cudaEventCreate(&gpu->started));
    GRAV_CUDA_TRY(cudaEventCreate(&gpu->ended));
    GRAV_CUDA_TRY(cudaMalloc(&gpu->d_records, gpu->blocks * sizeof *gpu->d_records));
    if (gpu->length)
        GRAV_CUDA_TRY(cudaMalloc(&gpu->d_counts, counts_bytes));
    gpu->records_back = (unsigned long long *)malloc(gpu->blocks * sizeof *gpu->records_back);
    gpu->counts_back = (unsigned long long *)malloc(counts_bytes ? counts_bytes : 1);
    if (!gpu->records_back || !gpu->counts_back)
        status = grav_fail(err, GRAV_ERROR_MEMORY, "no memory for GPU %d's results", gpu->device);
done:
    return status;
}

grav_status grav_cuda_open(int device, const grav_plan *plan, size_t length, grav_cuda **out,
                           grav_error *err)
{
    grav_cuda *gpu = (grav_cuda *)calloc(1, sizeof *gpu);
    if (!gpu)
        return grav_fail(err, GRAV_ERROR_MEMORY, "no memory for GPU %d's state", device);
    gpu->device = device;
    gpu->plan = *plan;
    gpu->length = (uint32_t)length;
    grav_status status = cuda_set_up(gpu, err);
    if (status == GRAV_OK)
        *out = gpu;
    else
        grav_cuda_close(gpu);
    return status;
}

void grav_cuda_close(grav_cuda *gpu)
{
    if (!gpu)
        return;
    /* Nothing can be done about a failure to free, and there is nobody to tell. */
    (void)cudaSetDevice(gpu->device);
    (void)cudaFree(gpu->d_scores);
    (void)cudaFree(gpu->d_die);
    (void)cudaFree(gpu->d_counts);
    (void)cudaFree(gpu->d_records);
    if (gpu->started)
        (void)cudaEventDestroy(gpu->started);
    if (gpu->ended)
        (void)cudaEventDestroy(gpu->ended);
    if (gpu->stream)
        (void)cudaStreamDestroy(gpu->stream);
    free(gpu->counts_back);
    free(gpu->records_back);
    free(gpu);
}

/* One launch; the sessions' indices have the same high half. */
static grav_status cuda_launch(grav_cuda *gpu, uint64_t first, uint32_t sessions, grav_part *part,
                               double *kernel_s, grav_error *err)
{
    grav_status status;
    float kernel_ms = 0;
    size_t counts_bytes = gpu->length * sizeof *gpu->d_counts;
    size_t records_bytes = gpu->blocks * sizeof *gpu->d_records;
    const philox_keys keys = philox_keys_make(gpu->plan.seed);
    const uint64_t index = gpu->plan.scores ? first / GRAV_SCORES_PER_BLOCK : first;
    const philox_head head = philox_head_make(&keys, (uint32_t)(index >> 32));
    const Launch launch = {gpu->plan, keys, head, first, sessions, gpu->length, gpu->counts};
    GRAV_CUDA_TRY(cudaSetDevice(gpu->device));
    if (gpu->length)
        GRAV_CUDA_TRY(cudaMemsetAsync(gpu->d_counts, 0, counts_bytes, gpu->stream));
    GRAV_CUDA_TRY(cudaEventRecord(gpu->started, gpu->stream));
    (void)cudaGetLastError(); /* of this thread's calls before, told then: not the launch's */
    gpu->kernel<<<gpu->blocks, gpu->threads, gpu->shared_bytes, gpu->stream>>>(
        launch, gpu->d_counts, gpu->d_records);
    GRAV_CUDA_TRY(cudaGetLastError());
    GRAV_CUDA_TRY(cudaEventRecord(gpu->ended, gpu->stream));
    GRAV_CUDA_TRY(cudaStreamSynchronize(gpu->stream)); /* so that a fault is told of the kernel */
    GRAV_CUDA_TRY(cudaEventElapsedTime(&kernel_ms, gpu->started, gpu->ended));
    *kernel_s += 1e-3 * kernel_ms;
    GRAV_CUDA_TRY(cudaMemcpyAsync(gpu->records_back, gpu->d_records, records_bytes,
                                  cudaMemcpyDeviceToHost, gpu->stream));
    if (gpu->length)
        GRAV_CUDA_TRY(cudaMemcpyAsync(gpu->counts_back, gpu->d_counts, counts_bytes,
                                      cudaMemcpyDeviceToHost, gpu->stream));
    GRAV_CUDA_TRY(cudaStreamSynchronize(gpu->stream));
    for (unsigned i = 0; i < gpu->blocks; i++)
        unpack_record(gpu->records_back[i], first, part);
    for (uint32_t i = 0; i < gpu->length; i++)
        part->counts[i] += gpu->counts_back[i];
done:
    return status;
}

grav_status grav_cuda_play(grav_cuda *gpu, uint64_t first, uint64_t end, grav_part *part,
                           double *kernel_s, grav_error *err)
{
    grav_status status = GRAV_OK;
    while (status == GRAV_OK && first < end) {
        /* Fewer than 2^32, and not across a multiple of it. */
        uint64_t launch_end = (first | UINT32_MAX) + (first & UINT32_MAX ? 1 : 0);
        launch_end = launch_end < end ? launch_end : end;
        status = cuda_launch(gpu, first, (uint32_t)(launch_end - first), part, kernel_s, err);
        first = launch_end;
    }
    return status;
}
