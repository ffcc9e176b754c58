// The counting core of the founding job by itself, once for each pack type (founding_core.c).
#ifndef GRAV_TESTS_FOUNDING_CORE_H
#define GRAV_TESTS_FOUNDING_CORE_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { FOUNDING_CORE_PACK_MAX = 16, FOUNDING_CORE_WORDS = 12 };

// What was counted in the heads of a pack of sessions.
typedef struct founding_core_pack {
    uint32_t unread[FOUNDING_CORE_PACK_MAX];
    uint32_t ones[FOUNDING_CORE_PACK_MAX];
    uint32_t head[FOUNDING_CORE_PACK_MAX][FOUNDING_CORE_WORDS]; // kept for the rare ones
    int any; // whether a session is rare, or has fewer ones than asked about
} founding_core_pack;

typedef struct founding_core {
    const char *variant; // of the CPU (kernels/cpu.c) that the pack type needs
    uint32_t pack;       // sessions at a time
    void (*read)(const uint32_t (*heads)[FOUNDING_CORE_WORDS], uint32_t ones_below,
                 founding_core_pack *out);
} founding_core;

extern const founding_core founding_core_scalar;
extern const founding_core founding_core_carry_save; // as CUDA threads count
extern const founding_core founding_core_avx2;
extern const founding_core founding_core_avx512;
extern const founding_core founding_core_avx512_popcnt;

#ifdef __cplusplus
}
#endif

#endif
