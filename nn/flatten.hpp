#pragma once

#include <xgrad/nn/layer.hpp>

namespace xgrad::nn {

/// Merges all axes but the first, row-major: (n, height, width, channels) -> (n, height width channels); (n) -> (n, 1).
class Flatten : public Layer {
public:
    Flatten() = default;

    std::unique_ptr<Layer> clone() const override { return std::unique_ptr<Layer>(new Flatten(*this, Clone{})); }

private:
    Flatten(const Flatten& other, Clone tag) : Layer(other, tag) {}
    Variable forward(const Variable& x) override;
};

}  // namespace xgrad::nn
