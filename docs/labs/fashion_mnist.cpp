// Trains a classifier of clothes on the Fashion-MNIST images: 784 - 256 - 128 - 10, softmax cross-entropy, Adam.
#include <xgrad/autograd/graph.hpp>
#include <xgrad/datasets/idx.hpp>
#include <xgrad/datasets/standard_scaler.hpp>
#include <xgrad/nn/dense.hpp>
#include <xgrad/nn/losses.hpp>
#include <xgrad/nn/sequential.hpp>
#include <xgrad/nn/summary.hpp>
#include <xgrad/nn/weights.hpp>
#include <xgrad/optim/adam.hpp>
#include <xgrad/optim/fit.hpp>
#include <xgrad/optim/progress.hpp>

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <filesystem>

using namespace xgrad;

int main(int argc, char** argv) try {
    CLI::App app("Trains a Fashion-MNIST classifier");
    std::string data = datasets::FashionMnistOptions{}.folder, out = "fashion_mnist";
    std::size_t epochs = 10, batch_size = 32, seed = 1;
    const CLI::Range natural(1, 10000);
    app.add_option("--data", data, "folder of the four IDX files, plain or .gz")->capture_default_str();
    app.add_option("--epochs", epochs, "passes over the training images")->capture_default_str()->check(natural);
    app.add_option("--batch-size", batch_size, "images in a step")->capture_default_str()->check(natural);
    app.add_option("--seed", seed, "of the weights and the order of the images")
        ->capture_default_str()
        ->check(CLI::NonNegativeNumber);
    app.add_option("--out", out, "folder for weights, history, curves and graph")->capture_default_str();
    CLI11_PARSE(app, argc, argv);
    const std::filesystem::path folder(out);
    std::filesystem::create_directories(folder);  // before the training, not after: it may fail

    // The first 10,000 images, each pixel brought to mean 0 and deviation 1; validated on the 10,000 test images.
    const datasets::FashionMnistOptions flat{.folder = data, .flatten = true};
    const datasets::Dataset images = datasets::fashion_mnist(datasets::Split::train, flat).take(10000);
    const datasets::StandardScaler scaler = datasets::StandardScaler().fit(images.x);
    const auto scaled = [&](const Variable& x) { return scaler.transform(x); };
    const datasets::Dataset train = images.map(scaled);  // (10000, 784), (10000)
    const datasets::Dataset test = datasets::fashion_mnist(datasets::Split::test, flat).map(scaled);

    Rng rng(seed);
    nn::Sequential model{nn::Dense(784, 256, rng, {.activation = "relu"}),
                         nn::Dense(256, 128, rng, {.activation = "relu"}),
                         nn::Dense(128, 10, rng, {.activation = "softmax"})};
    fmt::print("{}\n", nn::summary(model, {784}));

    optim::Adam optimizer(model.parameters());
    const auto loss = [](const Variable& p, const Variable& y) { return nn::sparse_categorical_crossentropy(p, y); };
    const optim::History history = optim::fit(model, optimizer, loss, train,
                                              {.epochs = epochs,
                                               .batch_size = batch_size,
                                               .shuffle = &rng,
                                               .validation = &test,
                                               .metrics = {optim::accuracy()},
                                               .callbacks = {optim::Progress()}});

    nn::save_weights(model, folder / "weights.npz");
    history.write_csv(folder / "history.csv");
    history.write_svg(folder / "curves.svg");
    const datasets::Dataset batch = train.take(batch_size);
    const Graph step = graph(loss(model(Variable(batch.x).named("images")), Variable(batch.y).named("labels")), model);
    step.write(folder / "step.dot");
    fmt::print("\nTest accuracy {:.4f}\n", history["val_accuracy"].back());
    fmt::print("In {}: weights.npz, history.csv, curves.svg, step.dot\n", std::filesystem::absolute(folder).string());
    step.write(folder / "step.svg");
    fmt::print("and the same graph as a picture: step.svg\n");
} catch (const std::exception& error) {
    fmt::print(stderr, "lab_fashion_mnist: {}\n", error.what());
    return 1;
}
