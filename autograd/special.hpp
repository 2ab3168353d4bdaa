#pragma once

#include <xgrad/autograd/functions.hpp>
#include <xgrad/autograd/kernels/special.hpp>

#include <cmath>
#include <limits>
#include <numbers>

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
template <class T, class Arch> Packet<T, Arch> ive(int order, const Packet<T, Arch>& x) {
    return x.lanewise([order](T v) { return static_cast<T>(kernels::bessel_i_scaled(order, v)); });
}
template <class T, class Arch> Packet<T, Arch> erfcx(const Packet<T, Arch>& x) {
    return x.lanewise([](T v) { return static_cast<T>(kernels::erfcx(v)); });
}
template <class T, class Arch> Packet<T, Arch> erfcx_derivative(int order, const Packet<T, Arch>& x) {
    return x.lanewise([order](T v) { return static_cast<T>(kernels::erfcx_derivative(order, v)); });
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
struct Ive {
    static constexpr auto name = "ive"; static constexpr Uses uses = Uses::both;
    int order;
    template <class V> V value(const V& x) const { return ive(order, x); }
    template <class V> V slope(const V& x, const V& y) const {
        if (order == 0) return ive(1, x) - sign(x) * y;
        return 0.5 * (ive(order - 1, x) + ive(order + 1, x)) - sign(x) * y;
    }
};
struct ErfcxDerivative {
    static constexpr auto name = "erfcx_derivative"; static constexpr Uses uses = Uses::x;
    int order;
    template <class V> V value(const V& x) const { return erfcx_derivative(order, x); }
    template <class V> V slope(const V& x, const V&) const { return erfcx_derivative(order + 1, x); }
};
struct Erfcx {
    static constexpr auto name = "erfcx"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const { return erfcx(x); }
    template <class V> V slope(const V& x, const V&) const { return erfcx_derivative(1, x); }
};
struct Ndtr {
    static constexpr auto name = "ndtr"; static constexpr Uses uses = Uses::x;
    static constexpr double root_half = 1 / std::numbers::sqrt2;
    template <class V> V value(const V& x) const { return 0.5 * erfc(-root_half * x); }
    template <class V> V slope(const V& x, const V&) const { return 0.5 * sqrt_two_over_pi * exp(-0.5 * x * x); }
};
struct LogNdtr {  // far below 0 ndtr vanishes, far above 0 it is nearly 1
    static constexpr auto name = "log_ndtr"; static constexpr Uses uses = Uses::x;
    template <class V> V value(const V& x) const {
        const V u = Ndtr::root_half * x;
        return where(x < -1, log(0.5 * erfcx(-u)) - u * u, log1p(-0.5 * erfc(u)));
    }
    template <class V> V slope(const V& x, const V&) const { return sqrt_two_over_pi / erfcx(-Ndtr::root_half * x); }
};
struct Ndtri {
    template <class V> V operator()(const V& p) const { return -std::numbers::sqrt2 * erfcinv(2 * p); }
};
struct Multigammaln {
    int p;
    template <class V> V operator()(const V& x) const {
        V y = lgamma(x) + 0.25 * p * (p - 1) * std::log(std::numbers::pi);
        for (int j = 1; j < p; ++j) y = y + lgamma(x - 0.5 * j);
        return where(x > 0.5 * (p - 1), y, std::numeric_limits<double>::quiet_NaN());
    }
};
struct Entr {
    static constexpr auto name = "entr"; static constexpr Uses uses = Uses::x;
    static constexpr double infinity = std::numeric_limits<double>::infinity();
    template <class V> V value(const V& x) const {
        return where(x < 0, -infinity, where(x == 0, 0, -x * log(where(x == 0, 1, x))));
    }
    template <class V> V slope(const V& x, const V&) const { return -1 - log(x); }
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
template <DualLanes V> V ive(int order, const V& x) { return evaluate(functions::Ive{order}, x); }
template <Lanes V> V i0e(const V& x) { return ive(0, x); }
template <Lanes V> V i1e(const V& x) { return ive(1, x); }
template <DualLanes V> V erfcx_derivative(int order, const V& x) { return evaluate(functions::ErfcxDerivative{order}, x); }
template <DualLanes V> V erfcx(const V& x) { return evaluate(functions::Erfcx{}, x); }
template <Lanes V> V ndtr(const V& x) { return evaluate(functions::Ndtr{}, x); }
template <Lanes V> V log_ndtr(const V& x) { return evaluate(functions::LogNdtr{}, x); }
template <Lanes V> V ndtri(const V& p) { return functions::Ndtri{}(p); }
template <Lanes V> V multigammaln(const V& x, int p) { return functions::Multigammaln{p}(x); }
template <Lanes V> V entr(const V& x) { return evaluate(functions::Entr{}, x); }
template <DualLanes V> V erfinv(const V& x) { return evaluate(functions::Erfinv{}, x); }
template <DualLanes V> V erfcinv(const V& x) { return evaluate(functions::Erfcinv{}, x); }
template <Lanes V> V logit(const V& x) { return evaluate(functions::Logit{}, x); }
// clang-format on

}  // namespace xgrad::simd
