// The insides of the GPUs that are none (fake_cuda.h).
#ifndef GRAV_TESTS_FAKE_CUDA_STATE_H
#define GRAV_TESTS_FAKE_CUDA_STATE_H

#include "fake_cuda.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>

// CUDA's own names for what its handles point to.
struct CUstream_st {
    int device;
    std::vector<std::function<cudaError_t()>> todo; // until the stream is waited for
};
struct CUevent_st {
    int device;
    double at_s; // when it was reached; 0: not yet
};

namespace fake_cuda {

// Takes note of a call; what it returns beside cudaSuccess is what the call must return.
cudaError_t Enter(const char *name, int device);
// The same of a launch. *late: it succeeds, but its work will not. *wrong: its result is to be
// wrong.
cudaError_t EnterLaunch(const char *name, int device, bool *late, bool *wrong);
// The fault of a launch that has gone wrong late is told.
cudaError_t TellLate();
// Keeps a failure as the thread's last error; returns code.
cudaError_t Fail(cudaError_t code);
cudaError_t TakeLastError();

int GpuCount();
// The thread's GPU.
int Current();
void SetCurrent(int device);

void *Allocate(size_t bytes);
// Whether [at, at + bytes) is device memory that was not given back; else that is noted.
bool IsDevice(const void *at, size_t bytes, const char *who);
void NoteMisuse(const std::string &what);

cudaStream_t NewStream();
cudaEvent_t NewEvent();
// Whether the handle is one of the thread's GPU; else that is noted.
bool IsOwn(cudaStream_t stream, const char *who);
bool IsOwn(cudaEvent_t event, const char *who);

// Give back; what nobody owns is noted.
void Release(void *memory);
void Release(cudaStream_t stream);
void Release(cudaEvent_t event);

} // namespace fake_cuda

// Every function starts with what the fault says, which may be all that it does.
#define ENTER(device)                                                                              \
    if (cudaError_t code = fake_cuda::Enter(__func__, device); code != cudaSuccess)                \
    return code
#define REQUIRE(condition, otherwise)                                                              \
    if (!(condition))                                                                              \
    return fake_cuda::Fail(otherwise)

#endif
