// Checksums and digests as docs/formats.md has them, and texts that end in the right one.
#ifndef GRAV_TESTS_SEALED_H
#define GRAV_TESTS_SEALED_H

#include <gtest/gtest.h>
#include <string>
#include <xxhash.h>

namespace sealed {

// XXH3-128 as 32 hex digits.
inline std::string Checksum(const std::string &text)
{
    const XXH128_hash_t hash = XXH3_128bits(text.data(), text.size());
    char digits[33];
    snprintf(digits, sizeof digits, "%016llx%016llx", static_cast<unsigned long long>(hash.high64),
             static_cast<unsigned long long>(hash.low64));
    return digits;
}

// The text of a result file with the checksum of what it says now.
inline std::string Sealed(const std::string &text)
{
    const std::string body = text.substr(0, text.find(" \"checksum\""));
    return body + " \"checksum\": \"" + Checksum(body) + "\"\n}\n";
}

// The text with the first `from` in it replaced.
inline std::string Replaced(std::string text, const std::string &from, const std::string &to)
{
    size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    return text.replace(at, from.size(), to);
}

// The sealed text of a result file with these workers in place of its own, which have no name.
inline std::string WithWorkers(std::string text, const std::string &workers)
{
    const size_t start = text.find('[', text.find("\"workers\"")) + 1;
    return Sealed(text.replace(start, text.find(']', start) - start, workers));
}

} // namespace sealed

#endif
