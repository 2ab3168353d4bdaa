// The smallest net that learns something no straight line can: XOR, by 2-2-1 and 2-4-1 neurons.
#include <xgrad/nn/dense.hpp>
#include <xgrad/nn/losses.hpp>
#include <xgrad/nn/sequential.hpp>
#include <xgrad/optim/adam.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <exception>
#include <string>

using namespace xgrad;

namespace {

const Variable inputs({{0, 0}, {0, 1}, {1, 0}, {1, 1}}), targets({{0}, {1}, {1}, {0}});

struct Settings {
    std::size_t hidden;
    std::string activation;
    double learning_rate;
    int epochs;
};

/// Trains one net; true when all four answers are on the right side of 0.5 in the end.
bool learns_xor(const Settings& settings, std::uint64_t seed, bool show) {
    Rng rng(seed);
    nn::Sequential model{nn::Dense(2, settings.hidden, rng, {.activation = settings.activation}),
                         nn::Dense(settings.hidden, 1, rng, {.activation = "sigmoid"})};
    optim::Adam optimizer(model.parameters(), {.learning_rate = settings.learning_rate});
    for (int epoch = 0; epoch < settings.epochs; ++epoch) {
        const Variable loss = nn::mse(model(inputs), targets);
        if (show && epoch % 100 == 0) fmt::print("epoch {:4}  loss {:.4f}\n", epoch, loss.item());
        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
    }
    const std::vector<double> answers = model(inputs).to_vector();
    if (show)
        for (std::size_t i = 0; i < 4; ++i) fmt::print("{} xor {} = {:.3f}\n", i / 2, i % 2, answers[i]);
    return answers[0] < 0.5 && answers[1] > 0.5 && answers[2] > 0.5 && answers[3] < 0.5;
}

}  // namespace

int main(int argc, char** argv) try {
    CLI::App app("Learns XOR with 2-2-1 and 2-4-1 neurons");
    std::uint64_t seeds = 0, seed = 1;
    app.add_option("--seeds", seeds, "try this many seeds and count how many get all four right")
        ->check(CLI::Range(1, 1000000));
    app.add_option("--seed", seed, "the seed of a single run")
        ->capture_default_str()
        ->check(CLI::NonNegativeNumber)
        ->excludes("--seeds");
    CLI11_PARSE(app, argc, argv);

    // Two relu neurons often start dead or on one side, and then no training helps; four tanh ones cannot die.
    for (const Settings& settings : {Settings{2, "relu", 0.05, 1000}, Settings{4, "tanh", 0.05, 1000}}) {
        fmt::print("2-{}-1, {} and sigmoid, MSE, Adam {}, {} epochs\n", settings.hidden, settings.activation,
                   settings.learning_rate, settings.epochs);
        if (seeds == 0) {
            learns_xor(settings, seed, true);
            continue;
        }
        std::uint64_t learned = 0;
        for (std::uint64_t s = 1; s <= seeds; ++s) learned += learns_xor(settings, s, false) ? 1 : 0;
        fmt::print("  {} of {} seeds get all four right\n", learned, seeds);
    }
} catch (const std::exception& error) {
    fmt::print(stderr, "lab_xor: {}\n", error.what());
    return 1;
}
