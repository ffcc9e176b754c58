// Workers on the CPU that are told what to do: to fail, to be slow, or to answer wrongly. While
// nothing is told, grav_worker_open_cpu() opens what it always does: the linker puts
// __wrap_grav_worker_open_cpu() in its place.
#ifndef GRAV_TESTS_FAKE_WORKERS_H
#define GRAV_TESTS_FAKE_WORKERS_H

#include <cstdint>
#include <functional>
#include <graveler.h>

struct grav_tally;
struct grav_worker;

namespace fake_workers {

// A chunk that a worker is to play.
struct Chunk {
    int rank;    // of the process (fake_team.h) whose worker it is
    int number;  // of the chunk among the worker's, from 0
    bool second; // whether the worker plays what another of the process plays, to check it
    uint64_t first, end;
    grav_tally *tally;
    grav_error *err;
    grav_worker *real;

    grav_status Play() const;                                       // as it should be
    grav_status Fail(grav_status status = GRAV_ERROR_DEVICE) const; // "it broke"
};

// Plays chunks instead of the workers that are opened, and says who cannot be opened at all, while
// it lives; one at a time.
class Orders {
  public:
    using Play = std::function<grav_status(const Chunk &chunk)>;
    using Open = std::function<bool(int rank)>;
    explicit Orders(Play play, Open opens = {});
    ~Orders();
    Orders(const Orders &) = delete;
    Orders &operator=(const Orders &) = delete;
};

// Opens these instead of any worker, until it is told to open nullptr's.
void OpenInstead(const std::function<grav_worker()> &open);

} // namespace fake_workers

#endif
