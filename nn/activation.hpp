#pragma once

#include <xgrad/autograd/ops/linear.hpp>
#include <xgrad/nn/layer.hpp>

#include <concepts>
#include <functional>
#include <optional>
#include <string>
#include <utility>

namespace xgrad::nn {

/// What a layer applies to its result: one of Keras's names, or a function from one value to one value.
///
///     nn::Dense(784, 256, rng, {.activation = "relu"})
///     nn::Dense(784, 256, rng, {.activation = [](const Variable& x) { return leaky_relu(x, 0.2); }})
///
/// Names: linear, relu, relu6, leaky_relu (slope 0.2, as in Keras 3), elu, selu, celu, gelu, silu, swish, mish, tanh,
/// sigmoid, hard_sigmoid, hard_sigmoid_keras2, hard_swish, log_sigmoid, softplus, softsign, softmax and log_softmax
/// (over the last axis), exponential.
class ActivationFunction {
public:
    /// @throws ValueError on an unknown name; it lists the known ones
    ActivationFunction(const std::string& name, const Location& at = Location::current());
    ActivationFunction(const char* name, const char* file = __builtin_FILE(), unsigned line = __builtin_LINE())
        : ActivationFunction(std::string(name), Location{file, line}) {}
    template <std::invocable<const Variable&> F>
    ActivationFunction(F function) : name_("function"), function_(std::move(function)) {}

    Variable operator()(const Variable& x) const { return function_ ? function_(x) : x; }
    /// The name it was made from; "function" for any other.
    const std::string& name() const { return name_; }
    /// What linear() may do in its own pass instead, if it can.
    std::optional<Epilogue> epilogue() const { return epilogue_; }

private:
    std::string name_;
    std::optional<Epilogue> epilogue_;
    std::function<Variable(const Variable&)> function_;  // empty for "linear"
};

/// An activation as a layer of its own: y = f(x).
class Activation : public Layer {
public:
    explicit Activation(ActivationFunction function) : function_(std::move(function)) {}

    std::unique_ptr<Layer> clone() const override { return std::unique_ptr<Layer>(new Activation(*this, Clone{})); }

private:
    Activation(const Activation& other, Clone tag) : Layer(other, tag), function_(other.function_) {}
    Variable forward(const Variable& x) override { return function_(x); }

    ActivationFunction function_;
};

}  // namespace xgrad::nn
