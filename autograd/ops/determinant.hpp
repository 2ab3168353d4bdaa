#pragma once

#include <xgrad/autograd/variable.hpp>

/// Determinants of (..., n, n), one number per matrix: shape (...). All throw ShapeError when a is not square; a matrix
/// with a NaN or an infinity gives NaN.
namespace xgrad {

/// The determinant, from an LU factorization.
///
///     da = dy cof(a) = dy det(a) a^-T
///
/// The gradient and its gradient are right for singular matrices too: cofactors are computed through the singular
/// values (Stewart 1998, "On the adjugate matrix") where the inverse is of no use. Only the third order needs an
/// inverse. Large matrices overflow: see slogdet().
Variable det(const Operand& a);

struct SlogdetResult {
    Variable sign;       ///< 1, -1, or 0 for a singular matrix; without a gradient
    Variable logabsdet;  ///< log |det a|, -infinity for a singular matrix
};

/// The sign and the logarithm of the determinant's size, where the determinant itself would overflow.
///
///     det a = sign exp(logabsdet)        da = dlogabsdet a^-T
///
/// @throws ValueError from backward() when a matrix is singular
SlogdetResult slogdet(const Operand& a);

/// log det a: NaN where the determinant is negative, -infinity where it is 0;  da = dy a^-T.
/// @throws ValueError from backward() when a matrix is singular
Variable logdet(const Operand& a);

}  // namespace xgrad
