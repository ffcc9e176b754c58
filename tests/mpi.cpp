#include "mpi.h"

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <sstream>
#include <thread>

namespace mpi {

namespace {

// GRAV_MPIS: `name|program|mpiexec`, with commas between them.
std::vector<Words> Table()
{
    std::vector<Words> rows;
    std::istringstream lines(GRAV_MPIS);
    for (std::string line; std::getline(lines, line, ',');) {
        std::istringstream cells(line);
        rows.emplace_back();
        for (std::string cell; std::getline(cells, cell, '|');)
            rows.back().push_back(cell);
    }
    return rows;
}

// Its options let root start it, more ranks than processors, and any of them be killed.
Words StartOf(const std::string &mpiexec, bool is_open)
{
    if (is_open)
        return {mpiexec, "--allow-run-as-root", "--oversubscribe", "--quiet"};
    return {mpiexec};
}

} // namespace

std::vector<Mpi> All()
{
    std::vector<Mpi> all;
    for (const Words &row : Table()) {
        const process::Outcome version = process::Run({{row[2], "--version"}});
        const bool is_open = program::Contains(version.out + version.err, "OpenRTE") ||
                             program::Contains(version.out + version.err, "Open MPI");
        all.push_back({row[0], row[1], StartOf(row[2], is_open), is_open});
    }
    return all;
}

process::Command Ranks(const Mpi &mpi, int ranks, const Words &arguments)
{
    Words words = program::Joined(mpi.start, {"-n", std::to_string(ranks), mpi.program});
    return Command(program::Joined(words, arguments));
}

process::Command Command(const Words &words)
{
    const char *options = std::getenv("ASAN_OPTIONS");
    process::Command command{words};
    command.environment["ASAN_OPTIONS"] =
        std::string(options ? options : "") + ":detect_leaks=0"; // MPI's own are many
    return command;
}

namespace {

std::vector<pid_t> ProcessesOf(const std::string &program)
{
    namespace fs = std::filesystem;
    std::vector<pid_t> found;
    for (const auto &entry : fs::directory_iterator("/proc")) {
        std::error_code gone;
        const std::string name = entry.path().filename();
        if (name.find_first_not_of("0123456789") == std::string::npos &&
            fs::read_symlink(entry.path() / "exe", gone) == fs::canonical(program, gone))
            found.push_back(static_cast<pid_t>(std::stol(name)));
    }
    return found;
}

} // namespace

std::vector<pid_t> AwaitProcesses(const std::string &program, size_t count)
{
    using Clock = std::chrono::steady_clock;
    const Clock::time_point limit = Clock::now() + std::chrono::seconds(10);
    std::vector<pid_t> found = ProcessesOf(program);
    while (found.size() != count && Clock::now() < limit) {
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
        found = ProcessesOf(program);
    }
    return found;
}

} // namespace mpi
