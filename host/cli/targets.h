/* Whom commands test that test devices: the CPU and the GPUs that the options choose. */
#ifndef GRAV_CLI_TARGETS_H
#define GRAV_CLI_TARGETS_H

#include "options.h"

typedef struct cli_target {
    grav_backend backend;
    int device;   /* GPU */
    grav_isa isa; /* CPU; never auto */
} cli_target;

enum { TARGETS_MAX = CLI_LIST_MAX + GRAV_ISA_AVX512, TARGETS_NAME_SIZE = 300 };

/* Sets targets and *count. Of the CPU every isa, the best first, or the best alone, or the one
 * asked for; a list of devices alone names GPUs alone. no_gpus says why there is no GPU; status
 * GRAV_OK: there are some, or none is wanted. Refuses options that contradict each other, as a run
 * does. */
grav_status targets_find(const cli_settings *settings, bool every_isa,
                         cli_target targets[TARGETS_MAX], size_t *count, grav_error *no_gpus,
                         grav_error *err);

/* Whether it is a failure that there is no GPU: one was asked for. */
bool targets_need_gpus(const cli_settings *settings);

/* `CPU avx2`, `GPU 0, NVIDIA H100`: at most TARGETS_NAME_SIZE bytes. */
void targets_name(const cli_target *target, char *out, size_t size);

#endif
