#pragma once

#include <cstddef>

/// The determinant and its first two derivatives: polynomials of the elements, and right for singular matrices too.
/// All is NaN for a matrix that is not finite.
namespace xgrad::kernels {

/// det a = sign exp(log_size); 0 and -infinity when it is 0.
template <class T>
struct Determinant {
    T value, sign, log_size;
};
/// By an LU factorization, in place of a.
template <class T>
Determinant<T> determinant(std::size_t n, T* a);

/// The matrix of cofactors, d det / da (n, n). @returns 0, or a failure of svd()
template <class T>
int cofactor(std::size_t n, const T* a, T* result);

/// sum_ij g_ij d cofactor_ij / da (n, n). @returns 0, or a failure of svd()
template <class T>
int cofactor_slope(std::size_t n, const T* a, const T* g, T* result);

}  // namespace xgrad::kernels
