#pragma once

#include <xgrad/autograd/variable.hpp>

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
/// @param b (..., k, n), or (k)
/// @returns (..., m, n)
/// @throws ShapeError when the inner sizes differ, the leading axes do not broadcast, or an operand is a single number
Variable matmul(const Operand& a, const Operand& b, const MatmulOptions& options = {});

}  // namespace xgrad
