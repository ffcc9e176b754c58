// Faults of the disk and of memory, injected where the library calls the C library: the linker's
// --wrap leads those calls here (tests/CMakeLists.txt), and Jansson, a library of its own, is given
// the same allocators. GMP and MPFR end the program where memory is missing, as they say they do;
// their memory, OpenMP's and that within the C library (streams) never fails here.
#ifndef GRAV_TESTS_FAULTS_H
#define GRAV_TESTS_FAULTS_H

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace faults {

// Kinds of calls that can fail; to be added up.
enum Kind : unsigned {
    kOpen = 1,     // open, mkostemp
    kRead = 2,     // read
    kWrite = 4,    // write
    kSync = 8,     // fsync
    kRename = 16,  // rename, link
    kUnlink = 32,  // unlink
    kClose = 64,   // close: the file is closed all the same
    kLook = 128,   // access, stat, fstat, readlink
    kChange = 256, // fchmod, ftruncate, flock
    kDisk = 511,
    kMemory = 512,  // malloc, calloc, realloc, strdup, asprintf, open_memstream
    kThread = 1024, // pthread_create
};

enum class How {
    kOnce,
    kFromThenOn,
    kShort, // a write or read gets half of what it was asked for; writes fail from then on
};

struct Fault {
    unsigned kinds;
    int code; // errno
    How how;
};
std::string Name(const Fault &fault);

// From now to the end of its life, the at-th call (from 0) of these kinds fails, on any thread. One
// at a time. Without one, no call fails.
class Injection {
  public:
    Injection(const Fault &fault, uint64_t at);
    ~Injection();
    Injection(const Injection &) = delete;
    Injection &operator=(const Injection &) = delete;

    // Whether there were so many calls.
    bool Struck() const;
};

// Counts what was allocated by wrapped calls during its life and is still there.
class Allocations {
  public:
    Allocations();
    ~Allocations();
    Allocations(const Allocations &) = delete;
    Allocations &operator=(const Allocations &) = delete;

    size_t Left() const;
};

// How often files were renamed so far.
uint64_t Renames();

// Calls act with the first, the second, ... call failing, until there is no such call: that time
// nothing has failed. before() is called before each of them and after(struck) after it, both
// without faults.
template <class Before, class Act, class After>
void AtEveryCall(const Fault &fault, const Before &before, const Act &act, const After &after)
{
    bool struck = true;
    for (uint64_t at = 0; struck; at++) {
        before();
        {
            Injection injection(fault, at);
            act();
            struck = injection.Struck();
        }
        after(struck, at);
    }
}

} // namespace faults

#endif
