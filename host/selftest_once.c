/* Who has passed the self-test in this process. */
#include <pthread.h>

#include "selftest.h"

enum { GPUS_KNOWN = 64 }; /* those beyond are tested anew each time */

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static bool isa_passed[GRAV_ISA_AVX512 + 1], gpu_passed[GPUS_KNOWN];

/* Where it is noted; NULL: nowhere. */
static bool *note_of(const grav_selftest_who *who)
{
    if (who->backend == GRAV_BACKEND_CPU)
        return grav_isa_name((int)who->isa) ? &isa_passed[who->isa] : NULL;
    return who->device >= 0 && who->device < GPUS_KNOWN ? &gpu_passed[who->device] : NULL;
}

grav_status grav_selftest_once(const grav_selftest_who *who, grav_error *err)
{
    grav_status status = GRAV_OK;
    bool *passed = note_of(who);
    pthread_mutex_lock(&mutex);
    if (!passed || !*passed)
        status = grav_selftest(who->backend, who->device, who->isa, who->threads, err);
    if (passed && status == GRAV_OK)
        *passed = true;
    pthread_mutex_unlock(&mutex);
    return status;
}
