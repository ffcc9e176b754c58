/* Stress: every device plays ranges with known digests until the time is up. */
#include <math.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "error.h"
#include "nvml.h"
#include "selftest.h"

static const double watch_s = 0.1;
static const double sensors_s = 1;
/* What is played between two looks at whether to stop: well below a second of either. */
static const uint64_t cpu_piece = UINT64_C(1) << 22, gpu_piece = UINT64_C(1) << 30;

/* What the devices' threads share; mutex guards all of it but spec and end_s. */
typedef struct stress_state {
    const grav_stress_spec *spec;
    double end_s;
    pthread_mutex_t mutex;
    pthread_cond_t ended; /* a device's thread has nothing more to do */
    size_t running;
    bool stop;
} stress_state;

typedef struct stress_thread {
    pthread_t thread;
    stress_state *state;
    grav_stress_device *device; /* guarded by the mutex, but for who it is */
    char pci_bus_id[sizeof((grav_gpu_info *)0)->pci_bus_id];
} stress_thread;

/* ---- One device ------------------------------------------------------------------------------ */

static bool must_stop(void *data)
{
    stress_state *state = data;
    pthread_mutex_lock(&state->mutex);
    bool stop = state->stop;
    pthread_mutex_unlock(&state->mutex);
    return stop;
}

/* Notes how playing an answer went. */
static void note(stress_state *state, grav_stress_device *device, const grav_answer *answer,
                 double seconds, const grav_error *how)
{
    bool played = how->status == GRAV_OK || how->status == GRAV_ERROR_MISMATCH;
    pthread_mutex_lock(&state->mutex);
    if (played) {
        device->sessions += answer->sessions;
        device->played_s += seconds;
    }
    if (how->status == GRAV_OK) {
        device->right++;
    } else {
        if (played)
            device->wrong++;
        *(played ? &device->wrong_last : &device->failure) = *how;
        if (state->spec->trouble)
            state->spec->trouble(device, how, state->spec->data);
    }
    pthread_mutex_unlock(&state->mutex);
}

/* Plays one answer; false: the device is to play no more. */
static bool play_answer(stress_thread *own, const grav_answer *answer)
{
    stress_state *state = own->state;
    const grav_stress_device *device = own->device;
    const grav_selftest_who who = {device->backend, device->device, device->isa, device->threads};
    const grav_answer_pace pace = {device->backend == GRAV_BACKEND_CUDA ? gpu_piece : cpu_piece,
                                   must_stop, state};
    grav_error how = {0};
    bool stopped;
    double start_s = grav_now_s();
    how.status = grav_answer_play(answer, &who, &pace, &stopped, &how);
    double now_s = grav_now_s();
    if (how.status == GRAV_OK && stopped)
        return false;
    note(state, own->device, answer, now_s - start_s, &how);
    return (how.status == GRAV_OK || how.status == GRAV_ERROR_MISMATCH) && now_s < state->end_s &&
           !must_stop(state);
}

static void *work(void *argument)
{
    stress_thread *own = argument;
    stress_state *state = own->state;
    bool more = true;
    while (more) {
        const grav_answer *answer;
        for (size_t i = 0; more && (answer = grav_stress_answer_at(own->device->backend, i)); i++)
            more = play_answer(own, answer);
    }
    pthread_mutex_lock(&state->mutex);
    state->running--;
    pthread_cond_signal(&state->ended);
    pthread_mutex_unlock(&state->mutex);
    return NULL;
}

/* ---- All of them ----------------------------------------------------------------------------- */

static void read_sensors(grav_nvml *nvml, stress_thread *threads, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (*threads[i].pci_bus_id)
            grav_nvml_read(nvml, threads[i].pci_bus_id, &threads[i].device->celsius,
                           &threads[i].device->watts);
}

/* Waits for all threads, and lets the caller watch meanwhile. */
static void watch(stress_state *state, grav_nvml *nvml, grav_stress_device *devices,
                  stress_thread *threads, size_t count)
{
    double start_s = grav_now_s(), sensors_at_s = start_s;
    pthread_mutex_lock(&state->mutex);
    while (state->running) {
        struct timespec at = grav_in_seconds(watch_s);
        pthread_cond_timedwait(&state->ended, &state->mutex, &at);
        double now_s = grav_now_s();
        if (now_s >= sensors_at_s) {
            read_sensors(nvml, threads, count);
            sensors_at_s = now_s + sensors_s;
        }
        if (state->spec->progress)
            state->stop |=
                state->spec->progress(devices, count, now_s - start_s, state->spec->data);
    }
    pthread_mutex_unlock(&state->mutex);
}

/* Starts a thread for each device; one that cannot be started is a failure of its device. */
static size_t start_threads(stress_state *state, grav_stress_device *devices,
                            stress_thread *threads, size_t count)
{
    size_t started = 0;
    pthread_mutex_lock(&state->mutex);
    for (size_t i = 0; i < count; i++) {
        threads[i].state = state;
        threads[i].device = &devices[i];
        int code = pthread_create(&threads[i].thread, NULL, work, &threads[i]);
        if (code) {
            for (; i < count; i++) {
                grav_fail(&devices[i].failure, GRAV_ERROR_MEMORY,
                          "its thread could not be started: %s", strerror(code));
                if (state->spec->trouble)
                    state->spec->trouble(&devices[i], &devices[i].failure, state->spec->data);
            }
            break;
        }
        state->running++;
        started++;
    }
    pthread_mutex_unlock(&state->mutex);
    return started;
}

static void run_threads(stress_state *state, grav_stress_device *devices, stress_thread *threads,
                        size_t count)
{
    grav_nvml *nvml = grav_nvml_open(GRAV_NVML_LIBRARY);
    pthread_mutex_init(&state->mutex, NULL);
    grav_condition_init(&state->ended);
    size_t started = start_threads(state, devices, threads, count);
    watch(state, nvml, devices, threads, started);
    for (size_t i = 0; i < started; i++)
        pthread_join(threads[i].thread, NULL);
    pthread_cond_destroy(&state->ended);
    pthread_mutex_destroy(&state->mutex);
    grav_nvml_close(nvml);
}

/* Checks that the devices are there, clears their figures and finds out where GPUs sit. */
static grav_status prepare(grav_stress_device *devices, size_t count, stress_thread *threads,
                           grav_error *err)
{
    for (size_t i = 0; i < count; i++) {
        grav_stress_device *device = &devices[i];
        const grav_selftest_who who = {device->backend, device->device, device->isa,
                                       device->threads};
        grav_gpu_info gpu = {0};
        grav_status status = grav_selftest_check(&who, err);
        if (status == GRAV_OK && device->backend == GRAV_BACKEND_CUDA)
            status = grav_gpu(device->device, &gpu, err);
        if (status != GRAV_OK)
            return status;
        *device = (grav_stress_device){
            .backend = who.backend, .device = who.device, .isa = who.isa, .threads = who.threads};
        memcpy(threads[i].pci_bus_id, gpu.pci_bus_id, sizeof gpu.pci_bus_id);
    }
    return GRAV_OK;
}

grav_status grav_stress(grav_stress_device *devices, size_t count, const grav_stress_spec *spec,
                        bool *stopped, grav_error *err)
{
    stress_state state = {.spec = spec, .end_s = grav_now_s() + spec->seconds};
    if (!(spec->seconds > 0) || !isfinite(spec->seconds) || !count)
        return grav_fail(err, GRAV_ERROR_INVALID,
                         "stress of %zu devices for %g s: it takes one and a time above 0", count,
                         spec->seconds);
    stress_thread *threads = calloc(count, sizeof *threads);
    if (!threads)
        return grav_no_memory(err, "the devices' threads");
    grav_status status = prepare(devices, count, threads, err);
    if (status == GRAV_OK) {
        run_threads(&state, devices, threads, count);
        *stopped = state.stop;
    }
    free(threads);
    return status;
}
