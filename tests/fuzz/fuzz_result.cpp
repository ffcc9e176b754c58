// What a result file holds, whatever its checksum and its digest.
#include "results.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const fuzz::Result result = fuzz::ReadMended(fuzz::TextOf(data, size));
    if (result)
        fuzz::ExpectSound(result);
    return 0;
}
