#include <xgrad/autograd/backward.hpp>

#include <xgrad/autograd/graph.hpp>
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
Variable seed_for(const Variable& result, const Variable& given, const char* function) {
    if (!result) throw ValueError(fmt::format("{}: an empty Variable", function));
    if (!result.requires_grad())
        throw GraphError(fmt::format(
            "{}: nothing to differentiate: no leaf of this {} value requires a gradient, or it was computed "
            "under NoGrad; see set_requires_grad() and parameter()",
            function, to_string(result.shape())));
    if (given) {
        if (!(given.shape() == result.shape()) || given.dtype() != result.dtype())
            throw ShapeError(fmt::format("{}: the gradient given is {} {}, the value {} {}", function,
                                         to_string(given.shape()), to_string(given.dtype()), to_string(result.shape()),
                                         to_string(result.dtype())));
        return given;
    }
    if (result.size() != 1)
        throw GraphError(
            fmt::format("{}: the gradient of a non-scalar, shape {}{}; sum it, or give the gradient to start from",
                        function, to_string(result.shape()), origin(result)));
    return ones(result.shape(), result.dtype());
}

void check_inputs(const std::vector<Variable>& inputs, const char* function) {
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!inputs[i]) throw ValueError(fmt::format("{}: input {} is an empty Variable", function, i));
        if (!inputs[i].requires_grad())
            throw GraphError(fmt::format("{}: the input {} does not require a gradient; see set_requires_grad()",
                                         function, detail::describe(inputs[i])));
    }
}

}  // namespace

void Variable::backward() const { backward(BackwardOptions{}); }

void Variable::backward(const BackwardOptions& options) const {
    check_inputs(options.inputs, "backward");
    Variable gradient = seed_for(*this, options.gradient, "backward");
    detail::draw_first_backward(*this);
    const Recording recording(options.create_graph);
    detail::Sweep sweep(std::span(this, 1), options.inputs,
                        {.keep_graph = options.retain_graph || options.create_graph, .fills_retained = true});
    sweep.seed(*this, std::move(gradient));
    sweep.run();
    for (std::size_t i = 0; i < options.inputs.size(); ++i) {
        if (sweep.captured()[i]) detail::accumulate_leaf(options.inputs[i].node(), std::move(sweep.captured()[i]));
    }
}

std::vector<Variable> grad(const std::vector<Variable>& outputs, const std::vector<Variable>& inputs,
                           const GradOptions& options) {
    if (!options.gradients.empty() && options.gradients.size() != outputs.size())
        throw ValueError(fmt::format("grad: {} gradients for {} outputs", options.gradients.size(), outputs.size()));
    if (inputs.empty()) return {};
    check_inputs(inputs, "grad");
    const Recording recording(options.create_graph);
    detail::Sweep sweep(outputs, inputs, {.keep_graph = options.retain_graph || options.create_graph});
    for (std::size_t i = 0; i < outputs.size(); ++i)
        sweep.seed(outputs[i],
                   seed_for(outputs[i], options.gradients.empty() ? Variable() : options.gradients[i], "grad"));
    sweep.run();
    // As a leaf's gradient, each result is its own.
    std::vector<Variable> result;
    for (Variable& gradient : sweep.captured())
        result.push_back(!gradient || is_unshared(gradient.node()) ? std::move(gradient) : copy(gradient));
    for (std::size_t i = 0; i < result.size(); ++i) {
        for (std::size_t j = 0; j < i && !result[i]; ++j)
            if (inputs[i].is_same(inputs[j])) result[i] = copy(result[j]);
        if (!result[i] && !options.allow_unused)
            throw GraphError(fmt::format(
                "grad: the outputs do not depend on {}; with {{.allow_unused = true}} its gradient is empty",
                detail::describe(inputs[i])));
    }
    return result;
}

Variable grad(const Variable& output, const Variable& input, const GradOptions& options) {
    return grad(std::vector{output}, std::vector{input}, options)[0];
}

}  // namespace xgrad
