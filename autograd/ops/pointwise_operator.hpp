#pragma once

#include <fmt/format.h>

#include <xgrad/autograd/map.hpp>

namespace xgrad::detail {

/// The operator made of one of functions.hpp's structs.
template <class F>
struct Pointwise {
    using Uses = functions::Uses;
    static constexpr auto name = F::name;
    static constexpr bool differentiable = F::uses != Uses::nothing;
    static constexpr bool accepts_broadcast_dy = true;
    static constexpr Reads reads = F::uses == Uses::x ? Reads::inputs : F::uses == Uses::y ? Reads::output : Reads::all;

    F f;

    Shape shape(const Variable& x) const { return x.shape(); }
    void forward(Variable& y, const Variable& x) const {
        evaluate_into(
            y, [this](auto v) { return f.value(v); }, x);
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

template <class F>
Variable pointwise(const Operand& x, F f = {}) {
    return apply(Pointwise<F>{f}, x);
}

}  // namespace xgrad::detail
