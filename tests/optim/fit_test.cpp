#include <xgrad/optim/fit.hpp>

#include "datasets/files.hpp"

#include <autograd/engine.hpp>
#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/optim/adam.hpp>

#include <array>
#include <thread>

using namespace xgrad;
using engine::at_line;
using engine::Says;

namespace {

/// 2-4-1, without nn: fit() asks for no more than this.
struct Net {
    Variable w1, b1, w2, b2;
    bool training = false;

    explicit Net(Rng& rng) {
        w1 = parameter(random_uniform({2, 4}, rng, -1, 1));
        b1 = parameter(zeros({4}));
        w2 = parameter(random_uniform({4, 1}, rng, -1, 1));
        b2 = parameter(zeros({1}));
    }
    Variable operator()(const Variable& x) const { return sigmoid(matmul(tanh(matmul(x, w1) + b1), w2) + b2); }
    std::vector<Variable> parameters() const { return {w1, b1, w2, b2}; }
    void set_training(bool on) { training = on; }
};

const datasets::Dataset& xor_data() {
    static const datasets::Dataset data{Variable({{0, 0}, {0, 1}, {1, 0}, {1, 1}}), Variable({{0}, {1}, {1}, {0}})};
    return data;
}

Variable squared(const Variable& p, const Variable& t) { return mean(square(p - t)); }

}  // namespace

BOOST_AUTO_TEST_CASE(fit_learns_xor_and_keeps_its_history) {
    Rng rng(3);
    Net net(rng);
    optim::Adam optimizer(net.parameters(), {.learning_rate = 0.05});
    const auto history = optim::fit(
        net, optimizer, squared, xor_data(),
        {.epochs = 600, .batch_size = 3, .shuffle = &rng, .validation = &xor_data(), .metrics = {optim::accuracy()}});
    BOOST_TEST(history.epochs.size() == 600U);
    BOOST_TEST(history["val_accuracy"].back() == 1.0);
    BOOST_TEST(history["loss"].back() < 0.05);
    BOOST_TEST(history["loss"].back() < history["loss"].front());
    BOOST_TEST(!net.training);
    BOOST_TEST(optimizer.steps() == 1200U);  // 3 and 1 samples
}

BOOST_AUTO_TEST_CASE(the_epochs_loss_is_weighted_by_batch_size) {
    Rng rng(1);
    Net net(rng);
    optim::Adam optimizer(net.parameters(), {.learning_rate = 1e-12});
    const auto history = optim::fit(net, optimizer, squared, xor_data(), {.batch_size = 3});
    BOOST_TEST(history["loss"][0] == squared(net(xor_data().x), xor_data().y).item(),
               boost::test_tools::tolerance(1e-5));
}

BOOST_AUTO_TEST_CASE(early_stopping_stops_and_restores_the_best_weights) {
    Rng rng(1);
    Net net(rng);
    optim::Adam optimizer(net.parameters(), {.learning_rate = 1e-3});
    // Validated against the opposite of what is learnt, so that it only gets worse.
    const datasets::Dataset opposite{xor_data().x, 1 - xor_data().y};
    const auto history = optim::fit(
        net, optimizer, squared, xor_data(),
        {.epochs = 50,
         .batch_size = 4,
         .validation = &opposite,
         .callbacks = {optim::EarlyStopping({.monitor = "val_loss", .patience = 2, .restore_best_weights = true})}});
    const auto losses = history["val_loss"];
    BOOST_TEST(losses.size() < 50U);
    const double best = *std::min_element(losses.begin(), losses.end());
    BOOST_TEST(optim::value_of(optim::evaluate(net, squared, opposite), "loss") == best,
               boost::test_tools::tolerance(1e-6));
    BOOST_TEST(losses[losses.size() - 3] == best);
}

BOOST_AUTO_TEST_CASE(early_stopping_says_what_it_could_monitor) {
    Rng rng(1);
    Net net(rng);
    optim::Adam optimizer(net.parameters());
    BOOST_CHECK_EXCEPTION(
        optim::fit(net, optimizer, squared, xor_data(), {.callbacks = {optim::EarlyStopping()}}), ValueError,
        [](const ValueError& e) { return std::string(e.what()).find("\"val_loss\"") != std::string::npos; });
}

BOOST_AUTO_TEST_CASE(fit_refuses_an_empty_data_set_and_a_batch_of_none) {
    Rng rng(1);
    Net net(rng);
    optim::Adam optimizer(net.parameters());
    const datasets::Dataset none{zeros({0, 2}), zeros({0, 1})};
    BOOST_CHECK_EXCEPTION(optim::fit(net, optimizer, squared, none), ValueError, Says({"fit: ", "empty", at_line()}));
    BOOST_CHECK_EXCEPTION(optim::fit(net, optimizer, squared, xor_data(), {.batch_size = 0}), ValueError,
                          Says({"fit: ", "batch_size", at_line()}));
    BOOST_CHECK_EXCEPTION(optim::evaluate(net, squared, none), ValueError, Says({"evaluate: ", "empty", at_line()}));
}

BOOST_AUTO_TEST_CASE(an_optimizers_error_names_the_line_of_fit) {
    Rng rng(1);
    Net net(rng);
    optim::Adam optimizer(net.parameters());
    for (Variable& parameter : std::array{net.w1, net.b1, net.w2, net.b2}) parameter.convert(DType::float64);
    const datasets::Dataset data{xor_data().x.to(DType::float64), xor_data().y.to(DType::float64)};
    BOOST_CHECK_EXCEPTION(optim::fit(net, optimizer, squared, data), DTypeError,
                          Says({"step: parameter 0", "float64 now", at_line()}));
}

BOOST_AUTO_TEST_CASE(the_history_is_written_as_a_table_and_as_curves) {
    const files::Folder folder;
    optim::History history;
    history.epochs = {{{"loss", 0.5}, {"accuracy", 0.25}, {"val_loss", 0.75}, {"val_accuracy", 0.125}},
                      {{"loss", 0.25}, {"accuracy", 0.5}, {"val_loss", 0.5}, {"val_accuracy", 0.25}}};
    history.write_csv(folder / "h.csv");
    BOOST_TEST(files::read(folder / "h.csv") ==
               "epoch,loss,accuracy,val_loss,val_accuracy\n1,0.5,0.25,0.75,0.125\n2,0.25,0.5,0.5,0.25\n");
    history.write_svg(folder / "h.svg");
    const std::string svg = files::read(folder / "h.svg");
    std::size_t curves = 0;
    for (std::size_t at = svg.find("<polyline"); at != std::string::npos; at = svg.find("<polyline", at + 1)) ++curves;
    BOOST_TEST(curves == 4U);
    BOOST_TEST(svg.find("validation") != std::string::npos);
    BOOST_CHECK_THROW(history.write_csv(folder / "no" / "such" / "folder.csv"), FileError);
}

BOOST_AUTO_TEST_CASE(a_curve_whose_ticks_are_closer_than_its_numbers_can_tell_is_drawn) {
    const files::Folder folder;
    optim::History history;
    history.epochs = {{{"loss", 1e17}}, {{"loss", 1e17 + 16}}};
    history.write_svg(folder / "h.svg");
    BOOST_TEST(files::read(folder / "h.svg").ends_with("</svg>\n"));
}

BOOST_AUTO_TEST_CASE(accuracies_count_the_right_answers) {
    const Variable scores({{0.1, 0.9}, {0.8, 0.2}, {0.3, 0.7}});
    const Variable labels = Variable({1, 0, 0}, DType::int64);
    BOOST_TEST(optim::sparse_categorical_accuracy(scores, labels) == 2.0 / 3, boost::test_tools::tolerance(1e-6));
    BOOST_TEST(optim::categorical_accuracy(scores, one_hot(labels, 2)) == 2.0 / 3, boost::test_tools::tolerance(1e-6));
    BOOST_TEST(optim::binary_accuracy(Variable({0.6, 0.4}), Variable({1, 1})) == 0.5);
    BOOST_CHECK_THROW(optim::sparse_categorical_accuracy(scores, Variable({1, 0}, DType::int64)), ShapeError);
}

BOOST_AUTO_TEST_CASE(models_of_their_own_are_trained_on_several_threads) {
    const auto train = [](std::uint64_t seed) {
        Rng rng(seed);
        Net net(rng);
        optim::Adam optimizer(net.parameters(), {.learning_rate = 0.05});
        return optim::fit(net, optimizer, squared, xor_data(),
                          {.epochs = 20, .batch_size = 3, .shuffle = &rng})["loss"];
    };
    std::array<std::vector<double>, 4> losses;
    std::vector<std::thread> threads;
    for (std::size_t t = 0; t < losses.size(); ++t) threads.emplace_back([&, t] { losses[t] = train(t); });
    for (std::thread& t : threads) t.join();
    for (std::size_t t = 0; t < losses.size(); ++t) BOOST_TEST(losses[t] == train(t), boost::test_tools::per_element());
}
