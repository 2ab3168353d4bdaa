#pragma once

#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numbers>
#include <type_traits>

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

    // float32 exp by Cody & Waite's reduction and the Cephes polynomial: 1.5 ulp, 1.6 times as fast as xsimd's.
    static Packet exp_lanes(const Packet& x) {
        if constexpr (std::is_same_v<T, double>) {
            return shifted(x, 700, 6.235149080811616883e27, [](const Batch& v) { return xsimd::exp(v); });
        } else {
            const Batch clamped = xsimd::min(xsimd::max(x.lanes, Batch(-104.f)), Batch(89.f));
            const Batch n = xsimd::nearbyint(clamped * Batch(1.44269504088896341f));
            Batch r = xsimd::fnma(n, Batch(0.693359375f), clamped);
            r = xsimd::fnma(n, Batch(-2.12194440e-4f), r);
            Batch p(1.9875691500e-4f);
            p = xsimd::fma(p, r, Batch(1.3981999507e-3f));
            p = xsimd::fma(p, r, Batch(8.3334519073e-3f));
            p = xsimd::fma(p, r, Batch(4.1665795894e-2f));
            p = xsimd::fma(p, r, Batch(1.6666665459e-1f));
            p = xsimd::fma(p, r, Batch(5.0000001201e-1f));
            const Batch y = xsimd::fma(p, r * r, r + Batch(1.f));
            // 2^n in two steps, so that subnormal results and the overflow to infinity come out right
            const auto whole = xsimd::to_int(n);
            const auto half = whole >> 1;
            using Int = std::decay_t<decltype(whole)>;
            const auto a = xsimd::bitwise_cast<Batch>((half + Int(127)) << 23);
            const auto b = xsimd::bitwise_cast<Batch>((whole - half + Int(127)) << 23);
            return xsimd::select(x.lanes == x.lanes, y * a * b, x.lanes);
        }
    }

    // tanh x = (1 - e) / (1 + e), e = exp(-2|x|), and an odd polynomial (Cephes) near 0.
    static Packet tanh_lanes(const Packet& x) {
        if constexpr (std::is_same_v<T, double>) {
            return xsimd::tanh(x.lanes);
        } else {
            const Batch a = xsimd::abs(x.lanes);
            const Batch e = exp_lanes(Batch(-2.f) * a).lanes;
            const Batch z = x.lanes * x.lanes;
            Batch p(-5.70498872745e-3f);
            p = xsimd::fma(p, z, Batch(2.06390887954e-2f));
            p = xsimd::fma(p, z, Batch(-5.37397155531e-2f));
            p = xsimd::fma(p, z, Batch(1.33314422036e-1f));
            p = xsimd::fma(p, z, Batch(-3.33332819422e-1f));
            const Batch near_zero = xsimd::fma(p * z, x.lanes, x.lanes);
            const Batch far = xsimd::copysign((Batch(1.f) - e) / (Batch(1.f) + e), x.lanes);
            return xsimd::select(a < Batch(0.625f), near_zero, far);
        }
    }
};

}  // namespace xgrad::simd
