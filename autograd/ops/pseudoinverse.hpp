#pragma once

#include <xgrad/autograd/ops/matrix_functions.hpp>

#include <optional>

/// Least squares, rank and condition, over the last two axes; leading axes are a batch. A matrix with a NaN or an
/// infinity is a ValueError.
namespace xgrad {

/// The pseudoinverse (Moore, Penrose) of (..., m, n): (..., n, m). Singular values up to `rcond` times the largest
/// count as 0; by default max(m, n) times the type's epsilon.
///
///     da = -y^T dy y^T + (1 - a y) dy^T y y^T + y^T y dy^T (1 - y a)
///
/// which holds while the rank stays the same (G. Golub & V. Pereyra 1973).
/// @throws ShapeError when a is no matrix; ValueError when LAPACK's iteration does not converge
Variable pinv(const Operand& a, std::optional<double> rcond = {});

struct LstsqResult {
    Variable solution;         ///< x, (..., n, k)
    Variable residuals;        ///< the sum of squares of each column of a x - b, (..., k), whatever the rank
    Variable rank;             ///< of a, as matrix_rank(): int64 (...)
    Variable singular_values;  ///< of a, (..., min(m, n)), descending; without a gradient, which those of svd() have
};
/// The x of least |a x - b|, and of these the one of least |x|: pinv(a) b. Any m, n and rank.
///
/// @param a (..., m, n)
/// @param b (..., m, k), or (m): one right side, and x is then (..., n), its residual (...)
/// @throws ShapeError when b has not m rows; else as pinv()
LstsqResult lstsq(const Operand& a, const Operand& b, std::optional<double> rcond = {});

/// How many singular values of (..., m, n) exceed `rcond` times the largest, which is max(m, n) times the type's
/// epsilon when not said: int64 (...), no gradient.
/// @throws as pinv()
Variable matrix_rank(const Operand& a, std::optional<double> rcond = {});

/// The condition number of (..., m, n), by how much solving with it may enlarge relative errors: shape (...). In the
/// 2-norm (`spectral`) the largest singular value over the smallest, infinite where that is 0, and for
/// `smallest_singular` the inverse of that ratio. In the other norms, of square matrices, |a| times |a^-1|. Its
/// gradient is that of svd(), or of matrix_norm() and inverse().
/// @throws ShapeError when a is no matrix, an empty one, or not square where it must be; ValueError as pinv(), or as
///         inverse() on a singular matrix
Variable cond(const Operand& a, MatrixNorm which = MatrixNorm::spectral);

}  // namespace xgrad
