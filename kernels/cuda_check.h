/* Every CUDA call goes through GRAV_CUDA_TRY: one place that turns a failure into an error with the
 * call's text, CUDA's name for it and where it stands. */
#ifndef GRAV_CUDA_CHECK_H
#define GRAV_CUDA_CHECK_H

#include <cuda_runtime_api.h>

#include "error.h"

static inline grav_status grav_cuda_check(cudaError_t code, const char *call, const char *file,
                                          int line, grav_error *err)
{
    if (code == cudaSuccess)
        return GRAV_OK;
    return grav_fail(err, GRAV_ERROR_DEVICE, "%s: %s, %s (%s:%d)", call, cudaGetErrorName(code),
                     cudaGetErrorString(code), file, line);
}

/* Leaves through `done` when the call fails. Wants a grav_status `status` and an `err` in scope. */
#define GRAV_CUDA_TRY(call)                                                                        \
    do {                                                                                           \
        status = grav_cuda_check((call), #call, GRAV_FILE_NAME, __LINE__, err);                    \
        if (status != GRAV_OK)                                                                     \
            goto done;                                                                             \
    } while (0)

#endif
