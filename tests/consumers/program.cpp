// What a user's project does: trains the XOR net, fuses an operator of its own, and looks at values through xtensor.
// Exits with 1 unless the results are right.
#include "swish.hpp"

#include <xgrad/autograd/array.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/nn/dense.hpp>
#include <xgrad/nn/losses.hpp>
#include <xgrad/nn/sequential.hpp>
#include <xgrad/optim/adam.hpp>

#include <cmath>
#include <cstdio>

using namespace xgrad;

namespace {

double xor_loss() {
    Rng rng(1);
    nn::Sequential model{nn::Dense(2, 4, rng, {.activation = "tanh"}), nn::Dense(4, 1, rng, {.activation = "sigmoid"})};
    optim::Adam optimizer(model.parameters(), {.learning_rate = 0.05});
    const Variable x({{0, 0}, {0, 1}, {1, 0}, {1, 1}}), y({{0}, {1}, {1}, {0}});
    for (int epoch = 0; epoch < 1000; ++epoch) {
        optimizer.zero_grad();
        nn::mse(model(x), y).backward();
        optimizer.step();
    }
    return nn::mse(model(x), y).item();
}

/// The largest difference of three ways to the same operator and its gradient: fused here, fused in a file compiled
/// with other flags, and made of the library's operators.
double disagreement() {
    Rng rng(2);
    Variable worst = zeros({});
    for (const DType dtype : {DType::float32, DType::float64}) {
        const Variable x = parameter(random_normal({37, 5}, rng, 0, 2, dtype));
        const Variable expected = x * sigmoid(x), slope = grad(sum(expected), x);
        for (const Variable& y : {swish_plain(x), swish_native(x)}) {
            const Variable error = maximum(max(abs(y - expected)), max(abs(grad(sum(y), x) - slope)));
            worst = maximum(worst, error.to(DType::float32));
        }
    }
    return worst.item();
}

double trace() {
    const Variable m({{1, 2}, {3, 4}});
    const auto view = m.value<float>();
    return view(0, 0) + view(1, 1);
}

}  // namespace

int main() {
    const double loss = xor_loss(), error = disagreement();
    std::printf("xor loss %.5e, disagreement %.2e, trace %g\n", loss, error, trace());
    return loss < 0.01 && error < 2e-6 && std::abs(trace() - 5) < 1e-12 ? 0 : 1;
}
