#pragma once

#include <xgrad/autograd/ops/reduce.hpp>

#include <vector>

/// Quantiles and medians: what stands at a place among the sorted elements. All throw ValueError unless 0 <= q <= 1,
/// ShapeError over nothing, and IndexError on an axis out of range or named twice.
namespace xgrad {

/// Which of the two elements between which a quantile falls, or what of them, it is.
enum class Interpolation { linear, lower, higher, nearest, midpoint };

struct QuantileOptions {
    Interpolation interpolation = Interpolation::linear;
    bool keepdims = false;
};

/// The number below which the share q of n elements lies: the element at q (n - 1) of the sorted ones, from 0 on, or
/// between the two nearest to there (Hyndman & Fan 1996, definition 7), as in NumPy and PyTorch.
///
///     y = (1 - w) x_(k) + w x_(k+1), k + w = q (n - 1)        dx_(k) = (1 - w) dy, dx_(k+1) = w dy, the others 0
///
/// Of elements that tie the first in x gets the gradient of the first place. NaN if there is one.
Variable quantile(const Operand& x, double q, const Axes& axes = {}, const QuantileOptions& options = {});
/// The same for several q: they make a new first axis.
Variable quantile(const Operand& x, const std::vector<double>& q, const Axes& axes = {},
                  const QuantileOptions& options = {});
/// The quantile 1/2, as NumPy's: of an even number of elements the mean of the middle two, which share the gradient.
Variable median(const Operand& x, const Axes& axes = {}, const ReduceOptions& options = {});

/// quantile() and median() of those elements that are not NaN, n of them each time. NaN where there are none, with
/// gradient 0, as nanmean().
Variable nanquantile(const Operand& x, double q, const Axes& axes = {}, const QuantileOptions& options = {});
Variable nanquantile(const Operand& x, const std::vector<double>& q, const Axes& axes = {},
                     const QuantileOptions& options = {});
Variable nanmedian(const Operand& x, const Axes& axes = {}, const ReduceOptions& options = {});

}  // namespace xgrad
