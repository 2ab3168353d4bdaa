#include <xgrad/autograd/ops/arithmetic.hpp>

#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/detail/any_type.hpp>
#include <xgrad/autograd/ops/detail/pointwise_operator.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>

#include <fmt/format.h>

#include <cstdint>

namespace xgrad {

using detail::pointwise_of_two;

namespace {

/// An operator of two inputs whose value is a lambda's: what is left to say is the rule.
struct Binary {
    static constexpr bool in_place = true, accepts_broadcast_dy = true;
    [[gnu::always_inline]] Shape shape(const Variable& a, const Variable& b) const {
        return detail::broadcast_shape(a, b);
    }
};
/// The same for int64 inputs too.
struct WholeBinary : Binary {
    static constexpr bool integers = true;
};

struct Add : WholeBinary {
    static constexpr auto name = "add";
    static constexpr Reads reads = Reads::none;
    void forward(Variable& y, const Variable& a, const Variable& b) const {
        detail::evaluate_any_into(
            y, [](auto s, auto t) { return s + t; }, a, b);
    }
    std::array<Variable, 2> backward(const Variable&, const Variable&, const Variable&, const Variable& dy) const {
        return {dy, dy};
    }
};

struct Subtract : WholeBinary {
    static constexpr auto name = "subtract";
    static constexpr Reads reads = Reads::none;
    void forward(Variable& y, const Variable& a, const Variable& b) const {
        detail::evaluate_any_into(
            y, [](auto s, auto t) { return s - t; }, a, b);
    }
    std::array<Variable, 2> backward(const Variable&, const Variable&, const Variable&, const Variable& dy,
                                     Needs needs) const {
        return {dy, needs[1] ? -dy : Variable()};
    }
};

struct Multiply : WholeBinary {
    static constexpr auto name = "multiply";
    static constexpr Reads reads = Reads::others;
    void forward(Variable& y, const Variable& a, const Variable& b) const {
        detail::evaluate_any_into(
            y, [](auto s, auto t) { return s * t; }, a, b);
    }
    std::array<Variable, 2> backward(const Variable& a, const Variable& b, const Variable&, const Variable& dy,
                                     Needs needs) const {
        if (!needs[1]) return {times(dy, b), Variable()};
        if (!needs[0]) return {Variable(), times(dy, a)};
        if (is_recording() || a.shape() != b.shape()) return {dy * b, times(dy, a)};
        return detail::evaluate_rule<2>(
            needs,
            [](auto d, auto s, auto t) {
                return std::array{d * t, d * s};
            },
            dy, a, b);
    }
    /// dy * v, which may take dy's memory.
    static Variable times(const Variable& dy, const Variable& v) {
        return is_recording() ? dy * v
                              : detail::differentiate_by(
                                    {}, [](auto d, auto w) { return d * w; }, dy, v);
    }
};

struct Divide : Binary {
    static constexpr auto name = "divide";
    void forward(Variable& y, const Variable& a, const Variable& b) const {
        detail::evaluate_into(
            y, [](auto s, auto t) { return s / t; }, a, b);
    }
    std::array<Variable, 2> backward(const Variable&, const Variable& b, const Variable& y, const Variable& dy,
                                     Needs needs) const {
        return {needs[0] ? dy / b : Variable(),
                needs[1] ? map([](auto d, auto v, auto t) { return -d * v / t; }, dy, y, b) : Variable()};
    }
};

struct Negative {
    static constexpr auto name = "negative";
    static constexpr Reads reads = Reads::none;
    static constexpr bool in_place = true, accepts_broadcast_dy = true, integers = true;
    Shape shape(const Variable& a) const { return a.shape(); }
    void forward(Variable& y, const Variable& a) const {
        detail::evaluate_any_into(
            y, [](auto s) { return -s; }, a);
    }
    Variable backward(const Variable&, const Variable&, const Variable& dy) const { return -dy; }
};

/// By squaring (Knuth, TAOCP 2, 4.6.3).
std::int64_t whole_power(kernels::Integer base, std::int64_t exponent) {
    kernels::Integer power = 1;
    for (; exponent != 0; exponent /= 2) {
        if (exponent % 2 != 0) power = power * base;
        base = base * base;
    }
    return power.value;
}

struct Pow : WholeBinary {
    static constexpr auto name = "pow";
    void forward(Variable& y, const Variable& a, const Variable& b) const {
        if (y.dtype() == DType::int64) {
            for (const std::int64_t exponent : b.span<std::int64_t>())
                if (exponent < 0) throw ValueError(fmt::format("an int64 to the power of {}", exponent));
            return kernels::on_integers(
                y, [](auto s, auto t) { return whole_power(s, t.value); }, a, b);
        }
        detail::evaluate_into(
            y, [](auto s, auto t) { return pow(s, t); }, a, b);
    }
    std::array<Variable, 2> backward(const Variable& a, const Variable& b, const Variable& y, const Variable& dy,
                                     Needs needs) const {
        return {needs[0] ? map([](auto d, auto s, auto t) { return where(t == 0, 0, d * t * pow(s, t - 1)); }, dy, a, b)
                         : Variable(),
                needs[1] ? map([](auto d, auto s, auto t,
                                  auto v) { return where(v == 0 || (s == 0 && t >= 0), 0, d * v * log(s)); },
                               dy, a, b, y)
                         : Variable()};
    }
};

/// Piecewise constant: no gradient.
struct FloorDivide : WholeBinary {
    static constexpr auto name = "floor_divide";
    static constexpr bool differentiable = false;
    void forward(Variable& y, const Variable& a, const Variable& b) const {
        if (y.dtype() == DType::int64) {
            detail::check_divisors(b);
            return kernels::on_integers(
                y, [](auto s, auto t) { return kernels::floor_divide(s.value, t.value); }, a, b);
        }
        // fmod is exact, so that a quotient just below a whole number is not rounded up to it.
        detail::evaluate_into(
            y,
            [](auto s, auto t) {
                const auto rest = fmod(s, t), whole = (s - rest) / t;
                const auto turns = (rest < 0 && t > 0) || (rest > 0 && t < 0);
                return where(t == 0, s / t, round(where(turns, whole - 1, whole)));
            },
            a, b);
    }
};

// Where a wins, where they tie: the weight of a's share of the gradient.
template <bool larger>
struct Extremum : WholeBinary {
    static constexpr auto name = larger ? "maximum" : "minimum";
    static constexpr Reads reads = Reads::inputs;
    void forward(Variable& y, const Variable& a, const Variable& b) const {
        detail::evaluate_any_into(
            y,
            [](auto s, auto t) {
                if constexpr (larger)
                    return maximum(s, t);
                else
                    return minimum(s, t);
            },
            a, b);
    }
    std::array<Variable, 2> backward(const Variable& a, const Variable& b, const Variable&, const Variable& dy,
                                     Needs needs) const {
        const auto share = [&](const Variable& winner, const Variable& loser) {
            return map(
                [](auto d, auto s, auto t) {
                    if constexpr (larger)
                        return where(s > t, d, where(s == t, 0.5 * d, 0));
                    else
                        return where(s < t, d, where(s == t, 0.5 * d, 0));
                },
                dy, winner, loser);
        };
        return {needs[0] ? share(a, b) : Variable(), needs[1] ? share(b, a) : Variable()};
    }
};

}  // namespace

Variable operator+(Operand a, Operand b) { return apply(Add{}, std::move(a), std::move(b)); }
Variable operator-(Operand a, Operand b) { return apply(Subtract{}, std::move(a), std::move(b)); }
Variable operator*(Operand a, Operand b) { return apply(Multiply{}, std::move(a), std::move(b)); }
Variable operator/(Operand a, Operand b) { return apply(Divide{}, std::move(a), std::move(b)); }
Variable operator-(Operand a) { return apply(Negative{}, std::move(a)); }

Variable pow(const Operand& a, const Operand& b) {
    const CallSite here(a.at(), "pow");
    if (b.is_number() && !a.is_number() && dtype_beside(a) != DType::int64) {
        const double p = b.number();
        if (p == 2) return square(a);
        if (p == 0.5) return sqrt(a);
        if (p == -0.5) return rsqrt(a);
        if (p == -1) return reciprocal(a);
        return power(a, p);
    }
    return apply(Pow{}, a, b);
}

Variable maximum(const Operand& a, const Operand& b) { return apply(Extremum<true>{}, a, b); }
Variable minimum(const Operand& a, const Operand& b) { return apply(Extremum<false>{}, a, b); }
Variable atan2(const Operand& y, const Operand& x) { return pointwise_of_two<functions::Atan2>(y, x); }
Variable hypot(const Operand& a, const Operand& b) { return pointwise_of_two<functions::Hypot>(a, b); }
Variable remainder(const Operand& a, const Operand& b) { return pointwise_of_two<functions::Remainder>(a, b); }
Variable fmod(const Operand& a, const Operand& b) { return pointwise_of_two<functions::Fmod>(a, b); }
Variable floor_divide(const Operand& a, const Operand& b) { return apply(FloorDivide{}, a, b); }
Variable copysign(const Operand& a, const Operand& b) { return pointwise_of_two<functions::Copysign>(a, b); }
Variable heaviside(const Operand& x, const Operand& at_zero) {
    return pointwise_of_two<functions::Heaviside>(x, at_zero);
}
Variable fmax(const Operand& a, const Operand& b) { return pointwise_of_two<functions::Fmax>(a, b); }
Variable fmin(const Operand& a, const Operand& b) { return pointwise_of_two<functions::Fmin>(a, b); }
Variable lerp(const Operand& a, const Operand& b, const Operand& weight) {
    return detail::map_named("lerp", functions::Lerp{}, a, b, weight);
}

Variable ldexp(const Operand& x, const Operand& exponent) {
    const DType dtype = x.is_number() ? dtype_beside(exponent) : dtype_beside(x);
    const bool is_whole = !exponent.is_number() && exponent.get() && exponent.get().dtype() == DType::int64;
    if (is_whole && (x.is_number() || is_floating(dtype))) {
        const CallSite here(x.at(), "ldexp");
        const DType type = x.is_number() ? DType::float32 : dtype;
        return ldexp(x.as(type), exponent.get().to(type));
    }
    // In three factors, since 2^e and its root may overflow where x 2^e does not. Beyond the limit every x but 0 and
    // the infinities has left the range.
    const double limit = dtype == DType::float64 ? 3000 : 300;
    return detail::map_named(
        "ldexp",
        [limit](auto v, auto e) {
            const auto power = where(e > limit, limit, where(e < -limit, -limit, e)), third = round(power / 3);
            return v * exp2(third) * exp2(third) * exp2(power - 2 * third);
        },
        x, exponent);
}

Variable addcmul(const Operand& x, const Operand& a, const Operand& b, double value) {
    return detail::map_named(
        "addcmul", [value](auto v, auto s, auto t) { return v + value * s * t; }, x, a, b);
}
Variable addcdiv(const Operand& x, const Operand& a, const Operand& b, double value) {
    return detail::map_named(
        "addcdiv", [value](auto v, auto s, auto t) { return v + value * s / t; }, x, a, b);
}

}  // namespace xgrad
