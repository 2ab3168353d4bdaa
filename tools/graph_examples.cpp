#include "graph_examples.hpp"

#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/nn/dense.hpp>
#include <xgrad/nn/losses.hpp>
#include <xgrad/nn/sequential.hpp>

#include <cmath>
#include <string>

using namespace xgrad;

namespace {

Variable weights(const Shape& shape, Rng& rng, const std::string& name) {
    return parameter(random_normal(shape, rng, 0, 0.5)).named(name);
}

Graph xor_net() {
    Rng rng(1);
    nn::Sequential model{nn::Dense(2, 2, rng, {.activation = "relu"}), nn::Dense(2, 1, rng, {.activation = "sigmoid"})};
    const Variable x = Variable({{0, 0}, {0, 1}, {1, 0}, {1, 1}}).named("x");
    const Variable target = Variable({{0}, {1}, {1}, {0}}).named("target");
    const Variable loss = nn::mse(model(x), target).named("loss");
    return graph(loss, model);
}

Graph mlp() {
    Rng rng(1);
    nn::Sequential model{nn::Dense(784, 256, rng, {.activation = "relu"}),
                         nn::Dense(256, 128, rng, {.activation = "relu"}),
                         nn::Dense(128, 10, rng, {.activation = "softmax"})};
    const Variable images = random_normal({32, 784}, rng).named("images");
    const Variable labels = one_hot(argmax(random_normal({32, 10}, rng), -1), 10).named("labels");
    const Variable loss = nn::categorical_crossentropy(model(images), labels).named("loss");
    return graph(loss, model);
}

Graph recurrence() {
    Rng rng(1);
    const Variable w = weights({4, 8}, rng, "W"), u = weights({8, 8}, rng, "U"), b = weights({8}, rng, "b");
    Variable h = zeros({1, 8}).named("h_0");
    for (int t = 1; t <= 3; ++t) {
        const Variable x = random_normal({1, 4}, rng).named("x_" + std::to_string(t));
        h = tanh(matmul(x, w) + matmul(h, u) + b).named("h_" + std::to_string(t));  // (1, 8)
    }
    return graph(h);
}

Graph attention() {
    Rng rng(1);
    const std::size_t width = 16;
    const Variable x = random_normal({10, width}, rng).named("x");
    const auto projection = [&](const std::string& name) { return weights({width, width}, rng, name); };
    const Variable q = matmul(x, projection("W_q")).named("q"), k = matmul(x, projection("W_k")).named("k");
    const Variable v = matmul(x, projection("W_v")).named("v");
    const Variable scores = matmul(q, k, {.transpose_b = true}) / std::sqrt(static_cast<double>(width));  // (10, 10)
    const Variable mixed = matmul(softmax(scores), v);
    return graph((x + matmul(mixed, projection("W_o"))).named("y"));
}

Graph gradient() {
    const Variable w = parameter(Variable(0.5)).named("w"), x = Variable(2).named("x");
    const Variable y = tanh(w * x).named("y");
    const Variable slope = grad(y, w, {.create_graph = true}).named("dy/dw");
    return graph({y, slope});
}

}  // namespace

const std::vector<Example>& examples() {
    static const std::vector<Example> list{
        {"xor", "2-2-1 neurons, relu and sigmoid, mean squared error", xor_net},
        {"mlp", "784-256-128-10 neurons, relu and softmax, cross-entropy", mlp},
        {"recurrence", "h_t = tanh(x_t W + h_(t-1) U + b), three steps", recurrence},
        {"attention", "scaled dot-product attention with a residual connection", attention},
        {"gradient", "y = tanh(w x) and its slope dy/dw, recorded with create_graph", gradient},
    };
    return list;
}
