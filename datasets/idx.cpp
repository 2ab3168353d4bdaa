#include <xgrad/datasets/idx.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/located.hpp>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/ops/shape.hpp>
#include <xgrad/datasets/byte_source.hpp>

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <memory>
#include <vector>

namespace xgrad::datasets {

namespace fs = std::filesystem;

namespace {

using GzFile = std::unique_ptr<gzFile_s, decltype([](gzFile file) { gzclose(file); })>;

/// The bytes of a file, decompressed if it is compressed.
ByteSource open(const fs::path& path, const GzFile& file) {
    std::error_code error;
    const std::uintmax_t stored = fs::file_size(path, error);
    if (file == nullptr || error)
        throw FileError(
            fmt::format("{}: cannot open: {}", path.string(), error ? error.message() : std::strerror(errno)));
    const bool is_plain = gzdirect(file.get()) != 0;
    return {path.string(), stored * (is_plain ? 1 : deflate_limit),
            [gz = file.get(), name = path.string()](void* to, std::size_t count) {
                std::size_t got = 0;
                while (got < count) {
                    constexpr std::size_t most = 1 << 30;  // zlib counts in int
                    const int n =
                        gzread(gz, static_cast<char*>(to) + got, static_cast<unsigned>(std::min(count - got, most)));
                    int code = Z_OK;
                    const char* const message = gzerror(gz, &code);
                    if (code < 0) throw FileError(fmt::format("{}: damaged: {}", name, message));
                    if (n <= 0) break;
                    got += static_cast<std::size_t>(n);
                }
                return got;
            }};
}

/// The third byte of an IDX file. The numbers are big-endian.
ElementType parse_type(const ByteSource& source, unsigned code) {
    using Kind = ElementType::Kind;
    switch (code) {
        case 0x08:
            return {Kind::unsigned_integer, 1, std::endian::big};
        case 0x09:
            return {Kind::signed_integer, 1, std::endian::big};
        case 0x0B:
            return {Kind::signed_integer, 2, std::endian::big};
        case 0x0C:
            return {Kind::signed_integer, 4, std::endian::big};
        case 0x0D:
            return {Kind::real, 4, std::endian::big};
        case 0x0E:
            return {Kind::real, 8, std::endian::big};
        default:
            source.fail(fmt::format("element type 0x{:02x} is not one of IDX (0x08, 0x09, 0x0b to 0x0e)", code));
    }
}

Variable read(const fs::path& path, std::optional<DType> dtype) {
    const GzFile file(gzopen(path.c_str(), "rb"));
    ByteSource source = open(path, file);
    std::array<unsigned char, 4> magic{};
    source.read(magic.data(), magic.size(), "header");
    if (magic[0] != 0 || magic[1] != 0)
        source.fail(fmt::format("no IDX file: it starts with {:02x} {:02x}, not 00 00", magic[0], magic[1]));
    const ElementType type = parse_type(source, magic[2]);
    std::vector<std::uint64_t> sizes(magic[3]);
    for (std::uint64_t& size : sizes) {
        std::array<unsigned char, 4> bytes{};
        source.read(bytes.data(), bytes.size(), "header");
        for (const unsigned char byte : bytes) size = size << 8 | byte;
    }
    Variable array = source.read_elements(type, source.checked_shape(sizes, type), dtype.value_or(type.dtype()));
    source.expect_end();
    return array;
}

/// The file of that name in the folder, plain or compressed.
fs::path find(const fs::path& folder, const std::string& name) {
    for (const char* const ending : {"", ".gz"})
        if (fs::path path = folder / (name + ending); fs::exists(path)) return path;
    throw FileError(
        fmt::format("{} is missing (as is {}.gz). On Debian: apt-get install dataset-fashion-mnist; or give the folder "
                    "that has it",
                    (folder / name).string(), name));
}

void check_labels(const fs::path& path, const Variable& labels, std::int64_t classes) {
    if (labels.rank() != 1)
        throw FileError(fmt::format("{}: labels of shape {}, not (n)", path.string(), to_string(labels.shape())));
    const auto all = labels.span<std::int64_t>();
    const auto bad =
        std::find_if(all.begin(), all.end(), [&](std::int64_t label) { return label < 0 || label >= classes; });
    if (bad != all.end())
        throw FileError(fmt::format("{}: label {} of sample {} is outside [0, {})", path.string(), *bad,
                                    bad - all.begin(), classes));
}

Dataset read_images(const fs::path& folder, const std::string& prefix) {
    const fs::path image_path = find(folder, prefix + "-images-idx3-ubyte"),
                   label_path = find(folder, prefix + "-labels-idx1-ubyte");
    const Variable labels = read(label_path, DType::int64);
    check_labels(label_path, labels, 10);
    const Variable images = read(image_path, DType::float32);
    const Shape& shape = images.shape();
    if (shape.rank() != 3 || shape[1] != 28 || shape[2] != 28)
        throw FileError(fmt::format("{}: images of shape {}, not (n, 28, 28)", image_path.string(), to_string(shape)));
    if (shape[0] != labels.size())
        throw FileError(fmt::format("{}: {} images, but {} labels in {}", image_path.string(), shape[0], labels.size(),
                                    label_path.string()));
    return {images, labels};
}

}  // namespace

Variable read_idx(const fs::path& path, const IdxOptions& options, const Location& at) {
    return detail::located("read_idx", at, [&] { return read(path, options.dtype); });
}

Dataset fashion_mnist(Split split, const FashionMnistOptions& options, const Location& at) {
    return detail::located("fashion_mnist", at, [&] {
        Dataset data = read_images(options.folder, split == Split::train ? "train" : "t10k");
        if (options.scaled) data.x = map([](auto pixel) { return pixel / 255; }, data.x);
        if (options.flatten) data.x = flatten(data.x, 1);
        return data;
    });
}

}  // namespace xgrad::datasets
