#include <set>

#include <fmt/format.h>
#include <boost/test/unit_test.hpp>
#include <xgrad/autograd/backward.hpp>
#include <xgrad/autograd/operator.hpp>
#include <xgrad/autograd/tape.hpp>

#include "operator_table.hpp"

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

/// Puts NaN wherever no backward() of the graph is said to read.
void spoil_what_is_not_read(const Variable& loss) {
    const Tape tape(loss);
    std::set<const Node*> values;
    std::set<const void*> read;
    for (std::size_t place = 0; place < tape.size(); ++place) {
        const Node& node = tape[place];
        for (std::uint32_t i = 0; i <= node.input_count; ++i) {
            const Node& value = i < node.input_count ? node.inputs[i].node() : node;
            values.insert(&value);
            if (node.reads(i)) read.insert(value.data);
            // The results of a step that has several are read by its rule, if any are.
            if (value.is_bundle && value.reads(value.input_count)) read.insert(node.data);
        }
    }
    for (const Node* value : values)
        if (value->data != nullptr && !read.contains(value->data) && is_floating(value->dtype))
            visit_floating(value->dtype, [&](auto number) {
                std::fill_n(static_cast<decltype(number)*>(value->data), value->size, std::nan(""));
            });
}

/// All gradients of the weighed result, one after the other.
std::vector<double> gradients_in(const Line& line, const Shapes& shapes, DType dtype, bool spoiled = false) {
    std::vector<Variable> inputs = inputs_of(line, shapes, dtype);
    for (Variable& v : inputs) v.set_requires_grad();
    const Variable y = line.f(inputs);
    std::vector<double> numbers = y.to_vector();
    const Variable weights = linspace(0.5, 1.5, std::max<std::size_t>(y.size(), 1), y.dtype());
    const Variable loss = y.size() == 0 ? sum(y) : sum(y * reshape(weights, y.shape()));
    if (spoiled) spoil_what_is_not_read(loss);
    for (const Variable& g : grad({loss}, inputs, {.allow_unused = true})) {
        const std::vector<double> own = g ? g.to_vector() : std::vector<double>();
        numbers.insert(numbers.end(), own.begin(), own.end());
    }
    return numbers;
}

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
        if (line.shapes.front().size() != 1 || line.wrong.empty() || line.shapes.front() != Shapes{{3, 5}}) continue;
        const auto slope = [&](const Variable& x) { return grad(sum(line.f({x})), x, {.create_graph = true}); };
        BOOST_TEST_CONTEXT("operator " << line.name) {
            BOOST_TEST(
                gradcheck(slope, inputs_of(line, {{3}}, DType::float64), {.rtol = 1e-5, .allow_constant = true}));
        }
    }
}

BOOST_AUTO_TEST_CASE(no_operator_reads_more_than_it_says) {
    for_each_check([](const Line& line, const Shapes& shapes) {
        BOOST_TEST(gradients_in(line, shapes, DType::float64, true) == gradients_in(line, shapes, DType::float64),
                   boost::test_tools::per_element());
    });
}

BOOST_AUTO_TEST_CASE(every_operator_gives_the_same_in_float32) {
    for_each_check([](const Line& line, const Shapes& shapes) {
        const std::vector<double> exact = gradients_in(line, shapes, DType::float64),
                                  rough = gradients_in(line, shapes, DType::float32);
        BOOST_REQUIRE(exact.size() == rough.size());
        double scale = 1, worst = 0;
        for (const double v : exact) scale = std::max(scale, std::abs(v));
        for (std::size_t i = 0; i < exact.size(); ++i) worst = std::max(worst, std::abs(exact[i] - rough[i]));
        BOOST_TEST(worst <= 2e-5 * scale);  // a pseudo-inverse by BLAS kernels for SSE3 has 5e-6
    });
}

BOOST_AUTO_TEST_CASE(wrong_inputs_give_an_error_that_names_the_operator_and_the_line) {
    for (const Line& line : lines())
        for (const Wrong& wrong : line.wrong) {
            std::string message;
            try {
                wrong.call();
                BOOST_ERROR("operator " << line.name << ": no error, but expected one that says " << wrong.says[0]);
                continue;
            } catch (const Error& error) {
                message = error.what();
            }
            BOOST_TEST(message.find(line.name + ": ") == 0, line.name << " is not named in: " << message);
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
