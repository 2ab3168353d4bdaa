#include <xgrad/autograd/map.hpp>

#include <autograd/engine.hpp>
#include <xgrad/autograd/gradcheck.hpp>
#include <xgrad/autograd/tape.hpp>

#include <algorithm>
#include <cmath>
#include <limits>
#include <tuple>

using namespace xgrad;
using namespace engine;

namespace {

/// Gradients of sum(weights * y), all at once; recorded when another order is to follow.
std::vector<Variable> gradients_of(const Variable& y, const std::vector<Variable>& inputs, bool recorded = false) {
    numbers weights(y.size());
    for (std::size_t i = 0; i < weights.size(); ++i) weights[i] = 1 + 0.25 * static_cast<double>(i % 5);
    const Variable seed = Variable::from(weights, y.shape(), y.dtype());
    return grad({y}, inputs, {.create_graph = recorded, .gradients = {seed}});
}

/// A fused lambda and the same formula in ordinary operators agree in value and gradients, fused and recorded.
template <class Fused, class Plain>
void check_same(Fused fused, Plain plain, const std::vector<Variable>& inputs, double tolerance = 1e-12) {
    BOOST_TEST(all_close(fused(inputs).to_vector(), plain(inputs).to_vector(), tolerance));
    const std::vector<Variable> expected = gradients_of(plain(inputs), inputs);
    for (const bool recorded : {false, true}) {
        const std::vector<Variable> found = gradients_of(fused(inputs), inputs, recorded);
        for (std::size_t k = 0; k < inputs.size(); ++k)
            BOOST_TEST(all_close(found[k].to_vector(), expected[k].to_vector(), tolerance),
                       "input " << k << (recorded ? ", recorded" : ", fused"));
    }
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_lambda_of_one_to_five_inputs_agrees_with_operators) {
    const Variable a = uneven_leaf({3, 4}), b = uneven_leaf({3, 4}), c = uneven_leaf({3, 4}), d = uneven_leaf({3, 4}),
                   e = uneven_leaf({3, 4});
    using Inputs = const std::vector<Variable>&;
    check_same([](Inputs in) { return map([](auto x) { return x / (1 + exp(-x)); }, in[0]); },
               [](Inputs in) { return in[0] / (1 + exp(-in[0])); }, {a});
    check_same([](Inputs in) { return map([](auto x, auto y) { return tanh(x) * y - 2 * y; }, in[0], in[1]); },
               [](Inputs in) { return tanh(in[0]) * in[1] - 2 * in[1]; }, {a, b});
    check_same(
        [](Inputs in) { return map([](auto x, auto w, auto t) { return sigmoid(x * w + t); }, in[0], in[1], in[2]); },
        [](Inputs in) { return sigmoid(in[0] * in[1] + in[2]); }, {a, b, c});
    check_same(
        [](Inputs in) {
            return map([](auto x, auto y, auto z, auto w) { return x * y / z + sqrt(w); }, in[0], in[1], in[2], in[3]);
        },
        [](Inputs in) { return in[0] * in[1] / in[2] + sqrt(in[3]); }, {a, b, c, d});
    check_same(
        [](Inputs in) {
            return map([](auto x, auto y, auto z, auto w, auto v) { return x * sin(y) + z * log(w) - v; }, in[0], in[1],
                       in[2], in[3], in[4]);
        },
        [](Inputs in) { return in[0] * sin(in[1]) + in[2] * log(in[3]) - in[4]; }, {a, b, c, d, e});
}

BOOST_AUTO_TEST_CASE(a_lambda_may_call_functions_of_two_operands) {
    const Variable a = uneven_leaf({3, 5});
    const Variable b =
        leaf({1.1, 0.37, 2.3, 0.52, 1.9, 0.83, 1.37, 0.45, 2.9, 1.01, 0.66, 3.1, 0.71, 1.63, 2.2}, {3, 5});
    using Inputs = const std::vector<Variable>&;
    const auto check = [&](auto f) {
        check_same([f](Inputs in) { return map(f, in[0], in[1]); }, [f](Inputs in) { return f(in[0], in[1]); }, {a, b});
    };
    check([](auto x, auto y) { return hypot(x, y) + hypot(x, 2) * hypot(0.5, y); });
    check([](auto x, auto y) { return atan2(x - 1, y) + atan2(x, 2) * atan2(1, y); });
    check([](auto x, auto y) { return remainder(x, y) + remainder(x, 0.7) * remainder(3, y); });
    check([](auto x, auto y) { return fmod(x, y) + fmod(x, 0.7) * fmod(3, y); });
    check([](auto x, auto y) { return x * copysign(y, x - 1) + copysign(2, y) * copysign(x, -1); });
    check([](auto x, auto y) { return heaviside(x - 1, y) * x * y + heaviside(0 * x, y) * x; });
    check([](auto x, auto y) { return fmax(x, y) * x + fmin(x, 1) * fmin(1, y); });
    check([](auto x, auto y) { return logaddexp(x, y) + logaddexp(x, 1) * logaddexp(2, y); });
    check([](auto x, auto y) { return logaddexp2(x, y) + logaddexp2(x, 1) * logaddexp2(2, y); });
    check([](auto x, auto y) { return xlogy(x, y) + xlogy(x, 3) * xlogy(2, y); });
    check([](auto x, auto y) { return xlog1py(x, y) + xlog1py(x, 3) * xlog1py(2, y); });
    check([](auto x, auto y) { return prelu(x - 1, y) + prelu(y - 1, 0.1) * prelu(-1, x); });
    check([](auto x, auto y) { return lerp(x, y, x * y) + lerp(y, x, 0.3); });
}

BOOST_AUTO_TEST_CASE(a_lambda_may_call_every_activation) {
    const Variable a = leaf({-7.3, -3.4, -1.7, -0.8, -0.2, 0.1, 0.4, 0.9, 1.6, 2.7, 3.3, 6.4}, {12});
    using Inputs = const std::vector<Variable>&;
    const auto check = [&](auto f) {
        check_same([f](Inputs in) { return map(f, in[0]); }, [f](Inputs in) { return f(in[0]); }, {a});
    };
    check([](auto x) { return relu(x) + relu6(x) * leaky_relu(x) + leaky_relu(x, 0.3); });
    check([](auto x) { return elu(x) * elu(x, 0.5) + selu(x) + celu(x) * celu(x, 2); });
    check([](auto x) { return sigmoid(x) * log_sigmoid(x) + softplus(x) * softsign(x); });
    check([](auto x) { return silu(x) + mish(x) * gelu(x) - gelu(x, true); });
    check([](auto x) { return hard_sigmoid(x) + hard_sigmoid_keras2(x) * hard_swish(x) + hard_tanh(x); });
    check([](auto x) { return hard_shrink(x) + hard_shrink(x, 1) * soft_shrink(x) + soft_shrink(x, 1); });
    check([](auto x) { return tanh_shrink(x) + threshold(x, 0.5, -2); });
}

BOOST_AUTO_TEST_CASE(a_map_is_one_node) {
    const Variable x = uneven_leaf({3});
    const Variable y = map([](auto v) { return tanh(v * 2 + 1) * exp(v); }, x);
    BOOST_TEST(Tape(y).size() == 1U);
    BOOST_TEST(y.node().operator_name() == "map");
}

BOOST_AUTO_TEST_CASE(a_map_broadcasts_its_inputs) {
    using Inputs = const std::vector<Variable>&;
    const auto fused = [](Inputs in) {
        return map([](auto x, auto y, auto z) { return x * y + exp(z) * x; }, in[0], in[1], in[2]);
    };
    const auto plain = [](Inputs in) { return in[0] * in[1] + exp(in[2]) * in[0]; };
    for (const auto& [a, b, c] : std::vector<std::array<Shape, 3>>{
             {Shape{}, Shape{}, Shape{}},
             {Shape{5}, Shape{}, Shape{5}},
             {Shape{}, Shape{4, 3}, Shape{3}},
             {Shape{7, 1}, Shape{1, 9}, Shape{}},
             {Shape{2, 1, 3}, Shape{4, 1}, Shape{2, 4, 3}},
             {Shape{1, 1}, Shape{1}, Shape{3, 1, 2}},
             {Shape{17, 33}, Shape{33}, Shape{17, 1}},
         }) {
        BOOST_TEST_CONTEXT(to_string(a) << to_string(b) << to_string(c))
        check_same(fused, plain, {uneven_leaf(a), uneven_leaf(b), uneven_leaf(c)}, 1e-10);
    }
}

BOOST_AUTO_TEST_CASE(every_length_is_computed_to_its_last_element_and_no_further) {
    const auto f = [](auto x, auto y) { return x * y + 1; };
    for (const DType dtype : {DType::float32, DType::float64})
        for (std::size_t n = 1; n <= 70; ++n) {
            const Variable a = parameter(arange(1, static_cast<double>(n) + 1, 1, dtype)),
                           b = parameter(full({n}, 0.5, dtype));
            const Variable y = map(f, a, b);
            sum(y).backward();
            bool right = true;
            for (std::size_t i = 0; i < n; ++i) {
                const double v = static_cast<double>(i) + 1;
                right = right && y.to_vector()[i] == 0.5 * v + 1 && a.grad().to_vector()[i] == 0.5 &&
                        b.grad().to_vector()[i] == v;
            }
            BOOST_TEST(right, n << " elements of " << to_string(dtype));
            // Rows of odd length: the ends must not run into one another.
            const Variable rows = map(f, broadcast_to(a, {3, n}), reshape(Variable({1, 2, 3}, dtype), Shape{3, 1}));
            bool rows_right = true;
            for (std::size_t i = 0; i < 3 * n; ++i)
                rows_right = rows_right && rows.to_vector()[i] ==
                                               (static_cast<double>(i % n) + 1) * (static_cast<double>(i / n) + 1) + 1;
            BOOST_TEST(rows_right, "rows of " << n << " elements of " << to_string(dtype));
        }
}

BOOST_AUTO_TEST_CASE(a_large_map_is_cut_into_pieces_without_seams) {
    const std::size_t n = 100'003;
    const Variable x = parameter(arange(0, static_cast<double>(n), 1, DType::float64));
    const Variable y = map([](auto v) { return v * v; }, x);
    sum(y).backward();
    std::size_t wrong = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const auto v = static_cast<double>(i);
        if (y.data<double>()[i] != v * v || x.grad().data<double>()[i] != 2 * v) ++wrong;
    }
    BOOST_TEST(wrong == 0U);
}

BOOST_AUTO_TEST_CASE(a_lambda_may_choose_by_where) {
    using Inputs = const std::vector<Variable>&;
    const std::vector<Variable> inputs{leaf({-2, -0.5, 0.25, 0.75, 3}, {5}), uneven_leaf({5})};
    check_same(
        [](Inputs in) { return map([](auto x, auto y) { return where(x < 0.5, x * x * y, 3 * x); }, in[0], in[1]); },
        [](Inputs in) { return where(in[0] < 0.5, in[0] * in[0] * in[1], 3 * in[0]); }, inputs);
    check_same(
        [](Inputs in) { return map([](auto x, auto y) { return maximum(x, y) * minimum(x, 1); }, in[0], in[1]); },
        [](Inputs in) { return maximum(in[0], in[1]) * minimum(in[0], 1); }, inputs);
    check_same([](Inputs in) { return map([](auto x) { return relu(x) + abs(x) + clip(x, -1, 1); }, in[0]); },
               [](Inputs in) { return relu(in[0]) + abs(in[0]) + clip(in[0], -1, 1); }, {inputs[0]});
}

BOOST_AUTO_TEST_CASE(a_lambda_may_combine_conditions) {
    using Inputs = const std::vector<Variable>&;
    const std::vector<Variable> inputs{leaf({-2, 0.25, 0.75, 3}, {4})};
    check_same([](Inputs in) { return map([](auto x) { return where(x > 0 && x < 1, x * x, 3 * x); }, in[0]); },
               [](Inputs in) { return where(logical_and(in[0] > 0, in[0] < 1), in[0] * in[0], 3 * in[0]); }, inputs);
    check_same([](Inputs in) { return map([](auto x) { return where(x < 0 || x > 1, x * x, 3 * x); }, in[0]); },
               [](Inputs in) { return where(logical_or(in[0]<0, in[0]> 1), in[0] * in[0], 3 * in[0]); }, inputs);
    check_same([](Inputs in) { return map([](auto x) { return where(!(x > 0), x * x, 3 * x); }, in[0]); },
               [](Inputs in) { return where(in[0] <= 0, in[0] * in[0], 3 * in[0]); }, inputs);
}

BOOST_AUTO_TEST_CASE(a_lambda_may_ignore_an_input_that_broadcasts) {
    const Variable x = uneven_leaf({2, 1}), y = uneven_leaf({1, 3});
    for (const bool recorded : {false, true}) {
        const Variable total = sum(map([](auto a, auto) { return a * a; }, x, y));
        const std::vector<Variable> gradients = grad({total}, {x, y}, {.create_graph = recorded, .allow_unused = true});
        BOOST_TEST(all_close(gradients[0].to_vector(), (6 * x).to_vector()), (recorded ? "recorded" : "fused"));
        if (gradients[1]) BOOST_TEST(gradients[1].to_vector() == numbers(3, 0), per_element());
    }
}

BOOST_AUTO_TEST_CASE(a_lambda_keeps_what_it_captured) {
    const auto scaled = [](const Variable& x, double scale) {
        return map([scale](auto v) { return scale * v * v; }, x);
    };
    const Variable x = leaf({1, 2}, {2});
    Variable y;
    {
        const double scale = 2.5;
        y = scaled(x, scale);
    }
    sum(y).backward();
    BOOST_TEST(x.grad().to_vector() == numbers({5, 10}), per_element());
}

BOOST_AUTO_TEST_CASE(a_map_has_derivatives_of_any_order) {
    const Variable x = leaf({0.3, -0.7, 1.2}, {3}), w = leaf({1.5, 0.5, -2}, {3});
    const auto fused = [&] { return map([](auto v, auto u) { return tanh(v * u) + v * v * v; }, x, w); };
    const auto plain = [&] { return tanh(x * w) + x * x * x; };
    const auto third = [&](const Variable& y) {
        const Variable first = grad(sum(y), x, {.create_graph = true});
        const Variable second = grad(sum(first), w, {.create_graph = true});
        return grad(sum(second * second), x).to_vector();
    };
    BOOST_TEST(all_close(third(fused()), third(plain()), 1e-10));
}

BOOST_AUTO_TEST_CASE(numbers_beside_variables_take_their_type) {
    const Variable x = parameter(Variable({1, 2}, DType::float64));
    const Variable y = map([](auto a, auto b) { return a * b; }, 3, x);
    BOOST_TEST((y.dtype() == DType::float64));
    sum(y).backward();
    BOOST_TEST(x.grad().to_vector() == numbers({3, 3}), per_element());
}

BOOST_AUTO_TEST_CASE(a_map_of_nothing_is_nothing) {
    const auto f = [](auto x, auto y) { return x * y; };
    for (const Shape& shape : {Shape{0}, Shape{0, 3}, Shape{3, 0}}) {
        const Variable a = uneven_leaf(shape), b = uneven_leaf({1});
        const Variable y = map(f, a, b);
        BOOST_TEST(y.size() == 0U);
        sum(y).backward();
        BOOST_TEST(a.grad().size() == 0U);
        BOOST_TEST(b.grad().to_vector() == numbers({0}), per_element());
    }
}

BOOST_AUTO_TEST_CASE(a_map_of_inputs_that_do_not_fit_is_an_error) {
    const auto f = [](auto x, auto y) { return x * y; };
    BOOST_CHECK_EXCEPTION(map(f, ones({2}), ones({3})), ShapeError, Says({"map: ", "(2,)", "(3,)", at_line()}));
    BOOST_CHECK_EXCEPTION(map(f, ones({2}), ones({2}, DType::float64)), DTypeError,
                          Says({"map: ", "float64", at_line()}));
    BOOST_CHECK_EXCEPTION(map(f, Variable(), ones({2})), ValueError, Says({"map: ", "empty Variable", at_line()}));
    BOOST_CHECK_EXCEPTION(map(f, Variable({1, 2}, DType::int64), Variable({1, 2}, DType::int64)), DTypeError,
                          Says({"map: ", "int64"}));
}

BOOST_AUTO_TEST_CASE(update_changes_its_targets_in_one_pass) {
    for (const std::size_t n : {1UL, 5UL, 33UL, 1000UL, 100'000UL}) {
        Variable w = full({n}, 2), m = full({n}, 1);
        const Variable g = full({n}, 3), same_value = w;
        update(
            std::tie(w, m),
            [](auto value, auto moment, auto gradient) {
                const auto next = 0.5 * moment + gradient;
                return std::array{value - 0.1 * next, next};
            },
            g);
        BOOST_TEST(same_value.to_vector()[n - 1] == 2 - 0.35, boost::test_tools::tolerance(1e-6));
        BOOST_TEST(m.to_vector()[0] == 3.5);
        BOOST_TEST(g.to_vector()[n - 1] == 3);
    }
}

BOOST_AUTO_TEST_CASE(a_fast_division_is_within_two_units_in_the_last_place) {
    const auto divide = [](auto a, auto b) { return std::array{fast_divide(a, b)}; };
    Rng rng(3);
    const std::size_t n = 10'001;
    const Variable a = random_normal({n}, rng), exponent = random_uniform({n}, rng, -125, 125), b = exp2(exponent);
    Variable q = a + 0, exact = a.to(DType::float64);
    update(std::tie(q), divide, b);
    update(std::tie(exact), divide, b.to(DType::float64));
    double worst = 0;
    for (std::size_t i = 0; i < n; ++i) {
        const double quotient = static_cast<double>(a.data<float>()[i]) / b.data<float>()[i];
        BOOST_TEST(exact.data<double>()[i] == quotient);
        if (std::abs(quotient) < std::numeric_limits<float>::min() ||
            std::abs(quotient) > std::numeric_limits<float>::max())
            continue;
        worst = std::max(worst, std::abs(q.data<float>()[i] / quotient - 1));
    }
    BOOST_TEST(worst < 2 * std::numeric_limits<float>::epsilon());

    const float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
    Variable special({1, nan, 1});
    update(std::tie(special), divide, Variable({infinity, 1, nan}));
    BOOST_TEST(special.data<float>()[0] >= 0);
    BOOST_TEST(special.data<float>()[0] < 1e-38F);
    BOOST_TEST(std::isnan(special.data<float>()[1]));
    BOOST_TEST(std::isnan(special.data<float>()[2]));
}

BOOST_AUTO_TEST_CASE(update_refuses_what_does_not_fit_and_changes_nothing) {
    Variable w = ones({2});
    const auto add = [](auto a, auto b) { return std::array{a + b}; };
    BOOST_CHECK_EXCEPTION(update(std::tie(w), add, ones({3})), ShapeError, Says({"update", "(2,)", "(3,)"}));
    BOOST_CHECK_THROW(update(std::tie(w), add, Variable(1)), ShapeError);
    BOOST_CHECK_THROW(update(std::tie(w), add, ones({2}, DType::float64)), DTypeError);
    BOOST_CHECK_THROW(update(std::tie(w), add, Variable()), ValueError);
    BOOST_TEST(w.to_vector() == numbers({1, 1}), per_element());
}

BOOST_AUTO_TEST_CASE(a_constant_in_a_lambda_may_be_unsigned) {
    const std::size_t n = 5;
    const auto f = [n](auto v) { return square(v - n); };
    BOOST_TEST(gradcheck([&](const Variable& x) { return map(f, x); }, {leaf({1, 2, 3}, {3})}));
    const Variable x = leaf({1, 2, 3}, {3});
    BOOST_TEST(map_reduce(f, x).item() == 29);
    BOOST_TEST(grad(map_reduce(f, x), x).to_vector() == (numbers{-8, -6, -4}), per_element());
}
