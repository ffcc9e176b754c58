#include "fake_cuda_state.h"

#include <algorithm>
#include <cstring>

namespace fake_cuda {

namespace {

// One for the process, as the real one is.
struct State {
    std::mutex mutex;
    int gpus = 0;
    Fault fault;
    bool lost = false;
    size_t counted = 0; // calls that concern the fault's GPU
    std::vector<Call> calls;
    std::map<const char *, std::pair<size_t, std::unique_ptr<char[]>>> memory;
    std::map<cudaStream_t, std::unique_ptr<CUstream_st>> streams;
    std::map<cudaEvent_t, std::unique_ptr<CUevent_st>> events;
    std::string misuse;
};

State &TheState()
{
    static State state;
    return state;
}

thread_local int current = 0;
thread_local cudaError_t last_error = cudaSuccess;

// Whether the call that is noted here fails by the fault. Wants the mutex.
bool FailsNow(State *state, const char *name, int device, bool launch, bool *late)
{
    const Fault &fault = state->fault;
    bool concerned = fault.device == kAnyDevice || fault.device == device;
    state->counted += concerned;
    bool now = concerned && fault.at && state->counted == fault.at && !fault.wrong;
    *late = now && fault.late && launch;
    bool fails = (concerned && state->lost) || (now && !fault.late);
    state->lost |= fails && fault.lost;
    state->calls.push_back({name, device, std::this_thread::get_id(), fails});
    return fails;
}

cudaError_t EnterAny(const char *name, int device, bool launch, bool *late)
{
    State &state = TheState();
    std::lock_guard<std::mutex> lock(state.mutex);
    return FailsNow(&state, name, device, launch, late) ? Fail(state.fault.code) : cudaSuccess;
}

// Takes what a handle names out of `all`, if it is there.
template <class Map, class Key> void ReleaseFrom(Map State::*all, Key key)
{
    State &state = TheState();
    std::lock_guard<std::mutex> lock(state.mutex);
    if (!(state.*all).erase(key))
        state.misuse += "what is not there was given back; ";
}

template <class Map, class Key> bool IsOwnOf(Map State::*all, Key key, const char *who)
{
    State &state = TheState();
    std::lock_guard<std::mutex> lock(state.mutex);
    auto found = (state.*all).find(key);
    if (found != (state.*all).end() && found->second->device == current)
        return true;
    state.misuse += std::string(who) + " of a handle that is not this GPU's; ";
    return false;
}

} // namespace

void Begin(int gpus, const Fault &fault)
{
    State &state = TheState();
    std::lock_guard<std::mutex> lock(state.mutex);
    state.gpus = gpus;
    state.fault = fault;
    state.lost = false;
    state.counted = 0;
    state.calls.clear();
    state.memory.clear();
    state.streams.clear();
    state.events.clear();
    state.misuse.clear();
    last_error = cudaSuccess;
}

std::vector<Call> Calls()
{
    State &state = TheState();
    std::lock_guard<std::mutex> lock(state.mutex);
    return state.calls;
}

size_t Owned()
{
    State &state = TheState();
    std::lock_guard<std::mutex> lock(state.mutex);
    return state.memory.size() + state.streams.size() + state.events.size();
}

std::string Misuse()
{
    State &state = TheState();
    std::lock_guard<std::mutex> lock(state.mutex);
    return state.misuse;
}

cudaError_t Enter(const char *name, int device)
{
    bool late;
    return EnterAny(name, device, false, &late);
}

cudaError_t EnterLaunch(const char *name, int device, bool *late, bool *wrong)
{
    cudaError_t code = EnterAny(name, device, true, late);
    State &state = TheState();
    std::lock_guard<std::mutex> lock(state.mutex);
    const Fault &fault = state.fault;
    *wrong = fault.wrong && state.counted >= fault.at &&
             (fault.device == kAnyDevice || fault.device == device);
    return code;
}

cudaError_t TellLate()
{
    State &state = TheState();
    std::lock_guard<std::mutex> lock(state.mutex);
    state.lost |= state.fault.lost;
    auto told = std::find_if(state.calls.rbegin(), state.calls.rend(), [](const Call &call) {
        return call.thread == std::this_thread::get_id();
    });
    told->failed = true;
    return Fail(state.fault.code);
}

cudaError_t Fail(cudaError_t code)
{
    last_error = code;
    return code;
}

cudaError_t TakeLastError()
{
    cudaError_t code = last_error;
    last_error = cudaSuccess;
    return code;
}

int GpuCount()
{
    State &state = TheState();
    std::lock_guard<std::mutex> lock(state.mutex);
    return state.gpus;
}

int Current()
{
    return current;
}

void SetCurrent(int device)
{
    current = device;
}

void *Allocate(size_t bytes)
{
    State &state = TheState();
    std::lock_guard<std::mutex> lock(state.mutex);
    std::unique_ptr<char[]> memory(new char[bytes]);
    char *at = memory.get();
    memset(at, 0xa5, bytes);
    state.memory[at] = {bytes, std::move(memory)};
    return at;
}

bool IsDevice(const void *at, size_t bytes, const char *who)
{
    State &state = TheState();
    std::lock_guard<std::mutex> lock(state.mutex);
    const char *from = static_cast<const char *>(at);
    auto next = state.memory.upper_bound(from);
    if (next != state.memory.begin()) {
        auto piece = std::prev(next);
        if (from + bytes <= piece->first + piece->second.first)
            return true;
    }
    state.misuse += std::string(who) + " beyond device memory; ";
    return false;
}

void NoteMisuse(const std::string &what)
{
    State &state = TheState();
    std::lock_guard<std::mutex> lock(state.mutex);
    state.misuse += what + "; ";
}

cudaStream_t NewStream()
{
    State &state = TheState();
    std::lock_guard<std::mutex> lock(state.mutex);
    auto stream = std::make_unique<CUstream_st>();
    stream->device = current;
    cudaStream_t handle = stream.get();
    state.streams[handle] = std::move(stream);
    return handle;
}

cudaEvent_t NewEvent()
{
    State &state = TheState();
    std::lock_guard<std::mutex> lock(state.mutex);
    auto event = std::make_unique<CUevent_st>();
    *event = {current, 0};
    cudaEvent_t handle = event.get();
    state.events[handle] = std::move(event);
    return handle;
}

bool IsOwn(cudaStream_t stream, const char *who)
{
    return IsOwnOf(&State::streams, stream, who);
}

bool IsOwn(cudaEvent_t event, const char *who)
{
    return IsOwnOf(&State::events, event, who);
}

void Release(void *memory)
{
    ReleaseFrom(&State::memory, static_cast<const char *>(memory));
}

void Release(cudaStream_t stream)
{
    ReleaseFrom(&State::streams, stream);
}

void Release(cudaEvent_t event)
{
    ReleaseFrom(&State::events, event);
}

} // namespace fake_cuda
