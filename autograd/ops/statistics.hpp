#pragma once

#include <vector>

#include <xgrad/autograd/ops/reduce.hpp>

namespace xgrad {

struct VarianceOptions {
    double correction = 0;  ///< taken off the number of elements that the sum is divided by; PyTorch's default is 1
    bool keepdims = false;
};

/// The variance of n elements, in two passes, so that a large mean takes nothing from its accuracy.
///
///     y = sum (x - mean)^2 / max(n - correction, 0)        dx = dy 2 (x - mean) / (n - correction)
///
/// NaN when n is `correction` or nothing. @throws IndexError on an axis out of range or named twice
Variable var(const Operand& x, const Axes& axes = {}, const VarianceOptions& options = {});
/// Its square root, the standard deviation (`std` is taken in C++).
///
///     dx = dy (x - mean) / ((n - correction) y)
///
/// Where all elements are the same y has a kink, and the gradient is 0, as in PyTorch.
Variable stddev(const Operand& x, const Axes& axes = {}, const VarianceOptions& options = {});

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
/// @throws ValueError unless 0 <= q <= 1; ShapeError over nothing; IndexError on an axis out of range or named twice
Variable quantile(const Operand& x, double q, const Axes& axes = {}, const QuantileOptions& options = {});
/// The same for several q: they make a new first axis.
Variable quantile(const Operand& x, const std::vector<double>& q, const Axes& axes = {},
                  const QuantileOptions& options = {});
/// The quantile 1/2, as NumPy's: of an even number of elements the mean of the middle two, which share the gradient.
Variable median(const Operand& x, const Axes& axes = {}, const ReduceOptions& options = {});

/// The sum (mean) of the elements that are not NaN; those that are get no gradient. Over nothing 0 (NaN).
/// @throws IndexError on an axis out of range or named twice
Variable nansum(const Operand& x, const Axes& axes = {}, const ReduceOptions& options = {});
Variable nanmean(const Operand& x, const Axes& axes = {}, const ReduceOptions& options = {});

/// The differences of neighbours along an axis, n times over: (..., m, ...) -> (..., m - n, ...), empty when n is more.
///
///     y_k = x_(k+1) - x_k        dx_k = dy_(k-1) - dy_k
///
/// @throws IndexError on an axis out of range
Variable diff(const Operand& x, std::size_t n = 1, int axis = -1);

struct CovarianceOptions {
    double correction = 1;  ///< as for var(); NumPy's and PyTorch's default for covariances
    bool rowvar = true;     ///< a variable is a row; else a column
};

/// The covariances of n variables, each observed m times: (n, m) -> (n, n), or (m) -> () for a single one.
///
///     z = x - the mean of each row, y = z z^T / max(m - correction, 0)        dz = (dy + dy^T) z / (m - correction)
///
/// @throws ShapeError on another rank
Variable cov(const Operand& x, const CovarianceOptions& options = {});
/// Pearson's correlation coefficients: y_ij = c_ij / sqrt(c_ii c_jj) for c = cov(x). NaN where a variable does not
/// vary.
/// @throws ShapeError unless x is (n, m) or (m)
Variable corrcoef(const Operand& x, bool rowvar = true);

/// The norm of vectors; without axes, of all elements as one vector (for a matrix, Frobenius's).
///
///     y = (sum |x|^p)^(1/p)        dx = dy sign(x) (|x| / y)^(p - 1)
///
/// p may be any number: 1, 2, INFINITY (the largest |x|), -INFINITY (the smallest), 0 (how many are not 0; without a
/// gradient). Where y is 0 the gradient is 0, and for other p than 2 so it is where x is 0. |x|^p may overflow or
/// underflow: then it is taken relative to the largest |x|.
/// @throws ValueError when p is NaN; IndexError on an axis out of range or named twice; ShapeError for the largest or
///         smallest of nothing
Variable norm(const Operand& x, double p = 2, const Axes& axes = {}, const ReduceOptions& options = {});

}  // namespace xgrad
