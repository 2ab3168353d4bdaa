// The workloads of xgrad-bench written for libtorch: the same shapes, losses, optimizers and data, measured by the same
// harness. tools/compare runs the two side by side.
#include "bench_harness.hpp"

#include <fmt/format.h>
#include <torch/torch.h>

#include <cstdint>
#include <string>
#include <vector>

using torch::Tensor;
using torch::nn::Linear;

namespace {

/// Drops the gradients, which is faster than the optimizers' own zero_grad(): the next one is taken over, not added to
/// zeros.
void drop_gradients(const std::vector<Tensor>& parameters) {
    for (const Tensor& parameter : parameters) parameter.mutable_grad().reset();
}

/// The instruction set of the kernels that libtorch chose: "AVX512".
std::string instruction_set() {
    const std::string config = at::show_config(), key = "CPU capability usage: ";
    const std::size_t at = config.find(key);
    return at == std::string::npos ? "unknown"
                                   : config.substr(at + key.size(), config.find('\n', at) - at - key.size());
}

void xor_net(const bench::Options& options, const char* name) {
    torch::nn::Sequential model(Linear(2, 2), torch::nn::ReLU(), Linear(2, 1), torch::nn::Sigmoid());
    const std::vector<Tensor> parameters = model->parameters();
    torch::optim::Adam optimizer(parameters);
    const Tensor x = torch::tensor({{0., 0.}, {0., 1.}, {1., 0.}, {1., 1.}}, torch::get_default_dtype()),
                 y = torch::tensor({{0.}, {1.}, {1.}, {0.}}, torch::get_default_dtype());
    constexpr int steps = 50;
    bench::measure({.name = name, .variant = "b4", .samples_per_step = 4, .steps_per_call = steps}, options, [&] {
        for (int i = 0; i < steps; ++i) {
            drop_gradients(parameters);
            torch::mse_loss(model->forward(x), y).backward();
            optimizer.step();
        }
    });
}

void fashion_mlp(const bench::Options& options) {
    for (const int batch : options.batch > 0 ? std::vector{options.batch} : std::vector{32, 128, 500}) {
        torch::nn::Sequential model(Linear(784, 256), torch::nn::ReLU(), Linear(256, 128), torch::nn::ReLU(),
                                    Linear(128, 10));
        const std::vector<Tensor> parameters = model->parameters();
        torch::optim::Adam optimizer(parameters);
        std::vector<Tensor> images, labels;
        for (int i = 0; i < 16; ++i) {
            images.push_back(torch::rand({batch, 784}));
            labels.push_back(torch::randint(10, {batch}, torch::kLong));
        }
        std::size_t k = 0;
        bench::measure({.name = "fashion_mlp", .variant = fmt::format("b{}", batch), .samples_per_step = 1. * batch},
                       options, [&] {
                           drop_gradients(parameters);
                           torch::cross_entropy_loss(model->forward(images[k]), labels[k]).backward();
                           optimizer.step();
                           k = (k + 1) % images.size();
                       });
    }
}

void elementwise_as(const char* name, const bench::Options& options) {
    const Tensor x = torch::randn({1000000}).requires_grad_(), w = torch::randn({1000000}).requires_grad_(),
                 b = torch::randn({1000000}).requires_grad_();
    bench::measure({.name = name, .variant = "1e6", .samples_per_step = 1e6}, options, [&] {
        drop_gradients({x, w, b});
        const Tensor y = (torch::tanh(x * w + b) * torch::sigmoid(x) + torch::exp(-x * x)).sum();
        y.backward();  // in a statement of its own: the temporaries are gone by now
    });
}
// libtorch has nothing like map() on a processor, so both are written with ordinary operators.
void elementwise(const bench::Options& options) { elementwise_as("elementwise", options); }
void elementwise_ops(const bench::Options& options) { elementwise_as("elementwise_ops", options); }

void small_ops(const bench::Options& options) {
    for (const long rounds :
         options.batch > 0 ? std::vector<long>{options.batch / 3} : std::vector<long>{333, 3333, 33333, 333333}) {
        const Tensor w = torch::full({4}, 0.9).requires_grad_(), x = torch::full({4}, 0.1).requires_grad_();
        const Tensor start = torch::zeros({4});
        bench::measure({.name = "small_ops", .variant = fmt::format("{}ops_x4", 3 * rounds)}, options, [&] {
            Tensor h = start;
            for (long i = 0; i < rounds; ++i) h = torch::tanh(h * w + x);
            const Tensor loss = h.sum();
            drop_gradients({w, x});
            loss.backward();
        });
    }
}

void adam(const bench::Options& options) {
    std::vector<Tensor> parameters;
    for (int i = 0; i < 20; ++i) {
        parameters.push_back(torch::randn({500000}).requires_grad_());
        parameters.back().mutable_grad() = torch::randn({500000});
    }
    torch::optim::Adam optimizer(parameters);
    bench::measure({.name = "adam", .variant = "10M_in_20"}, options, [&] { optimizer.step(); });
}

void wide_mlp(const bench::Options& options) {
    constexpr std::int64_t batch = 512, width = 1024;
    torch::nn::Sequential model(Linear(width, width), torch::nn::ReLU(), Linear(width, width), torch::nn::ReLU(),
                                Linear(width, width), torch::nn::ReLU(), Linear(width, width));
    const std::vector<Tensor> parameters = model->parameters();
    torch::optim::SGD optimizer(parameters, torch::optim::SGDOptions(1e-3).momentum(0.9));
    const Tensor x = torch::randn({batch, width}), y = torch::randn({batch, width});
    bench::measure({.name = "wide_mlp", .variant = "b512_4x1024", .samples_per_step = batch}, options, [&] {
        drop_gradients(parameters);
        torch::mse_loss(model->forward(x), y).backward();
        optimizer.step();
    });
}

void double_backward(const bench::Options& options) {
    torch::nn::Sequential model(Linear(784, 256), torch::nn::Tanh(), Linear(256, 128), torch::nn::Tanh(),
                                Linear(128, 10));
    const std::vector<Tensor> parameters = model->parameters();
    const Tensor x = torch::rand({128, 784}).requires_grad_();
    bench::measure({.name = "double_backward", .variant = "b128", .samples_per_step = 128}, options, [&] {
        drop_gradients(parameters);
        const Tensor slope = torch::autograd::grad({model->forward(x).sum()}, {x}, {}, /*retain_graph=*/true,
                                                   /*create_graph=*/true)[0];
        (slope.norm(2, 1) - 1).square().mean().backward({}, /*retain_graph=*/false, /*create_graph=*/false, parameters);
    });
}

}  // namespace

int main(int argc, char** argv) {
    return bench::run(
        argc, argv,
        {.version = "kernels for " + instruction_set(),
         .workloads = {{"xor", [](const auto& options) { xor_net(options, "xor"); }},
                       // libtorch has no replay(): the same step.
                       {"xor_replayed", [](const auto& options) { xor_net(options, "xor_replayed"); }},
                       {"fashion_mlp", fashion_mlp},
                       {"elementwise", elementwise},
                       {"elementwise_ops", elementwise_ops},
                       {"small_ops", small_ops},
                       {"adam", adam},
                       {"wide_mlp", wide_mlp},
                       {"double_backward", double_backward}},
         .prepare = [](bench::Options& options) {
             torch::manual_seed(1);
             at::set_num_threads(options.threads);
             at::globalContext().setFlushDenormal(true);  // or Adam slows down, as moments decay
             torch::set_default_dtype(torch::scalarTypeToTypeMeta(options.float64 ? torch::kDouble : torch::kFloat));
         }});
}
