#pragma once

#include <xgrad/autograd/map_rule.hpp>

#include <tuple>

namespace xgrad {

/// One lambda as one fused operator: f is applied element by element (with broadcasting) in a single vectorised pass
/// and recorded as one node. Its gradients come from the same lambda, evaluated on dual numbers in one more pass; under
/// create_graph it is evaluated on Variables, so any order works.
///
///     y_i = f(a_i, b_i, ...)        da_i = dy_i * df/da(a_i, b_i, ...)
///
/// f takes `auto` parameters and computes with + - * /, comparisons, where(), and the functions of functions.hpp,
/// functions_of_two.hpp, special.hpp and packet.hpp (exp, log, tanh, sigmoid, relu, pow, maximum, hypot, ...), called
/// without `std::`.
///
///     auto swish = [](const Variable& x) { return map([](auto x) { return x / (1 + exp(-x)); }, x); };
///
/// A lambda that returns a std::array gives as many Variables, computed and differentiated in one pass too:
///
///     const auto [next, carry] = map([](auto x, auto c) { return std::array{tanh(c) * x, c + x}; }, x, c);
///
/// @throws ShapeError when the inputs do not broadcast together; DTypeError when their types differ
template <class Arch = xsimd::default_arch, class F>
auto map(F f, const Operand& a) {
    return detail::map_named<Arch>("map", std::move(f), a);
}
template <class Arch = xsimd::default_arch, class F>
auto map(F f, const Operand& a, const Operand& b) {
    return detail::map_named<Arch>("map", std::move(f), a, b);
}
template <class Arch = xsimd::default_arch, class F>
auto map(F f, const Operand& a, const Operand& b, const Operand& c) {
    return detail::map_named<Arch>("map", std::move(f), a, b, c);
}
template <class Arch = xsimd::default_arch, class F>
auto map(F f, const Operand& a, const Operand& b, const Operand& c, const Operand& d) {
    return detail::map_named<Arch>("map", std::move(f), a, b, c, d);
}
template <class Arch = xsimd::default_arch, class F>
auto map(F f, const Operand& a, const Operand& b, const Operand& c, const Operand& d, const Operand& e) {
    return detail::map_named<Arch>("map", std::move(f), a, b, c, d, e);
}
template <class Arch = xsimd::default_arch, class F>
auto map(F f, const Operand& a, const Operand& b, const Operand& c, const Operand& d, const Operand& e,
         const Operand& g) {
    return detail::map_named<Arch>("map", std::move(f), a, b, c, d, e, g);
}

/// The sum of f over all elements, without storing what f gives. On the tape the same pass leaves df/da, df/db, ... for
/// a first backward(), which has only to multiply them by dy.
///
///     y = sum_i f(a_i, b_i, ...)        da_i = dy * df/da(a_i, b_i, ...)
///
/// The pieces that are added up do not depend on the number of threads, so neither does the result. What f may be, and
/// the errors, as for map().
template <class Arch = xsimd::default_arch, class F>
Variable map_reduce(F f, const Operand& a) {
    return detail::map_reduce_named<Arch>("map_reduce", std::move(f), a);
}
template <class Arch = xsimd::default_arch, class F>
Variable map_reduce(F f, const Operand& a, const Operand& b) {
    return detail::map_reduce_named<Arch>("map_reduce", std::move(f), a, b);
}
template <class Arch = xsimd::default_arch, class F>
Variable map_reduce(F f, const Operand& a, const Operand& b, const Operand& c) {
    return detail::map_reduce_named<Arch>("map_reduce", std::move(f), a, b, c);
}
template <class Arch = xsimd::default_arch, class F>
Variable map_reduce(F f, const Operand& a, const Operand& b, const Operand& c, const Operand& d) {
    return detail::map_reduce_named<Arch>("map_reduce", std::move(f), a, b, c, d);
}
template <class Arch = xsimd::default_arch, class F>
Variable map_reduce(F f, const Operand& a, const Operand& b, const Operand& c, const Operand& d, const Operand& e) {
    return detail::map_reduce_named<Arch>("map_reduce", std::move(f), a, b, c, d, e);
}
template <class Arch = xsimd::default_arch, class F>
Variable map_reduce(F f, const Operand& a, const Operand& b, const Operand& c, const Operand& d, const Operand& e,
                    const Operand& g) {
    return detail::map_reduce_named<Arch>("map_reduce", std::move(f), a, b, c, d, e, g);
}

/// Changes `targets` in place, in one pass: element by element, (t_0, t_1, ...) = f(t_0, t_1, ..., in...), where f
/// returns a std::array of as many values as there are targets. Nothing is recorded: how optimizers update. f may call
/// fast_divide(a, b), too, which is a / b to 2 ulp for positive b.
/// @throws ShapeError unless all shapes are the same; DTypeError when types differ
template <class Arch = xsimd::default_arch, class F, class... Targets, class... In>
void update(const std::tuple<Targets&...>& targets, F f, const In&... in) {
    constexpr std::size_t count = sizeof...(Targets), N = count + sizeof...(In);
    std::apply(
        [&](auto&... target) {
            const std::array<const Variable*, N> inputs{&target..., &in...};
            detail::check_inputs(inputs);
            const Variable& first = *inputs[0];
            for (const Variable* v : inputs)
                if (v->shape() != first.shape())
                    throw ShapeError("update: shapes differ: " + to_string(first.shape()) + " and " +
                                     to_string(v->shape()));
            visit_floating(first.dtype(), [&](auto number) {
                using T = decltype(number);
                using P = simd::Packet<T>;
                const std::array<T*, count> outs{target.template mutable_data<T>()...};
                // f by value: its constants stay in registers, whatever is stored meanwhile.
                const auto lanes = [f](const std::array<P, N>& x) -> std::array<P, count> { return std::apply(f, x); };
                kernels::elementwise(first.shape(), first.size(), outs, detail::sources_of<T>(target..., in...), lanes);
            });
        },
        targets);
}

}  // namespace xgrad
