#pragma once

#include <filesystem>
#include <string_view>

namespace xgrad {

/// A file that appears whole or not at all. What is written goes to a temporary name beside the target; commit()
/// flushes it to the disk and renames it over the target. Without a commit() the temporary file is removed and the
/// target stays as it was.
class AtomicFile {
public:
    /// Creates the temporary file, empty. A symbolic link is followed: what it points to is replaced, not the link.
    /// @throws FileError when it cannot be created, or when the target is something else than a regular file
    explicit AtomicFile(const std::filesystem::path& target);
    ~AtomicFile();
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;

    /// Where to write; close it before commit().
    const std::filesystem::path& temporary() const { return temporary_; }
    /// @throws FileError when the disk refuses
    void commit();

private:
    std::filesystem::path target_, temporary_;
};

/// Replaces the file at `path`, or creates it, so that a crash at any moment leaves the old one or the new one.
/// @throws FileError when it cannot be written; the old file is then untouched
void write_file_atomically(const std::filesystem::path& path, std::string_view contents);

}  // namespace xgrad
