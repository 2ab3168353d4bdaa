#include <xgrad/autograd/backward.hpp>

#include <autograd/engine.hpp>

#include <cmath>

using namespace xgrad;
using namespace engine;

BOOST_AUTO_TEST_CASE(grad_gives_gradients_and_touches_no_leaf) {
    const Variable a = leaf(2), b = leaf(3);
    const std::vector<Variable> gradients = grad({a * a * b}, {a, b});
    BOOST_TEST(gradients[0].item() == 12);
    BOOST_TEST(gradients[1].item() == 4);
    BOOST_TEST(!a.grad());
    BOOST_TEST(!b.grad());
    BOOST_TEST(!gradients[0].requires_grad());
}

BOOST_AUTO_TEST_CASE(grad_reaches_values_in_the_middle) {
    const Variable x = leaf(2);
    const Variable square_of_x = x * x, y = square_of_x * square_of_x + x;
    const std::vector<Variable> gradients = grad({y}, {square_of_x, x});
    BOOST_TEST(gradients[0].item() == 8);
    BOOST_TEST(gradients[1].item() == 4 * 8 + 1);
}

BOOST_AUTO_TEST_CASE(grad_of_a_value_with_respect_to_itself_is_one) {
    const Variable x = leaf(2), y = x * x;
    BOOST_TEST(grad(y, y, {.retain_graph = true}).item() == 1);
    BOOST_TEST(grad(x, x).item() == 1);
    BOOST_TEST(grad(y, x).item() == 4);
}

BOOST_AUTO_TEST_CASE(several_outputs_add_up_weighted_by_their_gradients) {
    const Variable x = leaf({1, 2}, {2});
    const Variable first = x * x, second = x * 10, third = sum(x);
    const std::vector<Variable> weights{Variable({1, 2}, DType::float64), Variable({3, 4}, DType::float64),
                                        Variable(5, DType::float64)};
    const Variable gradient = grad({first, second, third}, {x}, {.gradients = weights})[0];
    BOOST_TEST(gradient.to_vector() == numbers({2 + 30 + 5, 8 + 40 + 5}), per_element());
}

BOOST_AUTO_TEST_CASE(an_output_that_is_part_of_another_counts_twice) {
    const Variable x = leaf(3), y = x * x, z = y * 2;
    BOOST_TEST(grad({y, z, y}, {x})[0].item() == 4 * 6);
}

BOOST_AUTO_TEST_CASE(an_input_named_twice_gets_its_gradient_twice) {
    const Variable x = leaf(3), y = x * x;
    const std::vector<Variable> gradients = grad({y}, {x, x});
    BOOST_TEST(gradients[0].item() == 6);
    BOOST_TEST(gradients[1].item() == 6);
}

BOOST_AUTO_TEST_CASE(an_unused_input_is_an_error_unless_allowed) {
    const Variable x = leaf(3), unused = Variable(leaf(1)).named("unused");
    BOOST_CHECK_EXCEPTION(grad(x * x, unused), GraphError, Says({"grad", "\"unused\"", "allow_unused"}));
    const std::vector<Variable> gradients = grad({x * x}, {unused, x}, {.allow_unused = true});
    BOOST_TEST(!gradients[0]);
    BOOST_TEST(gradients[1].item() == 6);
}

BOOST_AUTO_TEST_CASE(a_later_value_is_unused_by_an_earlier_output) {
    const Variable x = leaf(3), y = x * x, later = y * 2;
    BOOST_TEST(!grad(y, later, {.allow_unused = true}));
}

BOOST_AUTO_TEST_CASE(grad_refuses_what_it_cannot_answer) {
    const Variable x = leaf({1, 2}, {2}), constant({1, 2}, DType::float64);
    BOOST_CHECK_EXCEPTION(grad(sum(x * constant), constant), GraphError, Says({"does not require a gradient"}));
    BOOST_CHECK_EXCEPTION(grad(x * x, x), GraphError, Says({"grad", "non-scalar", "(2,)"}));
    BOOST_CHECK_THROW(grad(constant, x), GraphError);
    BOOST_CHECK_EXCEPTION(grad({sum(x)}, {x}, {.gradients = {Variable(1), Variable(1)}}), ValueError,
                          Says({"2 gradients for 1 outputs"}));
    BOOST_CHECK_EXCEPTION(grad({sum(x)}, {x}, {.gradients = {constant}}), ShapeError, Says({"(2,)", "()"}));
    BOOST_CHECK_THROW(grad(Variable(), x), ValueError);
    BOOST_CHECK_THROW(grad(sum(x), Variable()), std::exception);
    BOOST_TEST(grad({sum(x)}, std::vector<Variable>{}).empty());
}

BOOST_AUTO_TEST_CASE(grad_leaves_alone_what_it_does_not_need) {
    // v requires a gradient too; the values on its way are held by the graph alone.
    for (const std::size_t n : {3UL, 300UL}) {
        const Variable w = uneven_leaf({n}), v = uneven_leaf({n});
        const Variable loss = sum(w * w) + sum(exp(sin(v) * 2)) + sum(w * exp(sin(v)));
        const Variable dw = grad(loss, w);
        const double expected = 2 * w.data<double>()[1] + std::exp(std::sin(v.data<double>()[1]));
        BOOST_TEST(dw.data<double>()[1] == expected, boost::test_tools::tolerance(1e-12));
        BOOST_TEST(!v.grad());
    }
}

BOOST_AUTO_TEST_CASE(grad_frees_the_graph_unless_told_to_keep_it) {
    const Variable x = leaf(3), y = x * x;
    BOOST_TEST(grad(y, x, {.retain_graph = true}).item() == 6);
    BOOST_TEST(grad(y, x, {.create_graph = true}).item() == 6);
    BOOST_TEST(grad(y, x).item() == 6);
    BOOST_CHECK_THROW(grad(y, x), GraphError);
}

BOOST_AUTO_TEST_CASE(results_of_grad_share_no_elements) {
    const Variable a = uneven_leaf({200}), b = uneven_leaf({200}), seed = ones({200}, DType::float64);
    std::vector<Variable> gradients = grad({a + b}, {a, b}, {.gradients = {seed}});
    gradients[0].mutable_data<double>()[0] = 100;
    BOOST_TEST(gradients[1].data<double>()[0] == 1);
    BOOST_TEST(seed.data<double>()[0] == 1);
}

BOOST_AUTO_TEST_CASE(a_gradient_in_float32_of_a_mixed_graph_has_its_inputs_type) {
    const Variable x = parameter(Variable({1, 2})), w = leaf({3, 4}, {2});
    const std::vector<Variable> gradients = grad({sum(x.to(DType::float64) * w)}, {x, w});
    BOOST_TEST((gradients[0].dtype() == DType::float32));
    BOOST_TEST((gradients[1].dtype() == DType::float64));
    BOOST_TEST(gradients[0].to_vector() == numbers({3, 4}), per_element());
}

BOOST_AUTO_TEST_CASE(a_freed_part_of_the_graph_is_never_left_out_silently) {
    const Variable w = uneven_leaf({3});
    const Variable h = w * 2;
    sum(h * h).backward();
    // Through h there would be more: sum(w) alone is not the whole gradient.
    BOOST_CHECK_EXCEPTION(grad(sum(h) + sum(w), w), GraphError, Says({"freed", "multiply", "detach()"}));
    BOOST_TEST(grad(sum(h.detach()) + sum(w), w).to_vector() == (numbers{1, 1, 1}), per_element());
}

BOOST_AUTO_TEST_CASE(a_value_without_a_gradient_retains_none) {
    Variable x = leaf({1, 2}, {2}).detach();
    BOOST_CHECK_EXCEPTION(x.retain_grad(), GraphError, Says({"retain_grad: ", "(2,)", at_line()}));
}

BOOST_AUTO_TEST_CASE(retained_gradients_are_those_of_backward_alone_and_counted_once) {
    const Variable x = leaf({1, 2}, {2});
    Variable h = x * 2;
    h.retain_grad();
    const Variable y = sum(h * h);
    grad(y, x, {.retain_graph = true});
    BOOST_TEST(!h.grad());
    y.backward({.inputs = {h, x}});
    BOOST_TEST(h.grad().to_vector() == (numbers{4, 8}), per_element());
    BOOST_TEST(x.grad().to_vector() == (numbers{8, 16}), per_element());
}

BOOST_AUTO_TEST_CASE(an_input_asked_for_twice_gets_two_gradients) {
    const Variable a = leaf({1, 2}, {2});
    const auto gradients = grad({sum(a * 3)}, {a, a});
    BOOST_TEST(gradients[1].to_vector() == (numbers{3, 3}), per_element());
    BOOST_TEST(!gradients[0].is_same(gradients[1]));
}

BOOST_AUTO_TEST_CASE(a_gradient_with_a_history_is_not_changed_in_place) {
    const Variable x = leaf({1, 2}, {2});
    sum(x * x * x).backward({.create_graph = true});
    const Variable first = x.grad();
    sum(x * x).backward();
    BOOST_TEST(first.to_vector() == (numbers{3, 12}), per_element());
    BOOST_TEST(x.grad().to_vector() == (numbers{5, 16}), per_element());
}

BOOST_AUTO_TEST_CASE(an_infinite_gradient_of_nothing_is_nothing) {
    const Variable a = leaf({1, 2, 3}, {3});
    const Variable y = sum(a + zeros({0, 3}, DType::float64)) * INFINITY;
    BOOST_TEST(grad(y, a).to_vector() == (numbers{0, 0, 0}), per_element());
}

BOOST_AUTO_TEST_CASE(empty_inputs_and_those_without_gradient_are_named) {
    const Variable x = leaf({1, 2}, {2}), plain = Variable({1.0, 2.0}, DType::float64);
    BOOST_CHECK_EXCEPTION(grad({sum(x)}, {x, Variable()}), ValueError, Says({"grad", "input 1", "empty"}));
    BOOST_CHECK_EXCEPTION(sum(x * plain).backward({.inputs = {plain}}), GraphError, Says({"backward", "(2,)"}));
}
