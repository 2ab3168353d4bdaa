#pragma once

#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/reduce.hpp>
#include <xgrad/autograd/ops/shape.hpp>

#include <fmt/format.h>

/// What reductions of a part of the elements share: a mask is not 0 where an element takes part.
namespace xgrad::detail {

/// x, with `other` in the place of what takes no part; x itself without a mask.
/// @throws ShapeError when the mask does not broadcast to x
inline Variable masked(const Variable& x, const Variable& mask, double other) {
    if (!mask) return x;
    if (!broadcasts_to(mask.shape(), x.shape()))
        throw ShapeError(
            fmt::format("where {} does not broadcast to {}", to_string(mask.shape()), to_string(x.shape())));
    return where(mask, x, other);
}

/// How many elements of x take part, in its type; of a mask that masked() has seen.
inline Variable count_masked(const Variable& x, const Variable& mask, const Axes& axes, bool keepdims) {
    return sum(broadcast_to((mask != 0).to(x.dtype()), x.shape()), axes, {.keepdims = keepdims});
}

}  // namespace xgrad::detail
