#pragma once

#include <xgrad/nn/activation.hpp>
#include <xgrad/nn/initializers.hpp>

namespace xgrad::nn {

struct DenseOptions {
    ActivationFunction activation = "linear";
    bool use_bias = true;
    Initializer kernel_initializer = "glorot_uniform";
    Initializer bias_initializer = "zeros";
    DType dtype = DType::float32;
};

/// The fully connected layer, over the last axis, with Keras's layout:
///
///     y = activation(x W + b)        x (..., in), W (in, out), b (out), y (..., out)
class Dense : public Layer {
public:
    /// @throws ValueError when a size is 0
    Dense(std::size_t in, std::size_t out, Rng& rng, DenseOptions options = {},
          const Location& at = Location::current());

    void members(Members& m) override;
    std::unique_ptr<Layer> clone() const override;
    const Variable& kernel() const { return kernel_; }
    /// Empty without use_bias.
    const Variable& bias() const { return bias_; }

private:
    Dense(const Dense& other, Clone tag);
    Variable forward(const Variable& x) override;

    Variable kernel_, bias_;
    ActivationFunction activation_;
};

}  // namespace xgrad::nn
