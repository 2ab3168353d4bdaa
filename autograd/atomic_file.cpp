#include <xgrad/autograd/atomic_file.hpp>

#include <xgrad/autograd/error.hpp>

#include <fmt/format.h>

#include <fcntl.h>
#include <unistd.h>
#include <cerrno>
#include <system_error>

namespace xgrad {

namespace fs = std::filesystem;

namespace {

[[noreturn]] void fail(const fs::path& path, std::string_view action, int error) {
    throw FileError(fmt::format("{}: cannot {}: {}", path.string(), action, std::generic_category().message(error)));
}

/// Closes the descriptor on the way out.
class Descriptor {
public:
    Descriptor(const fs::path& path, int flags) : number_(::open(path.c_str(), flags | O_CLOEXEC, 0666)) {}
    ~Descriptor() {
        if (number_ >= 0) ::close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    operator int() const { return number_; }

private:
    int number_;
};

/// What `target` names once links are followed. @throws FileError when it is a folder, a device, a pipe
fs::path regular_target(const fs::path& target) {
    std::error_code ignored;
    const fs::file_status status = fs::status(target, ignored);
    if (fs::exists(status) && !fs::is_regular_file(status))
        throw FileError(fmt::format("{}: cannot write: it is {}", target.string(),
                                    fs::is_directory(status) ? "a folder" : "not a regular file"));
    return fs::is_symlink(fs::symlink_status(target, ignored)) ? fs::weakly_canonical(target, ignored) : target;
}

void write_all(const Descriptor& file, const fs::path& path, std::string_view contents) {
    while (!contents.empty()) {
        const ssize_t written = ::write(file, contents.data(), contents.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) fail(path, "write", errno);
        contents.remove_prefix(static_cast<std::size_t>(written));
    }
}

}  // namespace

AtomicFile::AtomicFile(const fs::path& target) : target_(regular_target(target)) {
    // A name may be taken by another thread, or left by a crashed process that had our number.
    for (int attempt = 0;; ++attempt) {
        fs::path name = target_;
        name += fmt::format(".{}-{}.partial", ::getpid(), attempt);
        const Descriptor file(name, O_WRONLY | O_CREAT | O_EXCL);
        if (file < 0 && errno == EEXIST) continue;
        if (file < 0) fail(target_, "write", errno);
        temporary_ = std::move(name);
        return;
    }
}

AtomicFile::~AtomicFile() {
    if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

void AtomicFile::commit() {
    {
        const Descriptor file(temporary_, O_RDONLY);
        if (file < 0 || ::fsync(file) != 0) fail(target_, "flush", errno);
    }
    if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail(target_, "replace", errno);
    temporary_.clear();
    // The new name lasts once the folder is on the disk. Some file systems cannot flush folders: then they order
    // renames themselves, so a failure here is none.
    const fs::path folder = target_.parent_path();
    const Descriptor entries(folder.empty() ? fs::path(".") : folder, O_RDONLY | O_DIRECTORY);
    if (entries >= 0) ::fsync(entries);
}

void write_file_atomically(const fs::path& path, std::string_view contents) {
    AtomicFile file(path);
    {
        const Descriptor out(file.temporary(), O_WRONLY);
        if (out < 0) fail(path, "write", errno);
        write_all(out, path, contents);
    }
    file.commit();
}

}  // namespace xgrad
