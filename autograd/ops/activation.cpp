#include <xgrad/autograd/ops/arithmetic.hpp>
#include <xgrad/autograd/ops/compare.hpp>
#include <xgrad/autograd/ops/pointwise.hpp>
#include <xgrad/autograd/ops/pointwise_operator.hpp>

namespace xgrad {

using detail::pointwise;

Variable relu(const Operand& x) { return pointwise<functions::Relu>(x); }
Variable relu6(const Operand& x) { return clip(x, 0, 6); }
Variable leaky_relu(const Operand& x, double negative_slope) {
    return pointwise(x, functions::LeakyRelu{negative_slope});
}
Variable elu(const Operand& x, double alpha) { return pointwise(x, functions::Elu{alpha}); }
Variable selu(const Operand& x) { return pointwise<functions::Selu>(x); }
Variable celu(const Operand& x, double alpha) { return pointwise(x, functions::Celu{alpha}); }
Variable sigmoid(const Operand& x) { return pointwise<functions::Sigmoid>(x); }
Variable log_sigmoid(const Operand& x) { return pointwise<functions::LogSigmoid>(x); }
Variable softplus(const Operand& x) { return pointwise<functions::Softplus>(x); }
Variable softsign(const Operand& x) { return pointwise<functions::Softsign>(x); }
Variable silu(const Operand& x) { return pointwise<functions::Silu>(x); }
Variable mish(const Operand& x) { return pointwise<functions::Mish>(x); }
Variable gelu(const Operand& x, bool approximate) {
    return approximate ? pointwise<functions::GeluTanh>(x) : pointwise<functions::Gelu>(x);
}
Variable hard_sigmoid(const Operand& x) { return pointwise(x, functions::HardSigmoid{1.0 / 6}); }
Variable hard_sigmoid_keras2(const Operand& x) { return pointwise(x, functions::HardSigmoid{0.2}); }
Variable hard_swish(const Operand& x) { return pointwise<functions::HardSwish>(x); }

}  // namespace xgrad
