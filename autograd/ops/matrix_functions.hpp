#pragma once

#include <xgrad/autograd/ops/reduce.hpp>

/// Functions of whole matrices, over the last two axes; leading axes are a batch.
namespace xgrad {

/// The matrix exponential 1 + a + a a / 2 + ... of (..., n, n), by scaling and squaring of Pade's approximant (N.
/// Higham 2005, "The scaling and squaring method for the matrix exponential revisited").
///
///     da = the upper right block of exp((a^T dy; 0 a^T))
///
/// (R. Mathias 1996, "A chain rule for matrix functions"): of any order, each on matrices of twice the size.
/// @throws ShapeError when a is not square; ValueError when a matrix holds a NaN or an infinity
Variable matrix_exp(const Operand& a);

/// What a matrix is measured by.
enum class MatrixNorm {
    frobenius,          ///< the root of the sum of squares
    nuclear,            ///< the sum of the singular values
    spectral,           ///< the largest singular value: NumPy's 2
    smallest_singular,  ///< the smallest, no norm in truth: NumPy's -2
    column,             ///< the largest sum of |a| down a column: NumPy's 1
    smallest_column,    ///< the smallest: NumPy's -1
    row,                ///< the largest sum of |a| along a row: NumPy's inf
    smallest_row        ///< the smallest: NumPy's -inf
};
/// The norm of (..., m, n): shape (...). The gradients are those of norm(), svd(), max() and min().
/// @throws ShapeError when a is no matrix, or an empty one where a largest or smallest is sought; ValueError as svd()
Variable matrix_norm(const Operand& a, MatrixNorm which = MatrixNorm::frobenius, const ReduceOptions& options = {});

}  // namespace xgrad
