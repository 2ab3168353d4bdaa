#pragma once

#include <xgrad/autograd/callable.hpp>
#include <xgrad/autograd/variable.hpp>

#include <functional>
#include <type_traits>
#include <utility>
#include <vector>

namespace xgrad {

namespace detail {

std::vector<Variable> checkpoint(ListFunction f, const std::vector<Variable>& inputs, const Location& at);

template <class F, class... In>
concept GivesVariable = std::is_invocable_r_v<Variable, F&, In...>;

/// f as it is kept until backward: a copy, or a reference to what cannot be copied.
template <class F>
auto kept(F&& f) {
    using Plain = std::remove_cvref_t<F>;
    if constexpr (std::is_lvalue_reference_v<F> && !std::is_copy_constructible_v<Plain>)
        return std::ref(f);
    else
        return Plain(std::forward<F>(f));
}

}  // namespace detail

/// f(inputs...), of which the tape keeps the inputs and the outputs alone: what lies between is computed again when
/// backward gets there. A chain of n layers cut into pieces of sqrt(n) so needs memory for 2 sqrt(n) layers instead of
/// n, for the time of one more forward pass (Chen et al. 2016, "Training deep nets with sublinear memory cost").
///
///     Variable h = x;
///     for (Block& block : blocks) h = checkpoint(block, h);
///
/// The second run draws the same random numbers as the first, from every Rng that f uses, and gradients are equal to
/// the last bit to those without a checkpoint (a weight used inside and outside may have its parts added in another
/// order). Weights (and other Variables) that f uses without being given them get their gradients too; they must live
/// on, and not change, until backward. Under create_graph the second run is recorded, so any order works. f must
/// otherwise do the same each time. It is copied, but for what cannot be, such as a Module, which must live until
/// backward.
///
/// @param f takes 1 to 6 `const Variable&`, or one `const std::vector<Variable>&`
/// @returns what f returns: a Variable; a vector of them where f returns several
/// @throws GraphError in backward when the second run gives other shapes or types than the first
template <detail::VariableFunction F>
std::vector<Variable> checkpoint(F&& f, const std::vector<Variable>& inputs, const Location& at = Location::current()) {
    auto list = detail::erase_signature(detail::kept(std::forward<F>(f)), inputs.size(), "checkpoint", at);
    return detail::checkpoint(std::move(list), inputs, at);
}
template <detail::GivesVariable<const Variable&> F>
Variable checkpoint(F&& f, const Variable& x, const Location& at = Location::current()) {
    return checkpoint(std::forward<F>(f), std::vector{x}, at)[0];
}
template <detail::GivesVariable<const Variable&, const Variable&> F>
Variable checkpoint(F&& f, const Variable& a, const Variable& b, const Location& at = Location::current()) {
    return checkpoint(std::forward<F>(f), std::vector{a, b}, at)[0];
}

}  // namespace xgrad
