#pragma once

#include <xgrad/autograd/variable.hpp>

#include <vector>

namespace xgrad {

struct MatmulOptions {
    bool transpose_a = false;  ///< use a with its last two axes swapped, without copying it
    bool transpose_b = false;
};

/// The matrix product over the last two axes; leading axes broadcast. A vector on either side is a row (left) or a
/// column (right), and its axis of size 1 does not stay, as in NumPy.
///
///     y = a b        da = dy b^T, db = a^T dy
///
/// @param a (..., m, k), or (k)
/// @param b (..., k, n), or (k); both may be int64, which gives int64 without a gradient
/// @returns (..., m, n)
/// @throws ShapeError when the inner sizes differ, the leading axes do not broadcast, or an operand is a single number
Variable matmul(const Operand& a, const Operand& b, const MatmulOptions& options = {});

/// c + a b, added up while it is computed where the product is large: PyTorch's addmm and baddbmm, with c and a to be
/// scaled by the caller. A temporary c lends its memory.
///
///     y = c + a b    dc = dy, da = dy b^T, db = a^T dy
///
/// @param c broadcasts to (..., m, n)
/// @param a (..., m, k)
/// @param b (..., k, n)
/// @returns (..., m, n)
/// @throws ShapeError when the inner sizes differ, the leading axes do not broadcast, c does not broadcast to the
/// product's shape, or a or b has fewer than two axes; DTypeError on int64, or on mixed types
Variable addmm(Operand c, const Operand& a, const Operand& b, const MatmulOptions& options = {});

/// NumPy's dot: the sum of products over the last axis of a and the last but one of b (its only one, if it is a
/// vector). For vectors a number, for matrices their product; with a single number, a b. Unlike matmul(), it pairs
/// every matrix of a with every one of b.
///
///     y[i..., j..., n] = sum_k a[i..., k] b[j..., k, n]
///
/// @throws ShapeError when the two axes differ in size
Variable dot(const Operand& a, const Operand& b);
/// The sum of products over the last axis of both: y[i..., j...] = sum_k a[i..., k] b[j..., k]; with a single number, a
/// b.
/// @throws ShapeError when the two axes differ in size
Variable inner(const Operand& a, const Operand& b);
/// The sum of products of all elements, whatever the shapes. @throws ShapeError when there are more on one side
Variable vdot(const Operand& a, const Operand& b);
/// Every element of a times every one of b, (a's size, b's size): y[i, j] = a[i] b[j];  da = dy b, db = dy^T a.
Variable outer(const Operand& a, const Operand& b);

/// Kronecker's product: every element of a times all of b, as blocks. Axes are aligned at the last one; at most 4.
///
///     y[i p + r, j q + s] = a[i, j] b[r, s] for b of (p, q)
///
/// @throws ShapeError on more axes
Variable kron(const Operand& a, const Operand& b);
/// The product of several matrices, in the order that takes the fewest multiplications (Godbole 1973). The first may be
/// a vector, a row, and the last one a column.
/// @throws ShapeError when inner sizes differ, or another is no matrix; ValueError on less than two
Variable multi_dot(const std::vector<Variable>& matrices, const Location& at = Location::current());

/// The sum of the k-th diagonal over two axes, the last two when not said: (..., m, n) -> (...). 0 when it lies
/// outside. dx = dy on the diagonal, else 0.
/// @throws ShapeError when x has fewer than two axes; IndexError on an axis out of range; ValueError when the two are
/// the same
Variable trace(const Operand& x, long k = 0, int axis1 = -2, int axis2 = -1);

}  // namespace xgrad
