#pragma once

#include <xgrad/autograd/variable.hpp>

#include <optional>

/// Vectors that lie along an axis of an array: their products, distances and powers. Made of other operators, so their
/// gradients are of any order.
namespace xgrad {

/// The product of vectors along an axis; the others broadcast: y = sum_k a_k b_k. The axis is that of the common shape.
/// @throws ShapeError when the shapes do not broadcast together; IndexError on an axis out of range
Variable vecdot(const Operand& a, const Operand& b, int axis = -1);

/// The cross product of vectors of 3 along an axis; the others broadcast.
///
///     y_0 = a_1 b_2 - a_2 b_1, and so on in turn        da = b x dy, db = dy x a
///
/// @throws ShapeError unless the axis, that of the common shape, is of size 3; as vecdot()
Variable cross(const Operand& a, const Operand& b, int axis = -1);

/// The distances between all vectors of a and all of b, in the norm of exponent p: norm(a_i - b_j, p). The differences
/// are held in memory, (..., n, m, d).
///
///     da_i = sum_j dy_ij d norm(a_i - b_j), 0 where the two are the same
///
/// @param a (..., n, d)
/// @param b (..., m, d); leading axes broadcast
/// @returns (..., n, m)
/// @throws ShapeError unless both are (batches of) matrices with vectors of one size; as norm()
Variable cdist(const Operand& a, const Operand& b, double p = 2);

/// A row for each element of x: its powers from n - 1 down to 0, or up when `increasing`. (..., m) -> (..., m, n); n is
/// m when not said (Vandermonde). Right also where x is 0.
/// @throws ShapeError when x is a single number
Variable vander(const Operand& x, std::optional<std::size_t> n = {}, bool increasing = false);

}  // namespace xgrad
