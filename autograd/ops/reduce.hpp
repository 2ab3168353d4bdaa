#pragma once

#include <xgrad/autograd/variable.hpp>

#include <optional>

namespace xgrad {

struct MaskedOptions {
    bool keepdims = false;  ///< leave the reduced axes in place, with size 1
    Variable where = {};    ///< a mask of any type, broadcast to x: elements where it is 0 take no part
};
struct FoldOptions {
    bool keepdims = false;               ///< leave the reduced axes in place, with size 1
    std::optional<double> initial = {};  ///< an element more, which each result begins with; whole for int64
    Variable where = {};                 ///< a mask of any type, broadcast to x: elements where it is 0 take no part
};
struct ReduceOptions {
    bool keepdims = false;  ///< leave the reduced axes in place, with size 1

    operator MaskedOptions() const { return {.keepdims = keepdims}; }
    operator FoldOptions() const { return {.keepdims = keepdims}; }
};

/// Reductions over one axis, several, or (by default) all; negative axes count from the end. All throw IndexError on an
/// axis out of range or named twice, and ShapeError when `where` does not broadcast to x. Sums, products and extremes
/// of int64 are int64, with overflow that wraps around. Results are the same to the last bit on any number of threads.
/// What takes no part may be NaN, and its gradient is 0; a NaN in a mask is not 0. Where nothing takes part, results
/// are those over nothing.
///
///     sum(x)   sum(x, -1)   sum(x, {0, 2}, {.keepdims = true})   mean(x, 0, {.where = x > 0})
///
/// The sum;  dx = dy, broadcast back. Over nothing `initial` or 0.
Variable sum(const Operand& x, const Axes& axes = {}, const FoldOptions& options = {});
/// The mean of n elements;  dx = dy / n. NaN over nothing.
Variable mean(const Operand& x, const Axes& axes = {}, const MaskedOptions& options = {});
/// The product;  dx is dy times the product of the other elements, right also where some are 0. Over nothing `initial`
/// or 1.
Variable prod(const Operand& x, const Axes& axes = {}, const FoldOptions& options = {});
/// The largest (smallest) element; NaN if there is one. Elements that tie share the gradient equally; a tie with
/// `initial` takes half of it away.
/// @throws ShapeError over nothing, unless there is an `initial`; ValueError for `where` without one
Variable max(const Operand& x, const Axes& axes = {}, const FoldOptions& options = {});
Variable min(const Operand& x, const Axes& axes = {}, const FoldOptions& options = {});
struct Extremes {
    Variable min, max;
};
/// min() and max() of the same elements. @throws as they do
Extremes aminmax(const Operand& x, const Axes& axes = {}, const ReduceOptions& options = {});
/// max(x) - min(x), "peak to peak";  dx = dy at the largest, -dy at the smallest element. @throws as they do
Variable ptp(const Operand& x, const Axes& axes = {}, const ReduceOptions& options = {});
/// log sum exp x, finite wherever the result is (Blanchard, Higham & Higham 2021);  dx = dy exp(x - y).
/// -infinity over nothing.
Variable logsumexp(const Operand& x, const Axes& axes = {}, const MaskedOptions& options = {});
/// Where along the axis the largest (smallest) element stands, the first of several; without an axis, where in the
/// flattened x. int64, no gradient. A NaN counts as the largest (smallest).
/// @throws ShapeError when the axis is empty
Variable argmax(const Operand& x, std::optional<int> axis = {}, const ReduceOptions& options = {});
Variable argmin(const Operand& x, std::optional<int> axis = {}, const ReduceOptions& options = {});

/// 1 where any (all) of the elements are not 0, else 0: a mask of x's type (float32 for int64), no gradient. Over
/// nothing any() is 0 and all() is 1. A NaN is not 0.
Variable any(const Operand& x, const Axes& axes = {}, const MaskedOptions& options = {});
Variable all(const Operand& x, const Axes& axes = {}, const MaskedOptions& options = {});
/// How many of the elements are not 0; int64, no gradient.
Variable count_nonzero(const Operand& x, const Axes& axes = {}, const MaskedOptions& options = {});

/// Sums x over the axes in which `shape` is shorter or 1, the transpose of broadcasting; axes in which x itself is 1
/// stay so. The engine undoes broadcasting with it. @throws ShapeError when x is no broadcast of `shape`
Variable sum_to(const Operand& x, const Shape& shape);

}  // namespace xgrad
