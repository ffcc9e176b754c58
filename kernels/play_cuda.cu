/* The CUDA backend: the kernel that plays a range, and its launcher. */
#include <cub/block/block_reduce.cuh>
#include <stdlib.h>

#include "cuda.h"
#include "lane_scalar.h"
#include "philox.h"
#include "session.h"

#define GRAV_FILE_NAME "play_cuda.cu"
#include "cuda_check.h"

namespace {

constexpr unsigned kBlockThreads = 256;
/* Shared memory of a block that the histogram must leave to the reduction. */
constexpr size_t kReductionBytes = 1024;

/* Where a launch counts scores. */
enum class Counts { kNone, kShared, kGlobal };

/* A record in one number that grows with the score and, for equal scores, with a lower session.
 * 0: none. Scores are below 2^32 and so are sessions relative to the launch's first. */
__device__ __forceinline__ unsigned long long pack_record(uint64_t score, uint32_t relative)
{
    return score << 32 | (uint32_t)~relative;
}

void unpack_record(unsigned long long packed, uint64_t first, grav_part *part)
{
    if (packed)
        grav_part_offer(part, packed >> 32, first + (uint32_t) ~(uint32_t)packed);
}

/* cub::Max and cuda::maximum come and go with the toolkit. */
struct Larger {
    __device__ __forceinline__ unsigned long long operator()(unsigned long long a,
                                                             unsigned long long b) const
    {
        return a > b ? a : b;
    }
};

/* Plays [first, first + sessions), whose indices have the same high half. Thread t of all T plays
 * sessions t, t + T, t + 2 T and so on, and every thread takes part in every step, so that the
 * lanes of a warp may decide together. Writes each block's record to records[blockIdx.x] and adds
 * its counts to counts[0 … length). */
template <uint32_t kRounds, bool kFounding, Counts kCounts>
__global__ void __launch_bounds__(kBlockThreads)
    play_kernel(const __grid_constant__ grav_plan any_plan, uint64_t first, uint32_t sessions,
                uint32_t length, unsigned long long *counts, unsigned long long *records)
{
    using Reduce = cub::BlockReduce<unsigned long long, kBlockThreads>;
    __shared__ typename Reduce::TempStorage reduce_storage;
    extern __shared__ unsigned block_counts[]; /* a launch plays fewer than 2^32 sessions */

    if (kCounts == Counts::kShared) {
        for (uint32_t i = threadIdx.x; i < length; i += kBlockThreads)
            block_counts[i] = 0;
        __syncthreads();
    }

    const grav_plan plan = kFounding ? session_founding_plan(any_plan.seed, kRounds) : any_plan;
    const philox_keys keys = philox_keys_make(plan.seed);
    const uint32_t high = (uint32_t)(first >> 32);
    const uint64_t threads = (uint64_t)gridDim.x * kBlockThreads;
    const uint64_t steps = (sessions + threads - 1) / threads;
    uint64_t relative = (uint64_t)blockIdx.x * kBlockThreads + threadIdx.x;
    unsigned long long record = 0;
    for (uint64_t step = 0; step < steps; step++, relative += threads) {
        bool valid = relative < sessions;
        uint32_t low = (uint32_t)first + (uint32_t)(valid ? relative : 0);
        session_source source = session_source_make(&keys, kRounds, high, low);
        uint64_t score = session_score(&plan, &source);
        if (valid) {
            unsigned long long candidate = pack_record(score, (uint32_t)relative);
            record = candidate > record ? candidate : record;
            if (kCounts == Counts::kShared)
                atomicAdd(&block_counts[score], 1u);
            if (kCounts == Counts::kGlobal)
                atomicAdd(&counts[score], 1ull);
        }
    }

    record = Reduce(reduce_storage).Reduce(record, Larger());
    if (threadIdx.x == 0) /* the reduction's result is valid in thread 0 only */
        records[blockIdx.x] = record;
    if (kCounts == Counts::kShared) {
        __syncthreads();
        for (uint32_t i = threadIdx.x; i < length; i += kBlockThreads)
            if (block_counts[i])
                atomicAdd(&counts[i], (unsigned long long)block_counts[i]);
    }
}

typedef void Kernel(grav_plan, uint64_t, uint32_t, uint32_t, unsigned long long *,
                    unsigned long long *);

template <uint32_t kRounds, bool kFounding> Kernel *kernel_for_counts(Counts counts)
{
    switch (counts) {
    case Counts::kNone:
        return play_kernel<kRounds, kFounding, Counts::kNone>;
    case Counts::kShared:
        return play_kernel<kRounds, kFounding, Counts::kShared>;
    default:
        return play_kernel<kRounds, kFounding, Counts::kGlobal>;
    }
}

Kernel *kernel_for(const grav_plan *plan, Counts counts)
{
    if (plan->philox_rounds == 10)
        return grav_plan_is_founding(plan) ? kernel_for_counts<10, true>(counts)
                                           : kernel_for_counts<10, false>(counts);
    return grav_plan_is_founding(plan) ? kernel_for_counts<7, true>(counts)
                                       : kernel_for_counts<7, false>(counts);
}

} // namespace

struct grav_cuda {
    int device;
    grav_plan plan;
    uint32_t length;
    Counts counts;
    Kernel *kernel;
    size_t shared_bytes;
    unsigned blocks;
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
    gpu->shared_bytes = gpu->length * sizeof(unsigned);
    gpu->counts = Counts::kNone;
    if (gpu->length)
        gpu->counts = gpu->shared_bytes + kReductionBytes <= (size_t)shared_max ? Counts::kShared
                                                                                : Counts::kGlobal;
    if (gpu->counts != Counts::kShared)
        gpu->shared_bytes = 0;
    gpu->kernel = kernel_for(&gpu->plan, gpu->counts);
    /* The limit belongs to the kernel, not to this run: all that there is, so that runs side by
     * side do not take it from each other. */
    if (gpu->counts == Counts::kShared)
        GRAV_CUDA_TRY(cudaFuncSetAttribute((const void *)gpu->kernel,
                                           cudaFuncAttributeMaxDynamicSharedMemorySize,
                                           shared_max - (int)kReductionBytes));
    GRAV_CUDA_TRY(cudaOccupancyMaxActiveBlocksPerMultiprocessor(
        &resident, (const void *)gpu->kernel, kBlockThreads, gpu->shared_bytes));
    if (resident < 1) {
        status = grav_fail(err, GRAV_ERROR_DEVICE, "GPU %d has no room for a block of %u threads",
                           gpu->device, kBlockThreads);
        goto done;
    }
    gpu->blocks = (unsigned)(resident * multiprocessors);
    GRAV_CUDA_TRY(cudaStreamCreateWithFlags(&gpu->stream, cudaStreamNonBlocking));
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
    GRAV_CUDA_TRY(cudaSetDevice(gpu->device));
    if (gpu->length)
        GRAV_CUDA_TRY(cudaMemsetAsync(gpu->d_counts, 0, counts_bytes, gpu->stream));
    GRAV_CUDA_TRY(cudaEventRecord(gpu->started, gpu->stream));
    gpu->kernel<<<gpu->blocks, kBlockThreads, gpu->shared_bytes, gpu->stream>>>(
        gpu->plan, first, sessions, gpu->length, gpu->d_counts, gpu->d_records);
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
