/* Temperature and power of GPUs, by NVIDIA's Management Library, which comes with the driver and is
 * loaded when it is asked for (NVML API Reference Manual). */
#ifndef GRAV_HOST_NVML_H
#define GRAV_HOST_NVML_H

#include "graveler.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct grav_nvml grav_nvml;

#define GRAV_NVML_LIBRARY "libnvidia-ml.so.1"

/* Loads the library of that file name; NULL: it is not there, or does not work. */
grav_nvml *grav_nvml_open(const char *library);
/* NULL is fine. */
void grav_nvml_close(grav_nvml *nvml);

/* Reads the sensors of the GPU that sits there (grav_gpu_info). What cannot be read, or nvml NULL,
 * leaves the reading as it was. */
void grav_nvml_read(grav_nvml *nvml, const char *pci_bus_id, grav_reading *celsius,
                    grav_reading *watts);

#ifdef __cplusplus
}
#endif

#endif
