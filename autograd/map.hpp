#pragma once

#include <string_view>
#include <tuple>

#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/functions.hpp>
#include <xgrad/autograd/kernels/elementwise.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>
#include <xgrad/autograd/ops/shape.hpp>

namespace xgrad {

namespace detail {

template <class T, class... In>
std::array<kernels::Source<T>, sizeof...(In)> sources_of(const In&... in) {
    return {kernels::Source<T>{static_cast<const T*>(in.node().data), &in.shape(), in.size()}...};
}

template <class... In>
Shape broadcast_shape(const Variable& first, const In&... more) {
    Shape shape = first.shape();
    ((shape = shape == more.shape() ? shape : broadcast(shape, more.shape())), ...);
    return shape;
}

// Arch, here and below, is in no use but to be part of the names that the linker sees: the same f in two files compiled
// for different instruction sets must stay two.

/// y = f(in...) in one pass, for an f that computes with Packets.
template <class Arch = xsimd::default_arch, class F, class... In>
void evaluate_into(Variable& y, const F& f, const In&... in) {
    visit_floating(y.dtype(), [&](auto number) {
        using T = decltype(number);
        using P = simd::Packet<T>;
        const auto lanes = [&f](const std::array<P, sizeof...(In)>& x) -> std::array<P, 1> {
            return {std::apply([&](const auto&... v) -> P { return f(v...); }, x)};
        };
        const std::array<T*, 1> out{static_cast<T*>(y.node().data)};
        kernels::elementwise(y.shape(), y.size(), out, sources_of<T>(in...), lanes);
    });
}

/// The operator made of a lambda.
template <class F, std::size_t N, class Arch = xsimd::default_arch>
struct Map {
    std::string_view name;
    F f;
    static constexpr bool accepts_broadcast_dy = true;
    static constexpr Reads reads = Reads::inputs;

    template <class... In>
    Shape shape(const In&... in) const {
        return broadcast_shape(in...);
    }
    template <class... In>
    void forward(Variable& y, const In&... in) const {
        evaluate_into(y, f, in...);
    }
    // The inputs come first, then y and dy: a tuple takes them apart.
    template <class... All>
    std::array<Variable, N> backward(const All&... all) const {
        const auto tuple = std::tie(all...);
        return [&]<std::size_t... I>(std::index_sequence<I...>) {
            const auto& dy = std::get<N + 1>(tuple);
            const auto& needs = std::get<N + 2>(tuple);
            return is_recording() ? recorded(std::get<N>(tuple), dy, needs, std::get<I>(tuple)...)
                                  : fused(std::get<N>(tuple), dy, needs, std::get<I>(tuple)...);
        }
        (std::make_index_sequence<N>{});
    }

private:
    // dy times each partial, by evaluating the lambda on Duals: one pass over memory.
    template <class... In>
    std::array<Variable, N> fused(const Variable& y, const Variable& dy, Needs needs, const In&... in) const {
        std::array<Variable, N> gradients;
        for (std::size_t k = 0; k < N; ++k)
            if (needs[k]) gradients[k] = Variable::empty(y.shape(), y.dtype());
        visit_floating(y.dtype(), [&](auto number) {
            using T = decltype(number);
            using P = simd::Packet<T>;
            using D = simd::Dual<P, N>;
            std::array<T*, N> outs{};
            for (std::size_t k = 0; k < N; ++k)
                if (gradients[k]) outs[k] = static_cast<T*>(gradients[k].node().data);
            const auto lanes = [this](const std::array<P, N + 1>& x) {
                const D r = [&]<std::size_t... I>(std::index_sequence<I...>)->D { return f(D::input(x[I], I)...); }
                (std::make_index_sequence<N>{});
                std::array<P, N> d;
                for (std::size_t k = 0; k < N; ++k) d[k] = x[N] * r.d[k];
                return d;
            };
            kernels::elementwise(y.shape(), y.size(), outs, sources_of<T>(in..., dy), lanes);
        });
        return gradients;
    }

    // The lambda on Variables: its own graph, recorded, so that any order can follow.
    template <class... In>
    std::array<Variable, N> recorded(const Variable& y, const Variable& dy, Needs needs, const In&... in) const {
        const std::array<Variable, N> own{(in.requires_grad() ? identity(in) : in)...};
        const auto value = std::apply([&](const auto&... v) { return f(v...); }, own);
        std::array<Variable, N> gradients;
        if constexpr (std::is_convertible_v<decltype(value), const Variable&>) {
            if (value.requires_grad()) differentiate(broadcast_to(value, y.shape()), dy, needs, own, gradients);
        }
        return gradients;
    }

    static void differentiate(const Variable& value, const Variable& dy, Needs needs,
                              const std::array<Variable, N>& own, std::array<Variable, N>& gradients) {
        std::vector<Variable> wanted;
        for (std::size_t k = 0; k < N; ++k)
            if (needs[k]) wanted.push_back(own[k]);
        std::vector<Variable> found =
            grad({value}, wanted,
                 {.create_graph = true, .allow_unused = true, .gradients = {broadcast_to(dy, value.shape())}});
        for (std::size_t k = 0, i = 0; k < N; ++k)
            if (needs[k]) gradients[k] = std::move(found[i++]);
    }
};

template <class Arch = xsimd::default_arch, class F, class... In>
Variable map_named(std::string_view name, F f, const In&... in) {
    const Location at = std::get<0>(std::tie(in...)).at();
    const DType dtype = dtype_beside(in...);
    return record(Map<F, sizeof...(In), Arch>{name, std::move(f)}, at, in.as(dtype)...);
}

}  // namespace detail

/// One lambda as one fused operator: f is applied element by element (with broadcasting) in a single vectorised pass
/// and recorded as one node. Its gradients come from the same lambda, evaluated on dual numbers in one more pass; under
/// create_graph it is evaluated on Variables, so any order works.
///
///     y_i = f(a_i, b_i, ...)        da_i = dy_i * df/da(a_i, b_i, ...)
///
/// f takes `auto` parameters and computes with + - * /, comparisons, where(), and the functions of functions.hpp and
/// packet.hpp (exp, log, tanh, sigmoid, relu, pow, maximum, ...), called without `std::`.
///
///     auto swish = [](const Variable& x) { return map([](auto x) { return x / (1 + exp(-x)); }, x); };
///
/// @throws ShapeError when the inputs do not broadcast together; DTypeError when their types differ
template <class Arch = xsimd::default_arch, class F>
Variable map(F f, const Operand& a) {
    return detail::map_named<Arch>("map", std::move(f), a);
}
template <class Arch = xsimd::default_arch, class F>
Variable map(F f, const Operand& a, const Operand& b) {
    return detail::map_named<Arch>("map", std::move(f), a, b);
}
template <class Arch = xsimd::default_arch, class F>
Variable map(F f, const Operand& a, const Operand& b, const Operand& c) {
    return detail::map_named<Arch>("map", std::move(f), a, b, c);
}
template <class Arch = xsimd::default_arch, class F>
Variable map(F f, const Operand& a, const Operand& b, const Operand& c, const Operand& d) {
    return detail::map_named<Arch>("map", std::move(f), a, b, c, d);
}
template <class Arch = xsimd::default_arch, class F>
Variable map(F f, const Operand& a, const Operand& b, const Operand& c, const Operand& d, const Operand& e) {
    return detail::map_named<Arch>("map", std::move(f), a, b, c, d, e);
}

/// Changes `targets` in place, in one pass: element by element, (t_0, t_1, ...) = f(t_0, t_1, ..., in...), where f
/// returns a std::array of as many values as there are targets. Nothing is recorded: how optimizers update.
/// @throws ShapeError unless all shapes are the same; DTypeError when types differ
template <class Arch = xsimd::default_arch, class F, class... Targets, class... In>
void update(const std::tuple<Targets&...>& targets, F f, const In&... in) {
    constexpr std::size_t count = sizeof...(Targets), N = count + sizeof...(In);
    std::apply(
        [&](auto&... target) {
            const std::array<const Variable*, N> inputs{&target..., &in...};
            detail::check_inputs(inputs, false);
            const Variable& first = *inputs[0];
            for (const Variable* v : inputs)
                if (!(v->shape() == first.shape()))
                    throw ShapeError("update: shapes differ: " + to_string(first.shape()) + " and " +
                                     to_string(v->shape()));
            visit_floating(first.dtype(), [&](auto number) {
                using T = decltype(number);
                using P = simd::Packet<T>;
                const std::array<T*, count> outs{target.template mutable_data<T>()...};
                const auto lanes = [&f](const std::array<P, N>& x) -> std::array<P, count> { return std::apply(f, x); };
                kernels::elementwise(first.shape(), first.size(), outs, detail::sources_of<T>(target..., in...), lanes);
            });
        },
        targets);
}

}  // namespace xgrad
