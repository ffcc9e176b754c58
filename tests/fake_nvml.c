/* Stands in for NVIDIA's Management Library: one GPU, warmer at each look. */
#include <string.h>

typedef struct nvml_device *nvml_device;

static char gpu;
static int open_count;
static unsigned looks;

int nvmlInit_v2(void);
int nvmlShutdown(void);
int nvmlDeviceGetHandleByPciBusId_v2(const char *pci_bus_id, nvml_device *device);
int nvmlDeviceGetTemperature(nvml_device device, int sensor, unsigned *celsius);
int nvmlDeviceGetPowerUsage(nvml_device device, unsigned *milliwatts);

int nvmlInit_v2(void)
{
    open_count++;
    return 0;
}

int nvmlShutdown(void)
{
    return open_count-- ? 0 : 1;
}

int nvmlDeviceGetHandleByPciBusId_v2(const char *pci_bus_id, nvml_device *device)
{
    if (strcmp(pci_bus_id, "00000000:65:00.0") != 0)
        return 6; /* not found */
    *device = (nvml_device)&gpu;
    return 0;
}

int nvmlDeviceGetTemperature(nvml_device device, int sensor, unsigned *celsius)
{
    static const unsigned readings[] = {60, 71, 65};
    if (device != (nvml_device)&gpu || sensor != 0 || !open_count)
        return 2; /* invalid argument */
    *celsius = readings[looks % 3];
    return 0;
}

int nvmlDeviceGetPowerUsage(nvml_device device, unsigned *milliwatts)
{
    if (device != (nvml_device)&gpu || !open_count)
        return 2;
    looks++;
    if (looks == 2)
        return 3; /* not supported, for once */
    *milliwatts = 650500;
    return 0;
}
