// What the fuzz targets share. Each is one function of arbitrary bytes: libFuzzer calls it in the
// preset `fuzz`, replay.cpp with the kept corpus in every other build.
#ifndef GRAV_TESTS_FUZZ_H
#define GRAV_TESTS_FUZZ_H

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <graveler.h>
#include <memory>
#include <string>

#include "experiment.h"
extern "C" {
#include "result.h"
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
// Called first, where a target has it.
extern "C" int LLVMFuzzerInitialize(int *argc, char ***argv) __attribute__((weak));

namespace fuzz {

template <auto destroy> struct Destroyer {
    template <class T> void operator()(T *object) const
    {
        destroy(object);
    }
};
using Experiment = std::unique_ptr<grav_experiment, Destroyer<grav_experiment_destroy>>;
using Result = std::unique_ptr<grav_result, Destroyer<grav_result_destroy>>;

// Ends the program, which is what counts as a finding, where a property does not hold. By number:
// the stream stderr may be another.
inline void Expect(bool holds, const char *property, const std::string &detail = "")
{
    if (holds)
        return;
    dprintf(2, "violated: %s\n%s\n", property, detail.c_str());
    abort();
}

inline std::string TextOf(const uint8_t *data, size_t size)
{
    return std::string(reinterpret_cast<const char *>(data), size);
}

// An error is one line that says something.
inline void ExpectRefused(grav_status status, const grav_error &err)
{
    Expect(status == GRAV_ERROR_INVALID || status == GRAV_ERROR_MISMATCH,
           "what is wrong is refused, and nothing else happens", err.message);
    Expect(err.status == status && err.message[0], "a refusal has a message");
}

} // namespace fuzz

#endif
