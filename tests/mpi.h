// The MPIs that graveler-mpi was built with, and how to start it with each.
#ifndef GRAV_TESTS_MPI_H
#define GRAV_TESTS_MPI_H

#include "program.h"

#include <ostream>
#include <sys/types.h>

namespace mpi {

using program::Words;

struct Mpi {
    std::string name;    // as tests are called
    std::string program; // graveler-mpi
    Words start;         // mpiexec, with what it always needs
    bool is_open;        // Open MPI, whose options are its own
};

inline void PrintTo(const Mpi &mpi, std::ostream *out)
{
    *out << mpi.name;
}

std::vector<Mpi> All();

// What starts ranks in any way.
process::Command Command(const Words &words);

// So many ranks of graveler-mpi, with these words.
process::Command Ranks(const Mpi &mpi, int ranks, const Words &arguments);

// The processes that run this program, as soon as there are so many; after some seconds, those that
// there are. Ranks come and go a moment before or after what they are known by.
std::vector<pid_t> AwaitProcesses(const std::string &program, size_t count);

} // namespace mpi

#endif
