#pragma once

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/variable.hpp>

#include <fmt/format.h>

#include <array>
#include <cstdint>
#include <utility>

/// What indexing operators share: checks of their int64 arguments, and ways through them.
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

/// Checks what gather() and its like take. @throws IndexError, ShapeError, DTypeError
inline void check_gather(const Variable& x, const Variable& indices, std::size_t axis) {
    check_indices(indices, x.shape(), axis);
    bool fits = indices.rank() == x.rank();
    for (std::size_t i = 0; fits && i < x.rank(); ++i) fits = i == axis || indices.shape()[i] <= x.shape()[i];
    if (!fits)
        throw ShapeError(fmt::format("indices {} do not fit into {} beside axis {}", to_string(indices.shape()),
                                     to_string(x.shape()), axis));
}

/// Checks what scatter() and its like take. @throws as check_gather()
inline void check_scatter(const Variable& x, const Variable& indices, const Variable& updates, std::size_t axis) {
    check_gather(x, indices, axis);
    if (indices.shape() != updates.shape())
        throw ShapeError(fmt::format("indices {} reach beyond the updates {}", to_string(indices.shape()),
                                     to_string(updates.shape())));
    if (x.dtype() != updates.dtype())
        throw DTypeError(fmt::format("x is {}, the updates are {}", to_string(x.dtype()), to_string(updates.dtype())));
}

/// An index, which may count from the end, as a place among n.
inline std::size_t place_of(std::int64_t index, std::size_t n) {
    return static_cast<std::size_t>(index < 0 ? index + static_cast<std::int64_t>(n) : index);
}

/// Calls f(place among the indices, place in the whole) for every index that gather() takes, in order.
template <class F>
void for_each_place(const Variable& indices, const Shape& whole, std::size_t axis, F&& f) {
    const auto list = indices.span<std::int64_t>();
    auto strides = strides_of(whole);
    const std::size_t along = std::exchange(strides[axis], 0), n = whole[axis], last = whole.rank() - 1;
    std::array<std::size_t, Shape::max_rank> row{};
    std::size_t start = 0;
    for (std::size_t k = 0; k < list.size();) {
        for (std::size_t j = 0; j < indices.shape()[last]; ++j, ++k)
            f(k, start + j * strides[last] + place_of(list[k], n) * along);
        for (std::size_t i = last; i-- > 0;) {
            start += strides[i];
            if (++row[i] < indices.shape()[i]) break;
            start -= strides[i] * std::exchange(row[i], 0);
        }
    }
}

/// The updates as far as the indices reach; whether they do is for the operator to say.
Variable reached(const Variable& updates, const Variable& indices);

}  // namespace xgrad::detail
