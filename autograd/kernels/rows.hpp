#pragma once

#include <xgrad/autograd/kernels/broadcast.hpp>
#include <xgrad/autograd/kernels/integers.hpp>
#include <xgrad/autograd/kernels/transpose.hpp>
#include <xgrad/autograd/packet.hpp>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <type_traits>

/// What reductions and softmax do with a row of elements, or with a few rows at once.
namespace xgrad::kernels {

/// What T is computed with.
template <class T>
using Packet = std::conditional_t<std::is_same_v<T, std::int64_t>, Integer, simd::Packet<T>>;

template <class T>
T first_lane(const simd::Packet<T>& p) {
    return p.lanes.get(0);
}
inline std::int64_t first_lane(const Integer& p) { return p.value; }

/// Reductions join the terms of elements: mostly the elements themselves. What has been joined by pieces is joined by
/// `Rest`.
struct OfElements {
    template <class V>
    static V term(const V& x) {
        return x;
    }
};
struct Sum : OfElements {
    using Rest = Sum;
    template <class V>
    static V join(const V& a, const V& b) {
        return a + b;
    }
    template <class T>
    static constexpr T start() {
        return T(0);
    }
};
struct SumOfSquares : Sum {
    template <class V>
    static V term(const V& x) {
        return x * x;
    }
};
struct SumOfAbsolutes : Sum {
    template <class V>
    static V term(const V& x) {
        return abs(x);
    }
};
struct Product : OfElements {
    using Rest = Product;
    template <class V>
    static V join(const V& a, const V& b) {
        return a * b;
    }
    template <class T>
    static constexpr T start() {
        return T(1);
    }
};
struct Maximum : OfElements {
    using Rest = Maximum;
    template <class V>
    static V join(const V& a, const V& b) {
        return maximum(a, b);
    }
    template <class T>
    static constexpr T start() {
        using Limits = std::numeric_limits<T>;
        return Limits::has_infinity ? -Limits::infinity() : Limits::lowest();
    }
};
struct Minimum : OfElements {
    using Rest = Minimum;
    template <class V>
    static V join(const V& a, const V& b) {
        return minimum(a, b);
    }
    template <class T>
    static constexpr T start() {
        using Limits = std::numeric_limits<T>;
        return Limits::has_infinity ? Limits::infinity() : Limits::max();
    }
};

/// The terms of all n elements of a row joined into one. Four accumulators hide the latency and, for sums, keep the
/// rounding error of a long row below that of one running total.
template <class R, class T>
T reduce_row(const T* x, std::size_t n) {
    using P = Packet<T>;
    constexpr std::size_t lanes = P::size;
    P total(R::template start<T>());
    std::size_t i = 0;
    if constexpr (lanes == 1) {
        // No latency to hide; and g++ 12 gets four accumulators of one number each wrong for AVX-512.
        for (; i < n; ++i) total = R::join(total, R::term(P::load(x + i)));
        return first_lane(total);
    }
    if (n >= 4 * lanes) {
        P a = total, b = total, c = total;
        for (; i + 4 * lanes <= n; i += 4 * lanes) {
            total = R::join(total, R::term(P::load(x + i)));
            a = R::join(a, R::term(P::load(x + i + lanes)));
            b = R::join(b, R::term(P::load(x + i + 2 * lanes)));
            c = R::join(c, R::term(P::load(x + i + 3 * lanes)));
        }
        total = R::join(R::join(total, a), R::join(b, c));
    }
    for (; i + lanes <= n; i += lanes) total = R::join(total, R::term(P::load(x + i)));
    alignas(64) T last[lanes];
    total.store(last);
    for (std::size_t k = 0; i < n; ++i, ++k) last[k] = first_lane(R::join(P(last[k]), R::term(P(x[i]))));
    for (std::size_t half = lanes / 2; half > 0; half /= 2)
        for (std::size_t k = 0; k < half; ++k) last[k] = first_lane(R::join(P(last[k]), P(last[k + half])));
    return last[0];
}

/// y = join(y, term of x), element by element.
template <class R, class T>
void reduce_into(T* y, const T* x, std::size_t n) {
    using P = Packet<T>;
    std::size_t i = 0;
    for (; i + P::size <= n; i += P::size) R::join(P::load(y + i), R::term(P::load(x + i))).store(y + i);
    for (; i < n; ++i) y[i] = first_lane(R::join(P(y[i]), R::term(P(x[i]))));
}

/// Up to a packet of short rows, turned so that element j of all of them is one Packet: within a row there is too
/// little to do at once.
template <class T>
class Columns {
public:
    using P = Packet<T>;

    Columns(const T* x, std::size_t rows, std::size_t n) : rows_(rows), n_(n) {
        if (rows < P::size) std::fill_n(data_, n * P::size, T(0));
        transpose(x, n, rows, n, data_, P::size);
    }

    P operator[](std::size_t j) const { return P::load(data_ + j * P::size); }
    void set(std::size_t j, const P& column) { column.store(data_ + j * P::size); }

    template <class R>
    P reduce() const {
        P total(R::template start<T>());
        for (std::size_t j = 0; j < n_; ++j) total = R::join(total, R::term((*this)[j]));
        return total;
    }
    /// Back into rows.
    void store(T* y) const {
        for (std::size_t r = 0; r < rows_; ++r)
            for (std::size_t j = 0; j < n_; ++j) y[r * n_ + j] = data_[j * P::size + r];
    }
    /// A number for each row.
    void store_for_rows(T* y, const P& numbers) const {
        alignas(64) T lanes[P::size];
        numbers.store(lanes);
        std::copy_n(lanes, rows_, y);
    }

private:
    std::size_t rows_, n_;
    alignas(64) T data_[short_row * P::size];
};

}  // namespace xgrad::kernels
