#include "fake_workers.h"

#include "fake_team.h"

#include <cstdio>
#include <mutex>
#include <stdexcept>

#include "experiment.h"
#include "selftest.h"

extern "C" {
#include "worker.h"

grav_status __real_grav_worker_open_cpu(const grav_plan *plan, size_t length, unsigned threads,
                                        grav_isa isa, grav_worker *out, grav_error *err);
grav_status __wrap_grav_worker_open_cpu(const grav_plan *plan, size_t length, unsigned threads,
                                        grav_isa isa, grav_worker *out, grav_error *err);
}

namespace fake_workers {

namespace {

// What is told now.
struct Told {
    Orders::Play play;
    Orders::Open opens;
};
std::mutex mutex;
const Told *told;
std::function<grav_worker()> instead;
thread_local int opened; // by a process, and not closed

// A worker that asks before it plays.
struct Asking {
    grav_worker real;
    Orders::Play play;
    int rank;
    bool second;
    int chunks = 0;
};

grav_status Ask(grav_worker *worker, uint64_t first, uint64_t end, grav_tally *tally,
                grav_error *err)
{
    Asking *asking = static_cast<Asking *>(worker->state);
    return asking->play(
        {asking->rank, asking->chunks++, asking->second, first, end, tally, err, &asking->real});
}

void Close(grav_worker *worker)
{
    Asking *asking = static_cast<Asking *>(worker->state);
    asking->real.close(&asking->real);
    delete asking;
    opened--;
}

} // namespace

grav_status Chunk::Play() const
{
    return real->play(real, first, end, tally, err);
}

grav_status Chunk::Fail(grav_status status) const
{
    *err = {status, "it broke"};
    return status;
}

Orders::Orders(Play play, Open opens)
{
    // The self-test opens workers, too: whoever plays is to have passed it before.
    for (int isa = GRAV_ISA_PORTABLE; isa <= GRAV_ISA_AVX512; isa++) {
        const grav_selftest_who who = {GRAV_BACKEND_CPU, 0, static_cast<grav_isa>(isa), 1};
        if (grav_cpu_has(who.isa) && grav_selftest_once(&who, nullptr) != GRAV_OK)
            throw std::runtime_error("an isa is wrong");
    }
    std::lock_guard<std::mutex> lock(mutex);
    told = new Told{std::move(play), std::move(opens)};
}

Orders::~Orders()
{
    std::lock_guard<std::mutex> lock(mutex);
    delete told;
    told = nullptr;
}

void OpenInstead(const std::function<grav_worker()> &open)
{
    std::lock_guard<std::mutex> lock(mutex);
    instead = open;
}

} // namespace fake_workers

grav_status __wrap_grav_worker_open_cpu(const grav_plan *plan, size_t length, unsigned threads,
                                        grav_isa isa, grav_worker *out, grav_error *err)
{
    using namespace fake_workers;
    std::lock_guard<std::mutex> lock(mutex);
    const int rank = fake_team::RankHere();
    if (instead) {
        *out = instead();
        return GRAV_OK;
    }
    if (told && told->opens && !told->opens(rank)) {
        *err = {GRAV_ERROR_DEVICE, "there is no CPU"};
        return GRAV_ERROR_DEVICE;
    }
    grav_worker real;
    grav_status status = __real_grav_worker_open_cpu(plan, length, threads, isa, &real, err);
    if (status != GRAV_OK || !told || !told->play) {
        if (status == GRAV_OK)
            *out = real;
        return status;
    }
    *out = real;
    out->play = Ask;
    out->close = Close;
    out->state = new Asking{real, told->play, rank, opened++ > 0};
    return GRAV_OK;
}
