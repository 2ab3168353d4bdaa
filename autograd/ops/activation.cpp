#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/detail/explained.hpp>
#include <xgrad/autograd/ops/detail/pointwise_operator.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>
#include <xgrad/autograd/ops/shape.hpp>
#include <xgrad/autograd/ops/slice.hpp>

#include <fmt/format.h>

namespace xgrad {

using detail::map_named;
using detail::pointwise;

Variable relu(Operand x) { return pointwise<functions::Relu>(std::move(x)); }
Variable relu6(const Operand& x) { return clip(x, 0, 6); }
Variable leaky_relu(Operand x, double negative_slope) {
    return pointwise(std::move(x), functions::LeakyRelu{negative_slope});
}
Variable elu(Operand x, double alpha) { return pointwise(std::move(x), functions::Elu{alpha}); }
Variable selu(Operand x) { return pointwise<functions::Selu>(std::move(x)); }
Variable celu(Operand x, double alpha) { return pointwise(std::move(x), functions::Celu{alpha}); }
Variable sigmoid(Operand x) { return pointwise<functions::Sigmoid>(std::move(x)); }
Variable log_sigmoid(Operand x) { return pointwise<functions::LogSigmoid>(std::move(x)); }
Variable softplus(Operand x) { return pointwise<functions::Softplus>(std::move(x)); }
Variable softsign(Operand x) { return pointwise<functions::Softsign>(std::move(x)); }
Variable silu(Operand x) { return pointwise<functions::Silu>(std::move(x)); }
Variable mish(Operand x) { return pointwise<functions::Mish>(std::move(x)); }
Variable gelu(const Operand& x, bool approximate) {
    return approximate ? pointwise<functions::GeluTanh>(x) : pointwise<functions::Gelu>(x);
}
Variable hard_sigmoid(Operand x) { return pointwise(std::move(x), functions::HardSigmoid{1.0 / 6}); }
Variable hard_sigmoid_keras2(Operand x) { return pointwise(std::move(x), functions::HardSigmoid{0.2}); }
Variable hard_swish(Operand x) { return pointwise<functions::HardSwish>(std::move(x)); }
Variable hard_tanh(const Operand& x) { return clip(x, -1, 1); }

Variable hard_shrink(const Operand& x, double threshold) {
    return map_named("hard_shrink", functions::HardShrink{threshold}, x);
}
Variable soft_shrink(const Operand& x, double threshold) {
    return map_named("soft_shrink", functions::SoftShrink{threshold}, x);
}
Variable tanh_shrink(const Operand& x) { return map_named("tanh_shrink", functions::TanhShrink{}, x); }
Variable threshold(const Operand& x, double threshold, double value) {
    return map_named("threshold", functions::Threshold{threshold, value}, x);
}
Variable prelu(const Operand& x, const Operand& negative_slope) {
    return map_named("prelu", functions::Prelu{}, x, negative_slope);
}

Variable glu(const Operand& x, int axis) {
    return detail::as_function("glu", x.at(), [&] {
        const std::size_t size = x->shape()[normalize_axis(axis, x->rank())];
        if (size % 2 != 0) throw ShapeError(fmt::format("axis {} of {} has no halves", axis, to_string(x->shape())));
        const long half = static_cast<long>(size / 2);
        return map_named(
            "glu", [](auto a, auto b) { return a * sigmoid(b); }, Operand(slice(x, axis, 0, half)),
            Operand(slice(x, axis, half, 2 * half)));
    });
}

}  // namespace xgrad
