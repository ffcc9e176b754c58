#include "fake_team.h"

#include <cstdlib>
#include <cstring>
#include <gtest/gtest.h>

namespace fake_team {

namespace {

thread_local int rank_here = 0;

} // namespace

std::vector<Place> OneMachine(int size, std::chrono::microseconds delay)
{
    std::vector<Place> places(static_cast<size_t>(size));
    for (int rank = 0; rank < size; rank++) {
        Place &place = places[static_cast<size_t>(rank)];
        place.local_rank = rank;
        place.local_size = size;
        place.delay = delay;
    }
    return places;
}

int RankHere()
{
    return rank_here;
}

// ---- What carries the messages
// -------------------------------------------------------------------

Carrier::Carrier(const std::vector<Place> &places) : processes_(places.size())
{
    for (size_t rank = 0; rank < places.size(); rank++) {
        const Place &place = places[rank];
        Process &process = processes_[rank];
        process.carrier = this;
        process.delay = place.delay;
        process.from.resize(places.size());
        process.team.rank = static_cast<int>(rank);
        process.team.size = static_cast<int>(places.size());
        snprintf(process.team.host, sizeof process.team.host, "%s", place.host.c_str());
        process.team.local_rank = place.local_rank;
        process.team.local_size = place.local_size;
        process.team.threads = place.threads;
        process.team.send = Send;
        process.team.receive = Receive;
        process.team.reduce = Reduce;
        process.team.reduced = Reduced;
        process.team.state = &process;
    }
}

Carrier::~Carrier()
{
    if (aborted_)
        return;
    for (const Process &process : processes_) {
        EXPECT_FALSE(process.reducing) << "rank " << process.team.rank;
        EXPECT_EQ(process.begun, reductions_.size()) << "rank " << process.team.rank;
        for (const std::deque<Letter> &letters : process.from)
            EXPECT_TRUE(letters.empty()) << "to rank " << process.team.rank;
    }
}

grav_team *Carrier::Of(int rank)
{
    return &processes_[static_cast<size_t>(rank)].team;
}

uint64_t Carrier::Messages() const
{
    std::lock_guard<std::mutex> lock(mutex_);
    return messages_;
}

uint64_t Carrier::Reductions() const
{
    std::lock_guard<std::mutex> lock(mutex_);
    return reductions_.size();
}

void Carrier::Abort(const grav_error &why)
{
    std::lock_guard<std::mutex> lock(mutex_);
    if (!aborted_)
        aborted_ = why;
}

bool Carrier::IsAborted() const
{
    std::lock_guard<std::mutex> lock(mutex_);
    return aborted_.has_value();
}

Carrier::Process *Carrier::ProcessOf(grav_team *team)
{
    return static_cast<Process *>(team->state);
}

grav_status Carrier::Begin(Process *process, grav_error *err)
{
    if (process->thread == std::thread::id())
        process->thread = std::this_thread::get_id();
    EXPECT_EQ(process->thread, std::this_thread::get_id()) << "rank " << process->team.rank;
    if (!aborted_)
        return GRAV_OK;
    if (err)
        *err = *aborted_;
    return aborted_->status;
}

grav_status Carrier::Send(grav_team *team, int to, const void *message, size_t size,
                          grav_error *err)
{
    Process *process = ProcessOf(team);
    Carrier *carrier = process->carrier;
    std::lock_guard<std::mutex> lock(carrier->mutex_);
    grav_status status = carrier->Begin(process, err);
    if (status != GRAV_OK)
        return status;
    EXPECT_TRUE(to >= 0 && to < team->size && to != team->rank) << to;
    Process &other = carrier->processes_[static_cast<size_t>(to)];
    const char *text = static_cast<const char *>(message);
    other.from[static_cast<size_t>(team->rank)].push_back(
        {std::vector<char>(text, text + size), Clock::now() + process->delay + other.delay});
    carrier->messages_++;
    return GRAV_OK;
}

// The first message that has come, of the rank whose turn it is.
Carrier::Letter *Carrier::Come(Process *process, int *from)
{
    const Clock::time_point now = Clock::now();
    for (size_t i = 0; i < processes_.size(); i++) {
        process->looked_at = (process->looked_at + 1) % processes_.size();
        std::deque<Letter> &letters = process->from[process->looked_at];
        if (!letters.empty() && letters.front().comes <= now) {
            *from = static_cast<int>(process->looked_at);
            return &letters.front();
        }
    }
    return nullptr;
}

grav_status Carrier::Receive(grav_team *team, int *from, void **message, size_t *size,
                             grav_error *err)
{
    Process *process = ProcessOf(team);
    Carrier *carrier = process->carrier;
    std::lock_guard<std::mutex> lock(carrier->mutex_);
    grav_status status = carrier->Begin(process, err);
    if (status != GRAV_OK)
        return status;
    *message = nullptr;
    const Letter *letter = carrier->Come(process, from);
    if (!letter)
        return GRAV_OK;
    *size = letter->text.size();
    *message = malloc(*size);
    memcpy(*message, letter->text.data(), *size);
    process->from[static_cast<size_t>(*from)].pop_front();
    return GRAV_OK;
}

grav_status Carrier::Reduce(grav_team *team, uint64_t *words, size_t count, grav_error *err)
{
    Process *process = ProcessOf(team);
    Carrier *carrier = process->carrier;
    std::lock_guard<std::mutex> lock(carrier->mutex_);
    grav_status status = carrier->Begin(process, err);
    if (status != GRAV_OK)
        return status;
    EXPECT_FALSE(process->reducing) << "rank " << team->rank << " is in a reduction";
    if (process->begun == carrier->reductions_.size()) {
        carrier->reductions_.emplace_back();
        carrier->reductions_.back().words.resize(carrier->processes_.size());
        carrier->reductions_.back().given.resize(carrier->processes_.size());
        carrier->reductions_.back().count = count;
    }
    Reduction &reduction = carrier->reductions_[process->begun++];
    EXPECT_EQ(reduction.count, count) << "rank " << team->rank;
    reduction.words[static_cast<size_t>(team->rank)] = words;
    process->reducing = true;
    return GRAV_OK;
}

// Even ranks are done as soon as they have given what they have, and odd ones long after rank 0 is:
// MPI may do either.
grav_status Carrier::Reduced(grav_team *team, bool *done, grav_error *err)
{
    Process *process = ProcessOf(team);
    Carrier *carrier = process->carrier;
    std::lock_guard<std::mutex> lock(carrier->mutex_);
    grav_status status = carrier->Begin(process, err);
    if (status != GRAV_OK)
        return status;
    EXPECT_TRUE(process->reducing) << "rank " << team->rank << " is in no reduction";
    Reduction &reduction = carrier->reductions_[process->begun - 1];
    const size_t own = static_cast<size_t>(team->rank), size = carrier->processes_.size();
    uint64_t *words = reduction.words[own];
    const Clock::time_point now = Clock::now();
    if (own) {
        if (reduction.given[own].empty())
            reduction.given[own].assign(words, words + reduction.count);
        if (own % 2 && (!reduction.done || now < *reduction.done + std::chrono::milliseconds(5)))
            return GRAV_OK;
    } else {
        for (size_t rank = 1; rank < size; rank++)
            if (reduction.given[rank].empty())
                return GRAV_OK;
        for (size_t rank = 1; rank < size; rank++)
            grav_team_add_words(reduction.given[rank].data(), words, reduction.count);
        reduction.done = now;
    }
    *done = true;
    process->reducing = false;
    return GRAV_OK;
}

// ---- A team at work
// ------------------------------------------------------------------------------

Team::Team(const std::vector<Place> &places) : carrier_(places)
{
    for (size_t rank = 1; rank < places.size(); rank++)
        threads_.emplace_back([this, rank] {
            rank_here = static_cast<int>(rank);
            grav_error err = {};
            if (grav_team_serve(carrier_.Of(rank_here), &err) != GRAV_OK)
                carrier_.Abort(err);
        });
}

Team::Team(int size) : Team(OneMachine(size))
{
}

Team::~Team()
{
    Dismiss();
}

grav_team *Team::Leader()
{
    return carrier_.Of(0);
}

Carrier &Team::Messages()
{
    return carrier_;
}

void Team::Dismiss()
{
    grav_error err = {};
    if (dismissed_)
        return;
    dismissed_ = true;
    EXPECT_EQ(grav_team_dismiss(Leader(), &err), GRAV_OK) << err.message;
    if (err.status != GRAV_OK)
        carrier_.Abort(err);
    for (std::thread &thread : threads_)
        thread.join();
}

} // namespace fake_team
