#pragma once

#include <xgrad/autograd/kernels/broadcast.hpp>
#include <xgrad/autograd/variable.hpp>

#include <array>
#include <compare>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <tuple>

/// What the operators that take int64 too compute with then: no gradient, no SIMD, and no undefined overflow.
namespace xgrad::kernels {

/// An int64 in the place of a Packet: pointwise formulas and reductions take either. Overflow wraps around, as NumPy's.
struct Integer {
    static constexpr std::size_t size = 1;
    std::int64_t value = 0;

    Integer() = default;
    template <std::integral S>
    Integer(S number) : value(static_cast<std::int64_t>(number)) {}
    static Integer load(const std::int64_t* from) { return *from; }
    void store(std::int64_t* to) const { *to = value; }

    friend Integer operator+(Integer a, Integer b) { return wrapped(bits(a) + bits(b)); }
    friend Integer operator-(Integer a, Integer b) { return wrapped(bits(a) - bits(b)); }
    friend Integer operator*(Integer a, Integer b) { return wrapped(bits(a) * bits(b)); }
    friend Integer operator-(Integer a) { return wrapped(0 - bits(a)); }
    friend auto operator<=>(Integer, Integer) = default;  // NOLINT(modernize-use-nullptr)

    friend Integer abs(Integer a) { return a.value < 0 ? -a : a; }
    friend Integer maximum(Integer a, Integer b) { return a.value < b.value ? b : a; }
    friend Integer minimum(Integer a, Integer b) { return b.value < a.value ? b : a; }
    friend Integer where(bool chosen, Integer a, Integer b) { return chosen ? a : b; }

private:
    static std::uint64_t bits(Integer a) { return static_cast<std::uint64_t>(a.value); }
    static Integer wrapped(std::uint64_t bits) { return static_cast<std::int64_t>(bits); }
};

/// a + b and a * b of elements: plain for real numbers, wrapping around for integers.
template <class T>
T plus(T a, T b) {
    if constexpr (std::integral<T>)
        return (Integer(a) + Integer(b)).value;
    else
        return a + b;
}
template <class T>
T times(T a, T b) {
    if constexpr (std::integral<T>)
        return (Integer(a) * Integer(b)).value;
    else
        return a * b;
}

/// The quotient, rounded down, for a divisor that is not 0.
inline std::int64_t floor_divide(std::int64_t a, std::int64_t b) {
    if (b == -1) return (-Integer(a)).value;  // the one quotient that may not fit
    return a / b - (a % b != 0 && (a < 0) != (b < 0) ? 1 : 0);
}

/// y = f(in...) for int64 Variables, element by element with broadcasting; f takes Integers, y holds To.
template <class To = std::int64_t, class F, class... In>
[[gnu::noinline, gnu::cold]] void on_integers(Variable& y, F f, const In&... in) {
    constexpr std::size_t count = sizeof...(In);
    if (y.size() == 0) return;
    To* const to = y.mutable_data<To>();
    const std::array<const std::int64_t*, count> from{in.template data<std::int64_t>()...};
    const Broadcast<count> b(y.shape(), {&in.shape()...});
    const auto row = [&](std::size_t out, const std::array<std::size_t, count>& offsets, std::size_t n) {
        for (std::size_t i = 0; i < n; ++i) {
            std::array<Integer, count> x;
            for (std::size_t k = 0; k < count; ++k) x[k] = from[k][offsets[k] + i * b.steps[k]];
            to[out + i] = static_cast<To>(Integer(std::apply(f, x)).value);
        }
    };
    if (b.flat) return row(0, {}, y.size());
    for_each_row(b, 0, y.size() / b.inner(),
                 [&](std::size_t out, const std::array<std::size_t, count>& offsets) { row(out, offsets, b.inner()); });
}

}  // namespace xgrad::kernels
