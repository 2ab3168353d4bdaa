#include <autograd/engine.hpp>
#include <xgrad/autograd/gradcheck.hpp>
#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/ops.hpp>
#include <xgrad/autograd/replay.hpp>

// Results that take the memory of a temporary: which do, which must not, and that nobody can tell by the numbers.

using namespace xgrad;
using namespace engine;

namespace {

/// Large enough to stand in a buffer of its own.
const Shape shape{5, 40};

Variable values_from(double first, bool differentiable = true) {
    Variable v = reshape(linspace(first, first + 1, shape.elements(), DType::float64), shape);
    return differentiable ? parameter(v.detach()) : v.detach();
}

/// How many values the graph of `y` keeps, counted in arrays of `shape`.
std::size_t arrays_of(const Variable& y) { return graph(y).bytes / (shape.elements() * sizeof(double)); }

const void* elements_of(const Variable& v) { return v.node().data; }

}  // namespace

BOOST_AUTO_TEST_CASE(a_chain_of_temporaries_is_computed_in_one_place) {
    const Variable x = values_from(0.2), w = values_from(0.5), b = values_from(-1);
    BOOST_TEST(arrays_of(tanh(x * w + b)) == 4U);  // x, w, b and the result
    const Variable product = x * w, shifted = product + b;
    BOOST_TEST(arrays_of(tanh(shifted)) == 6U);
}

BOOST_AUTO_TEST_CASE(values_and_gradients_of_both_orders_are_those_of_named_steps) {
    const auto in_one_place = [](const std::vector<Variable>& v) {
        return sigmoid(-(exp(tanh(v[0] * v[1] + v[2]) - v[1]) / 2 + 1.0) * 0.5);
    };
    const auto in_steps = [](const std::vector<Variable>& v) {
        const Variable p = v[0] * v[1], s = p + v[2], t = tanh(s), d = t - v[1], e = exp(d), h = e / 2, o = h + 1.0,
                       n = -o, m = n * 0.5;
        return sigmoid(m);
    };
    const std::vector<Variable> inputs{values_from(0.2), values_from(0.5), values_from(-1)};
    const Variable y = in_one_place(inputs), z = in_steps(inputs);
    BOOST_TEST(y.to_vector() == z.to_vector(), boost::test_tools::per_element());
    const auto slopes = grad({sum(y * y)}, inputs, {.create_graph = true}),
               expected = grad({sum(z * z)}, inputs, {.create_graph = true});
    Variable curve, expected_curve;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        BOOST_TEST(slopes[i].to_vector() == expected[i].to_vector(), boost::test_tools::per_element());
        curve = i == 0 ? sum(square(slopes[i])) : curve + sum(square(slopes[i]));
        expected_curve = i == 0 ? sum(square(expected[i])) : expected_curve + sum(square(expected[i]));
    }
    BOOST_TEST(grad(curve, inputs[0]).to_vector() == grad(expected_curve, inputs[0]).to_vector(),
               boost::test_tools::per_element());
    BOOST_TEST(gradcheck(in_one_place, {values_from(0.2), values_from(0.5), values_from(-1)}));
}

BOOST_AUTO_TEST_CASE(what_a_rule_will_read_stays) {
    const Variable x = values_from(0.2), w = values_from(0.5);
    BOOST_TEST(arrays_of(exp(x) + w) == 4U);   // the rule of exp reads its result
    BOOST_TEST(arrays_of((x + w) * w) == 4U);  // that of a product the other factor
    BOOST_TEST(arrays_of(sin(x + w)) == 4U);   // that of sin its input
    BOOST_TEST(arrays_of((x + w) * values_from(1, false)) ==
               4U);  // here nobody wants the second factor's gradient: x, w, 1
    const NoGrad off;
    Variable sum = x + w;
    const void* const place = elements_of(sum);
    BOOST_TEST(elements_of(sin(std::move(sum))) == place);
}

BOOST_AUTO_TEST_CASE(what_anybody_holds_stays) {
    const Variable x = values_from(0.2), w = values_from(0.5);
    Variable sum = x + w;
    const std::vector<double> before = sum.to_vector();
    const Variable held = sum, shifted = std::move(sum) + 1.0;
    BOOST_TEST(held.to_vector() == before, boost::test_tools::per_element());

    Variable viewed = x + w;
    const Variable view = reshape(viewed, {200}), doubled = std::move(viewed) + 1.0;
    BOOST_TEST(view.to_vector() == before, boost::test_tools::per_element());

    const auto twice = [](const Operand& v) { return tanh(v) + sigmoid(v); };
    const Variable named = x + w;
    BOOST_TEST(twice(x + w).to_vector() == twice(named).to_vector(), boost::test_tools::per_element());

    Variable leaf = values_from(0.2);
    const std::vector<double> leaf_before = leaf.to_vector();
    const Variable y = std::move(leaf) + 1.0;
    BOOST_TEST(leaf.to_vector() == leaf_before, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_variable_that_gave_its_memory_is_empty) {
    Variable sum = values_from(0.2) + values_from(0.5);
    const Variable y = std::move(sum) + 1.0;
    BOOST_TEST(!sum);
    BOOST_CHECK_EXCEPTION(sum.item(), ValueError, Says({"empty"}));
}

BOOST_AUTO_TEST_CASE(only_an_operand_of_the_results_shape_and_type_gives_its_memory) {
    const Variable x = values_from(0.2, false), row = linspace(1, 2, 40, DType::float64);
    const NoGrad off;
    Variable large = x + 0.0;
    const void* const place = elements_of(large);
    const Variable y = (row + 1.0) * std::move(large);
    BOOST_TEST(elements_of(y) == place);
    BOOST_TEST((x * (row + 1.0)).to_vector() == y.to_vector(), boost::test_tools::per_element());
    BOOST_CHECK_THROW((x + 0.0) + values_from(0.2, false).to(DType::float32), DTypeError);
}

BOOST_AUTO_TEST_CASE(a_value_times_itself_keeps_its_elements_for_the_gradient) {
    const Variable x = values_from(0.2);
    Variable h = x + 1.0, k = x + 1.0;
    h *= h;
    k = std::move(k) * k;
    const std::vector<double> expected = (2 * (x.detach() + 1.0)).to_vector();
    BOOST_TEST(grad(sum(h), x).to_vector() == expected, boost::test_tools::per_element());
    BOOST_TEST(grad(sum(k), x).to_vector() == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(an_empty_variable_beside_a_temporary_is_an_error) {
    const Variable x = values_from(0.2);
    BOOST_CHECK_THROW((x * 2.0) + Variable(), ValueError);
    BOOST_CHECK_THROW(Variable() - (x * 2.0), ValueError);
}

BOOST_AUTO_TEST_CASE(adding_in_place_keeps_the_place_when_it_may) {
    const Variable x = values_from(0.2);
    {
        const NoGrad off;
        Variable total = x * 2;
        const void* const place = elements_of(total);
        for (int i = 0; i < 3; ++i) total += x;
        BOOST_TEST(elements_of(total) == place);
        const Variable& itself = total;
        total -= itself;
        BOOST_TEST(total.to_vector() == std::vector<double>(200, 0.0), boost::test_tools::per_element());
    }
    Variable total = x * 2;
    const Variable before = total;
    total += x;
    BOOST_TEST(before.to_vector() == (x * 2).to_vector(), boost::test_tools::per_element());
    Variable untouched = x * 2;
    BOOST_CHECK_THROW(untouched += Variable({1, 2, 3}, DType::float64), ShapeError);
    BOOST_TEST(untouched.to_vector() == before.to_vector(), boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_kept_graph_is_walked_twice) {
    Variable x = values_from(0.2), w = values_from(0.5);
    const Variable y = sum(tanh(x * w + x));
    y.backward({.retain_graph = true});
    const std::vector<double> once = x.grad().to_vector();
    x.zero_grad();
    y.backward();
    BOOST_TEST(x.grad().to_vector() == once, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(constants_and_drawings_of_what_gave_its_memory) {
    const Variable x = values_from(0.2);
    const Variable y = zeros(shape, DType::float64) + x;
    const Graph drawn = graph(y);
    BOOST_TEST(drawn.nodes.size() == 3U);
    BOOST_TEST(arrays_of(y) == 2U);
    BOOST_TEST(!drawn.to_dot().empty());
}

BOOST_AUTO_TEST_CASE(a_replay_gives_the_same) {
    Variable w = values_from(0.5);
    auto step = replay([&](const Variable& x) {
        w.zero_grad();
        const Variable loss = sum(tanh(x * w + x) * 2 - x);
        loss.backward();
        return loss;
    });
    for (int call = 0; call < 4; ++call) {
        const Variable x = values_from(call, false), replayed = step(x);
        const Variable slope = w.grad();
        const Variable loss = sum(tanh(x * w + x) * 2 - x);
        BOOST_TEST(replayed.item() == loss.item());
        BOOST_TEST(slope.to_vector() == grad(loss, w).to_vector(), boost::test_tools::per_element());
    }
    BOOST_TEST(step.is_replayed(), step.why_not());
}
