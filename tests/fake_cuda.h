// GPUs that are none: a CUDA runtime for tests, in place of NVIDIA's. Device memory is the host's,
// kernels are played by the portable variant, and any call can be made to fail.
//
// Like the real one it does what a stream is told only when the stream is waited for, hands out
// memory full of noise, and keeps each thread's last error until it is asked for.
#ifndef GRAV_TESTS_FAKE_CUDA_H
#define GRAV_TESTS_FAKE_CUDA_H

#include <cuda_runtime_api.h>
#include <string>
#include <thread>
#include <vector>

namespace fake_cuda {

constexpr int kAnyDevice = -1;
constexpr int kNoDevice = -2; // of calls that concern no one GPU

struct Fault {
    size_t at = 0; // the call that fails, of those that concern `device`, from 1; 0: none
    int device = kAnyDevice;
    cudaError_t code = cudaErrorUnknown;
    bool lost = false;  // and so do all calls after it
    bool late = false;  // the call, a launch, succeeds: the next wait for its stream tells
    bool wrong = false; // nothing fails, but launches from that call on have a wrong result
};

struct Call {
    std::string name;
    int device;
    std::thread::id thread;
    bool failed;
};

// So many GPUs from now on, of which nothing has been asked yet.
void Begin(int gpus, const Fault &fault = {});

// What was called since, in order. Only cudaGetKernel's like are left out, which the compiler calls
// once a process: they find a kernel's name in the program itself.
std::vector<Call> Calls();

// Pieces of memory, streams and events that were made since and not given back.
size_t Owned();

// What no program should do, such as copying beyond the end of memory; empty if nothing.
std::string Misuse();

} // namespace fake_cuda

#endif
