// What holds of every result that was read from a file.
#ifndef GRAV_TESTS_FUZZ_RESULTS_H
#define GRAV_TESTS_FUZZ_RESULTS_H

#include "fuzz.h"

namespace fuzz {

// With the checksum of what it says now in place of its own, if it ends in one.
std::string Sealed(const std::string &text);

// The reader's answers: what it says of out and err is checked.
grav_status ParseResult(const std::string &text, Result *out, grav_error *err);
// Reads a result whatever its checksum and its digest say: without that hardly any change would get
// past them.
Result ReadMended(std::string text);

std::string DigestOf(const Result &result);

// That what was read can be relied on: its tally is one, it comes back from its text, and it is not
// to be merged with itself.
void ExpectSound(const Result &result);

} // namespace fuzz

#endif
