// Jobs of a batch, as JSON Lines or as CSV: each is one that can be played, or an error whose
// answer can be read again. Nothing is played. The first byte says which of the two the rest is.
#include "fuzz.h"

#include <cstring>
#include <jansson.h>
#include <sys/mman.h>
#include <unistd.h>

extern "C" {
#include "cli/answer.h"
#include "cli/batch_jobs.h"
}

namespace {

using fuzz::Expect;

// A file that is nowhere, by a name that opens it.
class File {
  public:
    explicit File(const std::string &text) : file_(memfd_create("jobs", MFD_CLOEXEC))
    {
        Expect(file_ >= 0 &&
                   write(file_, text.data(), text.size()) == static_cast<ssize_t>(text.size()),
               "there is a file");
        name_ = "/proc/self/fd/" + std::to_string(file_);
    }
    ~File()
    {
        close(file_);
    }
    char *Name()
    {
        return name_.data();
    }

  private:
    int file_;
    std::string name_;
};

// An answer in JSON tells what the job was told, and its key again.
void CheckJson(const std::string &line, const cli_job &job)
{
    char key[JOB_KEY_SIZE] = "";
    bool ok = true;
    Expect(line.back() == '\n' && line.find('\n') == line.size() - 1, "an answer is a line", line);
    const std::string text = line.substr(0, line.size() - 1);
    Expect(cli_answer_of_line(text.c_str(), text.size(), key, &ok), "an answer is one", line);
    Expect(!ok && strcmp(key, job.key) == 0, "an answer has its job's key", line);
    json_t *json = json_loads(text.c_str(), JSON_DECODE_INT_AS_REAL, nullptr);
    Expect(json_is_object(json), "an answer is JSON", line);
    Expect(strcmp(json_string_value(json_object_get(json, "key")), key) == 0,
           "its beginning says what all of it says", line);
    json_decref(json);
}

void CheckCsv(const std::string &text, const cli_job &job)
{
    char key[JOB_KEY_SIZE] = "";
    bool ok = true;
    cli_csv *rows = cli_csv_create(SIZE_MAX);
    cli_row row = CSV_NOT_YET;
    size_t end, at = 0;
    for (; (end = text.find('\n', at)) != std::string::npos; at = end + 1) {
        Expect(row == CSV_NOT_YET, "an answer is one row", text);
        row = cli_csv_line(rows, text.data() + at, end - at);
    }
    Expect(at == text.size() && row == CSV_ROW, "an answer is a whole row", text);
    Expect(cli_csv_count(rows) == 19, "an answer has all fields", text);
    Expect(cli_answer_of_row(rows, key, &ok) && !ok && strcmp(key, job.key) == 0,
           "an answer has its job's key", text);
    cli_csv_free(rows);
}

void CheckError(const cli_job &job)
{
    Expect(job.error.message[0] != 0, "an error says something", job.code);
    for (bool csv : {false, true}) {
        const cli_asker asker = {job.id, job.key, job.file, job.line, csv};
        char *text = cli_answer_error(&asker, job.code, job.error.message);
        Expect(text != nullptr, "an error has an answer", job.error.message);
        csv ? CheckCsv(text, job) : CheckJson(text, job);
        free(text);
    }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    File file(fuzz::TextOf(data + 1, size - 1));
    char *files[] = {file.Name()};
    cli_jobs jobs = {};
    jobs.files = files;
    jobs.count = 1;
    jobs.csv = data[0] % 2;
    grav_error err = {};
    cli_job job;
    uint64_t line = 0;
    cli_jobs_state state;
    while ((state = cli_jobs_next(&jobs, &job, &err)) == JOBS_ONE) {
        Expect(strspn(job.key, "0123456789abcdef") == JOB_KEY_SIZE - 1, "a key is 32 digits");
        Expect(job.line > line || jobs.csv, "jobs come in the order of their lines");
        line = job.line;
        if (job.code)
            CheckError(job);
        else
            Expect(job.experiment && grav_run_check(job.experiment, &job.run, &err) == GRAV_OK,
                   "a job without an error can be played", err.message);
        cli_job_free(&job);
    }
    Expect(state == JOBS_END, "all lines are read", err.message);
    cli_jobs_free(&jobs);
    return 0;
}
