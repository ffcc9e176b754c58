/* The yardstick on a GPU: the method most public programs for the founding job use, written as fast
 * as it goes, so that graveler is compared with the method and not with its worst telling.
 *
 * One generator a thread, in registers: Marsaglia's XORWOW ("Xorshift RNGs", Journal of Statistical
 * Software 8(14), 2003, section 3.1), which is also cuRAND's default. Which bit belongs to which
 * roll is told in yardstick_core.h. */
#include <cub/block/block_reduce.cuh>
#include <dlfcn.h>
#include <stdint.h>
#include <string.h>

#include "clock.h"
#include "yardstick_core.h"
#include "yardstick_cuda.h"

#define GRAV_FILE_NAME "yardstick_cuda.cu"
#include "cuda_check.h"

namespace {

constexpr unsigned kBlockThreads = 256;
/* So that a thread plays fewer than 2^32 pairs even where there is one block only. */
constexpr uint64_t kSessionsMax = 1ull << 40;

struct Xorwow {
    uint32_t x, y, z, w, v, d;
};

/* The five words move up by renaming once the calls are unrolled.
 *
 * Up to Hopper the ALU pipe (logic, right shifts, sums of three) limits this, while the multiply
 * pipe, as wide, has only the left shifts to do. So the two sums are written as multiplications by
 * a one that the compiler does not know. */
__device__ __forceinline__ uint32_t xorwow_next(Xorwow &s, uint32_t one)
{
    uint32_t t = s.x ^ s.x >> 2;
    s.x = s.y, s.y = s.z, s.z = s.w, s.w = s.v;
    s.v = s.v ^ s.v << 4 ^ (t ^ t << 1);
    s.d = s.d * one + 362437;
    return s.d * one + s.v;
}

/* The finalizer of SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number
 * generators", OOPSLA 2014). */
__device__ __forceinline__ uint64_t mix(uint64_t z)
{
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

__device__ __forceinline__ Xorwow xorwow_seeded(uint64_t seed)
{
    constexpr uint64_t kGolden = 0x9e3779b97f4a7c15u;
    uint64_t a = mix(mix(seed + kGolden)), b = mix(a + kGolden), c = mix(b + kGolden);
    return {(uint32_t)a,         (uint32_t)(a >> 32), (uint32_t)b,
            (uint32_t)(b >> 32), (uint32_t)c | 1, /* x to v must not all be zero */
            (uint32_t)(c >> 32)};
}

__device__ __forceinline__ void play_pair(Xorwow &state, uint32_t one, unsigned scores[2])
{
    uint32_t words[BENCH_YARDSTICK_WORDS];
#pragma unroll
    for (int i = 0; i < BENCH_YARDSTICK_WORDS; i++)
        words[i] = xorwow_next(state, one);
    bench_yardstick_scores(words, scores);
}

struct Higher {
    __device__ __forceinline__ unsigned operator()(unsigned a, unsigned b) const
    {
        return a > b ? a : b;
    }
};

/* Thread t of all T plays pairs t, t + T, t + 2 T and so on; of the last pair only the first
 * session where their number is odd. Raises *best to the highest score. `one` is 1. */
__global__ void __launch_bounds__(kBlockThreads)
    yardstick_kernel(uint64_t seed, uint64_t sessions, uint32_t one, unsigned *best)
{
    using Reduce = cub::BlockReduce<unsigned, kBlockThreads>;
    __shared__ typename Reduce::TempStorage reduce_storage;

    const uint64_t pairs = sessions / 2 + sessions % 2;
    const uint32_t threads = gridDim.x * kBlockThreads;
    const uint32_t thread = blockIdx.x * kBlockThreads + threadIdx.x;
    const bool half = sessions % 2 && thread == (pairs - 1) % threads;
    const uint32_t whole = (uint32_t)(pairs / threads) + (thread < pairs % threads) - half;
    Xorwow state = xorwow_seeded(seed + thread);
    unsigned high = 0, scores[2];
    for (uint32_t i = 0; i < whole; i++) {
        play_pair(state, one, scores);
        high = max(high, max(scores[0], scores[1]));
    }
    if (half) {
        play_pair(state, one, scores);
        high = max(high, scores[0]);
    }
    high = Reduce(reduce_storage).Reduce(high, Higher());
    if (threadIdx.x == 0) /* the reduction's result is valid in thread 0 only */
        atomicMax(best, high);
}

/* A grid that fills the device and stays. Asking for its size also loads the kernel, so that the
 * time between the events is the kernel's. */
grav_status fill_device(int device, unsigned *blocks, grav_error *err)
{
    grav_status status;
    int multiprocessors = 0, resident = 0;
    GRAV_CUDA_TRY(cudaSetDevice(device));
    GRAV_CUDA_TRY(cudaDeviceGetAttribute(&multiprocessors, cudaDevAttrMultiProcessorCount, device));
    GRAV_CUDA_TRY(cudaOccupancyMaxActiveBlocksPerMultiprocessor(
        &resident, (const void *)yardstick_kernel, kBlockThreads, 0));
    if (resident < 1)
        return grav_fail(err, GRAV_ERROR_DEVICE, "GPU %d has no room for a block of %u threads",
                         device, kBlockThreads);
    *blocks = (unsigned)(resident * multiprocessors);
done:
    return status;
}

/* What a launch needs, to be freed together. */
struct Launch {
    cudaEvent_t start, stop;
    unsigned *d_best;
};

grav_status launch(const Launch *on, unsigned blocks, uint64_t seed, uint64_t sessions,
                   double *kernel_ms, unsigned *best, grav_error *err)
{
    grav_status status;
    float elapsed_ms = 0;
    unsigned found = 0;
    GRAV_CUDA_TRY(cudaMemset(on->d_best, 0, sizeof *on->d_best));
    GRAV_CUDA_TRY(cudaDeviceSynchronize());
    GRAV_CUDA_TRY(cudaEventRecord(on->start));
    yardstick_kernel<<<blocks, kBlockThreads>>>(seed, sessions, 1, on->d_best);
    GRAV_CUDA_TRY(cudaGetLastError());
    GRAV_CUDA_TRY(cudaEventRecord(on->stop));
    GRAV_CUDA_TRY(cudaEventSynchronize(on->stop));
    GRAV_CUDA_TRY(cudaEventElapsedTime(&elapsed_ms, on->start, on->stop));
    GRAV_CUDA_TRY(cudaMemcpy(&found, on->d_best, sizeof found, cudaMemcpyDeviceToHost));
    *kernel_ms = elapsed_ms;
    *best = found;
done:
    return status;
}

/* ---- NVML, which comes with the driver and has no header in a small toolkit ------------------ */

enum { kNvmlClockSm = 1 };

struct Nvml {
    int (*init)(void);
    int (*shutdown)(void);
    int (*driver_version)(char *text, unsigned size);
    int (*device_by_pci)(const char *bus_id, void **device);
    int (*clock)(void *device, int type, unsigned *mhz);
    int (*clock_max)(void *device, int type, unsigned *mhz);
};

template <typename Function> bool nvml_find(void *library, const char *name, Function **out)
{
    *out = (Function *)dlsym(library, name);
    return *out;
}

bool nvml_load(void *library, Nvml *out)
{
    return nvml_find(library, "nvmlInit_v2", &out->init) &&
           nvml_find(library, "nvmlShutdown", &out->shutdown) &&
           nvml_find(library, "nvmlSystemGetDriverVersion", &out->driver_version) &&
           nvml_find(library, "nvmlDeviceGetHandleByPciBusId_v2", &out->device_by_pci) &&
           nvml_find(library, "nvmlDeviceGetClockInfo", &out->clock) &&
           nvml_find(library, "nvmlDeviceGetMaxClockInfo", &out->clock_max);
}

/* NVML's codes are 0 for success. What fails leaves its field as it was. */
void nvml_ask(const Nvml *nvml, const char *bus_id, bench_gpu_card *card)
{
    void *device = NULL;
    unsigned mhz = 0;
    char driver[sizeof card->driver] = "";
    if (nvml->driver_version(driver, sizeof driver) == 0)
        memcpy(card->driver, driver, sizeof driver);
    if (nvml->device_by_pci(bus_id, &device) != 0)
        return;
    if (nvml->clock(device, kNvmlClockSm, &mhz) == 0)
        card->clock_mhz = (int)mhz;
    if (nvml->clock_max(device, kNvmlClockSm, &mhz) == 0)
        card->clock_max_mhz = (int)mhz;
}

void nvml_fill(const char *bus_id, bench_gpu_card *card)
{
    Nvml nvml;
    void *library = dlopen("libnvidia-ml.so.1", RTLD_NOW | RTLD_LOCAL);
    if (!library)
        return;
    if (nvml_load(library, &nvml) && nvml.init() == 0) {
        nvml_ask(&nvml, bus_id, card);
        (void)nvml.shutdown(); /* all is known by now */
    }
    (void)dlclose(library);
}

} // namespace

grav_status bench_yardstick_cuda(int device, uint64_t seed, uint64_t sessions, double *kernel_ms,
                                 unsigned *best, grav_error *err)
{
    grav_status status;
    unsigned blocks = 0;
    Launch on = {};
    if (sessions < 1 || sessions > kSessionsMax)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "the GPU yardstick plays 1 to 2^40 sessions, not %llu",
                         (unsigned long long)sessions);
    status = fill_device(device, &blocks, err);
    if (status != GRAV_OK)
        return status;
    GRAV_CUDA_TRY(cudaEventCreate(&on.start));
    GRAV_CUDA_TRY(cudaEventCreate(&on.stop));
    GRAV_CUDA_TRY(cudaMalloc(&on.d_best, sizeof *on.d_best));
    status = launch(&on, blocks, seed, sessions, kernel_ms, best, err);
done:
    /* Nothing can be done about a failure to free. */
    (void)cudaFree(on.d_best);
    if (on.stop)
        (void)cudaEventDestroy(on.stop);
    if (on.start)
        (void)cudaEventDestroy(on.start);
    return status;
}

grav_status bench_cuda_context(int device, double *seconds, grav_error *err)
{
    grav_status status;
    double start = grav_now_s();
    GRAV_CUDA_TRY(cudaSetDevice(device));
    GRAV_CUDA_TRY(cudaFree(NULL)); /* with an older runtime only this makes the context */
    *seconds = grav_now_s() - start;
done:
    return status;
}

grav_status bench_gpu_card_get(int device, bench_gpu_card *out, grav_error *err)
{
    grav_gpu_info info;
    bench_gpu_card card = {};
    char bus_id[32] = "";
    grav_status status = grav_gpu(device, &info, err);
    if (status != GRAV_OK)
        return status;
    GRAV_CUDA_TRY(cudaDeviceGetPCIBusId(bus_id, sizeof bus_id, device));
    memcpy(card.name, info.name, sizeof card.name);
    card.multiprocessors = info.multiprocessors;
    nvml_fill(bus_id, &card);
    *out = card;
done:
    return status;
}
