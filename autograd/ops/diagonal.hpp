#pragma once

#include <xgrad/autograd/variable.hpp>

#include <cstddef>
#include <vector>

/// Diagonals and triangles of matrices. The k-th diagonal starts at (0, k), or for k < 0 at (-k, 0). Gradients are the
/// inverse rearrangements, to any order; integers pass too.
namespace xgrad {

/// The k-th diagonal over two axes; it becomes the last axis, behind the others: (a, n, n, b) -> (a, b, n) with axes
/// 1 and 2. Empty when it lies outside. dx is dy on the diagonal and 0 elsewhere.
/// @throws IndexError on an axis out of range; ValueError when the two are the same
Variable diagonal(const Operand& x, long k = 0, int axis1 = 0, int axis2 = 1);
/// Matrices with x's last axis on the k-th diagonal and 0 elsewhere: (..., n) -> (..., n + |k|, n + |k|). The matrix's
/// rows and columns run along axis1 and axis2 of the result. dx is dy's diagonal.
/// @throws IndexError on an axis out of range, or on a scalar; ValueError when the two are the same, or |k| > 2^30
Variable diag_embed(const Operand& x, long k = 0, int axis1 = -2, int axis2 = -1);
/// A vector's matrix, or a matrix's diagonal. @throws ShapeError on another rank
Variable diag(const Operand& x, long k = 0);

/// The elements of matrices (..., n, m) on and below (above) the k-th diagonal, and 0 elsewhere; dx = tril(dy, k).
/// @throws ShapeError on less than two axes
Variable tril(const Operand& x, long k = 0);
Variable triu(const Operand& x, long k = 0);
/// The places of those elements in a matrix (rows, columns), row-major: {row of each, column of each}, int64, as
/// NumPy's. take_at(x, tril_indices(n, n)) are the elements themselves.
std::vector<Variable> tril_indices(std::size_t rows, std::size_t columns, long k = 0);
std::vector<Variable> triu_indices(std::size_t rows, std::size_t columns, long k = 0);

}  // namespace xgrad
