#include "program.h"

#include "places.h"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <stdexcept>

namespace program {

Words Joined(Words a, const Words &b)
{
    a.insert(a.end(), b.begin(), b.end());
    return a;
}

Command Graveler(const Words &arguments)
{
    return Command{Joined({places::Program()}, arguments)};
}

Outcome RunProgram(const Words &arguments)
{
    return process::Run(Graveler(arguments));
}

Words Founding(const std::string &sessions, const Words &more)
{
    return Joined({"run", "--backend", "cpu", "--seed", "42", "--sessions", sessions}, more);
}

std::string Read(const std::string &path)
{
    std::ifstream in(path);
    EXPECT_TRUE(in) << path;
    return {std::istreambuf_iterator<char>(in), {}};
}

void Write(const std::string &path, const std::string &text)
{
    EXPECT_TRUE(std::ofstream(path) << text << std::flush) << path;
}

std::set<std::string> Listing(const std::string &folder)
{
    std::set<std::string> names;
    for (const auto &entry : std::filesystem::directory_iterator(folder))
        names.insert(entry.path().filename());
    return names;
}

size_t CountLines(const std::string &text)
{
    return static_cast<size_t>(std::count(text.begin(), text.end(), '\n'));
}

bool Contains(const std::string &text, const std::string &part)
{
    return text.find(part) != std::string::npos;
}

std::string Line(const std::string &report, const std::string &label)
{
    std::smatch found;
    std::regex line("(?:^|\n)" + label + " +([^\n]*)");
    return std::regex_search(report, found, line) ? found[1].str() : "";
}

// ---- JSON ---------------------------------------------------------------------------------------

Json::Json(const std::string &text)
{
    json_error_t error;
    value_ = json_loadb(text.data(), text.size(), JSON_REJECT_DUPLICATES, &error);
    if (!value_)
        throw std::runtime_error("no JSON: " + std::string(error.text) + "\n" + text);
}

Json::Json(json_t *value, const std::string &place) : value_(json_incref(value))
{
    if (!value)
        throw std::runtime_error("JSON without " + place);
}

Json::Json(const Json &other) : value_(json_incref(other.value_))
{
}

Json::~Json()
{
    json_decref(value_);
}

Json Json::operator[](const std::string &key) const
{
    return Json(json_object_get(value_, key.c_str()), key);
}

Json Json::operator[](size_t index) const
{
    return Json(json_array_get(value_, index), std::to_string(index));
}

size_t Json::Size() const
{
    if (!json_is_array(value_))
        throw std::runtime_error("JSON: not a list");
    return json_array_size(value_);
}

uint64_t Json::Integer() const
{
    if (!json_is_integer(value_) || json_integer_value(value_) < 0)
        throw std::runtime_error("JSON: not an integer from 0 on");
    return static_cast<uint64_t>(json_integer_value(value_));
}

double Json::Number() const
{
    if (!json_is_number(value_))
        throw std::runtime_error("JSON: not a number");
    return json_number_value(value_);
}

bool Json::Boolean() const
{
    if (!json_is_boolean(value_))
        throw std::runtime_error("JSON: not true or false");
    return json_boolean_value(value_);
}

std::string Json::String() const
{
    if (!json_is_string(value_))
        throw std::runtime_error("JSON: not a text");
    return json_string_value(value_);
}

std::set<std::string> Json::Keys(const std::string &prefix) const
{
    std::set<std::string> keys;
    const char *name;
    json_t *inner;
    if (json_is_array(value_) && Size() > 0)
        return (*this)[size_t{0}].Keys(prefix);
    json_object_foreach(value_, name, inner)
    {
        keys.insert(prefix + name);
        keys.merge((*this)[name].Keys(prefix + name + "."));
    }
    return keys;
}

Json RunJson(const Words &arguments)
{
    Outcome outcome = RunProgram(Joined(arguments, {"--json"}));
    EXPECT_EQ(outcome.code, 0) << Describe(outcome);
    EXPECT_EQ(outcome.err, "");
    return Json(outcome.out);
}

std::string DigestOf(const Json &json)
{
    return json["result"]["digest"].String();
}

} // namespace program
