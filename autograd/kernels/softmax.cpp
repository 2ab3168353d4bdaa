#include <xgrad/autograd/kernels/softmax.hpp>

#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/kernels/rows.hpp>

#include <algorithm>
#include <cmath>
#include <limits>

namespace xgrad::kernels {

namespace {

/// The row's maximum, or 0 where that is not finite: what may be taken off before exp().
template <class T>
T safe_maximum(const T* x, std::size_t n) {
    const T m = reduce_row<Maximum>(x, n);
    return std::isinf(m) ? T(0) : m;
}

/// y = exp(x - shift); returns the sum.
template <class T>
T exp_row(T* y, const T* x, std::size_t n, T shift) {
    using P = Packet<T>;
    P total(0);
    std::size_t i = 0;
    for (; i + P::size <= n; i += P::size) {
        const P e = exp(P::load(x + i) - shift);
        if (y != nullptr) e.store(y + i);
        total = total + e;
    }
    if (i < n) {
        alignas(64) T last[P::size];
        std::fill_n(last, P::size, -std::numeric_limits<T>::infinity());
        std::copy(x + i, x + n, last);
        const P e = exp(P::load(last) - shift);
        e.store(last);
        if (y != nullptr) std::copy(last, last + (n - i), y + i);
        total = total + e;
    }
    alignas(64) T lanes[P::size];
    total.store(lanes);
    T sum = 0;
    for (const T v : lanes) sum += v;
    return sum;
}

/// The same for some short rows: a maximum, and a sum, in each lane. The exponentials take the rows' place, if wanted.
template <class T, bool keeps_exponentials>
struct ExpColumns {
    using P = Packet<T>;
    P maximum, sum{0};

    explicit ExpColumns(Columns<T>& x, std::size_t n) : maximum(x.template reduce<Maximum>()) {
        maximum = where(abs(maximum) == P(std::numeric_limits<T>::infinity()), P(0), maximum);
        for (std::size_t j = 0; j < n; ++j) {
            const P e = exp(x[j] - maximum);
            if constexpr (keeps_exponentials) x.set(j, e);
            sum = sum + e;
        }
    }
};

/// short_rows(first, Columns of a packet of rows) or row(r), for all rows, on several threads when there is enough
/// work.
template <class T, class F, class G>
void for_rows(const T* x, std::size_t rows, std::size_t n, const F& short_rows, const G& row) {
    using P = Packet<T>;
    parallel_for(
        rows, std::max<std::size_t>(elementwise_grain / 4 / std::max<std::size_t>(n, 1), 1),
        [&](std::size_t begin, std::size_t end) {
            if (n <= short_row)
                for (std::size_t r = begin; r < end; r += P::size) {
                    Columns<T> columns(x + r * n, std::min(P::size, end - r), n);
                    short_rows(r, columns);
                }
            else
                for (std::size_t r = begin; r < end; ++r) row(r);
        },
        n <= short_row ? P::size : 1);
}

}  // namespace

template <class T>
void logsumexp_rows(T* y, const T* x, std::size_t rows, std::size_t n) {
    for_rows(
        x, rows, n,
        [&](std::size_t r, Columns<T>& columns) {
            const ExpColumns<T, false> e(columns, n);
            columns.store_for_rows(y + r, e.maximum + log(e.sum));
        },
        [&](std::size_t r) {
            const T m = safe_maximum(x + r * n, n);
            y[r] = m + std::log(exp_row<T>(nullptr, x + r * n, n, m));
        });
}

template <class T>
void softmax_rows(T* y, const T* x, std::size_t rows, std::size_t n) {
    for_rows(
        x, rows, n,
        [&](std::size_t r, Columns<T>& columns) {
            const Packet<T> scale = 1 / ExpColumns<T, true>(columns, n).sum;
            for (std::size_t j = 0; j < n; ++j) columns.set(j, columns[j] * scale);
            columns.store(y + r * n);
        },
        [&](std::size_t r) {
            const T sum = exp_row(y + r * n, x + r * n, n, safe_maximum(x + r * n, n));
            const T scale = T(1) / sum;
            for (std::size_t i = 0; i < n; ++i) y[r * n + i] *= scale;
        });
}

template <class T>
void log_softmax_rows(T* y, const T* x, std::size_t rows, std::size_t n) {
    // Two subtractions: m + log(sum) in one number would lose the logarithm beside a large m.
    for_rows(
        x, rows, n,
        [&](std::size_t r, Columns<T>& columns) {
            const ExpColumns<T, false> e(columns, n);
            const Packet<T> log_sum = log(e.sum);
            for (std::size_t j = 0; j < n; ++j) columns.set(j, (columns[j] - e.maximum) - log_sum);
            columns.store(y + r * n);
        },
        [&](std::size_t r) {
            const T m = safe_maximum(x + r * n, n);
            const T log_sum = std::log(exp_row<T>(nullptr, x + r * n, n, m));
            for (std::size_t i = 0; i < n; ++i) y[r * n + i] = (x[r * n + i] - m) - log_sum;
        });
}

#define XGRAD_INSTANTIATE(T)                                                 \
    template void logsumexp_rows<T>(T*, const T*, std::size_t, std::size_t); \
    template void softmax_rows<T>(T*, const T*, std::size_t, std::size_t);   \
    template void log_softmax_rows<T>(T*, const T*, std::size_t, std::size_t);
XGRAD_INSTANTIATE(float)
XGRAD_INSTANTIATE(double)
#undef XGRAD_INSTANTIATE

}  // namespace xgrad::kernels
