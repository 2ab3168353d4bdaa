#pragma once

#include <xgrad/autograd/variable.hpp>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>

/// What the readers of binary files (.npy, .npz, IDX) have in common.
namespace xgrad::datasets {

/// How a file stores one number.
struct ElementType {
    enum class Kind { real, signed_integer, unsigned_integer };
    Kind kind;
    std::size_t bytes;  ///< 2, 4, 8 for a real; 1, 2, 4, 8 for an integer
    std::endian order;

    /// What it is read as: float16 widens to float32, integers to int64.
    DType dtype() const { return kind != Kind::real ? DType::int64 : bytes == 8 ? DType::float64 : DType::float32; }
};

/// Deflate makes at most 1032 bytes of one: a match of 258 bytes takes two bits (zlib's technical notes). So a
/// compressed file's size bounds what a header in it may claim.
inline constexpr std::size_t deflate_limit = 1032;

/// A file, or an entry of an archive, read from front to end. No size that it states is believed beyond the bytes that
/// there can be, so a damaged or hostile file costs no more memory than its own size warrants.
class ByteSource {
public:
    /// Puts up to `count` bytes at `to` and returns how many; fewer at the end only.
    using Read = std::function<std::size_t(void* to, std::size_t count)>;

    /// @param name starts every message: the path, and the entry
    /// @param most_bytes there are no more than these
    ByteSource(std::string name, std::size_t most_bytes, Read read)
        : name_(std::move(name)), left_(most_bytes), read_(std::move(read)) {}

    /// @throws FileError always: "name: what"
    [[noreturn]] void fail(std::string_view what) const;

    /// @param part what these bytes are, for the message
    /// @throws FileError when the source ends before
    void read(void* to, std::size_t count, std::string_view part);
    /// The array of `shape` whose elements come next, row-major, converted to `dtype`.
    /// @throws FileError when the source ends before, or on an unsigned number above the range of int64
    Variable read_elements(const ElementType& type, const Shape& shape, DType dtype);
    /// @throws FileError unless everything has been read
    void expect_end();

    /// A shape from the sizes that a header states.
    /// @throws FileError when there are too many axes, or more elements than the source has bytes for
    Shape checked_shape(std::span<const std::uint64_t> sizes, const ElementType& type) const;

private:
    std::string name_;
    std::size_t left_;
    Read read_;
};

}  // namespace xgrad::datasets
