// Command lines: what is parsed of them is within the limits that --help promises. The input is the
// words, the command first, with newlines or zero bytes between them. Nothing is run, and no file
// is touched.
#include "fuzz.h"

#include <cstring>
#include <vector>

extern "C" {
#include "cli/commands.h"
#include "cli/play.h"
}

namespace {

using fuzz::Expect;
using fuzz::Experiment;

const cli_command *const kCommands[] = {
    &cli_run_command,    &cli_replay_command,  &cli_odds_command,    &cli_rare_command,
    &cli_batch_command,  &cli_split_command,   &cli_merge_command,   &cli_verify_command,
    &cli_plot_command,   &cli_presets_command, &cli_devices_command, &cli_selftest_command,
    &cli_stream_command,
};

// Ends the words in place.
std::vector<char *> Words(std::string *text)
{
    std::vector<char *> words = {text->data()};
    for (char &c : *text) {
        if (c != '\n' && c != '\0')
            continue;
        c = 0;
        words.push_back(&c + 1);
    }
    words.push_back(nullptr);
    return words;
}

const cli_command *Find(const char *name)
{
    for (const cli_command *command : kCommands)
        if (strcmp(command->name, name) == 0)
            return command;
    return nullptr;
}

template <class T> const T &Value(const cli_settings &settings, const cli_option &row)
{
    return *reinterpret_cast<const T *>(reinterpret_cast<const char *>(&settings) + row.offset);
}

void ExpectWithinLimits(const cli_settings &settings, const cli_option &row)
{
    if (!Value<cli_flag>(settings, row).given)
        return;
    const uint64_t count = row.kind == CLI_COUNT || row.kind == CLI_COUNT_OR_ALL
                               ? Value<cli_count>(settings, row).value
                               : row.min;
    Expect((count >= row.min && count <= row.max) || row.kind == CLI_LIST ||
               row.kind == CLI_DURATION || (row.kind == CLI_COUNT_OR_ALL && count == 0),
           "a number is within its limits", row.name);
    if (row.kind == CLI_CHOICE)
        Expect(row.name_of(Value<cli_choice>(settings, row).value) != nullptr,
               "a choice has a name", row.name);
    if (row.kind == CLI_TEXT || row.kind == CLI_FILE)
        Expect(Value<cli_text>(settings, row).value != nullptr, "a text is one", row.name);
    if (row.kind == CLI_DURATION)
        Expect(Value<cli_duration>(settings, row).seconds >= 1e-3 * static_cast<double>(row.min),
               "a time is within its limits", row.name);
    if (row.kind != CLI_LIST)
        return;
    const cli_list &list = Value<cli_list>(settings, row);
    Expect(list.count >= 1 && list.count <= CLI_LIST_MAX, "a list is within its limits", row.name);
    for (size_t i = 0; i < list.count; i++)
        Expect(list.values[i] >= 0 && static_cast<uint64_t>(list.values[i]) < row.max,
               "a list's numbers are within their limits", row.name);
}

// What commands ask of the settings before they play.
void Check(cli_settings *settings)
{
    grav_experiment *made = nullptr;
    grav_run_spec spec;
    grav_error err = {};
    settings->checkpoint = {}; // would be read for its seed
    grav_status status = cli_experiment(settings, &made, &err);
    const Experiment experiment(made);
    if (status == GRAV_OK)
        status = cli_run_spec(settings, &spec, &err);
    if (status == GRAV_OK)
        status = grav_run_check(made, &spec, &err);
    if (status != GRAV_OK)
        return fuzz::ExpectRefused(status, err);
    Expect(spec.sessions >= 1 &&
               spec.first + spec.sessions <= grav_engine_sessions_end(spec.engine),
           "the sessions are there");
}

} // namespace

extern "C" int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    // What the program says is not of interest; libFuzzer and the sanitizers have their own ways to
    // stderr.
    stdout = fopen("/dev/null", "w");
    stderr = stdout;
    return 0;
}

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    std::string text = fuzz::TextOf(data, size);
    std::vector<char *> words = Words(&text);
    const cli_command *command = Find(words[0]);
    if (!command)
        return 0;
    cli_settings settings;
    int exit_code = -1;
    if (cli_parse(command, static_cast<int>(words.size()) - 1, words.data(), &settings,
                  &exit_code)) {
        Expect(settings.operand_count < words.size(), "operands are words");
        for (const cli_option *const *table = command->tables; *table; table++)
            for (const cli_option *row = *table; row->name || row->argument; row++)
                if (row->name)
                    ExpectWithinLimits(settings, *row);
        Check(&settings);
    } else {
        Expect(exit_code == CLI_DONE || exit_code == CLI_WRONG, "a wrong line is told as such");
    }
    cli_free(&settings);
    return 0;
}
