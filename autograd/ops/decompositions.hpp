#pragma once

#include <xgrad/autograd/variable.hpp>

/// Matrix decompositions over the last two axes; leading axes are a batch. All throw ValueError when a matrix holds a
/// NaN or an infinity, except where said otherwise.
namespace xgrad {

/// The lower triangular l, with a positive diagonal, of a symmetric positive definite a = l l^T, (..., n, n). Of a the
/// symmetric part (a + a^T) / 2 is used, and so the gradient is symmetric.
///
///     da = l^-T sym(P) l^-1, P = the lower triangle of l^T dl with half its diagonal
///
/// (S. Smith 1995; I. Murray, "Differentiation of the Cholesky decomposition", 2016.)
/// @throws ShapeError when a is not square; ValueError when a matrix is not positive definite, saying which leading
/// minor
Variable cholesky(const Operand& a);

}  // namespace xgrad
