#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <type_traits>
#include <utility>

// g++ 12 warns of uninitialised values inside its own AVX-512 header (its bug 105593).
#ifndef __clang__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <xsimd/xsimd.hpp>
#ifndef __clang__
#pragma GCC diagnostic pop
#endif

namespace xgrad::simd {

/// f(0), f(1), ... with constants, so that the elements of arrays they index can be registers.
template <std::size_t count, class F>
[[gnu::always_inline]] inline void unrolled(const F& f) {
    [&]<std::size_t... I>(std::index_sequence<I...>) __attribute__((always_inline)) {
        (f(std::integral_constant<std::size_t, I>()), ...);
    }
    (std::make_index_sequence<count>());
}

/// A plain C++ number, which stands beside Packets and Duals as a constant.
template <class S>
concept Number = std::is_arithmetic_v<S>;

template <class T, class Arch>
struct Packet;

/// The outcome of comparing Packets, lane by lane.
template <class T, class Arch = xsimd::default_arch>
struct Mask {
    xsimd::batch_bool<T, Arch> lanes;

    friend Mask operator&&(const Mask& a, const Mask& b) { return {a.lanes & b.lanes}; }
    friend Mask operator||(const Mask& a, const Mask& b) { return {a.lanes | b.lanes}; }
    friend Mask operator!(const Mask& a) { return {!a.lanes}; }
    friend Packet<T, Arch> where(const Mask& m, const Packet<T, Arch>& a, const Packet<T, Arch>& b) {
        return {xsimd::select(m.lanes, a.lanes, b.lanes)};
    }
};

/// A few neighbouring elements in one SIMD register: what a lambda given to map() computes with. The instruction set is
/// part of the type, so that objects compiled with different flags link together. Functions not listed here (sigmoid,
/// relu, ...) are in functions.hpp.
template <class T, class Arch = xsimd::default_arch>
struct Packet {
    using Batch = xsimd::batch<T, Arch>;
    using value_type = T;
    static constexpr std::size_t size = Batch::size;

    Batch lanes;

    Packet() = default;
    Packet(const Batch& b) : lanes(b) {}
    template <Number S>
    Packet(S number) : lanes(static_cast<T>(number)) {}

    static Packet load(const T* p) { return Batch::load_unaligned(p); }
    void store(T* p) const { lanes.store_unaligned(p); }
    /// f of each lane, for a function that has no vector form.
    template <class F>
    Packet lanewise(F f) const {
        alignas(64) std::array<T, size> v;
        store(v.data());
        for (T& e : v) e = f(e);
        return load(v.data());
    }

    friend Packet operator+(const Packet& a, const Packet& b) { return a.lanes + b.lanes; }
    friend Packet operator-(const Packet& a, const Packet& b) { return a.lanes - b.lanes; }
    friend Packet operator*(const Packet& a, const Packet& b) { return a.lanes * b.lanes; }
    friend Packet operator/(const Packet& a, const Packet& b) { return a.lanes / b.lanes; }
    friend Packet operator-(const Packet& a) { return -a.lanes; }
    /// a / b for b > 0, in a lambda for update(). In float32 with AVX-512 it leaves the processor's divider alone,
    /// which roots need as well: within 2 ulp for b from 2^-126 to 2^126; beyond that, and for infinity, the quotient
    /// loses digits or is 0.
    friend Packet fast_divide(const Packet& a, const Packet& b) {
        // Infinity must not meet its reciprocal, 0; of a NaN and a number min gives the second.
        if constexpr (has_estimates)
            return a.lanes * reciprocal_lanes(xsimd::min(Batch(std::numeric_limits<T>::max()), b.lanes));
        else
            return a / b;
    }
    friend Mask<T, Arch> operator<(const Packet& a, const Packet& b) { return {a.lanes < b.lanes}; }
    friend Mask<T, Arch> operator<=(const Packet& a, const Packet& b) { return {a.lanes <= b.lanes}; }
    friend Mask<T, Arch> operator>(const Packet& a, const Packet& b) { return {a.lanes > b.lanes}; }
    friend Mask<T, Arch> operator>=(const Packet& a, const Packet& b) { return {a.lanes >= b.lanes}; }
    friend Mask<T, Arch> operator==(const Packet& a, const Packet& b) { return {a.lanes == b.lanes}; }
    // xsimd 8's != is false for NaN with AVX.
    friend Mask<T, Arch> operator!=(const Packet& a, const Packet& b) { return {!(a.lanes == b.lanes)}; }

    // In xsimd's min and max a NaN on one side is lost; NumPy's and PyTorch's propagate it.
    friend Packet maximum(const Packet& a, const Packet& b) {
        return xsimd::select(a.lanes == a.lanes, xsimd::select(a.lanes > b.lanes, a.lanes, b.lanes), a.lanes);
    }
    friend Packet minimum(const Packet& a, const Packet& b) {
        return xsimd::select(a.lanes == a.lanes, xsimd::select(a.lanes < b.lanes, a.lanes, b.lanes), a.lanes);
    }

    friend Packet abs(const Packet& x) { return xsimd::abs(x.lanes); }
    friend Packet floor(const Packet& x) { return xsimd::floor(x.lanes); }
    friend Packet ceil(const Packet& x) { return xsimd::ceil(x.lanes); }
    friend Packet round(const Packet& x) { return xsimd::nearbyint(x.lanes); }  // half to even, as in IEEE 754
    friend Packet trunc(const Packet& x) { return xsimd::trunc(x.lanes); }
    friend Packet copysign(const Packet& x, const Packet& s) { return xsimd::copysign(x.lanes, s.lanes); }
    friend Packet sqrt(const Packet& x) { return xsimd::sqrt(x.lanes); }
    friend Packet exp(const Packet& x) { return exp_lanes(x); }
    friend Packet expm1(const Packet& x) { return expm1_lanes(x); }
    friend Packet exp2(const Packet& x) {
        return shifted(x, std::is_same_v<T, double> ? 1021 : 125, 0x1p64,
                       [](const Batch& v) { return xsimd::exp2(v); });
    }
    friend Packet log(const Packet& x) {
        return lifted(x, 54 * std::numbers::ln2, [](const Batch& v) { return xsimd::log(v); });
    }
    friend Packet log1p(const Packet& x) { return xsimd::log1p(x.lanes); }
    friend Packet log2(const Packet& x) {
        return lifted(x, 54, [](const Batch& v) { return xsimd::log2(v); });
    }
    friend Packet log10(const Packet& x) {
        return lifted(x, 54 * std::numbers::ln2 * std::numbers::log10e, [](const Batch& v) { return xsimd::log10(v); });
    }
    friend Packet sin(const Packet& x) { return xsimd::sin(x.lanes); }
    friend Packet cos(const Packet& x) { return xsimd::cos(x.lanes); }
    friend Packet asin(const Packet& x) { return xsimd::asin(x.lanes); }
    friend Packet acos(const Packet& x) { return xsimd::acos(x.lanes); }
    friend Packet atan(const Packet& x) { return xsimd::atan(x.lanes); }
    friend Packet atan2(const Packet& y, const Packet& x) {
        return y.lanewise(x, [](T a, T b) { return std::atan2(a, b); });
    }
    friend Packet tanh(const Packet& x) { return tanh_lanes(x); }
    /// 1 / (1 + exp(-x))
    friend Packet logistic(const Packet& x) { return logistic_lanes(x); }
    // xsimd's float64 erf is 70 ulp off at 2.2, and NaN from 1e62 on.
    friend Packet erf(const Packet& x) {
        if constexpr (std::is_same_v<T, double>)
            return x.lanewise([](T v) { return std::erf(v); });
        else
            return xsimd::erf(x.lanes);
    }

    // xsimd's versions of these lose up to hundreds of ulp somewhere in their range; libm does not.
    friend Packet tan(const Packet& x) {
        return x.lanewise([](T v) { return std::tan(v); });
    }
    friend Packet sinh(const Packet& x) {
        return x.lanewise([](T v) { return std::sinh(v); });
    }
    friend Packet cosh(const Packet& x) {
        return x.lanewise([](T v) { return std::cosh(v); });
    }
    friend Packet asinh(const Packet& x) {
        return x.lanewise([](T v) { return std::asinh(v); });
    }
    friend Packet acosh(const Packet& x) {
        return x.lanewise([](T v) { return std::acosh(v); });
    }
    friend Packet atanh(const Packet& x) {
        return x.lanewise([](T v) { return std::atanh(v); });
    }
    friend Packet cbrt(const Packet& x) {
        return x.lanewise([](T v) { return std::cbrt(v); });
    }
    friend Packet erfc(const Packet& x) {
        return x.lanewise([](T v) { return std::erfc(v); });
    }
    friend Packet pow(const Packet& a, const Packet& b) {
        return a.lanewise(b, [](T v, T w) { return std::pow(v, w); });
    }
    // An exact match, or the search by argument types would find xsimd's pow for integers.
    template <Number S>
    friend Packet pow(const Packet& a, const S& b) {
        if (b == 2) return a * a;
        if (b == 3) return a * a * a;
        return pow(a, Packet(b));
    }
    friend Packet fmod(const Packet& a, const Packet& b) {
        return a.lanewise(b, [](T v, T w) { return std::fmod(v, w); });
    }

private:
    static constexpr bool has_estimates = std::is_same_v<T, float> && std::is_base_of_v<xsimd::avx512f, Arch>;

    template <class F>
    Packet lanewise(const Packet& other, F f) const {
        alignas(64) std::array<T, size> v, w;
        store(v.data());
        other.store(w.data());
        for (std::size_t i = 0; i < size; ++i) v[i] = f(v[i], w[i]);
        return load(v.data());
    }

    // xsimd's exponentials end where results turn subnormal, and in float64 a little before the largest numbers:
    // beyond `limit` 64 is taken off the argument, which is exact, and put back as the factor f(64).
    template <class F>
    static Packet shifted(const Packet& x, T limit, double factor, F f) {
        const auto far = xsimd::abs(x.lanes) > Batch(limit);
        if (!xsimd::any(far)) return f(x.lanes);
        const auto positive = x.lanes > Batch(T(0));
        const Batch shift = xsimd::select(far, xsimd::select(positive, Batch(T(64)), Batch(T(-64))), Batch(T(0)));
        const Batch up(static_cast<T>(factor)), down(static_cast<T>(1 / factor));
        return f(x.lanes - shift) * xsimd::select(far, xsimd::select(positive, up, down), Batch(T(1)));
    }

    // xsimd's float64 logarithms are wrong for subnormal numbers: those are taken times 2^54, whose logarithm is
    // `rise`.
    template <class F>
    static Packet lifted(const Packet& x, double rise, F f) {
        if constexpr (std::is_same_v<T, float>) return f(x.lanes);
        const auto tiny = x.lanes < Batch(std::numeric_limits<T>::min());
        if (!xsimd::any(tiny)) return f(x.lanes);
        return f(xsimd::select(tiny, x.lanes * Batch(T(0x1p54)), x.lanes)) -
               xsimd::select(tiny, Batch(static_cast<T>(rise)), Batch(T(0)));
    }

    static Packet expm1_lanes(const Packet& x) {
        const auto large = x.lanes > Batch(T(40));  // where the 1 no longer counts
        const Batch y = xsimd::expm1(x.lanes);
        return xsimd::any(large) ? Batch(xsimd::select(large, exp_lanes(x).lanes, y)) : y;
    }

    // x = n ln 2 + r (Cody & Waite), and exp(r) - 1 - r by a minimax polynomial (to 3e-9 of exp): what float32
    // exponentials are made of.
    struct Reduced {
        Batch n, r, rest;
    };
    static Reduced reduce(const Batch& x) {
        const Batch n = xsimd::nearbyint(x * Batch(1.44269504088896341f));
        Batch r = xsimd::fnma(n, Batch(0.693359375f), x);
        r = xsimd::fnma(n, Batch(-2.12194440e-4f), r);
        Batch p(1.3814540039e-3f);
        p = xsimd::fma(p, r, Batch(8.3687451124e-3f));
        p = xsimd::fma(p, r, Batch(4.1668390786e-2f));
        p = xsimd::fma(p, r, Batch(1.6666520399e-1f));
        p = xsimd::fma(p, r, Batch(4.9999993432e-1f));
        return {n, r, p * (r * r)};
    }
    // y 2^n, for whole n
    static Batch scale(const Batch& y, const Batch& n) {
#if XSIMD_WITH_AVX512F
        if constexpr (std::is_base_of_v<xsimd::avx512f, Arch>) return Batch(_mm512_scalef_ps(y, n));
#endif
        // in two steps, so that subnormal results and the overflow to infinity come out right
        const auto whole = xsimd::to_int(n);
        const auto half = whole >> 1;
        using Int = std::decay_t<decltype(whole)>;
        const auto a = xsimd::bitwise_cast<Batch>((half + Int(127)) << 23);
        const auto b = xsimd::bitwise_cast<Batch>((whole - half + Int(127)) << 23);
        return y * a * b;
    }

    // In float32 within 1.3 ulp, with fewer steps than xsimd's.
    static Packet exp_lanes(const Packet& x) {
        if constexpr (std::is_same_v<T, double>) {
            return shifted(x, 700, 6.235149080811616883e27, [](const Batch& v) { return xsimd::exp(v); });
        } else {
            const Batch clamped = xsimd::min(xsimd::max(x.lanes, Batch(-104.f)), Batch(89.f));
            const Reduced e = reduce(clamped);
            const Batch y = scale(e.rest + (e.r + Batch(1.f)), e.n);
            return xsimd::select(x.lanes == x.lanes, y, x.lanes);
        }
    }

    // 1 / x for float32 between 2^-126 and 2^126, within 1 ulp. With AVX-512 by an estimate of 14 bits and a step of
    // Newton's, which do not keep the divider waiting.
    static Batch reciprocal_lanes(const Batch& x) {
#if XSIMD_WITH_AVX512F
        if constexpr (has_estimates) {
            const Batch estimate(_mm512_rcp14_ps(x));
            return xsimd::fma(estimate, xsimd::fnma(x, estimate, Batch(1.f)), estimate);
        }
#endif
        return Batch(1.f) / x;
    }

    // 1 / (1 + exp(-x)), in float32 by exp(-|x|), which cannot overflow.
    static Packet logistic_lanes(const Packet& x) {
        if constexpr (std::is_same_v<T, double>) {
            return Packet(1) / (Packet(1) + exp_lanes(-x));
        } else {
            const Batch e = exp_lanes(-xsimd::abs(x.lanes)).lanes;
            const Batch r = reciprocal_lanes(Batch(1.f) + e);
            return xsimd::select(x.lanes > Batch(0.f), r, e * r);
        }
    }

    // tanh |x| = -m / (2 + m), m = exp(-2|x|) - 1. Beyond 20 the result is 1.
    static Packet tanh_lanes(const Packet& x) {
        if constexpr (std::is_same_v<T, double>) {
            return xsimd::tanh(x.lanes);
        } else {
            const Reduced e = reduce(xsimd::max(Batch(-2.f) * xsimd::abs(x.lanes), Batch(-40.f)));
            const Batch power = scale(Batch(1.f), e.n);
            const Batch m = xsimd::fma(power, e.r + e.rest, power - Batch(1.f));
            const Batch y = xsimd::copysign(m * reciprocal_lanes(Batch(2.f) + m), x.lanes);
            return xsimd::select(x.lanes == x.lanes, y, x.lanes);
        }
    }
};

}  // namespace xgrad::simd
