#include "operator_table.hpp"

#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/tape.hpp>

#include <fmt/format.h>
#include <boost/test/unit_test.hpp>

#include <set>

// Checks every line of the operator table (FAMILY_table.cpp) for gradients of both orders, transposed inputs, float32
// against float64, and errors. The test of coverage names the operators that have no line.
namespace table {

std::vector<Line>& lines() {
    static std::vector<Line> all;
    return all;
}

std::vector<ValueLine>& value_lines() {
    static std::vector<ValueLine> all;
    return all;
}

}  // namespace table

using namespace table;

namespace {

/// Calls check(line, shapes) for every line and list of shapes, under a context that names both.
template <class F>
void for_each_check(F&& check) {
    for (const Line& line : lines())
        for (const Shapes& shapes : line.shapes) {
            std::string text;
            for (const Shape& s : shapes) text.append(" ").append(to_string(s));
            BOOST_TEST_CONTEXT("operator " << line.name << " on" << text) { check(line, shapes); }
        }
}

/// All gradients of the weighed result, one after the other.
std::vector<double> gradients_in(const Line& line, const Shapes& shapes, DType dtype) {
    std::vector<Variable> inputs = inputs_of(line, shapes, dtype);
    for (Variable& v : inputs) v.set_requires_grad();
    const Variable y = line.f(inputs);
    std::vector<double> numbers = y.to_vector();
    const Variable weights = linspace(0.5, 1.5, std::max<std::size_t>(y.size(), 1), y.dtype());
    const Variable loss = y.size() == 0 ? sum(y) : sum(y * reshape(weights, y.shape()));
    for (const Variable& g : grad({loss}, inputs, {.allow_unused = true})) {
        const std::vector<double> own = g ? g.to_vector() : std::vector<double>();
        numbers.insert(numbers.end(), own.begin(), own.end());
    }
    return numbers;
}

bool takes_integers(std::string_view name) {
    return name == "clip" || std::any_of(operators().begin(), operators().end(),
                                         [&](const OperatorInfo& op) { return op.name == name && op.integers; });
}
/// These two do not take every integer, or not as an operator of their own: integers_test has them.
bool takes_all_integers(std::string_view name) { return takes_integers(name) && name != "pow" && name != "clip"; }

void collect_names(const std::vector<Variable>& results, std::set<std::string_view>& names) {
    const Tape tape(results);
    for (std::size_t place = 0; place < tape.size(); ++place) names.insert(tape[place].operator_name());
}

}  // namespace

BOOST_AUTO_TEST_CASE(every_operator_has_the_right_gradients) {
    for_each_check([](const Line& line, const Shapes& shapes) {
        BOOST_TEST(gradcheck(line.f, inputs_of(line, shapes, DType::float64), {.second_order = line.smooth}));
    });
}

BOOST_AUTO_TEST_CASE(every_operator_takes_transposed_inputs) {
    for_each_check([](const Line& line, const Shapes& shapes) {
        std::vector<Variable> turned;
        for (const Variable& v : inputs_of(line, shapes, DType::float64)) turned.push_back(transpose(v));
        const auto f = [&](const std::vector<Variable>& in) {
            std::vector<Variable> straight(in.size());
            std::transform(in.begin(), in.end(), straight.begin(), [](const Variable& v) { return transpose(v); });
            return line.f(straight);
        };
        BOOST_TEST(gradcheck(f, turned, {.second_order = false}));
    });
}

BOOST_AUTO_TEST_CASE(smooth_pointwise_operators_have_the_right_third_derivative) {
    for (const Line& line : lines()) {
        const bool is_pointwise = line.shapes.front() == Shapes{{3, 5}};  // as unary() gives them
        if (!is_pointwise || !line.smooth) continue;
        const auto slope = [&](const Variable& x) { return grad(sum(line.f({x})), x, {.create_graph = true}); };
        BOOST_TEST_CONTEXT("operator " << line.name) {
            BOOST_TEST(
                gradcheck(slope, inputs_of(line, {{3}}, DType::float64), {.rtol = 1e-5, .allow_constant = true}));
        }
    }
}

BOOST_AUTO_TEST_CASE(every_operator_gives_the_same_in_float32) {
    for_each_check([](const Line& line, const Shapes& shapes) {
        const std::vector<double> exact = gradients_in(line, shapes, DType::float64),
                                  rough = gradients_in(line, shapes, DType::float32);
        BOOST_REQUIRE(exact.size() == rough.size());
        double scale = 1;
        for (const double v : exact) scale = std::max(scale, std::abs(v));
        for (std::size_t i = 0; i < exact.size(); ++i)  // a pseudo-inverse by BLAS kernels for SSE3 has 5e-6
            BOOST_TEST(std::abs(exact[i] - rough[i]) <= 2e-5 * scale);
    });
}

BOOST_AUTO_TEST_CASE(operators_on_integers_give_what_they_give_on_real_numbers) {
    std::set<std::string, std::less<>> met;
    const auto compare = [&](const std::string& name, const Function& f, const std::vector<Variable>& whole,
                             bool is_mask = false) {
        std::vector<Variable> real;
        for (const Variable& v : whole) real.push_back(v.to(DType::float64));
        const Variable y = f(whole);
        met.insert(name);
        BOOST_TEST((y.dtype() == (is_mask ? DType::float32 : DType::int64)));
        BOOST_TEST(!y.requires_grad());
        BOOST_TEST(y.to_vector() == f(real).to_vector(), boost::test_tools::per_element());
    };
    for_each_check([&](const Line& line, const Shapes& shapes) {
        if (!takes_all_integers(line.name)) return;
        std::vector<Variable> whole;
        for (const Variable& v : inputs_of(line, shapes, DType::float64)) {
            const Variable number = trunc(4 * v);
            whole.push_back(where(number == 0, 3, number).to(DType::int64));  // among them are divisors
        }
        compare(line.name, line.f, whole);
    });
    const Variable a({{-7, 7, -6}, {3, 0, -1}}, DType::int64), b({{2, -2, -3}, {-4, 5, -1}}, DType::int64);
    compare("floor_divide", [](const std::vector<Variable>& in) { return floor_divide(in[0], in[1]); }, {a, b});
    compare("sign", [](const std::vector<Variable>& in) { return sign(in[0]); }, {a});
    compare("pow", [](const std::vector<Variable>& in) { return pow(in[0], in[1]); }, {a, abs(b)});
    const auto compare_masks = [&](const std::string& name, table::Binary f) {
        compare(
            name, [f](const std::vector<Variable>& in) { return f(in[0], in[1]); }, {a, b}, true);
    };
    compare_masks("logical_and", logical_and);
    compare_masks("logical_or", logical_or);
    compare_masks("logical_xor", logical_xor);
    const Variable c = where(a > 0, a, b);
    compare(
        "less", [](const std::vector<Variable>& in) { return in[0] < in[1]; }, {a, c}, true);
    compare(
        "less_equal", [](const std::vector<Variable>& in) { return in[0] <= in[1]; }, {a, c}, true);
    compare(
        "greater", [](const std::vector<Variable>& in) { return in[0] > in[1]; }, {a, c}, true);
    compare(
        "greater_equal", [](const std::vector<Variable>& in) { return in[0] >= in[1]; }, {a, c}, true);
    compare(
        "equal", [](const std::vector<Variable>& in) { return in[0] == in[1]; }, {a, c}, true);
    compare(
        "not_equal", [](const std::vector<Variable>& in) { return in[0] != in[1]; }, {a, c}, true);
    for (const std::optional<int> axis : {std::optional<int>(), std::optional<int>(0)}) {
        compare("argmax", [axis](const std::vector<Variable>& in) { return argmax(in[0], axis).to(DType::int64); },
                {a});
        compare("argmin", [axis](const std::vector<Variable>& in) { return argmin(in[0], axis).to(DType::int64); },
                {a});
    }
    for (const OperatorInfo& op : operators())
        BOOST_TEST((!op.integers || met.contains(op.name)), "no check on integers for: " << op.name);
}

BOOST_AUTO_TEST_CASE(wrong_inputs_give_an_error_that_names_the_operator_and_the_line) {
    for (const Line& line : lines())
        for (const Wrong& wrong : line.wrong) {
            if (wrong.says == refuses_integers && takes_integers(line.name)) continue;
            std::string message;
            try {
                wrong.call();
                BOOST_ERROR("operator " << line.name << ": no error, but expected one that says " << wrong.says[0]);
                continue;
            } catch (const Error& error) {
                message = error.what();
            }
            const bool in_rule = message.starts_with("backward of " + line.name + ": ");
            BOOST_TEST((in_rule || message.starts_with(line.name + ": ")),
                       line.name << " is not named in: " << message);
            BOOST_TEST(message.find("_table.cpp:") != std::string::npos, "the line is not in: " << message);
            for (const std::string& text : wrong.says)
                BOOST_TEST(message.find(text) != std::string::npos,
                           line.name << ": \"" << text << "\" is not in: " << message);
        }
}

BOOST_AUTO_TEST_CASE(operators_without_a_gradient_have_the_right_values) {
    for (const ValueLine& line : value_lines()) {
        const Variable y = line.call();
        BOOST_TEST_CONTEXT("operator " << line.name) {
            BOOST_TEST(y.to_vector() == line.expected, boost::test_tools::per_element());
            BOOST_TEST(!y.requires_grad());
        }
    }
}

BOOST_AUTO_TEST_CASE(every_linked_operator_is_in_the_table) {
    std::set<std::string_view> met;
    for (const Line& line : lines()) {
        std::vector<Variable> inputs = inputs_of(line, line.shapes.front(), DType::float64);
        for (Variable& v : inputs) v.set_requires_grad();
        const Variable y = line.f(inputs);
        collect_names({y}, met);
        const Variable seed = ones_like(y).set_requires_grad();
        collect_names(grad({y}, inputs, {.create_graph = true, .allow_unused = true, .gradients = {seed}}), met);
    }
    for (const OperatorInfo& op : operators()) {
        const bool in_values = std::any_of(value_lines().begin(), value_lines().end(),
                                           [&](const ValueLine& line) { return line.name == op.name; });
        if (op.differentiable)
            BOOST_TEST(met.contains(op.name), "no gradient check for: " << op.name);
        else
            BOOST_TEST(in_values, "no check of values for: " << op.name);
    }
}
