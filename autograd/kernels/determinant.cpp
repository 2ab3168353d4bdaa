#include <xgrad/autograd/kernels/determinant.hpp>

#include <xgrad/autograd/kernels/lapack.hpp>
#include <xgrad/autograd/kernels/matmul.hpp>
#include <xgrad/autograd/memory.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

namespace xgrad::kernels {

namespace {

template <class T>
using Scratch = std::vector<T, memory::Allocator<T>>;

/// Below this ratio of pivots det a^-T has lost too many digits, and the singular values are used.
constexpr double safe_ratio = 1e-3;

/// a = u diag(s) vh. The cofactors of a are those of diag(s) between u and vh, times det u det vh.
template <class T>
struct Decomposed {
    Scratch<T> u, s, vh;
    T sign = 1;

    Decomposed(std::size_t n, const T* a, int& status) : u(n * n), s(n), vh(n * n) {
        Scratch<T> copy(a, a + n * n);
        status = svd(false, n, n, copy.data(), u.data(), s.data(), vh.data());
        if (status != 0) return;
        for (const Scratch<T>* rotation : {&u, &vh}) {
            copy = *rotation;
            sign *= determinant(n, copy.data()).sign;
        }
    }
    /// The product of all singular values but those at i and j.
    T product_without(std::size_t i, std::size_t j) const {
        T product = 1;
        for (std::size_t k = 0; k < s.size(); ++k)
            if (k != i && k != j) product *= s[k];
        return product;
    }
};

/// result = sign u middle vh
template <class T>
void between(const Decomposed<T>& d, std::size_t n, const Scratch<T>& middle, T* result) {
    Scratch<T> half(n * n);
    matmul(false, false, n, n, n, d.u.data(), middle.data(), half.data());
    matmul(false, false, n, n, n, half.data(), d.vh.data(), result);
    for (std::size_t i = 0; i < n * n; ++i) result[i] *= d.sign;
}

}  // namespace

template <class T>
Determinant<T> determinant(std::size_t n, T* a) {
    Scratch<int> pivots(n);
    lu(n, a, pivots.data());
    Determinant<T> d{1, 1, 0};
    bool is_singular = false;
    for (std::size_t i = 0; i < n; ++i) {
        const T pivot = a[i * n + i];
        const T turned = static_cast<std::size_t>(pivots[i]) == i + 1 ? T(1) : T(-1);
        d.value *= turned * pivot;
        d.sign *= pivot > 0 ? turned : pivot < 0 ? -turned : pivot;  // 0 and NaN as they are
        d.log_size += std::log(std::abs(pivot));
        is_singular |= pivot == 0;
    }
    if (is_singular && std::isnan(d.value) && !std::isnan(d.sign)) d.value = 0;  // where the other pivots overflow
    return d;
}

template <class T>
int cofactor(std::size_t n, const T* a, T* result) {
    if (!all_finite(a, n * n)) {
        std::fill_n(result, n * n, std::numeric_limits<T>::quiet_NaN());
        return 0;
    }
    std::copy_n(a, n * n, result);
    const T det = determinant(n, result).value;
    T smallest = std::numeric_limits<T>::infinity(), largest = 0;
    for (std::size_t i = 0; i < n; ++i) {
        smallest = std::min(smallest, std::abs(result[i * n + i]));
        largest = std::max(largest, std::abs(result[i * n + i]));
    }
    Scratch<T> middle(n * n);
    if (std::isnormal(det) && smallest > T(safe_ratio) * largest) {
        std::copy_n(a, n * n, middle.data());
        if (const int status = inverse(n, middle.data()); status != 0) return status;
        for (std::size_t i = 0; i < n; ++i)
            for (std::size_t j = 0; j < n; ++j) result[i * n + j] = det * middle[j * n + i];
        return 0;
    }
    int status = 0;
    const Decomposed<T> d(n, a, status);
    if (status != 0) return status;
    for (std::size_t i = 0; i < n; ++i) middle[i * n + i] = d.product_without(i, i);
    between(d, n, middle, result);
    return 0;
}

template <class T>
int cofactor_slope(std::size_t n, const T* a, const T* g, T* result) {
    if (!all_finite(a, n * n)) {
        std::fill_n(result, n * n, std::numeric_limits<T>::quiet_NaN());
        return 0;
    }
    int status = 0;
    const Decomposed<T> d(n, a, status);
    if (status != 0) return status;
    // Of diag(s) with a change e: the cofactor at (i, i) changes by sum_j p_ij e_jj, that at (i, j) by -p_ij e_ji.
    Scratch<T> half(n * n), turned(n * n), middle(n * n);
    matmul(true, false, n, n, n, d.u.data(), g, half.data());
    matmul(false, true, n, n, n, half.data(), d.vh.data(), turned.data());
    for (std::size_t i = 0; i < n; ++i)
        for (std::size_t j = 0; j < n; ++j) {
            if (i == j) continue;
            const T p = d.product_without(i, j);
            middle[j * n + j] += p * turned[i * n + i];
            middle[i * n + j] = -p * turned[j * n + i];
        }
    between(d, n, middle, result);
    return 0;
}

#define XGRAD_INSTANTIATE(T)                                 \
    template Determinant<T> determinant<T>(std::size_t, T*); \
    template int cofactor<T>(std::size_t, const T*, T*);     \
    template int cofactor_slope<T>(std::size_t, const T*, const T*, T*);
XGRAD_INSTANTIATE(float)
XGRAD_INSTANTIATE(double)
#undef XGRAD_INSTANTIATE

}  // namespace xgrad::kernels
