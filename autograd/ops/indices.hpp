#pragma once

#include <cstdint>

#include <fmt/format.h>
#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/variable.hpp>

/// Checks of the int64 arguments of indexing operators.
namespace xgrad::detail {

/// @throws DTypeError unless they are int64
inline void check_indices(const Variable& indices, const char* what = "the indices") {
    if (indices.dtype() != DType::int64)
        throw DTypeError(fmt::format("{} are {}, not int64; use .to(DType::int64)", what, to_string(indices.dtype())));
}

/// Checks the indices for an axis of `shape`, too. @throws IndexError
inline void check_indices(const Variable& indices, const Shape& shape, std::size_t axis) {
    check_indices(indices);
    const auto n = static_cast<std::int64_t>(shape[axis]);
    for (const std::int64_t i : indices.span<std::int64_t>())
        if (i < -n || i >= n)
            throw IndexError(fmt::format("index {} is out of range for axis {} of {}", i, axis, to_string(shape)));
}

/// An index, which may count from the end, as a place among n.
inline std::size_t place_of(std::int64_t index, std::size_t n) {
    return static_cast<std::size_t>(index < 0 ? index + static_cast<std::int64_t>(n) : index);
}

}  // namespace xgrad::detail
