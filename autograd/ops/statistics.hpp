#pragma once

#include <xgrad/autograd/ops/reduce.hpp>

namespace xgrad {

struct VarianceOptions {
    double correction = 0;  ///< taken off the number of elements that the sum is divided by; PyTorch's default is 1
    bool keepdims = false;
    Variable where = {};  ///< a mask of any type, broadcast to x: elements where it is 0 take no part
};

/// The variance of n elements, in two passes, so that a large mean takes nothing from its accuracy.
///
///     y = sum (x - mean)^2 / max(n - correction, 0)        dx = dy 2 (x - mean) / (n - correction)
///
/// NaN when n is `correction` or nothing. What takes no part may be NaN, and its gradient is 0.
/// @throws IndexError on an axis out of range or named twice; ShapeError when `where` does not broadcast to x
Variable var(const Operand& x, const Axes& axes = {}, const VarianceOptions& options = {});
/// The standard deviation, the square root of var() (`std` is taken in C++).
///
///     dx = dy (x - mean) / ((n - correction) y)
///
/// Where all elements are the same y has a kink, and the gradient is 0, as in PyTorch.
Variable stddev(const Operand& x, const Axes& axes = {}, const VarianceOptions& options = {});
struct VarianceAndMean {
    Variable variance, mean;
};
/// var() and mean() of the same elements. @throws as they do
VarianceAndMean var_mean(const Operand& x, const Axes& axes = {}, const VarianceOptions& options = {});
struct DeviationAndMean {
    Variable deviation, mean;
};
/// stddev() and mean() of the same elements. @throws as they do
DeviationAndMean stddev_mean(const Operand& x, const Axes& axes = {}, const VarianceOptions& options = {});

/// The mean with weights: y = sum w x / sum w over the axes;  dx = dy w / sum w, dw = dy (x - y) / sum w.
/// @param weights broadcast to x
/// @throws ShapeError when they do not; IndexError on an axis out of range or named twice
Variable average(const Operand& x, const Operand& weights, const Axes& axes = {}, const ReduceOptions& options = {});

struct CovarianceOptions {
    double correction = 1;   ///< as for var(); NumPy's and PyTorch's default for covariances
    bool rowvar = true;      ///< a variable is a row; else a column
    Variable fweights = {};  ///< how often each observation was made: int64 (m)
    Variable aweights = {};  ///< how much each counts: (m), of x's type; they have a gradient
};

/// The covariances of n variables, each observed m times: (n, m) -> (n, n), or (m) -> () for a single one. With weights
/// as numpy.cov: w = fweights aweights, 1 where they are not given, of the total W.
///
///     z = x - the mean of each row, sum_k w_k x_ik / W        y = z diag(w) z^T / max(f, 0)
///     f = W - correction sum_k w_k aweights_k / W, which without aweights is W - correction, and without weights
///     m - correction        dz = (dy + dy^T) z diag(w) / f
///
/// @throws ShapeError on another rank, or unless the weights are (m); DTypeError unless they are of those types;
///         ValueError on a negative weight
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

/// Vectors along some axes brought to length 1: x / max(norm(x, p), eps). Those shorter than eps are divided by eps.
/// @throws as norm()
Variable normalize(const Operand& x, double p = 2, const Axes& axes = -1, double eps = 1e-12);
/// The entries along an axis, each brought to the norm `maximum` where it is larger: PyTorch's, of an embedding's rows
/// for axis 0.
///
///     y_i = x_i min(1, maximum / norm(x_i, p))
///
/// @throws ValueError unless maximum >= 0; IndexError on an axis out of range; as norm()
Variable renorm(const Operand& x, double p, int axis, double maximum);

}  // namespace xgrad
