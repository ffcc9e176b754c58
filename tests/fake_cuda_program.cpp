// For graveler on GPUs that are none: the environment tells how many there are, and from which call
// on all calls fail, or compute wrong.
#include "fake_cuda.h"

#include <cstdlib>

namespace {

const bool begun = [] {
    const char *gpus = std::getenv("FAKE_CUDA_GPUS"), *at = std::getenv("FAKE_CUDA_FAILS_AT");
    fake_cuda::Fault fault;
    const char *wrong = std::getenv("FAKE_CUDA_WRONG_AT");
    fault.wrong = wrong;
    fault.at = wrong ? std::strtoul(wrong, nullptr, 10) : at ? std::strtoul(at, nullptr, 10) : 0;
    fault.code = cudaErrorMemoryAllocation;
    fault.lost = true;
    fake_cuda::Begin(gpus ? std::atoi(gpus) : 0, fault);
    return true;
}();

} // namespace
