#pragma once

#include <cstddef>

/// LAPACK on one row-major, contiguous matrix of float or double, on this thread alone. LAPACK stores columns one after
/// the other and so meets each matrix transposed; where that matters these functions call the mirrored routine (an LQ
/// factorization for QR, the upper triangle for the lower) instead of turning the matrix.
///
/// The integers returned are 0 when all went well, `not_finite` when the matrix holds a NaN or an infinity, which the
/// iterations of LAPACK may not survive, or else what LAPACK says.
namespace xgrad::kernels {

inline constexpr int not_finite = -1;

template <class T>
bool all_finite(const T* a, std::size_t count);

/// The LU factorization of a^T with row interchanges, in place. A matrix with a NaN or an infinity becomes NaN
/// throughout.
/// @returns 0, or which pivot is exactly 0, counted from 1
template <class T>
int lu(std::size_t n, T* a, int* pivots);
/// a x = b, or a^T x = b, in place of b (n, k), from what lu() made of a.
template <class T>
void lu_solve(bool transpose, std::size_t n, std::size_t k, const T* factors, const int* pivots, T* b);
/// a = p l u of (m, n), k = min(m, n), with row interchanges: p (m, m), l (m, k), u (k, n). For an a that is not finite
/// l and u are NaN throughout, p is the identity.
template <class T>
void plu(std::size_t m, std::size_t n, const T* a, T* p, T* l, T* u);
/// a^-1, in place. @returns as lu()
template <class T>
int inverse(std::size_t n, T* a);

/// op(a) x = b in place of b (n, k); only the named triangle of a is read, without its diagonal (taken as 1) if `unit`.
template <class T>
void triangular_solve(bool lower, bool transpose, bool unit, std::size_t n, std::size_t k, const T* a, T* b);

/// The lower l of a = l l^T, in place, from a's lower triangle; zeros above.
/// @returns 0, not_finite, or the order of the first leading minor that is not positive
template <class T>
int cholesky(std::size_t n, T* a);

/// a = q r with a (m, n), overwritten; q (m, k), r (k, n), k = min(m, n), or k = m for the complete one. NaN throughout
/// for an a that is not finite.
template <class T>
void qr(bool complete, std::size_t m, std::size_t n, T* a, T* q, T* r);

/// The eigenvalues of a symmetric matrix, ascending, and in place of a its eigenvectors as columns.
/// @returns 0, not_finite, or how many elements did not converge
template <class T>
int eigh(std::size_t n, T* a, T* values);

/// a = u diag(s) vh with a (m, n), overwritten; u (m, k), s (k) descending, vh (k, n), k = min(m, n); the full one has
/// u (m, m) and vh (n, n).
/// @returns 0, not_finite, or how many elements did not converge
template <class T>
int svd(bool full, std::size_t m, std::size_t n, T* a, T* u, T* s, T* vh);

}  // namespace xgrad::kernels
