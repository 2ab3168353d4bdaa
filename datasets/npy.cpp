#include <xgrad/datasets/npy.hpp>

#include <xgrad/autograd/atomic_file.hpp>
#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/located.hpp>
#include <xgrad/autograd/ops/shape.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <fstream>
#include <optional>
#include <vector>

namespace xgrad::datasets {

namespace npy {

namespace {

constexpr std::string_view magic = "\x93NUMPY";
constexpr char native_order = std::endian::native == std::endian::little ? '<' : '>';

/// What a header says: {'descr': '<f4', 'fortran_order': False, 'shape': (3, 4), }.
struct Header {
    std::string descr;
    bool fortran_order = false;
    std::vector<std::uint64_t> shape;
};

/// Reads the part of Python's syntax that headers are written in. Anything else makes it fail.
class HeaderParser {
public:
    explicit HeaderParser(std::string_view text) : rest_(text) {}

    std::optional<Header> parse() {
        Header header;
        int seen = 0;
        if (!accept("{")) return {};
        while (!accept("}")) {
            const std::optional<std::string> key = string();
            if (!key || !accept(":") || !value(*key, header)) return {};
            ++seen;
            if (!accept(",") && !(skip_spaces(), rest_.starts_with("}"))) return {};
        }
        skip_spaces();
        return rest_.empty() && seen == 3 ? std::optional(header) : std::nullopt;
    }

private:
    void skip_spaces() { rest_.remove_prefix(std::min(rest_.find_first_not_of(" \n\t"), rest_.size())); }
    bool accept(std::string_view token) {
        skip_spaces();
        if (!rest_.starts_with(token)) return false;
        rest_.remove_prefix(token.size());
        return true;
    }
    std::optional<std::string> string() {
        const bool is_double = accept("\"");
        if (!is_double && !accept("'")) return {};
        const std::size_t end = rest_.find(is_double ? '"' : '\'');
        if (end == std::string_view::npos) return {};
        std::string found(rest_.substr(0, end));
        rest_.remove_prefix(end + 1);
        return found;
    }
    bool value(const std::string& key, Header& header) {
        if (key == "shape") return tuple(header.shape);
        if (key == "fortran_order") return (header.fortran_order = accept("True")) || accept("False");
        if (key != "descr") return false;
        const std::optional<std::string> text = string();
        header.descr = text.value_or("");
        return text.has_value();
    }
    bool tuple(std::vector<std::uint64_t>& sizes) {
        if (!accept("(")) return false;
        while (!accept(")")) {
            skip_spaces();
            std::uint64_t size = 0;
            const auto [end, error] = std::from_chars(rest_.data(), rest_.data() + rest_.size(), size);
            if (error != std::errc()) return false;
            rest_.remove_prefix(static_cast<std::size_t>(end - rest_.data()));
            sizes.push_back(size);
            if (!accept(",") && !(skip_spaces(), rest_.starts_with(")"))) return false;
        }
        return true;
    }

    std::string_view rest_;
};

Header read_header(ByteSource& source) {
    std::array<char, 8> head{};
    source.read(head.data(), head.size(), "header");
    if (!std::string_view(head.data(), head.size()).starts_with(magic))
        source.fail("no .npy array: it does not start with \\x93NUMPY");
    const int version = static_cast<unsigned char>(head[6]);
    if (version < 1 || version > 3)
        source.fail(fmt::format("version {} of the .npy format; 1 to 3 are known", version));

    // The length, little-endian, in two bytes or (from version 2) four. Ours and NumPy's are a few hundred at most.
    std::array<unsigned char, 4> length_bytes{};
    source.read(length_bytes.data(), version == 1 ? 2 : 4, "header");
    std::size_t length = 0;
    for (std::size_t i = 4; i-- > 0;) length = length << 8 | length_bytes[i];
    if (length > 65535) source.fail(fmt::format("damaged: a header of {} bytes", length));
    std::string text(length, '\0');
    source.read(text.data(), length, "header");
    const std::optional<Header> header = HeaderParser(text).parse();
    if (!header) source.fail("the header is damaged, or describes a structured type: " + text.substr(0, 200));
    return *header;
}

ElementType parse_type(const ByteSource& source, std::string_view descr) {
    using Kind = ElementType::Kind;
    const char order = descr.size() == 3 ? descr[0] : ' ', kind = descr.size() == 3 ? descr[1] : ' ';
    const std::size_t bytes = descr.size() == 3 ? static_cast<std::size_t>(descr[2] - '0') : 0;
    const bool is_real = kind == 'f' && (bytes == 2 || bytes == 4 || bytes == 8);
    const bool is_integer = (kind == 'i' || kind == 'u') && (bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8);
    const bool is_bool = kind == 'b' && bytes == 1;
    if ((!is_real && !is_integer && !is_bool) || std::string_view("<>=|").find(order) == std::string_view::npos)
        source.fail(fmt::format("elements of type \"{}\"; float16, 32, 64, integers and bool can be read", descr));
    return {is_real       ? Kind::real
            : kind == 'i' ? Kind::signed_integer
                          : Kind::unsigned_integer,
            bytes,
            order == '<'   ? std::endian::little
            : order == '>' ? std::endian::big
                           : std::endian::native};
}

}  // namespace

Variable read(ByteSource& source) {
    Header header = read_header(source);
    const ElementType type = parse_type(source, header.descr);
    if (header.fortran_order) std::reverse(header.shape.begin(), header.shape.end());
    Variable array = source.read_elements(type, source.checked_shape(header.shape, type), type.dtype());
    source.expect_end();
    if (!header.fortran_order || array.rank() < 2) return array;
    return transpose(array);
}

std::string header(const Variable& array) {
    std::string dict = fmt::format("{{'descr': '{}{}', 'fortran_order': False, 'shape': {}, }}", native_order,
                                   array.dtype() == DType::float32   ? "f4"
                                   : array.dtype() == DType::float64 ? "f8"
                                                                     : "i8",
                                   to_string(array.shape()));
    // The elements start at a multiple of 64 bytes, so that they can be mapped into memory.
    const std::size_t unpadded = magic.size() + 4 + dict.size() + 1;
    dict.append((64 - unpadded % 64) % 64, ' ').push_back('\n');
    std::string result(magic);
    result += {'\1', '\0', static_cast<char>(dict.size() & 0xff), static_cast<char>(dict.size() >> 8)};
    return result + dict;
}

}  // namespace npy

Variable read_npy(const std::filesystem::path& path, const Location& at) {
    return detail::located("read_npy", at, [&] {
        std::ifstream file(path, std::ios::binary);
        std::error_code error;
        const std::uintmax_t bytes = std::filesystem::file_size(path, error);
        if (!file || error)
            throw FileError(
                fmt::format("{}: cannot open: {}", path.string(), error ? error.message() : std::strerror(errno)));
        ByteSource source(path.string(), bytes, [&file](void* to, std::size_t count) {
            file.read(static_cast<char*>(to), static_cast<std::streamsize>(count));
            return static_cast<std::size_t>(file.gcount());
        });
        return npy::read(source);
    });
}

void write_npy(const std::filesystem::path& path, const Variable& array, const Location& at) {
    detail::located("write_npy", at, [&] {
        std::string contents = npy::header(array);
        contents.append(static_cast<const char*>(array.node().data), array.size() * size_of(array.dtype()));
        write_file_atomically(path, contents);
    });
}

}  // namespace xgrad::datasets
