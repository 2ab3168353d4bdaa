#include <xgrad/nn/dense.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/ops/linalg.hpp>
#include <xgrad/autograd/ops/linear.hpp>

#include <fmt/format.h>

namespace xgrad::nn {

Dense::Dense(std::size_t in, std::size_t out, Rng& rng, DenseOptions options, const Location& at)
    : activation_(std::move(options.activation)) {
    if (in == 0 || out == 0) {
        ValueError error(fmt::format("sizes must be at least 1, got {} to {}", in, out));
        error.locate("Dense", at);
        throw error;
    }
    kernel_ = parameter(options.kernel_initializer({in, out}, rng, options.dtype)).named("kernel");
    if (options.use_bias) bias_ = parameter(options.bias_initializer({out}, rng, options.dtype)).named("bias");
}

Dense::Dense(const Dense& other, Clone tag)
    : Layer(other, tag),
      kernel_(duplicate(other.kernel_)),
      bias_(duplicate(other.bias_)),
      activation_(other.activation_) {}

std::unique_ptr<Layer> Dense::clone() const { return std::unique_ptr<Layer>(new Dense(*this, Clone{})); }

void Dense::members(Members& m) { m("kernel", kernel_)("bias", bias_); }

Variable Dense::forward(const Variable& x) {
    if (!bias_) return activation_(matmul(x, kernel_));
    if (const auto epilogue = activation_.epilogue()) return linear(x, kernel_, bias_, *epilogue);
    return activation_(linear(x, kernel_, bias_));
}

}  // namespace xgrad::nn
