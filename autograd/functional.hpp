#pragma once

#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/callable.hpp>
#include <xgrad/autograd/variable.hpp>

#include <utility>
#include <vector>

/// Functions on functions, in JAX's words. Each takes a function of 1 to 6 Variables (or of one
/// `const std::vector<Variable>&`) and differentiates it at some inputs. Neither the inputs nor their grad() are
/// touched.
///
/// Their results can be differentiated further: where an input requires a gradient, they are recorded as anything
/// computed from it is; so too where f uses such a value (a weight) without being given it. So they nest,
/// grad(grad(f)), and stand inside a loss. int64 inputs are passed on as they are; what there is for each input
/// (gradient, tangent) is then an empty Variable. An input that f does not use has gradient 0.
namespace xgrad {

struct VjpResult {
    std::vector<Variable> outputs, gradients;  ///< of f, and of each input
};
struct JvpResult {
    std::vector<Variable> outputs, tangents;  ///< of f, and of each output
};
struct HvpResult {
    Variable value;                  ///< of f
    std::vector<Variable> products;  ///< one for each input
};

namespace detail {

/// The gradients of f, and its value where `value` is not null.
std::vector<Variable> gradients_at(const ListFunction& f, const std::vector<Variable>& inputs, const char* caller,
                                   Variable* value, const Location& at);
VjpResult vjp(const ListFunction& f, const std::vector<Variable>& inputs, const std::vector<Variable>& v,
              const Location& at);
JvpResult jvp(const ListFunction& f, const std::vector<Variable>& inputs, const std::vector<Variable>& v,
              const Location& at);
HvpResult hvp(const ListFunction& f, const std::vector<Variable>& inputs, const std::vector<Variable>& v,
              const Location& at);
std::vector<Variable> jacobian(const ListFunction& f, const std::vector<Variable>& inputs, const Location& at);
std::vector<std::vector<Variable>> hessian(const ListFunction& f, const std::vector<Variable>& inputs,
                                           const Location& at);

/// Whether these arguments are a Variable, and not a list of them.
template <class... X>
inline constexpr bool is_one_variable = sizeof...(X) == 1 &&
                                        (std::is_convertible_v<const std::remove_cvref_t<X>&, const Variable&> && ...);

}  // namespace detail

/// The gradient of f, as a function: grad(f)(x) is df/dx at x, and for several inputs grad(f)(x, w), or
/// grad(f)(std::vector{x, w}), is a vector with the gradient of each.
///
///     const auto slope = grad([](const Variable& x) { return sum(tanh(x)); });
///     slope(x);    grad(grad(f))(x)
///
/// @throws GraphError (when called) unless f gives a single number
template <detail::VariableFunction F>
auto grad(F f, const Location& at = Location::current()) {
    return [f, at](const auto&... x) {
        const std::vector<Variable> inputs{x...};
        const auto list = detail::erase_signature(f, inputs.size(), "grad", at);
        std::vector<Variable> gradients = detail::gradients_at(list, inputs, "grad", nullptr, at);
        if constexpr (detail::is_one_variable<decltype(x)...>)
            return gradients[0];
        else
            return gradients;
    };
}

/// The same with f's value: a function that gives the pair (f(x), gradient or gradients).
template <detail::VariableFunction F>
auto value_and_grad(F f, const Location& at = Location::current()) {
    return [f, at](const auto&... x) {
        const std::vector<Variable> inputs{x...};
        const auto list = detail::erase_signature(f, inputs.size(), "value_and_grad", at);
        Variable value;
        const std::vector<Variable> gradients = detail::gradients_at(list, inputs, "value_and_grad", &value, at);
        if constexpr (detail::is_one_variable<decltype(x)...>)
            return std::pair{value, gradients[0]};
        else
            return std::pair{value, gradients};
    };
}

/// The vector-Jacobian product (reverse mode): v^T J with one v for each output of f. One backward pass.
///
///     gradients_k = sum_j v_j^T  d outputs_j / d inputs_k
///
/// @throws ValueError unless there is one v for each output; ShapeError, DTypeError unless it is of the output's shape
///         and type
template <detail::VariableFunction F>
VjpResult vjp(F f, const std::vector<Variable>& inputs, const std::vector<Variable>& v,
              const Location& at = Location::current()) {
    return detail::vjp(detail::erase_signature(std::move(f), inputs.size(), "vjp", at), inputs, v, at);
}

/// The Jacobian-vector product: J v with one v (a tangent) for each input, the derivative of f's outputs along v.
///
///     tangents_j = sum_k  d outputs_j / d inputs_k  v_k
///
/// Computed by differentiating the vector-Jacobian product with respect to its vector (Townsend 2017): two backward
/// passes, and nothing that an operator would have to bring for it.
/// @throws ValueError unless there is one v for each input; ShapeError, DTypeError unless it is of the input's shape
///         and type
template <detail::VariableFunction F>
JvpResult jvp(F f, const std::vector<Variable>& inputs, const std::vector<Variable>& v,
              const Location& at = Location::current()) {
    return detail::jvp(detail::erase_signature(std::move(f), inputs.size(), "jvp", at), inputs, v, at);
}

/// The product of f's Hessian and a vector (Pearlmutter 1994), without the Hessian: two backward passes.
///
///     products_k = sum_l  d^2 f / (d inputs_k d inputs_l)  v_l
///
/// @throws GraphError unless f gives a single number; as jvp() on a wrong v
template <detail::VariableFunction F>
HvpResult hvp(F f, const std::vector<Variable>& inputs, const std::vector<Variable>& v,
              const Location& at = Location::current()) {
    return detail::hvp(detail::erase_signature(std::move(f), inputs.size(), "hvp", at), inputs, v, at);
}

/// The Jacobian of a function with one output with respect to each input: shape (output..., input...). One backward
/// pass for each element of the output.
///
///     J[i..., j...] = d output[i...] / d input[j...]
///
/// @throws ValueError when f gives several outputs; ShapeError when output and input have more than 8 axes together
template <detail::VariableFunction F>
std::vector<Variable> jacobian(F f, const std::vector<Variable>& inputs, const Location& at = Location::current()) {
    return detail::jacobian(detail::erase_signature(std::move(f), inputs.size(), "jacobian", at), inputs, at);
}
template <detail::VariableFunction F>
Variable jacobian(F f, const Variable& input, const Location& at = Location::current()) {
    return jacobian(std::move(f), std::vector{input}, at)[0];
}

/// The second derivatives of f: for inputs k and l the block of shape (input k..., input l...). For one input, that
/// block. One backward pass for each element of the inputs.
///
///     H_kl[i..., j...] = d^2 f / (d input_k[i...] d input_l[j...])
///
/// @throws GraphError unless f gives a single number; ShapeError when two inputs have more than 8 axes together
template <detail::VariableFunction F>
std::vector<std::vector<Variable>> hessian(F f, const std::vector<Variable>& inputs,
                                           const Location& at = Location::current()) {
    return detail::hessian(detail::erase_signature(std::move(f), inputs.size(), "hessian", at), inputs, at);
}
template <detail::VariableFunction F>
Variable hessian(F f, const Variable& input, const Location& at = Location::current()) {
    return hessian(std::move(f), std::vector{input}, at)[0][0];
}

}  // namespace xgrad
