#include <xgrad/nn/losses.hpp>

#include <xgrad/autograd/error.hpp>
#include <xgrad/autograd/gradcheck.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/autograd/scope.hpp>

#include <boost/test/unit_test.hpp>

#include <cmath>
#include <functional>
#include <string>
#include <vector>

using namespace xgrad;
using nn::Reduction;

namespace {

constexpr DType f64 = DType::float64;

Variable labels(std::initializer_list<int> values) {
    return Variable::from(std::vector<int>(values), {values.size()}, DType::int64);
}

std::string message(auto f) {
    try {
        f();
    } catch (const std::exception& error) {
        return error.what();
    }
    return "no error";
}

void check_near(double ours, double expected) {
    BOOST_TEST(std::abs(ours - expected) < 1e-12, ours << " is not " << expected);
}

/// Each loss that compares two arrays of one shape.
const std::vector<std::pair<std::string, std::function<Variable(const Variable&, const Variable&)>>>& elementwise() {
    static const std::vector<std::pair<std::string, std::function<Variable(const Variable&, const Variable&)>>> list{
        {"mean_squared_error", [](const Variable& p, const Variable& t) { return nn::mse(p, t); }},
        {"mean_absolute_error", [](const Variable& p, const Variable& t) { return nn::mae(p, t); }},
        {"mean_bias_error", [](const Variable& p, const Variable& t) { return nn::mbe(p, t); }},
        {"huber", [](const Variable& p, const Variable& t) { return nn::huber(p, t, {.delta = 0.3}); }},
        {"log_cosh", [](const Variable& p, const Variable& t) { return nn::log_cosh(p, t); }},
        {"hinge", [](const Variable& p, const Variable& t) { return nn::hinge(p, t); }},
        {"poisson", [](const Variable& p, const Variable& t) { return nn::poisson(p, t); }},
        {"kl_divergence", [](const Variable& p, const Variable& t) { return nn::kl_divergence(p, t); }},
        {"cosine_similarity", [](const Variable& p, const Variable& t) { return nn::cosine_similarity(p, t); }},
        {"binary_crossentropy", [](const Variable& p, const Variable& t) { return nn::binary_crossentropy(p, t); }},
        {"categorical_crossentropy",
         [](const Variable& p, const Variable& t) { return nn::categorical_crossentropy(p, t); }},
    };
    return list;
}

}  // namespace

BOOST_AUTO_TEST_CASE(regression_losses_are_what_their_formulas_say) {
    const Variable p({{1, 2}, {3, 5}}, f64), t({{1, 4}, {2, 2}}, f64);  // p - t = 0 -2 1 3
    check_near(nn::mse(p, t).item(), 14.0 / 4);
    check_near(nn::mae(p, t).item(), 6.0 / 4);
    check_near(nn::mbe(p, t).item(), 2.0 / 4);
    check_near(nn::huber(p, t).item(), (0 + 1.5 + 0.5 + 2.5) / 4);
    check_near(nn::log_cosh(p, t).item(),
               (std::log(std::cosh(2)) + std::log(std::cosh(1)) + std::log(std::cosh(3))) / 4);
    check_near(
        nn::poisson(p, t).item(),
        (11 - 4 * std::log(2 + 1e-7) - 2 * std::log(3 + 1e-7) - 2 * std::log(5 + 1e-7) - std::log(1 + 1e-7)) / 4);
    check_near(nn::cosine_similarity(p, t).item(), -(9 / std::sqrt(5.0 * 17) + 16 / std::sqrt(34.0 * 8)) / 2);
}

BOOST_AUTO_TEST_CASE(hinge_takes_labels_of_zero_and_one_for_minus_one_and_one) {
    const Variable p({{0.5, -2, 0.3}}, f64);
    check_near(nn::hinge(p, Variable({{1, -1, -1}}, f64)).item(), (0.5 + 0 + 1.3) / 3);
    check_near(nn::hinge(p, Variable({{1, 0, 0}}, f64)).item(), (0.5 + 0 + 1.3) / 3);
}

BOOST_AUTO_TEST_CASE(crossentropies_are_what_their_formulas_say) {
    const Variable p({{0.2, 0.8}, {0.5, 0.5}}, f64), t({{0, 1}, {0.25, 0.75}}, f64);
    check_near(nn::categorical_crossentropy(p, t).item(), -(std::log(0.8) + std::log(0.5)) / 2);
    check_near(nn::sparse_categorical_crossentropy(p, labels({1, 0})).item(), -(std::log(0.8) + std::log(0.5)) / 2);
    check_near(nn::binary_crossentropy(p, t).item(), -(2 * std::log(0.8) + 2 * std::log(0.5)) / 4);
    check_near(nn::kl_divergence(p, Variable({{0.5, 0.5}, {0.5, 0.5}}, f64)).item(),
               0.5 * (std::log(0.5 / 0.2) + std::log(0.5 / 0.8)) / 2);
    // probabilities that do not sum to 1 are scaled
    check_near(nn::categorical_crossentropy(3 * p, t).item(), -(std::log(0.8) + std::log(0.5)) / 2);
}

BOOST_AUTO_TEST_CASE(probabilities_and_logits_give_the_same_loss) {
    Rng rng(1);
    const Variable z = random_normal({5, 4}, rng, 0, 2, f64), y = labels({0, 3, 1, 2, 2}), t = one_hot(y, 4, f64);
    const double expected = nn::categorical_crossentropy(z, t, {.from_logits = true}).item();
    check_near(nn::categorical_crossentropy(softmax(z), t).item(), expected);
    check_near(nn::sparse_categorical_crossentropy(softmax(z), y).item(), expected);
    check_near(nn::sparse_categorical_crossentropy(z, y, {.from_logits = true}).item(), expected);
    check_near(nn::binary_crossentropy(sigmoid(z), t).item(),
               nn::binary_crossentropy(z, t, {.from_logits = true}).item());
}

BOOST_AUTO_TEST_CASE(the_logits_behind_a_recorded_softmax_or_sigmoid_are_taken) {
    const Variable z = parameter(Variable({{50, 0}}, f64));
    check_near(nn::sparse_categorical_crossentropy(softmax(z), labels({1})).item(), 50);
    check_near(nn::categorical_crossentropy(softmax(z), Variable({{0, 1}}, f64)).item(), 50);
    check_near(nn::binary_crossentropy(sigmoid(z), Variable({{0, 0}}, f64)).item(), (50 + std::log(2)) / 2);
    // a softmax that nobody recorded has only its probabilities, clipped
    check_near(nn::sparse_categorical_crossentropy(softmax(z.detach()), labels({1})).item(), -std::log(1e-7));
    // one over another axis is no distribution over the last
    const Variable columns = nn::categorical_crossentropy(softmax(z, 0), Variable({{0, 1}}, f64));
    check_near(columns.item(), std::log(2));
}

BOOST_AUTO_TEST_CASE(extreme_logits_stay_finite_with_the_right_gradient) {
    for (const double big : {100.0, 1e4, 1e30}) {
        const Variable z = parameter(Variable({{big, -big, 0}, {-big, big, 0}}));
        const Variable sparse = nn::sparse_categorical_crossentropy(z, labels({0, 0}), {.from_logits = true});
        BOOST_TEST(std::abs(sparse.item() - big) < 1e-6 * big);
        sparse.backward();
        const std::vector<double> expected{0, 0, 0, -0.5, 0.5, 0};
        BOOST_TEST(z.grad().to_vector() == expected, boost::test_tools::tolerance(1e-6)
                                                         << boost::test_tools::per_element());
        Variable(z).zero_grad();
        const Variable binary = nn::binary_crossentropy(z, Variable({{1, 0, 1}, {1, 0, 0}}), {.from_logits = true});
        BOOST_TEST(std::abs(binary.item() - (2 * big + 2 * std::log(2)) / 6) < 1e-6 * big);
        binary.backward();
        const std::vector<double> slopes{0, 0, -0.5 / 6, -1.0 / 6, 1.0 / 6, 0.5 / 6};
        for (std::size_t i = 0; i < 6; ++i) BOOST_TEST(std::abs(z.grad().to_vector()[i] - slopes[i]) < 1e-6);
    }
    const Variable excluded =
        nn::categorical_crossentropy(Variable({{0, -INFINITY}}, f64), Variable({{1, 0}}, f64), {.from_logits = true});
    check_near(excluded.item(), 0);
}

BOOST_AUTO_TEST_CASE(a_confident_right_answer_keeps_its_small_loss_in_float32) {
    const Variable z({{20.0, -20.0}}), t({{1, 0}});
    const double expected = std::log1p(std::exp(-20.0));
    BOOST_TEST(nn::binary_crossentropy(z, t, {.from_logits = true}).item() == expected,
               boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(losses_have_the_right_gradients) {
    Rng rng(3);
    const Variable p = random_uniform({3, 4}, rng, 0.1, 0.9), t = random_uniform({3, 4}, rng, 0.1, 0.9);
    for (const auto& [name, loss] : elementwise()) {
        const auto against_t = [&loss = loss, &t](const Variable& x) { return loss(x, t.to(x.dtype())); };
        BOOST_TEST(gradcheck(against_t, {p}), name);
    }
    const Variable y = labels({0, 3, 1});
    BOOST_TEST(gradcheck([&](const Variable& x) { return nn::sparse_categorical_crossentropy(x, y); }, {p}));
    BOOST_TEST(gradcheck(
        [&](const Variable& x) { return nn::sparse_categorical_crossentropy(x, y, {.from_logits = true}); }, {p}));
    BOOST_TEST(gradcheck(
        [&](const Variable& x) {
            return nn::binary_crossentropy(x, t.to(x.dtype()), {.from_logits = true, .label_smoothing = 0.2});
        },
        {p}));
    BOOST_TEST(gradcheck([&](const Variable& x) { return pick(x, y); }, {p}));
}

BOOST_AUTO_TEST_CASE(label_smoothing_spreads_a_part_over_the_classes) {
    const Variable z({{1, 2, 4}, {0, -1, 0.5}}, f64), y = labels({2, 0});
    const Variable smooth({{0.1, 0.1, 0.8}, {0.8, 0.1, 0.1}}, f64);
    const nn::CrossentropyOptions options{.from_logits = true, .label_smoothing = 0.3};
    const double expected = nn::categorical_crossentropy(z, smooth, {.from_logits = true}).item();
    check_near(nn::sparse_categorical_crossentropy(z, y, options).item(), expected);
    check_near(nn::categorical_crossentropy(z, one_hot(y, 3, f64), options).item(), expected);
    const Variable t({{1, 0, 1}, {0, 0, 1}}, f64);
    check_near(nn::binary_crossentropy(z, t, options).item(),
               nn::binary_crossentropy(z, 0.7 * t + 0.15, {.from_logits = true}).item());
    BOOST_CHECK_THROW(nn::categorical_crossentropy(z, t, {.label_smoothing = 1.5}), ValueError);
}

BOOST_AUTO_TEST_CASE(reductions_and_weights_go_over_the_samples) {
    const Variable p({{1, 3}, {0, 2}}, f64), t = zeros({2, 2}, f64), weight({2, 10}, f64);
    const auto loss = [&](Reduction reduction, const Variable& w = {}) {
        return nn::mse(p, t, {.reduction = reduction, .sample_weight = w}).to_vector();
    };
    const std::vector<double> samples{5, 2}, weighed{10, 20}, total{7}, mean_weighed{15};
    BOOST_TEST(loss(Reduction::none) == samples, boost::test_tools::per_element());
    BOOST_TEST(loss(Reduction::none, weight) == weighed, boost::test_tools::per_element());
    BOOST_TEST(loss(Reduction::sum) == total, boost::test_tools::per_element());
    BOOST_TEST(loss(Reduction::mean, weight) == mean_weighed, boost::test_tools::per_element());
    const Variable z({{1, 2}, {3, 1}}, f64);
    const Variable each =
        nn::sparse_categorical_crossentropy(z, labels({0, 0}), {.from_logits = true, .reduction = Reduction::none});
    BOOST_TEST((each.shape() == Shape{2}));
    BOOST_CHECK_THROW(loss(Reduction::mean, Variable({1, 2, 3}, f64)), ShapeError);
}

BOOST_AUTO_TEST_CASE(integer_targets_are_taken_as_numbers) {
    const Variable p({0.5, 0.25});
    BOOST_TEST(nn::binary_crossentropy(p, labels({1, 0})).item() ==
               nn::binary_crossentropy(p, Variable({1, 0})).item());
}

BOOST_AUTO_TEST_CASE(shapes_that_would_broadcast_are_errors) {
    for (const auto& [name, loss] : elementwise()) {
        const std::string text = message([&loss = loss] { loss(full({4, 1}, 0.5), full({4}, 0.5)); });
        BOOST_TEST(text.find(name + ": the shapes of prediction (4, 1) and target (4,) differ; reshape one of them, or "
                                    "they would broadcast to (4, 4)  at nn/losses_test.cpp") == 0,
                   text);
        BOOST_CHECK_THROW(loss(full({4, 3}, 0.5), full({4, 2}, 0.5)), ShapeError);
        BOOST_CHECK_THROW(loss(zeros({0, 3}), zeros({0, 3})), ShapeError);
    }
}

BOOST_AUTO_TEST_CASE(wrong_labels_are_named) {
    const Variable z = zeros({2, 3});
    const auto loss = [&](const Variable& y) { return message([&] { nn::sparse_categorical_crossentropy(z, y); }); };
    BOOST_TEST(loss(labels({0, 3})).find("label 3 is outside [0, 3)") != std::string::npos, loss(labels({0, 3})));
    BOOST_TEST(loss(labels({-1, 0})).find("label -1 is outside [0, 3)") != std::string::npos);
    BOOST_TEST(loss(labels({0, 3})).find("sparse_categorical_crossentropy") != std::string::npos);
    BOOST_TEST(loss(labels({0, 3})).find("nn/losses_test.cpp") != std::string::npos);
    BOOST_TEST(loss(zeros({2})).find("the labels are float32, not int64") != std::string::npos, loss(zeros({2})));
    BOOST_TEST(loss(zeros({2, 3})).find("for one-hot targets use categorical_crossentropy") != std::string::npos);
    BOOST_TEST(loss(labels({0, 1, 2})).find("needs one label for each row: rows (2, 3), labels (3,)") !=
               std::string::npos);
    BOOST_CHECK_THROW(nn::sparse_categorical_crossentropy(zeros({0, 3}), labels({})), ShapeError);
}

BOOST_AUTO_TEST_CASE(what_a_loss_records_belongs_to_a_scope_of_its_name) {
    const Variable p = parameter(Variable({1, 2}));
    const Variable loss = nn::mse(p, Variable({0, 0}));
    BOOST_TEST(scope_path(loss.node().scope) == "mean_squared_error");
    BOOST_TEST(loss.node().location.line == static_cast<unsigned>(__LINE__ - 2));
}
