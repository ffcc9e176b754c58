#include "yardstick_scipy.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "error.h"

extern char **environ;

static struct {
    pid_t pid;
    FILE *to, *from;
} child;

/* The parent's end of a pipe goes to no other process. Its number on success, else -1. */
static int make_pipe(int ends[2], int ours)
{
    if (pipe(ends) != 0)
        return -1;
    fcntl(ends[ours], F_SETFD, FD_CLOEXEC);
    return ends[ours];
}

/* Where the script lies: with the sources, or where `cmake --install` has put it. */
static const char *find_script(void)
{
    static const char of_sources[] = BENCH_FOLDER "/yardstick.py";
    static const char beside[] = "/../share/graveler/yardstick.py";
    static char installed[4096 + sizeof beside];
    ssize_t length = readlink("/proc/self/exe", installed, 4096);
    if (access(of_sources, R_OK) == 0 || length <= 0 || length == 4096)
        return of_sources;
    installed[length] = 0;
    strcpy(strrchr(installed, '/'), beside);
    return installed;
}

static grav_status start(const char *python, grav_error *err)
{
    int in[2], out[2];
    const char *script = find_script();
    char *const arguments[] = {(char *)(uintptr_t)python, (char *)(uintptr_t)script, NULL};
    posix_spawn_file_actions_t actions;
    if (make_pipe(in, 1) < 0 || make_pipe(out, 0) < 0)
        return grav_fail(err, GRAV_ERROR_DEVICE, "no pipe to Python: %s", strerror(errno));
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, in[0], STDIN_FILENO);
    posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    int code = posix_spawnp(&child.pid, python, &actions, NULL, arguments, environ);
    posix_spawn_file_actions_destroy(&actions);
    close(in[0]);
    close(out[1]);
    child.to = fdopen(in[1], "w");
    child.from = fdopen(out[0], "r");
    if (code)
        child.pid = 0;
    if (code || !child.to || !child.from)
        return grav_fail(err, GRAV_ERROR_DEVICE, "%s cannot be run: %s", python,
                         strerror(code ? code : ENOMEM));
    return GRAV_OK;
}

static grav_status play(bench_subject *subject, uint64_t count, bench_slice *slice, grav_error *err)
{
    unsigned best;
    if (fprintf(child.to, "%" PRIu64 " %" PRIu64 "\n", count, subject->seed + subject->played) <
            0 ||
        fflush(child.to) != 0 || fscanf(child.from, "%lf %u", &slice->seconds, &best) != 2)
        return grav_fail(err, GRAV_ERROR_DEVICE, "bench/yardstick.py has ended early");
    return GRAV_OK;
}

grav_status bench_scipy_add(bench_subjects *subjects, const char *python, uint64_t seed,
                            grav_error *err)
{
    char word[16] = "";
    python = python ? python : "python3";
    signal(SIGPIPE, SIG_IGN); /* a child that has ended is an error, not our end */
    grav_status status = start(python, err);
    if (status == GRAV_OK && (fscanf(child.from, "%15s", word) != 1 || strcmp(word, "ready") != 0))
        status = grav_fail(err, GRAV_ERROR_DEVICE,
                           "%s has no SciPy (--python names another one, such as /usr/bin/python3)",
                           python);
    if (status != GRAV_OK) {
        bench_scipy_end();
        return status;
    }
    bench_subject subject = bench_subject_make("speed", "yardstick scipy binom.rvs", play);
    subject.seed = seed >> 1; /* and what is added to it: below 2^63 */
    return bench_subjects_add(subjects, &subject) == BENCH_NONE ? grav_no_memory(err, "a yardstick")
                                                                : GRAV_OK;
}

void bench_scipy_end(void)
{
    if (child.to)
        fclose(child.to);
    if (child.from)
        fclose(child.from);
    if (child.pid > 0)
        waitpid(child.pid, NULL, 0);
    memset(&child, 0, sizeof child);
}
