// A folder for one test, gone with all that is in it at the end.
#ifndef GRAV_TESTS_TEMPORARY_FOLDER_H
#define GRAV_TESTS_TEMPORARY_FOLDER_H

#include <filesystem>
#include <stdexcept>
#include <stdlib.h>
#include <string>

class TemporaryFolder {
  public:
    TemporaryFolder()
    {
        path_ = std::filesystem::temp_directory_path() / "graveler-test-XXXXXX";
        if (!mkdtemp(path_.data()))
            throw std::runtime_error("no temporary folder: " + path_);
    }
    ~TemporaryFolder()
    {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder &) = delete;
    TemporaryFolder &operator=(const TemporaryFolder &) = delete;

    const std::string &Path() const
    {
        return path_;
    }
    std::string operator/(const std::string &name) const
    {
        return path_ + "/" + name;
    }

  private:
    std::string path_;
};

#endif
