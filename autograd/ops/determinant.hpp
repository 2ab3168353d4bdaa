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

}  // namespace xgrad
