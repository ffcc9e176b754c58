/* Whom commands test that test devices: the CPU and the GPUs that the options choose. */
#ifndef GRAV_CLI_TARGETS_H
#define GRAV_CLI_TARGETS_H

#include "options.h"

typedef struct cli_target {
    grav_backend backend;
    int device;   /* GPU */
    grav_isa isa; /* CPU; never auto */
} cli_target;

enum { TARGETS_MAX = 64 + GRAV_ISA_AVX512 };

/* Sets targets and *count. Of the CPU every isa, the best first, or the best alone, or the one
 * asked for; a list of devices alone names GPUs alone. That there is no GPU is an error only where
 * one was asked for, else no_gpus (status GRAV_OK: there are some, or none was wanted) says why.
 * Refuses options that contradict each other, as a run does. */
grav_status targets_find(const cli_settings *settings, bool every_isa,
                         cli_target targets[TARGETS_MAX], size_t *count, grav_error *no_gpus,
                         grav_error *err);

/* `CPU avx2`, `GPU 0` */
void targets_name(const cli_target *target, char *out, size_t size);

#endif
