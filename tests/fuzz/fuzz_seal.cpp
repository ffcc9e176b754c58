// Result files as they are, and with the right checksum: what the public reader accepts.
#include "results.h"

static void Test(const std::string &text)
{
    fuzz::Result result;
    grav_error err;
    if (fuzz::ParseResult(text, &result, &err) != GRAV_OK)
        return;
    fuzz::Expect(fuzz::Sealed(text) == text, "what is accepted ends in its checksum", text);
    fuzz::ExpectSound(result);
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const std::string text = fuzz::TextOf(data, size);
    Test(text);
    Test(fuzz::Sealed(text));
    return 0;
}
