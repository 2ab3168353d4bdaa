#include <autograd/engine.hpp>
#include <xgrad/autograd/gradcheck.hpp>
#include <xgrad/autograd/graph.hpp>
#include <xgrad/autograd/map.hpp>
#include <xgrad/autograd/operator.hpp>

#include <array>
#include <cmath>
#include <limits>

using namespace xgrad;
using namespace engine;

namespace {

/// Length and direction of a vector: (n) -> (), (n).
struct Polar {
    static constexpr auto name = "polar";
    static constexpr std::size_t outputs = 2;
    std::array<Shape, 2> shapes(const Variable& x) const {
        if (x.rank() != 1) throw ShapeError("a vector is needed, got " + to_string(x.shape()));
        return {Shape{}, x.shape()};
    }
    void forward(std::array<Variable, 2>& y, const Variable& x) const {
        visit_floating(x.dtype(), [&](auto number) {
            using T = decltype(number);
            T square = 0;
            for (const T v : x.span<T>()) square += v * v;
            const T length = std::sqrt(square);
            *y[0].mutable_data<T>() = length;
            std::transform(x.data<T>(), x.data<T>() + x.size(), y[1].mutable_data<T>(),
                           [length](T v) { return v / length; });
        });
    }
    Variable backward(const Variable&, const std::array<Variable, 2>& y, const std::array<Variable, 2>& dy) const {
        return dy[0] * y[1] + (dy[1] - y[1] * sum(dy[1] * y[1])) / y[0];
    }
};

/// The fractional part, and the whole part as an integer.
struct Parts {
    static constexpr auto name = "parts";
    static constexpr std::size_t outputs = 2;
    static constexpr Reads reads = Reads::none;
    std::array<Shape, 2> shapes(const Variable& x) const { return {x.shape(), x.shape()}; }
    std::array<DType, 2> dtypes(const Variable& x) const { return {x.dtype(), DType::int64}; }
    void forward(std::array<Variable, 2>& y, const Variable& x) const {
        const std::vector<double> values = x.to_vector();
        for (std::size_t i = 0; i < values.size(); ++i) {
            y[0].mutable_data<double>()[i] = values[i] - std::floor(values[i]);
            y[1].mutable_data<std::int64_t>()[i] = static_cast<std::int64_t>(std::floor(values[i]));
        }
    }
    Variable backward(const Variable&, const std::array<Variable, 2>&, const std::array<Variable, 2>& dy) const {
        return dy[0];
    }
};

std::array<Variable, 2> polar(const Variable& x) { return apply(Polar{}, x); }

}  // namespace

BOOST_AUTO_TEST_CASE(an_operator_with_two_outputs_has_the_right_gradients) {
    const Variable x = uneven_leaf({4});
    BOOST_TEST(gradcheck(polar, {x}));
    BOOST_TEST(gradcheck([](const Variable& v) { return polar(v)[0]; }, {x}));
    BOOST_TEST(gradcheck([](const Variable& v) { return square(polar(v)[1]); }, {x}));
    BOOST_TEST(gradcheck(
        [](const Variable& v) {
            const auto [length, direction] = polar(sin(v));
            return exp(length) * direction + direction;
        },
        {x}));
}

BOOST_AUTO_TEST_CASE(large_outputs_share_no_memory_with_each_other) {
    const Variable x = uneven_leaf({1000});
    const auto [length, direction] = polar(x);
    BOOST_TEST(all_close((length * direction).to_vector(), x.to_vector()));
    BOOST_TEST(gradcheck([](const Variable& v) { return polar(v)[0] + sum(polar(v)[1]); }, {x}, {.max_elements = 5}));
}

BOOST_AUTO_TEST_CASE(outputs_without_a_gradient_come_as_plain_values) {
    const auto [length, direction] = polar(Variable({3.0, 4.0}));
    BOOST_TEST(!length.requires_grad());
    BOOST_TEST(length.item() == 5);
    BOOST_TEST(all_close(direction.to_vector(), {0.6, 0.8}, 1e-7));
}

BOOST_AUTO_TEST_CASE(an_output_of_integers_carries_no_gradient) {
    const Variable x = leaf({1.25, -0.5}, {2});
    const auto [fraction, whole] = apply(Parts{}, x);
    BOOST_TEST(!whole.requires_grad());
    BOOST_TEST(whole.to_vector() == (numbers{1, -1}), per_element());
    sum(3 * fraction).backward();
    BOOST_TEST(x.grad().to_vector() == (numbers{3, 3}), per_element());
}

BOOST_AUTO_TEST_CASE(both_outputs_of_a_freed_step_say_so) {
    const Variable x = uneven_leaf({3});
    const auto [length, direction] = polar(x);
    length.backward();
    BOOST_CHECK_EXCEPTION(sum(direction).backward(), GraphError, Says({"earlier backward freed", "polar"}));
}

BOOST_AUTO_TEST_CASE(an_output_changed_in_place_is_reported) {
    const Variable x = uneven_leaf({40});
    auto y = polar(x);
    const Variable loss = sum(y[1]) * y[0];
    y[1].mutable_data<double>()[0] = 7;
    BOOST_CHECK_EXCEPTION(loss.backward(), GraphError, Says({"polar", "output 1", "changed in place"}));
}

BOOST_AUTO_TEST_CASE(errors_of_an_operator_with_two_outputs_are_located) {
    BOOST_CHECK_EXCEPTION(apply(Polar{}, zeros({2, 2})), ShapeError, Says({"polar: ", "(2, 2)", at_line()}));
}

BOOST_AUTO_TEST_CASE(a_drawing_shows_the_step_and_its_outputs) {
    const Variable x = uneven_leaf({3});
    const auto [length, direction] = polar(x);
    const std::string text = graph(sum(direction) * length).to_text();
    BOOST_TEST_CONTEXT(text) {
        BOOST_TEST(text.find("polar") != std::string::npos);
        BOOST_TEST(text.find("output") != std::string::npos);
        BOOST_TEST(text.find("(0,)") == std::string::npos);
    }
}

BOOST_AUTO_TEST_CASE(a_map_may_return_several_values) {
    const auto turn = [](const Variable& x, const Variable& y, const Variable& angle) {
        return map(
            [](auto a, auto b, auto t) {
                return std::array{a * cos(t) - b * sin(t), a * sin(t) + b * cos(t)};
            },
            x, y, angle);
    };
    BOOST_TEST(gradcheck(turn, {uneven_leaf({3, 4}), uneven_leaf({4}), uneven_leaf({3, 1})}));
    BOOST_TEST(gradcheck([&](const Variable& x) { return turn(x, x, x)[1]; }, {uneven_leaf({5})}));
    const auto [u, v] = turn(Variable({1.0}), Variable({2.0}), Variable({0.0}));
    BOOST_TEST(u.item() == 1);
    BOOST_TEST(v.item() == 2);
}

BOOST_AUTO_TEST_CASE(a_third_derivative_passes_through_several_outputs) {
    const Variable x = leaf({0.7, -0.4}, {2});
    const auto f = [](const Variable& v) {
        const auto [a, b] = map([](auto t) { return std::array{t * t * t, t * t}; }, v);
        return sum(a * b);  // t^5
    };
    Variable d = grad(f(x), x, {.create_graph = true});
    d = grad(sum(d), x, {.create_graph = true});
    d = grad(sum(d), x);
    BOOST_TEST(all_close(d.to_vector(), {60 * 0.49, 60 * 0.16}));
}

BOOST_AUTO_TEST_CASE(map_reduce_sums_what_map_gives) {
    const auto f = [](auto x, auto w, auto b) { return tanh(x * w + b); };
    const auto sum_f = [&](const Variable& x, const Variable& w, const Variable& b) { return map_reduce(f, x, w, b); };
    BOOST_TEST(gradcheck(sum_f, {uneven_leaf({3, 5}), uneven_leaf({5}), uneven_leaf({3, 1})}));
    BOOST_TEST(gradcheck(sum_f, {uneven_leaf({}), uneven_leaf({}), uneven_leaf({})}));
    BOOST_TEST(gradcheck(sum_f, {uneven_leaf({2, 0}), uneven_leaf({1}), uneven_leaf({})}, {.allow_constant = true}));
    for (const Shape& shape : {Shape{1}, Shape{7}, Shape{513}, Shape{3, 70000}, Shape{200000}, Shape{700, 3}}) {
        const Variable x = reshape(linspace(-1, 1, shape.elements()), shape), b = linspace(0, 1, shape.back());
        const double exact = sum(map(f, x, Variable(2), b).to(DType::float64)).item();
        BOOST_TEST_CONTEXT("shape " << to_string(shape)) {
            BOOST_TEST(std::abs(map_reduce(f, x, Variable(2), b).item() - exact) <=
                       1e-6 * static_cast<double>(shape.elements()));
        }
    }
}

BOOST_AUTO_TEST_CASE(map_reduce_differentiates_by_its_forward_pass_once_and_anew_after_that) {
    const auto f = [](auto x, auto w) { return tanh(x * w) + 3 * x; };
    Variable x = uneven_leaf({40, 30}), w = uneven_leaf({30});
    const Variable y = map_reduce(f, x, w) * -0.5;
    const auto gradients = [&](bool create_graph) {
        return grad({y}, {x, w}, {.create_graph = create_graph, .retain_graph = true});
    };
    const Variable slope = -0.5 * (1 - square(tanh(x * w)));
    const Variable exact_x = slope * w - 1.5, exact_w = sum(slope * x, 0);
    for (const bool create_graph : {false, false, true}) {
        const std::vector<Variable> d = gradients(create_graph);
        BOOST_TEST(all_close(d[0].to_vector(), exact_x.to_vector()));
        BOOST_TEST(all_close(d[1].to_vector(), exact_w.to_vector()));
    }
}

BOOST_AUTO_TEST_CASE(map_reduce_keeps_apart_the_gradients_of_one_leaf) {
    Variable x = uneven_leaf({100}), w = uneven_leaf({100}).set_requires_grad(false);
    const auto f = [](auto a, auto b) { return a * a * b; };
    const Variable y = map_reduce(f, x, w);
    y.backward({.retain_graph = true});
    const numbers once = x.grad().to_vector();
    BOOST_TEST(all_close(once, (2 * x * w).to_vector()));
    BOOST_TEST(!w.grad());
    y.backward();
    BOOST_TEST(all_close(x.grad().to_vector(), (4 * x * w).to_vector()));
    x.zero_grad();
    (map_reduce(f, x, x) + map_reduce(f, x, w)).backward();
    BOOST_TEST(all_close(x.grad().to_vector(), (3 * x * x + 2 * x * w).to_vector()));
}

BOOST_AUTO_TEST_CASE(map_reduce_keeps_0_what_does_not_depend_on_an_input) {
    Variable x = uneven_leaf({5}), w = uneven_leaf({5});
    const Variable y = map_reduce([](auto a, auto) { return a * a; }, x, w);
    const std::vector<Variable> d = grad({y * std::numeric_limits<double>::infinity()}, {x, w});
    BOOST_TEST(d[0].to_vector() == numbers(5, std::numeric_limits<double>::infinity()), per_element());
    BOOST_TEST(d[1].to_vector() == numbers(5, 0.0), per_element());
}
