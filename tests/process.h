// Running programs as a user would: with pipes, a terminal, signals, and a limit of time.
#ifndef GRAV_TESTS_PROCESS_H
#define GRAV_TESTS_PROCESS_H

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <sys/types.h>
#include <vector>

namespace process {

// What to run and how. The locale is C unless the environment says otherwise.
struct Command {
    std::vector<std::string> arguments;                  // the first is the program's path
    std::map<std::string, std::string> environment = {}; // over the test's own
    std::string folder = {};                             // to run in; the test's own if empty
    std::string input = {};                              // what stdin holds
    // File descriptors to give instead of a pipe; kClosed for none at all.
    std::optional<int> in = {}, out = {}, err = {};
    unsigned columns = 0; // above 0: all three are a terminal that wide, and all output is `out`
    double limit_s = 60;  // then it is killed
};
constexpr int kClosed = -1;

struct Outcome {
    int code = -1;  // exit code; -1 if a signal ended it
    int signal = 0; // that signal
    bool timed_out = false;
    std::string out, err;
    double seconds = 0;
    long peak_kib = 0; // the most memory it was seen to hold
};

// For messages: how it ended and what it printed.
std::string Describe(const Outcome &outcome);

// A program that runs in the background; killed with all its children if it is still there at the
// end of this object's life. Every failure to run it throws.
class Process {
  public:
    explicit Process(const Command &command);
    ~Process();
    Process(const Process &) = delete;
    Process &operator=(const Process &) = delete;

    void Send(int signal);

    // Types into the terminal.
    void Type(const std::string &text);

    // Waits until what it printed so far fulfils the condition. False: it ended before.
    bool WaitUntil(const std::function<bool(const Outcome &so_far)> &condition);

    // Whether it has a handler for the signal right now. False once it has ended.
    bool Catches(int signal) const;

    // Waits for its end. To be called once.
    Outcome Wait();

  private:
    void Step(); // moves what can be moved between it and us, or waits a moment
    void Feed();
    bool Drain(int *file, std::string *to);
    void Note();
    void Close(int *file);

    Command command_;
    Outcome outcome_;
    double start_s_;
    pid_t pid_ = -1;
    bool ended_ = false;
    int in_ = -1, out_ = -1, err_ = -1; // our ends; -1: closed
    size_t fed_ = 0;
};

Outcome Run(const Command &command);

} // namespace process

#endif
