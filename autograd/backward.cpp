#include <xgrad/autograd/backward.hpp>

#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/located.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/ops/creation.hpp>
#include <xgrad/autograd/sweep.hpp>

#include <fmt/format.h>

namespace xgrad {

namespace {

/// ", the result of "tanh" main.cpp:12", or nothing for a leaf.
std::string origin(const Variable& v) {
    const Node& node = v.node();
    return node.is_recorded() ? fmt::format(", the result of \"{}\" {}", node.operator_name(), to_string(node.location))
                              : std::string();
}

/// What a result's gradient starts with: the one given, or 1 for a single number.
Variable seed_for(const Variable& result, const Variable& given) {
    if (!result) throw ValueError("an empty Variable");
    if (!result.requires_grad())
        throw GraphError(
            fmt::format("nothing to differentiate: no leaf of this {} value requires a gradient, or it was computed "
                        "under NoGrad; see set_requires_grad() and parameter()",
                        to_string(result.shape())));
    if (given) {
        const auto what = [&] {
            return fmt::format("the gradient given is {} {}, the value {} {}", to_string(given.shape()),
                               to_string(given.dtype()), to_string(result.shape()), to_string(result.dtype()));
        };
        if (given.dtype() != result.dtype()) throw DTypeError(what());
        if (given.shape() != result.shape()) throw ShapeError(what());
        return given;
    }
    if (result.size() != 1)
        throw GraphError(
            fmt::format("the gradient of a non-scalar, shape {}{}; sum it, or give the gradient to start from",
                        to_string(result.shape()), origin(result)));
    return ones(result.shape(), result.dtype());
}

void check_wanted(std::span<const Variable> inputs) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!inputs[i]) throw ValueError(fmt::format("input {} is an empty Variable", i));
        if (!inputs[i].requires_grad())
            throw GraphError(fmt::format("input {}, {}, does not require a gradient; see set_requires_grad()", i,
                                         detail::describe(inputs[i])));
    }
}

void backward_by(const Variable& result, const BackwardOptions& options) {
    check_wanted(options.inputs);
    Variable gradient = seed_for(result, options.gradient);
    detail::draw_first_backward(result);
    const Recording recording(options.create_graph);
    detail::Sweep sweep(std::span(&result, 1), options.inputs,
                        {.keep_graph = options.retain_graph || options.create_graph, .fills_retained = true});
    sweep.seed(result, std::move(gradient));
    sweep.run();
    for (std::size_t i = 0; i < options.inputs.size(); ++i) {
        if (sweep.captured()[i]) detail::accumulate_leaf(options.inputs[i].node(), std::move(sweep.captured()[i]));
    }
}

}  // namespace

namespace detail {

void grad_into(std::span<Variable> result, std::span<const Variable> outputs, std::span<const Variable> inputs,
               std::span<const Variable> gradients, const GradOptions& options) {
    if (!gradients.empty() && gradients.size() != outputs.size())
        throw ValueError(fmt::format("{} gradients for {} outputs", gradients.size(), outputs.size()));
    if (inputs.empty()) return;
    check_wanted(inputs);
    const Recording recording(options.create_graph);
    Sweep sweep(outputs, inputs, {.keep_graph = options.retain_graph || options.create_graph});
    for (std::size_t i = 0; i < outputs.size(); ++i)
        sweep.seed(outputs[i], seed_for(outputs[i], gradients.empty() ? Variable() : gradients[i]));
    sweep.run();
    // As a leaf's gradient, each result is its own.
    for (std::size_t i = 0; i < result.size(); ++i) {
        Variable& gradient = sweep.captured()[i];
        result[i] = !gradient || is_unshared(gradient.node()) ? std::move(gradient) : copy(gradient);
        for (std::size_t j = 0; j < i && !result[i]; ++j)
            if (inputs[i].is_same(inputs[j])) result[i] = copy(result[j]);
        if (!result[i] && !options.allow_unused)
            throw GraphError(fmt::format(
                "the outputs do not depend on input {}, {}; with {{.allow_unused = true}} its gradient is empty", i,
                describe(inputs[i])));
    }
}

}  // namespace detail

void Variable::backward(const Location& at) const { backward(BackwardOptions{}, at); }

void Variable::backward(const BackwardOptions& options, const Location& at) const {
    detail::located("backward", at, [&] { backward_by(*this, options); });
}

std::vector<Variable> grad(const std::vector<Variable>& outputs, const std::vector<Variable>& inputs,
                           const GradOptions& options, const Location& at) {
    std::vector<Variable> result(inputs.size());
    detail::located("grad", at, [&] { detail::grad_into(result, outputs, inputs, options.gradients, options); });
    return result;
}

Variable grad(const Variable& output, const Variable& input, const GradOptions& options, const Location& at) {
    Variable result;
    detail::located("grad", at, [&] {
        detail::grad_into(std::span(&result, 1), std::span(&output, 1), std::span(&input, 1), options.gradients,
                          options);
    });
    return result;
}

}  // namespace xgrad
