// The part of the runtime that launches kernels, and what a kernel of a GPU that is none does.
#include "cpu.h"
#include "fake_cuda_state.h"
#include "launch_cuda.h"

#include <algorithm>

using namespace fake_cuda;

namespace {

// What a launch has been told before its kernel's stub is called.
struct Configuration {
    dim3 grid, block;
    size_t shared_bytes;
    cudaStream_t stream;
};
thread_local Configuration configuration;

// What a kernel does, with a share of the sessions for each block.
void PlayLaunch(const gpu_play::Launch &launch, unsigned blocks, uint64_t *counts,
                unsigned long long *records)
{
    grav_play_fn *play = grav_variant_play(grav_variant_for(GRAV_ISA_PORTABLE), &launch.plan);
    for (unsigned block = 0; block < blocks; block++) {
        uint64_t from = launch.first + uint64_t{launch.sessions} * block / blocks;
        uint64_t to = launch.first + uint64_t{launch.sessions} * (block + 1) / blocks;
        grav_part part = {0, GRAV_NO_SESSION, launch.length ? counts : nullptr, 0};
        if (from < to)
            play(&launch.plan, from, to, &part);
        uint32_t relative = static_cast<uint32_t>(part.max_session - launch.first);
        records[block] = from < to ? part.max_score << 32 | ~relative : 0;
    }
}

// What a GPU that computes wrong may do: the best session of a launch scores one less.
void Spoil(const gpu_play::Launch &launch, unsigned blocks, uint64_t *counts,
           unsigned long long *records)
{
    unsigned long long *best = std::max_element(records, records + blocks);
    uint64_t score = *best >> 32;
    if (score == 0)
        return;
    *best -= uint64_t{1} << 32;
    if (launch.length) {
        counts[score]--;
        counts[score - 1]++;
    }
}

cudaError_t LaunchKernel(const char *name, dim3 grid, void **arguments, cudaStream_t stream)
{
    bool late, wrong;
    cudaError_t code = EnterLaunch(name, Current(), &late, &wrong);
    if (code != cudaSuccess)
        return code;
    gpu_play::Launch launch = *static_cast<gpu_play::Launch *>(arguments[0]);
    uint64_t *counts = *static_cast<uint64_t **>(arguments[1]);
    auto *records = *static_cast<unsigned long long **>(arguments[2]);
    if (!IsOwn(stream, name) || !IsDevice(records, grid.x * sizeof *records, name) ||
        (launch.length && !IsDevice(counts, launch.length * sizeof *counts, name)))
        return Fail(cudaErrorInvalidValue);
    stream->todo.push_back([=] {
        PlayLaunch(launch, grid.x, counts, records);
        if (wrong)
            Spoil(launch, grid.x, counts, records);
        return late ? TellLate() : cudaSuccess;
    });
    return cudaSuccess;
}

} // namespace

extern "C" {

cudaError_t cudaFuncSetAttribute(const void *, cudaFuncAttribute, int)
{
    ENTER(Current());
    return cudaSuccess;
}

cudaError_t cudaOccupancyMaxActiveBlocksPerMultiprocessor(int *blocks, const void *, int, size_t)
{
    ENTER(Current());
    *blocks = 2;
    return cudaSuccess;
}

cudaError_t cudaLaunchKernel(const void *, dim3 grid, dim3, void **arguments, size_t,
                             cudaStream_t stream)
{
    return LaunchKernel(__func__, grid, arguments, stream);
}

// What nvcc's code calls, for which there is no public header.

unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared_bytes,
                                     CUstream_st *stream);
cudaError_t __cudaPopCallConfiguration(dim3 *grid, dim3 *block, size_t *shared_bytes, void *stream);
cudaError_t __cudaGetKernel(void **kernel, const void *function);
cudaError_t __cudaLaunchKernel(void *kernel, dim3 grid, dim3 block, void **arguments,
                               size_t shared_bytes, cudaStream_t stream);
void **__cudaRegisterFatBinary(void *binary);
void __cudaRegisterFatBinaryEnd(void **binary);
void __cudaUnregisterFatBinary(void **binary);
void __cudaRegisterFunction(void **, const char *, char *, const char *, int, void *, void *,
                            void *, void *, int *);
void __cudaRegisterVar(void **, char *, char *, const char *, int, size_t, int, int);

unsigned __cudaPushCallConfiguration(dim3 grid, dim3 block, size_t shared_bytes,
                                     CUstream_st *stream)
{
    ENTER(Current());
    configuration = {grid, block, shared_bytes, stream};
    return cudaSuccess;
}

cudaError_t __cudaPopCallConfiguration(dim3 *grid, dim3 *block, size_t *shared_bytes, void *stream)
{
    ENTER(Current());
    *grid = configuration.grid;
    *block = configuration.block;
    *shared_bytes = configuration.shared_bytes;
    *static_cast<cudaStream_t *>(stream) = configuration.stream;
    return cudaSuccess;
}

cudaError_t __cudaGetKernel(void **kernel, const void *function)
{
    *kernel = const_cast<void *>(function);
    return cudaSuccess;
}

cudaError_t __cudaLaunchKernel(void *, dim3 grid, dim3, void **arguments, size_t,
                               cudaStream_t stream)
{
    return LaunchKernel(__func__, grid, arguments, stream);
}

void **__cudaRegisterFatBinary(void *)
{
    static void *binary;
    return &binary;
}

void __cudaRegisterFatBinaryEnd(void **)
{
}

void __cudaUnregisterFatBinary(void **)
{
}

void __cudaRegisterFunction(void **, const char *, char *, const char *, int, void *, void *,
                            void *, void *, int *)
{
}

void __cudaRegisterVar(void **, char *, char *, const char *, int, size_t, int, int)
{
}

} // extern "C"
