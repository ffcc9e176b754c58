#include "results.h"

#include <cstring>

#include "result_read.h"
extern "C" {
#include "digest.h"
#include "seal.h"
}

namespace fuzz {

namespace {

__extension__ typedef unsigned __int128 uint128;

std::string Json(const Result &result)
{
    char *text = nullptr;
    grav_error err = {};
    Expect(grav_result_json(result.get(), nullptr, &text, &err) == GRAV_OK,
           "what was read can be written", err.message);
    std::string copy = text;
    free(text);
    return copy;
}

Result Keep(grav_status status, grav_result *result, const grav_error &err)
{
    if (status != GRAV_OK) {
        ExpectRefused(status, err);
        Expect(!result, "a refusal leaves the output as it was");
    }
    return Result(result);
}

Result Read(const std::string &text, grav_error *err)
{
    grav_result *result = nullptr;
    *err = {};
    const grav_status status = grav_result_read_unsealed(text.data(), text.size(), &result, err);
    return Keep(status, result, *err);
}

// Puts the digest that the message says is right into the text. False: the message is of something
// else.
bool MendDigest(const char *message, std::string *text)
{
    const std::string key = "\"digest\": \"";
    const char *is = strstr(message, ", that of what it holds is ");
    const size_t at = text->find(key);
    if (strncmp(message, "its digest is ", strlen("its digest is ")) != 0 || !is ||
        at == std::string::npos)
        return false;
    const size_t first = at + key.size(), end = text->find('"', first);
    text->replace(first, end - first, is + strlen(", that of what it holds is "));
    return true;
}

// The tally's own check, in numbers that do not wrap.
void ExpectTallied(const grav_result *result)
{
    const grav_tally &tally = result->tally;
    grav_error err = {};
    const uint64_t sessions = grav_ranges_length(&result->ranges);
    Expect(grav_tally_check(&tally, sessions, &err) == GRAV_OK, "the tally is one", err.message);
    Expect(sessions <= GRAV_SESSIONS_END, "there are at most GRAV_SESSIONS_END sessions");
    uint128 sum = 0;
    for (size_t i = 0; i < tally.length; i++)
        sum += tally.part.counts[i];
    Expect(!tally.length || sum == sessions, "the histogram holds the sessions");
}

void ExpectSummarised(const grav_result *result)
{
    grav_summary summary;
    grav_result_summary(result, &summary);
    if (!summary.sessions)
        return;
    const grav_experiment *experiment = grav_result_experiment(result);
    Expect(summary.max_score >= grav_experiment_score_min(experiment) &&
               summary.max_score <= grav_experiment_score_max(experiment),
           "the highest score can be scored");
    if (!summary.has_histogram)
        return;
    const double low = static_cast<double>(summary.min_score),
                 high = static_cast<double>(summary.max_score);
    Expect(summary.mean >= low && summary.mean <= high && summary.sd >= 0 &&
               summary.sd <= high - low,
           "mean and deviation lie within the scores");
    Expect(summary.hits <= summary.sessions, "hits are sessions");
}

// As runs go on from a checkpoint.
void ExpectCopied(const Result &result)
{
    grav_result *made = nullptr;
    Expect(grav_result_create_like(result.get(), &made, nullptr) == GRAV_OK,
           "there is an empty one of the kind");
    const Result copy(made);
    Expect(grav_result_assign(made, result.get(), nullptr) == GRAV_OK, "a result can be copied");
    Expect(DigestOf(copy) == DigestOf(result), "a copy is the same");
    Json(copy);
}

} // namespace

std::string Sealed(const std::string &text)
{
    const size_t at = text.rfind(GRAV_SEAL_START);
    if (at == std::string::npos)
        return text;
    char checksum[GRAV_DIGEST_SIZE];
    grav_checksum(text.data(), at, checksum);
    return text.substr(0, at) + GRAV_SEAL_START + checksum + GRAV_SEAL_END;
}

grav_status ParseResult(const std::string &text, Result *out, grav_error *err)
{
    grav_result *result = nullptr;
    *err = {};
    const grav_status status = grav_result_parse(text.data(), text.size(), &result, err);
    *out = Keep(status, result, *err);
    return status;
}

Result ReadMended(std::string text)
{
    grav_error err;
    Result result = Read(text, &err);
    if (!result && MendDigest(err.message, &text))
        result = Read(text, &err);
    return result;
}

std::string DigestOf(const Result &result)
{
    char digest[GRAV_DIGEST_SIZE];
    grav_result_digest(result.get(), digest);
    return digest;
}

void ExpectSound(const Result &result)
{
    ExpectTallied(result.get());
    ExpectSummarised(result.get());

    const std::string text = Json(result);
    Result again;
    grav_error err;
    Expect(ParseResult(text, &again, &err) == GRAV_OK, "what was written can be read", err.message);
    Expect(DigestOf(again) == DigestOf(result), "what was written is what is read", text);
    Expect(Json(again) == text, "what was read is written as it was", text);

    grav_run_spec spec;
    grav_result_spec(result.get(), &spec);
    Expect(grav_run_check(grav_result_experiment(result.get()), &spec, &err) == GRAV_OK,
           "what was read could be asked for", err.message);
    ExpectCopied(result);

    grav_result *merged = nullptr;
    const grav_status status = grav_result_merge(result.get(), result.get(), &merged, nullptr);
    const Result owner(merged);
    Expect(status == (result->tally.sessions ? GRAV_ERROR_INVALID : GRAV_OK),
           "sessions are not counted twice");
}

} // namespace fuzz
