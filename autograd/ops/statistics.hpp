#pragma once

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
