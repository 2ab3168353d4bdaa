#include <xgrad/datasets/byte_source.hpp>

#include <xgrad/autograd/error.hpp>

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <limits>
#include <vector>

namespace xgrad::datasets {

namespace {

/// IEEE 754 binary16 as it stands in a file.
struct Half {
    std::uint16_t bits;

    operator float() const {
        const int exponent = bits >> 10 & 0x1f, fraction = bits & 0x3ff;
        const float magnitude = exponent == 0x1f ? (fraction != 0 ? std::numeric_limits<float>::quiet_NaN()
                                                                  : std::numeric_limits<float>::infinity())
                                : exponent == 0  ? std::ldexp(static_cast<float>(fraction), -24)
                                                 : std::ldexp(static_cast<float>(fraction + 1024), exponent - 25);
        return std::copysign(magnitude, bits >> 15 != 0 ? -1.0F : 1.0F);
    }
};

/// Calls `f(T{})` with T the C++ type of `type`.
template <class F>
void visit_type(const ElementType& type, F&& f) {
    const auto one_of = [&]<class A, class B, class C, class D>(A a, B b, C c, D d) {
        type.bytes == 1 ? f(a) : type.bytes == 2 ? f(b) : type.bytes == 4 ? f(c) : f(d);
    };
    switch (type.kind) {
        case ElementType::Kind::real:
            return type.bytes == 2 ? f(Half{}) : type.bytes == 4 ? f(float{}) : f(double{});
        case ElementType::Kind::signed_integer:
            return one_of(std::int8_t{}, std::int16_t{}, std::int32_t{}, std::int64_t{});
        case ElementType::Kind::unsigned_integer:
            return one_of(std::uint8_t{}, std::uint16_t{}, std::uint32_t{}, std::uint64_t{});
    }
}

/// The number whose bytes stand at `from` in the given order.
template <class T>
T decode(const std::byte* from, std::endian order) {
    std::array<std::byte, sizeof(T)> bytes;
    std::memcpy(bytes.data(), from, sizeof(T));
    if (order != std::endian::native) std::reverse(bytes.begin(), bytes.end());
    return std::bit_cast<T>(bytes);
}

}  // namespace

void ByteSource::fail(std::string_view what) const { throw FileError(fmt::format("{}: {}", name_, what)); }

void ByteSource::read(void* to, std::size_t count, std::string_view part) {
    const std::size_t got = read_(to, count);
    if (got != count) fail(fmt::format("truncated: the {} has {} bytes less than it should", part, count - got));
    left_ -= std::min(left_, count);
}

Variable ByteSource::read_elements(const ElementType& type, const Shape& shape, DType dtype) {
    Variable result = Variable::empty(shape, dtype);
    const bool as_stored = type.dtype() == dtype && type.bytes == size_of(dtype) && type.order == std::endian::native &&
                           type.kind != ElementType::Kind::unsigned_integer;
    if (as_stored) {
        read(result.node().data, result.size() * type.bytes, "array");
        return result;
    }
    constexpr std::size_t chunk = 65536;  // elements: what is read at once
    std::vector<std::byte> raw(std::min(result.size(), chunk) * type.bytes);
    visit(result.dtype(), [&](auto number) {
        using To = decltype(number);
        To* out = result.mutable_data<To>();
        for (std::size_t rest = result.size(); rest > 0;) {
            const std::size_t count = std::min(rest, chunk);
            read(raw.data(), count * type.bytes, "array");
            try {
                visit_type(type, [&](auto stored) {
                    using From = decltype(stored);
                    for (std::size_t i = 0; i < count; ++i) {
                        const From value = decode<From>(raw.data() + i * sizeof(From), type.order);
                        if constexpr (std::is_same_v<From, std::uint64_t>)
                            if (value > std::uint64_t{std::numeric_limits<std::int64_t>::max()})
                                fail(fmt::format("the number {} does not fit into int64", value));
                        *out++ =
                            detail::converted<To>(value);  // NOLINT(bugprone-signed-char-misuse): an int8 is a number
                    }
                });
            } catch (const ValueError& error) {
                fail(error.what());
            }
            rest -= count;
        }
    });
    return result;
}

void ByteSource::expect_end() {
    char more = 0;
    if (read_(&more, 1) != 0) fail("bytes are left over behind the array");
}

Shape ByteSource::checked_shape(std::span<const std::uint64_t> sizes, const ElementType& type) const {
    if (sizes.size() > Shape::max_rank)
        fail(fmt::format("{} axes; an array has at most {}", sizes.size(), Shape::max_rank));
    Shape shape;
    std::uint64_t bytes = type.bytes;
    bool overflow = false;
    // A size of 0 must not hide others that are out of bounds, so the product is of what is not 0.
    for (const std::uint64_t size : sizes) {
        overflow |= size > std::numeric_limits<std::uint32_t>::max() ||
                    __builtin_mul_overflow(bytes, std::max<std::uint64_t>(size, 1), &bytes);
        if (!overflow) shape.push_back(size);
    }
    const bool nothing = std::find(sizes.begin(), sizes.end(), 0) != sizes.end();
    if (overflow || (!nothing && bytes > left_))
        fail(fmt::format("truncated or damaged: shape ({}) needs more bytes than the {} that there can be",
                         fmt::join(sizes, ", "), left_));
    return shape;
}

}  // namespace xgrad::datasets
