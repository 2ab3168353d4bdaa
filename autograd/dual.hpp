#pragma once

#include <xgrad/autograd/packet.hpp>

#include <array>
#include <cstddef>
#include <type_traits>
#include <utility>

namespace xgrad::simd {

/// What is known of a partial derivative beforehand. A lambda is inlined as a whole, so the compiler knows it too, and
/// leaves out the products with 0 and 1.
enum class Partial : unsigned char { zero, one, other };

/// A value with its N partial derivatives: arithmetic on Duals carries the chain rule along (forward mode; Griewank &
/// Walther 2008, chapter 3). map() evaluates a lambda on them to get its gradient in one pass.
template <class V, std::size_t N>
struct Dual {
    using Value = V;
    V value;
    std::array<V, N> d;  ///< set also where `known` tells all
    std::array<Partial, N> known;

    Dual() = default;
    Dual(const V& constant) : value(constant) {
        for_each([this](auto i) { set(i, V(0), Partial::zero); });
    }
    template <Number S>
    Dual(S constant) : Dual(V(constant)) {}

    /// The i-th input itself.
    static Dual input(const V& v, std::size_t i) {
        Dual x(v);
        x.set(i, V(1), Partial::one);
        return x;
    }
    /// f(x), given y = f(x) and the slope f'(x). Where a partial is 0 it stays so, though the slope be infinite.
    Dual chain(const V& y, const V& slope) const {
        return each(y, slope, [&](const V& s) { return where(s == V(0), s, slope * s); });
    }
    /// The same for a slope that is never infinite.
    Dual chain_bounded(const V& y, const V& slope) const {
        return each(y, slope, [&](const V& s) { return slope * s; });
    }
    /// f(a, b), given y = f(a, b) and its slopes by a and by b.
    static Dual chain(const V& y, const Dual& a, const V& by_a, const Dual& b, const V& by_b) {
        const auto left = [&](const V& s) { return where(s == V(0), s, s * by_a); };
        const auto right = [&](const V& t) { return where(t == V(0), t, t * by_b); };
        return both(y, a, b, left, right, [&](const V& s, const V& t) { return left(s) + right(t); });
    }

    friend Dual operator+(const Dual& a, const Dual& b) {
        const auto same = [](const V& s) { return s; };
        return both(a.value + b.value, a, b, same, same, [](const V& s, const V& t) { return s + t; });
    }
    friend Dual operator-(const Dual& a, const Dual& b) {
        return both(
            a.value - b.value, a, b, [](const V& s) { return s; }, [](const V& t) { return -t; },
            [](const V& s, const V& t) { return s - t; });
    }
    friend Dual operator*(const Dual& a, const Dual& b) {
        Dual r;
        r.value = a.value * b.value;
        for_each([&](auto i) {
            const bool in_a = a.known[i] != Partial::zero, in_b = b.known[i] != Partial::zero;
            if (in_a && in_b)
                r.set(i, a.times(b.value, i) + b.times(a.value, i), Partial::other);
            else if (in_a || in_b)
                r.set(i, in_a ? a.times(b.value, i) : b.times(a.value, i), Partial::other);
            else
                r.set(i, V(0), Partial::zero);
        });
        return r;
    }
    friend Dual operator/(const Dual& a, const Dual& b) {
        const V y = a.value / b.value;
        return both(
            y, a, b, [&](const V& s) { return s / b.value; }, [&](const V& t) { return -(y * t) / b.value; },
            [&](const V& s, const V& t) { return (s - y * t) / b.value; });
    }
    friend Dual operator-(const Dual& a) {
        return a.each(-a.value, V(-1), [](const V& s) { return -s; });
    }

    // With a constant on one side: no products with zero derivatives.
    template <Number S>
    friend Dual operator+(const Dual& a, S c) {
        Dual r = a;
        r.value = a.value + V(c);
        return r;
    }
    template <Number S>
    friend Dual operator+(S c, const Dual& a) {
        return a + c;
    }
    template <Number S>
    friend Dual operator-(const Dual& a, S c) {
        Dual r = a;
        r.value = a.value - V(c);
        return r;
    }
    template <Number S>
    friend Dual operator-(S c, const Dual& a) {
        return a.each(V(c) - a.value, V(-1), [](const V& s) { return -s; });
    }
    template <Number S>
    friend Dual operator*(const Dual& a, S c) {
        return a.each(a.value * V(c), V(c), [&](const V& s) { return s * V(c); });
    }
    template <Number S>
    friend Dual operator*(S c, const Dual& a) {
        return a * c;
    }
    template <Number S>
    friend Dual operator/(const Dual& a, S c) {
        return a.each(a.value / V(c), V(1) / V(c), [&](const V& s) { return s / V(c); });
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
        const auto is_flat = y == V(0) || (a.value == V(0) && b.value >= V(0));  // for the exponent
        const V by_base = where(b.value == V(0), V(0), b.value * pow(a.value, b.value - 1)),
                by_exponent = where(is_flat, V(0), y * log(a.value));
        return both(y, a, b, [&](const V& s, const V& t) {
            return where(s == V(0), s, s * by_base) + where(t == V(0), t, t * by_exponent);
        });
    }
    template <Number S>
    friend Dual pow(const Dual& a, const S& b) {
        const V slope = b == 0 ? V(0) : V(b) * pow(a.value, b - 1);  // 0 times infinity at 0 otherwise
        return a.chain(pow(a.value, b), slope);
    }
    // Piecewise constant: no derivative.
    friend Dual floor(const Dual& x) { return floor(x.value); }
    friend Dual ceil(const Dual& x) { return ceil(x.value); }
    friend Dual round(const Dual& x) { return round(x.value); }
    friend Dual trunc(const Dual& x) { return trunc(x.value); }

    /// `factor` times the i-th partial.
    V times(const V& factor, std::size_t i) const {
        return known[i] == Partial::zero ? V(0) : known[i] == Partial::one ? factor : factor * d[i];
    }

private:
    void set(std::size_t i, const V& partial, Partial what) {
        d[i] = partial;
        known[i] = what;
    }
    // No loop: what is known of each partial shall not wait for one to be unrolled.
    template <class F>
    static void for_each(F&& f) {
        [&]<std::size_t... I>(std::index_sequence<I...>) { (f(I), ...); }
        (std::make_index_sequence<N>{});
    }

    /// The result whose partials are f of this one's, f(0) = 0 and f(1) = `unit`.
    template <class F>
    Dual each(const V& y, const V& unit, F f) const {
        Dual r;
        r.value = y;
        for_each([&](auto i) {
            if (known[i] == Partial::zero)
                r.set(i, V(0), Partial::zero);
            else
                r.set(i, known[i] == Partial::one ? unit : f(d[i]), Partial::other);
        });
        return r;
    }
    /// The result whose partials are f of both: left(s) where only a depends on the input, right(t) where only b does.
    template <class L, class R, class F>
    static Dual both(const V& y, const Dual& a, const Dual& b, L left, R right, F f) {
        Dual r;
        r.value = y;
        for_each([&](auto i) {
            const bool in_a = a.known[i] != Partial::zero, in_b = b.known[i] != Partial::zero;
            if (in_a && in_b)
                r.set(i, f(a.d[i], b.d[i]), Partial::other);
            else if (in_a)
                r.set(i, left(a.d[i]), Partial::other);
            else if (in_b)
                r.set(i, right(b.d[i]), Partial::other);
            else
                r.set(i, V(0), Partial::zero);
        });
        return r;
    }
    template <class F>
    static Dual both(const V& y, const Dual& a, const Dual& b, F f) {
        return both(
            y, a, b, [&](const V& s) { return f(s, V(0)); }, [&](const V& t) { return f(V(0), t); }, f);
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
