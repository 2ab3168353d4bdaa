#pragma once

#include <xgrad/autograd/functions.hpp>
#include <xgrad/autograd/kernels/special.hpp>

/// The special functions, in the manner of functions.hpp: each with its derivative.
namespace xgrad::simd {

// Lane by lane, in float64.
// clang-format off
template <class T, class Arch> Packet<T, Arch> lgamma(const Packet<T, Arch>& x) {
    return x.lanewise([](T v) { return static_cast<T>(kernels::lgamma(v)); });
}
template <class T, class Arch> Packet<T, Arch> polygamma(int order, const Packet<T, Arch>& x) {
    return x.lanewise([order](T v) { return static_cast<T>(kernels::polygamma(order, v)); });
}
template <class T, class Arch> Packet<T, Arch> digamma(const Packet<T, Arch>& x) { return polygamma(0, x); }
template <class T, class Arch> Packet<T, Arch> sinc_derivative(int order, const Packet<T, Arch>& x) {
    return x.lanewise([order](T v) { return static_cast<T>(kernels::sinc_derivative(order, v)); });
}
template <class T, class Arch> Packet<T, Arch> sinc(const Packet<T, Arch>& x) { return sinc_derivative(0, x); }
template <class T, class Arch> Packet<T, Arch> iv(int order, const Packet<T, Arch>& x) {
    return x.lanewise([order](T v) { return static_cast<T>(kernels::bessel_i(order, v)); });
}
template <class T, class Arch> Packet<T, Arch> erfinv(const Packet<T, Arch>& x) {
    return x.lanewise([](T v) { return static_cast<T>(kernels::erfinv(v)); });
}
template <class T, class Arch> Packet<T, Arch> erfcinv(const Packet<T, Arch>& x) {
    return x.lanewise([](T v) { return static_cast<T>(kernels::erfcinv(v)); });
}
// clang-format on

}  // namespace xgrad::simd

namespace xgrad::functions {

// clang-format off
struct Polygamma {
    static constexpr auto name = "polygamma"; static constexpr Uses uses = Uses::x;
    int order;
    template <class V> V value(const V& x) const { return polygamma(order, x); }
    template <class V> V slope(const V& x, const V&) const { return polygamma(order + 1, x); }
};
struct Digamma {
    static constexpr auto name = "digamma"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return digamma(x); }
    template <class V> V slope(const V& x, const V&) const { return polygamma(1, x); }
};
struct Lgamma {
    static constexpr auto name = "lgamma"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return lgamma(x); }
    template <class V> V slope(const V& x, const V&) const { return digamma(x); }
};
struct SincDerivative {
    static constexpr auto name = "sinc_derivative"; static constexpr Uses uses = Uses::x; static constexpr bool is_slope_bounded = true;
    int order;
    template <class V> V value(const V& x) const { return sinc_derivative(order, x); }
    template <class V> V slope(const V& x, const V&) const { return sinc_derivative(order + 1, x); }
};
struct Sinc {
    static constexpr auto name = "sinc"; static constexpr Uses uses = Uses::x; static constexpr bool is_slope_bounded = true;
    template <class V> V value(const V& x) const { return sinc(x); }
    template <class V> V slope(const V& x, const V&) const { return sinc_derivative(1, x); }
};
struct Iv {
    static constexpr auto name = "iv"; static constexpr Uses uses = Uses::x;
    int order;
    template <class V> V value(const V& x) const { return iv(order, x); }
    template <class V> V slope(const V& x, const V&) const {
        if (order == 0) return iv(1, x);
        return 0.5 * (iv(order - 1, x) + iv(order + 1, x));
    }
};
struct Erfinv {
    static constexpr auto name = "erfinv"; static constexpr Uses uses = Uses::y;
    template <class V> V value(const V& x) const { return erfinv(x); }
    template <class V> V slope(const V&, const V& y) const { return 1 / two_over_sqrt_pi * exp(y * y); }
};
struct Erfcinv {
    static constexpr auto name = "erfcinv"; static constexpr Uses uses = Uses::y;
    template <class V> V value(const V& x) const { return erfcinv(x); }
    template <class V> V slope(const V&, const V& y) const { return -1 / two_over_sqrt_pi * exp(y * y); }
};
struct Logit {  // x / (1 - x) is near 1 in the middle, and its logarithm near 0: there by way of its distance from 1
    static constexpr auto name = "logit"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const {
        return where(x > 0.25 && x < 0.75, -log1p((1 - 2 * x) / x), log(x / (1 - x)));
    }
    template <class V> V slope(const V& x, const V&) const { return 1 / (x * (1 - x)); }
};
// clang-format on

}  // namespace xgrad::functions

namespace xgrad::simd {

// clang-format off
template <DualLanes V> V lgamma(const V& x) { return evaluate(functions::Lgamma{}, x); }
template <DualLanes V> V digamma(const V& x) { return evaluate(functions::Digamma{}, x); }
template <DualLanes V> V polygamma(int order, const V& x) { return evaluate(functions::Polygamma{order}, x); }
template <DualLanes V> V sinc_derivative(int order, const V& x) { return evaluate(functions::SincDerivative{order}, x); }
template <DualLanes V> V sinc(const V& x) { return evaluate(functions::Sinc{}, x); }
template <DualLanes V> V iv(int order, const V& x) { return evaluate(functions::Iv{order}, x); }
template <Lanes V> V i0(const V& x) { return iv(0, x); }
template <Lanes V> V i1(const V& x) { return iv(1, x); }
template <DualLanes V> V erfinv(const V& x) { return evaluate(functions::Erfinv{}, x); }
template <DualLanes V> V erfcinv(const V& x) { return evaluate(functions::Erfcinv{}, x); }
template <Lanes V> V logit(const V& x) { return evaluate(functions::Logit{}, x); }
// clang-format on

}  // namespace xgrad::simd
