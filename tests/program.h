// Running graveler itself, and reading what it prints.
#ifndef GRAV_TESTS_PROGRAM_H
#define GRAV_TESTS_PROGRAM_H

#include "process.h"

#include <gtest/gtest.h>
#include <jansson.h>
#include <set>
#include <string>
#include <vector>

namespace program {

// Whether sanitizers, which take memory of their own, are in the programs.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool kSanitized = true;
#elif defined(__has_feature)
constexpr bool kSanitized = __has_feature(address_sanitizer) || __has_feature(thread_sanitizer);
#else
constexpr bool kSanitized = false;
#endif

using process::Command;
using process::Describe;
using process::Outcome;
using process::Process;

using Words = std::vector<std::string>;

Words Joined(Words a, const Words &b);
Command Graveler(const Words &arguments);
Outcome RunProgram(const Words &arguments);

// The founding job under seed 42 on the CPU, cut to so many sessions.
Words Founding(const std::string &sessions, const Words &more = {});

constexpr const char *kEndless = "1e15"; // sessions that nobody waits for

std::string Read(const std::string &path);
void Write(const std::string &path, const std::string &text);
std::set<std::string> Listing(const std::string &folder);

size_t CountLines(const std::string &text);
bool Contains(const std::string &text, const std::string &part);

// What follows the label in its line of a report; "" without such a line.
std::string Line(const std::string &report, const std::string &label);

// A JSON value. Every access to what is not there, or is something else, fails the test (throws).
class Json {
  public:
    explicit Json(const std::string &text);
    Json(const Json &other);
    ~Json();
    Json &operator=(const Json &) = delete;

    Json operator[](const std::string &key) const;
    Json operator[](size_t index) const;
    size_t Size() const; // of a list
    uint64_t Integer() const;
    double Number() const;
    bool Boolean() const;
    std::string String() const;

    // All keys, those within objects as outer.inner; of a list those of its first object.
    std::set<std::string> Keys(const std::string &prefix = "") const;

  private:
    Json(json_t *value, const std::string &place);
    json_t *value_;
};

// Runs with --json. Fails the test where that is not all that is printed.
Json RunJson(const Words &arguments);
std::string DigestOf(const Json &json);

} // namespace program

#endif
