// A team whose processes are threads of this one: rank 0 is whoever has made it, and the others
// serve until they are dismissed. Messages may be slow, and the order in which those of different
// ranks come is anybody's guess; but those from one rank to another keep theirs, as they do with
// MPI.
#ifndef GRAV_TESTS_FAKE_TEAM_H
#define GRAV_TESTS_FAKE_TEAM_H

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <graveler.h>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "team.h"

namespace fake_team {

using Clock = std::chrono::steady_clock;

// Where a process is.
struct Place {
    std::string host = "here";
    int local_rank = 0, local_size = 1;
    unsigned threads = 1;
    std::chrono::microseconds delay{0}; // of every message from it and to it
};

// So many processes on one machine.
std::vector<Place> OneMachine(int size, std::chrono::microseconds delay = {});

// The rank of the thread that calls; 0 where it is nobody's.
int RankHere();

// What carries the messages. Its functions fail the test where they are called as they may not be.
class Carrier {
  public:
    explicit Carrier(const std::vector<Place> &places);
    ~Carrier(); // fails the test where a message has not been taken, or a reduction is under way

    grav_team *Of(int rank);
    uint64_t Messages() const; // sent so far
    uint64_t Reductions() const;

    // Ends all processes, as a rank does that cannot go on: nothing is sent any more.
    void Abort(const grav_error &why);
    bool IsAborted() const;

  private:
    struct Letter {
        std::vector<char> text;
        Clock::time_point comes;
    };
    struct Reduction {
        std::vector<uint64_t *> words;            // by rank; nullptr: takes no part yet
        std::vector<std::vector<uint64_t>> given; // what was in them
        size_t count = 0;
        std::optional<Clock::time_point> done; // when rank 0 had the sum
    };
    struct Process {
        grav_team team = {};
        Carrier *carrier = nullptr;
        std::chrono::microseconds delay{0};
        std::thread::id thread; // that calls
        uint64_t begun = 0;     // reductions that it has joined
        bool reducing = false;
        std::vector<std::deque<Letter>> from; // by rank
        size_t looked_at = 0;                 // where it looks next, of them
    };

    static Process *ProcessOf(grav_team *team);
    static grav_status Send(grav_team *team, int to, const void *message, size_t size,
                            grav_error *err);
    static grav_status Receive(grav_team *team, int *from, void **message, size_t *size,
                               grav_error *err);
    static grav_status Reduce(grav_team *team, uint64_t *words, size_t count, grav_error *err);
    static grav_status Reduced(grav_team *team, bool *done, grav_error *err);

    grav_status Begin(Process *process, grav_error *err); // with the mutex held
    Letter *Come(Process *process, int *from);

    mutable std::mutex mutex_;
    std::vector<Process> processes_;
    std::deque<Reduction> reductions_; // by number
    uint64_t messages_ = 0;
    std::optional<grav_error> aborted_;
};

// A team at work: the ranks from 1 on serve.
class Team {
  public:
    explicit Team(const std::vector<Place> &places);
    explicit Team(int size);
    ~Team(); // dismisses, if nobody has

    grav_team *Leader(); // for grav_run_spec.team
    Carrier &Messages();
    // Lets the others go; fails the test where they do not go in order.
    void Dismiss();

  private:
    Carrier carrier_;
    std::vector<std::thread> threads_;
    bool dismissed_ = false;
};

} // namespace fake_team

#endif
