#pragma once

#include <cstddef>

namespace xgrad::kernels {

/// C = op(A) op(B), row-major and contiguous, where op may transpose: op(A) is (m, k), op(B) is (k, n).
template <class T>
void matmul(bool transpose_a, bool transpose_b, std::size_t m, std::size_t n, std::size_t k, const T* a, const T* b,
            T* c);

}  // namespace xgrad::kernels
