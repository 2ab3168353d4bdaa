#include <xgrad/nn/sequential.hpp>

#include <xgrad/autograd/error.hpp>

#include <fmt/format.h>

#include <algorithm>

namespace xgrad::nn {

Sequential::Sequential(const Sequential& other, Clone tag) : Layer(other, tag) {
    for (std::size_t i = 0; i < other.layers_.size(); ++i) {
        layers_.push_back(other.layers_[i]->clone());
        names_.push_back(other.names_[i]);
        label(*layers_.back(), names_.back());
    }
}

Layer& Sequential::operator[](std::size_t i) const {
    if (i >= layers_.size()) throw IndexError(fmt::format("Sequential: layer {} of {}", i, layers_.size()));
    return *layers_[i];
}

void Sequential::members(Members& m) {
    for (std::size_t i = 0; i < layers_.size(); ++i) m(names_[i], *layers_[i]);
}

Variable Sequential::forward(const Variable& x) {
    Variable y = x;
    for (const auto& layer : layers_) y = (*layer)(y);
    return y;
}

Sequential& Sequential::append(std::unique_ptr<Layer> layer) {
    const auto taken = [this](const std::string& name) { return std::ranges::find(names_, name) != names_.end(); };
    std::string name = layer->has_own_name() ? layer->name() : snake_case(layer->type_name());
    if (taken(name)) {
        if (layer->has_own_name()) throw ValueError(fmt::format("Sequential: two layers are called \"{}\"", name));
        std::size_t number = 1;
        while (taken(fmt::format("{}_{}", name, number))) ++number;
        name = fmt::format("{}_{}", name, number);
    }
    label(*layer, name);
    names_.push_back(std::move(name));
    layers_.push_back(std::move(layer));
    return *this;
}

}  // namespace xgrad::nn
