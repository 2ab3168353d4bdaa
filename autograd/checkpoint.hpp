#pragma once

#include <utility>
#include <vector>

#include <xgrad/autograd/callable.hpp>
#include <xgrad/autograd/variable.hpp>

namespace xgrad {

namespace detail {

std::vector<Variable> checkpoint(const ListFunction& f, const std::vector<Variable>& inputs, const Location& at);

}  // namespace detail

/// f(inputs...), of which the tape keeps the inputs and the outputs alone: what lies between is computed again when
/// backward gets there. A chain of n layers cut into pieces of sqrt(n) so needs memory for 2 sqrt(n) layers instead of
/// n, for the time of one more forward pass (Chen et al. 2016, "Training deep nets with sublinear memory cost").
///
///     Variable h = x;
///     for (Block& block : blocks) h = checkpoint(block, h);
///
/// The second run draws the same random numbers as the first, from every Rng that f uses, and gradients are equal to
/// the last bit to those without a checkpoint. Weights (and other Variables) that f uses without being given them get
/// their gradients too; they must live on, and not change, until backward. Under create_graph the second run is
/// recorded, so any order works. f must otherwise do the same each time.
///
/// @param f takes 1 to 6 `const Variable&`, or one `const std::vector<Variable>&`
/// @returns what f returns: a Variable; a vector of them where f returns several
/// @throws GraphError in backward when the second run gives other shapes than the first
template <class F>
    requires detail::VariableFunction<F> std::vector<Variable> checkpoint(F f, const std::vector<Variable>& inputs,
                                                                          const Location& at = Location::current()) {
        return detail::checkpoint(detail::erase_signature(std::move(f), inputs.size(), "checkpoint", at), inputs, at);
    }
template <class F>
    requires std::is_invocable_r_v<Variable, F&, const Variable&> Variable
    checkpoint(F f, const Variable& x, const Location& at = Location::current()) {
        return checkpoint(std::move(f), std::vector{x}, at)[0];
    }
template <class F>
    requires std::is_invocable_r_v<Variable, F&, const Variable&, const Variable&> Variable
    checkpoint(F f, const Variable& a, const Variable& b, const Location& at = Location::current()) {
        return checkpoint(std::move(f), std::vector{a, b}, at)[0];
    }

}  // namespace xgrad
