#include <xgrad/autograd/gradcheck.hpp>

#include <xgrad/autograd/array.hpp>
#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/ops.hpp>

#include <boost/test/unit_test.hpp>

using namespace xgrad;

namespace {

Variable numbers(const Shape& shape, std::uint64_t seed = 1) {
    Rng rng(seed);
    return random_uniform(shape, rng, 0.3, 1.7);
}

/// An operator with the value of one function and the rule of another: whatever fault a test wants.
template <class Value, class Rule>
struct Planted {
    static constexpr auto name = "test_planted";
    Value value;
    Rule rule;

    Shape shape(const Variable& x) const { return value(x.detach()).shape(); }
    void forward(Variable& y, const Variable& x) const { y.assign(value(x.detach())); }
    Variable backward(const Variable& x, const Variable& y, const Variable& dy) const { return rule(x, y, dy); }
};

template <class Value, class Rule>
auto planted(Value value, Rule rule) {
    return [=](const Variable& x) { return apply(Planted<Value, Rule>{value, rule}, x); };
}

const auto squared = [](const Variable& x) { return x * x; };

bool says(const GradcheckReport& report, const std::string& text) {
    return to_string(report).find(text) != std::string::npos;
}

/// Checks that the fault is found in the given order and explained with these words.
void check_diagnosis(const GradcheckReport& report, int order, const std::string& words) {
    BOOST_TEST(!report);
    BOOST_TEST(report.failed_order == order);
    BOOST_TEST(says(report, words), "the report does not say \"" << words << "\":" << report);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_right_function_passes_in_both_orders) {
    const auto f = [](const Variable& x, const Variable& w) { return tanh(matmul(x, w)); };
    const GradcheckReport report = gradcheck(f, {numbers({2, 3}), numbers({3, 4})});
    BOOST_TEST(report);
    BOOST_TEST(report.compared == 2 * (6 + 12) + 8);
    BOOST_TEST(report.largest_error < 1e-8);
    BOOST_TEST(says(report, "44 numbers compared"));
}

BOOST_AUTO_TEST_CASE(every_kind_of_function_is_accepted) {
    const Variable x = numbers({2, 3}), y = numbers({3});
    BOOST_TEST(gradcheck(xgrad::tanh, {x}));
    BOOST_TEST(gradcheck([](const Operand& a, const Operand& b) { return a * b; }, {x, y}));
    BOOST_TEST(gradcheck([](const auto& a, const auto& b) { return a / b; }, {x, y}));
    BOOST_TEST(gradcheck([](Variable a) { return a *= a; }, {x}));
    BOOST_TEST(gradcheck([](const std::vector<Variable>& all) { return concatenate(all) * 2; }, {y, y, y}));
    BOOST_TEST(gradcheck([](auto a, auto b, auto c, auto d, auto e, auto f) { return a * b + c * d + e * f; },
                         {x, x, y, y, x, y}));
}

BOOST_AUTO_TEST_CASE(several_results_are_checked_together) {
    const Variable x = numbers({3});
    BOOST_TEST(gradcheck([](const Variable& a) { return std::vector{sin(a), sum(a * a)}; }, {x}));
    BOOST_TEST(gradcheck([](const Variable& a) { return std::pair{sin(a), cos(a)}; }, {x}));
    BOOST_TEST(gradcheck([](const Variable& a) { return std::tuple{sin(a), cos(a), exp(a)}; }, {x}));
    const auto wrong = planted(squared, [](const Variable& a, const Variable&, const Variable& dy) { return dy * a; });
    check_diagnosis(gradcheck([&](const Variable& a) { return std::array{sin(a), wrong(a)}; }, {x}), 1, "3 numbers");
}

BOOST_AUTO_TEST_CASE(a_wrong_count_of_inputs_is_an_error_that_says_so) {
    const Variable x = numbers({2});
    const auto says_count = [](const ValueError& e) {
        return std::string(e.what()).find("f takes 2 inputs, but 1 is given") != std::string::npos &&
               std::string(e.what()).find("gradcheck_test.cpp") != std::string::npos;
    };
    const auto two = [](const Variable& a, const Variable& b) { return a * b; };
    BOOST_CHECK_EXCEPTION(gradcheck(two, {x}), ValueError, says_count);
    BOOST_CHECK_THROW(gradcheck(two, {x, x, x}), ValueError);
    BOOST_CHECK_THROW(gradcheck(two, {}), ValueError);
}

BOOST_AUTO_TEST_CASE(integers_are_passed_on_and_not_perturbed) {
    const Variable rows({2, 0, 2}, DType::int64);
    BOOST_TEST(
        gradcheck([](const Variable& x, const Variable& i) { return square(take(x, i, 0)); }, {numbers({3, 2}), rows}));
    BOOST_CHECK_THROW(gradcheck([](const Variable& i) { return i; }, {rows}), ValueError);
}

BOOST_AUTO_TEST_CASE(an_input_given_twice_is_perturbed_as_two) {
    const Variable x = numbers({3});
    const auto wrong = [](const Variable& a, const Variable& b) { return a * b.detach(); };
    check_diagnosis(gradcheck(wrong, {x, x}), 1, "the gradient of input 1 (3,) is zero");
}

BOOST_AUTO_TEST_CASE(the_inputs_are_left_as_they_were) {
    Variable x = numbers({3});
    const std::vector<double> before = x.to_vector();
    BOOST_TEST(gradcheck(xgrad::exp, {x}));
    BOOST_TEST(!x.requires_grad());
    BOOST_TEST((x.dtype() == DType::float32));
    BOOST_TEST(x.to_vector() == before);
}

BOOST_AUTO_TEST_CASE(a_float32_function_is_checked_in_float64_without_a_change) {
    Variable w = parameter(numbers({3, 2}, 5)).named("w");
    const Variable shift = numbers({2}, 6);
    w.set_grad(ones({3, 2}));
    const std::vector<double> before = w.to_vector();
    const auto f = [&](const Variable& x) { return sigmoid(matmul(x, w) * 0.5 + shift) - 1; };
    const GradcheckReport report = gradcheck(f, {numbers({4, 3})});
    BOOST_TEST(report);
    BOOST_TEST(report.compared == 2 * (12 + 6) + 8);  // the captured weights too
    BOOST_TEST((w.dtype() == DType::float32 && shift.dtype() == DType::float32));
    BOOST_TEST(w.to_vector() == before);
    BOOST_TEST(w.grad().to_vector() == std::vector<double>(6, 1.0));
    BOOST_TEST(gradcheck(f, {numbers({4, 3})}, {.captured = false}).compared == 2 * 12 + 8);
}

BOOST_AUTO_TEST_CASE(a_wrong_gradient_of_a_captured_weight_is_found) {
    Variable w = parameter(numbers({3})).named("w");
    check_diagnosis(gradcheck([&](const Variable& x) { return x * w * w.detach(); }, {numbers({3})}), 1,
                    "the gradient of captured \"w\" (3,) is exactly half");
}

BOOST_AUTO_TEST_CASE(a_float32_constant_made_inside_is_explained) {
    const auto f = [](const Variable& x) { return x * Variable({1.0, 2.0}); };
    BOOST_CHECK_EXCEPTION(gradcheck(f, {numbers({2})}), DTypeError, [](const DTypeError& e) {
        return std::string(e.what()).find("gradcheck: f does not run in float64: multiply: mixed element types") == 0;
    });
}

BOOST_AUTO_TEST_CASE(rounding_to_float32_inside_counts_as_noise) {
    BOOST_TEST(
        gradcheck([](const Variable& x) { return exp(x.to(DType::float32)).to(DType::float64); }, {numbers({3})}));
}

BOOST_AUTO_TEST_CASE(a_report_shows_the_element_and_both_numbers) {
    const auto rule = [](const Variable& x, const Variable&, const Variable& dy) {
        return dy * 2 * x * Variable({{1.0, 1.0, 1.0}, {1.0, 1.5, 1.0}}, DType::float64);
    };
    const Variable x = Variable({{1.0, 2.0, 3.0}, {4.0, 5.0, 6.0}}).named("x");
    const GradcheckReport report = gradcheck(planted(squared, rule), {x});
    BOOST_TEST(!report);
    BOOST_TEST(report.faults == 1U);
    const GradcheckElement& e = report.worst.at(0);
    BOOST_TEST(e.input == "\"x\" (2, 3)");
    BOOST_TEST(e.index == (std::vector<std::size_t>{1, 1}));
    BOOST_TEST(e.analytic == 1.5 * e.numeric, boost::test_tools::tolerance(1e-8));
    BOOST_TEST(says(report, "[1, 1]"));
    BOOST_TEST(says(report, "f records test_planted (autograd/gradcheck_test.cpp:"));
}

BOOST_AUTO_TEST_CASE(a_constant_factor_is_named) {
    const auto times = [](double c) {
        return planted(squared, [c](const Variable& x, const Variable&, const Variable& dy) { return dy * 2 * x * c; });
    };
    const Variable x = numbers({2, 3});
    check_diagnosis(gradcheck(times(2), {x}), 1, "2 times too large: added twice");
    check_diagnosis(gradcheck(times(-1), {x}), 1, "has the wrong sign");
    check_diagnosis(gradcheck(times(0.5), {x}), 1, "half the right one");
    check_diagnosis(gradcheck(times(1.01), {x}), 1, "1.01 times the right one everywhere");
}

BOOST_AUTO_TEST_CASE(a_mean_for_a_sum_is_named) {
    const auto total = [](const Variable& x) { return sum(x * x, 1); };
    const auto spread = [](const Variable& x, const Variable&, const Variable& dy) {
        return expand_dims(dy, 1) * 2 * x;
    };
    const auto mean_rule = [=](const Variable& x, const Variable& y, const Variable& dy) {
        return spread(x, y, dy) / 5;
    };
    check_diagnosis(gradcheck(planted(total, mean_rule), {numbers({3, 5})}), 1,
                    "1/5 of the right one, the size of axis 1 of input 0 (3, 5): a mean's gradient for a sum");
    const auto average = [](const Variable& x) { return mean(x * x, 1); };
    check_diagnosis(gradcheck(planted(average, spread), {numbers({3, 5})}), 1, "a sum's gradient for a mean");
}

BOOST_AUTO_TEST_CASE(a_transposed_gradient_is_named) {
    const auto rule = [](const Variable& x, const Variable&, const Variable& dy) { return transpose(dy * 2 * x); };
    check_diagnosis(gradcheck(planted(squared, rule), {numbers({3, 3})}), 1, "transposed: axes 0 and 1 are exchanged");
}

BOOST_AUTO_TEST_CASE(a_gradient_not_summed_over_a_broadcast_axis_is_named) {
    const auto repeat = [](const Variable& x) { return broadcast_to(x * x, {4, 3}); };
    const auto rule = [](const Variable& x, const Variable&, const Variable& dy) {
        return reshape(slice(dy, 0, 0, 1), Shape{3}) * 2 * x;
    };
    check_diagnosis(gradcheck(planted(repeat, rule), {numbers({3})}), 1,
                    "along axis 0 of the result (4, 3): not summed over a broadcast axis");
}

BOOST_AUTO_TEST_CASE(a_gradient_that_does_not_get_through_is_named) {
    const auto none = [](const Variable&, const Variable&, const Variable&) { return Variable(); };
    check_diagnosis(gradcheck(planted(squared, none), {numbers({3})}), 1, "is zero: it does not get through");
    const auto cut = [](const Variable& x, const Variable& w) { return x * w.detach(); };
    check_diagnosis(gradcheck(cut, {numbers({3}), numbers({3})}), 1, "the gradient of input 1 (3,) is zero");
    check_diagnosis(gradcheck([](const Variable& x) { return x + sum(x.detach()); }, {numbers({3})}), 1,
                    "a term is missing");
}

BOOST_AUTO_TEST_CASE(a_gradient_that_should_be_zero_is_named) {
    const auto flat = [](const Variable& x) { return zeros_like(x); };
    const auto rule = [](const Variable&, const Variable&, const Variable& dy) { return dy; };
    check_diagnosis(gradcheck(planted(flat, rule), {numbers({3})}), 1, "is not zero, but f does not depend on it");
}

namespace {

struct SwappedProduct {
    static constexpr auto name = "test_swapped_product";
    Shape shape(const Variable& a, const Variable&) const { return a.shape(); }
    void forward(Variable& y, const Variable& a, const Variable& b) const { y.assign(a.detach() * b.detach()); }
    std::array<Variable, 2> backward(const Variable& a, const Variable& b, const Variable&, const Variable& dy) const {
        return {dy * a, dy * b};
    }
};

/// Saves what its rule needs as plain numbers: right once, but not to be differentiated again.
struct FrozenSquare {
    static constexpr auto name = "test_frozen_square";
    template <class T>
    Array<T> forward(const ArrayView<T>& x) const {
        return x * x;
    }
    Variable backward(const Variable& x, const Variable&, const Variable& dy) const { return dy * (2 * x.detach()); }
};

/// Right to first order; under create_graph the slope's own slope is wrong.
struct TwofacedCube {
    static constexpr auto name = "test_twofaced_cube";
    template <class T>
    Array<T> forward(const ArrayView<T>& x) const {
        return x * x * x;
    }
    Variable backward(const Variable& x, const Variable&, const Variable& dy) const { return dy * 3 * x * x.detach(); }
};

/// Its rule forgets a factor when it is recorded.
struct Forgetful {
    static constexpr auto name = "test_forgetful";
    template <class T>
    Array<T> forward(const ArrayView<T>& x) const {
        return x * x;
    }
    Variable backward(const Variable& x, const Variable&, const Variable& dy) const {
        return is_recording() ? dy * x : dy * x * 2;
    }
};

}  // namespace

BOOST_AUTO_TEST_CASE(gradients_in_the_wrong_order_are_named) {
    const auto f = [](const Variable& a, const Variable& b) { return apply(SwappedProduct{}, a, b); };
    check_diagnosis(gradcheck(f, {numbers({3}), numbers({3}, 2)}), 1,
                    "is that of input 1 (3,): gradients returned in the wrong order");
}

BOOST_AUTO_TEST_CASE(a_fault_of_the_second_order_alone_is_found) {
    const Variable x = numbers({3});
    const auto frozen = [](const Variable& a) { return apply(FrozenSquare{}, a); };
    check_diagnosis(gradcheck(frozen, {x}), 2,
                    "the second-order gradient of input 0 (3,) is zero: backward() computes with values");
    BOOST_TEST(gradcheck(frozen, {x}, {.second_order = false}));
    const auto twofaced = [](const Variable& a) { return apply(TwofacedCube{}, a); };
    check_diagnosis(gradcheck(twofaced, {x}), 2, "half the right one");
    check_diagnosis(gradcheck([](const Variable& a) { return apply(Forgetful{}, a); }, {x}), 2,
                    "under create_graph the gradient differs");
}

BOOST_AUTO_TEST_CASE(a_rule_that_is_not_linear_in_dy_is_found) {
    const auto rule = [](const Variable& x, const Variable&, const Variable& dy) { return dy.detach() * 2 * x; };
    check_diagnosis(gradcheck(planted(squared, rule), {numbers({3})}), 2,
                    "the second-order gradient of dy (3,) is zero");
}

BOOST_AUTO_TEST_CASE(kinks_are_recognised_and_not_faults) {
    const GradcheckReport report = gradcheck(xgrad::relu, {Variable({-1.0, 0.0, 2.0})});
    BOOST_TEST(report);
    BOOST_TEST(report.kinks.at(0).index == std::vector<std::size_t>{1});
    BOOST_TEST(std::abs(report.kinks.at(0).left) < 1e-9);
    BOOST_TEST(report.kinks.at(0).right > 0.1);
    BOOST_TEST(says(report, "at a kink or jump, not counted as faults"));
    BOOST_TEST(gradcheck([](const Variable& a, const Variable& b) { return maximum(a, b); },
                         {Variable({1.0, 2.0}), Variable({1.0, 3.0})}));
    BOOST_TEST(gradcheck([](const Variable& a) { return max(a); }, {Variable({1.0, 3.0, 3.0, 2.0})}));
    BOOST_TEST(gradcheck([](const Variable& a) { return remainder(a, 1); }, {Variable({0.5, 2.0})}));
}

BOOST_AUTO_TEST_CASE(a_point_near_a_kink_is_checked_on_its_own_side) {
    for (const double distance : {1e-2, 1e-4, 1e-6}) {
        const GradcheckReport report = gradcheck(xgrad::abs, {Variable({distance, -distance}, DType::float64)});
        BOOST_TEST(report);
        BOOST_TEST(report.kinks.empty());
    }
}

BOOST_AUTO_TEST_CASE(a_slope_outside_both_sides_of_a_kink_is_a_fault) {
    const auto rule = [](const Variable&, const Variable&, const Variable& dy) { return dy * 5; };
    BOOST_TEST(!gradcheck(planted([](const Variable& x) { return abs(x); }, rule), {Variable({0.0})}));
}

BOOST_AUTO_TEST_CASE(the_edge_of_a_domain_is_checked_from_inside) {
    BOOST_TEST(
        gradcheck([](const Variable& x) { return pow(x, 1.5); }, {Variable({0.0, 1.0})}, {.second_order = false}));
    const auto far_too_small = [](const Variable& x) { return log(x); };
    BOOST_TEST(gradcheck(far_too_small, {Variable({1e-6, 1.0, 1e6}, DType::float64)}));
}

BOOST_AUTO_TEST_CASE(an_infinite_gradient_is_a_fault) {
    check_diagnosis(gradcheck(xgrad::sqrt, {Variable({0.0, 1.0})}), 1, "is not finite");
    check_diagnosis(gradcheck(xgrad::log, {Variable({-1.0, 1.0})}), 0,
                    "f is not finite here: element 0 of its result is NaN");
}

BOOST_AUTO_TEST_CASE(randomness_is_recognised) {
    Rng rng(1);
    const auto noisy = [&](const Variable& x) { return x * random_uniform(x.shape(), rng, 0, 1, x.dtype()); };
    check_diagnosis(gradcheck(noisy, {numbers({3})}), 0, "f is not deterministic");
    const auto seeded = [](const Variable& x) {
        Rng own(1);
        return x * x * random_uniform(x.shape(), own, 0, 1, x.dtype());
    };
    BOOST_TEST(gradcheck(seeded, {numbers({3})}));
}

BOOST_AUTO_TEST_CASE(a_result_without_a_gradient_is_a_clear_failure) {
    check_diagnosis(gradcheck([](const Variable& x) { return x.detach() * 2; }, {numbers({3})}), 0,
                    "the result carries no gradient");
    check_diagnosis(gradcheck(xgrad::floor, {numbers({3})}), 0, "the result carries no gradient");
    BOOST_TEST(gradcheck(xgrad::floor, {numbers({3})}, {.allow_constant = true}));
    BOOST_TEST(!gradcheck([](const Variable& x) { return x.detach(); }, {numbers({3})}, {.allow_constant = true}));
}

BOOST_AUTO_TEST_CASE(an_error_in_a_rule_is_reported) {
    const auto rule = [](const Variable&, const Variable&, const Variable& dy) { return dy + zeros({7}, dy.dtype()); };
    check_diagnosis(gradcheck(planted(squared, rule), {numbers({3})}), 1, "backward failed");
}

BOOST_AUTO_TEST_CASE(one_wrong_element_of_a_large_input_is_found) {
    const auto rule = [](const Variable& x, const Variable&, const Variable& dy) {
        Variable factors = full(x.shape(), 2, x.dtype());
        factors.mutable_data<double>()[4321] = 2.01;
        return dy * factors * x;
    };
    const GradcheckReport report = gradcheck(planted(squared, rule), {numbers({50, 100})}, {.second_order = false});
    BOOST_TEST(!report);
    BOOST_TEST(!report.worst.at(0).is_direction);
    BOOST_TEST(report.worst.at(0).index == (std::vector<std::size_t>{43, 21}));
    BOOST_TEST(gradcheck(squared, {numbers({50, 100})}, {.second_order = false}).compared == 104U);
}

BOOST_AUTO_TEST_CASE(empty_and_single_inputs_can_be_checked) {
    BOOST_TEST(gradcheck(xgrad::exp, {zeros({0, 3})}));
    BOOST_TEST(gradcheck(xgrad::exp, {Variable(0.5)}));
}

BOOST_AUTO_TEST_CASE(functions_with_gradients_inside_can_be_checked) {
    const auto penalty = [](const Variable& x) {
        Variable inner = identity(x);
        return square(grad(sum(inner * inner * inner), inner, {.create_graph = true}));
    };
    BOOST_TEST(gradcheck(penalty, {numbers({3})}));
    const NoGrad off;
    BOOST_TEST(gradcheck(xgrad::exp, {numbers({3})}));
}

BOOST_AUTO_TEST_CASE(badly_scaled_functions_are_judged_by_their_own_scale) {
    BOOST_TEST(gradcheck([](const Variable& x) { return 1e8 * sin(x); }, {numbers({3})}));
    BOOST_TEST(gradcheck([](const Variable& x) { return sin(30 * x) + 1e4; }, {numbers({3})}));
    const Variable mixed({1e-3, 1.0, 1e4}, DType::float64);
    BOOST_TEST(gradcheck([](const Variable& x) { return x * x * x; }, {mixed}));
}

BOOST_AUTO_TEST_CASE(weights_that_a_gradient_inside_f_does_not_depend_on_are_converted_too) {
    const Variable w = parameter(Variable({{0.5, -0.3}, {0.2, 0.7}})), b = parameter(Variable({0.1, 0.2}));
    const auto penalty = [&](const Variable& x) {
        const Variable input = identity(x);
        const Variable score = sum(tanh(matmul(input, w)) + b);
        return square(norm(grad(score, input, {.create_graph = true})) - 1);
    };
    BOOST_TEST(gradcheck(penalty, {parameter(Variable({{0.3, 0.4}}))}));
    BOOST_TEST((w.dtype() == DType::float32 && b.dtype() == DType::float32));
}

namespace {

/// x * y with a rule that reads its inputs, whatever it says of itself.
template <Reads said>
struct Product {
    static constexpr auto name = said == Reads::others ? "honest_product" : "false_product";
    static constexpr Reads reads = said;
    Shape shape(const Variable& a, const Variable&) const { return a.shape(); }
    void forward(Variable& y, const Variable& a, const Variable& b) const { y.assign(a.detach() * b.detach()); }
    std::array<Variable, 2> backward(const Variable& a, const Variable& b, const Variable&, const Variable& dy) const {
        return {dy * b, dy * a};
    }
};

template <Reads said>
Variable product(const Variable& a, const Variable& b) {
    return apply(Product<said>{}, a, b);
}

}  // namespace

BOOST_AUTO_TEST_CASE(a_rule_that_reads_more_than_it_says_is_found) {
    const Variable a = numbers({3}), b = numbers({3}, 2), w = numbers({3}, 4), before = copy(w);
    BOOST_TEST(gradcheck(product<Reads::others>, {a, b}));
    check_diagnosis(gradcheck(product<Reads::none>, {a, b}), 1, "the backward() of \"false_product\" reads a value");
    const auto behind = [&](const Variable& x, const Variable& y) {
        return product<Reads::output>(tanh(x) + w, product<Reads::others>(x, y));
    };
    check_diagnosis(gradcheck(behind, {a, b}), 1, "\"false_product\"");
    BOOST_TEST(w.to_vector() == before.to_vector(), boost::test_tools::per_element());
}
