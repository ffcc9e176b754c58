// How much everybody is given at a time, by a clock that is simulated: so that all end together,
// and somebody always takes what is left.
#include "playing.h"

#include <algorithm>
#include <cmath>

extern "C" {
#include "chunks.h"
}

namespace {

constexpr double kSeconds = 0.1; // what a chunk should take
constexpr uint64_t kAny = uint64_t{1} << 63;

struct Simulated {
    double speed;     // sessions per second
    double estimated; // what it is taken for
    uint64_t min = 1, max = kAny;
    double busy_until = 0; // <= now: it is not
    uint64_t played = 0;
};

struct Outcome {
    bool stuck = false;
    double end_s = 0;
    double least_end_s = 0; // when the first of those who have played anything was done
};

// The next chunk of `own`, whose size is checked.
uint64_t Size(const std::vector<Simulated> &all, const Simulated &own, uint64_t left)
{
    grav_pace pace = {own.estimated, 0, 0, left};
    for (const Simulated &worker : all) {
        pace.all += worker.estimated;
        pace.fastest = std::max(pace.fastest, worker.estimated);
    }
    const uint64_t size = grav_chunk_size(&pace, kSeconds, own.min, own.max);
    if (size) {
        EXPECT_GE(size, std::min(own.min, left));
        EXPECT_LE(size, std::min(own.max, left));
    }
    return size;
}

// Plays all sessions: whoever has nothing to do asks, and waits where it is given nothing.
Outcome Simulate(std::vector<Simulated> *all, uint64_t sessions)
{
    Outcome outcome;
    double now = 0;
    uint64_t left = sessions;
    for (;;) {
        double next = INFINITY;
        for (Simulated &worker : *all) {
            if (worker.busy_until <= now && left) {
                const uint64_t size = Size(*all, worker, left);
                left -= size;
                worker.played += size;
                worker.busy_until = size ? now + static_cast<double>(size) / worker.speed : 0;
            }
            if (worker.busy_until > now)
                next = std::min(next, worker.busy_until);
        }
        if (next == INFINITY)
            break;
        now = next;
    }
    outcome.stuck = left > 0;
    outcome.end_s = outcome.least_end_s = now;
    for (const Simulated &worker : *all)
        if (worker.played)
            outcome.least_end_s = std::min(outcome.least_end_s, worker.busy_until);
    return outcome;
}

std::vector<Simulated> OfSpeeds(const std::vector<double> &speeds)
{
    std::vector<Simulated> all;
    for (double speed : speeds)
        all.push_back({speed, speed});
    return all;
}

TEST(Chunks, TakeATenthOfASecondOfWhoPlaysAlone)
{
    grav_pace pace = {1e6, 1e6, 1e6, 1000000000};
    EXPECT_EQ(grav_chunk_size(&pace, 0.1, 1, kAny), 100000u);
    EXPECT_EQ(grav_chunk_size(&pace, 0.1, 1, 5000), 5000u);
    EXPECT_EQ(grav_chunk_size(&pace, 0.1, 200000, kAny), 200000u);
    pace.left = 70000; // nobody is there to share it with
    EXPECT_EQ(grav_chunk_size(&pace, 0.1, 1, kAny), 70000u);
    EXPECT_EQ(grav_chunk_size(&pace, 0.1, 80000, kAny), 70000u);
    pace = {1e-3, 1e-3, 1e-3, 10}; // and however slow it is
    EXPECT_EQ(grav_chunk_size(&pace, 0.1, 1, kAny), 1u);
    pace = {1e300, 1e300, 1e300, kAny - 1};
    EXPECT_EQ(grav_chunk_size(&pace, 0.1, 1, kAny), kAny - 1);
}

TEST(Chunks, AreHalfOfWhatIsLeftForEveryone)
{
    grav_pace pace = {1e6, 4e6, 2e6, 100000};
    EXPECT_EQ(grav_chunk_size(&pace, 0.1, 1, kAny), 12500u);
    pace.own = 2e6;
    EXPECT_EQ(grav_chunk_size(&pace, 0.1, 1, kAny), 25000u);
    pace.left = 100000000;
    EXPECT_EQ(grav_chunk_size(&pace, 0.1, 1, kAny), 200000u);
}

// A session that takes a slow worker a second is better left to one that takes a millisecond.
TEST(Chunks, AreLeftToWhoIsDoneSooner)
{
    grav_pace pace = {1, 1001, 1000, 2000};
    EXPECT_EQ(grav_chunk_size(&pace, 0.1, 1, kAny), 1u);
    pace.left = 999;
    EXPECT_EQ(grav_chunk_size(&pace, 0.1, 1, kAny), 0u);
    pace.own = 1000;
    EXPECT_EQ(grav_chunk_size(&pace, 0.1, 1, kAny), 100u);
    // So is the least that is worth starting on a worker which is not slow.
    pace = {1e6, 3e6, 2e6, 10000};
    EXPECT_EQ(grav_chunk_size(&pace, 0.1, 6000, kAny), 0u);
    pace.own = 2e6;
    EXPECT_EQ(grav_chunk_size(&pace, 0.1, 6000, kAny), 10000u); // all there is, 5 ms
    // But not what takes a moment only.
    pace = {1e6, 3e6, 2e6, 4000};
    EXPECT_EQ(grav_chunk_size(&pace, 0.1, 4000, kAny), 4000u);
}

TEST(Chunks, ShareARunInProportionToSpeed)
{
    for (const std::vector<double> &speeds : std::vector<std::vector<double>>{
             {1e6, 1e6}, {1e5, 1e6}, {1e4, 1e6}, {1e6, 1e4}, {3e5, 1e6, 2e6, 1e4}, {1e6}}) {
        std::vector<Simulated> all = OfSpeeds(speeds);
        double sum = 0;
        for (double speed : speeds)
            sum += speed;
        const double seconds = 1.5;
        const Outcome outcome = Simulate(&all, static_cast<uint64_t>(sum * seconds));
        for (const Simulated &worker : all)
            EXPECT_NEAR(static_cast<double>(worker.played) / (worker.speed * seconds), 1, 0.05)
                << worker.speed << " of " << sum;
        EXPECT_LT(outcome.end_s, 1.01 * seconds) << speeds.size() << " workers";
        EXPECT_LT(outcome.end_s - outcome.least_end_s, 0.02 * outcome.end_s);
    }
}

// The slow one takes no session at the end that the other would have played long before.
TEST(Chunks, DoNotLetAnybodyWaitAtTheEnd)
{
    for (uint64_t sessions : {1, 10, 100, 500, 999, 1500, 10000}) {
        std::vector<Simulated> all = OfSpeeds({1, 1000});
        const Outcome outcome = Simulate(&all, sessions);
        const double alone_s = static_cast<double>(sessions) / 1000;
        EXPECT_LE(outcome.end_s, alone_s + 1e-6) << sessions;
        EXPECT_EQ(all[0].played > 0, sessions >= 1500) << sessions;
    }
}

double AnySpeed(playing::Random &random)
{
    return std::exp2(static_cast<double>(playing::Below(random, 5000)) / 100 - 10);
}

// Whatever everybody is taken for, rightly or not.
TEST(Chunks, AreTakenBySomebodyWhileAnythingIsLeft)
{
    playing::Random random(42);
    for (int i = 0; i < 20000; i++) {
        std::vector<Simulated> all(1 + playing::Below(random, 6));
        for (Simulated &worker : all) {
            worker.speed = AnySpeed(random);
            worker.estimated = i % 2 ? worker.speed : AnySpeed(random);
            worker.min = uint64_t{1} << playing::Below(random, 24);
            worker.max = worker.min + playing::Below(random, worker.min + 1);
            if (playing::Below(random, 2))
                worker.max = kAny;
        }
        // Of any number of sessions left; most are not played to the end.
        const uint64_t left = (random() >> (1 + playing::Below(random, 63))) + 1;
        if (i % 20) {
            ASSERT_TRUE(
                std::any_of(all.begin(), all.end(),
                            [&](const Simulated &worker) { return Size(all, worker, left) > 0; }))
                << "configuration " << i;
            continue;
        }
        const uint64_t sessions = left % 5000 + 1;
        uint64_t played = 0;
        ASSERT_FALSE(Simulate(&all, sessions).stuck) << "configuration " << i;
        for (const Simulated &worker : all)
            played += worker.played;
        ASSERT_EQ(played, sessions);
    }
}

} // namespace
