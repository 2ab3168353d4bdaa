#include <xgrad/nn/summary.hpp>

#include <xgrad/autograd/ops/creation.hpp>

#include <fmt/format.h>

#include <unordered_set>

namespace xgrad::nn::detail {

namespace {

/// Fields cut and padded to Keras's columns, for a line of 65 characters.
std::string row(const std::string& layer, const std::string& shape, const std::string& parameters) {
    const auto column = [](const std::string& text, std::size_t width) {
        return fmt::format("{:<{}.{}}", text, width, width);
    };
    return column(column(layer, 28) + " " + shape, 54) + " " + column(parameters, 10) + "\n";
}

std::string line(char mark) { return std::string(65, mark) + "\n"; }

/// (1, 256) of a batch of one as "(None, 256)".
std::string batch_shape(const Shape* shape) {
    if (shape == nullptr) return "?";
    std::string text = "(None";
    for (std::size_t axis = 1; axis < shape->rank(); ++axis) text += fmt::format(", {}", (*shape)[axis]);
    return text + (shape->rank() < 2 ? ",)" : ")");
}

std::string with_commas(std::size_t number) {
    std::string text = std::to_string(number);
    for (std::size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, 1, ',');
    return text;
}

std::size_t elements(const NamedVariables& list) {
    std::size_t count = 0;
    for (const auto& [path, v] : list) count += v.size();
    return count;
}

DType input_dtype(const NamedVariables& parameters) {
    for (const auto& [path, v] : parameters)
        if (is_floating(v.dtype())) return v.dtype();
    return DType::float32;
}

}  // namespace

std::string summarize(Module& model, const Shape& input_shape, const std::function<void(const Variable&)>& run) {
    const NamedVariables parameters = model.named_parameters(), buffers = model.named_buffers();
    Shape batch{1};
    for (const std::size_t size : input_shape) batch.push_back(size);
    const OutputShapes shapes;
    {
        const Evaluating evaluating(model);
        run(zeros(batch, input_dtype(parameters)));
    }

    NamedModules parts = model.named_children();
    if (parts.empty()) parts.emplace_back("", &model);
    std::string text = fmt::format("Model: \"{}\"\n", model.name()) + line('_') +
                       row("Layer (type)", "Output Shape", "Param #") + line('=');
    for (std::size_t i = 0; i < parts.size(); ++i) {
        const Module& part = *parts[i].second;
        const std::size_t count = elements(part.named_parameters()) + elements(part.named_buffers());
        text += row(fmt::format("{} ({})", part.name(), part.type_name()), batch_shape(shapes.find(part)),
                    std::to_string(count));
        text += line(i + 1 == parts.size() ? '=' : '_');
    }
    std::size_t trainable = 0;
    for (const auto& [path, v] : parameters) trainable += v.requires_grad() ? v.size() : 0;
    const std::size_t total = elements(parameters) + elements(buffers);
    return text +
           fmt::format("Total params: {}\nTrainable params: {}\nNon-trainable params: {}\n", with_commas(total),
                       with_commas(trainable), with_commas(total - trainable)) +
           line('_');
}

}  // namespace xgrad::nn::detail
