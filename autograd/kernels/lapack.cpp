#include <xgrad/autograd/kernels/lapack.hpp>

#include <xgrad/autograd/kernels/blas.hpp>
#include <xgrad/autograd/memory.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <type_traits>
#include <utility>
#include <vector>
#include <xflens/cxxlapack/cxxlapack.cxx>

namespace xgrad::kernels {

namespace {

using Int = BLAS_IDX;
static_assert(std::is_same_v<Int, int>, "pivots are handed around as int");

Int to_int(std::size_t n) { return static_cast<Int>(n); }

template <class T>
using Scratch = std::vector<T, memory::Allocator<T>>;

/// A workspace as long as LAPACK's query answered: a real number, which may have been rounded down.
template <class T>
Scratch<T> workspace(T answer) {
    return Scratch<T>(static_cast<std::size_t>(std::nextafter(answer, std::numeric_limits<T>::infinity())));
}

template <class T>
void fill_with_nan(T* a, std::size_t count) {
    std::fill_n(a, count, std::numeric_limits<T>::quiet_NaN());
}

}  // namespace

template <class T>
bool all_finite(const T* a, std::size_t count) {
    return std::all_of(a, a + count, [](T v) { return std::isfinite(v); });
}

template <class T>
int lu(std::size_t n, T* a, int* pivots) {
    if (n == 0) return 0;
    if (!all_finite(a, n * n)) {
        fill_with_nan(a, n * n);
        std::iota(pivots, pivots + n, 1);
        return 0;
    }
    const BlasOnOneThread alone;
    return cxxlapack::getrf<Int>(to_int(n), to_int(n), a, to_int(n), pivots);
}

template <class T>
void plu(std::size_t m, std::size_t n, const T* a, T* p, T* l, T* u) {
    const std::size_t k = std::min(m, n);
    std::vector<std::size_t> order(m);
    std::iota(order.begin(), order.end(), std::size_t{0});
    if (k != 0 && all_finite(a, m * n)) {
        // The mirrored routine would interchange columns: the matrix is turned.
        Scratch<T> turned(m * n);
        for (std::size_t i = 0; i < m; ++i)
            for (std::size_t j = 0; j < n; ++j) turned[j * m + i] = a[i * n + j];
        Scratch<Int> pivots(k);
        const BlasOnOneThread alone;
        cxxlapack::getrf<Int>(to_int(m), to_int(n), turned.data(), to_int(m), pivots.data());
        for (std::size_t i = 0; i < k; ++i) std::swap(order[i], order[static_cast<std::size_t>(pivots[i] - 1)]);
        for (std::size_t i = 0; i < m; ++i)
            for (std::size_t j = 0; j < k; ++j) l[i * k + j] = j < i ? turned[j * m + i] : T(j == i ? 1 : 0);
        for (std::size_t i = 0; i < k; ++i)
            for (std::size_t j = 0; j < n; ++j) u[i * n + j] = j < i ? T(0) : turned[j * m + i];
    } else {
        fill_with_nan(l, m * k);
        fill_with_nan(u, k * n);
    }
    std::fill_n(p, m * m, T(0));
    for (std::size_t i = 0; i < m; ++i) p[order[i] * m + i] = T(1);
}

template <class T>
void triangular_solve(bool lower, bool transpose, bool unit, std::size_t n, std::size_t k, const T* a, T* b) {
    if (n == 0 || k == 0) return;
    const BlasOnOneThread alone;
    const auto triangle = lower ? cxxblas::Lower : cxxblas::Upper;
    const auto turn = transpose ? cxxblas::Trans : cxxblas::NoTrans;
    const auto diagonal = unit ? cxxblas::Unit : cxxblas::NonUnit;
    if (k == 1)
        cxxblas::trsv<Int>(cxxblas::RowMajor, triangle, turn, diagonal, to_int(n), a, to_int(n), b, Int(1));
    else
        cxxblas::trsm<Int>(cxxblas::RowMajor, cxxblas::Left, triangle, turn, diagonal, to_int(n), to_int(k), T(1), a,
                           to_int(n), b, to_int(k));
}

template <class T>
void lu_solve(bool transpose, std::size_t n, std::size_t k, const T* factors, const int* pivots, T* b) {
    const auto swap_rows = [&](std::size_t i) {
        const auto other = static_cast<std::size_t>(pivots[i] - 1);
        if (other != i) std::swap_ranges(b + i * k, b + (i + 1) * k, b + other * k);
    };
    // a^T = P L U; row-major, the stored matrix has U^T in its lower triangle and L^T, with a diagonal of 1, above.
    if (transpose) {
        for (std::size_t i = 0; i < n; ++i) swap_rows(i);
        triangular_solve(false, true, true, n, k, factors, b);
        triangular_solve(true, true, false, n, k, factors, b);
    } else {
        triangular_solve(true, false, false, n, k, factors, b);
        triangular_solve(false, false, true, n, k, factors, b);
        for (std::size_t i = n; i-- > 0;) swap_rows(i);
    }
}

template <class T>
int inverse(std::size_t n, T* a) {
    if (n == 0) return 0;
    Scratch<int> pivots(n);
    if (const int status = lu(n, a, pivots.data()); status != 0) return status;
    if (!std::isfinite(a[0])) return 0;
    const BlasOnOneThread alone;
    T answer = 0;
    cxxlapack::getri<Int>(to_int(n), a, to_int(n), pivots.data(), &answer, Int(-1));
    Scratch<T> work = workspace(answer);
    return cxxlapack::getri<Int>(to_int(n), a, to_int(n), pivots.data(), work.data(), to_int(work.size()));
}

template <class T>
int cholesky(std::size_t n, T* a) {
    if (n == 0) return 0;
    if (!all_finite(a, n * n)) return not_finite;
    const BlasOnOneThread alone;
    const int status = cxxlapack::potrf<Int>('U', to_int(n), a, to_int(n));
    for (std::size_t i = 0; i < n; ++i) std::fill(a + i * n + i + 1, a + (i + 1) * n, T(0));
    return status;
}

template <class T>
void set_identity(std::size_t n, T* a) {
    std::fill_n(a, n * n, T(0));
    for (std::size_t i = 0; i < n; ++i) a[i * n + i] = T(1);
}

template <class T>
void qr(bool complete, std::size_t m, std::size_t n, T* a, T* q, T* r) {
    const std::size_t k = std::min(m, n), width = complete ? m : k;  // of q
    if (k == 0) {
        if (complete) set_identity(m, q);
        return;
    }
    std::fill_n(r, width * n, T(0));
    if (!all_finite(a, m * n)) {
        fill_with_nan(q, m * width);
        fill_with_nan(r, width * n);
        return;
    }
    const BlasOnOneThread alone;
    Scratch<T> factors(k);
    T answer = 0, second = 0;
    cxxlapack::gelqf<Int>(to_int(n), to_int(m), a, to_int(n), factors.data(), &answer, Int(-1));
    const std::size_t pitch = std::max(n, width);
    Scratch<T> reflectors(m * pitch);
    const auto make_q = [&](T* work, Int length) {
        cxxlapack::orglq<Int>(to_int(width), to_int(m), to_int(k), reflectors.data(), to_int(pitch), factors.data(),
                              work, length);
    };
    make_q(&second, -1);
    Scratch<T> work = workspace(std::max(answer, second));
    const Int length = to_int(work.size());
    cxxlapack::gelqf<Int>(to_int(n), to_int(m), a, to_int(n), factors.data(), work.data(), length);
    for (std::size_t i = 0; i < k; ++i) std::copy(a + i * n + i, a + (i + 1) * n, r + i * n + i);
    for (std::size_t i = 0; i < m; ++i) std::copy(a + i * n, a + (i + 1) * n, reflectors.data() + i * pitch);
    make_q(work.data(), length);
    for (std::size_t i = 0; i < m; ++i) std::copy_n(reflectors.data() + i * pitch, width, q + i * width);
}

template <class T>
int eigh(std::size_t n, T* a, T* values) {
    if (n == 0) return 0;
    if (!all_finite(a, n * n)) return not_finite;
    const BlasOnOneThread alone;
    T answer = 0;
    Int integers = 0;
    cxxlapack::syevd<Int>('V', 'U', to_int(n), a, to_int(n), values, &answer, Int(-1), &integers, Int(-1));
    Scratch<T> work = workspace(answer);
    Scratch<Int> integer_work(static_cast<std::size_t>(integers));
    const int status = cxxlapack::syevd<Int>('V', 'U', to_int(n), a, to_int(n), values, work.data(),
                                             to_int(work.size()), integer_work.data(), integers);
    for (std::size_t i = 0; i < n; ++i)  // LAPACK's columns are rows here
        for (std::size_t j = 0; j < i; ++j) std::swap(a[i * n + j], a[j * n + i]);
    return status;
}

template <class T>
int svd(bool full, std::size_t m, std::size_t n, T* a, T* u, T* s, T* vh) {
    const std::size_t k = std::min(m, n);
    if (k == 0) {
        if (full) {
            set_identity(m, u);
            set_identity(n, vh);
        }
        return 0;
    }
    if (!all_finite(a, m * n)) return not_finite;
    const BlasOnOneThread alone;
    T answer = 0;
    Scratch<Int> integer_work(8 * k);
    // a^T = vh^T s u^T: LAPACK's left vectors are vh, its right ones u.
    const auto run = [&](T* work, Int length) {
        return cxxlapack::gesdd<Int>(full ? 'A' : 'S', to_int(n), to_int(m), a, to_int(n), s, vh, to_int(n), u,
                                     to_int(full ? m : k), work, length, integer_work.data());
    };
    run(&answer, -1);
    Scratch<T> work = workspace(answer);
    return run(work.data(), to_int(work.size()));
}

#define XGRAD_INSTANTIATE(T)                                                                     \
    template bool all_finite<T>(const T*, std::size_t);                                          \
    template int lu<T>(std::size_t, T*, int*);                                                   \
    template void lu_solve<T>(bool, std::size_t, std::size_t, const T*, const int*, T*);         \
    template void plu<T>(std::size_t, std::size_t, const T*, T*, T*, T*);                        \
    template int inverse<T>(std::size_t, T*);                                                    \
    template void triangular_solve<T>(bool, bool, bool, std::size_t, std::size_t, const T*, T*); \
    template int cholesky<T>(std::size_t, T*);                                                   \
    template void qr<T>(bool, std::size_t, std::size_t, T*, T*, T*);                             \
    template int eigh<T>(std::size_t, T*, T*);                                                   \
    template int svd<T>(bool, std::size_t, std::size_t, T*, T*, T*, T*);
XGRAD_INSTANTIATE(float)
XGRAD_INSTANTIATE(double)
#undef XGRAD_INSTANTIATE

}  // namespace xgrad::kernels
