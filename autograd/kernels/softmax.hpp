#pragma once

#include <cstddef>

namespace xgrad::kernels {

/// For each of `rows` rows of n: log sum exp, or the softmax, or its logarithm, all by way of the row's maximum.
template <class T>
void logsumexp_rows(T* y, const T* x, std::size_t rows, std::size_t n);
template <class T>
void softmax_rows(T* y, const T* x, std::size_t rows, std::size_t n);
template <class T>
void log_softmax_rows(T* y, const T* x, std::size_t rows, std::size_t n);

}  // namespace xgrad::kernels
