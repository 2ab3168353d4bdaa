#pragma once

#include <cstddef>

namespace xgrad::kernels {

/// C = op(A) op(B), row-major and contiguous, where op transposes A when `ta`, B when `tb`: op(A) is (m, k), op(B) is
/// (k, n). Products of int64 are plain loops.
template <class T>
void matmul(bool ta, bool tb, std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c);
/// C += op(A) op(B), to the last bit as if the product was made first. Not for int64.
template <class T>
void add_matmul(bool ta, bool tb, std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b, T* c);

}  // namespace xgrad::kernels
