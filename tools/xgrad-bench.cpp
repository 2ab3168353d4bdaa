// Times whole training steps (forward, backward, optimizer, gradients cleared) and prints a line of JSON for each
// workload. It uses the library as any program may, through its public headers.
#include "bench_allocations.hpp"
#include "bench_harness.hpp"

#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/build_info.hpp>
#include <xgrad/autograd/flush_denormal.hpp>
#include <xgrad/autograd/kernels/parallel.hpp>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/autograd/replay.hpp>
#include <xgrad/nn/dense.hpp>
#include <xgrad/nn/losses.hpp>
#include <xgrad/nn/sequential.hpp>
#include <xgrad/optim/adam.hpp>
#include <xgrad/optim/sgd.hpp>

#include <fmt/format.h>

#include <memory>
#include <string>
#include <vector>

using namespace xgrad;

namespace {

DType dtype_of_run(const bench::Options& options) { return options.float64 ? DType::float64 : DType::float32; }

/// The smallest net, by steps as they stand or replayed.
void xor_net(const bench::Options& options, const char* name, bool is_replayed) {
    Rng rng(1);
    nn::Sequential model{nn::Dense(2, 2, rng, {.activation = "relu"}), nn::Dense(2, 1, rng, {.activation = "sigmoid"})};
    model.to(dtype_of_run(options));
    optim::Adam optimizer(model.parameters());
    const Variable x({{0, 0}, {0, 1}, {1, 0}, {1, 1}}, dtype_of_run(options)),
        y({{0}, {1}, {1}, {0}}, dtype_of_run(options));
    const auto step = [&](const Variable& in, const Variable& out) {
        optimizer.zero_grad();
        const Variable loss = nn::mse(model(in), out);
        loss.backward();
        optimizer.step();
        return loss;
    };
    auto replayed = replay(step);
    constexpr int steps = 50;
    bench::measure({.name = name, .variant = "b4", .samples_per_step = 4, .steps_per_call = steps}, options, [&] {
        for (int i = 0; i < steps; ++i) is_replayed ? replayed(x, y) : step(x, y);
    });
}

void fashion_mlp(const bench::Options& options) {
    for (const std::size_t batch : options.batch > 0 ? std::vector{static_cast<std::size_t>(options.batch)}
                                                     : std::vector<std::size_t>{32, 128, 500}) {
        Rng rng(1);
        nn::Sequential model{nn::Dense(784, 256, rng, {.activation = "relu"}),
                             nn::Dense(256, 128, rng, {.activation = "relu"}), nn::Dense(128, 10, rng)};
        model.to(dtype_of_run(options));
        optim::Adam optimizer(model.parameters());
        std::vector<Variable> images, labels;
        for (int i = 0; i < 16; ++i) {  // several batches: a single one would be learnt by heart, down to denormals
            images.push_back(random_uniform({batch, 784}, rng, 0, 1, dtype_of_run(options)));
            labels.push_back(random_uniform({batch}, rng, 0, 10).to(DType::int64));
        }
        std::size_t k = 0;
        bench::measure(
            {.name = "fashion_mlp",
             .variant = fmt::format("b{}", batch),
             .samples_per_step = static_cast<double>(batch)},
            options, [&] {
                optimizer.zero_grad();
                nn::sparse_categorical_crossentropy(model(images[k]), labels[k], {.from_logits = true}).backward();
                optimizer.step();
                k = (k + 1) % images.size();
            });
    }
}

/// x, w and b of a million elements, as the two elementwise workloads use them.
struct Elementwise {
    Variable x, w, b;
    explicit Elementwise(DType dtype) {
        Rng rng(1);
        for (Variable* v : {&x, &w, &b}) *v = parameter(random_normal({1000000}, rng, 0, 1, dtype));
    }
    template <class F>
    void run(const char* name, const bench::Options& options, F&& f) {
        bench::measure({.name = name, .variant = "1e6", .samples_per_step = 1e6}, options, [&] {
            for (Variable* v : {&x, &w, &b}) v->zero_grad();
            f(x, w, b).backward();
        });
    }
};

void elementwise(const bench::Options& options) {
    Elementwise(dtype_of_run(options))
        .run("elementwise", options, [](const Variable& x, const Variable& w, const Variable& b) {
            return map_reduce([](auto p, auto q, auto r) { return tanh(p * q + r) * sigmoid(p) + exp(-p * p); }, x, w,
                              b);
        });
}

void elementwise_ops(const bench::Options& options) {
    Elementwise(dtype_of_run(options))
        .run("elementwise_ops", options, [](const Variable& x, const Variable& w, const Variable& b) {
            return sum(tanh(x * w + b) * sigmoid(x) + exp(-x * x));
        });
}

void small_ops(const bench::Options& options) {
    const DType dtype = dtype_of_run(options);
    for (const long rounds :
         options.batch > 0 ? std::vector<long>{options.batch / 3} : std::vector<long>{333, 3333, 33333, 333333}) {
        Variable w = parameter(full({4}, 0.9, dtype)), x = parameter(full({4}, 0.1, dtype));
        const Variable start = zeros({4}, dtype);
        bench::Workload workload{.name = "small_ops", .variant = fmt::format("{}ops_x4", 3 * rounds)};
        const auto step = [&] {
            Variable h = start;
            for (long i = 0; i < rounds; ++i) h = tanh(h * w + x);
            const Variable loss = sum(h);
            w.zero_grad();
            x.zero_grad();
            loss.backward();
        };
        workload.steps_per_call = 1;
        const double seconds = bench::measure(workload, options, step);
        fmt::print(stderr, "small_ops: {} operators, {:.1f} ns each, forward and backward\n", 3 * rounds,
                   seconds * 1e9 / static_cast<double>(3 * rounds));
    }
}

void adam(const bench::Options& options) {
    Rng rng(1);
    std::vector<Variable> parameters;
    for (int i = 0; i < 20; ++i) {
        parameters.push_back(parameter(random_normal({500000}, rng, 0, 1, dtype_of_run(options))));
        parameters.back().set_grad(random_normal({500000}, rng, 0, 1, dtype_of_run(options)));
    }
    optim::Adam optimizer(parameters);
    bench::measure({.name = "adam", .variant = "10M_in_20"}, options, [&] { optimizer.step(); });
}

void wide_mlp(const bench::Options& options) {
    Rng rng(1);
    constexpr std::size_t batch = 512, width = 1024;
    nn::Sequential model{nn::Dense(width, width, rng, {.activation = "relu"}),
                         nn::Dense(width, width, rng, {.activation = "relu"}),
                         nn::Dense(width, width, rng, {.activation = "relu"}), nn::Dense(width, width, rng)};
    model.to(dtype_of_run(options));
    optim::SGD optimizer(model.parameters(), {.learning_rate = 1e-3, .momentum = 0.9});
    const Variable x = random_normal({batch, width}, rng, 0, 1, dtype_of_run(options)),
                   y = random_normal({batch, width}, rng, 0, 1, dtype_of_run(options));
    bench::measure({.name = "wide_mlp", .variant = "b512_4x1024", .samples_per_step = batch}, options, [&] {
        optimizer.zero_grad();
        nn::mse(model(x), y).backward();
        optimizer.step();
    });
}

void double_backward(const bench::Options& options) {
    Rng rng(1);
    nn::Sequential model{nn::Dense(784, 256, rng, {.activation = "tanh"}),
                         nn::Dense(256, 128, rng, {.activation = "tanh"}), nn::Dense(128, 10, rng)};
    model.to(dtype_of_run(options));
    Variable x = parameter(random_uniform({128, 784}, rng, 0, 1, dtype_of_run(options)));
    BackwardOptions to_weights{.inputs = model.parameters()};
    bench::measure({.name = "double_backward", .variant = "b128", .samples_per_step = 128}, options, [&] {
        for (Variable& weight : to_weights.inputs) weight.zero_grad();
        const Variable slope = grad(sum(model(x)), x, {.create_graph = true});
        const Variable length = norm(slope, 2, 1);
        mean(square(length - 1)).backward(to_weights);
    });
}

const std::vector<bench::Entry> workloads{
    {"xor", [](const auto& options) { xor_net(options, "xor", false); }},
    {"xor_replayed", [](const auto& options) { xor_net(options, "xor_replayed", true); }},
    {"fashion_mlp", fashion_mlp},
    {"elementwise", elementwise},
    {"elementwise_ops", elementwise_ops},
    {"small_ops", small_ops},
    {"adam", adam},
    {"wide_mlp", wide_mlp},
    {"double_backward", double_backward}};

}  // namespace

int main(int argc, char** argv) {
    const BuildInfo build = build_info();
    const std::string onednn = build.onednn.empty() ? "" : ", oneDNN " + build.onednn;
    return bench::run(argc, argv,
                      {.version = fmt::format("xgrad {}, {}, {}, {}{}", build.version, build.compiler,
                                              to_string(build.compiled), build.blas, onednn),
                       .workloads = workloads,
                       .prepare = [](bench::Options& options) {
                           set_thread_count(static_cast<std::size_t>(options.threads));
                           set_flush_denormal(true);  // the gradients of a long recurrence fade
                           options.allocations = bench::allocations;
                       }});
}
