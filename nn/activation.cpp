#include <xgrad/nn/activation.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>
#include <xgrad/autograd/ops/softmax.hpp>

#include <fmt/format.h>

#include <map>

namespace xgrad::nn {

namespace {

using Function = Variable (*)(const Variable&);

const std::map<std::string, Function>& by_name() {
    static const std::map<std::string, Function> table{
        {"linear", nullptr},
        {"relu", [](const Variable& x) { return relu(x); }},
        {"relu6", [](const Variable& x) { return relu6(x); }},
        {"leaky_relu", [](const Variable& x) { return leaky_relu(x, 0.2); }},
        {"elu", [](const Variable& x) { return elu(x); }},
        {"selu", [](const Variable& x) { return selu(x); }},
        {"celu", [](const Variable& x) { return celu(x); }},
        {"gelu", [](const Variable& x) { return gelu(x); }},
        {"silu", [](const Variable& x) { return silu(x); }},
        {"swish", [](const Variable& x) { return silu(x); }},
        {"mish", [](const Variable& x) { return mish(x); }},
        {"tanh", [](const Variable& x) { return tanh(x); }},
        {"sigmoid", [](const Variable& x) { return sigmoid(x); }},
        {"hard_sigmoid", [](const Variable& x) { return hard_sigmoid(x); }},
        {"hard_sigmoid_keras2", [](const Variable& x) { return hard_sigmoid_keras2(x); }},
        {"hard_swish", [](const Variable& x) { return hard_swish(x); }},
        {"log_sigmoid", [](const Variable& x) { return log_sigmoid(x); }},
        {"softplus", [](const Variable& x) { return softplus(x); }},
        {"softsign", [](const Variable& x) { return softsign(x); }},
        {"softmax", [](const Variable& x) { return softmax(x); }},
        {"log_softmax", [](const Variable& x) { return log_softmax(x); }},
        {"exponential", [](const Variable& x) { return exp(x); }},
    };
    return table;
}

std::optional<Epilogue> epilogue_of(const std::string& name) {
    if (name == "linear") return Epilogue::none;
    if (name == "relu") return Epilogue::relu;
    if (name == "sigmoid") return Epilogue::sigmoid;
    if (name == "tanh") return Epilogue::tanh;
    return {};
}

}  // namespace

ActivationFunction::ActivationFunction(const std::string& name, const Location& at) : name_(name) {
    const auto found = by_name().find(name);
    if (found != by_name().end()) {
        if (found->second != nullptr) function_ = found->second;
        epilogue_ = epilogue_of(name);
        return;
    }
    std::string known;
    for (const auto& [other, function] : by_name()) known += (known.empty() ? "" : ", ") + other;
    ValueError error(fmt::format("unknown name \"{}\"; known are {}, or pass a function", name, known));
    error.locate("activation", at);
    throw error;
}

}  // namespace xgrad::nn
