#include <xgrad/autograd/operator.hpp>

#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/reduce.hpp>
#include <xgrad/autograd/scope.hpp>

#include <fmt/format.h>

#include <cstring>

namespace xgrad {

std::vector<OperatorInfo>& operators() {
    static std::vector<OperatorInfo> list;
    return list;
}

namespace detail {

namespace {

/// A gradient that was computed without being recorded, as the result of what it depends on: the list holds the
/// gradient itself first.
struct Once {
    std::string_view name;  // of the operator whose rule gave it

    static void forward(Variable& y, std::span<const Variable> in) {
        std::memcpy(y.node().data, in[0].node().data, y.size() * size_of(y.dtype()));
    }
    std::vector<Variable> backward(std::span<const Variable>, const Variable&, const Variable&) const {
        throw GraphError(
            fmt::format("\"{}\" is differentiable once: its backward() is not made of differentiable "
                        "operators, so a second backward cannot pass through it (nor a gradcheck, but with "
                        "{{.second_order = false}})",
                        name));
    }
};

}  // namespace

void add_gradient(Variable& so_far, const Variable& gradient) {
    const Shape shape = so_far.shape();
    so_far = std::move(so_far) + sum_to(gradient, shape);
}

void forbid_second_backward(const Node& node, std::span<const Variable> dy, Variable* gradients) {
    std::vector<Variable> sources(dy.begin(), dy.end());
    sources.insert(sources.end(), node.inputs, node.inputs + node.input_count);
    std::erase_if(sources, [](const Variable& v) { return !v.requires_grad(); });
    for (std::uint32_t i = 0; i < node.input_count; ++i) {
        if (!gradients[i]) continue;
        std::vector<Variable> list{gradients[i]};
        list.insert(list.end(), sources.begin(), sources.end());
        // Not by apply_list(): the sources may be of several types.
        const Once once{node.operator_name()};
        auto* const step = make_node<RecordedList<Once>>(gradients[i].shape(), gradients[i].dtype(), true, once);
        Variable y = Variable::adopt(step);
        Once::forward(y, list);
        if (sources.empty()) {
            gradients[i] = y.detach();
            continue;
        }
        step->keep(list);
        stamp(*step, node.location);
        gradients[i] = std::move(y);
    }
}

void throw_dtypes(std::span<const Variable* const> in, InputTypes types) {
    const DType first = in[0]->dtype();
    // Beside an integer Variable a number has become one too: the Variable is what the message is about.
    std::size_t widest = 0;
    for (std::size_t i = 1; i < in.size(); ++i)
        if (in[i]->rank() > in[widest]->rank()) widest = i;
    for (const std::size_t i : {widest, std::size_t{0}, in.size() - 1})
        if (types == InputTypes::real && !is_floating(in[i]->dtype()))
            throw DTypeError(fmt::format("needs real numbers, but {} is int64; use .to(DType::float32)",
                                         describe(*in[i], i, in.size())));
    for (std::size_t i = 1; i < in.size(); ++i)
        if (in[i]->dtype() != first)
            throw DTypeError(fmt::format("mixed element types: {} is {}, {} is {}; use .to() on one of them",
                                         describe(*in[0], 0, in.size()), to_string(first),
                                         describe(*in[i], i, in.size()), to_string(in[i]->dtype())));
    throw DTypeError("mixed element types");
}

void check_input_list(std::span<const Variable> in) {
    if (in.empty()) throw ValueError("an empty list of inputs");
    for (std::size_t k = 0; k < in.size(); ++k) {
        if (!in[k]) throw ValueError(fmt::format("part {} is an empty Variable", k));
        if (in[k].dtype() != in[0].dtype())
            throw DTypeError(
                fmt::format("mixed element types: part 0, {}, is {}, part {}, {}, is {}; use .to() on one "
                            "of them",
                            describe(in[0]), to_string(in[0].dtype()), k, describe(in[k]), to_string(in[k].dtype())));
    }
}

void explain(Error& error, std::string_view operator_name, const Location& at) {
    const std::string_view name = thread_state.function != nullptr ? thread_state.function : operator_name;
    error.locate(in_scope(name, thread_state.scope), thread_state.call_site ? thread_state.call_site : at);
}

void check_numbers(std::string_view operator_name, std::initializer_list<const Operand*> operands) {
    try {
        for (const Operand* operand : operands)
            if (operand->is_number()) check_number(operand->number(), DType::int64);
    } catch (Error& error) {
        explain(error, operator_name, (*operands.begin())->at());
        throw;
    }
}

std::string in_scope(std::string_view name, std::uint32_t scope) {
    const std::string path = scope == 0 ? "" : scope_path(scope);
    return path.empty() ? std::string(name) : fmt::format("{} in {}", name, path);
}

std::string describe(const Variable& v) {
    return v.name().empty() ? to_string(v.shape()) : fmt::format("\"{}\" {}", v.name(), to_string(v.shape()));
}

std::string describe(const Variable& v, std::size_t position, std::size_t count) {
    static constexpr std::array<std::string_view, 6> ordinals{"first", "second", "third", "fourth", "fifth", "sixth"};
    const auto by_position = [&] {
        if (count == 1) return std::string("the input");
        if (count == 2) return std::string(position == 0 ? "lhs" : "rhs");
        return position < ordinals.size() ? fmt::format("the {} input", ordinals[position])
                                          : fmt::format("input {}", position);
    };
    return (v.name().empty() ? by_position() : fmt::format("\"{}\"", v.name())) + " " + to_string(v.shape());
}

}  // namespace detail
}  // namespace xgrad
