// A worker that knows the tally of any range without playing it, for runs that nobody could wait
// for: of counts up to 2^63, where doubles have long lost digits.
#ifndef GRAV_TESTS_HUGE_H
#define GRAV_TESTS_HUGE_H

#include "support.h"

#include "experiment.h"

extern "C" {
#include "worker.h"
}

#include <atomic>

namespace huge {

constexpr uint64_t kEnd = GRAV_SESSIONS_END;
constexpr uint64_t kOdd = (UINT64_C(1) << 53) + 1; // the first that no double is
constexpr uint64_t kCounts[] = {kOdd, (UINT64_C(1) << 62) + 3, kEnd - 1, kEnd};

// ---- The worker ---------------------------------------------------------------------------------

constexpr uint64_t kScores = 7; // 0 to 6, above the lowest there can be

// Session s scores s mod 7, and those before `zeros` nothing.
struct Fake {
    uint64_t zeros = 0;
    int fails_at = -1; // its chunk of that number, from 0
    int naps_at = -1;  // so long that the run is watched meanwhile
    std::atomic<int> chunks{0};

    // How many of the first `end` sessions score that much, and of those from `first` on.
    uint64_t Before(uint64_t end, uint64_t score) const;
    uint64_t Count(uint64_t first, uint64_t end, uint64_t score) const;
    // The first session from `first` on that scores that much, above 0.
    uint64_t Next(uint64_t first, uint64_t score) const;
};

grav_worker WorkerOf(Fake *fake);

// Plays in the CPU's place while it lives, after the CPU has passed its self-test.
struct InPlace : Fake {
    InPlace();
    ~InPlace();
};

// ---- Runs ---------------------------------------------------------------------------------------

// One roll of a die whose scores are 1 to 7: its law is what the worker plays.
support::Experiment Die(uint64_t target = 7);
grav_run_spec Spec(uint64_t first, uint64_t sessions);
support::Result Played(uint64_t first, uint64_t sessions);

std::string Text(const support::Result &result, const support::Law &law = {});
support::Result Parse(const std::string &text); // fails the test where that is refused

// A count as a result file has it.
std::string InJson(uint64_t count);

// All that is told of sessions [first, end) follows from how many score what.
void ExpectPlayed(const support::Result &result, const Fake &fake, uint64_t first, uint64_t end);

} // namespace huge

#endif
