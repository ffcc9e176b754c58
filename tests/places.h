// Where the tests find what they need. As built, unless the environment says otherwise: a build may
// be tested on another machine (scripts/gpu-check.sh).
#ifndef GRAV_TESTS_PLACES_H
#define GRAV_TESTS_PLACES_H

#include <cstdlib>
#include <string>

namespace places {

inline std::string Place(const char *variable, const char *built)
{
    const char *value = std::getenv(variable);
    return value ? value : built;
}

// The folder with vectors/ and golden/.
inline std::string TestsFolder()
{
    return Place("GRAV_TESTS_FOLDER", GRAV_TESTS_FOLDER);
}

// The program graveler.
inline std::string Program()
{
    return Place("GRAV_PROGRAM", GRAV_PROGRAM);
}

// The program graveler-bench.
inline std::string Bench()
{
    return Place("GRAV_BENCH", GRAV_BENCH);
}

#ifdef GRAV_EXAMPLES
// The folder with the examples' programs.
inline std::string Examples()
{
    return Place("GRAV_EXAMPLES", GRAV_EXAMPLES);
}
#endif

} // namespace places

#endif
