// Chances, dice, numbers and times as text. The input is a line such as "d 10", which says what to
// read and how many rolls a session has, and the text to read: d a die, c a chance, s a chance for
// statistic streak, n a number, t a time.
#include "fuzz.h"

#include <cinttypes>
#include <gmp.h>

namespace {

using fuzz::Expect;
using fuzz::Experiment;

Experiment Make(const grav_experiment_spec &spec)
{
    grav_experiment *experiment = nullptr;
    grav_error err = {};
    const grav_status status = grav_experiment_create(&spec, &experiment, &err);
    if (status != GRAV_OK) {
        fuzz::ExpectRefused(status, err);
        Expect(!experiment, "a refusal leaves the output as it was");
    }
    return Experiment(experiment);
}

void ExpectChancesToSumToOne(const grav_experiment *experiment)
{
    uint32_t value;
    const char *text;
    mpq_t sum, chance;
    mpq_inits(sum, chance, nullptr);
    size_t faces = 0;
    for (; grav_experiment_face(experiment, faces, &value, &text); faces++) {
        Expect(mpq_set_str(chance, text, 10) == 0, "a chance is a ratio", text);
        Expect(mpq_sgn(chance) >= 0, "a chance is at least 0", text);
        mpq_add(sum, sum, chance);
    }
    Expect(faces >= 2 && faces <= GRAV_FACES_MAX, "a die has 2 to GRAV_FACES_MAX faces");
    Expect(mpq_cmp_ui(sum, 1, 1) == 0, "chances sum to 1", grav_experiment_die(experiment));
    mpq_clears(sum, chance, nullptr);
}

// What the experiment calls its die is that die again, and so is its chance, and its faces as files
// have them.
void ExpectTextsToComeBack(const grav_experiment *experiment, grav_experiment_spec spec)
{
    const char *die = grav_experiment_die(experiment);
    spec.die = die;
    const Experiment again = Make(spec);
    Expect(again && grav_experiment_equal(again.get(), experiment), "the die's text is the die",
           die);
    Expect(die == std::string(grav_experiment_die(again.get())), "the die's text is its only one",
           die);

    spec.die = nullptr;
    spec.chance = grav_experiment_chance(experiment);
    if (spec.chance) {
        const Experiment same = Make(spec);
        Expect(same && grav_experiment_equal(same.get(), experiment),
               "the chance's text is the die", die);
    }

    uint32_t value;
    const char *chance;
    std::string faces;
    for (size_t i = 0; grav_experiment_face(experiment, i, &value, &chance); i++)
        faces += (i ? "," : "") + std::to_string(value) + "x" + chance;
    spec.die = faces.c_str();
    const Experiment same = Make(spec);
    Expect(same && grav_experiment_equal(same.get(), experiment), "the faces are the die", faces);
}

void TestDie(char kind, uint32_t rolls, const char *text)
{
    grav_experiment_spec spec;
    grav_experiment_spec_init(&spec);
    spec.rolls = rolls;
    spec.chance = text;
    spec.die = kind == 'd' ? text : nullptr;
    spec.statistic = kind == 's' ? GRAV_STATISTIC_STREAK : GRAV_STATISTIC_SUM;
    const Experiment experiment = Make(spec);
    if (!experiment)
        return;
    const uint64_t low = grav_experiment_score_min(experiment.get());
    const uint64_t high = grav_experiment_score_max(experiment.get());
    Expect(low <= high && high <= GRAV_SCORE_MAX, "scores are in order and within the limit");
    ExpectChancesToSumToOne(experiment.get());
    ExpectTextsToComeBack(experiment.get(), spec);
}

void TestCount(const char *text, uint64_t min, uint64_t max)
{
    uint64_t value = 0;
    grav_error err = {};
    const grav_status status = grav_parse_count(text, min, max, &value, &err);
    if (status != GRAV_OK)
        return fuzz::ExpectRefused(status, err);
    Expect(value >= min && value <= max, "a count is within its limits", text);
    uint64_t again = 0;
    Expect(grav_parse_count(std::to_string(value).c_str(), value, value, &again, nullptr) ==
                   GRAV_OK &&
               again == value,
           "a count in digits is that count", text);
}

void TestDuration(const char *text, double min)
{
    double seconds = -1;
    grav_error err = {};
    const grav_status status = grav_parse_duration(text, min, &seconds, &err);
    if (status != GRAV_OK)
        return fuzz::ExpectRefused(status, err);
    Expect(seconds >= min && seconds <= 1000 * 365.25 * 86400, "a time is within its limits", text);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const std::string input = fuzz::TextOf(data, size);
    const size_t line = input.find('\n');
    if (line == std::string::npos || line < 2)
        return 0;
    const std::string text = input.substr(line + 1);
    uint64_t number = 10;
    (void)grav_parse_count(input.substr(2, line - 2).c_str(), 0, UINT64_MAX, &number, nullptr);
    switch (input[0]) {
    case 'n':
        TestCount(text.c_str(), number, UINT64_MAX);
        TestCount(text.c_str(), 0, number);
        break;
    case 't':
        TestDuration(text.c_str(), 0);
        TestDuration(text.c_str(), static_cast<double>(number) * 1e-3);
        break;
    default:
        TestDie(input[0], static_cast<uint32_t>(number), text.c_str());
    }
    return 0;
}
