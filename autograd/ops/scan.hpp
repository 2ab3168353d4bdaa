#pragma once

#include <xgrad/autograd/variable.hpp>

/// Running sums and their like along an axis; the result has x's shape. A negative axis counts from the end. All throw
/// IndexError on an axis out of range. No gradient divides, so zeros do no harm, to any order.
/// cumsum, cumprod, cummax and cummin take int64 too, without a gradient; overflow wraps around.
namespace xgrad {

struct ScanOptions {
    bool reverse = false;    ///< from the last element to the first
    bool exclusive = false;  ///< without the element itself: the first is the sum (product) of nothing
};

/// y_k = x_0 + ... + x_k;  dx_k = dy_k + dy_(k+1) + ...
Variable cumsum(const Operand& x, int axis = -1, const ScanOptions& options = {});
/// y_k = x_0 x_1 ... x_k;  dx_k = the sum over i >= k of dy_i times the product of the other factors of y_i.
Variable cumprod(const Operand& x, int axis = -1, const ScanOptions& options = {});
/// The largest (smallest) of x_0 ... x_k; a NaN stays. The gradient goes to the last of several, as in PyTorch.
Variable cummax(const Operand& x, int axis = -1);
Variable cummin(const Operand& x, int axis = -1);
/// Where the largest (smallest) of x_0 ... x_k stands: the last of several, and of several NaN; int64, no gradient.
Variable argcummax(const Operand& x, int axis = -1);
Variable argcummin(const Operand& x, int axis = -1);
/// y_k = log(e^x_0 + ... + e^x_k), without overflow;  dx_k = the sum over i >= k of dy_i e^(x_k - y_i).
Variable logcumsumexp(const Operand& x, int axis = -1);

struct LinearScanOptions {
    bool reverse = false;  ///< y_k = a_k y_(k+1) + b_k, from the last element to the first
};
/// The linear recurrence y_k = a_k y_(k-1) + b_k from y_(-1) = 0: discounted sums, moving averages, state-space layers.
///
///     db_k = dy_k + a_(k+1) db_(k+1)        da_k = db_k y_(k-1)
///
/// @throws ShapeError unless a and b have the same shape
Variable linear_scan(const Operand& a, const Operand& b, int axis = -1, const LinearScanOptions& options = {});

}  // namespace xgrad
