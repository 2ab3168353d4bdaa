#pragma once

#include <xgrad/autograd/ops/random.hpp>
#include <xgrad/nn/layer.hpp>

namespace xgrad::nn {

/// Sets each element to 0 with probability `rate` and divides the others by 1 - rate, so that the expected value stays
/// (Srivastava et al. 2014). Only in training; else y = x.
class Dropout : public Layer {
public:
    /// @param rate the part dropped, in [0, 1)
    /// @param rng gives this layer's own generator its seed, and need not live on: layers move
    /// @throws ValueError on a rate outside [0, 1)
    Dropout(double rate, Rng& rng, const Location& at = Location::current());

    /// The copy draws the same numbers from here on.
    std::unique_ptr<Layer> clone() const override { return std::unique_ptr<Layer>(new Dropout(*this, Clone{})); }

private:
    Dropout(const Dropout& other, Clone tag) : Layer(other, tag), rate_(other.rate_), rng_(other.rng_) {}
    Variable forward(const Variable& x) override;

    double rate_;
    Rng rng_;
};

}  // namespace xgrad::nn
