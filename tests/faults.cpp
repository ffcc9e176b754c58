#include "faults.h"

#include <atomic>
#include <cerrno>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <jansson.h>
#include <mutex>
#include <pthread.h>
#include <stdexcept>
#include <sys/stat.h>
#include <unistd.h>
#include <unordered_set>

namespace {

using faults::How;

std::atomic<unsigned> kinds{0}; // that can fail now
std::atomic<uint64_t> calls{0}; // of these kinds so far
std::atomic<uint64_t> fails_at{0};
std::atomic<How> how{How::kOnce};
std::atomic<int> code{0};
std::atomic<bool> struck{false};
std::atomic<uint64_t> renames{0};

// Whether the call under way is to fail; then errno is set.
bool Strikes(unsigned kind)
{
    if (!(kinds & kind))
        return false;
    uint64_t call = calls++;
    bool now = how == How::kOnce ? call == fails_at : call >= fails_at;
    if (now) {
        struck = true;
        errno = code;
    }
    return now;
}

// Whether it is the first of the calls that fail.
bool IsShort()
{
    return how == How::kShort && calls == fails_at + 1;
}

// ---- Memory -------------------------------------------------------------------------------------

std::atomic<bool> counting{false};
std::mutex mutex;
std::unordered_set<void *> allocated;

void *Note(void *memory)
{
    if (counting && memory) {
        std::lock_guard<std::mutex> lock(mutex);
        allocated.insert(memory);
    }
    return memory;
}

void Forget(void *memory)
{
    if (counting && memory) {
        std::lock_guard<std::mutex> lock(mutex);
        allocated.erase(memory);
    }
}

} // namespace

extern "C" {

int __real_open(const char *path, int flags, ...);
int __real_mkostemp(char *path, int flags);
ssize_t __real_read(int file, void *data, size_t size);
ssize_t __real_write(int file, const void *data, size_t size);
int __real_rename(const char *from, const char *to);
int __real_link(const char *from, const char *to);
int __real_unlink(const char *path);
int __real_close(int file);
int __real_access(const char *path, int mode);
int __real_stat(const char *path, struct stat *info);
int __real_fstat(int file, struct stat *info);
ssize_t __real_readlink(const char *path, char *link, size_t size);
int __real_fchmod(int file, mode_t mode);
int __real_ftruncate(int file, off_t length);
int __real_flock(int file, int operation);
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void __real_free(void *memory);
char *__real_strdup(const char *text);
FILE *__real_open_memstream(char **text, size_t *length);
int __real_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                                  const struct timespec *until);
int __real_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument);

int __wrap_open(const char *path, int flags, ...);
int __wrap_mkostemp(char *path, int flags);
ssize_t __wrap_read(int file, void *data, size_t size);
ssize_t __wrap_write(int file, const void *data, size_t size);
int __wrap_fsync(int file);
int __wrap_rename(const char *from, const char *to);
int __wrap_link(const char *from, const char *to);
int __wrap_unlink(const char *path);
int __wrap_close(int file);
int __wrap_access(const char *path, int mode);
int __wrap_stat(const char *path, struct stat *info);
int __wrap_fstat(int file, struct stat *info);
ssize_t __wrap_readlink(const char *path, char *link, size_t size);
int __wrap_fchmod(int file, mode_t mode);
int __wrap_ftruncate(int file, off_t length);
int __wrap_flock(int file, int operation);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
void __wrap_free(void *memory);
char *__wrap_strdup(const char *text);
int __wrap_asprintf(char **out, const char *format, ...) __attribute__((format(printf, 2, 3)));
FILE *__wrap_open_memstream(char **text, size_t *length);
int __wrap_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *mutex,
                                  const struct timespec *until);
int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument);

int __wrap_open(const char *path, int flags, ...)
{
    va_list arguments;
    va_start(arguments, flags);
    mode_t mode = flags & O_CREAT ? va_arg(arguments, mode_t) : 0;
    va_end(arguments);
    return Strikes(faults::kOpen) ? -1 : __real_open(path, flags, mode);
}

int __wrap_mkostemp(char *path, int flags)
{
    return Strikes(faults::kOpen) ? -1 : __real_mkostemp(path, flags);
}

ssize_t __wrap_read(int file, void *data, size_t size)
{
    bool strikes = Strikes(faults::kRead);
    if (strikes && how != How::kShort)
        return -1;
    return __real_read(file, data, strikes && IsShort() ? (size + 1) / 2 : size);
}

ssize_t __wrap_write(int file, const void *data, size_t size)
{
    if (!Strikes(faults::kWrite))
        return __real_write(file, data, size);
    return IsShort() ? __real_write(file, data, (size + 1) / 2) : -1;
}

// Without the wait for the disk: these tests sync a thousand times, and pull no plug.
int __wrap_fsync(int)
{
    return Strikes(faults::kSync) ? -1 : 0;
}

int __wrap_rename(const char *from, const char *to)
{
    renames++;
    return Strikes(faults::kRename) ? -1 : __real_rename(from, to);
}

int __wrap_link(const char *from, const char *to)
{
    return Strikes(faults::kRename) ? -1 : __real_link(from, to);
}

int __wrap_unlink(const char *path)
{
    return Strikes(faults::kUnlink) ? -1 : __real_unlink(path);
}

int __wrap_close(int file)
{
    int result = __real_close(file);
    return Strikes(faults::kClose) ? -1 : result;
}

int __wrap_access(const char *path, int mode)
{
    return Strikes(faults::kLook) ? -1 : __real_access(path, mode);
}

int __wrap_stat(const char *path, struct stat *info)
{
    return Strikes(faults::kLook) ? -1 : __real_stat(path, info);
}

int __wrap_fstat(int file, struct stat *info)
{
    return Strikes(faults::kLook) ? -1 : __real_fstat(file, info);
}

ssize_t __wrap_readlink(const char *path, char *link, size_t size)
{
    return Strikes(faults::kLook) ? -1 : __real_readlink(path, link, size);
}

int __wrap_fchmod(int file, mode_t mode)
{
    return Strikes(faults::kChange) ? -1 : __real_fchmod(file, mode);
}

int __wrap_ftruncate(int file, off_t length)
{
    return Strikes(faults::kChange) ? -1 : __real_ftruncate(file, length);
}

int __wrap_flock(int file, int operation)
{
    return Strikes(faults::kChange) ? -1 : __real_flock(file, operation);
}

void *__wrap_malloc(size_t size)
{
    return Strikes(faults::kMemory) ? nullptr : Note(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size)
{
    return Strikes(faults::kMemory) ? nullptr : Note(__real_calloc(count, size));
}

void *__wrap_realloc(void *memory, size_t size)
{
    if (Strikes(faults::kMemory))
        return nullptr;
    Forget(memory);
    return Note(__real_realloc(memory, size));
}

void __wrap_free(void *memory)
{
    Forget(memory);
    __real_free(memory);
}

char *__wrap_strdup(const char *text)
{
    if (Strikes(faults::kMemory))
        return nullptr;
    return static_cast<char *>(Note(__real_strdup(text)));
}

// What it leaves in *out where it fails is not told: something that is no text.
int __wrap_asprintf(char **out, const char *format, ...)
{
    static char nothing;
    if (Strikes(faults::kMemory)) {
        *out = &nothing;
        return -1;
    }
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(out, format, arguments);
    va_end(arguments);
    if (length >= 0)
        Note(*out);
    return length;
}

FILE *__wrap_open_memstream(char **text, size_t *length)
{
    return Strikes(faults::kMemory) ? nullptr : __real_open_memstream(text, length);
}

// A run looks up after a millisecond, not after a tenth of a second, so that one of a few
// milliseconds writes checkpoints.
int __wrap_pthread_cond_timedwait(pthread_cond_t *condition, pthread_mutex_t *of,
                                  const struct timespec *)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_nsec += 1000000;
    at.tv_sec += at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return __real_pthread_cond_timedwait(condition, of, &at);
}

int __wrap_pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                          void *(*start)(void *), void *argument)
{
    return Strikes(faults::kThread) ? errno
                                    : __real_pthread_create(thread, attributes, start, argument);
}

} // extern "C"

namespace faults {

std::string Name(const Fault &fault)
{
    const char *const hows[] = {"once", "from then on", "short"};
    return std::string(strerror(fault.code)) + " " + hows[static_cast<int>(fault.how)] +
           " in kinds " + std::to_string(fault.kinds);
}

Injection::Injection(const Fault &fault, uint64_t at)
{
    static std::once_flag jansson;
    std::call_once(jansson, [] { json_set_alloc_funcs(__wrap_malloc, __wrap_free); });
    if (kinds)
        throw std::logic_error("faults are injected already");
    calls = 0;
    struck = false;
    fails_at = at;
    how = fault.how;
    code = fault.code;
    kinds = fault.kinds;
}

Injection::~Injection()
{
    kinds = 0;
}

bool Injection::Struck() const
{
    return struck;
}

Allocations::Allocations()
{
    json_set_alloc_funcs(__wrap_malloc, __wrap_free);
    allocated.clear();
    counting = true;
}

Allocations::~Allocations()
{
    counting = false;
}

size_t Allocations::Left() const
{
    std::lock_guard<std::mutex> lock(mutex);
    return allocated.size();
}

uint64_t Renames()
{
    return renames;
}

} // namespace faults
