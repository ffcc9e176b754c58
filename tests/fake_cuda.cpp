// The functions of the CUDA runtime that the GPU backend calls, for GPUs that are none. One that is
// missing here would be taken from NVIDIA's library, whose one object file has all of them: the
// link fails, and nothing real gets in.
#include "fake_cuda_state.h"

#include <chrono>
#include <cstring>

using namespace fake_cuda;

namespace {

constexpr int kMultiprocessors = 2;

// To be called once the whole of a call is known to be in order.
cudaError_t Enqueue(cudaStream_t stream, std::function<cudaError_t()> work)
{
    stream->todo.push_back(std::move(work));
    return cudaSuccess;
}

bool IsCopyInOrder(const void *to, const void *from, size_t bytes, cudaMemcpyKind kind)
{
    if (kind == cudaMemcpyHostToDevice)
        return IsDevice(to, bytes, "a copy");
    return kind == cudaMemcpyDeviceToHost && IsDevice(from, bytes, "a copy");
}

double Now()
{
    using namespace std::chrono;
    return duration<double>(steady_clock::now().time_since_epoch()).count();
}

} // namespace

// As ENTER; memory and handles are given back all the same.
#define RELEASE(handle)                                                                            \
    cudaError_t code = Enter(__func__, Current());                                                 \
    Release(handle);                                                                               \
    return code

extern "C" {

// ---- Devices ------------------------------------------------------------------------------------

cudaError_t cudaGetDeviceCount(int *count)
{
    ENTER(kNoDevice);
    *count = GpuCount();
    return cudaSuccess;
}

cudaError_t cudaDriverGetVersion(int *version)
{
    ENTER(kNoDevice);
    *version = CUDART_VERSION;
    return cudaSuccess;
}

cudaError_t cudaRuntimeGetVersion(int *version)
{
    ENTER(kNoDevice);
    *version = CUDART_VERSION;
    return cudaSuccess;
}

cudaError_t cudaGetDeviceProperties(cudaDeviceProp *properties, int device)
{
    ENTER(device);
    REQUIRE(device >= 0 && device < GpuCount(), cudaErrorInvalidDevice);
    *properties = {};
    strcpy(properties->name, "Fake GPU");
    properties->major = 9;
    properties->pciBusID = 1 + device;
    properties->multiProcessorCount = kMultiprocessors;
    properties->totalGlobalMem = 1 << 30;
    return cudaSuccess;
}

cudaError_t cudaDeviceGetAttribute(int *value, cudaDeviceAttr attribute, int device)
{
    ENTER(device);
    REQUIRE(device >= 0 && device < GpuCount(), cudaErrorInvalidDevice);
    REQUIRE(attribute == cudaDevAttrMultiProcessorCount ||
                attribute == cudaDevAttrMaxSharedMemoryPerBlockOptin,
            cudaErrorInvalidValue);
    *value = attribute == cudaDevAttrMultiProcessorCount ? kMultiprocessors : 100 << 10;
    return cudaSuccess;
}

cudaError_t cudaSetDevice(int device)
{
    ENTER(device);
    REQUIRE(device >= 0 && device < GpuCount(), cudaErrorInvalidDevice);
    SetCurrent(device);
    return cudaSuccess;
}

// ---- Errors -------------------------------------------------------------------------------------

cudaError_t cudaGetLastError(void)
{
    cudaError_t before = TakeLastError();
    cudaError_t code = Enter(__func__, Current());
    TakeLastError();
    return code != cudaSuccess ? code : before;
}

const char *cudaGetErrorName(cudaError_t code)
{
    return code == cudaErrorMemoryAllocation ? "cudaErrorMemoryAllocation" : "cudaErrorOfATest";
}

const char *cudaGetErrorString(cudaError_t code)
{
    return code == cudaErrorMemoryAllocation ? "out of memory" : "the test says so";
}

// ---- Memory -------------------------------------------------------------------------------------

cudaError_t cudaMalloc(void **memory, size_t bytes)
{
    ENTER(Current());
    *memory = Allocate(bytes);
    return cudaSuccess;
}

cudaError_t cudaFree(void *memory)
{
    cudaError_t code = Enter(__func__, Current());
    if (memory)
        Release(memory);
    return code;
}

cudaError_t cudaMemcpy(void *to, const void *from, size_t bytes, cudaMemcpyKind kind)
{
    ENTER(Current());
    REQUIRE(IsCopyInOrder(to, from, bytes, kind), cudaErrorInvalidValue);
    if (kind == cudaMemcpyHostToDevice)
        NoteMisuse(
            "cudaMemcpy may return before the bytes are on the GPU, and what runs in streams "
            "that do not block does not wait for them; ");
    memcpy(to, from, bytes);
    return cudaSuccess;
}

cudaError_t cudaMemcpyAsync(void *to, const void *from, size_t bytes, cudaMemcpyKind kind,
                            cudaStream_t stream)
{
    ENTER(Current());
    REQUIRE(IsOwn(stream, __func__), cudaErrorInvalidResourceHandle);
    REQUIRE(IsCopyInOrder(to, from, bytes, kind), cudaErrorInvalidValue);
    if (kind != cudaMemcpyHostToDevice)
        return Enqueue(stream, [=] {
            memcpy(to, from, bytes);
            return cudaSuccess;
        });
    // What comes from ordinary memory has been read when the call returns.
    auto source = static_cast<const char *>(from);
    return Enqueue(stream, [to, staged = std::vector<char>(source, source + bytes)] {
        memcpy(to, staged.data(), staged.size());
        return cudaSuccess;
    });
}

cudaError_t cudaMemsetAsync(void *memory, int value, size_t bytes, cudaStream_t stream)
{
    ENTER(Current());
    REQUIRE(IsOwn(stream, __func__), cudaErrorInvalidResourceHandle);
    REQUIRE(IsDevice(memory, bytes, __func__), cudaErrorInvalidValue);
    return Enqueue(stream, [=] {
        memset(memory, value, bytes);
        return cudaSuccess;
    });
}

// ---- Streams and events -------------------------------------------------------------------------

cudaError_t cudaStreamCreateWithFlags(cudaStream_t *stream, unsigned)
{
    ENTER(Current());
    *stream = NewStream();
    return cudaSuccess;
}

cudaError_t cudaStreamDestroy(cudaStream_t stream)
{
    RELEASE(stream);
}

cudaError_t cudaStreamSynchronize(cudaStream_t stream)
{
    ENTER(Current());
    REQUIRE(IsOwn(stream, __func__), cudaErrorInvalidResourceHandle);
    auto todo = std::move(stream->todo);
    stream->todo.clear();
    for (const auto &work : todo)
        if (cudaError_t code = work(); code != cudaSuccess)
            return code;
    return cudaSuccess;
}

cudaError_t cudaEventCreate(cudaEvent_t *event)
{
    ENTER(Current());
    *event = NewEvent();
    return cudaSuccess;
}

cudaError_t cudaEventDestroy(cudaEvent_t event)
{
    RELEASE(event);
}

cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream)
{
    ENTER(Current());
    REQUIRE(IsOwn(event, __func__) && IsOwn(stream, __func__), cudaErrorInvalidResourceHandle);
    return Enqueue(stream, [=] {
        event->at_s = Now();
        return cudaSuccess;
    });
}

cudaError_t cudaEventElapsedTime(float *ms, cudaEvent_t from, cudaEvent_t to)
{
    ENTER(Current());
    REQUIRE(IsOwn(from, __func__) && IsOwn(to, __func__), cudaErrorInvalidResourceHandle);
    REQUIRE(from->at_s > 0 && to->at_s > 0, cudaErrorNotReady);
    *ms = static_cast<float>(1e3 * (to->at_s - from->at_s));
    return cudaSuccess;
}

} // extern "C"
