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
template <DualLanes V> V erfinv(const V& x) { return evaluate(functions::Erfinv{}, x); }
template <DualLanes V> V erfcinv(const V& x) { return evaluate(functions::Erfcinv{}, x); }
template <Lanes V> V logit(const V& x) { return evaluate(functions::Logit{}, x); }
// clang-format on

}  // namespace xgrad::simd
