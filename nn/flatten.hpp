#pragma once

#include <xgrad/nn/layer.hpp>

namespace xgrad::nn {

/// Merges all axes but the first, row-major: (n, height, width, channels) -> (n, height width channels); (n) -> (n, 1).
class Flatten : public Layer {
private:
    Variable forward(const Variable& x) override;
};

}  // namespace xgrad::nn
