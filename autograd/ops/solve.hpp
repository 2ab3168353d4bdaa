#pragma once

#include <xgrad/autograd/variable.hpp>

/// Linear systems and inverses, over the last two axes; leading axes are a batch, and broadcast between two operands.
/// A NaN or an infinity in a matrix gives NaN throughout its result. The derivatives are those of M. Giles, "Collected
/// matrix derivative results for forward and reverse mode algorithmic differentiation" (2008), of any order.
namespace xgrad {

struct SolveOptions {
    bool left = true;  ///< a stands left of x; else solve x a = b
};

/// The x of a x = b, from an LU factorization with row interchanges.
///
///     x = a^-1 b        db = a^-T dx, da = -db x^T
///
/// @param a (..., n, n)
/// @param b (..., n, k), or (n): one right side, and x is then (..., n). As in NumPy 2, only a b of one axis is a
/// vector. With a on the right b is (..., k, n), and so is x, or (n): one row.
/// @throws ShapeError when a is not square or b does not fit; ValueError when a matrix is singular
Variable solve(const Operand& a, const Operand& b, const SolveOptions& options = {});

/// The inverse of (..., n, n).
///
///     y = a^-1        da = -y^T dy y^T
///
/// solve() is faster and more accurate than a product with the inverse.
/// @throws ShapeError when a is not square; ValueError when a matrix is singular
Variable inverse(const Operand& a);

struct TriangularSolveOptions {
    bool lower = true;           ///< which triangle of a is read; the other need not be 0
    bool transpose = false;      ///< solve a^T x = b instead
    bool unit_diagonal = false;  ///< take the diagonal as 1 without reading it
    bool left = true;            ///< a stands left of x; else solve x a = b, or x a^T = b
};

/// The x of a x = b for a triangular a, (..., n, n); b and x as for solve().
///
///     db = a^-T dx, da = the triangle of -db x^T
///
/// @throws ShapeError when a is not square or b does not fit; ValueError when there is a 0 on a diagonal
Variable triangular_solve(const Operand& a, const Operand& b, const TriangularSolveOptions& options = {});

/// The x of a x = b for a = l l^T, given its Cholesky factor l = cholesky(a), as for many right sides that do not come
/// together; b and x as for solve(). PyTorch's has b first.
/// @param l (..., n, n), of which the lower triangle is read
/// @throws ShapeError when l is not square or b does not fit; ValueError when there is a 0 on a diagonal
Variable cholesky_solve(const Operand& l, const Operand& b);

/// The product of `exponent` factors a, (..., n, n), by repeated squaring; of its inverse when the exponent is
/// negative.
/// @throws ShapeError when a is not square; ValueError when an inverse is needed and there is none
Variable matrix_power(const Operand& a, int exponent);

}  // namespace xgrad
