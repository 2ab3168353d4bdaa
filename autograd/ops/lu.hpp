#pragma once

#include <xgrad/autograd/variable.hpp>

namespace xgrad {

struct LuResult {
    Variable p;  ///< (..., m, m), a permutation matrix; without a gradient
    Variable l;  ///< (..., m, k), lower triangular with a diagonal of 1
    Variable u;  ///< (..., k, n), upper triangular
};

/// The LU decomposition with row interchanges a = p l u of (..., m, n), k = min(m, n); leading axes are a batch. A
/// matrix with a NaN or an infinity gives NaN in l and u.
///
///     da = p l^-T (tril(l^T dl, -1) + triu(du u^T)) u^-T        for m = n
///
/// (S. Walter & L. Lehmann 2010; for others the first k rows and columns go as this, the rest as solutions with them.)
/// solve() and det() have gradients of their own, and are the faster for what they do.
/// @throws ShapeError when a is no matrix; ValueError from backward() when the first k columns are not independent
LuResult lu(const Operand& a);

}  // namespace xgrad
