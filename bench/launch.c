#include "launch.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "clock.h"
#include "error.h"

extern char **environ;

void bench_command_line_start(bench_command_line *line, const char *path, const char *name)
{
    char self[4000];
    ssize_t length = readlink("/proc/self/exe", self, sizeof self - 1);
    line->count = 0;
    self[length > 0 ? length : 0] = 0;
    char *slash = strrchr(self, '/');
    if (slash)
        *slash = 0;
    if (path)
        snprintf(line->program, sizeof line->program, "%s", path);
    else
        snprintf(line->program, sizeof line->program, "%s/%s", self, name);
}

void bench_command_line_add(bench_command_line *line, const char *format, ...)
{
    va_list arguments;
    if (line->count == SPAWN_WORDS_MAX)
        return;
    va_start(arguments, format);
    vsnprintf(line->words[line->count++], SPAWN_WORD_MAX, format, arguments);
    va_end(arguments);
}

void bench_command_line_add_path(bench_command_line *line, const bench_subject *path,
                                 uint64_t sessions)
{
    bench_command_line_add(line, "--seed=%llu", (unsigned long long)path->seed);
    bench_command_line_add(line, "--sessions=%llu", (unsigned long long)sessions);
    bench_command_line_add(line, "--method=%s", grav_method_name(path->method));
    bench_command_line_add(line, "--engine=%s", grav_engine_name(path->engine));
    bench_command_line_add(line, "--keep=%s", grav_keep_name(path->keep));
    bench_command_line_add(line, "--backend=%s", grav_backend_name((int)path->backend));
    if (path->backend == GRAV_BACKEND_CUDA) {
        bench_command_line_add(line, "--devices=%d", path->device);
    } else {
        bench_command_line_add(line, "--isa=%s", grav_isa_name(path->isa));
        bench_command_line_add(line, "--threads=%u", path->threads);
    }
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + 1e-6 * (double)time.tv_usec;
}

/* Starts it: 0, or the error's number. */
static int start(const bench_command_line *line, pid_t *pid)
{
    char *words[SPAWN_WORDS_MAX + 2];
    posix_spawn_file_actions_t actions;
    words[0] = (char *)(uintptr_t)line->program;
    for (int i = 0; i < line->count; i++)
        words[i + 1] = (char *)(uintptr_t)line->words[i];
    words[line->count + 1] = NULL;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int code = posix_spawn(pid, line->program, &actions, NULL, words, environ);
    posix_spawn_file_actions_destroy(&actions);
    return code;
}

grav_status bench_spawn(const bench_command_line *line, bench_spawned *out, grav_error *err)
{
    pid_t pid;
    int how = 0;
    struct rusage usage;
    double start_s = grav_now_s();
    int code = start(line, &pid);
    if (code)
        return grav_fail(err, GRAV_ERROR_DEVICE, "%.300s cannot be run: %s", line->program,
                         strerror(code));
    while (wait4(pid, &how, 0, &usage) < 0)
        if (errno != EINTR)
            return grav_fail(err, GRAV_ERROR_DEVICE, "%.300s got lost: %s", line->program,
                             strerror(errno));
    if (!WIFEXITED(how) || WEXITSTATUS(how) != 0)
        return grav_fail(err, GRAV_ERROR_DEVICE, "%.300s %s has failed (%s %d)", line->program,
                         line->count ? line->words[0] : "", WIFEXITED(how) ? "exit code" : "signal",
                         WIFEXITED(how) ? WEXITSTATUS(how) : WTERMSIG(how));
    *out = (bench_spawned){
        .wall_s = grav_now_s() - start_s,
        .cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime),
        .peak_kib = (uint64_t)usage.ru_maxrss,
    };
    return GRAV_OK;
}
