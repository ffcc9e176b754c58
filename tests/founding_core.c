/* Compiled once for each pack type (CMakeLists.txt), with FOUNDING_CORE, its name, and
 * FOUNDING_VARIANT, the variant of the CPU that it needs. In C: inline functions of C++ that
 * several files share must not be compiled for a CPU that may not be there. */
#include "founding_core.h"

#include <string.h>

#if defined __AVX512F__
#include "lane_avx512.h"

#include "pack_avx512.h"
#elif defined __AVX2__
#include "lane_avx2.h"

#include "pack_avx2.h"
#else
#include "lane_scalar.h"

#include "pack_scalar.h"
#endif

#include "philox.h"

#include "founding.h"

/* Writes the numbers that lie in the lanes. */
static void numbers_of(word_t words, uint32_t numbers[GRAV_LANES])
{
    for (uint32_t i = 0; i < GRAV_LANES; i++)
        memcpy(&numbers[i], (const char *)&words + i * (sizeof words / GRAV_LANES),
               sizeof numbers[i]);
}

/* Word number i of the sessions of half h, and leftovers where a lane has more room. */
static word_t load_half(const uint32_t (*heads)[FOUNDING_CORE_WORDS], uint32_t i, uint32_t h)
{
    uint32_t numbers[GRAV_LANES];
    word_t words;
    memset(&words, (int)(0x5a + 13 * i), sizeof words);
    numbers_of(pack_sequence(0, h), numbers);
    for (uint32_t lane = 0; lane < GRAV_LANES; lane++)
        memcpy((char *)&words + lane * (sizeof words / GRAV_LANES), &heads[numbers[lane]][i],
               sizeof heads[0][i]);
    return words;
}

static void read_heads(const uint32_t (*heads)[FOUNDING_CORE_WORDS], uint32_t ones_below,
                       founding_core_pack *out)
{
    founding_pack pack;
    uint32_t column[GRAV_PACK];
    memset(&pack, 0x5a, sizeof pack); /* nothing of it may matter */
    for (uint32_t i = 0; i < GRAV_HEAD_WORDS; i++) {
        word_t halves[GRAV_PACK_HALVES];
        for (uint32_t h = 0; h < GRAV_PACK_HALVES; h++)
            halves[h] = load_half(heads, i, h);
        founding_read(&pack, i, pack_from_words(halves));
    }
    pack_store(out->unread, pack.unread);
    pack_store(out->ones, pack.ones);
    for (uint32_t i = 0; i < GRAV_HEAD_WORDS; i++) {
        pack_store(column, pack.head[i]);
        for (uint32_t session = 0; session < GRAV_PACK; session++)
            out->head[session][i] = column[session];
    }
    out->any = pack_any(pack.unread, FOUNDING_UNREAD_MAX, pack.ones, ones_below);
}

const founding_core FOUNDING_CORE = {FOUNDING_VARIANT, GRAV_PACK, read_heads};
