// Going on from a checkpoint whose files may hold anything. The input is a letter, whose bits say
// which of the two gets the right checksum and which is not there, then the bytes of FILE, a zero
// byte and those of FILE.prev.
#include "results.h"

#include <filesystem>
#include <fstream>
#include <iterator>

#include "../temporary_folder.h"
#include "result_read.h"
extern "C" {
#include "checkpoint.h"
}

namespace {

using fuzz::Expect;
using fuzz::Result;

enum : unsigned char { kSealFile = 1, kSealPrevious = 2, kNoFile = 4, kNoPrevious = 8 };

// One of the two, and what is to be expected of it.
struct Kept {
    bool there;
    std::string text;

    bool Whole() const
    {
        return there && grav_result_check_seal(text.data(), text.size(), nullptr) == GRAV_OK;
    }
};

void Put(const std::string &path, const Kept &kept)
{
    std::filesystem::remove(path);
    if (kept.there)
        std::ofstream(path, std::ios::binary) << kept.text;
}

std::string Get(const std::string &path)
{
    std::ifstream file(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(file), {});
}

// The answer is that of reading the one which counts: FILE if it was written whole, else the one
// before.
void ExpectAnswerOf(const Kept &counts, grav_status status, const Result &found)
{
    Result read;
    grav_error err;
    Expect(fuzz::ParseResult(counts.text, &read, &err) == status,
           "a whole checkpoint is what is read", err.message);
    Expect(!read || fuzz::DigestOf(read) == fuzz::DigestOf(found),
           "a whole checkpoint is gone on from");
}

// Writes the next checkpoint: what was gone on from is there still.
void ExpectNextToKeep(const std::string &path, const std::string &kept)
{
    grav_checkpoint *checkpoint = nullptr;
    grav_result *result = nullptr;
    grav_error err = {}, notice = {};
    Expect(grav_checkpoint_open(path.c_str(), 30, &checkpoint, &err) == GRAV_OK, "it can be opened",
           err.message);
    const bool good = grav_checkpoint_find(checkpoint, &result, &notice, &err) == GRAV_OK &&
                      grav_checkpoint_keep(checkpoint, result, &err) == GRAV_OK &&
                      grav_checkpoint_write(checkpoint, &err) == GRAV_OK;
    Expect(good, "the next can be written", err.message);
    grav_checkpoint_close(checkpoint);
    const Result found(result);
    Result next;
    Expect(fuzz::ParseResult(Get(path), &next, &err) == GRAV_OK, "the next can be read",
           err.message);
    Expect(fuzz::DigestOf(next) == fuzz::DigestOf(found), "the next is what was kept");
    Expect(Get(path + ".prev") == kept, "what was gone on from is kept as the one before");
}

void Test(const std::string &path, const Kept &file, const Kept &previous)
{
    grav_result *result = nullptr;
    grav_error err = {}, notice = {};
    Put(path, file);
    Put(path + ".prev", previous);
    const grav_status status = grav_checkpoint_load(path.c_str(), &result, &notice, &err);
    const Result found(result);
    if (status != GRAV_OK)
        fuzz::ExpectRefused(status, err);
    Expect(Get(path) == file.text && Get(path + ".prev") == previous.text,
           "reading changes nothing");
    if (!file.there && !previous.there)
        return Expect(status == GRAV_OK && !found, "no checkpoint is none");
    if (!file.Whole() && !previous.Whole())
        return Expect(status == GRAV_ERROR_MISMATCH && !found, "two damaged ones are an error");
    const Kept &counts = file.Whole() ? file : previous;
    ExpectAnswerOf(counts, status, found);
    Expect(file.Whole() ? !notice.message[0] : notice.message[0] != 0,
           "only the one before is told of", notice.message);
    if (found) {
        fuzz::ExpectSound(found);
        ExpectNextToKeep(path, counts.text);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const TemporaryFolder folder;
    if (size == 0)
        return 0;
    const std::string texts = fuzz::TextOf(data + 1, size - 1);
    const size_t end = texts.find('\0');
    Kept file = {!(data[0] & kNoFile), texts.substr(0, end)},
         previous = {!(data[0] & kNoPrevious), ""};
    if (end != std::string::npos)
        previous.text = texts.substr(end + 1);
    if (data[0] & kSealFile)
        file.text = fuzz::Sealed(file.text);
    if (data[0] & kSealPrevious)
        previous.text = fuzz::Sealed(previous.text);
    if (!file.there)
        file.text.clear();
    if (!previous.there)
        previous.text.clear();
    Test(folder / "run.checkpoint", file, previous);
    return 0;
}
