#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/gradcheck.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/nn/dense.hpp>
#include <xgrad/nn/dropout.hpp>
#include <xgrad/nn/flatten.hpp>
#include <xgrad/nn/sequential.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <string>
#include <vector>

using namespace xgrad;

namespace {

std::string message(auto f) {
    try {
        f();
    } catch (const std::exception& error) {
        return error.what();
    }
    return "no error";
}

/// A model that is no Layer.
struct Doubler : nn::Module {
    nn::Dense inner;
    bool saw_training = false;
    explicit Doubler(Rng& rng) : inner(2, 2, rng) {}
    Variable operator()(const Variable& x) {
        saw_training = training();
        return 2 * inner(x);
    }
    void members(nn::Members& m) override { m("inner", inner); }
};

}  // namespace

BOOST_AUTO_TEST_CASE(dense_multiplies_by_the_kernel_and_adds_the_bias) {
    Rng rng(1);
    nn::Dense layer(3, 2, rng, {.activation = "relu", .bias_initializer = nn::initializers::constant(0.5)});
    Variable kernel = layer.kernel();
    kernel.assign(Variable({{1, -1}, {2, 0}, {0, 1}}));
    const Variable y = layer(Variable({{1, 2, 3}, {-1, -2, 0}}));
    const std::vector<double> expected{5.5, 2.5, 0, 1.5};
    BOOST_TEST(y.to_vector() == expected, boost::test_tools::per_element());
    BOOST_TEST((layer(zeros({4, 5, 3})).shape() == Shape{4, 5, 2}));
    BOOST_TEST((layer(zeros({3})).shape() == Shape{2}));
}

BOOST_AUTO_TEST_CASE(dense_without_bias_has_one_parameter) {
    Rng rng(1);
    const nn::Dense layer(3, 2, rng, {.use_bias = false, .dtype = DType::float64});
    BOOST_TEST(layer.parameters().size() == 1U);
    BOOST_TEST(!layer.bias());
    BOOST_TEST((layer.kernel().dtype() == DType::float64));
}

BOOST_AUTO_TEST_CASE(dense_has_the_right_gradients) {
    Rng rng(1);
    nn::Dense layer(3, 2, rng, {.activation = "tanh"});
    BOOST_TEST(gradcheck([&](const Variable& x) { return layer(x); }, {random_normal({4, 3}, rng)}));
}

BOOST_AUTO_TEST_CASE(errors_of_layers_say_which_layer_and_which_line) {
    Rng rng(1);
    nn::Sequential model{nn::Dense(784, 4, rng)};
    const std::string shapes = message([&] { model(zeros({2, 28, 28})); });
    BOOST_TEST(shapes.find(".dense: inner sizes differ") != std::string::npos, shapes);
    BOOST_TEST(shapes.find("flatten") != std::string::npos, shapes);
    BOOST_TEST(shapes.find("nn/layers_test.cpp:" + std::to_string(__LINE__ - 3)) != std::string::npos, shapes);
    const std::string name = message([&] { nn::Dense(1, 1, rng, {.activation = "rleu"}); });
    BOOST_TEST(name.find("unknown name \"rleu\"; known are celu, elu,") != std::string::npos, name);
    BOOST_TEST(name.find("nn/layers_test.cpp:" + std::to_string(__LINE__ - 2)) != std::string::npos, name);
    BOOST_CHECK_THROW(nn::Dense(0, 1, rng), ValueError);
    BOOST_CHECK_THROW(nn::Flatten()(Variable(1.0)), ShapeError);
}

BOOST_AUTO_TEST_CASE(an_activation_is_a_name_or_a_function) {
    const Variable x({-2, 0, 1});
    const auto apply_to_x = [&](const nn::ActivationFunction& f) { return f(x).to_vector(); };
    BOOST_TEST(apply_to_x("linear") == x.to_vector(), boost::test_tools::per_element());
    BOOST_TEST(apply_to_x("sigmoid") == sigmoid(x).to_vector(), boost::test_tools::per_element());
    BOOST_TEST(apply_to_x("softmax") == softmax(x).to_vector(), boost::test_tools::per_element());
    BOOST_TEST(apply_to_x("swish") == silu(x).to_vector(), boost::test_tools::per_element());
    BOOST_TEST(apply_to_x("leaky_relu") == leaky_relu(x, 0.2).to_vector(), boost::test_tools::per_element());
    const auto negate = [](const Variable& v) { return -v; };
    BOOST_TEST(apply_to_x(negate) == (-x).to_vector(), boost::test_tools::per_element());
    nn::Activation layer(negate);
    BOOST_TEST(layer(x).to_vector() == (-x).to_vector(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(flatten_keeps_the_batch) {
    nn::Flatten flatten;
    BOOST_TEST((flatten(zeros({2, 3, 4, 5})).shape() == Shape{2, 60}));
    BOOST_TEST((flatten(zeros({2})).shape() == Shape{2, 1}));
    BOOST_TEST((flatten(zeros({0, 3, 4})).shape() == Shape{0, 12}));
}

BOOST_AUTO_TEST_CASE(dropout_drops_the_rate_and_scales_the_rest) {
    Rng rng(1);
    nn::Dropout dropout(0.2, rng);
    const std::vector<double> y = dropout(ones({100, 100})).to_vector();
    std::size_t dropped = 0;
    for (const double v : y) {
        BOOST_REQUIRE((v == 0 || std::abs(v - 1.25) < 1e-6));
        dropped += v == 0 ? 1 : 0;
    }
    BOOST_TEST(std::abs(static_cast<double>(dropped) - 2000) < 200);  // five standard deviations
    BOOST_TEST(dropout(ones({100, 100})).to_vector() != y);
}

BOOST_AUTO_TEST_CASE(dropout_passes_everything_in_evaluation_and_gradients_where_it_kept) {
    Rng rng(1);
    nn::Dropout dropout(0.5, rng);
    const Variable x = parameter(ones({50}));
    const Variable y = dropout(x);
    sum(y).backward();
    BOOST_TEST(x.grad().to_vector() == y.to_vector(), boost::test_tools::per_element());
    dropout.eval();
    BOOST_TEST(dropout(x).is_same(x));
    BOOST_CHECK_THROW(nn::Dropout(1, rng), ValueError);
    BOOST_CHECK_THROW(nn::Dropout(-0.1, rng), ValueError);
}

BOOST_AUTO_TEST_CASE(a_dropped_infinity_is_zero) {
    Rng rng(1);
    nn::Dropout dropout(0.5, rng);
    for (const double v : dropout(full({64}, INFINITY)).to_vector()) BOOST_TEST((v == 0 || v == INFINITY));
}

BOOST_AUTO_TEST_CASE(sequential_runs_and_names_its_layers_in_order) {
    Rng rng(1);
    nn::Sequential model{nn::Dense(4, 3, rng, {.activation = "relu"}), nn::Dropout(0.1, rng), nn::Dense(3, 2, rng),
                         [](const Variable& x) { return 10 * x; }};
    nn::Dense last(2, 1, rng);
    last.set_name("logits");
    model.add(std::move(last)).add(nn::Dense(1, 1, rng));
    std::vector<std::string> names;
    for (const nn::Layer& layer : model) names.push_back(layer.name());
    const std::vector<std::string> expected{"dense", "dropout", "dense_1", "lambda", "logits", "dense_2"};
    BOOST_TEST(names == expected, boost::test_tools::per_element());
    BOOST_TEST(model.size() == 6U);
    BOOST_TEST(model.named_parameters()[2].first == "dense_1.kernel");
    BOOST_TEST((model(zeros({7, 4})).shape() == Shape{7, 1}));
    BOOST_TEST(model[4].name() == "logits");
    BOOST_CHECK_THROW(model[6], IndexError);
    nn::Dense same(1, 1, rng);
    same.set_name("logits");
    BOOST_CHECK_THROW(model.add(std::move(same)), ValueError);
    BOOST_TEST(model.size() == 6U);
}

BOOST_AUTO_TEST_CASE(sequential_takes_models_that_are_no_layers) {
    Rng rng(1);
    nn::Sequential model{Doubler(rng), nn::Sequential{nn::Dense(2, 3, rng), nn::Activation("tanh")}};
    BOOST_TEST(model[0].type_name() == "Doubler");
    std::vector<std::string> paths;
    for (const auto& [path, v] : model.named_parameters()) paths.push_back(path);
    const std::vector<std::string> expected{"doubler.inner.kernel", "doubler.inner.bias", "sequential.dense.kernel",
                                            "sequential.dense.bias"};
    BOOST_TEST(paths == expected, boost::test_tools::per_element());
    model.eval();
    for (const auto& [path, module] : model.named_modules()) BOOST_TEST(!module->training(), path);
    BOOST_TEST((model(zeros({5, 2})).shape() == Shape{5, 3}));
}

BOOST_AUTO_TEST_CASE(a_moved_sequential_computes_the_same) {
    Rng rng(1);
    nn::Sequential model{nn::Dense(2, 3, rng), nn::Dense(3, 1, rng)};
    const Variable x = random_normal({4, 2}, rng), y = model(x);
    nn::Sequential moved = std::move(model);
    BOOST_TEST(moved(x).to_vector() == y.to_vector(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_clone_is_equal_and_independent) {
    Rng rng(1);
    nn::Sequential model{nn::Flatten(), nn::Dense(4, 3, rng, {.activation = "tanh"}), nn::Dropout(0.5, rng),
                         nn::Activation("relu"), [](const Variable& x) { return 2 * x; }};
    model[1].set_trainable(false);
    model.eval();
    const std::unique_ptr<nn::Layer> copy = model.clone();
    const Variable x = random_normal({5, 2, 2}, rng);
    BOOST_TEST((*copy)(x).to_vector() == model(x).to_vector(), boost::test_tools::per_element());
    BOOST_TEST((!copy->training() && !copy->parameters()[0].requires_grad()));
    BOOST_TEST(copy->named_parameters()[0].first == "dense.kernel");
    model.parameters()[0].assign(zeros({4, 3}));
    BOOST_TEST(copy->parameters()[0].to_vector() != model.parameters()[0].to_vector());

    struct NoClone : nn::Layer {
        Variable forward(const Variable& v) override { return v; }
    };
    BOOST_CHECK_THROW(static_cast<void>(NoClone().clone()), ValueError);
}
