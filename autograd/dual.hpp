#pragma once

#include <array>
#include <cstddef>
#include <type_traits>

#include <xgrad/autograd/packet.hpp>

namespace xgrad::simd {

/// A value with its N partial derivatives: arithmetic on Duals carries the chain rule along (forward mode; Griewank &
/// Walther 2008, chapter 3). map() evaluates a lambda on them to get its gradient in one pass.
template <class V, std::size_t N>
struct Dual {
    using Value = V;
    V value;
    std::array<V, N> d;

    Dual() = default;
    Dual(const V& constant) : value(constant) { d.fill(V(0)); }
    template <Number S>
    Dual(S constant) : Dual(V(constant)) {}

    /// The i-th input itself.
    static Dual input(const V& v, std::size_t i) {
        Dual x(v);
        x.d[i] = V(1);
        return x;
    }
    /// f(x), given y = f(x) and the slope f'(x). Where a partial is 0 it stays so, though the slope be infinite.
    Dual chain(const V& y, const V& slope) const {
        return each(y, [&](const V& partial) { return where(partial == V(0), partial, slope * partial); });
    }

    friend Dual operator+(const Dual& a, const Dual& b) {
        return both(a.value + b.value, a, b, [](const V& s, const V& t) { return s + t; });
    }
    friend Dual operator-(const Dual& a, const Dual& b) {
        return both(a.value - b.value, a, b, [](const V& s, const V& t) { return s - t; });
    }
    friend Dual operator*(const Dual& a, const Dual& b) {
        return both(a.value * b.value, a, b, [&](const V& s, const V& t) { return s * b.value + a.value * t; });
    }
    friend Dual operator/(const Dual& a, const Dual& b) {
        const V y = a.value / b.value;
        return both(y, a, b, [&](const V& s, const V& t) { return (s - y * t) / b.value; });
    }
    friend Dual operator-(const Dual& a) {
        return a.each(-a.value, [](const V& s) { return -s; });
    }

    // With a constant on one side: no products with zero derivatives.
    template <Number S>
    friend Dual operator+(const Dual& a, S c) {
        return a.each(a.value + V(c), [](const V& s) { return s; });
    }
    template <Number S>
    friend Dual operator+(S c, const Dual& a) {
        return a + c;
    }
    template <Number S>
    friend Dual operator-(const Dual& a, S c) {
        return a + -c;
    }
    template <Number S>
    friend Dual operator-(S c, const Dual& a) {
        return a.each(V(c) - a.value, [](const V& s) { return -s; });
    }
    template <Number S>
    friend Dual operator*(const Dual& a, S c) {
        return a.each(a.value * V(c), [&](const V& s) { return s * V(c); });
    }
    template <Number S>
    friend Dual operator*(S c, const Dual& a) {
        return a * c;
    }
    template <Number S>
    friend Dual operator/(const Dual& a, S c) {
        return a.each(a.value / V(c), [&](const V& s) { return s / V(c); });
    }

    friend auto operator<(const Dual& a, const Dual& b) { return a.value < b.value; }
    friend auto operator<=(const Dual& a, const Dual& b) { return a.value <= b.value; }
    friend auto operator>(const Dual& a, const Dual& b) { return a.value > b.value; }
    friend auto operator>=(const Dual& a, const Dual& b) { return a.value >= b.value; }
    friend auto operator==(const Dual& a, const Dual& b) { return a.value == b.value; }
    friend auto operator!=(const Dual& a, const Dual& b) { return a.value != b.value; }

    template <class T, class Arch>
    friend Dual where(const Mask<T, Arch>& m, const Dual& a, const Dual& b) {
        return both(where(m, a.value, b.value), a, b, [&](const V& s, const V& t) { return where(m, s, t); });
    }
    // A tie gives each side half, as in NumPy-like frameworks.
    friend Dual maximum(const Dual& a, const Dual& b) {
        return pick(maximum(a.value, b.value), a, b, a.value > b.value);
    }
    friend Dual minimum(const Dual& a, const Dual& b) {
        return pick(minimum(a.value, b.value), a, b, a.value < b.value);
    }
    friend Dual pow(const Dual& a, const Dual& b) {
        const V y = pow(a.value, b.value);
        const V by_base = b.value * pow(a.value, b.value - 1), by_exponent = y * log(a.value);
        return both(y, a, b, [&](const V& s, const V& t) {
            return where(s == V(0), s, s * by_base) + where(t == V(0) || y == V(0), V(0), t * by_exponent);
        });
    }
    template <Number S>
    friend Dual pow(const Dual& a, const S& b) {
        const V slope = b == 0 ? V(0) : V(b) * pow(a.value, b - 1);  // 0 times infinity at 0 otherwise
        return a.chain(pow(a.value, b), slope);
    }
    friend Dual atan2(const Dual& y, const Dual& x) {
        const V square = x.value * x.value + y.value * y.value;
        return both(atan2(y.value, x.value), y, x,
                    [&](const V& s, const V& t) { return (s * x.value - t * y.value) / square; });
    }

    // Piecewise constant: no derivative.
    friend Dual floor(const Dual& x) { return floor(x.value); }
    friend Dual ceil(const Dual& x) { return ceil(x.value); }
    friend Dual round(const Dual& x) { return round(x.value); }
    friend Dual trunc(const Dual& x) { return trunc(x.value); }

private:
    template <class F>
    Dual each(const V& y, F f) const {
        Dual r;
        r.value = y;
        for (std::size_t i = 0; i < N; ++i) r.d[i] = f(d[i]);
        return r;
    }
    template <class F>
    static Dual both(const V& y, const Dual& a, const Dual& b, F f) {
        Dual r;
        r.value = y;
        for (std::size_t i = 0; i < N; ++i) r.d[i] = f(a.d[i], b.d[i]);
        return r;
    }
    template <class M>
    static Dual pick(const V& y, const Dual& a, const Dual& b, const M& first) {
        return both(y, a, b, [&](const V& s, const V& t) {
            return where(a.value == b.value, 0.5 * (s + t), where(first, s, t));
        });
    }
};

template <class V>
inline constexpr bool is_dual = false;
template <class V, std::size_t N>
inline constexpr bool is_dual<Dual<V, N>> = true;

}  // namespace xgrad::simd
