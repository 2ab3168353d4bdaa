#include "plain_matmul.hpp"

#include <algorithm>

template <class T>
void plain_matmul(std::size_t n, const T* a, const T* b, T* c) {
    for (std::size_t i = 0; i < n; ++i) {
        T* const row = c + i * n;
        std::fill_n(row, n, T(0));
        for (std::size_t k = 0; k < n; ++k) {
            const T factor = a[i * n + k];
            for (std::size_t j = 0; j < n; ++j) row[j] += factor * b[k * n + j];
        }
    }
}

template void plain_matmul<float>(std::size_t, const float*, const float*, float*);
template void plain_matmul<double>(std::size_t, const double*, const double*, double*);
