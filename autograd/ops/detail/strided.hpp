#pragma once

#include <xgrad/autograd/kernels/copy.hpp>
#include <xgrad/autograd/variable.hpp>

#include <algorithm>
#include <array>
#include <cstddef>
#include <span>

/// Walks over the elements of Variables, for the operators that rearrange.
namespace xgrad::detail {

/// The stride of each axis in elements; 0 or negative for walks that stay or go back.
using Steps = std::array<std::ptrdiff_t, Shape::max_rank>;

inline Steps steps_of(const Shape& shape) {
    Steps steps{};
    const auto strides = strides_of(shape);
    for (std::size_t i = 0; i < shape.rank(); ++i) steps[i] = static_cast<std::ptrdiff_t>(strides[i]);
    return steps;
}

/// Copies `shape` elements of x, walked by `from` after an offset, to those of y walked by `to`.
inline void strided_copy(Variable& y, const Steps& to, std::ptrdiff_t to_offset, const Variable& x, const Steps& from,
                         std::ptrdiff_t from_offset, const Shape& shape) {
    std::array<std::size_t, Shape::max_rank> sizes{};
    std::copy(shape.begin(), shape.end(), sizes.begin());
    const auto bytes = static_cast<std::ptrdiff_t>(size_of(x.dtype()));
    kernels::copy(x.dtype(), static_cast<char*>(y.node().data) + to_offset * bytes, std::span(to.data(), shape.rank()),
                  static_cast<const char*>(x.node().data) + from_offset * bytes, std::span(from.data(), shape.rank()),
                  std::span(sizes.data(), shape.rank()));
}

}  // namespace xgrad::detail
