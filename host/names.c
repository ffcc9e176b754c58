/* The names of the enumerations, on the command line and in files. */
#include "graveler.h"

#define NAME_OF(names, value)                                                                      \
    ((value) >= 0 && (size_t)(value) < sizeof(names) / sizeof *(names) ? (names)[value] : NULL)

static const char *const statistics[] = {
    [GRAV_STATISTIC_SUM] = "sum", [GRAV_STATISTIC_STREAK] = "streak"};
static const char *const methods[] = {
    [GRAV_METHOD_ROLLS] = "rolls", [GRAV_METHOD_SCORES] = "scores"};
static const char *const engines[] = {[GRAV_ENGINE_PHILOX] = "philox",
                                      [GRAV_ENGINE_PHILOX7] = "philox7",
                                      [GRAV_ENGINE_FAST] = "fast",
                                      [GRAV_ENGINE_GEN3] = "gen3"};
static const char *const keeps[] = {[GRAV_KEEP_HISTOGRAM] = "histogram", [GRAV_KEEP_MAX] = "max"};
static const char *const backends[] = {[GRAV_BACKEND_AUTO] = "auto",
                                       [GRAV_BACKEND_CPU] = "cpu",
                                       [GRAV_BACKEND_CUDA] = "cuda",
                                       [GRAV_BACKEND_ALL] = "all"};
static const char *const isas[] = {[GRAV_ISA_AUTO] = "auto",
                                   [GRAV_ISA_PORTABLE] = "portable",
                                   [GRAV_ISA_AVX2] = "avx2",
                                   [GRAV_ISA_AVX512] = "avx512"};

const char *grav_statistic_name(int value)
{
    return NAME_OF(statistics, value);
}

const char *grav_method_name(int value)
{
    return NAME_OF(methods, value);
}

const char *grav_engine_name(int value)
{
    return NAME_OF(engines, value);
}

const char *grav_keep_name(int value)
{
    return NAME_OF(keeps, value);
}

const char *grav_backend_name(int value)
{
    return NAME_OF(backends, value);
}

const char *grav_isa_name(int value)
{
    return NAME_OF(isas, value);
}
