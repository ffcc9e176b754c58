#include "nvml.h"

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

enum { NVML_DONE = 0, NVML_TEMPERATURE_OF_GPU = 0 };

typedef struct nvml_device *nvml_device;

struct grav_nvml {
    void *library;
    int (*init)(void);
    int (*shutdown)(void);
    int (*device_at)(const char *pci_bus_id, nvml_device *device);
    int (*temperature)(nvml_device device, int sensor, unsigned *celsius);
    int (*power)(nvml_device device, unsigned *milliwatts);
};

/* Sets a pointer to the function of that name. */
static bool find(void *library, const char *name, void *function)
{
    void *found = dlsym(library, name);
    memcpy(function, &found, sizeof found); /* C has no conversion from data to functions */
    return found != NULL;
}

static bool find_all(grav_nvml *nvml)
{
    return find(nvml->library, "nvmlInit_v2", &nvml->init) &&
           find(nvml->library, "nvmlShutdown", &nvml->shutdown) &&
           find(nvml->library, "nvmlDeviceGetHandleByPciBusId_v2", &nvml->device_at) &&
           find(nvml->library, "nvmlDeviceGetTemperature", &nvml->temperature) &&
           find(nvml->library, "nvmlDeviceGetPowerUsage", &nvml->power);
}

grav_nvml *grav_nvml_open(const char *library)
{
    grav_nvml *nvml = calloc(1, sizeof *nvml);
    if (!nvml)
        return NULL;
    nvml->library = dlopen(library, RTLD_NOW | RTLD_LOCAL);
    if (nvml->library && find_all(nvml) && nvml->init() == NVML_DONE)
        return nvml;
    if (nvml->library)
        dlclose(nvml->library);
    free(nvml);
    return NULL;
}

void grav_nvml_close(grav_nvml *nvml)
{
    if (!nvml)
        return;
    nvml->shutdown();
    dlclose(nvml->library);
    free(nvml);
}

static void note(grav_reading *reading, double value)
{
    reading->now = value;
    if (!reading->known || value > reading->most)
        reading->most = value;
    reading->known = true;
}

void grav_nvml_read(grav_nvml *nvml, const char *pci_bus_id, grav_reading *celsius,
                    grav_reading *watts)
{
    nvml_device device;
    unsigned value;
    if (!nvml || nvml->device_at(pci_bus_id, &device) != NVML_DONE)
        return;
    if (nvml->temperature(device, NVML_TEMPERATURE_OF_GPU, &value) == NVML_DONE)
        note(celsius, value);
    if (nvml->power(device, &value) == NVML_DONE)
        note(watts, 1e-3 * value);
}
