#pragma once

#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/ops/detail/any_type.hpp>

#include <fmt/format.h>

namespace xgrad::detail {

/// Whether a function of functions.hpp or functions_of_two.hpp is defined on int64, with an int64 as its value.
template <class F>
concept TakesIntegers = requires {
    requires F::integers;
};

/// The operator made of one of functions.hpp's structs.
template <class F>
struct Pointwise {
    using Uses = functions::Uses;
    static constexpr auto name = F::name;
    static constexpr bool differentiable = F::uses != Uses::nothing;
    static constexpr bool in_place = true, accepts_broadcast_dy = true;
    static constexpr bool integers = TakesIntegers<F>;
    static constexpr Reads reads = F::uses == Uses::x ? Reads::inputs : F::uses == Uses::y ? Reads::output : Reads::all;

    F f;

    Shape shape(const Variable& x) const { return x.shape(); }
    void forward(Variable& y, const Variable& x) const {
        const auto formula = [this](auto v) { return f.value(v); };
        if constexpr (integers)
            evaluate_any_into(y, formula, x);
        else
            evaluate_into(y, formula, x);
    }
    // dx = dy * slope, as one map: fused now, and differentiable again when recorded.
    Variable backward(const Variable& x, const Variable& y, const Variable& dy) const {
        static const std::string label = std::string(name) + "'";
        const F g = f;
        if constexpr (F::uses == Uses::x)
            return differentiate_by(
                label, [g](auto d, auto v) { return d * g.slope(v, v); }, dy, x);
        else if constexpr (F::uses == Uses::y)
            return differentiate_by(
                label, [g](auto d, auto w) { return d * g.slope(w, w); }, dy, y);
        else
            return differentiate_by(
                label, [g](auto d, auto v, auto w) { return d * g.slope(v, w); }, dy, x, y);
    }
};

/// The operator made of one of functions_of_two.hpp's structs.
template <class F>
struct PointwiseOfTwo {
    static constexpr auto name = F::name;
    static constexpr bool accepts_broadcast_dy = true;
    static constexpr bool integers = TakesIntegers<F>;
    static constexpr Reads reads = F::reads_value ? Reads::all : Reads::inputs;

    Shape shape(const Variable& a, const Variable& b) const { return broadcast_shape(a, b); }
    void forward(Variable& y, const Variable& a, const Variable& b) const {
        if constexpr (integers)
            if (y.dtype() == DType::int64) {
                check_divisors(b);
                return kernels::on_integers(
                    y, [](auto s, auto t) { return F::of_integers(s.value, t.value); }, a, b);
            }
        evaluate_into(
            y, [](auto s, auto t) { return F{}.value(s, t); }, a, b);
    }
    std::array<Variable, 2> backward(const Variable& a, const Variable& b, const Variable& y, const Variable& dy,
                                     Needs needs) const {
        std::array<Variable, 2> gradients;
        if constexpr (functions::HasSlopeA<F, Variable>)
            if (needs[0])
                gradients[0] = times(dy, a, b, y,
                                     [](const auto& s, const auto& t, const auto& v) { return F{}.slope_a(s, t, v); });
        if constexpr (functions::HasSlopeB<F, Variable>)
            if (needs[1])
                gradients[1] = times(dy, a, b, y,
                                     [](const auto& s, const auto& t, const auto& v) { return F{}.slope_b(s, t, v); });
        return gradients;
    }

private:
    template <class G>
    static Variable times(const Variable& dy, const Variable& a, const Variable& b, const Variable& y, G slope) {
        if constexpr (F::reads_value)
            return map([slope](auto d, auto s, auto t, auto v) { return d * slope(s, t, v); }, dy, a, b, y);
        else
            return map([slope](auto d, auto s, auto t) { return d * slope(s, t, t); }, dy, a, b);
    }
};

template <class F>
Variable pointwise_of_two(const Operand& a, const Operand& b) {
    return apply(PointwiseOfTwo<F>{}, a, b);
}

template <class F>
Variable pointwise(const Operand& x, F f = {}) {
    return apply(Pointwise<F>{f}, x);
}
template <class F>
Variable pointwise(Operand&& x, F f = {}) {
    return apply(Pointwise<F>{f}, std::move(x));
}

}  // namespace xgrad::detail
