#pragma once

#include <xgrad/autograd/ops/statistics.hpp>

#include <optional>

/// Reductions that leave out what is NaN, a missing number: it never gets a gradient, also where all are missing and
/// the result is NaN. The others are treated as by the functions without the prefix, with the same options. All throw
/// IndexError on an axis out of range or named twice, and ShapeError when `where` does not broadcast to x. See
/// quantile.hpp for nanquantile() and nanmedian().
namespace xgrad {

/// The sum (product) of the numbers. Over nothing `initial` or 0 (1).
Variable nansum(const Operand& x, const Axes& axes = {}, const FoldOptions& options = {});
Variable nanprod(const Operand& x, const Axes& axes = {}, const FoldOptions& options = {});
/// The mean of the numbers. NaN over nothing.
Variable nanmean(const Operand& x, const Axes& axes = {}, const MaskedOptions& options = {});
/// The largest (smallest) of the numbers, `initial` or NaN when all are missing; those that tie share the gradient.
/// `where` needs no `initial` here.
/// @throws ShapeError over nothing, unless there is an `initial`
Variable nanmax(const Operand& x, const Axes& axes = {}, const FoldOptions& options = {});
Variable nanmin(const Operand& x, const Axes& axes = {}, const FoldOptions& options = {});
/// Where along the axis, or in the flattened x, the largest (smallest) of the numbers stands, as argmax() and argmin().
/// @throws ShapeError when the axis is empty; ValueError when all along it are missing
Variable nanargmax(const Operand& x, std::optional<int> axis = {}, const ReduceOptions& options = {});
Variable nanargmin(const Operand& x, std::optional<int> axis = {}, const ReduceOptions& options = {});
/// The variance (standard deviation) of the n numbers: as var() and stddev(), the derivatives too.
Variable nanvar(const Operand& x, const Axes& axes = {}, const VarianceOptions& options = {});
Variable nanstddev(const Operand& x, const Axes& axes = {}, const VarianceOptions& options = {});

}  // namespace xgrad
