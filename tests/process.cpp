#include "process.h"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <fstream>
#include <poll.h>
#include <spawn.h>
#include <sstream>
#include <stdexcept>
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <thread>
#include <unistd.h>

extern char **environ;

namespace process {

namespace {

constexpr int kStepMs = 10;

double Now()
{
    return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

int Check(int result, const char *what)
{
    if (result < 0)
        throw std::runtime_error(std::string(what) + ": " + std::strerror(errno));
    return result;
}

// posix_spawn() and its helpers return the error instead.
void CheckCode(int code, const std::string &what)
{
    if (code != 0)
        throw std::runtime_error(what + ": " + std::strerror(code));
}

void MakePipe(int *read_end, int *write_end)
{
    int ends[2];
    Check(pipe2(ends, O_CLOEXEC), "pipe");
    *read_end = ends[0];
    *write_end = ends[1];
}

void Unblock(int file)
{
    Check(fcntl(file, F_SETFL, Check(fcntl(file, F_GETFL), "flags") | O_NONBLOCK), "flags");
}

// The master's end; *name becomes what the program opens.
int MakeTerminal(unsigned columns, std::string *name)
{
    int master = Check(posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC), "a terminal");
    Check(grantpt(master), "a terminal");
    Check(unlockpt(master), "a terminal");
    *name = ptsname(master);
    winsize size = {};
    size.ws_row = 24;
    size.ws_col = static_cast<unsigned short>(columns);
    Check(ioctl(master, TIOCSWINSZ, &size), "a terminal's size");
    return master;
}

std::vector<std::string> Environment(const std::map<std::string, std::string> &changes)
{
    std::map<std::string, std::string> all = {};
    for (char **entry = environ; *entry; entry++) {
        std::string text = *entry;
        size_t end = text.find('=');
        if (end != std::string::npos)
            all[text.substr(0, end)] = text.substr(end + 1);
    }
    all["LC_ALL"] = "C";
    for (const auto &[name, value] : changes)
        all[name] = value;
    std::vector<std::string> out;
    for (const auto &[name, value] : all)
        out.push_back(name + "=" + value);
    return out;
}

std::vector<char *> Pointers(std::vector<std::string> *texts)
{
    std::vector<char *> out;
    for (std::string &text : *texts)
        out.push_back(text.data());
    out.push_back(nullptr);
    return out;
}

// What happens in the program's process before the program starts.
class Spawn {
  public:
    Spawn()
    {
        posix_spawn_file_actions_init(&actions_);
        posix_spawnattr_init(&attributes_);
    }
    ~Spawn()
    {
        for (int file : files_)
            close(file);
        posix_spawnattr_destroy(&attributes_);
        posix_spawn_file_actions_destroy(&actions_);
    }

    // The program's end of a pipe: given to it, then closed here.
    void Keep(int file)
    {
        files_.push_back(file);
    }

    void Give(int file, int as)
    {
        if (file == kClosed)
            CheckCode(posix_spawn_file_actions_addclose(&actions_, as), "close");
        else
            CheckCode(posix_spawn_file_actions_adddup2(&actions_, file, as), "dup2");
    }

    // The first terminal that a new session opens is the one that Ctrl-C comes from.
    void GiveTerminal(const std::string &name)
    {
        CheckCode(posix_spawn_file_actions_addopen(&actions_, 0, name.c_str(), O_RDWR, 0), "open");
        Give(0, 1);
        Give(0, 2);
    }

    pid_t Start(const Command &command)
    {
        if (!command.folder.empty())
            CheckCode(posix_spawn_file_actions_addchdir_np(&actions_, command.folder.c_str()),
                      "chdir");
        // Its own group, so that it can be killed with its children; all signals as they come.
        sigset_t none, all;
        sigemptyset(&none);
        sigfillset(&all);
        posix_spawnattr_setsigmask(&attributes_, &none);
        posix_spawnattr_setsigdefault(&attributes_, &all);
        CheckCode(posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID |
                                                             POSIX_SPAWN_SETSIGMASK |
                                                             POSIX_SPAWN_SETSIGDEF),
                  "spawn flags");
        pid_t pid;
        std::vector<std::string> arguments = command.arguments;
        std::vector<std::string> environment = Environment(command.environment);
        CheckCode(posix_spawn(&pid, command.arguments.at(0).c_str(), &actions_, &attributes_,
                              Pointers(&arguments).data(), Pointers(&environment).data()),
                  command.arguments[0]);
        return pid;
    }

  private:
    posix_spawn_file_actions_t actions_;
    posix_spawnattr_t attributes_;
    std::vector<int> files_;
};

// The value of a line such as "VmHWM:      1234 kB".
std::string ProcLine(pid_t pid, const std::string &name)
{
    std::ifstream file("/proc/" + std::to_string(pid) + "/status");
    for (std::string line; std::getline(file, line);)
        if (line.compare(0, name.size() + 1, name + ":") == 0)
            return line.substr(name.size() + 1);
    return "";
}

} // namespace

std::string Describe(const Outcome &outcome)
{
    std::ostringstream text;
    if (outcome.timed_out)
        text << "killed after " << outcome.seconds << " s";
    else if (outcome.signal)
        text << "ended by signal " << outcome.signal;
    else
        text << "exit code " << outcome.code;
    text << "\n--- stdout:\n" << outcome.out << "--- stderr:\n" << outcome.err << "---\n";
    return text.str();
}

Process::Process(const Command &command) : command_(command), start_s_(Now())
{
    Spawn spawn;
    if (command.columns) {
        std::string name;
        out_ = MakeTerminal(command.columns, &name);
        spawn.GiveTerminal(name);
        Unblock(out_);
    } else {
        int in = command.in.value_or(0), out = command.out.value_or(0),
            err = command.err.value_or(0);
        if (!command.in) {
            MakePipe(&in, &in_);
            spawn.Keep(in);
            Unblock(in_);
        }
        if (!command.out) {
            MakePipe(&out_, &out);
            spawn.Keep(out);
            Unblock(out_);
        }
        if (!command.err) {
            MakePipe(&err_, &err);
            spawn.Keep(err);
            Unblock(err_);
        }
        spawn.Give(in, 0);
        spawn.Give(out, 1);
        spawn.Give(err, 2);
    }
    pid_ = spawn.Start(command);
}

Process::~Process()
{
    if (!ended_) {
        kill(-pid_, SIGKILL);
        waitpid(pid_, nullptr, 0);
    }
    Close(&in_);
    Close(&out_);
    Close(&err_);
}

void Process::Close(int *file)
{
    if (*file >= 0)
        close(*file);
    *file = -1;
}

void Process::Send(int signal)
{
    if (!ended_)
        Check(kill(pid_, signal), "kill");
}

void Process::Type(const std::string &text)
{
    Check(static_cast<int>(write(out_, text.data(), text.size())), "typing");
}

bool Process::Catches(int signal) const
{
    std::string mask = ended_ ? "" : ProcLine(pid_, "SigCgt");
    return !mask.empty() && (std::stoull(mask, nullptr, 16) >> (signal - 1) & 1);
}

// SIGPIPE must not end the tests when the program does not read its stdin.
void Process::Feed()
{
    sigset_t pipe_signal, before;
    sigemptyset(&pipe_signal);
    sigaddset(&pipe_signal, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &pipe_signal, &before);
    ssize_t written = write(in_, command_.input.data() + fed_, command_.input.size() - fed_);
    if (written < 0 && errno == EPIPE) {
        timespec now = {};
        sigtimedwait(&pipe_signal, nullptr, &now);
    }
    bool again = written < 0 && (errno == EAGAIN || errno == EINTR);
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
    if (written > 0)
        fed_ += static_cast<size_t>(written);
    if ((written < 0 && !again) || fed_ == command_.input.size())
        Close(&in_);
}

// Whether anything came. A terminal whose program has ended says EIO.
bool Process::Drain(int *file, std::string *to)
{
    char buffer[1 << 16];
    ssize_t length = *file >= 0 ? read(*file, buffer, sizeof buffer) : -1;
    if (length > 0)
        to->append(buffer, static_cast<size_t>(length));
    else if (*file >= 0 && (length == 0 || (errno != EAGAIN && errno != EINTR)))
        Close(file);
    return length > 0;
}

void Process::Note()
{
    // Not wait4()'s maximum: that begins with what this process held when it forked.
    std::string peak = ProcLine(pid_, "VmHWM");
    if (!peak.empty())
        outcome_.peak_kib = std::max(outcome_.peak_kib, std::stol(peak));
    int status;
    if (Check(waitpid(pid_, &status, WNOHANG), "waitpid") != pid_)
        return;
    ended_ = true;
    outcome_.seconds = Now() - start_s_;
    outcome_.code = WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    outcome_.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

void Process::Step()
{
    pollfd files[] = {{in_, POLLOUT, 0}, {out_, POLLIN, 0}, {err_, POLLIN, 0}};
    poll(files, 3, out_ < 0 && err_ < 0 ? 1 : kStepMs);
    if (in_ >= 0 && files[0].revents)
        Feed();
    Drain(&out_, &outcome_.out);
    Drain(&err_, &outcome_.err);
    Note();
    if (ended_) { // what is still in the pipes; nobody writes any more
        while (Drain(&out_, &outcome_.out) || Drain(&err_, &outcome_.err)) {
        }
    } else if (Now() - start_s_ > command_.limit_s && !outcome_.timed_out) {
        outcome_.timed_out = true;
        kill(-pid_, SIGKILL);
    }
}

bool Process::WaitUntil(const std::function<bool(const Outcome &so_far)> &condition)
{
    while (!ended_ && !condition(outcome_))
        Step();
    return condition(outcome_);
}

Outcome Process::Wait()
{
    while (!ended_)
        Step();
    return outcome_;
}

Outcome Run(const Command &command)
{
    return Process(command).Wait();
}

} // namespace process
