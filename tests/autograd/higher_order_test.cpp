#include <autograd/engine.hpp>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/tape.hpp>

#include <cmath>

using namespace xgrad;
using namespace engine;

namespace {

const auto nearly = boost::test_tools::tolerance(1e-10);

/// The n-th derivative of a function of one number.
template <class F>
Variable derivative(F f, const Variable& x, int order) {
    Variable y = f(x);
    for (int i = 0; i < order; ++i) y = grad(y, x, {.create_graph = true});
    return y;
}

}  // namespace

BOOST_AUTO_TEST_CASE(derivatives_of_a_power_to_the_fifth_order) {
    const auto f = [](const Variable& x) { return x * x * x * x * x; };
    const Variable x = leaf(2);
    const numbers expected{32, 80, 160, 240, 240, 120};
    for (int order = 0; order <= 5; ++order)
        BOOST_TEST(derivative(f, x, order).item() == expected[static_cast<std::size_t>(order)]);
}

BOOST_AUTO_TEST_CASE(third_derivatives_are_right) {
    const double v = 0.7;
    const Variable x = leaf(v);
    const double t = std::tanh(v), s = 1 - t * t, sigma = 1 / (1 + std::exp(-v));
    BOOST_TEST(derivative([](const Variable& u) { return sin(u); }, x, 3).item() == -std::cos(v), nearly);
    BOOST_TEST(derivative([](const Variable& u) { return exp(2 * u); }, x, 3).item() == 8 * std::exp(2 * v), nearly);
    BOOST_TEST(derivative([](const Variable& u) { return 1 / u; }, x, 3).item() == -6 / std::pow(v, 4), nearly);
    BOOST_TEST(derivative([](const Variable& u) { return log(u); }, x, 3).item() == 2 / std::pow(v, 3), nearly);
    BOOST_TEST(derivative([](const Variable& u) { return tanh(u); }, x, 3).item() == -2 * s * (1 - 3 * t * t), nearly);
    BOOST_TEST(derivative([](const Variable& u) { return sigmoid(u); }, x, 3).item() ==
                   sigma * (1 - sigma) * (1 - 6 * sigma + 6 * sigma * sigma),
               nearly);
    BOOST_TEST(derivative([](const Variable& u) { return pow(u, 2.5); }, x, 3).item() == 2.5 * 1.5 * 0.5 / std::sqrt(v),
               nearly);
}

BOOST_AUTO_TEST_CASE(mixed_second_derivatives_agree_in_either_order) {
    const Variable x = leaf(0.4), y = leaf(1.3);
    const Variable f = sin(x * y) * exp(x);
    const Variable dx = grad(f, x, {.create_graph = true}), dy = grad(f, y, {.create_graph = true});
    const double xy = grad(dx, y, {.retain_graph = true}).item(), yx = grad(dy, x).item();
    BOOST_TEST(xy == yx, nearly);
    const double expected = std::exp(0.4) * ((1 + 0.4) * std::cos(0.52) - 0.52 * std::sin(0.52));
    BOOST_TEST(xy == expected, nearly);
}

BOOST_AUTO_TEST_CASE(a_hessian_row_of_a_matrix_product) {
    // f = |a b|^2, df/da = 2 a b b^T; the second derivative in the direction of ones is 2 1 b b^T.
    const Variable a = uneven_leaf({2, 3}), b = uneven_leaf({3, 2});
    const Variable da = grad(sum(square(matmul(a, b))), a, {.create_graph = true});
    const Variable row = grad(sum(da), a);
    const Variable expected = 2 * matmul(ones({2, 3}, DType::float64), matmul(b, transpose(b)));
    for (std::size_t i = 0; i < 6; ++i) BOOST_TEST(row.to_vector()[i] == expected.to_vector()[i], nearly);
}

BOOST_AUTO_TEST_CASE(second_order_through_broadcasting_softmax_and_reductions) {
    // Against differences of first gradients.
    const auto f = [](const Variable& x) {
        return sum(square(softmax(x * Variable({1, 2, 3}, DType::float64), -1)) * logsumexp(x, 1, {.keepdims = true}));
    };
    const Variable x = uneven_leaf({2, 3});
    const Variable direction = Variable({{1, -2, 0.5}, {0.3, 1, -1}}, DType::float64);
    const Variable product = grad(sum(grad(f(x), x, {.create_graph = true}) * direction), x);
    const double h = 1e-5;
    const auto gradient_at = [&](double step) {
        const Variable moved = parameter((x + step * direction).detach());
        return grad(f(moved), moved).to_vector();
    };
    const auto above = gradient_at(h), below = gradient_at(-h);
    for (std::size_t i = 0; i < 6; ++i)
        BOOST_TEST(product.to_vector()[i] == (above[i] - below[i]) / (2 * h), boost::test_tools::tolerance(1e-6));
}

BOOST_AUTO_TEST_CASE(a_gradient_that_does_not_depend_on_the_input_has_no_second_order) {
    const Variable x = leaf({1, 2}, {2});
    const Variable slope = grad(sum(3 * x), x, {.create_graph = true});
    BOOST_TEST(slope.to_vector() == numbers({3, 3}), per_element());
    BOOST_TEST(!grad(sum(slope * x), x, {.allow_unused = true}).requires_grad());
}

BOOST_AUTO_TEST_CASE(backward_with_create_graph_gives_gradients_to_differentiate) {
    Variable x = leaf(3);
    (x * x * x).backward({.create_graph = true});
    Variable slope = x.grad();
    x.zero_grad();
    BOOST_TEST(slope.item() == 27);
    slope.backward();
    BOOST_TEST(x.grad().item() == 18);
}

BOOST_AUTO_TEST_CASE(a_gradient_penalty_trains) {
    // WGAN-GP's penalty (Gulrajani et al. 2017): the slope of a small critic is driven towards 1 everywhere.
    Rng rng(5);
    Variable w1 = parameter(random_normal({2, 16}, rng)), w2 = parameter(random_normal({16, 1}, rng));
    const Variable points = random_normal({32, 2}, rng);
    double first = 0, last = 0;
    for (int i = 0; i < 100; ++i) {
        const Variable x = parameter(points.detach());
        const Variable critic = matmul(tanh(matmul(x, w1)), w2);
        const Variable slope = grad(sum(critic), x, {.create_graph = true});
        const Variable length = sqrt(sum(square(slope), 1) + 1e-8);
        const Variable penalty = mean(square(length - 1));
        const std::vector<Variable> gradients = grad({penalty}, {w1, w2});
        const NoGrad off;
        w1.assign(w1 - 0.05 * gradients[0]);
        w2.assign(w2 - 0.05 * gradients[1]);
        last = penalty.item();
        if (i == 0) first = last;
    }
    BOOST_TEST(last < first / 4);
}

BOOST_AUTO_TEST_CASE(a_step_of_training_can_be_differentiated) {
    // w' = w - r df/dw with f = (w x)^2; d w'/dr = -2 w x^2, d w'/dw = 1 - 2 r x^2.
    const Variable w = leaf(1.5), rate = leaf(0.1);
    const double x = 2;
    const Variable step = w - rate * grad(square(w * x), w, {.create_graph = true});
    const std::vector<Variable> gradients = grad({step}, {rate, w});
    BOOST_TEST(gradients[0].item() == -2 * 1.5 * x * x, nearly);
    BOOST_TEST(gradients[1].item() == 1 - 2 * 0.1 * x * x, nearly);
}

BOOST_AUTO_TEST_CASE(what_a_gradient_records_carries_the_users_line) {
    const Variable x = uneven_leaf({2, 3}), b = uneven_leaf({3});
    const unsigned line = __LINE__ + 1;
    const Variable y = sum(exp(x + b) * b);
    const Variable slope = grad(y, b, {.create_graph = true});
    const Tape tape(slope);
    BOOST_TEST(tape.size() > 3U);
    for (std::size_t i = 0; i < tape.size(); ++i)
        BOOST_TEST(to_string(tape[i].location) == at_line(line), tape[i].operator_name() << " of the gradient");
}

BOOST_AUTO_TEST_CASE(the_power_of_0_is_constant_to_any_order) {
    const Variable x = parameter(Variable({0, 2, -1}, DType::float64));
    BOOST_TEST(grad(sum(power(x, 0)), x).to_vector() == numbers(3, 0), per_element());
    const Variable slope = grad(sum(power(x, 0) * x), x, {.create_graph = true});
    BOOST_TEST(slope.to_vector() == numbers(3, 1), per_element());
    BOOST_TEST(grad(sum(slope * slope), x).to_vector() == numbers(3, 0), per_element());
}
