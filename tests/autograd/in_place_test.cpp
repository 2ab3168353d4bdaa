#include <autograd/engine.hpp>
#include <xgrad/autograd/map.hpp>

#include <cmath>
#include <tuple>

using namespace xgrad;
using namespace engine;

namespace {

constexpr std::size_t small = 3, large = 300;  // inside the node, and in a buffer of its own

void change(Variable v) { v.mutable_data<double>()[0] += 1; }

}  // namespace

BOOST_AUTO_TEST_CASE(a_needed_operand_changed_in_place_is_an_error_naming_operator_operand_and_line) {
    for (const std::size_t n : {small, large}) {
        const Variable x = uneven_leaf({n}), w = Variable(uneven_leaf({n})).named("w");
        const unsigned line = __LINE__ + 1;
        const Variable loss = sum(x * w);
        change(w);
        BOOST_CHECK_EXCEPTION(loss.backward(), GraphError,
                              Says({"\"multiply\"", "\"w\"", "changed in place", at_line(line)}));
        BOOST_TEST(!x.grad());
        BOOST_TEST(!w.grad());
    }
}

BOOST_AUTO_TEST_CASE(an_operand_without_a_name_is_called_by_its_place) {
    const Variable x = uneven_leaf({small}), other = uneven_leaf({small});
    const auto check = [&](auto&& f, const std::string& words) {
        const Variable changed = x * 2, loss = sum(f(changed));
        change(changed);
        BOOST_CHECK_EXCEPTION(loss.backward(), GraphError, Says({words}));
    };
    check([](const Variable& v) { return log(v); }, "needs the input (3,)");
    check([&](const Variable& v) { return v * other; }, "needs lhs (3,)");
    check([&](const Variable& v) { return lerp(other, x, v); }, "needs the third input (3,)");
}

BOOST_AUTO_TEST_CASE(a_needed_result_changed_in_place_is_an_error) {
    for (const std::size_t n : {small, large}) {
        const unsigned line = __LINE__ + 1;
        const Variable x = uneven_leaf({n}), y = exp(x), loss = sum(-y);
        change(y);
        BOOST_CHECK_EXCEPTION(loss.backward(), GraphError,
                              Says({"\"exp\"", "its result", "changed in place", at_line(line)}));
    }
}

BOOST_AUTO_TEST_CASE(a_change_that_no_rule_sees_is_harmless) {
    for (const std::size_t n : {small, large}) {
        const Variable x = uneven_leaf({n}), b = uneven_leaf({n});
        const Variable shifted = x + b, negated = -shifted, sine = sin(x), total = sum(negated) + sum(sine);
        change(b);
        change(shifted);
        change(negated);
        change(sine);  // the rule of sin reads its input
        total.backward();
        BOOST_TEST(b.grad().to_vector()[n - 1] == -1);
        BOOST_TEST(x.grad().to_vector()[0] == -1 + std::cos(x.to_vector()[0]));
    }
}

BOOST_AUTO_TEST_CASE(an_operand_whose_value_no_wanted_gradient_needs_may_change) {
    const Variable w = uneven_leaf({small}), x = Variable({1, 2, 3}, DType::float64);
    const Variable loss = sum(w * x);  // dw = dy x
    change(w);
    loss.backward();
    BOOST_TEST(w.grad().to_vector() == numbers({1, 2, 3}), per_element());
}

BOOST_AUTO_TEST_CASE(a_change_before_the_operator_is_harmless) {
    for (const std::size_t n : {small, large}) {
        Variable x = uneven_leaf({n});
        change(x);
        const Variable loss = sum(x * x);
        loss.backward();
        BOOST_TEST(x.grad().to_vector()[0] == 2 * x.to_vector()[0]);
        change(x);
        const Variable again = sum(x * x);
        again.backward();
        BOOST_TEST(x.grad().size() == n);
    }
}

BOOST_AUTO_TEST_CASE(a_change_through_a_view_that_shares_the_elements_counts) {
    const Variable x = uneven_leaf({large});
    const Variable loss = sum(square(x)), other_loss = sum(square(reshape(x, Shape{2, large / 2})));
    change(x.detach());
    BOOST_CHECK_EXCEPTION(loss.backward(), GraphError, Says({"\"square\"", "changed in place"}));
    BOOST_CHECK_THROW(other_loss.backward(), GraphError);
}

BOOST_AUTO_TEST_CASE(assign_update_and_convert_count_as_changes) {
    const auto fails_after = [](auto change_it) {
        Variable x = uneven_leaf({small});
        const Variable loss = sum(x * x);
        change_it(x);
        BOOST_CHECK_EXCEPTION(loss.backward(), GraphError, Says({"\"multiply\"", "changed in place"}));
    };
    fails_after([](Variable& x) { x.assign(ones({small}, DType::float64)); });
    fails_after([](Variable& x) { x.convert(DType::float32); });
    fails_after([](Variable& x) { update(std::tie(x), [](auto v) { return std::array{v + 1}; }); });
}

BOOST_AUTO_TEST_CASE(setting_a_variable_anew_is_no_change_in_place) {
    Variable x = uneven_leaf({small});
    const Variable start = x;
    x = x * 2;
    x += 1;
    x *= x;
    const Variable loss = sum(x);
    x = Variable();
    loss.backward();
    const double v = start.to_vector()[1];
    BOOST_TEST(start.grad().to_vector()[1] == 4 * (2 * v + 1), boost::test_tools::tolerance(1e-12));
}

BOOST_AUTO_TEST_CASE(training_steps_between_graphs_change_parameters_freely) {
    Variable w = leaf({1, 1}, {2});
    for (int i = 0; i < 50; ++i) {
        const Variable loss = sum(square(w - Variable({3, -2}, DType::float64)));
        w.zero_grad();
        loss.backward();
        const NoGrad off;
        w.assign(w - 0.1 * w.grad());
    }
    BOOST_TEST(w.to_vector()[0] == 3, boost::test_tools::tolerance(1e-3));
    BOOST_TEST(w.to_vector()[1] == -2, boost::test_tools::tolerance(1e-3));
}

BOOST_AUTO_TEST_CASE(a_kept_graph_notices_the_optimizers_step) {
    Variable w = leaf({1, 2}, {2});
    const Variable loss = sum(w * w * w);
    loss.backward({.retain_graph = true});
    {
        const NoGrad off;
        w.assign(w - 0.1 * w.grad());
    }
    BOOST_CHECK_EXCEPTION(loss.backward(), GraphError, Says({"changed in place"}));
}
