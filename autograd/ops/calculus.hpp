#pragma once

#include <xgrad/autograd/variable.hpp>

/// Differences, slopes and integrals of functions that are given by samples along an axis. (For the derivatives of
/// functions that are computed see functional.hpp.) Made of other operators, so their gradients are of any order. All
/// throw IndexError on an axis out of range.
///
/// Where the samples stand is said by a step, or by their places: a vector of the axis's size, or an array of y's
/// shape. Of these a ShapeError is thrown when they are neither.
namespace xgrad {

/// The differences of neighbours along an axis, n times over: (..., m, ...) -> (..., m - n, ...), empty when n is more.
///
///     y_k = x_(k+1) - x_k        dx_k = dy_(k-1) - dy_k
///
Variable diff(const Operand& x, std::size_t n = 1, int axis = -1);

struct GradientOptions {
    int edge_order = 1;  ///< 2 for parabolas through the outer three samples; 1 for lines through two
};
/// The slopes at the samples, as NumPy's gradient along one axis: inside, those of the parabolas through neighbouring
/// samples.
///
///     g_k = (h_k s_(k-1) + h_(k-1) s_k) / (h_(k-1) + h_k), s_k = (y_(k+1) - y_k) / h_k, h_k = x_(k+1) - x_k
///     g_0 = s_0, or with edge_order 2: s_0 + (s_0 - s_1) h_0 / (h_0 + h_1)
///
/// @throws ShapeError on less than edge_order + 1 samples; ValueError unless edge_order is 1 or 2
Variable gradient(const Operand& y, double step = 1, int axis = -1, const GradientOptions& options = {});
Variable gradient(const Operand& y, const Variable& x, int axis = -1, const GradientOptions& options = {});

/// The integral by the trapezoidal rule, without the axis: sum_k (x_(k+1) - x_k) (y_k + y_(k+1)) / 2. 0 for less than
/// two samples.
Variable trapezoid(const Operand& y, double step = 1, int axis = -1);
Variable trapezoid(const Operand& y, const Variable& x, int axis = -1);
/// The integral by the trapezoidal rule from the first sample up to each of the others: (..., m, ...) -> (..., m - 1,
/// ...).
Variable cumulative_trapezoid(const Operand& y, double step = 1, int axis = -1);
Variable cumulative_trapezoid(const Operand& y, const Variable& x, int axis = -1);

/// The value at each x of the function that is linear between the points (xp, fp), and constant beyond the first and
/// the last, as NumPy's. Between x_k and x_(k+1):
///
///     y = f_k + t (f_(k+1) - f_k), t = (x - x_k) / (x_(k+1) - x_k)        dx = dy (f_(k+1) - f_k) / (x_(k+1) - x_k)
///
/// @param xp,fp vectors of one size, xp ascending
/// @throws ShapeError unless they are, with two elements at least; DTypeError when the types differ
Variable interp(const Operand& x, const Variable& xp, const Variable& fp);

}  // namespace xgrad
