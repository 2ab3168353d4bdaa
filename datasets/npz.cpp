#include <xgrad/datasets/npz.hpp>

#include <xgrad/autograd/atomic_file.hpp>
#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/located.hpp>

#include <fmt/format.h>
#include <zip.h>

#include <algorithm>
#include <array>
#include <memory>
#include <set>

namespace xgrad::datasets {

namespace {

constexpr std::string_view extension = ".npy";

std::string take_message(zip_error_t& error) {
    std::string message = zip_error_strerror(&error);
    zip_error_fini(&error);
    return message;
}

/// An open archive; what was added is dropped unless close() is called.
class Archive {
public:
    Archive(const std::filesystem::path& path, int flags) {
        int code = 0;
        archive_.reset(zip_open(path.c_str(), flags, &code));
        if (archive_ != nullptr) return;
        zip_error_t error;
        zip_error_init_with_code(&error, code);
        throw FileError(fmt::format("{}: cannot open as a zip archive: {}", path.string(), take_message(error)));
    }
    operator zip_t*() const { return archive_.get(); }
    std::string message() const { return zip_strerror(archive_.get()); }
    /// Writes what was added.
    bool close() {
        const bool ok = zip_close(archive_.get()) == 0;
        if (ok) static_cast<void>(archive_.release());
        return ok;
    }

private:
    struct Discard {
        void operator()(zip_t* archive) const { zip_discard(archive); }
    };
    std::unique_ptr<zip_t, Discard> archive_;
};

using Entry = std::unique_ptr<zip_file_t, decltype([](zip_file_t* file) { zip_fclose(file); })>;

/// The most bytes that an entry can hold: what its directory says, as far as the archive's size allows.
std::size_t most_bytes(const zip_stat_t& stat, std::size_t archive_bytes, const std::string& name) {
    if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE)
        throw FileError(fmt::format("{}: compressed by method {}; stored and deflated entries can be read", name,
                                    stat.comp_method));
    const std::size_t compressed = std::min<std::size_t>(stat.comp_size, archive_bytes);
    return std::min<std::size_t>(stat.size, stat.comp_method == ZIP_CM_STORE ? compressed : compressed * deflate_limit);
}

Variable read_entry(const Archive& archive, const zip_stat_t& stat, std::size_t archive_bytes,
                    const std::string& name) {
    const std::size_t bytes = most_bytes(stat, archive_bytes, name);
    const Entry entry(zip_fopen_index(archive, stat.index, 0));
    if (entry == nullptr) throw FileError(fmt::format("{}: {}", name, archive.message()));
    ByteSource source(name, bytes, [&](void* to, std::size_t count) {
        const zip_int64_t got = zip_fread(entry.get(), to, count);
        if (got < 0)
            throw FileError(fmt::format("{}: damaged: {}", name, zip_error_strerror(zip_file_get_error(entry.get()))));
        return static_cast<std::size_t>(got);
    });
    return npy::read(source);  // to the last byte: there libzip compares the checksum
}

void check_names(const NamedArrays& arrays) {
    // libzip removes an archive without entries.
    if (arrays.empty()) throw ValueError("no arrays to write");
    std::set<std::string_view> seen;
    for (const auto& [name, array] : arrays) {
        if (name.empty()) throw ValueError(fmt::format("array {} has no name", seen.size()));
        if (!array) throw ValueError(fmt::format("array \"{}\" is an empty Variable", name));
        if (!seen.insert(name).second) throw ValueError(fmt::format("the name \"{}\" is given twice", name));
    }
}

/// Adds one array; its elements are not copied, so they and `header` must live until the archive is closed.
bool add(const Archive& archive, const std::string& name, const Variable& array, std::string& header) {
    std::array<zip_buffer_fragment_t, 2> parts{};
    parts[0] = {reinterpret_cast<zip_uint8_t*>(header.data()), header.size()};
    parts[1] = {static_cast<zip_uint8_t*>(array.node().data), array.size() * size_of(array.dtype())};
    zip_source_t* const source = zip_source_buffer_fragment(archive, parts.data(), parts.size(), 0);
    if (source == nullptr) return false;
    const zip_int64_t index = zip_file_add(archive, (name + std::string(extension)).c_str(), source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(source);
        return false;
    }
    // A fixed date, 1980-01-01, so that the bytes depend on the arrays alone.
    constexpr zip_uint16_t date = 1 << 5 | 1;
    const auto place = static_cast<zip_uint64_t>(index);
    return zip_set_file_compression(archive, place, ZIP_CM_STORE, 0) == 0 &&
           zip_file_set_dostime(archive, place, 0, date, 0) == 0;
}

}  // namespace

std::map<std::string, Variable> read_npz(const std::filesystem::path& path, const Location& at) {
    return detail::located("read_npz", at, [&] {
        const Archive archive(path, ZIP_RDONLY);
        const std::size_t archive_bytes = std::filesystem::file_size(path);
        std::map<std::string, Variable> arrays;
        const zip_int64_t count = zip_get_num_entries(archive, 0);
        for (zip_int64_t i = 0; i < count; ++i) {
            zip_stat_t stat;
            if (zip_stat_index(archive, static_cast<zip_uint64_t>(i), 0, &stat) != 0)
                throw FileError(fmt::format("{}: entry {}: {}", path.string(), i, archive.message()));
            std::string name = stat.name;
            const std::string full_name = fmt::format("{}: \"{}\"", path.string(), name);
            if (!name.ends_with(extension)) throw FileError(full_name + " is no array: its name does not end in .npy");
            name.resize(name.size() - extension.size());
            if (arrays.contains(name)) throw FileError(full_name + " is there twice");
            arrays.emplace(name, read_entry(archive, stat, archive_bytes, full_name));
        }
        return arrays;
    });
}

void write_npz(const std::filesystem::path& path, const NamedArrays& arrays, const Location& at) {
    detail::located("write_npz", at, [&] {
        check_names(arrays);
        AtomicFile file(path);
        std::vector<std::string> headers;
        for (const auto& [name, array] : arrays) headers.push_back(npy::header(array));
        Archive archive(file.temporary(), ZIP_CREATE | ZIP_TRUNCATE);
        bool ok = true;
        for (std::size_t i = 0; ok && i < arrays.size(); ++i)
            ok = add(archive, arrays[i].first, arrays[i].second, headers[i]);
        if (!ok || !archive.close())
            throw FileError(fmt::format("{}: cannot write: {}", path.string(), archive.message()));
        file.commit();
    });
}

}  // namespace xgrad::datasets
