#include <xgrad/nn/summary.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/nn/dense.hpp>
#include <xgrad/nn/dropout.hpp>
#include <xgrad/nn/flatten.hpp>
#include <xgrad/nn/sequential.hpp>

#include <boost/test/unit_test.hpp>

#include <string>

using namespace xgrad;

BOOST_AUTO_TEST_CASE(the_summary_of_the_fashion_net_is_what_keras_prints) {
    Rng rng(1);
    nn::Sequential model{nn::Dense(784, 256, rng, {.activation = "relu"}),
                         nn::Dense(256, 128, rng, {.activation = "relu"}),
                         nn::Dense(128, 10, rng, {.activation = "softmax"})};
    model.set_name("sequential");
    const std::string expected =
        "Model: \"sequential\"\n"
        "_________________________________________________________________\n"
        "Layer (type)                 Output Shape              Param #   \n"
        "=================================================================\n"
        "dense (Dense)                (None, 256)               200960    \n"
        "_________________________________________________________________\n"
        "dense_1 (Dense)              (None, 128)               32896     \n"
        "_________________________________________________________________\n"
        "dense_2 (Dense)              (None, 10)                1290      \n"
        "=================================================================\n"
        "Total params: 235,146\n"
        "Trainable params: 235,146\n"
        "Non-trainable params: 0\n"
        "_________________________________________________________________\n";
    BOOST_TEST(nn::summary(model, {784}) == expected);
}

namespace {

struct Residual : nn::Module {
    nn::Dense first, second;
    Variable steps = Variable({0, 0, 0});
    explicit Residual(Rng& rng) : first(4, 1000, rng), second(1000, 4, rng) {}
    Variable operator()(const Variable& x) { return x + second(first(x)); }
    void members(nn::Members& m) override { m("first", first)("second", second).buffer("steps", steps); }
};

}  // namespace

BOOST_AUTO_TEST_CASE(the_summary_of_a_model_of_ones_own_shows_its_members_and_what_is_frozen) {
    Rng rng(1);
    Residual model(rng);
    model.second.set_trainable(false);
    model.to(DType::float64);
    const std::string text = nn::summary(model, {7, 4});
    for (const char* part : {"first (Dense)                (None, 7, 1000)           5000      \n",
                             "second (Dense)               (None, 7, 4)              4004      \n",
                             "Total params: 9,007\nTrainable params: 5,000\nNon-trainable params: 4,007\n"})
        BOOST_TEST(text.find(part) != std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(a_summary_leaves_the_model_as_it_was) {
    Rng rng(1);
    nn::Sequential model{nn::Flatten(), nn::Dropout(0.5, rng)};
    const std::string text = nn::summary(model, {2, 3});
    BOOST_TEST(text.find("dropout (Dropout)            (None, 6)                 0         \n") != std::string::npos,
               text);
    BOOST_TEST((model.training() && model[1].training() && is_recording()));
    nn::Dense alone(3, 2, rng);
    BOOST_TEST(nn::summary(alone, {3}).find(" (Dense)") != std::string::npos);
    BOOST_CHECK_THROW(nn::summary(alone, {4}), ShapeError);
}
